//! Buckets and tables. A table travels by page; a histogram is drawn where the data is.
//!
//! [`view`] has what the grid asks for, [`filter`] how rows are chosen, [`chart`] and [`quality`] what is drawn and
//! judged, [`recipe`] the steps that change a table. `OpenTable`, `GetPage` and `ProfileColumn` below are the first
//! panel's calls; they stay until nothing calls them.

pub mod chart;
pub mod filter;
pub mod quality;
pub mod recipe;
pub mod view;

use crate::calls;
use chart::{BuildChart, Chart};
use quality::{Quality, QualityReport};
use recipe::{ExportRecipe, ExportedRecipe, ListTransforms, PreviewStep, StepPreview, Transforms};
use serde::{Deserialize, Serialize};
use view::{
    CancelRequest, ColumnStats, DropView, ExportView, ExportedView, FindInView, Found, FullCell, GetCell, GetRows,
    GetStats, GetView, ListValues, OpenView, Rows, Values, ViewInfo,
};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListStores {}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Stores {
    pub buckets: Vec<StoreBucket>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoreBucket {
    pub name: String,
    pub created_at: f64,
    pub num_objects: u64,
    pub size_bytes: u64,
}

/// One level of a bucket, split at `/`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BrowseBucket {
    pub bucket: String,
    pub prefix: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BucketLevel {
    /// Prefixes below, each ending in `/`.
    pub prefixes: Vec<String>,
    pub objects: Vec<StoreObject>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoreObject {
    pub key: String,
    pub size_bytes: u64,
    pub modified_at: f64,
}

/// Where a table comes from: `s3://bucket/key` or a path of the workspace.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OpenTable {
    pub source: String,
    /// Whether the first row names the columns; `None` lets the reader decide.
    pub header: Option<bool>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Table {
    pub source: String,
    /// `csv`, `parquet` ...
    pub format: String,
    pub header: bool,
    pub num_rows: u64,
    pub size_bytes: u64,
    pub columns: Vec<Column>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Column {
    pub name: String,
    /// Polars' name: `i64`, `f64`, `str`, `bool`, `date`, `datetime[μs]` ...
    pub dtype: String,
    pub class: ColumnClass,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnClass {
    Integer,
    Float,
    Text,
    Boolean,
    Time,
    Other,
}

/// A window of rows. Sorting is stable; missing values come last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GetPage {
    pub source: String,
    pub header: Option<bool>,
    pub offset: u64,
    /// At most 1,000.
    pub limit: usize,
    pub sort: Option<Sort>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sort {
    pub column: String,
    pub descending: bool,
}

/// Row-major cells as text; `None` is a missing value.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Page {
    pub offset: u64,
    pub rows: Vec<Vec<Option<String>>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProfileColumn {
    pub source: String,
    pub header: Option<bool>,
    pub column: String,
}

/// Exact, over all rows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ColumnProfile {
    pub column: String,
    pub num_rows: u64,
    pub num_missing: u64,
    pub num_distinct: u64,
    pub min: Option<f64>,
    pub max: Option<f64>,
    pub mean: Option<f64>,
    pub std: Option<f64>,
    pub median: Option<f64>,
    /// For numbers: 24 equal bins from min to max.
    pub bins: Vec<u64>,
    /// For text and booleans: the five most frequent values.
    pub top: Vec<(String, u64)>,
    /// The histogram as SVG, 120 × 32 pixels, drawn with `currentColor` so that the theme colours it.
    pub spark_svg: String,
    /// The histogram with axes as SVG, 272 × 140 pixels.
    pub chart_svg: String,
}

calls! {
    ListStores => Stores,
    BrowseBucket => BucketLevel,
    OpenTable => Table,
    GetPage => Page,
    ProfileColumn => ColumnProfile,

    OpenView => ViewInfo,
    GetView => ViewInfo,
    DropView => super::home::Done,
    GetRows => Rows,
    GetCell => FullCell,
    GetStats => ColumnStats,
    ListValues => Values,
    FindInView => Found,
    ExportView => ExportedView,
    CancelRequest => super::home::Done,
    BuildChart => Chart,
    QualityReport => Quality,
    ListTransforms => Transforms,
    PreviewStep => StepPreview,
    ExportRecipe => ExportedRecipe,
}
