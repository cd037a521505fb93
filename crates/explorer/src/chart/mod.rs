//! Charts: aggregated here, drawn here, and only what is drawn is sent.

mod code;
mod draw;
mod groups;
mod kinds;
pub(crate) mod labels;
mod relate;

use crate::error::{ExploreError, Result};
use crate::view::Shown;
use crate::work::Cancel;
use atelier_wire::studio::data::chart::{Chart, ChartKind, ChartSeries, ChartSpec};
use atelier_wire::studio::data::view::ColumnKind;
use polars::prelude::*;

/// What is drawn: marks in panels over two axes.
#[derive(Default)]
pub(crate) struct Drawing {
    pub marks: Marks,
    pub series: Vec<ChartSeries>,
    /// Names in the order of their colours.
    pub colors: Vec<String>,
    pub facets: Vec<String>,
    /// Names of the places along x and y, where the axis has names rather than numbers.
    pub x_names: Vec<String>,
    pub y_names: Vec<String>,
    pub x_time: bool,
    pub y_time: bool,
    pub x_label: String,
    pub y_label: String,
    pub title: String,
    pub log_y: bool,
    /// Cells run from -1 to 1 rather than from 0 up.
    pub diverging: bool,
    pub notes: Vec<String>,
    pub num_used: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Marks {
    #[default]
    Bars,
    Line,
    Area,
    Points,
    Boxes,
    Violins,
    Cells,
    /// Lines across axes of their own.
    Parallel,
}

/// The columns of a chart with what the kinds ask of them.
pub(crate) struct Input<'a> {
    pub shown: &'a Shown,
    pub spec: &'a ChartSpec,
    pub cancel: &'a Cancel,
}

impl Input<'_> {
    pub fn source(&self) -> &str {
        &self.shown.base.source
    }

    pub fn refuse<T>(&self, reason: impl Into<String>) -> Result<T> {
        Err(ExploreError::refused(self.source(), reason))
    }

    pub fn x(&self) -> Result<&str> {
        self.spec
            .x
            .as_deref()
            .filter(|x| !x.is_empty())
            .ok_or_else(|| ExploreError::refused(self.source(), "choose the column for the x axis"))
    }

    pub fn y(&self) -> Result<&str> {
        self.spec
            .y
            .first()
            .map(String::as_str)
            .ok_or_else(|| ExploreError::refused(self.source(), "choose the column for the y axis"))
    }

    pub fn kind(&self, column: &str) -> Result<ColumnKind> {
        Ok(crate::source::types::kind(&self.shown.dtype(column)?))
    }

    pub fn is_number(&self, column: &str) -> Result<bool> {
        Ok(matches!(
            self.kind(column)?,
            ColumnKind::Integer
                | ColumnKind::Float
                | ColumnKind::Decimal
                | ColumnKind::Date
                | ColumnKind::Datetime
                | ColumnKind::Time
                | ColumnKind::Duration
        ))
    }

    pub fn is_time(&self, column: &str) -> Result<bool> {
        Ok(matches!(self.kind(column)?, ColumnKind::Date | ColumnKind::Datetime))
    }

    /// A float for each row; NaN where it is missing.
    pub fn floats(&self, column: &str) -> Result<Vec<f64>> {
        self.cancel.check()?;
        if !self.is_number(column)? {
            return self.refuse(format!("`{column}` holds {}, and this chart needs numbers there: cast it with a step, or choose another column", self.shown.dtype(column)?));
        }
        crate::profile::numbers::floats_by_row(&self.shown.column(column)?)
            .map_err(|error| ExploreError::compute(self.source(), &error))
    }

    /// All columns of numbers, or those named.
    pub fn numbers(&self, most: usize) -> Result<Vec<String>> {
        let names = if self.spec.y.is_empty() {
            self.shown.names().iter().map(ToString::to_string).collect()
        } else {
            self.spec.y.clone()
        };
        let mut numbers = Vec::new();
        for name in names {
            if self.is_number(&name)? && !self.is_time(&name)? {
                numbers.push(name);
            }
        }
        numbers.truncate(most);
        Ok(numbers)
    }
}

pub(crate) fn build(shown: &Shown, spec: &ChartSpec, cancel: &Cancel) -> Result<Chart> {
    let input = Input { shown, spec, cancel };
    let mut drawing = match spec.kind {
        ChartKind::Histogram => kinds::histogram(&input)?,
        ChartKind::Bar => kinds::bar(&input)?,
        ChartKind::Line => kinds::line(&input, Marks::Line)?,
        ChartKind::Area => kinds::line(&input, Marks::Area)?,
        ChartKind::TimeSeries => kinds::time_series(&input)?,
        ChartKind::Scatter => kinds::scatter(&input)?,
        ChartKind::Box => kinds::boxes(&input, false)?,
        ChartKind::Violin => kinds::boxes(&input, true)?,
        ChartKind::HeatMap => relate::heat_map(&input)?,
        ChartKind::Correlation => relate::correlation(&input)?,
        ChartKind::Parallel => relate::parallel(&input)?,
        ChartKind::Missing => relate::missing(&input)?,
    };
    cancel.check()?;
    if let Some(title) = spec.title.as_ref().filter(|title| !title.is_empty()) {
        drawing.title = title.clone();
    }
    drawing.log_y = spec.log_y;
    let size = (
        if spec.width == 0 { 720 } else { spec.width.clamp(120, 4000) },
        if spec.height == 0 { 420 } else { spec.height.clamp(90, 4000) },
    );
    let svg = draw::svg(&drawing, size);
    Ok(Chart {
        svg,
        code: code::python(spec, &drawing),
        title: drawing.title,
        x_label: drawing.x_label,
        y_label: drawing.y_label,
        series: drawing.series,
        notes: drawing.notes,
        num_rows: shown.len() as u64,
        num_used: drawing.num_used,
    })
}

pub(crate) use relate::{cramers_v, pearson};

pub(crate) fn compute(input: &Input<'_>, error: &PolarsError) -> ExploreError {
    ExploreError::compute(input.source(), error)
}
