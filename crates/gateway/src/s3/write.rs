//! A body on its way to disk: hashed, counted and compared before it becomes visible.

use super::checksum::Announced;
use super::error::{from_store, internal};
use atelier_studio::store::StoreError;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures::StreamExt;
use s3s::dto::StreamingBlob;
use s3s::{S3Error, S3ErrorCode, S3Result, s3_error};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use tokio::runtime::Handle;

/// What a client said of the bytes it sends.
pub struct Expected {
    pub length: Option<i64>,
    /// Base64.
    pub md5: Option<String>,
    pub checksums: Announced,
}

/// What takes bytes and knows their MD5; dropped half-way it leaves nothing behind.
pub trait Sink: Write {
    /// In hex.
    fn md5(&self) -> String;
}

impl Sink for atelier_studio::store::buckets::ObjectWriter {
    fn md5(&self) -> String {
        self.etag()
    }
}

impl Sink for atelier_studio::store::buckets::PartWriter {
    fn md5(&self) -> String {
        self.etag()
    }
}

/// Runs `work` on a thread that may wait for the disk, with a way to wait for the network there too.
pub async fn on_disk<T: Send + 'static>(work: impl FnOnce(&Handle) -> S3Result<T> + Send + 'static) -> S3Result<T> {
    let handle = Handle::current();
    tokio::task::spawn_blocking(move || work(&handle)).await.map_err(internal)?
}

/// Copies the body into the sink and compares what the client announced. Returns the checksums computed.
pub fn receive(
    handle: &Handle,
    body: Option<StreamingBlob>,
    sink: &mut dyn Sink,
    expected: Expected,
) -> S3Result<BTreeMap<String, String>> {
    let mut hasher = expected.checksums.hasher();
    let mut length = 0;
    if let Some(mut body) = body {
        while let Some(chunk) = handle.block_on(body.next()) {
            let chunk = chunk.map_err(|error| broken(error.as_ref()))?;
            hasher.update(&chunk);
            sink.write_all(&chunk)
                .map_err(|error| from_store(StoreError::io(Path::new("the data directory"), error)))?;
            length += chunk.len() as i64;
        }
    }
    if expected.length.is_some_and(|announced| announced != length) {
        return Err(s3_error!(
            IncompleteBody,
            "You did not provide the number of bytes specified by the Content-Length HTTP header"
        ));
    }
    if let Some(announced) = expected.md5 {
        let digest = STANDARD
            .decode(announced)
            .map_err(|_| s3_error!(InvalidDigest, "The Content-MD5 you specified was invalid."))?;
        if hex::encode(digest) != sink.md5() {
            return Err(s3_error!(BadDigest, "The Content-MD5 you specified did not match what we received."));
        }
    }
    expected.checksums.check(hasher)
}

/// A body that ends early or is not the one that was signed: s3s says which in its error's text.
fn broken(error: &(dyn std::error::Error + Send + Sync)) -> s3s::S3Error {
    let text = error.to_string();
    tracing::debug!(error = text, "an upload broke off");
    if text.contains("Sha256Mismatch") {
        let code = S3ErrorCode::Custom("XAmzContentSHA256Mismatch".into());
        let mut error =
            S3Error::with_message(code, "The provided 'x-amz-content-sha256' header does not match what was computed.");
        error.set_status_code(http::StatusCode::BAD_REQUEST);
        return error;
    }
    if text.contains("SignatureMismatch") {
        return s3_error!(SignatureDoesNotMatch, "The signature of a chunk does not match the one you provided.");
    }
    s3_error!(IncompleteBody, "You did not provide the number of bytes specified by the Content-Length HTTP header")
}
