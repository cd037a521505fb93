//! Which rows a view shows. Each test is computed once per table and kept as a mask; a tree of tests then costs as much
//! as putting bits together.

mod test;

use crate::error::{ExploreError, Result};
use crate::table::base::Base;
use crate::work::Cancel;
use atelier_wire::studio::data::filter::{Filter, Test};
use polars::prelude::*;
use std::ops::Not;
use std::sync::Arc;

/// Rows whose tests are computed between two looks at the cancel flag.
const BLOCK_ROWS: usize = 1 << 20;
/// Deeper trees are nobody's filter.
const MAX_DEPTH: usize = 32;

/// Rows for which the filter holds, in the table's order; `None` when it holds for all without looking.
pub(crate) fn rows(base: &Base, filter: &Filter, cancel: &Cancel) -> Result<Option<Vec<IdxSize>>> {
    let Some(mask) = mask(base, filter, cancel, 0)? else { return Ok(None) };
    let mut rows = Vec::with_capacity(mask.sum().unwrap_or(0) as usize);
    let mut at: IdxSize = 0;
    for chunk in mask.downcast_iter() {
        let mut bits = chunk.values().clone();
        if let Some(valid) = chunk.validity() {
            bits = &bits & valid;
        }
        rows.extend(bits.true_idx_iter().map(|i| at + i as IdxSize));
        at += chunk.len() as IdxSize;
    }
    Ok(Some(rows))
}

/// The filter without the tests that are about this column alone.
pub(crate) fn without(filter: &Filter, column: &str) -> Option<Filter> {
    match filter {
        Filter::All { of } => {
            let left: Vec<Filter> = of.iter().filter(|part| !is_about(part, column)).cloned().collect();
            (!left.is_empty()).then_some(Filter::All { of: left })
        }
        other if is_about(other, column) => None,
        other => Some(other.clone()),
    }
}

fn is_about(filter: &Filter, name: &str) -> bool {
    match filter {
        Filter::Column { column, .. } => column == name,
        Filter::All { of } | Filter::Any { of } => !of.is_empty() && of.iter().all(|part| is_about(part, name)),
        Filter::Not { of } => is_about(of, name),
    }
}

fn mask(base: &Base, filter: &Filter, cancel: &Cancel, depth: usize) -> Result<Option<Arc<BooleanChunked>>> {
    if depth > MAX_DEPTH {
        return Err(ExploreError::refused(&base.source, "the filter nests too deep"));
    }
    let constant = |truth: bool| Some(Arc::new(BooleanChunked::full("mask".into(), truth, base.columns.height())));
    match filter {
        Filter::Column { column, test } => one(base, column, test, cancel).map(Some),
        Filter::Not { of } => Ok(match mask(base, of, cancel, depth + 1)? {
            None => constant(false),
            Some(mask) => Some(Arc::new(mask.as_ref().not())),
        }),
        Filter::All { of } => {
            let mut all: Option<Arc<BooleanChunked>> = None;
            for part in of {
                let Some(next) = mask(base, part, cancel, depth + 1)? else { continue };
                all = Some(match all {
                    None => next,
                    Some(before) => Arc::new(before.as_ref() & next.as_ref()),
                });
            }
            Ok(all)
        }
        Filter::Any { of } => {
            let mut any: Option<Arc<BooleanChunked>> = None;
            for part in of {
                let Some(next) = mask(base, part, cancel, depth + 1)? else { return Ok(None) };
                any = Some(match any {
                    None => next,
                    Some(before) => Arc::new(before.as_ref() | next.as_ref()),
                });
            }
            Ok(any.or_else(|| constant(false)))
        }
    }
}

fn one(base: &Base, column: &str, test: &Test, cancel: &Cancel) -> Result<Arc<BooleanChunked>> {
    let key = format!("{column}\u{1f}{}", serde_json::to_string(test).unwrap_or_default());
    base.mask(&key, || {
        let series = base.column(column)?.with_name("x".into());
        let expr = test::expression(series.dtype(), column, test, &base.source)?;
        evaluate(&series, expr, &base.source, cancel)
    })
}

/// The test over all rows, blocks of them side by side.
fn evaluate(series: &Series, expr: Expr, source: &str, cancel: &Cancel) -> Result<BooleanChunked> {
    use rayon::prelude::*;
    let blocks = series.len().div_ceil(BLOCK_ROWS).max(1);
    let block = |i: usize| -> Result<BooleanChunked> {
        cancel.check()?;
        let part = series.slice((i * BLOCK_ROWS) as i64, BLOCK_ROWS);
        let frame = part
            .into_frame()
            .lazy()
            .select([expr.clone().alias("mask")])
            .collect()
            .map_err(|error| ExploreError::compute(source, &error))?;
        let mask = frame.columns()[0]
            .as_materialized_series()
            .bool()
            .map_err(|error| ExploreError::compute(source, &error))?;
        Ok(mask.clone())
    };
    let parts: Result<Vec<BooleanChunked>> =
        if blocks == 1 { block(0).map(|mask| vec![mask]) } else { (0..blocks).into_par_iter().map(block).collect() };
    let mut parts = parts?.into_iter();
    let mut whole = parts.next().unwrap_or_default();
    for part in parts {
        whole.append(&part).map_err(|error| ExploreError::compute(source, &error))?;
    }
    Ok(whole.rechunk().into_owned())
}
