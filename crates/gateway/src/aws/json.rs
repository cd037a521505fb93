//! The JSON protocols 1.0 and 1.1: `X-Amz-Target` names the operation, body and answer are JSON.

use super::caller;
use crate::reply::{self, REQUEST_ID, Reply, request_id};
use crate::server::Gateway;
use atelier_wire::Error;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, StatusCode, header};

/// The prefixes that SDKs send, and the services behind them.
const TARGETS: [(&str, &str); 3] =
    [("SageMaker", "sagemaker"), ("Logs_20140328", "logs"), ("GraniteServiceVersion20100801", "cloudwatch")];

pub async fn handle(gateway: &Gateway, parts: &Parts, target: &str, body: Bytes) -> Reply {
    let operation = target.split_once('.').filter(|(prefix, _)| TARGETS.iter().any(|(known, _)| known == prefix));
    let Some((_, operation)) = operation else {
        return error(parts, &Error::new("UnknownOperationException", format!("The operation {target} is not known.")));
    };
    // Some SDKs send no body for an operation without input.
    let body = if body.is_empty() { Bytes::from_static(b"{}") } else { body };
    match gateway.studio.call(caller(&parts.headers), operation, &body).await {
        Ok(answer) => respond(parts, StatusCode::OK, answer),
        Err(failed) => error(parts, &failed),
    }
}

/// `{"__type": code, "message": text}`, and the older names of both where a client asks for them.
pub fn error(parts: &Parts, error: &Error) -> Reply {
    let body = serde_json::json!({ "__type": error.code, "message": error.message });
    let mut response = respond(parts, reply::status(error.status), body.to_string());
    if parts.headers.contains_key("x-amzn-query-mode") {
        let fault = if error.status >= 500 { "Receiver" } else { "Sender" };
        if let Ok(value) = HeaderValue::from_str(&format!("{};{fault}", error.code)) {
            response.headers_mut().insert("x-amzn-query-error", value);
        }
    }
    response
}

/// Answers in the version of the protocol that was asked in.
fn respond(parts: &Parts, status: StatusCode, body: impl Into<Bytes>) -> Reply {
    let asked = parts.headers.get(header::CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    let version = if asked == b"application/x-amz-json-1.0" {
        "application/x-amz-json-1.0"
    } else {
        "application/x-amz-json-1.1"
    };
    let mut response = reply::reply(status, version, body);
    if let Ok(id) = HeaderValue::try_from(request_id()) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}
