//! The order of rows by several columns.
//!
//! Each column becomes a number per row that sorts as its values do; rows are then put in order column by column, the
//! last first, by stable passes: counting where the numbers are few, comparing where they are many. That is a fraction
//! of what comparing encoded rows costs, and the same for every type.

use crate::count::lattice::{self, Numbers};
use crate::count::radix::float_key;
use crate::count::tally::tally;
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
            let mut codes = codes(&base.column(&sort.column)?, cancel, &base.source)?;
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
    let mut keyed: Vec<(u64, u32, IdxSize)> =
        order.into_iter().enumerate().map(|(at, row)| (codes[row as usize], at as u32, row)).collect();
    keyed.par_sort_unstable_by_key(|(code, at, _)| (*code, *at));
    keyed.into_iter().map(|(_, _, row)| row).collect()
}

/// A number for each row that sorts as the value does; [`MISSING`] for no value.
fn codes(series: &Series, cancel: &Cancel, source: &str) -> Result<Vec<u64>> {
    let compute = |error: PolarsError| ExploreError::compute(source, &error);
    match series.dtype() {
        DataType::String => text_codes(series.str().map_err(compute)?, cancel),
        DataType::Categorical(..) | DataType::Enum(..) => {
            let text = series.cast(&DataType::String).map_err(compute)?;
            text_codes(text.str().map_err(compute)?, cancel)
        }
        dtype if dtype.is_primitive_numeric() || dtype.is_temporal() || matches!(dtype, DataType::Decimal(..)) => {
            match cell_codes(series, cancel, &compute)? {
                Some(codes) => Ok(codes),
                None => number_codes(series).map_err(compute),
            }
        }
        _ => number_codes(series).map_err(compute),
    }
}

fn number_codes(series: &Series) -> PolarsResult<Vec<u64>> {
    Ok(match series.dtype() {
        DataType::Boolean => series.bool()?.iter().map(|value| value.map_or(MISSING, u64::from)).collect(),
        DataType::Float32 | DataType::Float64 => {
            let floats = series.cast(&DataType::Float64)?;
            let mut codes = Vec::with_capacity(series.len());
            for chunk in floats.f64()?.downcast_iter() {
                codes.extend(chunk.iter().map(|value| match value {
                    Some(value) if !value.is_nan() => float_key(*value).min(MISSING - 1),
                    _ => MISSING,
                }));
            }
            codes
        }
        DataType::List(_)
        | DataType::Array(..)
        | DataType::Struct(_)
        | DataType::Decimal(..)
        | DataType::UInt64
        | DataType::UInt128
        | DataType::Int128
        | DataType::Binary => ranks(series)?,
        DataType::Null => vec![MISSING; series.len()],
        _ => {
            let physical = series.to_physical_repr().cast(&DataType::Int64)?;
            let mut codes = Vec::with_capacity(series.len());
            let numbers = physical.i64()?;
            let (min, max) = (numbers.min().unwrap_or(0), numbers.max().unwrap_or(0));
            if max.checked_sub(min).is_none() {
                return ranks(series);
            }
            for chunk in numbers.downcast_iter() {
                codes.extend(chunk.iter().map(|value| match value {
                    Some(value) => value.wrapping_sub(min) as u64,
                    None => MISSING,
                }));
            }
            codes
        }
    })
}

/// The rank of each value among the distinct ones, in Polars' order.
fn ranks(series: &Series) -> PolarsResult<Vec<u64>> {
    let options = SortOptions { nulls_last: true, maintain_order: true, ..SortOptions::default() };
    let order = series.arg_sort(options);
    let mut codes = vec![MISSING; series.len()];
    let mut rank = 0;
    let mut before: Option<AnyValue<'_>> = None;
    for row in order.iter().flatten() {
        let value = series.get(row as usize)?;
        if before.as_ref().is_some_and(|before| *before != value) {
            rank += 1;
        }
        if !value.is_null() {
            codes[row as usize] = rank;
        }
        before = Some(value);
    }
    Ok(codes)
}

/// The rank of each text among the distinct ones, by code point.
fn text_codes(text: &StringChunked, cancel: &Cancel) -> Result<Vec<u64>> {
    let text = text.rechunk();
    let mut rows: Vec<u32> = Vec::with_capacity(text.len());
    let tally = tally(&text, cancel, |group| rows.push(group.unwrap_or(u32::MAX)))?;
    let mut sorted: Vec<(&str, u32)> = tally
        .groups
        .iter()
        .enumerate()
        .map(|(id, group)| (text.get(group.row as usize).unwrap_or_default(), id as u32))
        .collect();
    sorted.par_sort_unstable();
    let mut ranks = vec![0u64; sorted.len()];
    for (rank, (_, id)) in sorted.iter().enumerate() {
        ranks[*id as usize] = rank as u64;
    }
    Ok(rows.into_iter().map(|id| if id == u32::MAX { MISSING } else { ranks[id as usize] }).collect())
}

/// Numbers that lie on a lattice become their cells, which can be counted.
fn cell_codes(
    series: &Series,
    cancel: &Cancel,
    compute: &impl Fn(PolarsError) -> ExploreError,
) -> Result<Option<Vec<u64>>> {
    let Some(numbers) = Numbers::of(series).map_err(compute)? else { return Ok(None) };
    let span = lattice::span(&numbers, true, cancel)?;
    let Some(lattice) = span.lattice.filter(|lattice| span.infinite == (0, 0) && (lattice.cells as u64) < MAX_BUCKETS)
    else {
        return Ok(None);
    };
    if span.num as usize == series.len() {
        let mut codes = Vec::with_capacity(series.len());
        lattice::cells(&numbers, &lattice, cancel, |cell| codes.push(cell as u64))?;
        return Ok(Some(codes));
    }
    // The cells come without the missing values, which are put back in their places.
    let there = match &numbers {
        Numbers::Floats(floats) => floats.is_finite().map_err(compute)?,
        Numbers::Integers(physical, _) => physical.is_not_null(),
    };
    let mut codes = vec![MISSING; series.len()];
    let mut rows = there.iter().enumerate().filter(|(_, there)| *there == Some(true)).map(|(row, _)| row);
    lattice::cells(&numbers, &lattice, cancel, |cell| {
        if let Some(row) = rows.next() {
            codes[row] = cell as u64;
        }
    })?;
    Ok(Some(codes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(series: Series, expected: &[IdxSize]) {
        let codes = codes(&series, &Cancel::default(), "x").unwrap();
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
        check(Series::new("x".into(), [i64::MAX, i64::MAX - 1, i64::MIN]), &[2, 1, 0]);
        check(Series::new("x".into(), [Some(0.25), None, Some(-0.5), Some(f64::NAN), Some(0.25)]), &[2, 0, 4, 1, 3]);
        check(Series::new("x".into(), [Some(1_000_000_000_000i64), None, Some(0), Some(5_000_000_000)]), &[2, 3, 0, 1]);
    }
}
