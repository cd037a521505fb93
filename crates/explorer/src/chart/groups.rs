//! Rows by the values of a column, and what is made of the numbers of a group.

use super::Input;
use crate::error::Result;
use crate::view::cell;
use crate::view::values::counts;
use atelier_wire::studio::data::chart::Aggregate;
use polars::prelude::{NamedFrom, Series};
use std::collections::HashSet;

/// A group for each row: its names, and which one a row has.
pub(crate) struct Groups {
    pub names: Vec<String>,
    /// By row; `u32::MAX` belongs to none.
    pub of: Vec<u32>,
}

pub(crate) const NONE: u32 = u32::MAX;

impl Groups {
    /// One group of all rows.
    pub fn one(len: usize) -> Groups {
        Groups { names: vec![String::new()], of: vec![0; len] }
    }

    pub fn get(&self, row: usize) -> Option<usize> {
        match self.of[row] {
            NONE => None,
            group => Some(group as usize),
        }
    }
}

/// The most frequent values; the rest as one group more, or left out. A note says which.
pub(crate) fn by_value(
    input: &Input<'_>,
    column: &str,
    most: usize,
    rest: bool,
    notes: &mut Vec<String>,
) -> Result<Groups> {
    let series = input.shown.column(column)?;
    let text = match input.kind(column)? {
        atelier_wire::studio::data::view::ColumnKind::Text => series.clone(),
        _ => Series::new(series.name().clone(), cell::texts(&series)),
    };
    let found = counts(&text, input.cancel, input.source())?;
    let strings = text.str().map_err(|error| super::compute(input, &error))?;
    let kept: Vec<&str> = found.groups.iter().take(most).filter_map(|(at, _)| strings.get(*at as usize)).collect();
    let left: u64 = found.groups.iter().skip(most).map(|(_, count)| count).sum();
    let mut names: Vec<String> = kept.iter().map(|name| (*name).to_owned()).collect();
    // Numbers and times along an axis stand by size, words by how often they come.
    if input.is_number(column)? || input.is_time(column)? {
        let by_size = |a: &String, b: &String| match (a.parse::<f64>(), b.parse::<f64>()) {
            (Ok(a), Ok(b)) => a.total_cmp(&b),
            _ => a.cmp(b),
        };
        names.sort_by(by_size);
    }
    let place: std::collections::HashMap<String, u32> = names.iter().cloned().zip(0..).collect();
    let missing = (found.missing > 0 && names.len() < most + 1).then_some(names.len() as u32);
    if missing.is_some() {
        names.push("(missing)".to_owned());
    }
    let others = (rest && left > 0).then_some(names.len() as u32);
    if others.is_some() {
        names.push("(others)".to_owned());
    }
    if left > 0 {
        let what = if rest { "stand together" } else { "are left out" };
        notes.push(format!(
            "{} less frequent values of {column} ({left} rows) {what}.",
            found.groups.len() - kept.len()
        ));
    }
    let of = strings.iter().map(|value| match value {
        None => missing.unwrap_or(NONE),
        Some(value) => place.get(value).copied().or(others).unwrap_or(NONE),
    });
    Ok(Groups { of: of.collect(), names })
}

/// The groups of colour and of facet.
pub(crate) fn split(input: &Input<'_>, notes: &mut Vec<String>) -> Result<(Groups, Groups)> {
    let len = input.shown.len();
    let one = |column: &Option<String>, most: usize, rest: bool, notes: &mut Vec<String>| match column
        .as_deref()
        .filter(|name| !name.is_empty())
    {
        None => Ok(Groups::one(len)),
        Some(name) => by_value(input, name, most, rest, notes),
    };
    Ok((one(&input.spec.color, 7, true, notes)?, one(&input.spec.facet, 9, false, notes)?))
}

/// The numbers of a group, on their way to one.
#[derive(Clone, Default)]
pub(crate) struct Pot {
    pub count: u64,
    sum: f64,
    squares: f64,
    min: Option<f64>,
    max: Option<f64>,
    /// Kept for medians alone.
    values: Vec<f64>,
    distinct: HashSet<u64>,
}

impl Pot {
    /// NaN is a missing value and counts as a row alone.
    pub fn add(&mut self, value: f64, what: Aggregate) {
        if what == Aggregate::Count {
            self.count += 1;
            return;
        }
        if !value.is_finite() {
            return;
        }
        self.count += 1;
        // Welford's update, for the deviation of large numbers.
        let before = if self.count > 1 { self.sum / (self.count - 1) as f64 } else { value };
        self.sum += value;
        self.squares += (value - before) * (value - self.sum / self.count as f64);
        self.min = Some(self.min.map_or(value, |min| min.min(value)));
        self.max = Some(self.max.map_or(value, |max| max.max(value)));
        match what {
            Aggregate::Median => self.values.push(value),
            Aggregate::Distinct => drop(self.distinct.insert(value.to_bits())),
            _ => {}
        }
    }

    /// `None` for a group without a value.
    pub fn result(mut self, what: Aggregate) -> Option<f64> {
        let n = self.count as f64;
        match what {
            Aggregate::Count => Some(n),
            _ if self.count == 0 => None,
            Aggregate::Sum => Some(self.sum),
            Aggregate::Mean => Some(self.sum / n),
            Aggregate::Min => self.min,
            Aggregate::Max => self.max,
            Aggregate::Std => (self.count > 1).then(|| (self.squares / (n - 1.0)).max(0.0).sqrt()),
            Aggregate::Distinct => Some(self.distinct.len() as f64),
            Aggregate::Median => {
                self.values.sort_unstable_by(f64::total_cmp);
                Some(crate::profile::numbers::quantile(self.values.len(), 0.5, |i| self.values[i]))
            }
        }
    }
}

pub(crate) fn word(what: Aggregate) -> &'static str {
    match what {
        Aggregate::Count => "count",
        Aggregate::Sum => "sum",
        Aggregate::Mean => "mean",
        Aggregate::Median => "median",
        Aggregate::Min => "min",
        Aggregate::Max => "max",
        Aggregate::Std => "std",
        Aggregate::Distinct => "n_unique",
    }
}
