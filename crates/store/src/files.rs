//! Files that are whole or absent after a power cut.

use crate::StoreError;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

/// Replaces a file's content by write, fsync and rename. The directory must exist.
pub fn replace(path: &Path, content: &[u8]) -> Result<(), StoreError> {
    let dir = path.parent().unwrap_or(Path::new("."));
    let failed = |error| StoreError::io(path, error);
    let mut temp = tempfile::Builder::new().prefix(".new-").tempfile_in(dir).map_err(failed)?;
    temp.write_all(content).map_err(failed)?;
    temp.as_file().sync_all().map_err(failed)?;
    temp.persist(path).map_err(|error| failed(error.error))?;
    sync_dir(dir).map_err(failed)
}

/// Makes what was created, renamed or removed in a directory durable.
pub fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

/// Copies a file so that a writer of the copy cannot touch the original: shares the blocks where the file system can
/// (Btrfs, XFS), copies them in the kernel elsewhere. Returns the number of bytes.
pub fn copy(from: &Path, to: &Path) -> io::Result<u64> {
    let source = File::open(from)?;
    let target = File::create(to)?;
    if clone_blocks(&source, &target).is_ok() {
        return Ok(target.metadata()?.len());
    }
    io::copy(&mut &source, &mut &target)
}

#[cfg(target_os = "linux")]
fn clone_blocks(source: &File, target: &File) -> io::Result<()> {
    use std::os::fd::AsRawFd as _;
    const FICLONE: std::ffi::c_ulong = 0x4004_9409;
    unsafe extern "C" {
        fn ioctl(fd: std::ffi::c_int, request: std::ffi::c_ulong, ...) -> std::ffi::c_int;
    }
    // SAFETY: FICLONE takes two open descriptors and touches no memory of ours.
    match unsafe { ioctl(target.as_raw_fd(), FICLONE, source.as_raw_fd()) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

#[cfg(not(target_os = "linux"))]
fn clone_blocks(_source: &File, _target: &File) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Removes a file or a whole directory; absent is fine.
pub fn remove(path: &Path) -> Result<(), StoreError> {
    let removed = match fs::symlink_metadata(path) {
        Ok(meta) if meta.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(StoreError::io(path, error)),
        _ => Ok(()),
    }
}
