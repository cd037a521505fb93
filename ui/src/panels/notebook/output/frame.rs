//! What runs scripts is hostile: it is drawn in a frame of no origin, which can reach neither this window nor the
//! door. The frame says how tall it came out and what a person did in it; what it says is checked like any input.

use super::Spot;
use super::widgets::Told;
use crate::frame::use_frame;
use crate::kit::Tone;
use crate::kit::toast::{Toast, use_toasts};
use crate::panels::notebook::order::{Heard, Order};
use atelier_wire::studio::kernel::Comm;
use leptos::{ev, html, prelude::*};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::window;

/// Taller outputs scroll inside, once a person clicked into them.
const TALLEST: f64 = 900.0;

type Answer = Box<dyn FnOnce(Option<String>)>;

/// A frame from the outside: asks it for a picture (`png`, `svg`) or a table (`csv`) of what it shows.
#[derive(Clone, Copy)]
pub struct FrameHandle {
    node: NodeRef<html::Iframe>,
    answers: StoredValue<Rc<RefCell<HashMap<u32, Answer>>>, LocalStorage>,
}

impl FrameHandle {
    pub fn new() -> Self {
        Self { node: NodeRef::new(), answers: StoredValue::new_local(Rc::default()) }
    }

    pub fn ask(&self, what: &str, then: impl FnOnce(Option<String>) + 'static) {
        let number = (js_sys::Math::random() * f64::from(u32::MAX)) as u32;
        self.answers.with_value(|answers| _ = answers.borrow_mut().insert(number, Box::new(then)));
        self.post("ask", &[("ask", what.into()), ("number", number.into())]);
    }

    fn post(&self, what: &str, fields: &[(&str, JsValue)]) {
        let Some(inside) = self.node.get_untracked().and_then(|frame| frame.content_window()) else { return };
        let message = js_sys::Object::new();
        // Plain objects take any field, and a frame of this page any message. Its origin is opaque: it has no name.
        let _ = js_sys::Reflect::set(&message, &"atelier".into(), &what.into());
        for (name, value) in fields {
            let _ = js_sys::Reflect::set(&message, &(*name).into(), value);
        }
        let _ = inside.post_message(&message, "*");
    }
}

/// What the output's view learns from its frame.
#[derive(Clone, Copy)]
pub struct Tell {
    /// It could not be drawn.
    pub failed: Callback<String>,
    /// It wants something of this host of the web, which it does not get.
    pub blocked: Callback<String>,
    /// A file for the person: name and data address.
    pub save: Callback<(String, String)>,
}

