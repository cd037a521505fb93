//! What is said of an object in headers, to and from what the store keeps.

use atelier_studio::store::{ObjectMeta, PutOptions};
use s3s::dto::{ETag, Metadata, Timestamp};
use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

/// What S3 says of an object that was put without a type.
const DEFAULT_TYPE: &str = "binary/octet-stream";

pub fn etag(etag: &str) -> ETag {
    ETag::Strong(etag.to_owned())
}

/// Milliseconds since the epoch as s3s holds them.
pub fn instant(ms: i64) -> Timestamp {
    Timestamp::from(SystemTime::UNIX_EPOCH + Duration::from_millis(ms.max(0) as u64))
}

pub fn content_type(meta: &ObjectMeta) -> String {
    meta.content_type.clone().unwrap_or_else(|| DEFAULT_TYPE.to_owned())
}

pub fn header(meta: &ObjectMeta, name: &str) -> Option<String> {
    meta.headers.get(name).cloned()
}

pub fn user_metadata(meta: &ObjectMeta) -> Option<Metadata> {
    (!meta.user.is_empty()).then(|| meta.user.clone().into_iter().collect())
}

/// The describing headers of a request, before they are put together.
pub struct Described {
    pub content_type: Option<String>,
    pub metadata: Option<Metadata>,
    pub cache_control: Option<String>,
    pub content_disposition: Option<String>,
    pub content_encoding: Option<String>,
    pub content_language: Option<String>,
}

impl Described {
    pub fn options(self) -> PutOptions {
        let headers = [
            ("cache-control", self.cache_control),
            ("content-disposition", self.content_disposition),
            ("content-encoding", self.content_encoding.and_then(|encoding| stored_encoding(&encoding))),
            ("content-language", self.content_language),
        ];
        PutOptions {
            content_type: self.content_type,
            user: self.metadata.unwrap_or_default().into_iter().collect(),
            headers: headers
                .into_iter()
                .filter_map(|(name, value)| Some((name.to_owned(), value?)))
                .collect::<BTreeMap<_, _>>(),
            ..PutOptions::default()
        }
    }
}

/// `aws-chunked` is how the request travelled, not how the object is encoded.
fn stored_encoding(encoding: &str) -> Option<String> {
    let kept: Vec<&str> =
        encoding.split(',').map(str::trim).filter(|part| !part.is_empty() && *part != "aws-chunked").collect();
    (!kept.is_empty()).then(|| kept.join(", "))
}

#[cfg(test)]
mod tests {
    use super::stored_encoding;

    #[test]
    fn chunking_is_not_stored() {
        assert_eq!(stored_encoding("aws-chunked"), None);
        assert_eq!(stored_encoding("gzip, aws-chunked").as_deref(), Some("gzip"));
        assert_eq!(stored_encoding("gzip,br").as_deref(), Some("gzip, br"));
    }
}
