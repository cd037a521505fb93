//! Frames kept in memory. A slot per file and header choice; reading happens under the slot's own lock, so that ten
//! calls for a new file read it once while other files stay reachable.

use crate::bytes::{self, Identity};
use crate::frame::Frame;
use crate::{ExploreError, read};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

type Key = (PathBuf, String, Option<bool>);
type Slot = Arc<Mutex<Option<(Identity, Arc<Frame>)>>>;

struct Held {
    slot: Slot,
    bytes: usize,
    used: u64,
}

pub(crate) struct Cache {
    budget: usize,
    held: Mutex<(u64, HashMap<Key, Held>)>,
}

impl Cache {
    pub fn new(budget: usize) -> Self {
        Self { budget, held: Mutex::default() }
    }

    pub fn frame(&self, path: &Path, source: &str, header: Option<bool>) -> Result<Arc<Frame>, ExploreError> {
        let key = (path.to_owned(), source.to_owned(), header);
        let slot = self.slot(&key);
        let mut content = slot.lock();
        let identity = bytes::identify(path, source).inspect_err(|_| self.forget(&key))?;
        if let Some((known, frame)) = content.as_ref()
            && *known == identity
        {
            return Ok(frame.clone());
        }
        *content = None;
        let (identity, frame) = read_frame(path, source, header, identity).inspect_err(|_| self.forget(&key))?;
        *content = Some((identity, frame.clone()));
        self.account(&key, frame.data.estimated_size());
        Ok(frame)
    }

    fn slot(&self, key: &Key) -> Slot {
        let mut held = self.held.lock();
        held.0 += 1;
        let used = held.0;
        let entry = held.1.entry(key.clone()).or_insert_with(|| Held { slot: Slot::default(), bytes: 0, used });
        entry.used = used;
        entry.slot.clone()
    }

    /// Notes the size of a frame and lets the least recently used others go until the budget holds.
    fn account(&self, key: &Key, bytes: usize) {
        let mut held = self.held.lock();
        if let Some(entry) = held.1.get_mut(key) {
            entry.bytes = bytes;
        }
        while held.1.values().map(|entry| entry.bytes).sum::<usize>() > self.budget {
            let others = held.1.iter().filter(|(other, entry)| *other != key && entry.bytes > 0);
            let Some(oldest) = others.min_by_key(|(_, entry)| entry.used).map(|(other, _)| other.clone()) else { break };
            held.1.remove(&oldest);
        }
    }

    fn forget(&self, key: &Key) {
        self.held.lock().1.remove(key);
    }

    #[cfg(test)]
    pub fn num_frames(&self) -> usize {
        self.held.lock().1.len()
    }
}

/// Reads a file that may be written to at the same time: when it changed under the reading, it is read once more.
fn read_frame(
    path: &Path,
    source: &str,
    header: Option<bool>,
    before: Identity,
) -> Result<(Identity, Arc<Frame>), ExploreError> {
    let mut identity = before;
    let mut raw = bytes::read(path, source)?;
    let after = bytes::identify(path, source)?;
    if after != before {
        identity = after;
        raw = bytes::read(path, source)?;
    }
    let parsed = read::parse(&raw, source, header)?;
    tracing::debug!(source, rows = parsed.data.height(), "table read");
    Ok((identity, Arc::new(Frame::new(parsed, identity.len))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(folder: &tempfile::TempDir, name: &str, text: &str) -> PathBuf {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    #[test]
    fn a_frame_is_read_once_and_again_after_a_change() {
        let folder = tempfile::tempdir().unwrap();
        let path = file(&folder, "a.csv", "a,b\n1,2\n");
        let cache = Cache::new(1 << 20);
        let first = cache.frame(&path, "a.csv", None).unwrap();
        assert!(Arc::ptr_eq(&first, &cache.frame(&path, "a.csv", None).unwrap()));
        file(&folder, "a.csv", "a,b\n1,2\n3,4\n");
        assert_eq!(cache.frame(&path, "a.csv", None).unwrap().data.height(), 2);
        std::fs::remove_file(&path).unwrap();
        assert!(cache.frame(&path, "a.csv", None).is_err_and(|error| error.is_missing()));
    }

    #[test]
    fn the_budget_holds_and_the_oldest_goes() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(20_000);
        let text: String = (0..1000).map(|i| format!("{i}\n")).collect();
        for name in ["a.csv", "b.csv", "c.csv", "d.csv"] {
            cache.frame(&file(&folder, name, &text), name, None).unwrap();
        }
        assert_eq!(cache.num_frames(), 2);
        let large: String = (0..10_000).map(|i| format!("{i}\n")).collect();
        assert_eq!(cache.frame(&file(&folder, "e.csv", &large), "e.csv", None).unwrap().data.height(), 10_000);
        assert_eq!(cache.num_frames(), 1);
    }

    #[test]
    fn a_file_that_fails_is_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(1 << 20);
        assert!(cache.frame(&folder.path().join("none.csv"), "none.csv", None).is_err());
        assert!(cache.frame(&file(&folder, "a.json", "[1,"), "a.json", None).is_err());
        assert_eq!(cache.num_frames(), 0);
    }
}
