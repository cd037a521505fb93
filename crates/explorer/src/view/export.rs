//! The rows of a view as a file.

use super::Shown;
use crate::error::{ExploreError, Result};
use crate::work::Cancel;
use polars::prelude::*;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

/// Rows written at once.
const BLOCK: usize = 256 << 10;

/// Writes a frame by the name's ending.
pub fn write_frame(frame: &mut DataFrame, path: &Path) -> Result<()> {
    let names: Vec<PlSmallStr> = frame.get_column_names_owned();
    let columns = frame.clone();
    write(path, &frame.schema().clone(), frame.height(), &Cancel::default(), |offset, len| {
        let part = columns.slice(offset as i64, len);
        part.select(names.iter().cloned()).map_err(|error| ExploreError::compute("the table", &error))
    })
}

pub(crate) fn export(shown: &Shown, path: &Path, cancel: &Cancel) -> Result<()> {
    let names = shown.names();
    let source = &shown.base.source;
    write(path, &shown.schema(), shown.len(), cancel, |offset, len| {
        let columns = match &shown.rows {
            None => shown.base.columns.window(&names, offset, len)?,
            Some(rows) => shown.base.columns.take(&names, &rows[offset..offset + len], source)?,
        };
        DataFrame::new(len, columns.into_iter().map(Series::into_column).collect())
            .map_err(|error| ExploreError::compute(source, &error))
    })
}

/// Writes beside the target and takes its place when complete, so that no half file is ever seen.
fn write(
    path: &Path,
    schema: &Schema,
    height: usize,
    cancel: &Cancel,
    part: impl Fn(usize, usize) -> Result<DataFrame>,
) -> Result<()> {
    let shown = path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
    let fail = |cause: std::io::Error| ExploreError::io(&shown, path, &cause);
    let compute = |error: PolarsError| ExploreError::compute(&shown, &error);
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let temporary = tempfile::Builder::new().prefix(".export-").tempfile_in(folder).map_err(fail)?;
    let (mut file, temporary) = temporary.into_parts();
    let blocks =
        || (0..height.div_ceil(BLOCK).max(1)).map(|i| (i * BLOCK, BLOCK.min(height - (i * BLOCK).min(height))));
    match ending.as_str() {
        "csv" | "tsv" => {
            let nested: Vec<PlSmallStr> = schema
                .iter()
                .filter(|(_, dtype)| dtype.is_nested() || matches!(dtype, DataType::Binary))
                .map(|(name, _)| name.clone())
                .collect();
            let mut out = BufWriter::new(&mut file);
            for (offset, len) in blocks() {
                cancel.check()?;
                let mut frame = part(offset, len)?;
                for name in &nested {
                    let column = frame.column(name).map_err(compute)?.as_materialized_series().clone();
                    let text = Series::new(name.clone(), super::cell::texts(&column));
                    frame.with_column(text.into_column()).map_err(compute)?;
                }
                CsvWriter::new(&mut out)
                    .include_header(offset == 0)
                    .with_separator(if ending == "tsv" { b'\t' } else { b',' })
                    .finish(&mut frame)
                    .map_err(compute)?;
            }
            out.flush().map_err(fail)?;
        }
        "parquet" => {
            let writer = ParquetWriter::new(&mut file).batched(schema).map_err(compute)?;
            let mut writer = writer;
            for (offset, len) in blocks() {
                cancel.check()?;
                writer.write_batch(&part(offset, len)?).map_err(compute)?;
            }
            writer.finish().map_err(compute)?;
        }
        "arrow" | "feather" | "ipc" => {
            let mut writer = IpcWriter::new(&mut file).batched(schema, Vec::new()).map_err(compute)?;
            for (offset, len) in blocks() {
                cancel.check()?;
                writer.write_batch(&part(offset, len)?).map_err(compute)?;
            }
            writer.finish().map_err(compute)?;
        }
        "json" | "jsonl" | "ndjson" => {
            let lines = ending != "json";
            let mut out = BufWriter::new(&mut file);
            if lines {
                for (offset, len) in blocks() {
                    cancel.check()?;
                    JsonWriter::new(&mut out)
                        .with_json_format(JsonFormat::JsonLines)
                        .finish(&mut part(offset, len)?)
                        .map_err(compute)?;
                }
            } else {
                JsonWriter::new(&mut out)
                    .with_json_format(JsonFormat::Json)
                    .finish(&mut part(0, height)?)
                    .map_err(compute)?;
            }
            out.flush().map_err(fail)?;
        }
        _ => {
            return Err(ExploreError::refused(
                &shown,
                "the name must end in csv, tsv, parquet, json, jsonl or arrow, which says how it is written",
            ));
        }
    }
    file.sync_all().map_err(fail)?;
    let _: File = file;
    temporary.persist(path).map_err(|problem| fail(problem.error))
}
