//! How columns go together: heat maps, correlations, parallel coordinates, what is missing.

use super::groups::{Pot, by_value, word};
use super::{Drawing, Input, Marks};
use crate::error::Result;
use crate::profile::numbers::num_bins;
use atelier_wire::studio::data::chart::{Aggregate, ChartSeries};
use atelier_wire::studio::data::view::ColumnKind;
use polars::prelude::DataType;

/// Columns of a correlation matrix, lines of parallel coordinates, bands of a map of what is missing.
const MAX_COLUMNS: usize = 40;
const MAX_LINES: usize = 500;
const MAX_BANDS: usize = 150;

/// Places of a column along an axis: its values, or bins of its numbers. `u32::MAX` is none.
fn places(input: &Input<'_>, column: &str, notes: &mut Vec<String>) -> Result<(Vec<String>, Vec<u32>)> {
    let most = input.spec.bins.unwrap_or(20).clamp(2, 60) as usize;
    if !input.is_number(column)? {
        let groups = by_value(input, column, most, false, notes)?;
        return Ok((groups.names, groups.of));
    }
    let values = input.floats(column)?;
    let finite = || values.iter().copied().filter(|value| value.is_finite());
    let (low, high) =
        finite().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    if low > high {
        return Ok((Vec::new(), vec![u32::MAX; values.len()]));
    }
    let count =
        most.min(num_bins(&input.shown.dtype(column).unwrap_or(DataType::Float64), low, high).max(if high > low {
            2
        } else {
            1
        }));
    let time = input.is_time(column)?;
    let name = |i: usize| super::draw::tick(low + (high - low) * i as f64 / count as f64, time);
    let of = values.iter().map(|value| match value.is_finite() {
        false => u32::MAX,
        true if high > low => (((value - low) / (high - low) * count as f64) as u32).min(count as u32 - 1),
        true => 0,
    });
    Ok(((0..count).map(name).collect(), of.collect()))
}

pub(super) fn heat_map(input: &Input<'_>) -> Result<Drawing> {
    let (x, y) = (input.x()?, input.y()?);
    let mut notes = Vec::new();
    let (x_names, across) = places(input, x, &mut notes)?;
    let (y_names, up) = places(input, y, &mut notes)?;
    let what =
        if input.spec.value.is_some() { input.spec.aggregate.unwrap_or(Aggregate::Mean) } else { Aggregate::Count };
    let values = match input.spec.value.as_deref() {
        Some(value) if what != Aggregate::Count => Some(input.floats(value)?),
        _ => None,
    };
    let mut pots = vec![Pot::default(); x_names.len() * y_names.len()];
    let mut num_used = 0;
    for (row, (&x, &y)) in across.iter().zip(&up).enumerate() {
        if x != u32::MAX && y != u32::MAX {
            pots[y as usize * x_names.len() + x as usize].add(values.as_ref().map_or(0.0, |values| values[row]), what);
            num_used += 1;
        }
    }
    let mut cells = ChartSeries::default();
    for (i, pot) in pots.into_iter().enumerate().filter(|(_, pot)| pot.count > 0) {
        cells.x.push((i % x_names.len()) as f64);
        cells.y.push((i / x_names.len()) as f64);
        cells.z.push(pot.result(what).unwrap_or(f64::NAN));
    }
    let title = match &input.spec.value {
        Some(value) => format!("{} of {value} by {x} and {y}", word(what)),
        None => format!("Rows by {x} and {y}"),
    };
    Ok(Drawing {
        marks: Marks::Cells,
        series: vec![cells],
        x_names,
        y_names,
        x_label: x.to_owned(),
        y_label: y.to_owned(),
        title,
        notes,
        num_used,
        ..Drawing::default()
    })
}

/// Pearson's r over rows that have both values.
pub(crate) fn pearson(a: &[f64], b: &[f64]) -> f64 {
    let both = || a.iter().zip(b).filter(|(a, b)| a.is_finite() && b.is_finite());
    let (mut n, mut sum_a, mut sum_b) = (0.0, 0.0, 0.0);
    for (a, b) in both() {
        n += 1.0;
        sum_a += a;
        sum_b += b;
    }
    let (mean_a, mean_b) = (sum_a / n, sum_b / n);
    let (mut aa, mut bb, mut ab) = (0.0, 0.0, 0.0);
    for (a, b) in both() {
        let (a, b) = (a - mean_a, b - mean_b);
        aa += a * a;
        bb += b * b;
        ab += a * b;
    }
    if aa > 0.0 && bb > 0.0 { (ab / (aa * bb).sqrt()).clamp(-1.0, 1.0) } else { f64::NAN }
}

