//! The door as the window sees it: [`call`] for requests and [`on_event`] for what the backend tells.
//! The only file that knows the transport: one POST per call, one WebSocket for all events and for the calls that an
//! eye waits for. `boot.js`, which runs before this code is there, asks the first questions and opens the socket.

use atelier_wire as wire;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::{RwSignal, Set, on_cleanup};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Headers, MessageEvent, Request, RequestInit, Response, WebSocket, window};

const TOKEN_KEY: &str = "atelier-token";

// ---- the token

/// Takes the token out of `#token=...`, keeps it for this tab and removes it from the address bar.
pub fn take_token() {
    let Some(window) = window() else { return };
    let location = window.location();
    let hash = location.hash().unwrap_or_default();
    let Some(token) = hash.trim_start_matches('#').split('&').find_map(|part| part.strip_prefix("token=")) else {
        return;
    };
    if let Ok(Some(storage)) = window.session_storage() {
        // A window without storage works until it is reloaded: the token stays in memory.
        let _ = storage.set_item(TOKEN_KEY, token);
    }
    TOKEN.with(|held| *held.borrow_mut() = Some(token.to_owned()));
    if let Ok(history) = window.history() {
        let path = location.pathname().unwrap_or_else(|_| "/".into());
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&path));
    }
}

thread_local! {
    static TOKEN: RefCell<Option<String>> = const { RefCell::new(None) };
    static SUBSCRIBERS: RefCell<Vec<(u64, Subscriber)>> = const { RefCell::new(Vec::new()) };
    static NEXT: Cell<u64> = const { Cell::new(1) };
    static LINK: Cell<Option<RwSignal<Link>>> = const { Cell::new(None) };
    /// The socket while it is open.
    static SOCKET: RefCell<Option<WebSocket>> = const { RefCell::new(None) };
    /// Who waits for the answer of which number.
    static ASKED: RefCell<HashMap<u64, js_sys::Function>> = RefCell::new(HashMap::new());
}

type Subscriber = Rc<dyn Fn(&wire::Event)>;

/// The session's token, if this window was opened with one.
pub fn token() -> Option<String> {
    TOKEN.with(|held| held.borrow().clone()).or_else(|| {
        let storage = window()?.session_storage().ok()??;
        storage.get_item(TOKEN_KEY).ok()?
    })
}

// ---- calls

/// Sends a request through the door. Studio calls and AWS operations alike, by the name of their request type.
pub async fn call<C: wire::Call>(request: C) -> Result<C::Response, wire::Error> {
    let body = serde_json::to_string(&request).map_err(|error| broken(C::NAME, &error.to_string()))?;
    let (status, answer) = answered(C::NAME, &body).await.map_err(|error| unreachable_backend(&error))?;
    if (200..300).contains(&status) {
        let answer = if answer.trim_ascii().is_empty() { &b"{}"[..] } else { &answer[..] };
        return serde_json::from_slice(answer).map_err(|error| broken(C::NAME, &error.to_string()));
    }
    let fallback = || {
        wire::Error::new("ServiceUnavailable", format!("{} was answered with status {status}", C::NAME))
            .with_status(status)
    };
    Err(serde_json::from_slice::<wire::Error>(&answer)
        .map(|error| error.with_status(status))
        .unwrap_or_else(|_| fallback()))
}

/// Status and body. Asked early, through the socket, or posted.
async fn answered(name: &str, body: &str) -> Result<(u16, Vec<u8>), JsValue> {
    if let Some(promise) = early_answer(name, body)
        && let Ok(answer) = heard(promise).await
    {
        return Ok(answer);
    }
    match QUICK.contains(&name).then(|| ask(name, body)).flatten() {
        Some(promise) => heard(promise).await,
        None => post(name, body).await,
    }
}

/// Calls through the socket, where a browser takes a millisecond for what a POST takes ten: they answer what a hand
/// just did, and their answers are short.
const QUICK: &[&str] = &[
    "RunCells",
    "EditNotebook",
    "UndoNotebook",
    "CancelCells",
    "InterruptKernel",
    "AnswerInput",
    "CompleteCode",
    "InspectCode",
    "SendComm",
    "OpenView",
    "GetView",
    "GetRows",
];
/// Longer requests are posted; the backend's socket takes a mebibyte.
const LONGEST_QUICK: usize = 256 << 10;

