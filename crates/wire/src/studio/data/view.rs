//! The grid's side: open a view of a table, look at its rows and at its columns.
//!
//! A view is a source read with options, changed by steps, filtered and sorted. [`OpenView`] answers its key; the same
//! view has the same key, and opening one that differs in filter or order alone costs that filter or order alone. After
//! a restart of the backend a key is unknown (`ResourceNotFound`, code `404`): open the view again.
//! `Event::Changed { tag: "table", id: <source> }` says that a table has been read to its end, was changed on disk or
//! vanished: ask [`GetView`] again. Page requests never wait behind statistics, charts or reports.

use super::filter::Filter;
use super::recipe::Step;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `source` is one of
/// * a path of the workspace: a file, a folder or a glob (`data/2024-*.csv`), all files of one format as one table;
/// * `s3://bucket/key`, or `s3://bucket/prefix/` for all objects below it;
/// * `bridge:NAME`, a table that a kernel exported through the bridge;
/// * `sql:SELECT …`, over `options.tables` by name, or over sources in double quotes (`FROM "data/a.csv"`).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OpenView {
    pub source: String,
    #[serde(default)]
    pub options: ReadOptions,
    #[serde(default)]
    pub steps: Vec<Step>,
    #[serde(default)]
    pub filter: Option<Filter>,
    /// The first column decides, the next ones break ties; what is equal in all keeps the order of the file. Missing
    /// values come last in both directions.
    #[serde(default)]
    pub sort: Vec<SortBy>,
    /// A name for [`CancelRequest`]: opening may compute steps, a filter and an order.
    #[serde(default)]
    pub request: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SortBy {
    pub column: String,
    #[serde(default)]
    pub descending: bool,
}

/// How a file is read; what is `None` is decided by looking at the file, and [`ViewInfo::options`] says how.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReadOptions {
    /// Whether the first row names the columns.
    pub header: Option<bool>,
    /// One character.
    pub delimiter: Option<String>,
    /// One character; an empty text switches quoting off.
    pub quote: Option<String>,
    /// A name of the Encoding Standard: `utf-8`, `windows-1252`, `shift_jis`, `utf-16le` ...
    pub encoding: Option<String>,
    /// Lines that start with it are skipped.
    pub comment: Option<String>,
    pub decimal_comma: Option<bool>,
    /// Rows above the header that are skipped.
    pub skip_rows: Option<u64>,
    /// Texts that mean a missing value; `None` is an empty field, `NA`, `N/A`, `NaN`, `null`, `NULL`, `None`, `?`.
    pub null_values: Option<Vec<String>>,
    /// Types by column: `i64`, `f64`, `str`, `bool`, `date`, `datetime`, `datetime[UTC]`, `time`, `decimal(2)`,
    /// `category`, or any other name that a column's `dtype` shows. A value that does not fit is an error that names it.
    pub types: BTreeMap<String, String>,
    /// For workbooks: the sheet's name; `None` is the first.
    pub sheet: Option<String>,
    /// For `sql:` sources: table name to source.
    pub tables: BTreeMap<String, String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GetView {
    pub view: String,
}

/// Lets go of what is kept for a view; a table goes with its last view.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DropView {
    pub view: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ViewInfo {
    pub view: String,
    pub source: String,
    /// `csv`, `tsv`, `parquet`, `json`, `jsonl`, `arrow`, `excel`, `sql`, `bridge`; `csv.gz` where it was packed.
    pub format: String,
    pub size_bytes: u64,
    /// Rows of the view after its steps and filter; `None` while the file is still being counted.
    pub num_rows: Option<u64>,
    /// Rows before the filter.
    pub num_source_rows: Option<u64>,
    /// Where they are not yet counted: how many there will be about, by the first rows' length.
    pub estimated_rows: u64,
    /// All has been read: types are those of the whole file. Until then rows can be looked at, and filters, orders and
    /// statistics wait for the rest.
    pub complete: bool,
    /// How much has been read, 0 to 1.
    pub fraction: f32,
    pub columns: Vec<ViewColumn>,
    /// As decided.
    pub options: ReadOptions,
    /// Of a workbook.
    pub sheets: Vec<String>,
    pub notices: Vec<Notice>,
    /// Grows when the table behind the view was read again: rows fetched under another version are old.
    pub version: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ViewColumn {
    /// Unique and never empty: `column_3` for an unnamed one, `x_2` for a second `x`.
    pub name: String,
    /// Polars' name: `i64`, `f64`, `str`, `bool`, `date`, `datetime[μs, UTC]`, `list[i64]` ...
    pub dtype: String,
    pub kind: ColumnKind,
}

/// How a column is shown, filtered and drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnKind {
    Integer,
    Float,
    Decimal,
    #[default]
    Text,
    /// Categorical or enum.
    Category,
    Boolean,
    Date,
    Datetime,
    Time,
    Duration,
    Binary,
    List,
    Struct,
    /// All values are missing.
    Null,
}

/// What a reader must know about the table as shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    /// `changed`, `vanished`, `ragged`, `widened`, `renamed`, `encoding`, `truncated`, `failed` ...
    pub kind: String,
    pub text: String,
    /// What to do about it.
    pub remedy: String,
}

