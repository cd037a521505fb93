//! Where the bridge of a home is, and whether only its user can reach it.

use crate::{BridgeError, Result};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Names the bridge's folder in every kernel and job.
pub const FOLDER_VARIABLE: &str = "ATELIER_BRIDGE";
/// Bytes that the bridge may hold; else half of the file system that it is on.
pub(crate) const BUDGET_VARIABLE: &str = "ATELIER_BRIDGE_BUDGET";

const SHARED_MEMORY: &str = "/dev/shm";
/// Containers often have 64 MB of shared memory, too little for tables.
const LEAST_SHARED_MEMORY: u64 = 1 << 30;

/// The bridge of a home: in shared memory where there is enough of it, else in the home itself.
pub fn folder(home: &Path) -> PathBuf {
    let home = home.canonicalize().unwrap_or_else(|_| home.to_owned());
    let inside = home.join("bridge");
    let shared = Path::new(SHARED_MEMORY);
    let has_room = room(shared).is_ok_and(|room| room.total >= LEAST_SHARED_MEMORY);
    if !has_room || nix::unistd::access(shared, nix::unistd::AccessFlags::W_OK).is_err() {
        return inside;
    }
    let user = nix::unistd::geteuid();
    let wish = shared.join(format!("atelier-{user}-{:016x}", hash(home.as_os_str())));
    match fs::symlink_metadata(&wish) {
        // Somebody else took our name.
        Ok(found) if !found.is_dir() || found.uid() != user.as_raw() => inside,
        _ => wish,
    }
}

/// FNV-1a: the folder of a home must be the same in every version of this program, and nobody gains by a collision.
fn hash(text: &OsStr) -> u64 {
    text.as_bytes()
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3))
}

/// Makes the folder private to this user, and checks that it is.
pub(crate) fn prepare(folder: &Path) -> Result<()> {
    let failed = || BridgeError::io(format!("making {}", folder.display()));
    let refused = |why: &str| BridgeError::Folder { folder: folder.to_owned(), why: why.to_owned() };
    if !folder.is_absolute() {
        return Err(refused("it is not an absolute path"));
    }
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed())?;
    let found = fs::symlink_metadata(folder).map_err(failed())?;
    if !found.is_dir() {
        return Err(refused("it is not a folder"));
    }
    if found.uid() != nix::unistd::geteuid().as_raw() {
        return Err(refused("it belongs to another user"));
    }
    if found.mode() & 0o077 != 0 {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).map_err(failed())?;
    }
    Ok(())
}

/// Bytes of a file system.
pub(crate) struct Room {
    pub total: u64,
    pub free: u64,
}

pub(crate) fn room(folder: &Path) -> Result<Room> {
    let found = nix::sys::statvfs::statvfs(folder)
        .map_err(|error| BridgeError::io(format!("asking for the room in {}", folder.display()))(error.into()))?;
    let block = found.fragment_size();
    // The widths of these numbers differ between systems.
    #[allow(clippy::useless_conversion)]
    let bytes = |blocks: nix::libc::fsblkcnt_t| u64::from(blocks).saturating_mul(block);
    Ok(Room { total: bytes(found.blocks()), free: bytes(found.blocks_available()) })
}

/// How many bytes the bridge in this folder may hold.
pub(crate) fn budget(folder: &Path) -> Result<u64> {
    if let Some(bytes) = std::env::var(BUDGET_VARIABLE).ok().and_then(|text| text.trim().parse().ok()) {
        return Ok(bytes);
    }
    Ok(room(folder)?.total / 2)
}

/// Refuses what is no identifier, or several with dots between. So no name is a path.
pub(crate) fn check_name(name: &str) -> Result<()> {
    let refused = |why| Err(BridgeError::Name { name: name.chars().take(60).collect(), why });
    if name.is_empty() {
        return refused("it is empty");
    }
    if name.len() > 120 {
        return refused("it is longer than 120 bytes");
    }
    for part in name.split('.') {
        let Some(first) = part.chars().next() else { return refused("a part between dots is empty") };
        if first.is_numeric() {
            return refused("a part starts with a digit");
        }
        if !part.chars().all(|letter| letter == '_' || letter.is_alphanumeric()) {
            return refused("it has characters other than letters, digits, underscores and dots");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_identifiers() {
        for name in ["a", "df_1", "model.weights", "_x", "größe", "表"] {
            assert!(check_name(name).is_ok(), "{name}");
        }
        let long = "x".repeat(121);
        for name in
            ["", ".", "..", "a.", ".a", "1a", "a/b", "../a", "a b", "a~b", "a\0", "a\n", "-a", "a\\b", "a:b", &long]
        {
            assert!(check_name(name).is_err(), "{name}");
        }
    }

    #[test]
    fn a_home_keeps_its_folder() {
        let home = tempfile::tempdir().unwrap();
        let other = tempfile::tempdir().unwrap();
        assert_eq!(folder(home.path()), folder(home.path()));
        assert_ne!(folder(home.path()), folder(other.path()));
    }

    #[test]
    fn the_folder_is_made_private() {
        let outer = tempfile::tempdir().unwrap();
        let folder = outer.path().join("b");
        fs::create_dir(&folder).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
        prepare(&folder).unwrap();
        assert_eq!(fs::metadata(&folder).unwrap().mode() & 0o777, 0o700);
        fs::write(outer.path().join("file"), "").unwrap();
        std::os::unix::fs::symlink(&folder, outer.path().join("link")).unwrap();
        assert!(prepare(&outer.path().join("file")).is_err());
        assert!(prepare(&outer.path().join("link")).is_err());
        assert!(prepare(Path::new("relative")).is_err());
    }
}
