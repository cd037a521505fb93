//! The order of rows by several columns.
//!
//! Each column becomes a number per row that sorts as its values do; rows are then put in order column by column, the
//! last first, by stable passes: counting where the numbers are few, comparing where they are many. That is a fraction
//! of what comparing encoded rows costs, and the same for every type.

use crate::error::{ExploreError, Result};
use crate::table::base::Base;
use crate::work::Cancel;
use atelier_wire::studio::data::view::SortBy;
use polars::prelude::*;
use rayon::prelude::*;
use std::sync::Arc;

/// Missing values come last in both directions.
const MISSING: u64 = u64::MAX;
/// Buckets that counting may use.
const MAX_BUCKETS: u64 = 1 << 22;

pub(crate) fn order(base: &Base, by: &[SortBy], cancel: &Cancel) -> Result<Arc<Vec<IdxSize>>> {
    let key = serde_json::to_string(by).unwrap_or_default();
    base.order(&key, || {
        let mut order: Vec<IdxSize> = (0..base.columns.height() as IdxSize).collect();
        for sort in by.iter().rev() {
            cancel.check()?;
            let mut codes = codes(&base.column(&sort.column)?).map_err(|error| ExploreError::compute(&base.source, &error))?;
            if sort.descending {
                codes.iter_mut().filter(|code| **code != MISSING).for_each(|code| *code = MISSING - 1 - *code);
            }
            cancel.check()?;
            order = pass(order, &codes);
        }
        Ok(order)
    })
}

/// Puts rows in the order of their codes, equal ones as they were.
fn pass(order: Vec<IdxSize>, codes: &[u64]) -> Vec<IdxSize> {
    let present = || codes.iter().copied().filter(|code| *code != MISSING);
    let (Some(min), Some(max)) = (present().min(), present().max()) else { return order };
    if max - min < MAX_BUCKETS && (max - min) < 4 * codes.len() as u64 + 1024 {
        let bucket = |row: IdxSize| match codes[row as usize] {
            MISSING => (max - min + 1) as usize,
            code => (code - min) as usize,
        };
        let mut starts = vec![0u32; (max - min + 3) as usize];
        order.iter().for_each(|&row| starts[bucket(row) + 1] += 1);
        for i in 1..starts.len() {
            starts[i] += starts[i - 1];
        }
        let mut sorted = vec![0; order.len()];
        for row in order {
            let start = &mut starts[bucket(row)];
            sorted[*start as usize] = row;
            *start += 1;
        }
        return sorted;
    }
    // The place so far breaks ties, which makes an unstable sort stable.
    let mut keyed: Vec<(u64, u32, IdxSize)> = order.into_iter().enumerate().map(|(at, row)| (codes[row as usize], at as u32, row)).collect();
    keyed.par_sort_unstable_by_key(|(code, at, _)| (*code, *at));
    keyed.into_iter().map(|(_, _, row)| row).collect()
}