/// Sends a call through the socket, if it is open: a promise of the answer's text, or of null when the socket closes.
fn ask(name: &str, body: &str) -> Option<js_sys::Promise> {
    let socket = SOCKET.with(|socket| socket.borrow().clone()).filter(|_| body.len() <= LONGEST_QUICK)?;
    let id = NEXT.with(|next| next.replace(next.get() + 1));
    socket.send_with_str(&format!(r#"{{"id":{id},"call":"{name}","request":{body}}}"#)).ok()?;
    Some(js_sys::Promise::new(&mut |resolve, _| {
        ASKED.with(|asked| asked.borrow_mut().insert(id, resolve));
    }))
}

/// Status and body of an answer that came through the socket.
async fn heard(promise: js_sys::Promise) -> Result<(u16, Vec<u8>), JsValue> {
    let text = JsFuture::from(promise).await?.as_string().ok_or("the connection was closed")?;
    // `{"answer":7,"status":200,"body":…}`, as the backend writes it.
    let parts = text.split_once(r#","body":"#).and_then(|(head, body)| {
        let status = head.rsplit_once(':')?.1.parse().ok()?;
        Some((status, body.strip_suffix('}')?.as_bytes().to_vec()))
    });
    parts.ok_or_else(|| "an answer that is none".into())
}

/// Gives an answer to whoever asked. False if the text is none.
fn is_answer(text: &str) -> bool {
    let Some(rest) = text.strip_prefix(r#"{"answer":"#) else { return false };
    let id: Option<u64> = rest.split_once(',').and_then(|(id, _)| id.parse().ok());
    let asked = id.and_then(|id| ASKED.with(|asked| asked.borrow_mut().remove(&id)));
    if let Some(resolve) = asked {
        // A promise's resolver does not throw.
        let _ = resolve.call1(&JsValue::NULL, &text.into());
    }
    true
}

/// The socket is gone: whatever was asked through it gets no answer.
fn lose_answers() {
    SOCKET.with(|socket| socket.borrow_mut().take());
    let asked = ASKED.with(|asked| std::mem::take(&mut *asked.borrow_mut()));
    for resolve in asked.into_values() {
        let _ = resolve.call1(&JsValue::NULL, &JsValue::NULL);
    }
}

#[wasm_bindgen]
extern "C" {
    /// What `boot.js` asked already, if it is still true.
    #[wasm_bindgen(js_namespace = early, js_name = answer)]
    fn early_answer(name: &str, body: &str) -> Option<js_sys::Promise>;
    /// The socket that it opened, once.
    #[wasm_bindgen(js_namespace = early, js_name = socket)]
    fn early_socket() -> Option<WebSocket>;
}

/// Status and body. The bytes come as they are: as a string they would be made UTF-16 and back, megabytes of them.
async fn post(name: &str, body: &str) -> Result<(u16, Vec<u8>), JsValue> {
    let window = window().ok_or("no window")?;
    let headers = Headers::new()?;
    headers.set("Content-Type", "application/json")?;
    if let Some(token) = token() {
        headers.set("Authorization", &format!("Bearer {token}"))?;
    }
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_headers(&headers);
    init.set_body(&JsValue::from_str(body));
    let request = Request::new_with_str_and_init(&format!("/studio/call/{name}"), &init)?;
    read(JsFuture::from(window.fetch_with_request(&request)).await?.dyn_into()?).await
}

async fn read(response: Response) -> Result<(u16, Vec<u8>), JsValue> {
    let body = JsFuture::from(response.array_buffer()?).await?;
    Ok((response.status(), js_sys::Uint8Array::new(&body).to_vec()))
}

/// Reads the text behind a path that the backend gave, as in [`wire::studio::notebook::Content::Blob`].
pub async fn read_blob(path: &str) -> Result<String, wire::Error> {
    let read = async {
        let window = window().ok_or("no window")?;
        let headers = Headers::new()?;
        if let Some(token) = token() {
            headers.set("Authorization", &format!("Bearer {token}"))?;
        }
        let init = RequestInit::new();
        init.set_headers(&headers);
        let request = Request::new_with_str_and_init(path, &init)?;
        let response: Response = JsFuture::from(window.fetch_with_request(&request)).await?.dyn_into()?;
        let text = JsFuture::from(response.text()?).await?;
        Ok::<_, JsValue>((response.status(), text.as_string().unwrap_or_default()))
    };
    let (status, text) = read.await.map_err(|error| unreachable_backend(&error))?;
    if status == 200 {
        Ok(text)
    } else {
        Err(wire::Error::new("ServiceUnavailable", format!("{path} was answered with status {status}"))
            .with_status(status))
    }
}

fn unreachable_backend(cause: &JsValue) -> wire::Error {
    let cause = cause.dyn_ref::<js_sys::Error>().map(|error| String::from(error.message())).unwrap_or_default();
    let message =
        format!("The backend does not answer ({cause}). It may be restarting; the window connects again by itself.");
    wire::Error::new("BackendUnreachable", message).with_status(0)
}

fn broken(name: &str, cause: &str) -> wire::Error {
    wire::Error::new(
        "SerializationException",
        format!("{name} could not be read: {cause}. Window and backend may be of different versions; reload."),
    )
}

// ---- events

/// Whether the window hears the backend.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Link {
    #[default]
    Connecting,
    Up,
    Down,
}

/// Follows the state of the connection.
pub fn link_into(signal: RwSignal<Link>) {
    LINK.with(|held| held.set(Some(signal)));
}

/// Calls `hear` for each event until the component that asked is gone. After a reconnection it hears
/// [`wire::Event::Lagged`]: whatever is shown is to be read again.
pub fn on_event(hear: impl Fn(&wire::Event) + 'static) {
    let id = NEXT.with(|next| next.replace(next.get() + 1));
    SUBSCRIBERS.with(|all| all.borrow_mut().push((id, Rc::new(hear))));
    on_cleanup(move || SUBSCRIBERS.with(|all| all.borrow_mut().retain(|(other, _)| *other != id)));
}

fn tell_all(event: &wire::Event) {
    let all: Vec<Subscriber> = SUBSCRIBERS.with(|all| all.borrow().iter().map(|(_, hear)| hear.clone()).collect());
    for hear in all {
        hear(event);
    }
}

fn set_link(link: Link) {
    if let Some(signal) = LINK.with(Cell::get) {
        signal.set(link);
    }
}

/// Opens the WebSocket and keeps it open: waits 250 ms, then longer up to 4 s, between attempts.
pub fn connect_events() {
    spawn_local(async {
        let mut wait_ms = 250;
        let mut first = true;
        loop {
            let (sender, receiver) = futures_channel();
            if open_socket(sender, first).is_ok() && receiver.await.unwrap_or(false) {
                wait_ms = 250;
            }
            set_link(Link::Down);
            first = false;
            TimeoutFuture::new(wait_ms).await;
            wait_ms = (wait_ms * 2).min(4_000);
        }
    });
}

type Ended = js_sys::Function;

/// A promise that is kept when the socket closes: with `true` if it had been open.
fn futures_channel() -> (Ended, SocketEnd) {
    let mut keep = None;
    let promise = js_sys::Promise::new(&mut |resolve, _| keep = Some(resolve));
    (keep.unwrap_or_default(), SocketEnd(promise))
}

struct SocketEnd(js_sys::Promise);

impl SocketEnd {
    async fn await_end(self) -> Result<bool, JsValue> {
        Ok(JsFuture::from(self.0).await?.as_bool().unwrap_or(false))
    }
}

impl std::future::IntoFuture for SocketEnd {
    type Output = Result<bool, JsValue>;
    type IntoFuture = std::pin::Pin<Box<dyn Future<Output = Self::Output>>>;
    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.await_end())
    }
}