/// Draws `data` of type `mime`. `data` is `None` while it is fetched.
pub fn view(spot: Spot, mime: String, data: Signal<Option<String>>, handle: FrameHandle, tell: Tell) -> impl IntoView {
    let frame = use_frame();
    let toasts = use_toasts();
    let node = handle.node;
    let height = RwSignal::new(data.with_untracked(|data| likely_height(&mime, data.as_deref().unwrap_or_default())));
    let ready = RwSignal::new(0_u32);
    let engaged = RwSignal::new(false);
    let joined = StoredValue::new(None::<u64>);
    let order = StoredValue::new(Order::<Comm>::of_some());
    let listener = window_event_listener(ev::message, move |event| {
        let own = node.get_untracked().and_then(|frame| frame.content_window());
        let Some(own) = own else { return };
        if !js_sys::Object::is(&own.into(), &event.source().map_or(JsValue::NULL, JsValue::from)) {
            return;
        }
        let field = |name: &str| js_sys::Reflect::get(&event.data(), &name.into()).unwrap_or(JsValue::NULL);
        let text = |name: &str| field(name).as_string().unwrap_or_default();
        match text("atelier").as_str() {
            "ready" => ready.update(|ready| *ready += 1),
            "height" => {
                if let Some(tall) = field("height").as_f64().filter(|tall| tall.is_finite()) {
                    grow(node, height, tall.clamp(0.0, 100_000.0));
                }
            }
            "engaged" => {
                engaged.set(field("engaged").as_bool().unwrap_or(false));
                if engaged.get_untracked()
                    && let Some(session) = spot.session
                {
                    session.select(&spot.cell.get_value(), false);
                }
            }
            "escape" => leave(spot, node),
            "failed" => tell.failed.run(text("message")),
            "blocked" => tell.blocked.run(text("host").chars().take(100).collect()),
            "link" if by_hand() => ask_link(toasts, text("address")),
            "save" if by_hand() => tell.save.run((text("name"), text("data"))),
            "answer" => {
                let number = field("number").as_f64().unwrap_or(0.0) as u32;
                let answer = handle.answers.with_value(|answers| answers.borrow_mut().remove(&number));
                if let Some(answer) = answer {
                    answer(field("data").as_string());
                }
            }
            "comms" if mime_has_widgets(node) => attach(spot, handle, joined, order),
            "comm" if joined.with_value(Option::is_some) => {
                let buffers =
                    js_sys::Array::from(&field("buffers")).iter().filter_map(|buffer| buffer.as_string()).collect();
                spot.relay.send(text("comm_id"), text("data"), text("metadata"), buffers);
            }
            _ => {}
        }
    });
    on_cleanup(move || {
        listener.remove();
        if let Some(number) = joined.try_get_value().flatten() {
            spot.relay.leave(number);
        }
    });
    let kind = match mime.as_str() {
        "text/html" => "html",
        "application/vnd.jupyter.widget-view+json" => "widget",
        _ if mime.ends_with("javascript") => "script",
        _ => "chart",
    };
    let shown = mime.clone();
    Effect::new(move |_| {
        if ready.get() == 0 {
            return;
        }
        let theme = theme_word(frame.theme.get_untracked().is_dark());
        data.with(|data| {
            if let Some(data) = data {
                handle.post(
                    "show",
                    &[("mime", shown.as_str().into()), ("data", data.as_str().into()), ("theme", theme.into())],
                );
            }
        });
    });
    Effect::new(move |_| {
        let theme = theme_word(frame.theme.get().is_dark());
        handle.post("theme", &[("theme", theme.into())]);
    });
    view! {
        <iframe node_ref=node class="out-frame" class:is-engaged=move || engaged.get() sandbox="allow-scripts" src="output.html" title="Output of the cell" data-output=kind data-mime=mime referrerpolicy="no-referrer"
            style:height=move || format!("{}px", height.get().min(TALLEST))></iframe>
    }
}

fn theme_word(is_dark: bool) -> &'static str {
    if is_dark { "dark" } else { "light" }
}

/// Only frames that were asked to draw a widget speak with kernels.
fn mime_has_widgets(node: NodeRef<html::Iframe>) -> bool {
    let mime = node.get_untracked().and_then(|node| node.get_attribute("data-mime"));
    mime.as_deref() == Some("application/vnd.jupyter.widget-view+json")
}

/// Gives the frame the comms as they stand, and all that happens to them from then on.
fn attach(spot: Spot, handle: FrameHandle, joined: StoredValue<Option<u64>>, order: StoredValue<Order<Comm>>) {
    let json = |value: String| js_sys::JSON::parse(&value).unwrap_or(JsValue::NULL);
    let state = |busy: bool| if busy { "busy" } else { "idle" };
    let hear = move |number: u64, comm: Comm| {
        if let Some(Heard::Next(comm)) = order.try_update_value(|order| order.hear(number, comm)) {
            handle.post("comm", &[("comm", serde_json::to_string(&comm).map(json).unwrap_or(JsValue::NULL))]);
        }
    };
    order.update_value(Order::read);
    if joined.with_value(Option::is_none) {
        let number = spot.relay.join(move |told| match told {
            Told::Comm(number, comm) => hear(*number, comm.clone()),
            Told::Busy(busy) => handle.post("kernel", &[("state", state(*busy).into())]),
        });
        joined.set_value(Some(number));
    }
    spot.relay.all(move |all| {
        let Some(told_since) = order.try_update_value(|order| order.answer(all.number)).flatten() else { return };
        handle.post("kernel", &[("state", state(spot.relay.is_busy()).into())]);
        handle.post("comm", &[("all", serde_json::to_string(&all.comms).map(json).unwrap_or(JsValue::NULL))]);
        told_since.into_iter().for_each(|(number, comm)| hear(number, comm));
    });
}

