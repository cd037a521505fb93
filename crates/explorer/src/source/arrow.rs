//! Arrow files (Feather) and streams.

use crate::error::{ExploreError, Result, brief};
use polars::prelude::*;
use std::fs::File;
use std::io::Cursor;
use std::path::Path;

fn failed(source: &str) -> impl Fn(PolarsError) -> ExploreError {
    move |error| {
        ExploreError::malformed(
            source,
            "Arrow",
            format!("{}. Where the file was cut off, copy or write it again", brief(&error)),
        )
    }
}

pub(crate) fn read(bytes: &[u8], stream: bool, source: &str) -> Result<DataFrame> {
    let made = if stream {
        IpcStreamReader::new(Cursor::new(bytes)).finish()
    } else {
        IpcReader::new(Cursor::new(bytes)).finish()
    };
    made.map_err(failed(source))
}

/// The first rows of a file, or all; read from its record batches, the last of which may be cut.
pub(crate) fn rows(file: File, most: Option<usize>, source: &str) -> Result<DataFrame> {
    IpcReader::new(file).with_n_rows(most).finish().map_err(failed(source))
}

/// The file by its record batches, for what is larger than memory.
pub(crate) fn scan(path: &Path, source: &str) -> Result<LazyFrame> {
    let path = PlRefPath::try_from_path(path).map_err(failed(source))?;
    LazyFrame::scan_ipc(path, IpcScanOptions::default(), UnifiedScanArgs::default()).map_err(failed(source))
}
