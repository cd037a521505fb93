//! Where an object's file lies. The key itself is the path wherever that is possible; the index holds the truth.

use crate::StoreError;
use rusqlite::Connection;
use sha2::{Digest as _, Sha256};
use std::path::{Component, Path};

/// Keys that are no usable path lie here, below the bucket, by their hash.
const ELSEWHERE: &str = ".atelier-keys";

/// AWS's rule: 3 to 63 lower-case letters, digits, dots and hyphens, a letter or digit at both ends, no two dots.
/// It makes every name a safe directory name too.
pub fn check_bucket(name: &str) -> Result<(), StoreError> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = name.as_bytes();
    let valid = (3..=63).contains(&bytes.len())
        && bytes.iter().all(|&byte| plain(byte) || matches!(byte, b'.' | b'-'))
        && plain(bytes[0])
        && plain(bytes[bytes.len() - 1])
        && !name.contains("..");
    if valid { Ok(()) } else { Err(StoreError::BadBucketName(name.to_owned())) }
}

pub fn check_key(key: &str) -> Result<(), StoreError> {
    let valid = (1..=1024).contains(&key.len()) && !key.contains('\0');
    if valid { Ok(()) } else { Err(StoreError::BadKey(key.len())) }
}

/// Whether the key can be a relative path as it stands: every segment an ordinary file name of at most 255 bytes.
pub fn is_plain(key: &str) -> bool {
    key.split('/').all(|segment| {
        !segment.is_empty()
            && segment != "."
            && segment != ".."
            && segment.len() <= 255
            && !segment.contains(|c: char| c.is_control() || c == '\\')
    }) && !key.starts_with(ELSEWHERE)
        && Path::new(key).components().all(|component| matches!(component, Component::Normal(_)))
}

/// The place for a new object. An object that exists keeps its own; see `put`.
pub fn choose(conn: &Connection, bucket: &str, dir: &Path, key: &str) -> Result<String, StoreError> {
    if is_plain(key) && !clashes(conn, bucket, key)? && !blocked(dir, key) {
        return Ok(key.to_owned());
    }
    Ok(format!("{ELSEWHERE}/{}", hex::encode(Sha256::digest(key))))
}

/// Whether another object's file stands where this key needs a directory, or the other way round.
fn clashes(conn: &Connection, bucket: &str, key: &str) -> Result<bool, StoreError> {
    let mut taken = conn.prepare_cached("SELECT EXISTS (SELECT 1 FROM objects WHERE bucket = ? AND path = ?)")?;
    for (at, _) in key.match_indices('/') {
        if taken.query_row((bucket, &key[..at]), |row| row.get(0))? {
            return Ok(true);
        }
    }
    // '0' follows '/' in ASCII, so this range is everything below `key/`.
    let sql = "SELECT EXISTS (SELECT 1 FROM objects WHERE bucket = ? AND path > ? AND path < ?)";
    Ok(conn.prepare_cached(sql)?.query_row((bucket, format!("{key}/"), format!("{key}0")), |row| row.get(0))?)
}

/// Whether something that is no object of ours is in the way on disk: a file or link above, a full directory here.
fn blocked(dir: &Path, key: &str) -> bool {
    for (at, _) in key.match_indices('/') {
        match std::fs::symlink_metadata(dir.join(&key[..at])) {
            Ok(meta) if !meta.is_dir() => return true,
            Ok(_) => {}
            // Nothing there, so nothing below either.
            Err(_) => return false,
        }
    }
    // An empty directory is left over from a deleted object, and the rename's own clean-up removes it.
    std::fs::read_dir(dir.join(key)).is_ok_and(|mut entries| entries.next().is_some())
}

/// The smallest string above everything that starts with `prefix`; `None` if there is none.
pub fn after_prefix(prefix: &str) -> Option<String> {
    let mut chars: Vec<char> = prefix.chars().collect();
    while let Some(last) = chars.pop() {
        // UTF-8 sorts as code points do; the surrogates between U+D7FF and U+E000 are no characters.
        let next = match last {
            '\u{d7ff}' => Some('\u{e000}'),
            last => char::from_u32(last as u32 + 1),
        };
        if let Some(next) = next {
            chars.push(next);
            return Some(chars.into_iter().collect());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bucket_names() {
        let check = |name: &str, valid: bool| assert_eq!(check_bucket(name).is_ok(), valid, "{name:?}");
        check("sagemaker-us-east-1-000000000000", true);
        check("a.b-c", true);
        check("ab", false);
        check("Upper", false);
        check("a..b", false);
        check("-ab", false);
        check("ab-", false);
        check("../up", false);
        check(&"a".repeat(64), false);
    }

    #[test]
    fn plain_keys() {
        let check = |key: &str, plain: bool| assert_eq!(is_plain(key), plain, "{key:?}");
        check("a/b c/d.csv", true);
        check("ünï/çode", true);
        check(".hidden", true);
        check("a//b", false);
        check("/a", false);
        check("a/", false);
        check("a/../b", false);
        check("./a", false);
        check("a\nb", false);
        check(&"x".repeat(256), false);
        check(".atelier-keys/x", false);
    }

    #[test]
    fn above_a_prefix() {
        let check = |prefix: &str, next: Option<&str>| assert_eq!(after_prefix(prefix).as_deref(), next, "{prefix:?}");
        check("a/", Some("a0"));
        check("a\u{d7ff}", Some("a\u{e000}"));
        check("a\u{10ffff}", Some("b"));
        check("\u{10ffff}", None);
        check("", None);
    }
}
