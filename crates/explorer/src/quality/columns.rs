//! Faults of a column by itself.

use super::{Column, finding, names, step};
use crate::error::Result;
use crate::profile::numbers::floats;
use crate::work::Cancel;
use atelier_wire::studio::data::quality::{Finding, Severity};
use atelier_wire::studio::data::recipe::Param;
use atelier_wire::studio::data::view::ColumnKind;
use polars::prelude::*;

pub(super) fn judge(
    column: &Column,
    series: &Series,
    is_target: bool,
    findings: &mut Vec<Finding>,
    cancel: &Cancel,
) -> Result<()> {
    let (name, stats) = (column.name.as_str(), &column.stats);
    let rows = stats.num_rows as f64;
    let present = stats.num_rows - stats.num_missing;
    if stats.num_missing > 0 {
        let share = stats.num_missing as f64 / rows;
        let (severity, fix, remedy) = match share {
            share if share > 0.5 => (Severity::High, step("drop", [("columns", names(&[name]))]), "Drop the column"),
            _ => {
                let method = if column.is_number() { "median" } else { "mode" };
                let severity = if share > 0.05 { Severity::Medium } else { Severity::Low };
                (
                    severity,
                    step(
                        "fill_statistic",
                        [("columns", names(&[name])), ("statistic", Param::Text(method.to_owned()))],
                    ),
                    if method == "median" { "Fill with the median" } else { "Fill with the most frequent value" },
                )
            }
        };
        let message = format!(
            "{} of {} values of {name} ({:.1} %) are missing.",
            stats.num_missing,
            stats.num_rows,
            share * 100.0
        );
        findings.push(finding(
            severity,
            "missing",
            Some(name),
            message,
            vec![("missing", stats.num_missing as f64), ("share", share)],
            Some(fix),
            remedy,
        ));
    }
    if stats.num_distinct == Some(1) || (present == 0 && stats.num_rows > 0) {
        let value = stats.min.clone().unwrap_or_else(|| "missing".to_owned());
        let message = format!("{name} is {value} in every row, which tells nothing.");
        findings.push(finding(
            Severity::Medium,
            "constant",
            Some(name),
            message,
            vec![],
            Some(step("drop", [("columns", names(&[name]))])),
            "Drop the column",
        ));
        return Ok(());
    }
    let distinct = stats.num_distinct.unwrap_or(0);
    if column.kind == ColumnKind::Text && distinct > 50 && distinct as f64 > 0.5 * present as f64 {
        let share = distinct as f64 / present as f64;
        let message =
            format!("{name} has {distinct} different values in {present} rows: it is more a name than a category.");
        findings.push(finding(
            if share > 0.95 { Severity::Medium } else { Severity::Low },
            "high_cardinality",
            Some(name),
            message,
            vec![("distinct", distinct as f64), ("share", share)],
            Some(step("drop", [("columns", names(&[name]))])),
            "Leave it out of a model",
        ));
    }
    if is_target && (column.is_category() || distinct <= 20) {
        balance(column, series, findings);
    }
    if column.kind == ColumnKind::Text {
        mixed(name, series, findings);
    }
    cancel.check()?;
    if column.is_number() && distinct > 10 {
        spread(column, series, findings)?;
    }
    Ok(())
}

/// A class that is rare is hard to learn: below a tenth of the commonest is worth a word, below a hundredth more.
fn balance(column: &Column, series: &Series, findings: &mut Vec<Finding>) {
    let Ok(counts) = crate::view::values::counts(series, &Cancel::default(), &column.name) else { return };
    let (Some(most), Some(least)) = (counts.groups.first(), counts.groups.last()) else { return };
    let ratio = most.1 as f64 / least.1.max(1) as f64;
    if ratio < 3.0 {
        return;
    }
    let severity = if ratio > 100.0 {
        Severity::High
    } else if ratio > 10.0 {
        Severity::Medium
    } else {
        Severity::Low
    };
    let message = format!(
        "The classes of {} are uneven: the commonest has {} rows, the rarest {} ({ratio:.0} to 1).",
        column.name, most.1, least.1
    );
    let fix = step("balance_up", [("column", Param::Text(column.name.clone()))]);
    findings.push(finding(
        severity,
        "class_balance",
        Some(&column.name),
        message,
        vec![("ratio", ratio), ("classes", counts.groups.len() as f64)],
        Some(fix),
        "Repeat rows of the rare classes, or weigh them in the model",
    ));
}

