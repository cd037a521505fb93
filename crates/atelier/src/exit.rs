//! Exit codes, and the one place where an error becomes a message.

use atelier_studio::store::StoreError;
use std::io;
use std::process::ExitCode;

/// Failures that scripts tell apart; the numbers stand in `atelier --help`.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error("port {0} is in use by another program: choose another with --port, or let --port 0 find a free one")]
    PortInUse(u16),
    #[error("port {0} may not be used by this user: choose one above 1023 with --port")]
    PortRefused(u16),
    #[error("a backend runs on {home} already{at}: open its window, or end it with `atelier stop --home {home}`")]
    Running { home: String, at: String },
    #[error("the data directory {path} cannot be used: {source}. Check that it is a folder that you may read and write, or name another with --home")]
    HomeUnusable { path: String, source: io::Error },
    #[error("the disk that holds {path} is full: free some space and start again")]
    DiskFull { path: String },
    #[error("no backend runs on {home}: start one with `atelier serve --home {home}`, or open the app")]
    NotRunning { home: String },
    #[error("the notebook {path} cannot be read: {why}")]
    Notebook { path: String, why: String },
}

impl Failure {
    /// An error of a file below the home.
    pub fn of_home(path: &std::path::Path, source: io::Error) -> Failure {
        let path = path.display().to_string();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Failure::DiskFull { path },
            _ => Failure::HomeUnusable { path, source },
        }
    }

    fn code(&self) -> u8 {
        match self {
            Failure::PortInUse(_) | Failure::PortRefused(_) => 3,
            Failure::Running { .. } => 4,
            Failure::HomeUnusable { .. } => 5,
            Failure::DiskFull { .. } => 6,
            Failure::NotRunning { .. } => 7,
            Failure::Notebook { .. } => 8,
        }
    }
}

/// Prints the message and gives the code.
pub fn report(error: &anyhow::Error) -> ExitCode {
    eprintln!("atelier: {error:#}");
    ExitCode::from(code(error))
}

fn code(error: &anyhow::Error) -> u8 {
    for cause in error.chain() {
        if let Some(failure) = cause.downcast_ref::<Failure>() {
            return failure.code();
        }
        match cause.downcast_ref::<StoreError>() {
            Some(StoreError::DiskFull { .. }) => return 6,
            Some(StoreError::Unusable { .. } | StoreError::Newer { .. } | StoreError::Io { .. }) => return 5,
            _ => {}
        }
        match cause.downcast_ref::<io::Error>().map(io::Error::kind) {
            Some(io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) => return 6,
            Some(io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem) => return 5,
            _ => {}
        }
    }
    1
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context as _;

    fn check(error: anyhow::Error, expected: u8) {
        assert_eq!(code(&error), expected, "{error:#}");
    }

    #[test]
    fn codes() {
        let full = || io::Error::from(io::ErrorKind::StorageFull);
        check(Failure::PortInUse(80).into(), 3);
        check(anyhow::Error::from(Failure::of_home("/x".as_ref(), full())).context("starting"), 6);
        check(Failure::of_home("/x".as_ref(), io::ErrorKind::NotADirectory.into()).into(), 5);
        check(StoreError::DiskFull { path: "/x".into() }.into(), 6);
        check(Err::<(), _>(full()).context("writing").unwrap_err(), 6);
        check(anyhow::anyhow!("else"), 1);
    }
}
