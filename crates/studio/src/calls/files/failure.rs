//! Errors of the file system, as the door words them.

use atelier_store::StoreError;
use atelier_wire::Error;
use std::io;

/// Names the path that an IO error is about.
pub trait Failure<T> {
    fn on(self, path: &str) -> Result<T, Error>;
}

impl<T> Failure<T> for io::Result<T> {
    fn on(self, path: &str) -> Result<T, Error> {
        self.map_err(|error| of("The file", path, error))
    }
}

/// `what` is "The file" or the like; `path` is the window's path, never a deeper one of the disk.
pub fn of(what: &str, path: &str, error: io::Error) -> Error {
    use io::ErrorKind::{
        AlreadyExists, NotADirectory, NotFound, PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull,
    };
    match error.kind() {
        NotFound | NotADirectory => Error::new("ResourceNotFound", format!("{what} `{path}` does not exist.")),
        AlreadyExists => in_use(format!("`{path}` exists already.")),
        PermissionDenied | ReadOnlyFilesystem => {
            Error::new("AccessDeniedException", format!("{what} `{path}` may not be touched: {error}."))
        }
        StorageFull | QuotaExceeded => Error::new(
            "ServiceUnavailable",
            format!("The disk is full; `{path}` was not written. Free some space and try again."),
        )
        .with_status(507),
        _ => Error::new("InternalFailure", format!("{what} `{path}`: {error}.")).with_status(500),
    }
}

pub fn invalid(message: String) -> Error {
    Error::new("ValidationException", message)
}

pub fn in_use(message: String) -> Error {
    Error::new("ResourceInUse", message)
}

pub fn store(error: StoreError) -> Error {
    let code = if matches!(error, StoreError::DiskFull { .. }) {
        ("ServiceUnavailable", 507)
    } else {
        ("InternalFailure", 500)
    };
    Error::new(code.0, format!("The file was not written: {error}.")).with_status(code.1)
}
