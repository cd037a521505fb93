//! How a file was read, for code that reads it again.

use super::csv::{EMPTY_LINES, Plan};
use super::format::{Format, Pack};
use super::infer::Fit;
use super::text;
use crate::error::Result;
use crate::table::Table;
use atelier_recipe::Reading;
use atelier_recipe::export::reading::{Column, How};
use polars::prelude::*;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;

/// Of a table of one delimited file: what its reader decided, with the types that held to its end. `None` for what says
/// itself how to read it.
pub(crate) fn reading(table: &Table) -> Result<Option<Reading>> {
    let [(path, _)] = &table.files[..] else { return Ok(None) };
    if !table.format.starts_with("csv") && !table.format.starts_with("tsv") {
        return Ok(None);
    }
    let source = table.source.as_str();
    let (pack, start, whole) = text::start(path, source)?;
    let name = if path.file_name().is_some_and(|name| source.ends_with(&*name.to_string_lossy())) {
        source
    } else {
        path.to_str().unwrap_or(source)
    };
    let Ok(Format::Delimited(fixed)) = Format::of(name, &start) else { return Ok(None) };
    let head = text::head(pack, start, whole, table.options.encoding.as_deref(), source)?;
    let (plan, notices) = Plan::make(&head.text, whole, fixed, &table.options, source)?;
    let noticed = |kind: &str| table.notices().iter().chain(&notices).any(|notice| notice.kind == kind);
    let widened = plan.dialect.header
        && plan.dialect.rows(&head.text).first().is_some_and(|header| header.len() < plan.columns.len());
    // The code reads what is packed as it is.
    let empty_lines = pack == Pack::Plain && plan.skips_empty_lines() && (noticed(EMPTY_LINES) || ends_empty(path));
    let dialect = plan.dialect;
    let schema = table.schema();
    let column = |column: &super::csv::PlanColumn| {
        let dtype = schema.get(&column.name).unwrap_or(column.fit.dtype()).clone();
        Column { name: column.name.clone(), how: how(&dtype, &column.fit), dtype }
    };
    Ok(Some(Reading {
        separator: dialect.separator as char,
        quote: dialect.quote.map(char::from),
        encoding: head.encoding.name().to_ascii_lowercase(),
        comment: dialect.comment,
        decimal_comma: dialect.decimal_comma,
        // A header that names too few columns is passed over as a row.
        skip_rows: dialect.skip_rows + usize::from(widened),
        header: dialect.header && !widened,
        missing: dialect.missing,
        cut_ragged: noticed("ragged"),
        empty_lines,
        columns: plan.columns.iter().map(column).collect(),
    }))
}

/// Whether the last line is empty: no notice tells of it, since nobody misses it.
fn ends_empty(path: &Path) -> bool {
    let tail = || {
        let mut file = File::open(path)?;
        let from = file.seek(SeekFrom::End(0))?.saturating_sub(3);
        file.seek(SeekFrom::Start(from))?;
        let mut tail = Vec::new();
        file.take(3).read_to_end(&mut tail)?;
        std::io::Result::Ok(tail)
    };
    tail().is_ok_and(|tail| tail.ends_with(b"\n\n") || tail == b"\n\r\n")
}

/// How values of the final type come from text. A column that later rows widened is read by its type alone.
fn how(dtype: &DataType, fit: &Fit) -> How {
    match fit {
        Fit::Native(read) if read == dtype => How::Native,
        Fit::Then { dtype: made, format } if made == dtype => match (dtype, format) {
            (_, Some(format)) => How::Format(Some((*format).to_owned())),
            (DataType::Date | DataType::Datetime(..), None) => How::Format(None),
            _ => How::Cast,
        },
        _ => match dtype {
            DataType::String | DataType::Int64 | DataType::Float64 => How::Native,
            DataType::Date | DataType::Datetime(..) => How::Format(None),
            _ => How::Cast,
        },
    }
}
