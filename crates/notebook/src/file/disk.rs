//! Where notebook files may be, how they are read, how they are replaced.

use super::crash;
use super::error::FileError;
use sha2::{Digest, Sha256};
use std::fs::{self, File, Metadata, Permissions};
use std::io::{ErrorKind, Read, Write};
use std::path::{Component, Path, PathBuf};
use std::time::{Duration, SystemTime};

/// The content of a file by its hash; `None`: there is no file.
pub type Fingerprint = Option<[u8; 32]>;

pub fn fingerprint(bytes: &[u8]) -> Fingerprint {
    Some(Sha256::digest(bytes).into())
}

/// The file that `path` names. Its folder must lie in the workspace once all links are followed, and so must the
/// file itself if it is there.
///
/// # Errors
/// [`FileError::OutsideWorkspace`], [`FileError::NotFound`] if there is no such folder.
pub fn resolve(workspace: &Path, path: &str) -> Result<PathBuf, FileError> {
    let outside = || FileError::OutsideWorkspace(path.to_owned());
    let relative = Path::new(path);
    let plain = !path.is_empty() && relative.components().all(|part| matches!(part, Component::Normal(_)));
    if !plain || path.contains('\0') {
        return Err(outside());
    }
    let root = workspace.canonicalize().map_err(FileError::io(format!("opening {}", workspace.display())))?;
    let joined = root.join(relative);
    let (folder, name) = joined.parent().zip(joined.file_name()).ok_or_else(outside)?;
    let folder = folder.canonicalize().map_err(|_| FileError::NotFound(path.to_owned()))?;
    let file = folder.join(name);
    // A link that leads nowhere must not be followed to where a file could be made.
    let real = match file.canonicalize() {
        Ok(real) => real,
        Err(_) if file.is_symlink() => return Err(outside()),
        Err(_) => file,
    };
    if folder.starts_with(&root) && real.starts_with(&root) { Ok(real) } else { Err(outside()) }
}

/// What was seen of a file, to tell cheaply whether it changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Stat {
    len: u64,
    modified: SystemTime,
    inode: u64,
    /// It had been changed so shortly before that a further change may carry the same time.
    fresh: bool,
}

/// Clocks of file systems may tick this coarsely.
const TICK: Duration = Duration::from_secs(2);

impl Stat {
    pub fn of(file: &Path) -> Option<Stat> {
        Stat::from(&fs::metadata(file).ok()?)
    }

    fn from(found: &Metadata) -> Option<Stat> {
        let modified = found.modified().ok()?;
        let fresh = modified.elapsed().map_or(true, |age| age < TICK);
        Some(Stat { len: found.len(), modified, inode: inode(found), fresh })
    }

    /// Whether the content must be the same.
    pub fn proves(&self, later: &Stat) -> bool {
        !self.fresh && (self.len, self.modified, self.inode) == (later.len, later.modified, later.inode)
    }

    /// Seconds since the epoch.
    pub fn modified_at(&self) -> Option<f64> {
        self.modified.duration_since(SystemTime::UNIX_EPOCH).ok().map(|since| since.as_secs_f64())
    }
}

#[cfg(unix)]
fn inode(found: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(found)
}

#[cfg(not(unix))]
fn inode(_: &Metadata) -> u64 {
    0
}

/// The file's content and what it looks like, or `None` where there is none. Reads at most a little more than a
/// notebook may have.
pub fn read(file: &Path) -> Result<Option<(Vec<u8>, Option<Stat>)>, FileError> {
    let failed = |error| FileError::io(format!("reading {}", file.display()))(error);
    // A pipe would block the opening for ever, so it is looked at first.
    match fs::metadata(file) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
        Ok(found) if !found.is_file() => return Err(FileError::NotAFile(file.display().to_string())),
        Ok(_) => {}
    }
    let open = match File::open(file) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        other => other.map_err(failed)?,
    };
    let stat = open.metadata().ok().and_then(|found| Stat::from(&found));
    let mut bytes = Vec::new();
    open.take(crate::document::MAX_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
    Ok(Some((bytes, stat)))
}