fn open_socket(ended: Ended, first: bool) -> Result<(), JsValue> {
    let socket = match early_socket() {
        Some(socket) => socket,
        None => new_socket()?,
    };
    let was_open = Rc::new(Cell::new(false));

    let opened = was_open.clone();
    let its = socket.clone();
    let on_open = Closure::<dyn FnMut()>::new(move || {
        opened.set(true);
        SOCKET.with(|socket| *socket.borrow_mut() = Some(its.clone()));
        set_link(Link::Up);
        if !first {
            tell_all(&wire::Event::Lagged);
        }
    });
    if socket.ready_state() == WebSocket::OPEN {
        // In a turn of its own, as if it had opened just now.
        js_sys::global().unchecked_into::<web_sys::Window>().queue_microtask(on_open.as_ref().unchecked_ref());
    } else {
        socket.set_onopen(Some(on_open.as_ref().unchecked_ref()));
    }

    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |message: MessageEvent| {
        let Some(text) = message.data().as_string() else { return };
        if is_answer(&text) {
            return;
        }
        match serde_json::from_str::<wire::Event>(&text) {
            Ok(event) => tell_all(&event),
            Err(error) => leptos::logging::warn!("an event could not be read: {error}"),
        }
    });
    socket.set_onmessage(Some(on_message.as_ref().unchecked_ref()));

    let held: Rc<RefCell<Option<(Closure<dyn FnMut()>, Closure<dyn FnMut(MessageEvent)>)>>> =
        Rc::new(RefCell::new(Some((on_open, on_message))));
    let on_close = Closure::once_into_js(move || {
        held.borrow_mut().take();
        lose_answers();
        // Nobody listens any more when the page goes: the promise's fate is of no interest then.
        let _ = ended.call1(&JsValue::NULL, &JsValue::from_bool(was_open.get()));
    });
    socket.set_onclose(Some(on_close.unchecked_ref()));
    Ok(())
}

fn new_socket() -> Result<WebSocket, JsValue> {
    let location = window().ok_or("no window")?.location();
    let scheme = if location.protocol()? == "https:" { "wss" } else { "ws" };
    let address = format!("{scheme}://{}/studio/events", location.host()?);
    let protocols = js_sys::Array::new();
    protocols.push(&"atelier".into());
    if let Some(token) = token() {
        protocols.push(&token.into());
    }
    WebSocket::new_with_str_sequence(&address, &protocols)
}