/// Text that is mostly numbers, with words in between.
fn mixed(name: &str, series: &Series, findings: &mut Vec<Finding>) {
    let Ok(text) = series.str() else { return };
    let (mut numbers, mut words, mut example) = (0u64, 0u64, None);
    for value in text.iter().flatten() {
        if value.trim().parse::<f64>().is_ok() {
            numbers += 1;
        } else {
            words += 1;
            example.get_or_insert_with(|| value.chars().take(30).collect::<String>());
        }
    }
    let share = words as f64 / (numbers + words).max(1) as f64;
    if numbers == 0 || words == 0 || share > 0.5 {
        return;
    }
    let message =
        format!("{name} mixes types: {numbers} numbers and {words} texts such as `{}`.", example.unwrap_or_default());
    let fix = step("cast", [("columns", names(&[name])), ("type", Param::Text("Float64".to_owned()))]);
    findings.push(finding(
        Severity::Medium,
        "mixed_types",
        Some(name),
        message,
        vec![("numbers", numbers as f64), ("texts", words as f64)],
        Some(fix),
        "Read it as numbers; the texts become missing",
    ));
}

/// Outliers by robust standard deviations (RSTD: the distance of the quartiles divided by 1.349, as the step that clips
/// them has it), more than 4 of which from the median count; skew by the third moment.
fn spread(column: &Column, series: &Series, findings: &mut Vec<Finding>) -> Result<()> {
    let name = column.name.as_str();
    let mut values = floats(series).map_err(|error| crate::ExploreError::compute(name, &error))?;
    values.retain(|value| value.is_finite());
    let Some(&median) = column.stats.quantiles.get(2) else { return Ok(()) };
    let mut off: Vec<f64> = values.iter().map(|value| (value - median).abs()).collect();
    off.sort_unstable_by(f64::total_cmp);
    let deviation = (column.stats.quantiles[3] - column.stats.quantiles[1]) / 1.349;
    if deviation > 0.0 {
        let outside = off.len() - off.partition_point(|off| *off <= 4.0 * deviation);
        let share = outside as f64 / values.len() as f64;
        if outside > 0 && share < 0.1 {
            let severity = if share > 0.01 { Severity::Medium } else { Severity::Low };
            let message = format!(
                "{outside} values of {name} lie more than 4 robust standard deviations ({deviation:.4}) from the median {median:.4}."
            );
            let fix = step(
                "outliers_rstd",
                [
                    ("columns", names(&[name])),
                    ("deviations", Param::Number(4.0)),
                    ("action", Param::Text("clip".to_owned())),
                ],
            );
            findings.push(finding(
                severity,
                "outliers",
                Some(name),
                message,
                vec![("outliers", outside as f64), ("deviation", deviation), ("median", median)],
                Some(fix),
                "Clip them to 4 robust standard deviations",
            ));
        }
    }
    if let Some(skew) = column.stats.skew.filter(|skew| skew.abs() > 2.0) {
        let message = format!(
            "{name} is skewed ({skew:.1}): its mean {:.4} stands far from its median {median:.4}.",
            column.stats.mean.unwrap_or_default()
        );
        let fix = (column.stats.num_negative == 0 && skew > 0.0).then(|| {
            step(
                "log",
                [("columns", names(&[name])), ("base", Param::Text("e".to_owned())), ("offset", Param::Number(1.0))],
            )
        });
        findings.push(finding(
            Severity::Low,
            "skew",
            Some(name),
            message,
            vec![("skew", skew)],
            fix,
            "Take the logarithm",
        ));
    }
    Ok(())
}
