//! Statistics of text.

use crate::error::{ExploreError, Result};
use crate::view::values::counts;
use crate::work::Cancel;
use atelier_wire::studio::data::view::ColumnStats;
use polars::prelude::*;

const NUM_TOP: usize = 10;
/// Longer values are cut in the list of the most frequent ones.
const MAX_CHARS: usize = 200;

pub(super) fn measure(stats: &mut ColumnStats, series: &Series, quick: bool, cancel: &Cancel, source: &str) -> Result<()> {
    if quick {
        return Ok(());
    }
    let compute = |error: PolarsError| ExploreError::compute(source, &error);
    let series = series.cast(&DataType::String).map_err(compute)?;
    let text = series.str().map_err(compute)?;
    let counts = counts(&series, cancel, source)?;
    stats.num_distinct = Some(counts.groups.len() as u64);
    let (mut min, mut max): (Option<&str>, Option<&str>) = (None, None);
    let (mut shortest, mut longest, mut total, mut present) = (u64::MAX, 0u64, 0u64, 0u64);
    for &(at, count) in &counts.groups {
        let Some(value) = text.get(at as usize) else { continue };
        let len = value.chars().count() as u64;
        (shortest, longest) = (shortest.min(len), longest.max(len));
        total += len * count;
        present += count;
        min = Some(min.map_or(value, |min| min.min(value)));
        max = Some(max.map_or(value, |max| max.max(value)));
    }
    let cut = |value: &str| match value.char_indices().nth(MAX_CHARS) {
        None => value.to_owned(),
        Some((end, _)) => format!("{}…", &value[..end]),
    };
    stats.min = min.map(cut);
    stats.max = max.map(cut);
    stats.lengths = (present > 0).then(|| (shortest, total as f64 / present as f64, longest));
    stats.top = counts.groups.iter().take(NUM_TOP).filter_map(|&(at, count)| Some((cut(text.get(at as usize)?), count))).collect();
    Ok(())
}
