//! Faults that columns have together: correlation, collinearity.

use super::{Column, MAX_COLUMNS, finding, names, step};
use crate::chart::{cramers_v, pearson};
use crate::error::{ExploreError, Result};
use crate::profile::numbers::floats_by_row;
use crate::view::{Shown, cell};
use crate::work::Cancel;
use atelier_wire::studio::data::quality::{Finding, Severity};
use polars::prelude::*;

/// Values of a text column that count as categories.
const MAX_CATEGORIES: u64 = 100;

/// The sampled rows as numbers.
pub(super) struct Table {
    pub columns: Vec<Feature>,
}

pub(super) struct Feature {
    pub name: String,
    /// NaN where it is missing; for categories, their number.
    pub values: Vec<f64>,
    /// For categories: how many, and their names.
    pub classes: Option<Vec<String>>,
}

impl Feature {
    fn codes(&self) -> Vec<u32> {
        self.values.iter().map(|value| if value.is_nan() { u32::MAX } else { *value as u32 }).collect()
    }
}

impl Table {
    pub fn of(shown: &Shown, columns: &[Column], rows: &[IdxSize], cancel: &Cancel) -> Result<Table> {
        let compute = |error: PolarsError| ExploreError::compute(&shown.base.source, &error);
        let mut features = Vec::new();
        for column in columns {
            cancel.check()?;
            let few = column.stats.num_distinct.is_some_and(|distinct| distinct <= MAX_CATEGORIES);
            if features.len() == MAX_COLUMNS || !(column.is_number() || (column.is_category() && few)) {
                continue;
            }
            let series = shown.column(&column.name)?.take_slice(rows).map_err(compute)?;
            if column.is_number() {
                let values = floats_by_row(&series)
                    .map_err(compute)?
                    .into_iter()
                    .map(|value| if value.is_finite() { value } else { f64::NAN })
                    .collect();
                features.push(Feature { name: column.name.clone(), values, classes: None });
                continue;
            }
            let mut classes: Vec<String> = Vec::new();
            let mut ids: PlHashMap<String, usize> = PlHashMap::default();
            let values = cell::texts(&series).into_iter().map(|text| match text {
                None => f64::NAN,
                Some(text) => *ids.entry(text.clone()).or_insert_with(|| {
                    classes.push(text);
                    classes.len() - 1
                }) as f64,
            });
            let values = values.collect();
            features.push(Feature { name: column.name.clone(), values, classes: Some(classes) });
        }
        Ok(Table { columns: features })
    }

    pub fn len(&self) -> usize {
        self.columns.len()
    }

    pub fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }
}

pub(super) fn judge(table: &Table, target: Option<&str>, findings: &mut Vec<Finding>, cancel: &Cancel) -> Result<()> {
    let features: Vec<&Feature> = table.columns.iter().filter(|column| Some(column.name.as_str()) != target).collect();
    let numbers: Vec<&Feature> = features.iter().copied().filter(|column| column.classes.is_none()).collect();
    let mut matrix = vec![vec![1.0; numbers.len()]; numbers.len()];
    for i in 0..numbers.len() {
        cancel.check()?;
        for j in 0..i {
            let r = pearson(&numbers[i].values, &numbers[j].values);
            (matrix[i][j], matrix[j][i]) = (r, r);
            if r.abs() > 0.9 {
                together(&numbers[j].name, &numbers[i].name, "Pearson's r", r, findings);
            }
        }
    }
    let words: Vec<&Feature> = features.iter().copied().filter(|column| column.classes.is_some()).collect();
    let codes: Vec<Vec<u32>> = words.iter().map(|word| word.codes()).collect();
    for i in 0..words.len() {
        for j in 0..i {
            let count = |i: usize| words[i].classes.as_ref().map_or(0, Vec::len);
            let v = cramers_v(&codes[i], count(i), &codes[j], count(j));
            if v > 0.9 {
                together(&words[j].name, &words[i].name, "Cramér's V", v, findings);
            }
        }
    }
    inflation(&numbers, &matrix, findings);
    Ok(())
}

fn together(a: &str, b: &str, what: &str, value: f64, findings: &mut Vec<Finding>) {
    let message = format!("{a} and {b} say nearly the same ({what} {value:.3}).");
    let severity = if value.abs() > 0.99 { Severity::Medium } else { Severity::Low };
    findings.push(finding(
        severity,
        "correlated",
        Some(b),
        message,
        vec![("correlation", value)],
        Some(step("drop", [("columns", names(&[b]))])),
        "Drop one of the two",
    ));
}

/// Variance inflation: the diagonal of the inverse of the correlation matrix (Belsley, Kuh and Welsch 1980). Above 10 a
/// column is nearly a sum of the others.
fn inflation(numbers: &[&Feature], matrix: &[Vec<f64>], findings: &mut Vec<Finding>) {
    let used: Vec<usize> = (0..numbers.len())
        .filter(|&i| matrix[i].iter().filter(|r| r.is_nan()).count() < matrix.len().max(2) - 1)
        .collect();
    if used.len() < 3 {
        return; // two columns are told by their correlation
    }
    let part: Vec<Vec<f64>> = used
        .iter()
        .map(|&i| used.iter().map(|&j| if matrix[i][j].is_nan() { 0.0 } else { matrix[i][j] }).collect())
        .collect();
    let Some(inverse) = invert(part) else { return };
    for (place, &i) in used.iter().enumerate() {
        let factor = inverse[place][place];
        if factor > 10.0 {
            let name = numbers[i].name.as_str();
            let message = if factor < 1e6 {
                format!("{name} is nearly a combination of other columns (variance inflation {factor:.0}).")
            } else {
                format!("{name} is a combination of other columns.")
            };
            findings.push(finding(
                Severity::Low,
                "collinear",
                Some(name),
                message,
                vec![("vif", factor)],
                Some(step("drop", [("columns", names(&[name]))])),
                "Leave it out of a linear model",
            ));
        }
    }
}

/// Gauss-Jordan with partial pivoting; a little is added to the diagonal so that sums of columns stay finite.
fn invert(mut a: Vec<Vec<f64>>) -> Option<Vec<Vec<f64>>> {
    let n = a.len();
    let mut out = vec![vec![0.0; n]; n];
    for i in 0..n {
        a[i][i] += 1e-9;
        out[i][i] = 1.0;
    }
    for column in 0..n {
        let pivot = (column..n).max_by(|&i, &j| a[i][column].abs().total_cmp(&a[j][column].abs()))?;
        if a[pivot][column].abs() < 1e-14 {
            return None;
        }
        a.swap(column, pivot);
        out.swap(column, pivot);
        let scale = a[column][column];
        a[column].iter_mut().chain(out[column].iter_mut()).for_each(|value| *value /= scale);
        for row in (0..n).filter(|&row| row != column) {
            let factor = a[row][column];
            for k in 0..n {
                let (one, two) = (a[column][k], out[column][k]);
                a[row][k] -= factor * one;
                out[row][k] -= factor * two;
            }
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::invert;

    #[test]
    fn inverses() {
        let inverse = invert(vec![vec![1.0, 0.5], vec![0.5, 1.0]]).unwrap();
        assert!((inverse[0][0] - 4.0 / 3.0).abs() < 1e-6 && (inverse[0][1] + 2.0 / 3.0).abs() < 1e-6);
    }
}
