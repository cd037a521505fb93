//! Statistics of numbers and times.

use super::bound;
use crate::error::{ExploreError, Result};
use crate::work::Cancel;
use atelier_wire::studio::data::view::ColumnStats;
use polars::prelude::*;
use rayon::prelude::*;

pub(crate) const NUM_BINS: usize = 24;
const BLOCK: usize = 1 << 20;
/// Values of integers are counted one by one where they lie this close together.
const MAX_RANGE: i64 = 1 << 22;
const QUANTILES: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];

/// Seconds in a unit of the physical number, for times; 1 for numbers.
pub(crate) fn scale(dtype: &DataType) -> f64 {
    match dtype {
        DataType::Date => 86_400.0,
        DataType::Time | DataType::Datetime(TimeUnit::Nanoseconds, _) | DataType::Duration(TimeUnit::Nanoseconds) => 1e-9,
        DataType::Datetime(TimeUnit::Microseconds, _) | DataType::Duration(TimeUnit::Microseconds) => 1e-6,
        DataType::Datetime(TimeUnit::Milliseconds, _) | DataType::Duration(TimeUnit::Milliseconds) => 1e-3,
        _ => 1.0,
    }
}

/// The values as floats: times in seconds since the epoch, missing ones left out. NaN stays.
pub(crate) fn floats(series: &Series) -> PolarsResult<Vec<f64>> {
    let scale = scale(series.dtype());
    let mut out = Vec::with_capacity(series.len() - series.null_count());
    each(series, |value| {
        if let Some(value) = value {
            out.push(value * scale);
        }
    })?;
    Ok(out)
}

/// As [`floats`], with a place for every row.
pub(crate) fn floats_by_row(series: &Series) -> PolarsResult<Vec<f64>> {
    let scale = scale(series.dtype());
    let mut out = Vec::with_capacity(series.len());
    each(series, |value| out.push(value.map_or(f64::NAN, |value| value * scale)))?;
    Ok(out)
}

fn each(series: &Series, mut take: impl FnMut(Option<f64>)) -> PolarsResult<()> {
    let decimal = matches!(series.dtype(), DataType::Decimal(..));
    let physical = if decimal { series.clone() } else { series.to_physical_repr().into_owned() };
    for start in (0..series.len()).step_by(BLOCK) {
        let part = physical.slice(start as i64, BLOCK).cast(&DataType::Float64)?;
        for chunk in part.f64()?.downcast_iter() {
            if chunk.validity().is_none() {
                chunk.values().iter().for_each(|value| take(Some(*value)));
            } else {
                chunk.iter().for_each(|value| take(value.copied()));
            }
        }
    }
    Ok(())
}

/// Smallest and largest finite value: the edges of a column's histogram.
pub(crate) fn edges(series: &Series) -> Result<Option<(f64, f64)>> {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    let scale = scale(series.dtype());
    each(series, |value| {
        if let Some(value) = value
            && value.is_finite()
        {
            low = low.min(value * scale);
            high = high.max(value * scale);
        }
    })
    .map_err(|error| ExploreError::compute(series.name(), &error))?;
    Ok((low <= high).then_some((low, high)))
}

pub(super) fn measure(stats: &mut ColumnStats, series: &Series, quick: bool, edges: Option<(f64, f64)>, cancel: &Cancel, source: &str) -> Result<()> {
    let compute = |error: PolarsError| ExploreError::compute(source, &error);
    let values = floats(series).map_err(compute)?;
    cancel.check()?;
    let dtype = series.dtype();
    let plain = scale(dtype) == 1.0;
    let nan = values.iter().filter(|value| value.is_nan()).count() as u64;
    stats.num_missing += nan;
    stats.num_not_finite = values.iter().filter(|value| !value.is_finite()).count() as u64;
    moments(stats, &values, plain);
    if dtype.is_float() {
        let of = |pick: fn(f64, f64) -> f64, start: f64| values.iter().copied().filter(|value| !value.is_nan()).fold(start, pick);
        let (min, max) = (of(f64::min, f64::INFINITY), of(f64::max, f64::NEG_INFINITY));
        if min <= max {
            let text = |value: f64| crate::view::cell::text(&if *dtype == DataType::Float32 { AnyValue::Float32(value as f32) } else { AnyValue::Float64(value) });
            (stats.min, stats.max) = (text(min), text(max));
        }
    } else {
        stats.min = bound(&series.min_reduce().map_err(compute)?);
        stats.max = bound(&series.max_reduce().map_err(compute)?);
    }
    if quick {
        return Ok(());
    }
    cancel.check()?;
    let finite = || values.iter().copied().filter(|value| value.is_finite());
    let own = finite().fold(None, |span: Option<(f64, f64)>, value| Some(span.map_or((value, value), |(low, high)| (low.min(value), high.max(value)))));
    if let Some((low, high)) = edges.or(own) {
        let count = num_bins(dtype, low, high);
        stats.bins = bins(finite(), low, high, count);
        (stats.low, stats.high) = (Some(low), Some(high));
    }
    cancel.check()?;
    order(stats, series, values).map_err(compute)
}

/// Fewer bins than usual where that many integers lie between the edges: one each.
pub(crate) fn num_bins(dtype: &DataType, low: f64, high: f64) -> usize {
    if dtype.is_integer() && high - low < NUM_BINS as f64 { (high - low) as usize + 1 } else { NUM_BINS }
}

