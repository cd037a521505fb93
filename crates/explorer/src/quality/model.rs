//! How well the target can be told: by all columns together, and by each alone, which betrays leakage.

use super::pairs::Table;
use super::tree::{Data, Tree};
use super::{finding, names, step};
use crate::error::Result;
use crate::work::Cancel;
use atelier_wire::studio::data::quality::{Finding, QuickModel, Severity};

const FOLDS: usize = 3;
/// Rows of the quick model.
const MAX_ROWS: usize = 20_000;
/// A number of at most so many values is a class.
const MAX_CLASSES: usize = 10;
/// A single column that tells this much of what can be told knows too much.
const LEAK: f64 = 0.95;

struct Target {
    values: Vec<f64>,
    classes: usize,
    rows: Vec<u32>,
}

/// The model's score, if the target can be learned at all; leaking columns go to the findings.
pub(super) fn judge(
    table: &Table,
    name: &str,
    findings: &mut Vec<Finding>,
    cancel: &Cancel,
) -> Result<Option<QuickModel>> {
    let Some(target) = target(table, name) else { return Ok(None) };
    let others: Vec<usize> = (0..table.len()).filter(|&i| table.columns[i].name != name).collect();
    if others.is_empty() || target.rows.len() < 30 {
        return Ok(None);
    }
    for &i in &others {
        cancel.check()?;
        let columns = [table.columns[i].values.as_slice()];
        let (score, baseline, _) = validate(&columns, &target, 4);
        let told = if target.classes > 0 { (score - baseline) / (1.0 - baseline).max(1e-9) } else { score };
        if told > LEAK {
            let column = table.columns[i].name.as_str();
            let message = format!(
                "{column} alone tells {:.1} % of what there is to know of {name}: it may be made from it, or known only afterwards.",
                told * 100.0
            );
            findings.push(finding(
                Severity::High,
                "leakage",
                Some(column),
                message,
                vec![("power", told), ("score", score)],
                Some(step("drop", [("columns", names(&[column]))])),
                "Drop it, unless it is known before the target",
            ));
        }
    }
    let columns: Vec<&[f64]> = others.iter().map(|&i| table.columns[i].values.as_slice()).collect();
    cancel.check()?;
    let (score, baseline, gain) = validate(&columns, &target, 6);
    let total: f64 = gain.iter().sum();
    let mut importance: Vec<(String, f64)> = others
        .iter()
        .zip(gain)
        .map(|(&i, gain)| (table.columns[i].name.clone(), if total > 0.0 { gain / total } else { 0.0 }))
        .collect();
    importance.sort_by(|a, b| b.1.total_cmp(&a.1));
    importance.truncate(15);
    let metric = if target.classes > 0 { "accuracy" } else { "r2" };
    Ok(Some(QuickModel { metric: metric.to_owned(), score, baseline, importance, num_rows: target.rows.len() as u64 }))
}

fn target(table: &Table, name: &str) -> Option<Target> {
    let column = &table.columns[table.position(name)?];
    let present = || column.values.iter().enumerate().filter(|(_, value)| !value.is_nan());
    let step = present().count().div_ceil(MAX_ROWS).max(1);
    let rows: Vec<u32> = present().map(|(row, _)| row as u32).step_by(step).collect();
    if let Some(classes) = &column.classes {
        return (classes.len() > 1).then(|| Target { values: column.values.clone(), classes: classes.len(), rows });
    }
    let mut distinct: Vec<f64> = rows.iter().map(|&row| column.values[row as usize]).collect();
    distinct.sort_unstable_by(f64::total_cmp);
    distinct.dedup();
    if distinct.len() < 2 {
        return None;
    }
    if distinct.len() > MAX_CLASSES {
        return Some(Target { values: column.values.clone(), classes: 0, rows });
    }
    let class = |value: &f64| distinct.iter().position(|known| known == value).map_or(f64::NAN, |i| i as f64);
    Some(Target { values: column.values.iter().map(class).collect(), classes: distinct.len(), rows })
}

/// A row's fold, by SplitMix64 (Steele, Lea and Flood 2014): every third row would fall in with what repeats in threes.
fn fold_of(row: usize) -> usize {
    let mut z = (row as u64).wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) % FOLDS as u64) as usize
}

/// Score and baseline over the folds, and the gain by column.
fn validate(columns: &[&[f64]], target: &Target, depth: usize) -> (f64, f64, Vec<f64>) {
    let data = Data { columns, target: &target.values, classes: target.classes };
    let mut gain = vec![0.0; columns.len()];
    let (mut right, mut common, mut error, mut spread, mut tested) = (0u64, 0u64, 0.0, 0.0, 0u64);
    for fold in 0..FOLDS {
        let pick = |inside: bool| {
            target
                .rows
                .iter()
                .enumerate()
                .filter(|(i, _)| (fold_of(*i) == fold) == inside)
                .map(|(_, row)| *row)
                .collect::<Vec<u32>>()
        };
        let (learn, test) = (pick(false), pick(true));
        let tree = Tree::grow(&data, learn.clone(), depth);
        let plain = Tree::grow(&data, learn, 0).predict(|_| 0.0);
        gain.iter_mut().zip(&tree.gain).for_each(|(all, one)| *all += one);
        for row in test {
            let truth = target.values[row as usize];
            let said = tree.predict(|column| columns[column][row as usize]);
            right += u64::from(said == truth);
            common += u64::from(plain == truth);
            error += (said - truth).powi(2);
            spread += (plain - truth).powi(2);
            tested += 1;
        }
    }
    let share = |count: u64| count as f64 / tested.max(1) as f64;
    match target.classes {
        0 => (if spread > 0.0 { 1.0 - error / spread } else { 0.0 }, 0.0, gain),
        _ => (share(right), share(common), gain),
    }
}
