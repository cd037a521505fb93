//! Arrow files (Feather) and streams.

use crate::error::{ExploreError, Result, brief};
use polars::prelude::*;
use std::io::Cursor;

pub(crate) fn read(bytes: &[u8], stream: bool, source: &str) -> Result<DataFrame> {
    let fail = |error: PolarsError| {
        ExploreError::malformed(source, "Arrow", format!("{}. Where the file was cut off, copy or write it again", brief(&error)))
    };
    if stream { IpcStreamReader::new(Cursor::new(bytes)).finish().map_err(fail) } else { IpcReader::new(Cursor::new(bytes)).finish().map_err(fail) }
}
