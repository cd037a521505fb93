//! The trash: a folder per deletion under `$ATELIER_HOME/trash`, with what was deleted and where it came from.

use atelier_store::files::sync_dir;
use std::fs;
use std::io;
use std::path::Path;

/// Moves `from` to `trash/<milliseconds>-<random>/<name>`, beside `origin.txt` with its path in the workspace.
pub fn take(from: &Path, path: &str, trash: &Path) -> io::Result<()> {
    fs::create_dir_all(trash)?;
    let name = from.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let place =
        tempfile::Builder::new().prefix(&format!("{}-", atelier_store::now_ms())).rand_bytes(4).tempdir_in(trash)?;
    let to = place.path().join("content").join(name);
    fs::create_dir(place.path().join("content"))?;
    fs::write(place.path().join("origin.txt"), path)?;
    match fs::rename(from, &to) {
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
            copy(from, &to)?;
            // Kept before anything is removed: a removal that stops half way must not take the copy along.
            let kept = place.keep();
            remove(from)?;
            sync_dir(&kept)?;
        }
        Err(error) => return Err(error),
        Ok(()) => sync_dir(&place.keep())?,
    }
    sync_dir(trash)
}

/// Copies a tree; links stay links.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let kind = fs::symlink_metadata(from)?.file_type();
    if kind.is_dir() {
        fs::create_dir(to)?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            copy(&entry.path(), &to.join(entry.file_name()))?;
        }
        return sync_dir(to);
    }
    if kind.is_symlink() {
        #[cfg(unix)]
        return std::os::unix::fs::symlink(fs::read_link(from)?, to);
    }
    fs::copy(from, to)?;
    fs::File::open(to)?.sync_all()
}

fn remove(path: &Path) -> io::Result<()> {
    if fs::symlink_metadata(path)?.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_keeps_the_tree() {
        let dir = tempfile::tempdir().unwrap();
        let from = dir.path().join("from");
        fs::create_dir_all(from.join("a/b")).unwrap();
        fs::write(from.join("a/b/c.txt"), "c").unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink("/nowhere", from.join("link")).unwrap();
        copy(&from, &dir.path().join("to")).unwrap();
        remove(&from).unwrap();
        assert_eq!(fs::read_to_string(dir.path().join("to/a/b/c.txt")).unwrap(), "c");
        #[cfg(unix)]
        assert_eq!(fs::read_link(dir.path().join("to/link")).unwrap(), Path::new("/nowhere"));
        assert!(!from.exists());
    }
}
