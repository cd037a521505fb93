//! Exit codes, and the one place where an error becomes a message.

use atelier_studio::OpenError;
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
    #[error(
        "the data directory {path} cannot be used: {why}. Check that it is a folder that you may read and write, or name another with --home"
    )]
    HomeUnusable { path: String, why: String },
    #[error("the disk that holds {path} is full: free some space and start again")]
    DiskFull { path: String },
    #[error("no backend runs on {home}: start one with `atelier serve --home {home}`, or open the app")]
    NotRunning { home: String },
    #[error("the notebook {path} cannot be read: {why}")]
    Notebook { path: String, why: String },
    #[error("{0}")]
    Kernel(String),
    #[error("{0}")]
    Table(String),
}

impl Failure {
    /// An error of a file below the home.
    pub fn of_home(path: &std::path::Path, source: io::Error) -> Failure {
        let path = path.display().to_string();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Failure::DiskFull { path },
            _ => Failure::HomeUnusable { path, why: source.to_string() },
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
            Failure::Kernel(_) => 10,
            Failure::Table(_) => 11,
        }
    }
}

/// Prints the message and gives the code.
pub fn report(error: &anyhow::Error) -> ExitCode {
    eprintln!("atelier: {}", message(error));
    ExitCode::from(code(error))
}

/// The error and its causes, without those that it tells already.
fn message(error: &anyhow::Error) -> String {
    error.chain().fold(String::new(), |message, cause| {
        let cause = cause.to_string();
        match message.as_str() {
            "" => cause,
            told if told.contains(&cause) => message,
            told => format!("{told}: {cause}"),
        }
    })
}

fn code(error: &anyhow::Error) -> u8 {
    error.chain().find_map(code_of).unwrap_or(1)
}

fn code_of(cause: &(dyn std::error::Error + 'static)) -> Option<u8> {
    if let Some(failure) = cause.downcast_ref::<Failure>() {
        return Some(failure.code());
    }
    if let Some(opening) = cause.downcast_ref::<OpenError>() {
        return match opening {
            OpenError::Home { source, .. } => of_io(source).or(Some(5)),
            OpenError::Store(store) => of_store(store),
            _ => None,
        };
    }
    if let Some(store) = cause.downcast_ref::<StoreError>() {
        return of_store(store);
    }
    cause.downcast_ref::<io::Error>().and_then(of_io)
}

fn of_store(error: &StoreError) -> Option<u8> {
    match error {
        StoreError::DiskFull { .. } => Some(6),
        StoreError::Unusable { .. } | StoreError::Newer { .. } | StoreError::Io { .. } => Some(5),
        _ => None,
    }
}

fn of_io(error: &io::Error) -> Option<u8> {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Some(6),
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Some(5),
        _ => None,
    }
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
        check(OpenError::Store(StoreError::DiskFull { path: "/x".into() }).into(), 6);
        check(OpenError::Home { path: "/x".into(), source: io::ErrorKind::NotADirectory.into() }.into(), 5);
        check(anyhow::anyhow!("else"), 1);
    }

    #[test]
    fn a_cause_is_told_once() {
        let error = anyhow::Error::from(Failure::of_home("/x".as_ref(), io::ErrorKind::NotADirectory.into()))
            .context("starting");
        assert_eq!(message(&error).matches("not a directory").count(), 1, "{}", message(&error));
    }
}
