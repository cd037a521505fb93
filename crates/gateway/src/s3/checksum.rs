//! Checksums of what arrives: those the client announces are computed along the way and compared at the end.

use s3s::checksum::ChecksumHasher;
use s3s::crypto::{Checksum as _, Crc32, Crc32c, Crc64Nvme, Sha1, Sha256};
use s3s::dto::Checksum;
use s3s::{S3Error, S3ErrorCode, S3Result, TrailingHeaders, s3_error};
use std::collections::BTreeMap;

/// Names as AWS writes them.
const NAMES: [&str; 5] = ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"];

/// What a client announced of a body: values in headers, or names of trailers that will hold them.
#[derive(Default)]
pub struct Announced {
    values: BTreeMap<String, String>,
    trailers: Vec<&'static str>,
    /// Asked for without a value: computed and stored.
    wanted: Option<&'static str>,
    trailing: Option<TrailingHeaders>,
}

impl Announced {
    /// `values` in the order of [`NAMES`].
    pub fn new(
        values: [Option<String>; 5],
        algorithm: Option<&str>,
        headers: &http::HeaderMap,
        trailing: Option<TrailingHeaders>,
    ) -> Announced {
        let values = NAMES.iter().zip(values).filter_map(|(name, value)| Some(((*name).to_owned(), value?))).collect();
        let trailer = headers.get("x-amz-trailer").and_then(|value| value.to_str().ok()).unwrap_or_default();
        let trailers = NAMES
            .into_iter()
            .filter(|name| trailer.split(',').any(|trailer| trailer.trim().eq_ignore_ascii_case(&header(name))));
        let wanted = algorithm.and_then(|algorithm| NAMES.into_iter().find(|name| *name == algorithm));
        Announced { values, trailers: trailers.collect(), wanted, trailing }
    }

    pub fn hasher(&self) -> ChecksumHasher {
        let needed =
            |name: &str| self.values.contains_key(name) || self.trailers.contains(&name) || self.wanted == Some(name);
        ChecksumHasher {
            crc32: needed("CRC32").then(Crc32::new),
            crc32c: needed("CRC32C").then(Crc32c::new),
            crc64nvme: needed("CRC64NVME").then(Crc64Nvme::new),
            sha1: needed("SHA1").then(Sha1::new),
            sha256: needed("SHA256").then(Sha256::new),
        }
    }

    /// Compares, after the body was read to its end. Returns what was computed, by name.
    pub fn check(mut self, hasher: ChecksumHasher) -> S3Result<BTreeMap<String, String>> {
        for name in &self.trailers {
            let value = self.trailing.as_ref().and_then(|trailing| {
                trailing.read(|headers| headers.get(header(name))?.to_str().ok().map(str::to_owned)).flatten()
            });
            let Some(value) = value else {
                let code = S3ErrorCode::Custom("MalformedTrailerError".into());
                let text = "The request contained trailing data that was not well-formed or did not conform to our published schema.";
                let mut error = S3Error::with_message(code, text);
                error.set_status_code(http::StatusCode::BAD_REQUEST);
                return Err(error);
            };
            self.values.insert((*name).to_owned(), value);
        }
        let computed = by_name(&hasher.finalize());
        for (name, value) in &self.values {
            if computed.get(name) != Some(value) {
                return Err(s3_error!(BadDigest, "The {name} you specified did not match the calculated checksum."));
            }
        }
        Ok(computed)
    }
}

fn header(name: &str) -> String {
    format!("x-amz-checksum-{}", name.to_ascii_lowercase())
}

fn by_name(checksum: &Checksum) -> BTreeMap<String, String> {
    let values = [
        &checksum.checksum_crc32,
        &checksum.checksum_crc32c,
        &checksum.checksum_crc64nvme,
        &checksum.checksum_sha1,
        &checksum.checksum_sha256,
    ];
    NAMES.iter().zip(values).filter_map(|(name, value)| Some(((*name).to_owned(), value.clone()?))).collect()
}

/// Checksums as s3s holds them.
pub fn typed(checksums: &BTreeMap<String, String>) -> Checksum {
    let value = |name: &str| checksums.get(name).cloned();
    Checksum {
        checksum_crc32: value("CRC32"),
        checksum_crc32c: value("CRC32C"),
        checksum_crc64nvme: value("CRC64NVME"),
        checksum_sha1: value("SHA1"),
        checksum_sha256: value("SHA256"),
        ..Checksum::default()
    }
}
