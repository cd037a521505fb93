//! Tables for the Data panel: open a file, page through it, profile a column. All computed by Polars.
//!
//! Everything here is synchronous and may take as long as reading the file takes, so call it off the async threads.
//! Frames are cached by the file's identity (path, size, modification time) within a memory budget; a file that
//! changes is read again, and nothing is ever written. A file is read into memory before it is parsed rather than
//! mapped: a mapped file that somebody truncates would take the whole process down.

mod bytes;
mod cache;
mod cell;
mod csv_shape;
mod draw;
mod error;
mod frame;
mod page;
mod profile;
mod read;

pub use error::ExploreError;

use atelier_wire::studio::data::{ColumnProfile, GetPage, Page, ProfileColumn, Table};
use cache::Cache;
use std::path::Path;

/// The data explorer. Share it behind an `Arc`; all methods take `&self`.
pub struct Explorer {
    cache: Cache,
}

/// Frames kept in memory together, unless [`Explorer::with_budget`] says otherwise.
const BUDGET_BYTES: usize = 512 << 20;

impl Default for Explorer {
    fn default() -> Self {
        Self::with_budget(BUDGET_BYTES)
    }
}

impl Explorer {
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps at most `bytes` of frames, the least recently used ones going first. The one in use is always kept.
    pub fn with_budget(bytes: usize) -> Self {
        Self { cache: Cache::new(bytes) }
    }

    /// Reads `path` and says what is in it. `source` is the name the user knows it by; its ending decides the format.
    /// `header` is about CSV alone: whether the first row names the columns, `None` to decide by looking.
    pub fn open(&self, path: &Path, source: &str, header: Option<bool>) -> Result<Table, ExploreError> {
        Ok(self.cache.frame(path, source, header)?.table(source))
    }

    /// A window of rows, sorted if asked. Beyond the last row there are none; that is no error.
    pub fn page(&self, path: &Path, request: &GetPage) -> Result<Page, ExploreError> {
        let frame = self.cache.frame(path, &request.source, request.header)?;
        page::page(&frame, request)
    }

    /// Exact statistics over one column, with its histogram drawn.
    pub fn profile(&self, path: &Path, request: &ProfileColumn) -> Result<ColumnProfile, ExploreError> {
        let frame = self.cache.frame(path, &request.source, request.header)?;
        frame.profile(&request.source, &request.column)
    }
}
