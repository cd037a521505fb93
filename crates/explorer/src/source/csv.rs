//! Delimited text: the head at once, then all of it block by block with types that hold for the whole file.
//!
//! Types are those of the first rows until a value contradicts: then the column is widened and, where text was lost by
//! the narrower reading (`007` as 7), the file is read once more. A type that the user named is never widened: the value
//! that does not fit is the error.

use super::dialect::Dialect;
use super::infer::{self, Fit};
use super::{names, types};
use crate::error::{ExploreError, Result, brief};
use atelier_wire::studio::data::view::{Notice, ReadOptions};
use polars::prelude::*;
use std::io::Cursor;

/// Columns beyond this are refused: no window shows them and each costs memory per block.
const MAX_COLUMNS: usize = 20_000;

/// How to read the rows of one file: decided on its head, amended while reading.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub dialect: Dialect,
    pub columns: Vec<PlanColumn>,
    /// Bytes before the first row of data.
    pub data_start: u64,
}

#[derive(Clone, Debug)]
pub(crate) struct PlanColumn {
    pub name: String,
    pub fit: Fit,
    /// The user named its type.
    pub fixed: bool,
}

/// What a block was found to contradict.
#[derive(Debug)]
pub(crate) enum Block {
    Fits(DataFrame),
    /// Columns (by position) that need these types.
    Widen(Vec<(usize, Fit)>),
}

impl Plan {
    /// Decides on the head of a file. Notices name what was changed to make it a table.
    pub fn make(
        text: &[u8],
        whole: bool,
        fixed: Option<u8>,
        options: &ReadOptions,
        source: &str,
    ) -> Result<(Plan, Vec<Notice>)> {
        if text.iter().all(u8::is_ascii_whitespace) {
            return Err(ExploreError::Empty { source_name: source.to_owned() });
        }
        let dialect = Dialect::detect(text, fixed, options, source)?;
        let mut rows = dialect.rows(text);
        if !whole && rows.len() > 1 {
            rows.pop(); // it may be cut off
        }
        let Some(first) = rows.first().cloned() else {
            return Err(ExploreError::Empty { source_name: source.to_owned() });
        };
        let body = if dialect.header { &rows[1..] } else { &rows[..] };
        let width = body.iter().map(Vec::len).max().unwrap_or(0).max(first.len());
        if width > MAX_COLUMNS {
            return Err(ExploreError::refused(
                source,
                format!(
                    "it has {width} columns, more than the {MAX_COLUMNS} that are opened: check the delimiter (now `{}`)",
                    dialect.separator as char
                ),
            ));
        }
        let mut notices = Vec::new();
        if body.iter().any(|row| row.len() > first.len()) {
            let at = body.iter().position(|row| row.len() > first.len()).unwrap_or(0);
            notices.push(ragged(
                at as u64 + 1,
                body[at].len(),
                first.len(),
                "the fields beyond have columns of their own",
            ));
        }
        let given = (0..width).map(|i| {
            if dialect.header { first.get(i).cloned().unwrap_or_default() } else { format!("column_{}", i + 1) }
        });
        let (names, changed) = names::tidy(given);
        if let Some(change) = changed.first() {
            let more = if changed.len() > 1 { format!(" (and {} more)", changed.len() - 1) } else { String::new() };
            notices.push(notice(
                "renamed",
                format!("Column names are made unique: {change}{more}."),
                "Rename the columns in the file, or with a step.",
            ));
        }
        let raw = raw_rows(&dialect, text, whole);
        let body = if dialect.header { raw.get(1..).unwrap_or_default() } else { &raw[..] };
        let mut columns = Vec::with_capacity(width);
        for (i, name) in names.into_iter().enumerate() {
            let values = body
                .iter()
                .filter_map(|row| row.get(i))
                .map(String::as_str)
                .filter(|value| !dialect.missing.iter().any(|missing| missing == value.trim()));
            let (fit, fixed) = match options.types.get(&name) {
                None => (infer::infer(values, dialect.decimal_comma), false),
                Some(named) => {
                    let dtype = types::parse(named).ok_or_else(|| ExploreError::refused(source, format!("`{named}` is no type for the column `{name}`: use i64, f64, str, bool, date, datetime, time, decimal(2) or category")))?;
                    (Fit::named(dtype), true)
                }
            };
            columns.push(PlanColumn { name, fit, fixed });
        }
        let data_start = data_start(text, &dialect);
        Ok((Plan { dialect, columns, data_start }, notices))
    }

