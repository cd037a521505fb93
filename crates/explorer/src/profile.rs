//! Exact statistics over one column.

use crate::{cell, draw, frame};
use atelier_wire::studio::data::{ColumnClass, ColumnProfile};
use polars::prelude::*;

const NUM_BINS: usize = 24;
const NUM_TOP: usize = 5;

/// Profiles a column. NaN counts as missing. Minimum, maximum, moments and bins are over the finite values; times
/// count as seconds since the epoch.
pub(crate) fn profile(column: &Column) -> PolarsResult<ColumnProfile> {
    let class = frame::class(column.dtype());
    let mut profile = ColumnProfile {
        column: column.name().to_string(),
        num_rows: column.len() as u64,
        num_missing: column.null_count() as u64,
        ..ColumnProfile::default()
    };
    match class {
        ColumnClass::Integer | ColumnClass::Float | ColumnClass::Time => measure(&mut profile, column, class)?,
        ColumnClass::Text | ColumnClass::Boolean => count_values(&mut profile, column)?,
        ColumnClass::Other => {}
    }
    if !profile.bins.is_empty() {
        profile.spark_svg = draw::spark(&profile.bins);
        let (min, max) = (profile.min.unwrap_or(0.0), profile.max.unwrap_or(0.0));
        profile.chart_svg = draw::histogram(&profile.bins, min, max, class);
    } else if !profile.top.is_empty() {
        let counts: Vec<u64> = profile.top.iter().map(|(_, count)| *count).collect();
        profile.spark_svg = draw::spark(&counts);
    }
    Ok(profile)
}

fn measure(profile: &mut ColumnProfile, column: &Column, class: ColumnClass) -> PolarsResult<()> {
    let scale = seconds_per_unit(column.dtype());
    let physical = if class == ColumnClass::Time { column.to_physical_repr() } else { column.clone() };
    let numbers = physical.cast(&DataType::Float64)?;
    let numbers = numbers.f64()?;
    profile.num_missing += numbers.iter().flatten().filter(|number| number.is_nan()).count() as u64;
    let nan_is_a_value = numbers.iter().flatten().any(f64::is_nan);
    let distinct = column.n_unique()?;
    profile.num_distinct =
        (distinct - usize::from(column.null_count() > 0) - usize::from(nan_is_a_value)) as u64;
    let mut finite: Vec<f64> = numbers.iter().flatten().filter(|n| n.is_finite()).map(|n| n * scale).collect();
    if finite.is_empty() {
        return Ok(());
    }
    let n = finite.len() as f64;
    let mean = finite.iter().sum::<f64>() / n;
    let spread = finite.iter().map(|x| (x - mean).powi(2)).sum::<f64>();
    let (min, max) = finite.iter().fold((f64::MAX, f64::MIN), |(low, high), &x| (low.min(x), high.max(x)));
    profile.min = Some(min);
    profile.max = Some(max);
    profile.mean = Some(mean);
    // The sample's standard deviation, as Polars and pandas give it; one value has none.
    profile.std = (finite.len() > 1).then(|| (spread / (n - 1.0)).sqrt());
    profile.bins = bins(&finite, min, max);
    profile.median = Some(median(&mut finite));
    Ok(())
}

/// 24 equal bins; the last holds its upper edge. Where all values are equal, they stand in the middle.
fn bins(finite: &[f64], min: f64, max: f64) -> Vec<u64> {
    let mut bins = vec![0; NUM_BINS];
    for x in finite {
        // Halved before subtracting, so that the widest range of floats does not overflow.
        let share = (x / 2.0 - min / 2.0) / (max / 2.0 - min / 2.0);
        let bin = if share.is_finite() { (share * NUM_BINS as f64) as usize } else { NUM_BINS / 2 };
        bins[bin.min(NUM_BINS - 1)] += 1;
    }
    bins
}

fn median(finite: &mut [f64]) -> f64 {
    let middle = finite.len() / 2;
    let (below, &mut upper, _) = finite.select_nth_unstable_by(middle, f64::total_cmp);
    if below.len() < middle || finite.len() % 2 == 1 {
        return upper;
    }
    let lower = finite[..middle].iter().copied().fold(f64::MIN, f64::max);
    lower / 2.0 + upper / 2.0
}