/// Replaces the file whole and durably; readers see the old content or the new. Keeps its permissions. `check` is
/// asked just before the old content goes.
pub fn replace(file: &Path, bytes: &[u8], check: impl FnOnce() -> Result<(), FileError>) -> Result<(), FileError> {
    let failed = || FileError::io(format!("writing {}", file.display()));
    let folder = file.parent().unwrap_or(Path::new("."));
    let mut draft = tempfile::Builder::new().prefix(&draft_prefix(file)).tempfile_in(folder).map_err(failed())?;
    draft.write_all(bytes).map_err(failed())?;
    crash::point("notebook:after-draft");
    match fs::metadata(file) {
        Ok(old) if old.permissions().readonly() => return Err(FileError::ReadOnly(file.display().to_string())),
        Ok(old) => draft.as_file().set_permissions(old.permissions()).map_err(failed())?,
        Err(_) => make_readable(draft.as_file()).map_err(failed())?,
    }
    draft.as_file().sync_all().map_err(failed())?;
    crash::point("notebook:after-sync");
    check()?;
    draft.persist(file).map_err(|error| failed()(error.error))?;
    crash::point("notebook:after-rename");
    sync_folder(folder).map_err(failed())?;
    crash::point("notebook:after-folder");
    Ok(())
}

#[cfg(unix)]
fn make_readable(file: &File) -> std::io::Result<()> {
    file.set_permissions(<Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o644))
}

#[cfg(not(unix))]
fn make_readable(_: &File) -> std::io::Result<()> {
    Ok(())
}

#[cfg(unix)]
pub fn sync_folder(folder: &Path) -> std::io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
pub fn sync_folder(_: &Path) -> std::io::Result<()> {
    Ok(())
}

fn draft_prefix(file: &Path) -> String {
    let name: String = file.file_name().unwrap_or_default().to_string_lossy().chars().take(60).collect();
    format!(".{name}.atelier-")
}

/// Removes what a save that died has left beside the file.
pub fn sweep(file: &Path) {
    let prefix = draft_prefix(file);
    let Some(Ok(entries)) = file.parent().map(fs::read_dir) else { return };
    for entry in entries.flatten() {
        if entry.file_name().to_string_lossy().starts_with(&prefix) {
            // It may be gone already; a leftover does no harm.
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Keeps a foreign version of `file` beside it: `a (other version).ipynb`, numbered when taken. Never replaces a file.
pub fn set_aside(file: &Path, bytes: &[u8]) -> Result<PathBuf, FileError> {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    let end = file.extension().map(|end| format!(".{}", end.to_string_lossy())).unwrap_or_default();
    for number in 1..1000 {
        let name = match number {
            1 => format!("{stem} (other version){end}"),
            more => format!("{stem} (other version {more}){end}"),
        };
        let aside = file.with_file_name(name);
        let failed = || FileError::io(format!("writing {}", aside.display()));
        match File::create_new(&aside) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(failed()(error)),
            Ok(mut new) => {
                new.write_all(bytes).and_then(|()| new.sync_all()).map_err(failed())?;
                sync_folder(aside.parent().unwrap_or(Path::new("."))).map_err(failed())?;
                return Ok(aside);
            }
        }
    }
    Err(FileError::Exists(format!("{stem} (other version){end}")))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn check(path: &str, inside: bool) {
        let outer = tempfile::tempdir().unwrap();
        let workspace = outer.path().join("w");
        fs::create_dir_all(workspace.join("a")).unwrap();
        fs::write(outer.path().join("secret"), "").unwrap();
        fs::write(workspace.join("real.ipynb"), "").unwrap();
        symlink(outer.path(), workspace.join("out")).unwrap();
        symlink(outer.path().join("secret"), workspace.join("link")).unwrap();
        symlink(outer.path().join("new"), workspace.join("dangling")).unwrap();
        symlink("../real.ipynb", workspace.join("a/good")).unwrap();
        assert_eq!(resolve(&workspace, path).is_ok(), inside, "{path}");
    }

    #[test]
    fn paths_stay_in_the_workspace() {
        for path in ["n.ipynb", "a/n.ipynb", "ü n.ipynb", "a/good"] {
            check(path, true);
        }
        for path in [
            "",
            ".",
            "..",
            "../secret",
            "a/../../secret",
            "/etc/passwd",
            "out/secret",
            "link",
            "dangling",
            "none/n.ipynb",
            "n\0",
        ] {
            check(path, false);
        }
    }

    #[test]
    fn replacing_keeps_permissions_and_leaves_no_drafts() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("n.ipynb");
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
        replace(&file, b"new", || Ok(())).unwrap();
        assert_eq!(
            (fs::read(&file).unwrap(), fs::metadata(&file).unwrap().permissions().mode() & 0o777),
            (b"new".to_vec(), 0o600)
        );
        fs::set_permissions(&file, Permissions::from_mode(0o444)).unwrap();
        assert!(matches!(replace(&file, b"newer", || Ok(())), Err(FileError::ReadOnly(_))));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_is_no_file_is_not_read() {
        let dir = tempfile::tempdir().unwrap();
        assert!(matches!(read(dir.path()), Err(FileError::NotAFile(_))));
        assert!(read(&dir.path().join("none")).unwrap().is_none());
    }
}
