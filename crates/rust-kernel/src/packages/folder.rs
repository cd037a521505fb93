//! What Rust kernels keep on disk and share: compiled crates, their lock files, the history.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

/// Compiled crates beyond this are deleted when nobody uses them, unless `ATELIER_RUST_CACHE_MB` says otherwise.
const BUDGET_MB: u64 = 8 << 10;

#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// `$ATELIER_RUST`, else `rust` in the platform's data directory for Atelier.
    pub fn find() -> std::io::Result<Self> {
        let path = match std::env::var_os("ATELIER_RUST") {
            Some(path) => PathBuf::from(path),
            None => data_dir().join("atelier").join("rust"),
        };
        let path = std::path::absolute(path)?;
        std::fs::create_dir_all(&path)?;
        Ok(Self(path))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Held while crates are used, so that nobody deletes them; first makes room where there is none left.
    pub fn use_crates(&self) -> std::io::Result<File> {
        let lock = self.lock_file("crates.lock")?;
        let target = self.0.join("target");
        if lock.try_lock().is_ok() && size(&target) > budget() {
            std::fs::remove_dir_all(&target)?;
        }
        lock.unlock()?;
        lock.lock_shared()?;
        Ok(lock)
    }

    pub fn lock_file(&self, name: &str) -> std::io::Result<File> {
        OpenOptions::new().create(true).truncate(false).write(true).open(self.0.join(name))
    }
}

fn data_dir() -> PathBuf {
    let named = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || PathBuf::from(std::env::var_os("HOME").unwrap_or_else(|| "/tmp".into()));
    if cfg!(target_os = "macos") {
        return home().join("Library/Application Support");
    }
    named.unwrap_or_else(|| home().join(".local/share"))
}

fn budget() -> u64 {
    let named = std::env::var("ATELIER_RUST_CACHE_MB").ok().and_then(|text| text.parse().ok());
    named.unwrap_or(BUDGET_MB) << 20
}

fn size(folder: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    let sizes = entries.flatten().map(|entry| match entry.metadata() {
        Ok(about) if about.is_dir() => size(&entry.path()),
        Ok(about) => about.len(),
        Err(_) => 0,
    });
    sizes.sum()
}