/// Ranks from 1, ties at their mean: Spearman's ρ is Pearson's r of these. What is missing stays so.
pub(crate) fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<u32> = (0..values.len() as u32).filter(|&row| values[row as usize].is_finite()).collect();
    order.sort_unstable_by(|a, b| values[*a as usize].total_cmp(&values[*b as usize]));
    let mut ranks = vec![f64::NAN; values.len()];
    let mut at = 0;
    while at < order.len() {
        let mut end = at + 1;
        while end < order.len() && values[order[end] as usize] == values[order[at] as usize] {
            end += 1;
        }
        let rank = (at + 1 + end) as f64 / 2.0;
        order[at..end].iter().for_each(|row| ranks[*row as usize] = rank);
        at = end;
    }
    ranks
}

/// Cramér's V (1946) without bias correction: √(χ² / (n (min(r, c) - 1))), 0 to 1.
pub(crate) fn cramers_v(a: &[u32], num_a: usize, b: &[u32], num_b: usize) -> f64 {
    let mut table = vec![0.0f64; num_a * num_b];
    let (mut rows, mut columns, mut n) = (vec![0.0f64; num_a], vec![0.0f64; num_b], 0.0f64);
    for (&a, &b) in a.iter().zip(b).filter(|(a, b)| **a != u32::MAX && **b != u32::MAX) {
        table[a as usize * num_b + b as usize] += 1.0;
        rows[a as usize] += 1.0;
        columns[b as usize] += 1.0;
        n += 1.0;
    }
    let chi: f64 = (0..num_a * num_b)
        .map(|i| (rows[i / num_b] * columns[i % num_b] / n, table[i]))
        .filter(|(expected, _)| *expected > 0.0)
        .map(|(expected, seen)| (seen - expected).powi(2) / expected)
        .sum();
    let used = |totals: &[f64]| totals.iter().filter(|total| **total > 0.0).count();
    let least = used(&rows).min(used(&columns));
    if least < 2 { f64::NAN } else { (chi / (n * (least as f64 - 1.0))).sqrt().min(1.0) }
}

pub(super) fn correlation(input: &Input<'_>) -> Result<Drawing> {
    let method = input.spec.method.as_deref().unwrap_or("pearson");
    let mut notes = Vec::new();
    let (names, matrix): (Vec<String>, Vec<Vec<f64>>) = match method {
        "pearson" | "spearman" => {
            let names = input.numbers(MAX_COLUMNS)?;
            let mut columns = Vec::with_capacity(names.len());
            for name in &names {
                let values = input.floats(name)?;
                columns.push(if method == "spearman" { ranks(&values) } else { values });
            }
            notes.push(format!(
                "{} over the rows that have both values.",
                if method == "spearman" { "Spearman's ρ" } else { "Pearson's r" }
            ));
            let matrix = columns.iter().map(|a| columns.iter().map(|b| pearson(a, b)).collect()).collect();
            (names, matrix)
        }
        "cramers_v" => {
            let given: Vec<String> = if input.spec.y.is_empty() {
                input.shown.names().iter().map(ToString::to_string).collect()
            } else {
                input.spec.y.clone()
            };
            let (mut names, mut columns) = (Vec::new(), Vec::new());
            for name in given {
                if !matches!(input.kind(&name)?, ColumnKind::Text | ColumnKind::Category | ColumnKind::Boolean)
                    || names.len() == MAX_COLUMNS
                {
                    continue;
                }
                columns.push(by_value(input, &name, 100, true, &mut notes)?);
                names.push(name);
            }
            let matrix = columns
                .iter()
                .map(|a| columns.iter().map(|b| cramers_v(&a.of, a.names.len(), &b.of, b.names.len())).collect())
                .collect();
            notes.push("Cramér's V, from 0 (nothing in common) to 1.".to_owned());
            (names, matrix)
        }
        other => {
            return input.refuse(format!("`{other}` is no measure of correlation: use pearson, spearman or cramers_v"));
        }
    };
    if names.len() < 2 {
        return input.refuse("a correlation needs two columns of the right kind at least");
    }
    let mut cells = ChartSeries::default();
    for (i, row) in matrix.iter().enumerate() {
        for (j, value) in row.iter().enumerate() {
            cells.x.push(j as f64);
            cells.y.push((names.len() - 1 - i) as f64);
            cells.z.push(*value);
        }
    }
    let title = match method {
        "spearman" => "Spearman's rank correlation",
        "cramers_v" => "Cramér's V",
        _ => "Pearson's correlation",
    };
    let y_names = names.iter().rev().cloned().collect();
    Ok(Drawing {
        marks: Marks::Cells,
        series: vec![cells],
        x_names: names,
        y_names,
        title: title.to_owned(),
        diverging: true,
        notes,
        num_used: input.shown.len() as u64,
        ..Drawing::default()
    })
}

