//! From bytes to a frame: which format, and how each is read.

use crate::csv_shape::{self, Shape};
use crate::{ExploreError, bytes};
use polars::prelude::*;
use std::borrow::Cow;
use std::io::Cursor;
use std::num::NonZeroUsize;

/// Rows from which column types are guessed at first; when a later row disagrees, all rows are looked at.
const TYPE_ROWS: usize = 1000;

/// Spellings of a missing value, beside nothing at all.
const MISSING: [&str; 6] = ["NA", "N/A", "NaN", "nan", "null", "NULL"];

#[derive(Debug)]
pub(crate) struct Parsed {
    pub data: DataFrame,
    pub format: &'static str,
    pub header: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Delimited { fixed: Option<u8>, name: &'static str },
    Parquet,
    Json,
    JsonLines,
}

/// Decides by content where content is certain, else by the name's ending.
fn format(source: &str, bytes: &[u8]) -> Result<Format, String> {
    if bytes.starts_with(b"PAR1") {
        return Ok(Format::Parquet);
    }
    let name = source.rsplit('/').next().unwrap_or(source).to_ascii_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    // What batch transform writes: `data.csv.out`.
    let name = name.strip_suffix(".out").unwrap_or(name);
    match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "parquet" | "pq" => Ok(Format::Parquet),
        "json" => Ok(Format::Json),
        "jsonl" | "ndjson" | "jsonlines" => Ok(Format::JsonLines),
        "tsv" | "tab" => Ok(Format::Delimited { fixed: Some(b'\t'), name: "tsv" }),
        "csv" | "txt" | "data" | "test" | "train" | "" => Ok(Format::Delimited { fixed: None, name: "csv" }),
        "ipynb" | "py" | "gz" | "tar" | "zip" | "png" | "jpg" | "pdf" => {
            Err("its name says that it holds something else".to_owned())
        }
        _ if bytes.iter().take(4096).any(|&byte| byte == 0) => Err("it holds binary data".to_owned()),
        _ => Ok(Format::Delimited { fixed: None, name: "csv" }),
    }
}

pub(crate) fn parse(raw: &[u8], source: &str, header: Option<bool>) -> Result<Parsed, ExploreError> {
    if raw.iter().all(u8::is_ascii_whitespace) {
        return Err(ExploreError::Empty { source_name: source.to_owned() });
    }
    let format = format(source, raw)
        .map_err(|reason| ExploreError::Format { source_name: source.to_owned(), reason })?;
    let malformed = |format: &'static str| {
        move |reason: String| ExploreError::Malformed { source_name: source.to_owned(), format, reason }
    };
    match format {
        Format::Parquet => {
            let data = ParquetReader::new(Cursor::new(raw)).finish().map_err(|e| malformed("Parquet")(brief(&e)))?;
            Ok(Parsed { data, format: "parquet", header: true })
        }
        Format::Delimited { fixed, name } => {
            let text = bytes::to_utf8(raw, source)?;
            let guess = csv_shape::shape(&text, fixed);
            let shape = Shape { header: header.unwrap_or(guess.header), ..guess };
            let data = delimited(&text, shape).map_err(malformed("CSV"))?;
            Ok(Parsed { data, format: name, header: shape.header })
        }
        Format::Json => {
            let text = bytes::to_utf8(raw, source)?;
            let data = json(&text).map_err(malformed("JSON"))?;
            Ok(Parsed { data, format: "json", header: true })
        }
        Format::JsonLines => {
            let text = bytes::to_utf8(raw, source)?;
            let data = json_lines(&text).map_err(malformed("JSON lines"))?;
            Ok(Parsed { data, format: "jsonl", header: true })
        }
    }
}

fn delimited(text: &[u8], shape: Shape) -> Result<DataFrame, String> {
    let missing: Vec<PlSmallStr> = MISSING.iter().map(|&m| m.into()).collect();
    let text = unix_lines(text);
    let read = |type_rows: Option<usize>| {
        CsvReadOptions::default()
            .with_has_header(shape.header)
            .with_infer_schema_length(type_rows)
            .with_rechunk(true)
            .map_parse_options(|options| {
                options
                    .with_separator(shape.separator)
                    .with_try_parse_dates(true)
                    .with_null_values(Some(NullValues::AllColumns(missing.clone())))
            })
            .into_reader_with_file_handle(Cursor::new(text.as_ref()))
            .finish()
    };
    if let Some((line, fields, expected)) = csv_shape::first_ragged(&text, shape.separator) {
        return Err(format!("line {line} has {fields} fields where the first line has {expected}"));
    }
    let data = read(Some(TYPE_ROWS)).or_else(|_| read(None)).map_err(|error| brief(&error))?;
    let columns = data.columns().iter().map(tidy).collect::<PolarsResult<Vec<_>>>();
    columns.and_then(|columns| DataFrame::new(data.height(), columns)).map_err(|error| brief(&error))
}