/// A number for each row that sorts as the value does. Never [`MISSING`] - 1 + 1 for a value.
fn codes(series: &Series) -> PolarsResult<Vec<u64>> {
    let signed = |value: i64| (value as u64 ^ (1 << 63)) >> 1;
    Ok(match series.dtype() {
        DataType::String => text_codes(series.str()?),
        DataType::Categorical(..) | DataType::Enum(..) => text_codes(series.cast(&DataType::String)?.str()?),
        DataType::Boolean => series.bool()?.iter().map(|value| value.map_or(MISSING, u64::from)).collect(),
        DataType::Float32 | DataType::Float64 => {
            let floats = series.cast(&DataType::Float64)?;
            let mut codes = Vec::with_capacity(series.len());
            for chunk in floats.f64()?.downcast_iter() {
                codes.extend(chunk.iter().map(|value| match value {
                    Some(value) if !value.is_nan() => float_code(*value),
                    _ => MISSING,
                }));
            }
            codes
        }
        DataType::List(_) | DataType::Array(..) | DataType::Struct(_) | DataType::Decimal(..) | DataType::UInt64 | DataType::UInt128 | DataType::Int128 | DataType::Binary => {
            let options = SortOptions { nulls_last: true, maintain_order: true, ..SortOptions::default() };
            let order = series.arg_sort(options);
            let mut codes = vec![MISSING; series.len()];
            let mut rank = 0;
            let rows: Vec<IdxSize> = order.iter().flatten().collect();
            for (i, &row) in rows.iter().enumerate() {
                if i > 0 && series.get(row as usize)? != series.get(rows[i - 1] as usize)? {
                    rank += 1;
                }
                if !series.get(row as usize)?.is_null() {
                    codes[row as usize] = rank;
                }
            }
            codes
        }
        DataType::Null => vec![MISSING; series.len()],
        _ => {
            let physical = series.to_physical_repr().cast(&DataType::Int64)?;
            let mut codes = Vec::with_capacity(series.len());
            let numbers = physical.i64()?;
            // Small ranges keep their differences, so that counting can be used; others lose their lowest bit nowhere.
            let (min, max) = (numbers.min().unwrap_or(0), numbers.max().unwrap_or(0));
            let narrow = max.checked_sub(min).is_some();
            for chunk in numbers.downcast_iter() {
                codes.extend(chunk.iter().map(|value| match value {
                    Some(value) if narrow => value.wrapping_sub(min) as u64,
                    Some(value) => signed(*value),
                    None => MISSING,
                }));
            }
            codes
        }
    })
}

/// IEEE 754 total order without its sign's sake: negative numbers reversed, below the positive ones.
fn float_code(value: f64) -> u64 {
    let bits = (value + 0.0).to_bits();
    let ordered = if bits >> 63 == 1 { !bits } else { bits | 1 << 63 };
    ordered.min(MISSING - 1)
}

/// The rank of each text among the distinct ones, by code point.
fn text_codes(text: &StringChunked) -> Vec<u64> {
    let mut ids: PlHashMap<&str, u32> = PlHashMap::default();
    let mut distinct: Vec<&str> = Vec::new();
    let mut rows = Vec::with_capacity(text.len());
    let mut last: Option<(&str, u32)> = None;
    for value in text.iter() {
        rows.push(match value {
            None => u32::MAX,
            Some(value) => match last {
                Some((before, id)) if before == value => id,
                _ => {
                    let id = *ids.entry(value).or_insert_with(|| {
                        distinct.push(value);
                        distinct.len() as u32 - 1
                    });
                    last = Some((value, id));
                    id
                }
            },
        });
    }
    let mut sorted: Vec<u32> = (0..distinct.len() as u32).collect();
    sorted.par_sort_unstable_by_key(|&id| distinct[id as usize]);
    let mut ranks = vec![0u64; distinct.len()];
    for (rank, &id) in sorted.iter().enumerate() {
        ranks[id as usize] = rank as u64;
    }
    rows.into_iter().map(|id| if id == u32::MAX { MISSING } else { ranks[id as usize] }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(series: Series, expected: &[IdxSize]) {
        let codes = codes(&series).unwrap();
        assert_eq!(pass((0..series.len() as IdxSize).collect(), &codes), expected, "{series}");
    }

    #[test]
    fn every_type_sorts() {
        check(Series::new("x".into(), [Some(3i64), None, Some(-1), Some(3)]), &[2, 0, 3, 1]);
        check(Series::new("x".into(), [i64::MAX, i64::MIN, 0]), &[1, 2, 0]);
        check(Series::new("x".into(), [0.5, f64::NAN, -1.0, f64::NEG_INFINITY, f64::INFINITY]), &[3, 2, 0, 4, 1]);
        check(Series::new("x".into(), [Some("b"), Some("a"), None, Some("b")]), &[1, 0, 3, 2]);
        check(Series::new("x".into(), [true, false]), &[1, 0]);
        check(Series::new("x".into(), [u64::MAX, 1]), &[1, 0]);
    }
}
