//! `GET /studio/blob/KEY/SHA256?type=MIME`: a picture or a long text that a notebook put out, for `<img src>` and the
//! like, which send no token. The key stands for it and opens nothing else.
//!
//! The content is hostile: no type is answered that a browser would run as a page of ours, and a policy takes away
//! origin and scripts even so. The name is the content's hash, so it never changes and may be kept for ever.

use crate::reply::{self, Reply};
use crate::server::Gateway;
use crate::transport;
use http::header::{self, HeaderName};
use http::request::Parts;
use http::{HeaderValue, StatusCode};
use std::path::Path;
use subtle::ConstantTimeEq;

/// What may be named in the address; everything else goes as text, or as bytes to be saved.
const TYPES: [&str; 21] = [
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "image/bmp",
    "image/avif",
    "image/svg+xml",
    "image/tiff",
    "image/x-icon",
    "audio/mpeg",
    "audio/wav",
    "audio/x-wav",
    "audio/ogg",
    "audio/webm",
    "audio/flac",
    "audio/mp4",
    "video/mp4",
    "video/webm",
    "video/ogg",
    "application/pdf",
    "application/json",
];

const HEADERS: [(HeaderName, &str); 5] = [
    (header::CACHE_CONTROL, "private, max-age=31536000, immutable"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"),
    (header::REFERRER_POLICY, "no-referrer"),
    // A sandboxed frame has no origin of its own that could be named.
    (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
];

pub async fn answer(gateway: &Gateway, parts: &Parts, rest: &str) -> Reply {
    let key = gateway.studio.credentials().blob_key();
    let found = match rest.split_once('/') {
        Some((given, name)) if given.as_bytes().ct_eq(key.as_bytes()).into() && is_hash(name) => {
            read(&gateway.studio.blobs().join(name)).await
        }
        _ => None,
    };
    let mut response = match found {
        Some(bytes) => reply::reply(StatusCode::OK, content_type(parts.uri.query().unwrap_or_default()), bytes),
        None => reply::text(StatusCode::NOT_FOUND, "There is no such output any more. Open the notebook again.\n"),
    };
    let is_found = response.status() == StatusCode::OK;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if !is_found {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    transport::allow_shell(parts, headers);
    response
}

async fn read(path: &Path) -> Option<Vec<u8>> {
    match tokio::fs::read(path).await {
        Ok(bytes) => Some(bytes),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => {
            tracing::warn!(path = %path.display(), %error, "an output cannot be read");
            None
        }
    }
}

/// SHA-256 in small letters: nothing else is looked for on disk.
fn is_hash(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn content_type(query: &str) -> &'static str {
    let wanted =
        form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "type").map(|(_, value)| value.into_owned());
    let wanted = wanted.unwrap_or_default();
    match TYPES.into_iter().find(|known| *known == wanted) {
        Some(known) => known,
        None if wanted.ends_with("+json") => "application/json",
        None if wanted.starts_with("text/") || wanted == "application/javascript" || wanted.ends_with("+xml") => {
            "text/plain; charset=utf-8"
        }
        None => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_type_runs_as_a_page() {
        let check = |mime: &str, expected| {
            let query: String = form_urlencoded::Serializer::new(String::new()).append_pair("type", mime).finish();
            assert_eq!(content_type(&query), expected, "{mime}");
        };
        check("image/png", "image/png");
        check("image/svg+xml", "image/svg+xml");
        check("text/html", "text/plain; charset=utf-8");
        check("application/xhtml+xml", "text/plain; charset=utf-8");
        check("application/javascript", "text/plain; charset=utf-8");
        check("application/vnd.plotly.v1+json", "application/json");
        check("anything", "application/octet-stream");
        check("", "application/octet-stream");
    }

    #[test]
    fn only_hashes_are_names() {
        assert!(is_hash(&"0a".repeat(32)));
        for name in ["", "..", "0A", &"0A".repeat(32), &"0g".repeat(32), &format!("{}/", "0a".repeat(31))] {
            assert!(!is_hash(name), "{name}");
        }
    }
}
