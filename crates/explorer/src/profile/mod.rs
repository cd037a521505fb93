//! Exact statistics over a column of a view. The kernels are plain loops on the calling thread, so that neither pages
//! nor another table's work wait for Polars' pool.

pub(crate) mod numbers;
mod texts;

use crate::error::{ExploreError, Result};
use crate::view::{View, cell};
use crate::work::{Cancel, aside};
use atelier_wire::studio::data::view::{ColumnKind, ColumnStats, GetStats};
use polars::prelude::*;

/// The statistics of a column of a view, from what is kept where it can be.
pub(crate) fn stats(view: &View, request: &GetStats, cancel: &Cancel) -> Result<ColumnStats> {
    let shown = if request.cross { view.shown_across(&request.column, cancel)? } else { view.shown(cancel)? };
    let base = shown.base.clone();
    // The rows' order does not matter: the filter alone names what was computed.
    let filter = match (&view.request.filter, request.cross) {
        (Some(filter), true) => crate::filter::without(filter, &request.column),
        (filter, _) => filter.clone(),
    };
    let filter = filter.map(|filter| serde_json::to_string(&filter).unwrap_or_default()).unwrap_or_default();
    let key = |quick: bool, filter: &str| format!("{}\u{1f}{quick}\u{1f}{filter}", request.column);
    let known = base
        .known_stats(&key(false, &filter))
        .or_else(|| if request.quick { base.known_stats(&key(true, &filter)) } else { None });
    let version = view.version();
    if let Some(mut known) = known {
        known.version = version;
        return Ok(known);
    }
    let series = if filter.is_empty() { base.column(&request.column)? } else { shown.column(&request.column)? };
    let is_number = !matches!(
        crate::source::types::kind(series.dtype()),
        ColumnKind::Text
            | ColumnKind::Category
            | ColumnKind::Boolean
            | ColumnKind::Binary
            | ColumnKind::List
            | ColumnKind::Struct
            | ColumnKind::Null
    );
    // A brushed header keeps the bins of the whole column, which mostly is known already.
    let edges = match base.known_stats(&key(false, "")) {
        _ if filter.is_empty() || request.quick || !is_number => None,
        Some(known) => known.low.zip(known.high),
        None => numbers::edges(&base.column(&request.column)?, cancel)?,
    };
    let mut stats = aside(|| of(&series, request.quick, edges, cancel, &base.source))?;
    stats.column = request.column.clone();
    base.keep_stats(key(request.quick, &filter), &stats);
    stats.version = version;
    Ok(stats)
}

/// All there is to say about the values. `edges` are those of the histogram, where they are given.
pub(crate) fn of(
    series: &Series,
    quick: bool,
    edges: Option<(f64, f64)>,
    cancel: &Cancel,
    source: &str,
) -> Result<ColumnStats> {
    let compute = |error: PolarsError| ExploreError::compute(source, &error);
    let mut stats = ColumnStats {
        column: series.name().to_string(),
        num_rows: series.len() as u64,
        num_missing: series.null_count() as u64,
        ..ColumnStats::default()
    };
    match crate::source::types::kind(series.dtype()) {
        ColumnKind::Integer
        | ColumnKind::Float
        | ColumnKind::Decimal
        | ColumnKind::Date
        | ColumnKind::Datetime
        | ColumnKind::Time
        | ColumnKind::Duration => {
            numbers::measure(&mut stats, series, quick, edges, cancel, source)?;
        }
        ColumnKind::Text | ColumnKind::Category => texts::measure(&mut stats, series, quick, cancel, source)?,
        ColumnKind::Boolean => {
            let truths = series.bool().map_err(compute)?;
            let present = stats.num_rows - stats.num_missing;
            let trues = u64::from(truths.sum().unwrap_or(0));
            stats.mean = (present > 0).then(|| trues as f64 / present as f64);
            stats.sum = (present > 0).then_some(trues as f64);
            stats.num_zero = present - trues;
            stats.num_distinct = Some(u64::from(trues > 0) + u64::from(trues < present));
            stats.min = (present > 0).then(|| (trues == present).to_string());
            stats.max = (present > 0).then(|| (trues > 0).to_string());
            stats.top = [("true".to_owned(), trues), ("false".to_owned(), present - trues)]
                .into_iter()
                .filter(|(_, count)| *count > 0)
                .collect();
            stats.top.sort_by(|a, b| b.1.cmp(&a.1));
        }
        ColumnKind::Null => stats.num_distinct = Some(0),
        ColumnKind::Binary | ColumnKind::List | ColumnKind::Struct => {
            stats.notes.push("Values of this type are not counted".to_owned());
        }
    }
    Ok(stats)
}

/// A bound as the grid shows it.
pub(crate) fn bound(scalar: &Scalar) -> Option<String> {
    let series = Series::from_any_values_and_dtype("".into(), &[scalar.value().clone()], scalar.dtype(), false).ok()?;
    cell::texts(&series).pop().flatten()
}
