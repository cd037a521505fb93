//! What can go wrong when asking for jobs. What goes wrong inside a job is its failure reason.

use atelier_store::StoreError;
use std::path::PathBuf;
use std::sync::Arc;

#[derive(Clone, Debug, thiserror::Error)]
pub enum JobError {
    /// A second job of this kind and name.
    #[error("a {kind} named {name} exists already")]
    Exists { kind: String, name: String },
    #[error("there is no {kind} named {name}")]
    NotFound { kind: String, name: String },
    /// The job has ended, so it cannot be stopped.
    #[error("the {kind} {name} has ended: its status is {status}")]
    Ended { kind: String, name: String, status: &'static str },
    /// The job still runs, so it cannot be deleted.
    #[error("the {kind} {name} still runs: stop it first")]
    Running { kind: String, name: String },
    #[error("{0:?} can be no name of a job")]
    BadName(String),
    #[error("the metric {name} has no valid expression: {reason}")]
    BadMetric { name: String, reason: String },
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: Arc<std::io::Error> },
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for JobError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Exists { kind, name } => Self::Exists { kind, name },
            other => Self::Store(other),
        }
    }
}

impl JobError {
    pub(crate) fn io(path: &std::path::Path, error: std::io::Error) -> Self {
        match StoreError::io(path, error) {
            StoreError::Io { path, source } => Self::Io { path, source },
            other => Self::Store(other),
        }
    }
}
