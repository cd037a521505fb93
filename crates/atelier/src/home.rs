//! The data directory from outside: where it is, who holds it, and what its backend says of itself.

use crate::exit::Failure;
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// `backend.json`: what a client needs to reach the backend. Readable by its owner only.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announcement {
    pub pid: u32,
    /// `http://127.0.0.1:PORT`
    pub address: String,
    /// Lets a window in.
    pub token: String,
}

impl std::fmt::Debug for Announcement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Announcement").field("pid", &self.pid).field("address", &self.address).finish_non_exhaustive()
    }
}

impl Announcement {
    /// The token travels in the fragment, which no server sees and no log of a server holds.
    pub fn window(&self) -> String {
        format!("{}/#token={}", self.address, self.token)
    }
}

/// A data directory; it need not exist yet.
#[derive(Clone, Debug)]
pub struct Home(PathBuf);

impl Home {
    /// The one asked for, or the user's own.
    pub fn find(asked: Option<PathBuf>) -> anyhow::Result<Home> {
        let path = match asked.filter(|path| !path.as_os_str().is_empty()) {
            Some(path) => path,
            None => data_dir()
                .ok_or_else(|| anyhow::anyhow!("name the data directory with --home: HOME is not set"))?
                .join("atelier"),
        };
        // What is exported from here must hold in every folder.
        Ok(Home(std::path::absolute(path)?))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Makes the directory and takes its lock, which ends with the process however that ends.
    pub fn lock(&self) -> Result<File, Failure> {
        let failed = |error| Failure::of_home(&self.0, error);
        std::fs::create_dir_all(&self.0).map_err(failed)?;
        let path = self.0.join("atelier.lock");
        let file =
            OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::Error(error)) => Err(failed(error)),
            Err(TryLockError::WouldBlock) => {
                let at = self
                    .announced()
                    .map_or(String::new(), |found| format!(", at {} (process {})", found.address, found.pid));
                Err(Failure::Running { home: self.0.display().to_string(), at })
            }
        }
    }

    /// Whether some process holds the lock.
    pub fn is_held(&self) -> bool {
        let Ok(file) = File::open(self.0.join("atelier.lock")) else { return false };
        matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
    }

    /// The backend that runs on this home.
    pub fn running(&self) -> Result<Announcement, Failure> {
        let found = if self.is_held() { self.announced() } else { None };
        found.ok_or_else(|| Failure::NotRunning { home: self.0.display().to_string() })
    }

    /// What `backend.json` says, whether it still holds or not.
    fn announced(&self) -> Option<Announcement> {
        serde_json::from_slice(&std::fs::read(self.announcement()).ok()?).ok()
    }

    fn announcement(&self) -> PathBuf {
        self.0.join("backend.json")
    }

    /// Says where the backend is. Only for the holder of the lock.
    pub fn announce(&self, backend: &Announcement) -> Result<(), Failure> {
        let bytes = serde_json::to_vec_pretty(backend).map_err(|error| Failure::of_home(&self.0, error.into()))?;
        self.replace("backend.json", &bytes).map_err(|error| Failure::of_home(&self.0, error))
    }

    /// Takes back what [`Home::announce`] said.
    pub fn retract(&self) -> io::Result<()> {
        match std::fs::remove_file(self.announcement()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// The port of the last backend: jobs that outlived it know no other.
    pub fn last_port(&self) -> Option<u16> {
        std::fs::read_to_string(self.0.join("last-port")).ok()?.trim().parse().ok()
    }

    pub fn keep_port(&self, port: u16) -> Result<(), Failure> {
        if self.last_port() == Some(port) {
            return Ok(());
        }
        self.replace("last-port", port.to_string().as_bytes()).map_err(|error| Failure::of_home(&self.0, error))
    }

    /// Write, fsync, rename; for the owner's eyes only.
    fn replace(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let draft = self.0.join(format!("{name}.new"));
        // A draft left by a crash may have any mode: it is made anew.
        match std::fs::remove_file(&draft) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&draft, self.0.join(name))
    }
}

/// Where the user's programs keep their data, by the system's own rules.
fn data_dir() -> Option<PathBuf> {
    let named = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if cfg!(windows) {
        return named("LOCALAPPDATA");
    }
    if cfg!(target_os = "macos") {
        return named("HOME").map(|home| home.join("Library/Application Support"));
    }
    named("XDG_DATA_HOME").or_else(|| named("HOME").map(|home| home.join(".local/share")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    fn backend() -> Announcement {
        Announcement { pid: 7, address: "http://127.0.0.1:1".into(), token: "secret".into() }
    }

    #[test]
    fn one_holder_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::find(Some(dir.path().join("new/home"))).unwrap();
        assert!(matches!(home.running(), Err(Failure::NotRunning { .. })));
        let held = home.lock().unwrap();
        home.announce(&backend()).unwrap();
        assert_eq!(home.running().unwrap(), backend());
        let again = home.lock().unwrap_err().to_string();
        assert!(
            again.contains("http://127.0.0.1:1") && again.contains("process 7") && !again.contains("secret"),
            "{again}"
        );
        let mode = std::fs::metadata(home.path().join("backend.json")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        drop(held);
        assert!(matches!(home.running(), Err(Failure::NotRunning { .. })), "a file left by a crash is not believed");
        home.retract().unwrap();
        home.retract().unwrap();
    }

    #[test]
    fn a_home_that_is_a_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        std::fs::write(&path, "").unwrap();
        assert!(matches!(Home::find(Some(path)).unwrap().lock(), Err(Failure::HomeUnusable { .. })));
    }

    #[test]
    fn the_port_is_kept() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::find(Some(dir.path().to_owned())).unwrap();
        assert_eq!(home.last_port(), None);
        home.keep_port(8123).unwrap();
        home.keep_port(8123).unwrap();
        assert_eq!(home.last_port(), Some(8123));
    }
}
