//! What goes out around s3s: the request id that AWS clients print, and words for the refusals that come without.

use crate::reply::{self, Body, Reply, request_id};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use s3s::service::S3Service;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-amz-request-id");

/// Errors are a few hundred bytes.
const MAX_ERROR: usize = 64 << 10;

/// Codes that s3s sends bare, and AWS's text for them.
const WORDS: [(&str, &str); 4] = [
    (
        "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
    ),
    ("AccessDenied", "Access Denied"),
    ("InvalidBucketName", "The specified bucket is not valid."),
    ("InvalidURI", "Couldn't parse the specified URI."),
];

/// Answers an S3 request.
pub async fn answer(service: &S3Service, request: Request<Incoming>) -> Reply {
    let mut response = match service.call(request.map(s3s::Body::from)).await {
        Ok(response) if matches!(response.status(), StatusCode::FORBIDDEN | StatusCode::BAD_REQUEST) => {
            worded(response).await
        }
        Ok(response) => response.map(Body::stream),
        Err(error) => {
            tracing::error!(?error, "an S3 request failed");
            reply::text(StatusCode::INTERNAL_SERVER_ERROR, "")
        }
    };
    if let Ok(id) = HeaderValue::try_from(request_id()) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

async fn worded(response: Response<s3s::Body>) -> Reply {
    let (mut parts, body) = response.into_parts();
    let body = match Limited::new(body, MAX_ERROR).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) => {
            tracing::debug!(%error, "an S3 error cannot be read");
            Bytes::new()
        }
    };
    let text = String::from_utf8_lossy(&body);
    let bare = WORDS.iter().find_map(|(code, words)| {
        let (head, rest) = text.split_once(&format!("<Code>{code}</Code>"))?;
        (!text.contains("<Message>")).then(|| format!("{head}<Code>{code}</Code><Message>{words}</Message>{rest}"))
    });
    let body = bare.map_or(body.clone(), Bytes::from);
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(body))
}
