//! `GET /studio/events`: the backend's events over one WebSocket a window. Browsers cannot set headers on it, so the
//! token comes as a subprotocol: `Sec-WebSocket-Protocol: atelier, TOKEN`.
//!
//! A window may also call here: `{"id": 7, "call": "RunCells", "request": {...}}` is answered by
//! `{"answer": 7, "status": 200, "body": {...}}`, between the events, in the order in which the calls end. A browser
//! takes some 10 ms for a POST and 1 ms for this.

use crate::reply::{Body, Reply};
use crate::server::Gateway;
use crate::transport;
use atelier_studio::{Caller, Origin};
use atelier_wire::{Error, Event};
use bytes::Bytes;
use futures::{SinkExt, StreamExt};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use hyper::body::Incoming;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{self, Message};

type Socket = WebSocketStream<TokioIo<Upgraded>>;

/// How often a silent connection is asked whether it lives.
const PING: Duration = Duration::from_secs(20);
/// A window that takes nothing for so long is gone.
const STUCK: Duration = Duration::from_secs(30);
/// Events written before a flush, so that a burst is one write.
const BURST: usize = 128;
/// Of what a window says here. What is longer comes as a POST.
const MAX_MESSAGE: usize = 1 << 20;
/// Calls of one window that are answered at the same time; no more are read until one has ended.
const MAX_CALLS: usize = 64;

/// Answers the handshake and follows the events from that moment on.
pub fn open(gateway: &Arc<Gateway>, parts: Parts, body: Incoming) -> Reply {
    let accept = match accept_key(gateway, &parts.headers) {
        Ok(accept) => accept,
        Err(error) => return transport::failed(&error),
    };
    // Subscribed before the handshake ends: what happens after the window sees it open is not lost.
    let events = gateway.studio.events();
    let gateway = gateway.clone();
    let user_agent = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let caller = Caller { user_agent: user_agent.to_owned(), origin: Origin::Window };
    let mut request = Request::from_parts(parts, body);
    tokio::spawn(async move {
        match hyper::upgrade::on(&mut request).await {
            Ok(upgraded) => follow(&gateway, upgraded, events, caller).await,
            Err(error) => tracing::debug!(%error, "a window went away during the handshake"),
        }
    });
    let mut response = Response::new(Body::from(Bytes::new()));
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static("atelier"));
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    response
}

fn accept_key(gateway: &Gateway, headers: &HeaderMap) -> Result<HeaderValue, Error> {
    let value = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok()).unwrap_or_default();
    let mut protocols = value(header::SEC_WEBSOCKET_PROTOCOL).split(',').map(str::trim);
    if protocols.next() != Some("atelier")
        || !protocols.next().is_some_and(|token| transport::is_token(gateway, token.as_bytes()))
    {
        return Err(transport::refused());
    }
    let upgrade =
        value(header::UPGRADE).eq_ignore_ascii_case("websocket") && value(header::SEC_WEBSOCKET_VERSION) == "13";
    let key = value(header::SEC_WEBSOCKET_KEY);
    if !upgrade || key.is_empty() {
        return Err(Error::new("ValidationException", "This address takes WebSocket connections of version 13 only."));
    }
    HeaderValue::try_from(derive_accept_key(key.as_bytes()))
        .map_err(|_| Error::new("ValidationException", "Sec-WebSocket-Key cannot be read."))
}

async fn follow(gateway: &Arc<Gateway>, upgraded: Upgraded, mut events: Receiver<Event>, caller: Caller) {
    let config = WebSocketConfig::default().max_message_size(Some(MAX_MESSAGE)).max_frame_size(Some(MAX_MESSAGE));
    let mut socket = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, Some(config)).await;
    let (answered, mut answers) = mpsc::channel(MAX_CALLS);
    let free = Arc::new(Semaphore::new(MAX_CALLS));
    let mut ping = interval(PING);
    ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let sent = tokio::select! {
            event = events.recv() => match event {
                Ok(event) => timeout(STUCK, send(&mut socket, &mut events, event)).await,
                Err(RecvError::Lagged(_)) => timeout(STUCK, send(&mut socket, &mut events, Event::Lagged)).await,
                Err(RecvError::Closed) => break,
            },
            _ = ping.tick() => timeout(STUCK, socket.send(Message::Ping(Default::default()))).await,
            // Never the last: this holds a sender.
            Some(answer) = answers.recv() => timeout(STUCK, socket.send(answer)).await,
            heard = socket.next(), if free.available_permits() > 0 => match heard {
                Some(Ok(Message::Close(_)) | Err(_)) | None => break,
                Some(Ok(Message::Text(text))) => {
                    let Ok(permit) = free.clone().acquire_owned().await else { break };
                    let (gateway, caller, answered) = (gateway.clone(), caller.clone(), answered.clone());
                    tokio::spawn(async move {
                        let answer = answer(&gateway, caller, &text).await;
                        // Before the answer, which wakes the reader.
                        drop(permit);
                        // A window that is gone wants no answer.
                        let _ = answered.send(answer).await;
                    });
                    continue;
                }
                Some(Ok(_)) => continue,
            },
            () = gateway.stopped() => break,
        };
        // An error or a timeout: the window is gone, and reads everything again when it comes back.
        if !matches!(sent, Ok(Ok(()))) {
            return;
        }
    }
    // The close frame is a courtesy.
    let _ = timeout(Duration::from_secs(1), socket.close(None)).await;
}

#[derive(Deserialize)]
struct Asked<'a> {
    id: u64,
    call: &'a str,
    #[serde(borrow)]
    request: &'a RawValue,
}

async fn answer(gateway: &Gateway, caller: Caller, text: &str) -> Message {
    let (id, answer) = match serde_json::from_str::<Asked>(text) {
        Ok(asked) => (asked.id, gateway.studio.call(caller, asked.call, asked.request.get().as_bytes()).await),
        // No number to answer to: the window's own are from 1.
        Err(error) => (0, Err(Error::new("SerializationException", format!("The call cannot be read: {error}.")))),
    };
    let (status, body) = match answer {
        Ok(body) => (200, body),
        Err(error) => (error.status, serde_json::to_vec(&error).unwrap_or_default()),
    };
    // The body is JSON already.
    Message::text(format!(r#"{{"answer":{id},"status":{status},"body":{}}}"#, String::from_utf8_lossy(&body)))
}

/// Writes an event and what has gathered behind it, then flushes. While this waits for a slow window the channel
/// fills up and drops its oldest events; the window is then told that it lagged and reads again what it shows.
async fn send(socket: &mut Socket, events: &mut Receiver<Event>, first: Event) -> Result<(), tungstenite::Error> {
    socket.feed(message(&first)).await?;
    for _ in 1..BURST {
        match events.try_recv() {
            Ok(event) => socket.feed(message(&event)).await?,
            Err(TryRecvError::Lagged(_)) => socket.feed(message(&Event::Lagged)).await?,
            Err(TryRecvError::Empty | TryRecvError::Closed) => break,
        }
    }
    socket.flush().await
}

fn message(event: &Event) -> Message {
    // An event that did not serialise would be a lost one, and the window is told as much.
    Message::text(serde_json::to_string(event).unwrap_or_else(|_| r#"{"event":"lagged"}"#.to_owned()))
}
