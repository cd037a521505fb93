//! What can go wrong with a notebook or its kernel, and how it is said to a person.

use atelier_notebook::EditError;
use atelier_notebook::file::FileError;
use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub enum KernelError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Edit(#[from] EditError),
    #[error("There is no cell {0} in this notebook.")]
    NoSuchCell(String),
    #[error("There is no output {0} of cell {1} in this notebook.")]
    NoSuchOutput(usize, String),
    #[error("There is no kernel {0} on this machine. Choose another one for this notebook.")]
    NoSuchKernel(String),
    #[error("{0} has no running kernel.")]
    NoKernel(String),
    #[error("The kernel is busy. Try again when the cell that runs has ended.")]
    Busy,
    #[error("The kernel waits for no answer.")]
    NoQuestion,
    #[error("{0} cannot be opened as a table: {1}")]
    NotATable(String, String),
    #[error("The widget's message cannot be read: {0}")]
    BadComm(String),
    #[error("{what} failed: {why}")]
    Document { what: String, why: String },
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
    #[error(
        "No uv was found. Install it (`pip install uv`), or the venv module of Python ({hint}), or set ATELIER_UV to its path."
    )]
    NoUv { hint: String },
    #[error("{0} could not be run: {1}")]
    Run(PathBuf, String),
    /// A panic; its message is for the log.
    #[error("A part of the studio failed: {0}")]
    Defect(String),
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
            File(FileError::NotFound(_)) | NoKernel(_) | NoSuchKernel(_) | NoEnvironment(_) => {
                ("ResourceNotFound", 404)
            }
            File(FileError::Conflict { .. } | FileError::Exists(_)) | Busy | NoQuestion => ("ResourceInUse", 409),
            File(FileError::Io { .. }) | Io { .. } | Start(_) | Environment(_) | NoUv { .. } | Run(..) | Defect(_) => {
                ("InternalFailure", 500)
            }
            File(_)
            | Edit(_)
            | NoSuchCell(_)
            | NoSuchOutput(..)
            | NotATable(..)
            | BadComm(_)
            | Document { .. }
            | Package(_) => ("ValidationException", 400),
        };
        atelier_wire::Error::new(code, error.to_string()).with_status(status)
    }
}
