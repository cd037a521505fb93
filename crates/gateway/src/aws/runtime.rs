//! `InvokeEndpoint`, the hot path: tens of thousands a second, so no JSON, no copy of the body and no lock.

use super::{Refused, auth_error, verified_body};
use crate::reply::{self, Body, REQUEST_ID, Reply, request_id};
use crate::server::Gateway;
use atelier_studio::{InvokeError, InvokeRequest};
use atelier_wire::Error;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Response, header};
use hyper::body::Incoming;

/// Real-time payloads, as AWS limits them (25 MB since 2025).
const MAX_PAYLOAD: usize = 25 << 20;

const VARIANT: HeaderName = HeaderName::from_static("x-amzn-invoked-production-variant");
const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");

/// Answers `POST /endpoints/{endpoint}/invocations`.
pub async fn invoke(gateway: &Gateway, parts: &Parts, endpoint: &str, body: Incoming) -> Reply {
    let body = match verified_body(gateway, parts, body, MAX_PAYLOAD).await {
        Ok(body) => body,
        Err(Refused::Auth(error)) => return refuse(auth_error(&error, false)),
        Err(Refused::Body(error)) => return refuse(Error { code: "ValidationError".to_owned(), ..error }),
    };
    let request = InvokeRequest {
        content_type: text(&parts.headers, "content-type"),
        accept: text(&parts.headers, "accept"),
        target_variant: text(&parts.headers, "x-amzn-sagemaker-target-variant"),
        body,
    };
    // Names hold letters, digits and dashes: one with an escape is only looked up to be called unknown.
    match gateway.studio.invoke(endpoint, request).await {
        Ok(answer) => {
            let mut response = Response::new(Body::from(answer.body));
            let headers = response.headers_mut();
            put(headers, header::CONTENT_TYPE, answer.content_type);
            put(headers, VARIANT, answer.variant);
            put(headers, REQUEST_ID, request_id());
            response
        }
        Err(error) => failed(error),
    }
}

/// The value of a header; `None` if it is absent, empty or not ASCII.
fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().filter(|value| !value.is_empty()).map(str::to_owned)
}

/// Sets a header unless the value cannot stand in one.
fn put(headers: &mut HeaderMap, name: HeaderName, value: String) {
    if let Ok(value) = HeaderValue::try_from(value) {
        headers.insert(name, value);
    }
}

fn failed(error: InvokeError) -> Reply {
    let InvokeError { error, original, log_stream_arn } = error;
    let mut body = serde_json::json!({ "Message": error.message });
    if let Some((status, message)) = original {
        body["OriginalStatusCode"] = status.into();
        body["OriginalMessage"] = message.into();
    }
    if let Some(arn) = log_stream_arn {
        body["LogStreamArn"] = arn.into();
    }
    respond(&error, &body)
}

fn refuse(error: Error) -> Reply {
    respond(&error, &serde_json::json!({ "Message": error.message }))
}

/// REST-JSON names the error in a header.
fn respond(error: &Error, body: &serde_json::Value) -> Reply {
    let mut response = reply::json(reply::status(error.status), body.to_string());
    put(response.headers_mut(), ERROR_TYPE, error.code.clone());
    put(response.headers_mut(), REQUEST_ID, request_id());
    response
}