    pub fn schema(&self) -> Schema {
        self.columns.iter().map(|column| Field::new(column.name.as_str().into(), column.fit.dtype().clone())).collect()
    }

    pub fn skips_empty_lines(&self) -> bool {
        self.columns.len() > 1
    }

    /// Polars' reader over whole rows, all columns as the plan says or as text.
    fn read(&self, bytes: &[u8], as_text: bool, cut_ragged: bool) -> PolarsResult<DataFrame> {
        let field = |column: &PlanColumn| {
            Field::new(column.name.as_str().into(), if as_text { DataType::String } else { column.fit.read_as() })
        };
        let schema: Schema = self.columns.iter().map(field).collect();
        if bytes.iter().all(u8::is_ascii_whitespace) && (self.skips_empty_lines() || bytes.is_empty()) {
            return Ok(DataFrame::empty_with_schema(&schema));
        }
        let missing: Vec<PlSmallStr> = self.dialect.missing.iter().map(|text| text.as_str().into()).collect();
        CsvReadOptions::default()
            .with_has_header(false)
            .with_schema(Some(Arc::new(schema)))
            .with_rechunk(true)
            .map_parse_options(|options| {
                options
                    .with_separator(self.dialect.separator)
                    .with_quote_char(self.dialect.quote)
                    .with_truncate_ragged_lines(cut_ragged)
                    .with_decimal_comma(self.dialect.decimal_comma)
                    .with_comment_prefix(self.dialect.comment.as_deref())
                    .with_null_values(Some(NullValues::AllColumns(missing.clone())))
            })
            .into_reader_with_file_handle(Cursor::new(bytes))
            .finish()
    }

    /// Reads whole rows. `first_row` is the position of the first of them in the table, for messages.
    pub fn block(&self, bytes: &[u8], first_row: u64, source: &str, notices: &mut Vec<Notice>) -> Result<Block> {
        let without_empty =
            if self.skips_empty_lines() { without_empty_lines(bytes, self.dialect.quote) } else { None };
        if without_empty.as_ref().is_some_and(|(_, between)| *between)
            && !notices.iter().any(|notice| notice.kind == EMPTY_LINES)
        {
            let remedy = "A line of separators alone stays, as a row of missing values.";
            notices.push(notice(EMPTY_LINES, "Empty lines between the rows are left out.", remedy));
        }
        let bytes = without_empty.as_ref().map_or(bytes, |(text, _)| text);
        let mut cut = false;
        let frame = self.read(bytes, false, false).or_else(|error| {
            if !brief(&error).contains("found more fields") {
                return Err(error);
            }
            cut = true;
            self.read(bytes, false, true)
        });
        if cut && !notices.iter().any(|notice| notice.kind == "ragged") {
            let (row, fields) = first_wide(&self.dialect, bytes, self.columns.len());
            notices.push(ragged(first_row + row + 1, fields, self.columns.len(), "the fields beyond are left out"));
        }
        match frame.and_then(|frame| self.finish(frame)) {
            Ok((frame, misfits)) if misfits.is_empty() => Ok(Block::Fits(frame)),
            Ok(_) | Err(_) => self.contradictions(bytes, first_row, source, cut),
        }
    }

    /// Turns texts into what they are read for. Answers the columns in which a value did not fit.
    fn finish(&self, frame: DataFrame) -> PolarsResult<(DataFrame, Vec<usize>)> {
        let mut misfits = Vec::new();
        let mut columns = Vec::with_capacity(frame.width());
        for (i, (column, plan)) in frame.columns().iter().zip(&self.columns).enumerate() {
            let Fit::Then { .. } = plan.fit else {
                columns.push(column.clone());
                continue;
            };
            let text = column.as_materialized_series();
            let (text, made) = convert(text, &plan.fit, &self.dialect.missing)?;
            if made.null_count() > text.null_count() {
                misfits.push(i);
            }
            columns.push(made.into_column());
        }
        Ok((DataFrame::new(frame.height(), columns)?, misfits))
    }

