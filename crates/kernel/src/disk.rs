//! Notebook files: where they may be, how they are replaced, how a foreign change is noticed.

use crate::KernelError;
use sha2::{Digest, Sha256};
use std::fs;
use std::io::Write;
use std::path::{Component, Path, PathBuf};

/// The content of a file as it was last read or written here; `None`: there was no file.
pub type Fingerprint = Option<[u8; 32]>;

pub fn fingerprint(bytes: &[u8]) -> Fingerprint {
    Some(Sha256::digest(bytes).into())
}

/// The file that `path` names. Its folder must lie in the workspace once all links are followed, and so must the
/// file itself if it is there.
pub fn resolve(workspace: &Path, path: &str) -> Result<PathBuf, KernelError> {
    let outside = || KernelError::OutsideWorkspace(path.to_owned());
    let relative = Path::new(path);
    let plain = !path.is_empty() && relative.components().all(|part| matches!(part, Component::Normal(_)));
    if !plain || path.contains('\0') {
        return Err(outside());
    }
    let root = workspace.canonicalize().map_err(KernelError::io(format!("opening {}", workspace.display())))?;
    let joined = root.join(relative);
    let (folder, name) = joined.parent().zip(joined.file_name()).ok_or_else(outside)?;
    let folder = folder.canonicalize().map_err(|_| KernelError::NotFound(path.to_owned()))?;
    let file = folder.join(name);
    let real = file.canonicalize().unwrap_or_else(|_| file.clone());
    if folder.starts_with(&root) && real.starts_with(&root) { Ok(real) } else { Err(outside()) }
}

/// The file's content, or `None` where there is none.
pub fn read(file: &Path) -> Result<Option<Vec<u8>>, KernelError> {
    match fs::read(file) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(KernelError::io(format!("reading {}", file.display()))(error)),
    }
}

/// Replaces the file whole and durably; readers see the old content or the new. Keeps its permissions.
pub fn replace(file: &Path, bytes: &[u8]) -> Result<(), KernelError> {
    let failed = || KernelError::io(format!("writing {}", file.display()));
    let folder = file.parent().unwrap_or(Path::new("."));
    let mut draft = tempfile::Builder::new().prefix(".atelier-").tempfile_in(folder).map_err(failed())?;
    draft.write_all(bytes).map_err(failed())?;
    let permissions = match fs::metadata(file) {
        Ok(old) => old.permissions(),
        Err(_) => std::os::unix::fs::PermissionsExt::from_mode(0o644),
    };
    draft.as_file().set_permissions(permissions).map_err(failed())?;
    draft.as_file().sync_all().map_err(failed())?;
    draft.persist(file).map_err(|error| failed()(error.error))?;
    fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed())
}

/// The name under which a foreign version of `file` is kept: `a (other version).ipynb`, numbered when taken.
pub fn aside(file: &Path) -> PathBuf {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    let end = file.extension().map(|end| format!(".{}", end.to_string_lossy())).unwrap_or_default();
    let name = |number: u32| match number {
        1 => format!("{stem} (other version){end}"),
        more => format!("{stem} (other version {more}){end}"),
    };
    (1..).map(|number| file.with_file_name(name(number))).find(|path| !path.exists()).unwrap_or_else(|| file.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, inside: bool) {
        let outer = tempfile::tempdir().unwrap();
        let workspace = outer.path().join("w");
        fs::create_dir_all(workspace.join("a")).unwrap();
        fs::write(outer.path().join("secret"), "").unwrap();
        std::os::unix::fs::symlink(outer.path(), workspace.join("out")).unwrap();
        std::os::unix::fs::symlink(outer.path().join("secret"), workspace.join("link")).unwrap();
        assert_eq!(resolve(&workspace, path).is_ok(), inside, "{path}");
    }

    #[test]
    fn paths_stay_in_the_workspace() {
        for path in ["n.ipynb", "a/n.ipynb", "ü n.ipynb"] {
            check(path, true);
        }
        for path in ["", ".", "..", "../secret", "a/../../secret", "/etc/passwd", "out/secret", "link", "none/n.ipynb", "n\0"] {
            check(path, false);
        }
    }

    #[test]
    fn replacing_keeps_permissions_and_leaves_no_drafts() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("n.ipynb");
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        replace(&file, b"new").unwrap();
        assert_eq!((fs::read(&file).unwrap(), fs::metadata(&file).unwrap().permissions().mode() & 0o777), (b"new".to_vec(), 0o600));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
