//! Replacing files whole.

use crate::KernelError;
use std::fs;
use std::io::Write;
use std::path::Path;

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