/// Sum, mean, deviation and skew of the finite values, in two passes.
fn moments(stats: &mut ColumnStats, values: &[f64], plain: bool) {
    let (mut n, mut sum) = (0u64, 0.0);
    for value in values.iter().copied().filter(|value| value.is_finite()) {
        n += 1;
        sum += value;
        stats.num_zero += u64::from(value == 0.0);
        stats.num_negative += u64::from(value < 0.0);
    }
    if !plain {
        (stats.num_zero, stats.num_negative) = (0, 0);
    }
    if n == 0 {
        return;
    }
    // Halves keep the mean of the largest floats finite.
    let mean = if sum.is_finite() { sum / n as f64 } else { values.iter().filter(|value| value.is_finite()).map(|value| value / n as f64).sum() };
    let (mut two, mut three) = (0.0, 0.0);
    for value in values.iter().copied().filter(|value| value.is_finite()) {
        let off = value - mean;
        two += off * off;
        three += off * off * off;
    }
    stats.mean = Some(mean);
    stats.sum = (plain && sum.is_finite()).then_some(sum);
    stats.std = (n > 1).then(|| (two / (n as f64 - 1.0)).sqrt()).filter(|std| std.is_finite());
    // g1 = m3 / m2^1.5 (Joanes and Gill 1998, without their correction), as Polars' `skew`.
    let m2 = two / n as f64;
    stats.skew = (m2 > 0.0).then(|| (three / n as f64) / m2.powf(1.5)).filter(|skew| skew.is_finite());
}

/// Equal bins; the last holds its upper edge. Where all values are equal, they stand in the middle.
pub(crate) fn bins(values: impl Iterator<Item = f64>, low: f64, high: f64, count: usize) -> Vec<u64> {
    let mut bins = vec![0; count];
    // Halved before subtracting, so that the widest range of floats does not overflow.
    let span = high / 2.0 - low / 2.0;
    for value in values {
        if value < low || value > high {
            continue;
        }
        let share = (value / 2.0 - low / 2.0) / span;
        let bin = if share.is_finite() { (share * count as f64) as usize } else { count / 2 };
        bins[bin.min(count - 1)] += 1;
    }
    bins
}

/// Distinct values and quantiles: by counting where integers lie close together, else by sorting.
fn order(stats: &mut ColumnStats, series: &Series, mut values: Vec<f64>) -> PolarsResult<()> {
    let scale = scale(series.dtype());
    let physical = series.to_physical_repr();
    let integer = physical.dtype().is_integer() && !matches!(physical.dtype(), DataType::Int128 | DataType::UInt128 | DataType::UInt64);
    if integer && !matches!(series.dtype(), DataType::Decimal(..)) {
        let numbers = physical.cast(&DataType::Int64)?;
        let numbers = numbers.i64()?;
        if let (Some(min), Some(max)) = (numbers.min(), numbers.max()) {
            if max.checked_sub(min).is_some_and(|range| range < MAX_RANGE) {
                let mut counts = vec![0u32; (max - min + 1) as usize];
                for chunk in numbers.downcast_iter() {
                    chunk.iter().flatten().for_each(|value| counts[(value - min) as usize] += 1);
                }
                stats.num_distinct = Some(counts.iter().filter(|count| **count > 0).count() as u64);
                stats.quantiles = QUANTILES.iter().map(|q| counted_quantile(&counts, min, *q, numbers.len() - numbers.null_count()) * scale).collect();
                return Ok(());
            }
            let mut sorted: Vec<i64> = numbers.iter().flatten().collect();
            sorted.par_sort_unstable();
            stats.num_distinct = Some(1 + sorted.windows(2).filter(|pair| pair[0] != pair[1]).count() as u64);
            stats.quantiles = QUANTILES.iter().map(|q| quantile(sorted.len(), *q, |i| sorted[i] as f64) * scale).collect();
            return Ok(());
        }
        stats.num_distinct = Some(0);
        return Ok(());
    }
    if !series.dtype().is_float() {
        stats.num_distinct = Some((series.n_unique()? - usize::from(series.null_count() > 0)) as u64);
    }
    values.retain(|value| !value.is_nan());
    values.iter_mut().for_each(|value| *value += 0.0); // -0 is 0
    values.par_sort_unstable_by(f64::total_cmp);
    if series.dtype().is_float() {
        stats.num_distinct = Some(values.len().min(1) as u64 + values.windows(2).filter(|pair| pair[0] != pair[1]).count() as u64);
    }
    let finite: &[f64] = {
        let start = values.partition_point(|value| *value == f64::NEG_INFINITY);
        let end = values.partition_point(|value| *value < f64::INFINITY);
        &values[start..end.max(start)]
    };
    if !finite.is_empty() {
        stats.quantiles = QUANTILES.iter().map(|q| quantile(finite.len(), *q, |i| finite[i])).collect();
    }
    Ok(())
}

/// Linear interpolation between the two nearest (type 7 of Hyndman and Fan 1996).
pub(crate) fn quantile(len: usize, q: f64, at: impl Fn(usize) -> f64) -> f64 {
    let place = q * (len.saturating_sub(1)) as f64;
    let (below, share) = (place.floor() as usize, place.fract());
    let low = at(below);
    if share == 0.0 { low } else { low + share * (at((below + 1).min(len - 1)) - low) }
}

fn counted_quantile(counts: &[u32], min: i64, q: f64, len: usize) -> f64 {
    let place = q * (len.saturating_sub(1)) as f64;
    let (below, share) = (place.floor() as u64, place.fract());
    let (mut seen, mut low) = (0u64, None);
    for (i, &count) in counts.iter().enumerate() {
        seen += u64::from(count);
        let value = (min + i as i64) as f64;
        if low.is_none() && seen > below {
            low = Some(value);
        }
        if let Some(low) = low
            && (seen > below + 1 || share == 0.0)
        {
            return low + share * (value - low);
        }
    }
    low.unwrap_or(f64::NAN)
}
