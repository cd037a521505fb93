//! Binary outputs and long texts, kept once by what they hold and read by windows from an address.
//!
//! Everything here can be made again from the notebooks, so nothing is synced, and old ones go when there are too many.

use crate::KernelError;
use parking_lot::Mutex;
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// What may lie here; beyond, the oldest go.
const MAX_BYTES: u64 = 2 << 30;
/// Purged down to this, so that not every output purges.
const KEPT_BYTES: u64 = MAX_BYTES / 4 * 3;

pub struct Blobs {
    dir: PathBuf,
    /// Put before the name in an address: `/studio/blob/KEY/`.
    prefix: String,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    known: HashSet<String>,
    num_bytes: u64,
}

impl Blobs {
    /// `prefix` ends with a slash. Purges what is too much.
    pub fn open(dir: PathBuf, prefix: String) -> Result<Blobs, KernelError> {
        use std::os::unix::fs::DirBuilderExt as _;
        let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(&dir);
        made.map_err(KernelError::io(format!("making {}", dir.display())))?;
        let num_bytes = purge(&dir, KEPT_BYTES);
        Ok(Blobs { dir, prefix, state: Mutex::new(State { known: HashSet::new(), num_bytes }) })
    }
}

impl atelier_notebook::Blobs for Blobs {
    /// What cannot be written is missing at its address, which a window says in place of the picture.
    fn put(&self, mime: &str, bytes: &[u8]) -> String {
        let name = hex::encode(Sha256::digest(bytes));
        let address = format!("{}{name}?type={}", self.prefix, form_encoded(mime));
        let mut state = self.state.lock();
        if state.known.contains(&name) {
            return address;
        }
        let path = self.dir.join(&name);
        if !path.is_file() {
            if let Err(error) = write(&self.dir, &path, bytes) {
                tracing::warn!(%error, path = %path.display(), "an output cannot be kept");
                return address;
            }
            state.num_bytes += bytes.len() as u64;
        }
        if state.num_bytes > MAX_BYTES {
            state.num_bytes = purge(&self.dir, KEPT_BYTES);
            state.known.clear();
        }
        state.known.insert(name);
        address
    }
}

/// Readers find the whole or nothing.
fn write(dir: &Path, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut draft = tempfile::Builder::new().prefix(".draft-").tempfile_in(dir)?;
    std::io::Write::write_all(&mut draft, bytes)?;
    draft.persist(path).map(drop).map_err(|error| error.error)
}

fn form_encoded(mime: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    mime.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// Removes the oldest until at most `limit` bytes are left; drafts of a dead backend always. Returns what is left.
fn purge(dir: &Path, limit: u64) -> u64 {
    let Ok(entries) = fs::read_dir(dir) else { return 0 };
    let mut found: Vec<(SystemTime, u64, PathBuf)> = Vec::new();
    for entry in entries.flatten() {
        let Ok(data) = entry.metadata() else { continue };
        if entry.file_name().to_string_lossy().starts_with(".draft-") {
            let _ = fs::remove_file(entry.path());
        } else if data.is_file() {
            found.push((data.modified().unwrap_or(SystemTime::UNIX_EPOCH), data.len(), entry.path()));
        }
    }
    found.sort();
    let mut total: u64 = found.iter().map(|(_, size, _)| size).sum();
    for (_, size, path) in found {
        if total <= limit {
            break;
        }
        // One that cannot be removed still counts.
        if fs::remove_file(path).is_ok() {
            total -= size;
        }
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;
    use atelier_notebook::Blobs as _;

    #[test]
    fn same_bytes_are_kept_once() {
        let dir = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(dir.path().join("b"), "/studio/blob/k/".to_owned()).unwrap();
        let (one, other) = (blobs.put("image/png", b"hi"), blobs.put("image/svg+xml", b"hi"));
        let name = "8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4";
        assert_eq!(one, format!("/studio/blob/k/{name}?type=image%2Fpng"));
        assert_eq!(other, format!("/studio/blob/k/{name}?type=image%2Fsvg%2Bxml"));
        assert_eq!(fs::read(dir.path().join("b").join(name)).unwrap(), b"hi");
        assert_eq!(fs::read_dir(dir.path().join("b")).unwrap().count(), 1);
    }

    #[test]
    fn oldest_go_first() {
        let dir = tempfile::tempdir().unwrap();
        for (name, age) in [("old", 30), ("young", 10), ("middle", 20), (".draft-x", 0)] {
            let path = dir.path().join(name);
            fs::write(&path, "12345").unwrap();
            fs::File::open(&path)
                .unwrap()
                .set_modified(SystemTime::now() - std::time::Duration::from_secs(age))
                .unwrap();
        }
        assert_eq!(purge(dir.path(), 10), 10);
        let mut left: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["middle", "young"]);
    }
}
