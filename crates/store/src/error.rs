//! What can go wrong with the data directory, in words for a person.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// An error of the store. Clonable, since one failed commit is the answer to every caller of its group.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    #[error("a {kind} named {name} exists already")]
    Exists { kind: String, name: String },
    #[error("the disk that holds {} is full: free some space and try again", path.display())]
    DiskFull { path: PathBuf },
    #[error("the data directory cannot be used: {} ({source}). Check that it exists, is a directory, and belongs to you", path.display())]
    Unusable { path: PathBuf, source: Arc<io::Error> },
    #[error("the data in {} was written by a newer version (format {found}, this one reads up to {supported}): start the newer version", path.display())]
    Newer { path: PathBuf, found: i64, supported: i64 },
    #[error("the {kind} {name} cannot be read back: {source}")]
    Undecodable { kind: String, name: String, source: Arc<serde_json::Error> },
    #[error("{0} is not a position in this list")]
    BadCursor(String),
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: Arc<io::Error> },
    #[error("the database failed: {0}")]
    Database(Arc<rusqlite::Error>),
    #[error("the store has shut down")]
    Closed,

    #[error("the bucket {0} does not exist")]
    NoSuchBucket(String),
    #[error("the bucket {0} exists already")]
    BucketExists(String),
    #[error("the bucket {0} is not empty")]
    BucketNotEmpty(String),
    #[error("{0:?} is no bucket name: 3 to 63 lower-case letters, digits, dots and hyphens")]
    BadBucketName(String),
    #[error("the bucket {bucket} has no object {key:?}")]
    NoSuchKey { bucket: String, key: String },
    #[error("an object's key has 1 to 1024 bytes and no NUL; this one has {0} bytes")]
    BadKey(usize),
    #[error("the bucket {bucket} has an object {key:?} already")]
    KeyExists { bucket: String, key: String },
    #[error("the object {bucket}/{key} changed since: its ETag is no longer the one asked for")]
    EtagDiffers { bucket: String, key: String },
    #[error("the file of the object {bucket}/{key} is gone from {}", path.display())]
    FileGone { bucket: String, key: String, path: PathBuf },
    #[error("the multipart upload {0} does not exist")]
    NoSuchUpload(String),
    #[error("part {0} was not uploaded, or its ETag differs")]
    BadPart(u32),
    #[error("the parts are not in ascending order")]
    BadPartOrder,
    #[error("part {number} has {size} bytes; every part but the last has at least 5 MiB")]
    PartTooSmall { number: u32, size: u64 },
}

impl StoreError {
    /// A file operation's error: a full disk is told apart, since the remedy differs.
    pub fn io(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull { path },
            _ => Self::Io { path, source: Arc::new(source) },
        }
    }

    /// As [`StoreError::io`], for the directory tree that everything stands on.
    pub(crate) fn unusable(path: &Path, source: io::Error) -> Self {
        match Self::io(path, source) {
            Self::Io { path, source } => Self::Unusable { path, source },
            other => other,
        }
    }

    pub(crate) fn sql(home: &Path, source: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{CannotOpen, DiskFull, PermissionDenied, ReadOnly};
        match source.sqlite_error_code() {
            Some(DiskFull) => Self::DiskFull { path: home.to_owned() },
            Some(CannotOpen | PermissionDenied | ReadOnly) => {
                Self::Unusable { path: home.join(crate::schema::FILE), source: Arc::new(io::Error::other(source)) }
            }
            _ => Self::Database(Arc::new(source)),
        }
    }
}

/// Inside transactions the home is not at hand; `writer` and `readers` put the path of a full disk in.
impl From<rusqlite::Error> for StoreError {
    fn from(source: rusqlite::Error) -> Self {
        Self::sql(Path::new("the data directory"), source)
    }
}