pub(super) fn parallel(input: &Input<'_>) -> Result<Drawing> {
    let names = input.numbers(12)?;
    if names.len() < 2 {
        return input.refuse("parallel coordinates need two columns of numbers at least");
    }
    let mut notes = Vec::new();
    let mut columns = Vec::new();
    for name in &names {
        columns.push(input.floats(name)?);
    }
    let spans: Vec<(f64, f64)> = columns
        .iter()
        .map(|column| {
            column
                .iter()
                .copied()
                .filter(|value| value.is_finite())
                .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)))
        })
        .collect();
    let colors = match input.spec.color.as_deref().filter(|name| !name.is_empty()) {
        None => super::groups::Groups::one(input.shown.len()),
        Some(name) => by_value(input, name, 7, true, &mut notes)?,
    };
    let whole: Vec<usize> =
        (0..input.shown.len()).filter(|&row| columns.iter().all(|column| column[row].is_finite())).collect();
    let step = whole.len().div_ceil(MAX_LINES).max(1);
    let drawn: Vec<usize> = whole.iter().copied().step_by(step).collect();
    if step > 1 {
        notes.push(format!("{} of {} rows are drawn: every {step}th.", drawn.len(), whole.len()));
    }
    if whole.len() < input.shown.len() {
        notes.push(format!("{} rows with a missing value are left out.", input.shown.len() - whole.len()));
    }
    let series = drawn.iter().filter_map(|&row| {
        let share = |(column, (low, high)): (&Vec<f64>, &(f64, f64))| {
            if high > low { (column[row] - low) / (high - low) } else { 0.5 }
        };
        let y = columns.iter().zip(&spans).map(share).collect();
        Some(ChartSeries {
            name: colors.names[colors.get(row)?].clone(),
            x: (0..names.len()).map(|i| i as f64).collect(),
            y,
            ..ChartSeries::default()
        })
    });
    notes.push("Each axis runs from its column's smallest value to its largest.".to_owned());
    Ok(Drawing {
        marks: Marks::Parallel,
        series: series.collect(),
        x_names: names,
        colors: colors.names,
        title: "Parallel coordinates".to_owned(),
        y_label: "share of the span".to_owned(),
        notes,
        num_used: drawn.len() as u64,
        ..Drawing::default()
    })
}

pub(super) fn missing(input: &Input<'_>) -> Result<Drawing> {
    let names: Vec<String> = if input.spec.y.is_empty() {
        input.shown.names().iter().take(80).map(ToString::to_string).collect()
    } else {
        input.spec.y.clone()
    };
    let len = input.shown.len();
    let bands = len.clamp(1, MAX_BANDS);
    let mut cells = ChartSeries::default();
    let mut total = 0u64;
    for (i, name) in names.iter().enumerate() {
        input.cancel.check()?;
        let series = input.shown.column(name)?;
        let mut counts = vec![0u64; bands];
        let absent = if series.dtype().is_float() {
            crate::view::values::nan_to_null(&series).map_err(|error| super::compute(input, &error))?
        } else {
            series
        };
        if absent.null_count() > 0 {
            absent
                .is_null()
                .iter()
                .enumerate()
                .filter(|(_, null)| *null == Some(true))
                .for_each(|(row, _)| counts[row * bands / len] += 1);
        }
        for (band, count) in counts.into_iter().enumerate() {
            let rows = ((band + 1) * len).div_ceil(bands) - (band * len).div_ceil(bands);
            cells.x.push(i as f64);
            cells.y.push((bands - 1 - band) as f64);
            cells.z.push(if rows == 0 { 0.0 } else { count as f64 / rows as f64 });
            total += count;
        }
    }
    let notes = vec![format!(
        "{total} of {} cells are missing. Each band stands for about {} rows, the first at the top.",
        len as u64 * names.len() as u64,
        len.div_ceil(bands)
    )];
    let y_names = vec![String::new(); bands];
    Ok(Drawing {
        marks: Marks::Cells,
        series: vec![cells],
        x_names: names,
        y_names,
        title: "Missing values".to_owned(),
        y_label: "rows".to_owned(),
        notes,
        num_used: len as u64,
        ..Drawing::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_correlations() {
        let a = [1.0, 2.0, 3.0, 4.0, 5.0];
        assert!((pearson(&a, &[2.0, 4.0, 6.0, 8.0, 10.0]) - 1.0).abs() < 1e-12);
        assert!((pearson(&ranks(&a), &ranks(&[5.0, 6.0, 7.0, 8.0, 7.0])) - 0.820_782_681_668_123_2).abs() < 1e-12);
        assert!(pearson(&a, &[1.0; 5]).is_nan());
        assert_eq!(ranks(&[3.0, 1.0, f64::NAN, 3.0])[..2], [2.5, 1.0]);
        assert_eq!(cramers_v(&[0, 0, 1, 1], 2, &[0, 0, 1, 1], 2), 1.0);
        assert_eq!(cramers_v(&[0, 0, 1, 1], 2, &[0, 1, 0, 1], 2), 0.0);
    }
}