/// A window of rows and columns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GetRows {
    pub view: String,
    pub offset: u64,
    /// At most 1,000.
    pub limit: usize,
    /// Columns by position, first and how many; `None` is all (at most 300 come).
    #[serde(default)]
    pub columns: Option<(usize, usize)>,
    /// Columns by name, instead: pinned ones, reordered ones.
    #[serde(default)]
    pub names: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rows {
    pub offset: u64,
    pub version: u64,
    /// The position of each row in the table before filter and sort, from 0.
    pub ids: Vec<u64>,
    /// Positions in [`ViewInfo::columns`] of the cells.
    pub columns: Vec<usize>,
    /// Row-major; `None` is a missing value. Numbers in the shortest form that reads back as the same number, times in
    /// ISO 8601 with their offset, lists and structs as JSON, bytes as `\x00ff…`.
    pub cells: Vec<Vec<Option<String>>>,
    /// (row, column) in `cells` of texts longer than 500 characters, which are cut: ask [`GetCell`].
    pub cut: Vec<(u32, u32)>,
}

/// The whole of one cell. `row` is a row's id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GetCell {
    pub view: String,
    pub row: u64,
    pub column: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FullCell {
    pub text: Option<String>,
    /// Characters that were left out beyond 4 million.
    pub num_left_out: u64,
}

/// Exact statistics over a column of the view.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GetStats {
    pub view: String,
    pub column: String,
    /// Only what one cheap pass gives: missing, min, max, mean. Ask for these first.
    #[serde(default)]
    pub quick: bool,
    /// Leave out the filter's tests that are about this column alone, so that its header can be brushed.
    #[serde(default)]
    pub cross: bool,
    /// A name for [`CancelRequest`].
    #[serde(default)]
    pub request: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ColumnStats {
    pub column: String,
    pub version: u64,
    pub num_rows: u64,
    /// NaN counts as missing.
    pub num_missing: u64,
    /// Among the values that are not missing; `None` when only quick facts were asked for, and for lists and structs.
    pub num_distinct: Option<u64>,
    /// As the grid shows values; for numbers and times by size, for text by its bytes.
    pub min: Option<String>,
    pub max: Option<String>,
    /// Of finite numbers; of true as 1; of times in seconds since the epoch.
    pub mean: Option<f64>,
    /// Of the sample (n - 1).
    pub std: Option<f64>,
    pub sum: Option<f64>,
    /// Linear interpolation, as Polars and pandas do: 5, 25, 50, 75 and 95 %.
    pub quantiles: Vec<f64>,
    pub num_zero: u64,
    pub num_negative: u64,
    /// NaN and infinite values, which stand in no bin.
    pub num_not_finite: u64,
    /// Third standardised moment.
    pub skew: Option<f64>,
    /// Equal bins from `low` to `high`; the last holds its upper edge. The same edges with and without a filter, so
    /// that a brushed header can draw one over the other.
    pub bins: Vec<u64>,
    pub low: Option<f64>,
    pub high: Option<f64>,
    /// For text, categories and booleans: the most frequent ten.
    pub top: Vec<(String, u64)>,
    /// For text: shortest, mean and longest in characters.
    pub lengths: Option<(u64, f64, u64)>,
    /// What was not computed exactly, and how; empty where all is exact.
    pub notes: Vec<String>,
}

/// The distinct values of a column with their counts, for set filters. Honours `cross` as [`GetStats`] does.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListValues {
    pub view: String,
    pub column: String,
    /// Only values that contain this, without regard to case.
    #[serde(default)]
    pub find: String,
    /// At most 1,000, the most frequent first.
    pub limit: usize,
    #[serde(default)]
    pub request: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Values {
    pub values: Vec<(Option<String>, u64)>,
    /// How many there are.
    pub num_distinct: u64,
}

/// The next cell that contains a text, from a row on, wrapping around.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FindInView {
    pub view: String,
    pub text: String,
    #[serde(default)]
    pub regex: bool,
    #[serde(default)]
    pub match_case: bool,
    /// Columns to look in; none is all.
    #[serde(default)]
    pub columns: Vec<String>,
    /// The position in the view to start from, and the column in that row (its cells from there on).
    pub from_row: u64,
    #[serde(default)]
    pub from_column: usize,
    #[serde(default)]
    pub backwards: bool,
    #[serde(default)]
    pub request: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// Position in the view and of the column; `None` when nothing matches.
    pub at: Option<(u64, usize)>,
    /// The search came past the end and went on at the other.
    pub wrapped: bool,
}

/// Writes the rows of the view to a file of the workspace; the ending decides: csv, tsv, parquet, json, jsonl, arrow.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ExportView {
    pub view: String,
    pub path: String,
    #[serde(default)]
    pub request: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ExportedView {
    pub num_rows: u64,
    pub size_bytes: u64,
}

/// Ends the call that was given this name, which then fails with the code `Cancelled`. Nothing happens when it is done.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CancelRequest {
    pub request: String,
}