    /// A block that does not fit: which columns need another type, or which value breaks a named one.
    fn contradictions(&self, bytes: &[u8], first_row: u64, source: &str, cut: bool) -> Result<Block> {
        let text = self.read(bytes, true, cut).map_err(|error| {
            ExploreError::malformed(source, "CSV", format!("from row {} on: {}", first_row + 1, brief(&error)))
        })?;
        let mut wider = Vec::new();
        for (i, (column, plan)) in text.columns().iter().zip(&self.columns).enumerate() {
            if *plan.fit.dtype() == DataType::String {
                continue;
            }
            let series = column.as_materialized_series();
            let compute = |error| ExploreError::compute(source, &error);
            let as_then = Fit::Then {
                dtype: plan.fit.dtype().clone(),
                format: match &plan.fit {
                    Fit::Then { format, .. } => *format,
                    Fit::Native(_) => None,
                },
            };
            let native = matches!(plan.fit, Fit::Native(_));
            let (trimmed, made) =
                convert(&decimal_point(series, native && self.dialect.decimal_comma), &as_then, &self.dialect.missing)
                    .map_err(compute)?;
            let broken = made.null_count() > trimmed.null_count();
            let blanks = native && broken_by_blanks(series, plan.fit.dtype());
            if !broken && !blanks {
                continue;
            }
            if plan.fixed && broken {
                let at = made
                    .is_null()
                    .iter()
                    .zip(trimmed.is_null().iter())
                    .position(|(made, text)| made == Some(true) && text == Some(false))
                    .unwrap_or(0);
                let value = series.str().ok().and_then(|text| text.get(at)).unwrap_or_default();
                let value: String = value.chars().take(60).collect();
                return Err(ExploreError::refused(
                    source,
                    format!(
                        "row {}, column `{}`: `{value}` is no {}. Read the column as another type, or name `{value}` as a missing value",
                        first_row + at as u64 + 1,
                        plan.name,
                        plan.fit.dtype()
                    ),
                ));
            }
            let values = series.str().map_err(compute)?;
            let missing = &self.dialect.missing;
            let present: Vec<&str> =
                values.iter().flatten().filter(|value| !missing.iter().any(|text| text == value.trim())).collect();
            let seen = infer::infer(present.iter().copied(), self.dialect.decimal_comma);
            let fit = if plan.fixed {
                Fit::Then { dtype: plan.fit.dtype().clone(), format: None }
            } else {
                infer::widen(&plan.fit, &seen)
            };
            wider.push((i, if fit == plan.fit { Fit::text() } else { fit }));
        }
        if wider.is_empty() {
            let frame = self
                .finish(text_as_read(&text, &self.columns).map_err(|error| ExploreError::compute(source, &error))?)
                .map_err(|error| ExploreError::compute(source, &error))?;
            return Ok(Block::Fits(frame.0));
        }
        Ok(Block::Widen(wider))
    }
}

fn text_as_read(text: &DataFrame, plan: &[PlanColumn]) -> PolarsResult<DataFrame> {
    let columns = text.columns().iter().zip(plan).map(|(column, plan)| column.cast(&plan.fit.read_as()));
    DataFrame::new(text.height(), columns.collect::<PolarsResult<Vec<_>>>()?)
}

fn decimal_point(series: &Series, comma: bool) -> Series {
    let Ok(text) = series.str() else { return series.clone() };
    if !comma {
        return series.clone();
    }
    let changed: StringChunked = text.iter().map(|value| value.map(|value| value.replacen(',', ".", 1))).collect();
    changed.with_name(series.name().clone()).into_series()
}

fn broken_by_blanks(series: &Series, dtype: &DataType) -> bool {
    dtype.is_numeric()
        && series.str().is_ok_and(|text| text.iter().flatten().any(|value| value.len() != value.trim().len()))
}

/// Texts trimmed (missing ones null), and as `fit` reads them; what does not fit is null.
fn convert(series: &Series, fit: &Fit, missing: &[String]) -> PolarsResult<(Series, Series)> {
    let Fit::Then { dtype, format } = fit else { return Ok((series.clone(), series.clone())) };
    let text = series.str()?;
    let needs_trim = text.iter().flatten().any(|value| value.len() != value.trim().len());
    let series = if needs_trim {
        let trim = |value: &str| {
            let value = value.trim();
            (!missing.iter().any(|missing| missing == value)).then(|| value.to_owned())
        };
        let trimmed: StringChunked = text.iter().map(|value| value.and_then(trim)).collect();
        trimmed.with_name(series.name().clone()).into_series()
    } else {
        series.clone()
    };
    let made = match (dtype, format) {
        (DataType::String, _) => series.clone(),
        (DataType::Boolean, _) => {
            let truth = |value: &str| match value.to_ascii_lowercase().as_str() {
                "true" | "t" | "yes" | "y" | "1" => Some(true),
                "false" | "f" | "no" | "n" | "0" => Some(false),
                _ => None,
            };
            let made: BooleanChunked = series.str()?.iter().map(|value| value.and_then(truth)).collect();
            made.with_name(series.name().clone()).into_series()
        }
        (DataType::Date | DataType::Time | DataType::Datetime(..), Some(format)) => {
            let mut options = StrptimeOptions::default();
            options.format = Some((*format).into());
            options.strict = false;
            options.exact = true;
            let expr = col(series.name().clone()).str().strptime(dtype.clone(), options, lit("null"));
            let frame = series.clone().into_frame().lazy().select([expr]).collect()?;
            frame.columns()[0].as_materialized_series().clone()
        }
        (DataType::Date | DataType::Datetime(..), None) => times(&series, dtype)?,
        (dtype, _) => series.cast(dtype)?,
    };
    Ok((series, made))
}