/// Polars takes `\r\n`, but a lone `\r` (old spreadsheets) would make the file one long line.
fn unix_lines(text: &[u8]) -> Cow<'_, [u8]> {
    if text.contains(&b'\n') || !text.contains(&b'\r') {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.iter().map(|&byte| if byte == b'\r' { b'\n' } else { byte }).collect())
}

/// Values behind a blank (`39, Private, 77516`) are read as text with the blank in it: the blank goes, and what is
/// left is a number if all of it is. The column's name loses its blanks as well.
fn tidy(column: &Column) -> PolarsResult<Column> {
    let name: PlSmallStr = column.name().trim().into();
    let Ok(text) = column.str() else { return Ok(column.clone().with_name(name)) };
    if !text.iter().flatten().take(TYPE_ROWS).any(|value| value.starts_with(' ')) {
        return Ok(column.clone().with_name(name));
    }
    let value = |value: &str| {
        let value = value.trim();
        (!value.is_empty() && !MISSING.contains(&value)).then(|| value.to_owned())
    };
    let trimmed: Vec<Option<String>> = text.iter().map(|cell| cell.and_then(value)).collect();
    let integers: Option<Vec<Option<i64>>> =
        trimmed.iter().map(|cell| cell.as_ref().map(|v| v.parse().ok()).map_or(Some(None), |v| v.map(Some))).collect();
    if let Some(integers) = integers {
        return Ok(Column::new(name, integers));
    }
    let floats: Option<Vec<Option<f64>>> =
        trimmed.iter().map(|cell| cell.as_ref().map(|v| v.parse().ok()).map_or(Some(None), |v| v.map(Some))).collect();
    Ok(floats.map_or_else(|| Column::new(name.clone(), trimmed), |floats| Column::new(name.clone(), floats)))
}

/// `[{…}, …]`, one object, or, as many tools name it, lines of objects.
fn json(text: &[u8]) -> Result<DataFrame, String> {
    let first = text.iter().find(|byte| !byte.is_ascii_whitespace());
    let lines = text.split(|&byte| byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
    let is_object = |line: &[u8]| serde_json::from_slice::<serde_json::Map<_, serde_json::Value>>(line).is_ok();
    if first == Some(&b'{') && lines.clone().take(2).count() == 2 && lines.take(2).all(is_object) {
        return json_lines(text);
    }
    // Polars names neither line nor column of a syntax error; serde_json does.
    let whole: serde_json::Value = serde_json::from_slice(text).map_err(|error| error.to_string())?;
    let rows = match &whole {
        serde_json::Value::Array(rows) => rows.iter().all(serde_json::Value::is_object) && !rows.is_empty(),
        other => other.is_object(),
    };
    if !rows {
        return Err("a table is an array of objects".to_owned());
    }
    let reader = JsonReader::new(Cursor::new(text)).with_json_format(JsonFormat::Json);
    reader.infer_schema_len(None).finish().map_err(|error| brief(&error))
}

fn json_lines(text: &[u8]) -> Result<DataFrame, String> {
    for (i, line) in text.split(|&byte| byte == b'\n').enumerate() {
        if line.trim_ascii().is_empty() {
            continue;
        }
        if let Err(error) = serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(line) {
            let error = error.to_string();
            let reason = error.split(" at line").next().unwrap_or(&error);
            return Err(format!("line {} is no JSON object: {reason}", i + 1));
        }
    }
    let reader = JsonReader::new(Cursor::new(text)).with_json_format(JsonFormat::JsonLines);
    let all = NonZeroUsize::new(usize::MAX);
    reader.infer_schema_len(all).finish().map_err(|error| brief(&error))
}

/// The first sentence of a Polars error; what follows is advice about Python parameters.
fn brief(error: &PolarsError) -> String {
    let text = error.to_string();
    let first = text.split("\n\n").next().unwrap_or(&text).replace('\n', " ");
    first.chars().take(300).collect::<String>().trim().to_owned()
}
