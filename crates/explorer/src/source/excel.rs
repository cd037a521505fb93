//! Workbooks: Excel's and OpenDocument's tables, a sheet at a time.

use super::csv::notice;
use super::names;
use crate::error::{ExploreError, Result};
use atelier_wire::studio::data::view::{Notice, ReadOptions};
use calamine::{Data, Reader, open_workbook_auto_from_rs};
use polars::prelude::*;
use std::io::Cursor;

/// What the parts of a workbook may unpack to.
const MAX_UNPACKED: u64 = 2 << 30;
const MAX_RATIO: u64 = 300;

pub(crate) struct Sheet {
    pub frame: DataFrame,
    pub sheets: Vec<String>,
    pub name: String,
    pub header: bool,
}

pub(crate) fn read(bytes: &[u8], options: &ReadOptions, source: &str, notices: &mut Vec<Notice>) -> Result<Sheet> {
    check_size(bytes, source)?;
    let bad = |error: calamine::Error| {
        ExploreError::malformed(source, "Excel", format!("{error}. Where the file was cut off, save it again"))
    };
    let mut book = open_workbook_auto_from_rs(Cursor::new(bytes)).map_err(bad)?;
    let sheets = book.sheet_names();
    let name = match &options.sheet {
        None => sheets.first().cloned().ok_or_else(|| ExploreError::Empty { source_name: source.to_owned() })?,
        Some(name) if sheets.contains(name) => name.clone(),
        Some(name) => {
            return Err(ExploreError::refused(
                source,
                format!("there is no sheet `{name}`; it has {}", sheets.join(", ")),
            ));
        }
    };
    let range = book.worksheet_range(&name).map_err(bad)?;
    let skip = options.skip_rows.unwrap_or(0) as usize;
    let rows: Vec<&[Data]> = range.rows().skip(skip).collect();
    let Some(first) = rows.first() else { return Err(ExploreError::Empty { source_name: source.to_owned() }) };
    let texts = first.iter().filter(|cell| matches!(cell, Data::String(_))).count();
    let header =
        options.header.unwrap_or(texts > 0 && first.iter().all(|cell| matches!(cell, Data::String(_) | Data::Empty)));
    let given =
        first.iter().enumerate().map(|(i, cell)| if header { cell.to_string() } else { format!("column_{}", i + 1) });
    let (names, changed) = names::tidy(given);
    if let Some(change) = changed.first() {
        notices.push(notice(
            "renamed",
            format!("Column names are made unique: {change}."),
            "Rename the columns in the sheet, or with a step.",
        ));
    }
    let body = if header { &rows[1..] } else { &rows[..] };
    let columns = names
        .iter()
        .enumerate()
        .map(|(i, name)| column(name, body.iter().map(|row| row.get(i).unwrap_or(&Data::Empty))).into_column());
    let frame = DataFrame::new(body.len(), columns.collect()).map_err(|error| ExploreError::compute(source, &error))?;
    Ok(Sheet { frame, sheets, name, header })
}

/// The cells as the narrowest type that holds all of them.
fn column<'a>(name: &str, cells: impl Iterator<Item = &'a Data> + Clone) -> Series {
    let present = || {
        cells.clone().filter(|cell| {
            !matches!(cell, Data::Empty) && !matches!(cell, Data::String(text) if text.trim().is_empty())
        })
    };
    let all = |test: fn(&Data) -> bool| present().next().is_some() && present().all(test);
    let name = PlSmallStr::from(name);
    if all(|cell| matches!(cell, Data::Bool(_))) {
        return Series::new(
            name,
            cells.map(|cell| if let Data::Bool(truth) = cell { Some(*truth) } else { None }).collect::<Vec<_>>(),
        );
    }
    let whole = |cell: &Data| {
        matches!(cell, Data::Int(_))
            || matches!(cell, Data::Float(number) if number.fract() == 0.0 && number.abs() < 9e15)
    };
    if all(whole) {
        let value = |cell: &Data| match cell {
            Data::Int(number) => Some(*number),
            Data::Float(number) => Some(*number as i64),
            _ => None,
        };
        return Series::new(name, cells.map(value).collect::<Vec<_>>());
    }
    if all(|cell| matches!(cell, Data::Int(_) | Data::Float(_))) {
        let value = |cell: &Data| match cell {
            Data::Int(number) => Some(*number as f64),
            Data::Float(number) => Some(*number),
            _ => None,
        };
        return Series::new(name, cells.map(value).collect::<Vec<_>>());
    }
    if all(|cell| matches!(cell, Data::DateTime(time) if time.is_datetime())) {
        // A serial day counts from 1899-12-30, 25,569 days before 1970 (ECMA-376 part 1, 18.17.4.1).
        let value = |cell: &Data| {
            if let Data::DateTime(time) = cell {
                Some(((time.as_f64() - 25_569.0) * 86_400_000.0).round() as i64)
            } else {
                None
            }
        };
        let series = Series::new(name, cells.clone().map(value).collect::<Vec<_>>());
        let days = cells.filter_map(value).all(|ms| ms % 86_400_000 == 0);
        let times = series.into_datetime(TimeUnit::Milliseconds, None);
        return if days { times.cast(&DataType::Date).unwrap_or(times) } else { times };
    }
    let text = |cell: &Data| match cell {
        Data::Empty => None,
        Data::String(text) if text.is_empty() => None,
        other => Some(other.to_string()),
    };
    Series::new(name, cells.map(text).collect::<Vec<_>>())
}

/// Adds up what the entries of the archive claim to unpack to (the central directory, PKWARE's APPNOTE 4.3.12).
fn check_size(bytes: &[u8], source: &str) -> Result<()> {
    let mut total = 0u64;
    let mut at = 0;
    while let Some(found) = memchr::memmem::find(&bytes[at..], b"PK\x01\x02") {
        let entry = &bytes[at + found..];
        if let Some(size) = entry.get(24..28) {
            total += u64::from(u32::from_le_bytes([size[0], size[1], size[2], size[3]]));
        }
        at += found + 4;
    }
    let ratio = total / (bytes.len() as u64).max(1);
    if total > MAX_UNPACKED || (ratio > MAX_RATIO && total > 64 << 20) {
        return Err(ExploreError::refused(
            source,
            format!(
                "its parts unpack to {} MB from {} MB, more than any workbook: it is refused",
                total >> 20,
                (bytes.len() >> 20).max(1)
            ),
        ));
    }
    Ok(())
}