/// Times without a known format: each of the formats in turn for what the ones before could not read.
pub(crate) fn times(series: &Series, dtype: &DataType) -> PolarsResult<Series> {
    let mut made = Series::full_null(series.name().clone(), series.len(), dtype);
    let formats = [
        "%Y-%m-%dT%H:%M:%S%.f%#z",
        "%Y-%m-%d %H:%M:%S%.f%#z",
        "%Y-%m-%d %H:%M:%S%.f",
        "%Y-%m-%dT%H:%M:%S%.f",
        "%Y-%m-%d %H:%M",
        "%Y-%m-%d",
        "%Y/%m/%d",
        "%d.%m.%Y",
        "%m/%d/%Y",
    ];
    for format in formats {
        let dateless = !format.contains("%H");
        if made.null_count() == series.null_count() {
            break;
        }
        let zoned = format.ends_with('z');
        if (zoned && !matches!(dtype, DataType::Datetime(_, Some(_)))) || (*dtype == DataType::Date && !dateless) {
            continue;
        }
        let read = match dtype {
            DataType::Datetime(unit, _) if zoned => DataType::Datetime(*unit, Some(TimeZone::UTC)),
            _ if dateless => DataType::Date,
            DataType::Datetime(unit, _) => DataType::Datetime(*unit, None),
            _ => DataType::Date,
        };
        let fit = Fit::Then { dtype: read, format: Some(format) };
        let (_, part) = convert(series, &fit, &[])?;
        let part = match dtype {
            DataType::Datetime(unit, Some(zone)) if !zoned => {
                part.cast(&DataType::Datetime(*unit, None))?.cast(&DataType::Datetime(*unit, Some(zone.clone())))?
            }
            dtype => part.cast(dtype)?,
        };
        made = made.zip_with(&made.is_not_null(), &part)?;
    }
    Ok(made)
}

/// Rows of the head with their blanks, for types.
fn raw_rows(dialect: &Dialect, text: &[u8], whole: bool) -> Vec<Vec<String>> {
    let mut reader = dialect.reader().from_reader(text);
    let records = reader.byte_records().map_while(std::result::Result::ok);
    let kept = records.filter(|record| !record.get(0).is_some_and(|first| dialect.is_comment(first)));
    let mut rows: Vec<Vec<String>> = kept
        .skip(dialect.skip_rows)
        .take(5000)
        .map(|row| row.iter().map(|field| String::from_utf8_lossy(field).into_owned()).collect())
        .collect();
    if !whole && rows.len() > 1 {
        rows.pop();
    }
    rows
}

/// Bytes before the first row of data.
fn data_start(text: &[u8], dialect: &Dialect) -> u64 {
    let mut skip = dialect.skip_rows + usize::from(dialect.header);
    let mut at = 0;
    let quote = dialect.quote.unwrap_or(b'\n');
    while skip > 0 && at < text.len() {
        let begin = at;
        let mut in_quote = false;
        while at < text.len() && (in_quote || text[at] != b'\n') {
            in_quote ^= text[at] == quote && quote != b'\n';
            at += 1;
        }
        let line = &text[begin..at];
        at = (at + 1).min(text.len());
        if !dialect.is_comment(line) && !line.iter().all(u8::is_ascii_whitespace) {
            skip -= 1;
        }
    }
    at as u64
}

/// The kind of the notice that says that there are some.
pub(super) const EMPTY_LINES: &str = "empty_lines";

