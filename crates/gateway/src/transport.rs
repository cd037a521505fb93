//! The window's transport: `POST /studio/call/NAME` with the session's token. JSON in, JSON out.

use crate::body;
use crate::guard;
use crate::reply::{self, Reply};
use crate::server::Gateway;
use atelier_studio::{Caller, Origin};
use atelier_wire::Error;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use hyper::body::Incoming;
use subtle::ConstantTimeEq;

/// A text file or a notebook with its attachments, saved from the window.
const MAX_BODY: usize = 64 << 20;

/// Answers one call; `name` comes from the path and is the studio's to judge.
pub async fn call(gateway: &Gateway, parts: &Parts, name: &str, body: Incoming) -> Reply {
    let mut response = match answer(gateway, parts, name, body).await {
        Ok(answer) => reply::json(StatusCode::OK, answer),
        Err(error) => failed(&error),
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    allow_shell(parts, headers);
    response
}

async fn answer(gateway: &Gateway, parts: &Parts, name: &str, body: Incoming) -> Result<Vec<u8>, Error> {
    let token = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
    if !token.is_some_and(|token| is_token(gateway, token)) {
        return Err(refused());
    }
    let body = body::read(&parts.headers, body, MAX_BODY).await.map_err(|error| {
        let status = if matches!(error, body::BodyError::TooLarge { .. }) { 413 } else { 400 };
        Error::new("ValidationException", error.to_string()).with_status(status)
    })?;
    let body = if body.is_empty() { Bytes::from_static(b"{}") } else { body };
    let user_agent = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let caller = Caller { user_agent: user_agent.to_owned(), origin: Origin::Window };
    gateway.studio.call(caller, name, &body).await
}

/// Compares in constant time, so that the time of the answer tells nothing about the token.
pub fn is_token(gateway: &Gateway, token: &[u8]) -> bool {
    token.ct_eq(gateway.studio.credentials().token.as_bytes()).into()
}

pub fn refused() -> Error {
    Error::new(
        "AccessDeniedException",
        "The session's token is missing or wrong. Open the window's address again: `atelier serve` prints it.",
    )
    .with_status(401)
}

pub fn failed(error: &Error) -> Reply {
    // Three strings and a number always serialise.
    reply::json(reply::status(error.status), serde_json::to_vec(error).unwrap_or_default())
}

/// Lets the desktop shell's own page read the answer; every other foreign page was refused by the guard.
pub fn allow_shell(parts: &Parts, headers: &mut HeaderMap) {
    let origin = parts.headers.get(header::ORIGIN);
    if let Some(origin) = origin.filter(|origin| origin.to_str().is_ok_and(guard::is_shell)) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        headers.insert(header::VARY, HeaderValue::from_static("Origin"));
    }
}

/// Answers a browser that asks before it lets the shell's page call.
pub fn preflight(parts: &Parts) -> Reply {
    let mut response = reply::text(StatusCode::NO_CONTENT, "");
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("authorization, content-type"));
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    allow_shell(parts, headers);
    response
}