/// Whether a person pressed something just now: only then may a frame ask for the person's attention.
fn by_hand() -> bool {
    let Some(window) = window() else { return false };
    let state = js_sys::Reflect::get(&window.navigator(), &"userActivation".into()).unwrap_or(JsValue::UNDEFINED);
    js_sys::Reflect::get(&state, &"isActive".into()).is_ok_and(|active| active.as_bool() == Some(true))
}

/// Shows where a link leads before it is followed: what a frame says of itself is not to be trusted.
fn ask_link(toasts: crate::kit::toast::Toasts, address: String) {
    let lower = address.to_ascii_lowercase();
    if !(lower.starts_with("https://") || lower.starts_with("http://")) || address.len() > 2_000 {
        return;
    }
    let open = address.clone();
    toasts.show(Toast::new(Tone::Wait, "Open this link of the output?").text(address).offer("Open", move || {
        if let Some(window) = window() {
            // A browser that refuses says so itself.
            let _ = window.open_with_url_and_target_and_features(&open, "_blank", "noopener,noreferrer");
        }
    }));
}

/// Gives the keys back to the notebook.
fn leave(spot: Spot, node: NodeRef<html::Iframe>) {
    if let Some(frame) = node.get_untracked() {
        // A frame that is gone has no focus to give up.
        let _ = frame.blur();
    }
    if let Some(session) = spot.session {
        session.select(&spot.cell.get_value(), false);
    }
}

/// Takes the new height. What is above the screen grows upwards where the browser does not see to that itself.
fn grow(node: NodeRef<html::Iframe>, height: RwSignal<f64>, tall: f64) {
    let before = height.get_untracked().min(TALLEST);
    height.set(tall);
    let change = tall.min(TALLEST) - before;
    let Some(frame) = node.get_untracked() else { return };
    if change == 0.0 || anchors_scrolling() {
        return;
    }
    let Some(scroller) = frame.closest(".nb-scroll").ok().flatten() else { return };
    if frame.get_bounding_client_rect().top() + before < scroller.get_bounding_client_rect().top() {
        scroller.set_scroll_top(scroller.scroll_top() + change as i32);
    }
}

fn anchors_scrolling() -> bool {
    thread_local! {
        static KNOWN: bool = supports_anchoring();
    }
    KNOWN.with(|known| *known)
}

fn supports_anchoring() -> bool {
    let Some(window) = window() else { return true };
    let css = js_sys::Reflect::get(&window, &"CSS".into()).unwrap_or(JsValue::UNDEFINED);
    let supports =
        js_sys::Reflect::get(&css, &"supports".into()).ok().and_then(|found| found.dyn_into::<js_sys::Function>().ok());
    supports
        .and_then(|supports| supports.call2(&css, &"overflow-anchor".into(), &"auto".into()).ok())
        .and_then(|found| found.as_bool())
        .unwrap_or(true)
}

/// A guess, so that little moves when the frame has drawn.
fn likely_height(mime: &str, data: &str) -> f64 {
    match mime {
        "text/html" => (data.matches("<tr").count() as f64 * 21.0 + 24.0).min(TALLEST),
        "application/vnd.plotly.v1+json" => 422.0,
        "application/vnd.jupyter.widget-view+json" => 36.0,
        _ if mime.starts_with("application/vnd.vega") => 320.0,
        _ => 24.0,
    }
}