/// The text without its empty lines, which Polars would take for rows of missing values, and whether a row stands below
/// one; `None` when there are none.
fn without_empty_lines(bytes: &[u8], quote: Option<u8>) -> Option<(Vec<u8>, bool)> {
    let starts_empty = bytes.starts_with(b"\n") || bytes.starts_with(b"\r\n");
    if !starts_empty
        && memchr::memmem::find(bytes, b"\n\n").is_none()
        && memchr::memmem::find(bytes, b"\n\r\n").is_none()
    {
        return None;
    }
    let mut out = Vec::with_capacity(bytes.len());
    let (mut in_quote, mut above, mut between) = (false, false, false);
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        if in_quote || !matches!(line, b"\n" | b"\r\n") {
            out.extend_from_slice(line);
            between |= above;
        } else {
            above = true;
        }
        if let Some(quote) = quote {
            in_quote ^= line.iter().filter(|byte| **byte == quote).count() % 2 == 1;
        }
    }
    Some((out, between))
}

/// The first row with more than `width` fields: its position and its fields.
fn first_wide(dialect: &Dialect, bytes: &[u8], width: usize) -> (u64, usize) {
    let mut reader = dialect.reader().from_reader(bytes);
    let rows = reader.byte_records().map_while(std::result::Result::ok).enumerate();
    rows.map(|(i, row)| (i as u64, row.len())).find(|(_, len)| *len > width).unwrap_or((0, width + 1))
}

pub(crate) fn notice(kind: &str, text: impl Into<String>, remedy: &str) -> Notice {
    Notice { kind: kind.to_owned(), text: text.into(), remedy: remedy.to_owned() }
}

fn ragged(row: u64, fields: usize, expected: usize, what: &str) -> Notice {
    notice(
        "ragged",
        format!("Row {row} has {fields} fields where {expected} were expected; {what}."),
        "Check the delimiter and the quotes of that row.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, options: &ReadOptions) -> Result<(DataFrame, Vec<Notice>)> {
        let (mut plan, mut notices) = Plan::make(text.as_bytes(), true, None, options, "a.csv")?;
        for _ in 0..5 {
            match plan.block(&text.as_bytes()[plan.data_start as usize..], 0, "a.csv", &mut notices)? {
                Block::Fits(frame) => return Ok((frame, notices)),
                Block::Widen(wider) => wider.into_iter().for_each(|(i, fit)| plan.columns[i].fit = fit),
            }
        }
        panic!("never fits")
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let (frame, _) = read(text, &ReadOptions::default()).unwrap();
        let columns: Vec<String> = frame.columns().iter().map(|c| format!("{}:{}", c.name(), c.dtype())).collect();
        assert_eq!(format!("{} {}", frame.height(), columns.join(" ")), expected, "{text}\n{frame}");
    }

    #[test]
    fn tables_of_text() {
        check("x,y,z\n1,0.5,red\n2,1.5,blue\n", "2 x:i64 y:f64 z:str");
        check("a;b\n1,5;x\n2,25;y\n", "2 a:f64 b:str");
        check("id,when\n1,2024-05-01 10:00:00\n2,\n", "2 id:i64 when:datetime[μs]");
        check("k,v\n 1, a\n 2, b\n", "2 k:i64 v:str");
        check("a,b,c\n1,2\n1,2,3\n", "2 a:i64 b:i64 c:i64");
        check("a,b\n1,2,3,4\n1,2\n", "2 a:i64 b:i64 column_3:i64 column_4:i64");
        check("x\n1\n\n3\n", "3 x:i64");
        check("x,y\n1,2\n\n3,4\n", "2 x:i64 y:i64");
        check("zip,n\n00501,1\n10001,2\n", "2 zip:str n:i64");
    }

    #[test]
    fn a_named_type_that_cannot_hold() {
        let types = [("y".to_owned(), "i64".to_owned())].into();
        let error = read("x,y\na,1\nb,two\n", &ReadOptions { types, ..ReadOptions::default() }).unwrap_err();
        assert_eq!(
            error.to_string(),
            "a.csv: row 2, column `y`: `two` is no i64. Read the column as another type, or name `two` as a missing value"
        );
        let types = [("y".to_owned(), "decimal(2)".to_owned()), ("x".to_owned(), "date".to_owned())].into();
        let (frame, _) =
            read("x,y\n2024-01-02,1.25\n2024-02-03,2\n", &ReadOptions { types, ..ReadOptions::default() }).unwrap();
        assert_eq!(frame.columns()[1].dtype().to_string(), "decimal[38,2]");
        assert_eq!(frame.columns()[0].dtype().to_string(), "date");
    }
}
