//! Charts: the aggregation is done where the data is, and only what is drawn comes back.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChartKind {
    /// `x`: one column; bins for numbers and times, the most frequent values for text.
    #[default]
    Histogram,
    /// `x`: a category; `y`: none (counts) or one column with `aggregate`.
    Bar,
    /// `x` against one `y` or more, with `aggregate` per `x`.
    Line,
    Area,
    /// `x` and one `y`, both numbers or times; a density grid above 20,000 rows.
    Scatter,
    /// `y`: a number; `x` or `color`: groups.
    Box,
    Violin,
    /// `x` and one `y` as categories or bins; the colour is the count, or `aggregate` of `value`.
    HeatMap,
    /// `y`: the columns, or all. `method`: `pearson`, `spearman` or `cramers_v`.
    Correlation,
    /// `y`: the columns, or all numbers.
    Parallel,
    /// Where values are missing: rows from top to bottom, a column each.
    Missing,
    /// `x`: a time, resampled by `every`; `y`: numbers.
    TimeSeries,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aggregate {
    #[default]
    Count,
    Sum,
    Mean,
    Median,
    Min,
    Max,
    Std,
    Distinct,
}

/// What to draw. Everything but `kind` may be left out where the kind does not need it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChartSpec {
    pub kind: ChartKind,
    pub x: Option<String>,
    pub y: Vec<String>,
    /// The column whose values colour and split the marks; the eight most frequent, the rest together.
    pub color: Option<String>,
    /// The column whose values (nine at most) get a panel each.
    pub facet: Option<String>,
    pub aggregate: Option<Aggregate>,
    /// For [`ChartKind::HeatMap`].
    pub value: Option<String>,
    pub bins: Option<u32>,
    /// A span of Polars: `1h`, `1d`, `1w`, `1mo`, `1q`, `1y`; `None` chooses one that gives some 200 points.
    pub every: Option<String>,
    pub method: Option<String>,
    /// The most categories drawn; the rest are counted in a note.
    pub top: Option<u32>,
    pub title: Option<String>,
    /// Pixels; 0 is 720 × 420.
    pub width: u32,
    pub height: u32,
    pub log_y: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BuildChart {
    pub view: String,
    pub spec: ChartSpec,
    /// A name for [`super::view::CancelRequest`].
    #[serde(default)]
    pub request: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Chart {
    /// Complete and safe to place: only shapes and escaped text. Text and axes take `currentColor`; marks take
    /// `var(--chart-1, #0072b2)` to `var(--chart-8, …)` (Okabe and Ito's colour-blind safe eight), so that the file
    /// also stands alone.
    pub svg: String,
    pub title: String,
    pub x_label: String,
    pub y_label: String,
    /// What is drawn, as numbers.
    pub series: Vec<ChartSeries>,
    /// What a reader must know: values left out, rows sampled and by how much, missing values.
    pub notes: Vec<String>,
    /// The rows of the view, and those that the marks stand for.
    pub num_rows: u64,
    pub num_used: u64,
    /// Python (Polars and Matplotlib) that draws the same chart, for "to notebook cell".
    pub code: String,
}

/// Points of one colour in one panel. `labels` replaces `x` where the axis has names; times are seconds since the
/// epoch. Box plots give five rows of `y` a group: lower whisker, quartiles, upper whisker.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ChartSeries {
    pub name: String,
    pub facet: String,
    pub labels: Vec<String>,
    pub x: Vec<f64>,
    pub y: Vec<f64>,
    /// The size of a mark or the colour of a cell, where the kind has one.
    pub z: Vec<f64>,
}