fn seconds_per_unit(dtype: &DataType) -> f64 {
    match dtype {
        DataType::Date => 86_400.0,
        DataType::Time | DataType::Datetime(TimeUnit::Nanoseconds, _) => 1e-9,
        DataType::Datetime(TimeUnit::Microseconds, _) => 1e-6,
        DataType::Datetime(TimeUnit::Milliseconds, _) => 1e-3,
        _ => 1.0,
    }
}

/// The most frequent values; equal counts in the order of the values, so that the answer is always the same.
fn count_values(profile: &mut ColumnProfile, column: &Column) -> PolarsResult<()> {
    let mut counts = std::collections::HashMap::<String, u64>::new();
    let whole = column.cast(&DataType::String)?;
    for value in whole.str()?.iter().flatten() {
        match counts.get_mut(value) {
            Some(count) => *count += 1,
            None => drop(counts.insert(value.to_owned(), 1)),
        }
    }
    profile.num_distinct = counts.len() as u64;
    let mut counts: Vec<(String, u64)> = counts.into_iter().collect();
    counts.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    counts.truncate(NUM_TOP);
    profile.top = counts
        .into_iter()
        .map(|(value, count)| (cell::text(&AnyValue::String(&value)).unwrap_or_default(), count))
        .collect();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(values: Vec<Option<f64>>) -> ColumnProfile {
        profile(&Column::new("x".into(), values)).unwrap()
    }

    #[test]
    fn moments_of_known_numbers() {
        let p = of(vec![Some(2.0), Some(4.0), Some(4.0), Some(4.0), Some(5.0), Some(5.0), Some(7.0), Some(9.0), None]);
        assert_eq!((p.num_rows, p.num_missing, p.num_distinct), (9, 1, 5));
        assert_eq!((p.min, p.max, p.mean, p.median), (Some(2.0), Some(9.0), Some(5.0), Some(4.5)));
        assert!((p.std.unwrap() - (32.0f64 / 7.0).sqrt()).abs() < 1e-12);
        assert!(p.spark_svg.contains("currentColor") && p.chart_svg.contains("currentColor"));
    }

    #[test]
    fn one_value_stands_in_the_middle() {
        let p = of(vec![Some(3.0)]);
        assert_eq!(p.bins.iter().position(|&n| n == 1), Some(12));
        assert_eq!((p.std, p.median), (None, Some(3.0)));
    }

    #[test]
    fn nothing_but_missing_values() {
        let p = of(vec![None, Some(f64::NAN), None]);
        assert_eq!((p.num_missing, p.num_distinct, p.min, p.bins.len()), (3, 0, None, 0));
    }

    #[test]
    fn texts_are_counted() {
        let p = profile(&Column::new("x".into(), vec![Some("b"), Some("a"), Some("b"), None])).unwrap();
        assert_eq!(p.top, vec![("b".to_owned(), 2), ("a".to_owned(), 1)]);
        assert_eq!((p.num_distinct, p.num_missing), (2, 1));
        let p = profile(&Column::new("x".into(), vec![Some(true), Some(false), Some(true)])).unwrap();
        assert_eq!(p.top, vec![("true".to_owned(), 2), ("false".to_owned(), 1)]);
    }

    proptest! {
        #[test]
        fn numbers_obey_their_laws(values in prop::collection::vec(prop::option::of(prop::num::f64::ANY), 0..200)) {
            let p = of(values.clone());
            let finite: Vec<f64> = values.iter().flatten().copied().filter(|x| x.is_finite()).collect();
            prop_assert_eq!(p.num_rows, values.len() as u64);
            prop_assert_eq!(p.bins.iter().sum::<u64>(), finite.len() as u64);
            if !finite.is_empty() {
                let (min, max, median) = (p.min.unwrap(), p.max.unwrap(), p.median.unwrap());
                prop_assert!(min <= median && median <= max);
                let mut sorted = finite.clone();
                sorted.sort_by(f64::total_cmp);
                prop_assert_eq!(min, sorted[0]);
                prop_assert_eq!(max, sorted[sorted.len() - 1]);
                let n = sorted.len();
                prop_assert_eq!(median, if n % 2 == 1 { sorted[n / 2] } else { sorted[n / 2 - 1] / 2.0 + sorted[n / 2] / 2.0 });
            }
        }
    }
}
