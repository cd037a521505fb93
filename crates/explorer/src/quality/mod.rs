//! What is wrong with a table, each finding with the number that shows it and the step that mends it.

mod columns;
mod html;
mod model;
mod pairs;
mod tree;

use crate::error::Result;
use crate::profile;
use crate::view::Shown;
use crate::work::Cancel;
use atelier_wire::studio::data::quality::{Finding, Quality, Severity};
use atelier_wire::studio::data::recipe::{Param, Step};
use atelier_wire::studio::data::view::{ColumnKind, ColumnStats};
use polars::prelude::*;

/// Rows that the slow parts (correlations, the model) look at; evenly spaced when there are more.
const SAMPLE_ROWS: usize = 50_000;
/// Columns that they look at.
const MAX_COLUMNS: usize = 60;

/// A column and what is known of it.
pub(crate) struct Column {
    pub name: String,
    pub kind: ColumnKind,
    pub stats: ColumnStats,
}

impl Column {
    pub fn is_number(&self) -> bool {
        matches!(self.kind, ColumnKind::Integer | ColumnKind::Float | ColumnKind::Decimal)
    }

    pub fn is_category(&self) -> bool {
        matches!(self.kind, ColumnKind::Text | ColumnKind::Category | ColumnKind::Boolean)
    }
}

pub(crate) fn report(shown: &Shown, target: Option<&str>, cancel: &Cancel) -> Result<Quality> {
    let source = &shown.base.source;
    if let Some(target) = target {
        shown.dtype(target)?;
    }
    let mut columns = Vec::new();
    let mut quality =
        Quality { num_rows: shown.len() as u64, num_columns: shown.names().len() as u64, ..Quality::default() };
    for name in shown.names() {
        cancel.check()?;
        let series = shown.column(&name)?;
        let stats = profile::of(&series, false, None, cancel, source)?;
        let column = Column { name: name.to_string(), kind: crate::source::types::kind(series.dtype()), stats };
        columns::judge(&column, &series, Some(name.as_str()) == target, &mut quality.findings, cancel)?;
        columns.push(column);
    }
    duplicates(shown, &mut quality, cancel)?;
    let sample = sample(shown);
    if (sample.len() as u64) < quality.num_rows {
        quality.notes.push(format!(
            "Correlations, collinearity, leakage and the quick model look at {} of {} rows, evenly spaced.",
            sample.len(),
            quality.num_rows
        ));
    }
    let table = pairs::Table::of(shown, &columns, &sample, cancel)?;
    if columns.len() > table.len() {
        quality
            .notes
            .push(format!("They look at {} columns: numbers, truth values and texts of few values.", table.len()));
    }
    pairs::judge(&table, target, &mut quality.findings, cancel)?;
    if let Some(target) = target {
        quality.model = model::judge(&table, target, &mut quality.findings, cancel)?;
    }
    quality.findings.sort_by(|a, b| a.severity.cmp(&b.severity));
    quality.html = html::page(source, &quality, target);
    Ok(quality)
}

/// Rows that are the same as one before.
fn duplicates(shown: &Shown, quality: &mut Quality, cancel: &Cancel) -> Result<()> {
    let names: Vec<PlSmallStr> =
        shown.schema().iter().filter(|(_, dtype)| !dtype.is_nested()).map(|(name, _)| name.clone()).collect();
    if names.is_empty() || shown.len() < 2 {
        return Ok(());
    }
    let compute = |error: PolarsError| crate::ExploreError::compute(&shown.base.source, &error);
    let columns: Vec<Expr> = names.iter().cloned().map(col).collect();
    let plan = shown.frame(&names)?.lazy().group_by(columns).agg([len().alias("__rows")]).select([len()]);
    let distinct = crate::sql::collect(plan, crate::sql::How::Whole, usize::MAX, &shown.base.source, cancel)?;
    let distinct = distinct.columns()[0].get(0).map_err(compute)?.try_extract::<u64>().map_err(compute)?;
    let same = shown.len() as u64 - distinct;
    if same > 0 {
        let share = same as f64 / shown.len() as f64;
        let severity = if share > 0.01 { Severity::Medium } else { Severity::Low };
        let message = format!("{same} of {} rows ({:.1} %) repeat an earlier row.", shown.len(), share * 100.0);
        quality.findings.push(finding(
            severity,
            "duplicate_rows",
            None,
            message,
            vec![("rows", same as f64), ("share", share)],
            Some(step("deduplicate", [])),
            "Keep the first of each",
        ));
    }
    Ok(())
}

/// Evenly spaced rows.
fn sample(shown: &Shown) -> Vec<IdxSize> {
    let len = shown.len();
    let count = len.min(SAMPLE_ROWS);
    (0..count).map(|i| (i as u64 * len as u64 / count as u64) as IdxSize).collect()
}

pub(crate) fn step<const N: usize>(op: &str, params: [(&str, Param); N]) -> Step {
    Step {
        op: op.to_owned(),
        params: params.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        ..Step::default()
    }
}

pub(crate) fn names(columns: &[&str]) -> Param {
    Param::List(columns.iter().map(|name| Param::Text((*name).to_owned())).collect())
}

pub(crate) fn finding(
    severity: Severity,
    kind: &str,
    column: Option<&str>,
    message: String,
    numbers: Vec<(&str, f64)>,
    step: Option<Step>,
    remedy: &str,
) -> Finding {
    Finding {
        severity,
        kind: kind.to_owned(),
        column: column.map(str::to_owned),
        message,
        numbers: numbers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        step,
        remedy: remedy.to_owned(),
    }
}
