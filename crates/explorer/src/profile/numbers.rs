//! Statistics of numbers and times.

use super::bound;
use crate::count::lattice::{self, Numbers, Span};
use crate::count::sorted::{Sorted, sorted};
use crate::error::{ExploreError, Result};
use crate::view::cell;
use crate::work::Cancel;
use atelier_wire::studio::data::view::ColumnStats;
use polars::prelude::*;

pub(crate) const NUM_BINS: usize = 24;
const BLOCK: usize = 1 << 20;
const QUANTILES: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];

/// Seconds in a unit of the physical number, for times; 1 for numbers.
pub(crate) fn scale(dtype: &DataType) -> f64 {
    match dtype {
        DataType::Date => 86_400.0,
        DataType::Time | DataType::Datetime(TimeUnit::Nanoseconds, _) | DataType::Duration(TimeUnit::Nanoseconds) => {
            1e-9
        }
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
pub(crate) fn edges(series: &Series, cancel: &Cancel) -> Result<Option<(f64, f64)>> {
    let compute = |error: PolarsError| ExploreError::compute(series.name(), &error);
    if let Some(numbers) = Numbers::of(series).map_err(compute)? {
        let span = lattice::span(&numbers, false, cancel)?;
        return Ok((span.num > 0).then_some((span.low, span.high)));
    }
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    each(series, |value| {
        if let Some(value) = value.filter(|value| value.is_finite()) {
            (low, high) = (low.min(value), high.max(value));
        }
    })
    .map_err(compute)?;
    Ok((low <= high).then_some((low, high)))
}

/// One pass for what `quick` gives; counting, or sorting where that is not possible, for the rest.
pub(super) fn measure(
    stats: &mut ColumnStats,
    series: &Series,
    quick: bool,
    edges: Option<(f64, f64)>,
    cancel: &Cancel,
    source: &str,
) -> Result<()> {
    let compute = |error: PolarsError| ExploreError::compute(source, &error);
    let Some(numbers) = Numbers::of(series).map_err(compute)? else {
        return wide(stats, series, quick, edges, cancel, source);
    };
    let span = lattice::span(&numbers, !quick, cancel)?;
    let plain = scale(series.dtype()) == 1.0;
    stats.num_missing += span.num_nan;
    stats.num_not_finite = span.num_nan + span.infinite.0 + span.infinite.1;
    (stats.min, stats.max) = ends(series, &numbers, &span).map_err(compute)?;
    if span.num > 0 && span.sum.is_finite() {
        stats.mean = Some(span.sum / span.num as f64);
        stats.sum = plain.then_some(span.sum);
    }
    if plain {
        (stats.num_zero, stats.num_negative) = (span.num_zero, span.num_negative);
    }
    if quick {
        return Ok(());
    }
    let sorted = sorted(&numbers, &span, cancel)?;
    by_value(stats, &sorted, span.num, series.dtype(), edges.or((span.num > 0).then_some((span.low, span.high))));
    let infinite = u64::from(span.infinite.0 > 0) + u64::from(span.infinite.1 > 0);
    stats.num_distinct = stats.num_distinct.map(|distinct| distinct + infinite);
    if !plain {
        stats.sum = None;
    }
    Ok(())
}

/// The smallest and the largest value as the grid shows them.
fn ends(series: &Series, numbers: &Numbers, span: &Span) -> PolarsResult<(Option<String>, Option<String>)> {
    match numbers {
        Numbers::Floats(_) => {
            let single = *series.dtype() == DataType::Float32;
            let text = |value: f64| {
                cell::text(&if single { AnyValue::Float32(value as f32) } else { AnyValue::Float64(value) })
            };
            let low = if span.infinite.0 > 0 {
                Some(f64::NEG_INFINITY)
            } else if span.num > 0 {
                Some(span.low)
            } else {
                (span.infinite.1 > 0).then_some(f64::INFINITY)
            };
            let high = if span.infinite.1 > 0 {
                Some(f64::INFINITY)
            } else if span.num > 0 {
                Some(span.high)
            } else {
                low
            };
            Ok((low.and_then(text), high.and_then(text)))
        }
        Numbers::Integers(physical, _) => {
            let Some((low, high)) = span.ends else { return Ok((None, None)) };
            let both = match series.dtype() {
                DataType::Decimal(..) => return Ok((bound(&series.min_reduce()?), bound(&series.max_reduce()?))),
                dtype => Series::new("".into(), [low, high]).cast(physical.dtype())?.cast(dtype)?,
            };
            let mut texts = cell::texts(&both).into_iter();
            Ok((texts.next().flatten(), texts.next().flatten()))
        }
    }
}

/// Everything that follows from the values in their order. `num` is how many there are.
fn by_value(stats: &mut ColumnStats, sorted: &Sorted, num: u64, dtype: &DataType, edges: Option<(f64, f64)>) {
    let mut places: Vec<u64> = QUANTILES.iter().flat_map(|q| around(num as usize, *q)).collect();
    places.sort_unstable();
    places.dedup();
    let (mut seen, mut distinct, mut found) = (0u64, 0u64, Vec::with_capacity(places.len()));
    // Kahan's sum as Neumaier 1974 mended it.
    let (mut sum, mut lost) = (0.0f64, 0.0f64);
    sorted.each(|value, count| {
        seen += count;
        distinct += 1;
        while found.len() < places.len() && places[found.len()] < seen {
            found.push(value);
        }
        let part = value * count as f64;
        let next = sum + part;
        lost += if sum.abs() >= part.abs() { (sum - next) + part } else { (part - next) + sum };
        sum = next;
    });
    stats.num_distinct = Some(distinct);
    let (Some((low, high)), true) = (edges, num > 0) else { return };
    let at = |place: u64| places.binary_search(&place).ok().and_then(|i| found.get(i).copied()).unwrap_or(f64::NAN);
    stats.quantiles = QUANTILES.iter().map(|q| quantile(num as usize, *q, |i| at(i as u64))).collect();
    let total = sum + lost;
    let mut mean = total / num as f64;
    if !total.is_finite() {
        // The sum of the largest floats is none; that of their shares is.
        mean = 0.0;
        sorted.each(|value, count| mean += value / num as f64 * count as f64);
    }
    let (mut two, mut three) = (0.0, 0.0);
    let mut bins = Bins::new(low, high, num_bins(dtype, low, high));
    sorted.each(|value, count| {
        let off = value - mean;
        two += off * off * count as f64;
        three += off * off * off * count as f64;
        bins.add(value, count);
    });
    (stats.bins, stats.low, stats.high) = (bins.counts, Some(low), Some(high));
    stats.mean = Some(mean);
    stats.sum = total.is_finite().then_some(total);
    stats.std = (num > 1).then(|| (two / (num as f64 - 1.0)).sqrt()).filter(|std| std.is_finite());
    // g1 = m3 / m2^1.5 (Joanes and Gill 1998, without their correction), as Polars' `skew`.
    let m2 = two / num as f64;
    stats.skew = (m2 > 0.0).then(|| (three / num as f64) / m2.powf(1.5)).filter(|skew| skew.is_finite());
}

/// Numbers of 128 bits: by their nearest floats, but for the distinct values.
fn wide(
    stats: &mut ColumnStats,
    series: &Series,
    quick: bool,
    edges: Option<(f64, f64)>,
    cancel: &Cancel,
    source: &str,
) -> Result<()> {
    let compute = |error: PolarsError| ExploreError::compute(source, &error);
    let near = Series::new(series.name().clone(), floats(series).map_err(compute)?);
    measure(stats, &near, quick, edges, cancel, source)?;
    stats.min = bound(&series.min_reduce().map_err(compute)?);
    stats.max = bound(&series.max_reduce().map_err(compute)?);
    if !quick {
        stats.num_distinct = Some((series.n_unique().map_err(compute)? - usize::from(series.null_count() > 0)) as u64);
    }
    Ok(())
}

/// Fewer bins than usual where that many integers lie between the edges: one each.
pub(crate) fn num_bins(dtype: &DataType, low: f64, high: f64) -> usize {
    if dtype.is_integer() && high - low < NUM_BINS as f64 { (high - low) as usize + 1 } else { NUM_BINS }
}

/// Equal bins; the last holds its upper edge. Where all values are equal, they stand in the middle.
pub(crate) struct Bins {
    pub counts: Vec<u64>,
    low: f64,
    high: f64,
    span: f64,
}

impl Bins {
    pub fn new(low: f64, high: f64, count: usize) -> Bins {
        // Halved before subtracting, so that the widest range of floats does not overflow.
        Bins { counts: vec![0; count], low, high, span: high / 2.0 - low / 2.0 }
    }

    #[inline]
    pub fn add(&mut self, value: f64, count: u64) {
        if value < self.low || value > self.high {
            return;
        }
        let num = self.counts.len();
        let share = (value / 2.0 - self.low / 2.0) / self.span;
        let bin = if share.is_finite() { (share * num as f64) as usize } else { num / 2 };
        self.counts[bin.min(num - 1)] += count;
    }
}

pub(crate) fn bins(values: impl Iterator<Item = f64>, low: f64, high: f64, count: usize) -> Vec<u64> {
    let mut bins = Bins::new(low, high, count);
    values.for_each(|value| bins.add(value, 1));
    bins.counts
}

/// The places between which a quantile lies.
fn around(len: usize, q: f64) -> [u64; 2] {
    let below = (q * len.saturating_sub(1) as f64).floor() as usize;
    [below as u64, (below + 1).min(len.saturating_sub(1)) as u64]
}

/// Linear interpolation between the two nearest (type 7 of Hyndman and Fan 1996).
pub(crate) fn quantile(len: usize, q: f64, at: impl Fn(usize) -> f64) -> f64 {
    let place = q * (len.saturating_sub(1)) as f64;
    let (below, share) = (place.floor() as usize, place.fract());
    let low = at(below);
    if share == 0.0 { low } else { low + share * (at((below + 1).min(len - 1)) - low) }
}
