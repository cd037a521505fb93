//! What can go wrong on the way to a table, in words a person can act on.

use std::path::PathBuf;

/// Each message names the source as the user wrote it (`s3://bucket/key` or a workspace path), never the file behind it.
#[derive(Debug, thiserror::Error)]
pub enum ExploreError {
    #[error("{source_name} could not be opened: no such file")]
    Missing { source_name: String },
    #[error("{source_name} could not be read: {cause}")]
    Io { source_name: String, path: PathBuf, #[source] cause: std::io::Error },
    #[error("{source_name} is empty: there is no row to show")]
    Empty { source_name: String },
    #[error("{source_name} is not a table this explorer reads (CSV, TSV, Parquet, JSON or JSON lines): {reason}")]
    Format { source_name: String, reason: String },
    #[error("{source_name} is not valid {format}: {reason}")]
    Malformed { source_name: String, format: &'static str, reason: String },
    #[error("{source_name} has no column `{column}`")]
    NoColumn { source_name: String, column: String },
    #[error("{source_name} could not be computed: {reason}")]
    Compute { source_name: String, reason: String },
}

impl ExploreError {
    /// Whether the thing asked for does not exist, rather than being unreadable.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Missing { .. } | Self::NoColumn { .. })
    }
}
