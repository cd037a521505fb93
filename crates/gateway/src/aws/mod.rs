//! The AWS services except S3: which protocol, which operation, and each protocol's own way to say what went wrong.

pub mod json;
pub mod query;
pub mod runtime;
mod xml;

use crate::body;
use crate::reply::Reply;
use crate::server::Gateway;
use crate::sigv4::{AuthError, Authorization, now_s};
use atelier_studio::{Caller, Origin};
use atelier_wire::Error;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, header};
use hyper::body::Incoming;

/// Bodies of control requests: pipelines' definitions are the largest at a megabyte.
const MAX_BODY: usize = 16 << 20;

/// How a client speaks, which decides how it is answered, errors included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol<'a> {
    /// `X-Amz-Target: Prefix.Operation`
    Json {
        target: &'a str,
    },
    /// A form with `Action` and `Version`.
    Query,
    Unknown,
}

impl Protocol<'_> {
    fn of(headers: &HeaderMap) -> Protocol<'_> {
        let value = |name| headers.get(name).and_then(|value| value.to_str().ok());
        if let Some(target) = value("x-amz-target") {
            return Protocol::Json { target };
        }
        match value(header::CONTENT_TYPE.as_str()) {
            Some(content_type) if content_type.starts_with("application/x-www-form-urlencoded") => Protocol::Query,
            _ => Protocol::Unknown,
        }
    }
}

/// Verifies a control request and hands it to the studio.
pub async fn handle(gateway: &Gateway, parts: &Parts, body: Incoming) -> Reply {
    let protocol = Protocol::of(&parts.headers);
    let service = Authorization::read(&parts.headers).map_or("", |auth| auth.service);
    let refuse = |error: Error| match protocol {
        Protocol::Query => query::error(service, &error),
        Protocol::Json { .. } | Protocol::Unknown => json::error(parts, &error),
    };
    let body = match verified_body(gateway, parts, body, MAX_BODY).await {
        Ok(body) => body,
        Err(Refused::Auth(error)) => return refuse(auth_error(&error, protocol == Protocol::Query)),
        Err(Refused::Body(error)) => return refuse(error),
    };
    match protocol {
        Protocol::Json { target } => json::handle(gateway, parts, target, body).await,
        Protocol::Query => query::handle(gateway, parts, service, &body).await,
        Protocol::Unknown => refuse(Error::new(
            "UnknownOperationException",
            format!("{} {} is not an operation of this platform.", parts.method, parts.uri.path()),
        )),
    }
}

/// Why a request does not reach the studio.
pub enum Refused {
    Auth(AuthError),
    Body(Error),
}

/// Reads the body and verifies the signature over it.
pub async fn verified_body(gateway: &Gateway, parts: &Parts, body: Incoming, limit: usize) -> Result<Bytes, Refused> {
    // Whoever does not even claim to know the key is not listened to for megabytes.
    let auth = Authorization::read(&parts.headers).map_err(Refused::Auth)?;
    let body = body::read(&parts.headers, body, limit).await.map_err(|error| {
        let status = if matches!(error, body::BodyError::TooLarge { .. }) { 413 } else { 400 };
        Refused::Body(Error::new("ValidationException", error.to_string()).with_status(status))
    })?;
    gateway.verifier.verify(parts, &auth, &body, now_s()).map_err(Refused::Auth)?;
    Ok(body)
}

/// An AWS caller, with the words by which its SDK names itself.
pub fn caller(headers: &HeaderMap) -> Caller {
    let user_agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    Caller { user_agent: user_agent.to_owned(), origin: Origin::Aws }
}

/// AWS's code and text for a request that is not believed: the JSON protocols and the query protocol differ.
pub fn auth_error(error: &AuthError, query: bool) -> Error {
    let signature_code = if query { "SignatureDoesNotMatch" } else { "InvalidSignatureException" };
    let (code, message) = match error {
        AuthError::Missing if query => ("MissingAuthenticationToken", "Request is missing Authentication Token".to_owned()),
        AuthError::Missing => ("MissingAuthenticationTokenException", "Missing Authentication Token".to_owned()),
        AuthError::Incomplete(text) if query => ("IncompleteSignature", text.clone()),
        AuthError::Incomplete(text) => ("IncompleteSignatureException", text.clone()),
        AuthError::UnknownKey => (
            if query { "InvalidClientTokenId" } else { "UnrecognizedClientException" },
            "The security token included in the request is invalid.".to_owned(),
        ),
        AuthError::Mismatch => (
            signature_code,
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access \
             Key and signing method. Consult the service documentation for details."
                .to_owned(),
        ),
        AuthError::Payload => {
            (signature_code, "The value of the 'x-amz-content-sha256' header does not match the request's body.".to_owned())
        }
        AuthError::Skewed { signed, now, limit, late: true } => {
            (signature_code, format!("Signature expired: {signed} is now earlier than {limit} ({now} - 15 min.)"))
        }
        AuthError::Skewed { signed, now, limit, late: false } => {
            (signature_code, format!("Signature not yet current: {signed} is still later than {limit} ({now} + 15 min.)"))
        }
    };
    Error::new(code, message).with_status(403)
}
