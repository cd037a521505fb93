//! A file as bytes in memory, and those bytes as text, whatever wrote them.

use crate::ExploreError;
use std::borrow::Cow;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;
use std::time::SystemTime;

/// The largest file that is opened, and the most a compressed one may grow to.
const MAX_BYTES: u64 = 2 << 30;

/// What makes a file the same as before without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    pub len: u64,
    pub modified: Option<SystemTime>,
}

fn io_error(path: &Path, source: &str, cause: std::io::Error) -> ExploreError {
    if cause.kind() == ErrorKind::NotFound {
        return ExploreError::Missing { source_name: source.to_owned() };
    }
    ExploreError::Io { source_name: source.to_owned(), path: path.to_owned(), cause }
}

pub(crate) fn identify(path: &Path, source: &str) -> Result<Identity, ExploreError> {
    let meta = std::fs::metadata(path).map_err(|cause| io_error(path, source, cause))?;
    if !meta.is_file() {
        let reason = "it is a folder, not a file".to_owned();
        return Err(ExploreError::Format { source_name: source.to_owned(), reason });
    }
    Ok(Identity { len: meta.len(), modified: meta.modified().ok() })
}

/// Reads the whole file; gzip is recognised by its first two bytes, not by the name.
pub(crate) fn read(path: &Path, source: &str) -> Result<Vec<u8>, ExploreError> {
    let too_large = || ExploreError::Format {
        source_name: source.to_owned(),
        reason: format!("it holds more than {} GiB, which is the most that is opened at once", MAX_BYTES >> 30),
    };
    let fail = |cause| io_error(path, source, cause);
    let file = File::open(path).map_err(fail)?;
    let expected = file.metadata().map_err(fail)?.len();
    if expected > MAX_BYTES {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(expected as usize);
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(fail)?;
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut unpacked = Vec::with_capacity(bytes.len() * 4);
        flate2::read::MultiGzDecoder::new(bytes.as_slice()).take(MAX_BYTES + 1).read_to_end(&mut unpacked).map_err(
            |cause| ExploreError::Malformed {
                source_name: source.to_owned(),
                format: "gzip",
                reason: cause.to_string(),
            },
        )?;
        bytes = unpacked;
    }
    if bytes.len() as u64 > MAX_BYTES {
        return Err(too_large());
    }
    Ok(bytes)
}

/// The bytes as UTF-8 without a byte order mark. UTF-16 is recognised by its mark; anything else that is not UTF-8 is
/// taken as Latin-1, which spreadsheets still write. Bytes that no text holds are refused.
pub(crate) fn to_utf8<'a>(bytes: &'a [u8], source: &str) -> Result<Cow<'a, [u8]>, ExploreError> {
    let utf16 = |unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes[2..].chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
        Cow::Owned(String::from_utf16_lossy(&units).into_bytes())
    };
    if bytes.starts_with(&[0xff, 0xfe]) {
        return Ok(utf16(u16::from_le_bytes));
    }
    if bytes.starts_with(&[0xfe, 0xff]) {
        return Ok(utf16(u16::from_be_bytes));
    }
    if bytes.contains(&0) {
        let reason = "it holds binary data".to_owned();
        return Err(ExploreError::Format { source_name: source.to_owned(), reason });
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    Ok(match std::str::from_utf8(bytes) {
        Ok(_) => Cow::Borrowed(bytes),
        Err(_) => Cow::Owned(bytes.iter().map(|&byte| byte as char).collect::<String>().into_bytes()),
    })
}
