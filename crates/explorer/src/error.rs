//! What can go wrong on the way to a table, in words a person can act on.

use std::path::PathBuf;

/// Each message names the source as the user wrote it (`s3://bucket/key` or a workspace path), never the file behind it.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ExploreError {
    #[error("{source_name} could not be opened: no such file")]
    Missing { source_name: String },
    #[error("{source_name} could not be read: {cause}")]
    Io { source_name: String, path: PathBuf, cause: String },
    #[error("{source_name} is empty: there is no row to show")]
    Empty { source_name: String },
    #[error(
        "{source_name} is not a table this explorer reads (CSV, TSV, Parquet, JSON, JSON lines, Arrow, Excel): {reason}"
    )]
    Format { source_name: String, reason: String },
    #[error("{source_name} is not valid {format}: {reason}")]
    Malformed { source_name: String, format: &'static str, reason: String },
    #[error("{source_name} has no column `{column}`")]
    NoColumn { source_name: String, column: String },
    #[error("{source_name} could not be computed: {reason}")]
    Compute { source_name: String, reason: String },
    /// Understood and not done; the reason says what to change.
    #[error("{source_name}: {reason}")]
    Refused { source_name: String, reason: String },
    #[error("the view {0} is not open any more: open it again")]
    NoView(String),
    #[error("it was cancelled")]
    Cancelled,
}

impl ExploreError {
    /// Whether the thing asked for does not exist, rather than being unreadable.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Missing { .. } | Self::NoColumn { .. } | Self::NoView(_))
    }

    pub fn is_cancelled(&self) -> bool {
        matches!(self, Self::Cancelled)
    }

    pub(crate) fn compute(source: &str, error: &polars::prelude::PolarsError) -> Self {
        Self::Compute { source_name: source.to_owned(), reason: brief(error) }
    }

    pub(crate) fn refused(source: &str, reason: impl Into<String>) -> Self {
        Self::Refused { source_name: source.to_owned(), reason: reason.into() }
    }

    pub(crate) fn malformed(source: &str, format: &'static str, reason: impl Into<String>) -> Self {
        Self::Malformed { source_name: source.to_owned(), format, reason: reason.into() }
    }

    pub(crate) fn io(source: &str, path: &std::path::Path, cause: &std::io::Error) -> Self {
        if cause.kind() == std::io::ErrorKind::NotFound {
            return Self::Missing { source_name: source.to_owned() };
        }
        Self::Io { source_name: source.to_owned(), path: path.to_owned(), cause: cause.to_string() }
    }
}

pub(crate) type Result<T, E = ExploreError> = std::result::Result<T, E>;

/// The first sentence of a Polars error; what follows is advice about Python parameters.
pub(crate) fn brief(error: &polars::prelude::PolarsError) -> String {
    let text = error.to_string();
    let first = text.split("\n\n").next().unwrap_or(&text).replace('\n', " ");
    first.chars().take(300).collect::<String>().trim().to_owned()
}
