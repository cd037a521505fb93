//! What can go wrong with a notebook or its kernel, and how it is said to a person.

use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub enum KernelError {
    #[error("{0} is not a path in the workspace.")]
    OutsideWorkspace(String),
    #[error("There is no notebook {0}.")]
    NotFound(String),
    #[error("{path} is not a notebook that can be read: {why}")]
    NotANotebook { path: String, why: String },
    #[error("There is no cell {0} in this notebook.")]
    NoSuchCell(String),
    #[error("There is a cell {0} in this notebook already.")]
    CellExists(String),
    #[error("{0} cannot be done now.")]
    NotNow(String),
    #[error("{0} has no running kernel.")]
    NoKernel(String),
    #[error("{path} was changed on disk by another program since it was read. Save again to keep this version: the other one is then kept beside it as {aside}.")]
    ChangedOnDisk { path: String, aside: String },
    #[error("{what} failed: {source}")]
    Io { what: String, source: std::io::Error },
    #[error("The kernel did not start: {0}")]
    Start(String),
    #[error("The environment could not be made or changed: {0}")]
    Environment(String),
    /// What is asked of an environment's packages cannot be done.
    #[error("{0}")]
    Package(String),
    #[error("There is no environment {0}.")]
    NoEnvironment(String),
    #[error("No uv was found. Install it (`pip install uv`), or the venv module of Python ({hint}), or set ATELIER_UV to its path.")]
    NoUv { hint: String },
    #[error("{0} could not be run: {1}")]
    Run(PathBuf, String),
}

impl KernelError {
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> KernelError {
        move |source| KernelError::Io { what: what.into(), source }
    }
}

impl From<KernelError> for atelier_wire::Error {
    fn from(error: KernelError) -> Self {
        use KernelError::*;
        let (code, status) = match &error {
            OutsideWorkspace(_) | NotANotebook { .. } | NoSuchCell(_) | CellExists(_) | NotNow(_) | Package(_) => ("ValidationException", 400),
            NotFound(_) | NoKernel(_) | NoEnvironment(_) => ("ResourceNotFound", 404),
            ChangedOnDisk { .. } => ("ResourceInUse", 409),
            Io { .. } | Start(_) | Environment(_) | NoUv { .. } | Run(..) => ("InternalFailure", 500),
        };
        atelier_wire::Error::new(code, error.to_string()).with_status(status)
    }
}
