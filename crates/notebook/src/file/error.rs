//! What can go wrong with a notebook's file.

use crate::error::DocumentError;
use atelier_wire::studio::notebook::Conflict;

#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error("{0} is not a path in the workspace.")]
    OutsideWorkspace(String),
    #[error("There is no notebook {0}.")]
    NotFound(String),
    #[error("There is a file {0} already.")]
    Exists(String),
    #[error("{0} is not a file.")]
    NotAFile(String),
    #[error("{0} is write-protected: make it writable, or save under another name.")]
    ReadOnly(String),
    #[error("{path} is not a notebook that can be read: {source}.")]
    NotANotebook { path: String, source: DocumentError },
    /// Nothing was written. Resolve it with [`super::NotebookFile::resolve`].
    #[error("{path} was changed or removed by another program since it was read.")]
    Conflict { path: String, conflict: Conflict },
    #[error("{what} failed: {source}")]
    Io { what: String, source: std::io::Error },
}

impl FileError {
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> FileError {
        let what = what.into();
        move |source| FileError::Io { what, source }
    }
}
