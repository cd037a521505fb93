//! The distinct values of a column with their counts.

use super::{Shown, cell};
use crate::count::tally::{Tally, tally, top};
use crate::error::{ExploreError, Result};
use crate::work::Cancel;
use atelier_wire::studio::data::view::{ListValues, Values};
use polars::prelude::*;

const MAX_VALUES: usize = 1000;

/// Values and counts of a series, the most frequent first, equal counts in the order of the values; missing ones are
/// counted apart.
pub(crate) struct Counts {
    /// (position of an example, count)
    pub groups: Vec<(IdxSize, u64)>,
    pub missing: u64,
}

/// Counts by value. Text is hashed where it lies; anything else goes through Polars' grouping.
pub(crate) fn counts(series: &Series, cancel: &Cancel, source: &str) -> Result<Counts> {
    let compute = |error: PolarsError| ExploreError::compute(source, &error);
    if let DataType::String = series.dtype() {
        let series = series.rechunk();
        let text = series.str().map_err(compute)?;
        let Tally { groups, missing } = tally(text, cancel, |_| ())?;
        cancel.check()?;
        let groups =
            top(groups, usize::MAX, text).into_iter().map(|group| (group.row, u64::from(group.count))).collect();
        return Ok(Counts { groups, missing });
    }
    if let DataType::Boolean = series.dtype() {
        let truths = series.bool().map_err(compute)?;
        let (mut groups, missing) = (Vec::new(), series.null_count() as u64);
        let trues = u64::from(truths.sum().unwrap_or(0));
        let falses = series.len() as u64 - missing - trues;
        for (truth, count) in [(true, trues), (false, falses)] {
            if let Some(at) = truths.iter().position(|value| value == Some(truth)) {
                groups.push((at as IdxSize, count));
            }
        }
        groups.sort_by(|a, b| b.1.cmp(&a.1));
        return Ok(Counts { groups, missing });
    }
    if matches!(series.dtype(), DataType::Categorical(..) | DataType::Enum(..)) {
        return counts(&series.cast(&DataType::String).map_err(compute)?, cancel, source);
    }
    let series = if series.dtype().is_float() { nan_to_null(series).map_err(compute)? } else { series.clone() };
    let frame =
        DataFrame::new(series.len(), vec![series.clone().with_name("v".into()).into_column()]).map_err(compute)?;
    let frame = frame.with_row_index("i".into(), None).map_err(compute)?;
    let grouped = frame.lazy().group_by([col("v")]).agg([col("i").first().alias("i"), len().alias("n")]);
    let grouped = grouped
        .sort_by_exprs([col("n"), col("v")], SortMultipleOptions::default().with_order_descending_multi([true, false]))
        .collect()
        .map_err(compute)?;
    cancel.check()?;
    let at = grouped.column("i").and_then(|column| column.cast(&IDX_DTYPE)).map_err(compute)?;
    let count = grouped.column("n").and_then(|column| column.cast(&DataType::UInt64)).map_err(compute)?;
    let values = grouped.column("v").map_err(compute)?.is_null();
    let mut out = Counts { groups: Vec::with_capacity(grouped.height()), missing: 0 };
    let at = at.idx().map_err(compute)?;
    let count = count.u64().map_err(compute)?;
    for row in 0..grouped.height() {
        let count = count.get(row).unwrap_or(0);
        if values.get(row) == Some(true) {
            out.missing = count
        } else {
            out.groups.push((at.get(row).unwrap_or(0), count))
        }
    }
    Ok(out)
}

pub(crate) fn nan_to_null(series: &Series) -> PolarsResult<Series> {
    let frame =
        series.clone().with_name("v".into()).into_frame().lazy().select([col("v").fill_nan(lit(NULL))]).collect()?;
    Ok(frame.columns()[0].as_materialized_series().clone().with_name(series.name().clone()))
}

pub(crate) fn values(shown: &Shown, request: &ListValues, cancel: &Cancel) -> Result<Values> {
    let series = shown.column(&request.column)?;
    if series.dtype().is_nested() {
        return Err(ExploreError::refused(
            &shown.base.source,
            format!("the values of `{}` are lists or structs, which are not counted", request.column),
        ));
    }
    let limit = request.limit.clamp(1, MAX_VALUES);
    let find = request.find.to_lowercase();
    if *series.dtype() == DataType::String {
        return texts(&series.rechunk(), &find, limit, cancel, &shown.base.source);
    }
    let counts = counts(&series, cancel, &shown.base.source)?;
    let mut out = Values { values: Vec::new(), num_distinct: counts.groups.len() as u64 };
    if counts.missing > 0 && find.is_empty() {
        out.values.push((None, counts.missing));
    }
    for (at, count) in counts.groups {
        if out.values.len() >= limit {
            break;
        }
        let Some(text) = cell::texts(&series.slice(i64::from(at), 1)).pop().flatten() else { continue };
        if find.is_empty() || text.to_lowercase().contains(&find) {
            out.values.push((Some(text), count));
        }
    }
    out.values.sort_by(|a, b| b.1.cmp(&a.1));
    Ok(out)
}

/// The values of text: only those that are shown are put in order.
fn texts(series: &Series, find: &str, limit: usize, cancel: &Cancel, source: &str) -> Result<Values> {
    let text = series.str().map_err(|error| ExploreError::compute(source, &error))?;
    let Tally { mut groups, missing } = tally(text, cancel, |_| ())?;
    let num_distinct = groups.len() as u64;
    if !find.is_empty() {
        groups.retain(|group| text.get(group.row as usize).is_some_and(|value| value.to_lowercase().contains(find)));
        cancel.check()?;
    }
    let gap = (missing > 0 && find.is_empty()).then_some((None, missing));
    let shown = top(groups, limit - usize::from(gap.is_some()), text);
    let mut values: Vec<(Option<String>, u64)> = gap.into_iter().collect();
    values.extend(shown.iter().map(|group| (text.get(group.row as usize).map(str::to_owned), u64::from(group.count))));
    values.sort_by(|a, b| b.1.cmp(&a.1));
    Ok(Values { values, num_distinct })
}
