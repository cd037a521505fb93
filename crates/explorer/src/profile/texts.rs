//! Statistics of text.

use crate::count::tally::{tally, top};
use crate::error::{ExploreError, Result};
use crate::work::Cancel;
use atelier_wire::studio::data::view::ColumnStats;
use polars::prelude::*;

const NUM_TOP: usize = 10;
/// Longer values are cut in the list of the most frequent ones.
const MAX_CHARS: usize = 200;

pub(super) fn measure(
    stats: &mut ColumnStats,
    series: &Series,
    quick: bool,
    cancel: &Cancel,
    source: &str,
) -> Result<()> {
    if quick {
        return Ok(());
    }
    let compute = |error: PolarsError| ExploreError::compute(source, &error);
    let series = series.cast(&DataType::String).map_err(compute)?.rechunk();
    let text = series.str().map_err(compute)?;
    let tally = tally(text, cancel, |_| ())?;
    stats.num_distinct = Some(tally.groups.len() as u64);
    let (mut min, mut max): (Option<&str>, Option<&str>) = (None, None);
    let (mut shortest, mut longest, mut total, mut present) = (u64::MAX, 0u64, 0u64, 0u64);
    for group in &tally.groups {
        let Some(value) = text.get(group.row as usize) else { continue };
        let len = value.chars().count() as u64;
        (shortest, longest) = (shortest.min(len), longest.max(len));
        total += len * u64::from(group.count);
        present += u64::from(group.count);
        min = Some(min.map_or(value, |min| min.min(value)));
        max = Some(max.map_or(value, |max| max.max(value)));
    }
    cancel.check()?;
    let cut = |value: &str| match value.char_indices().nth(MAX_CHARS) {
        None => value.to_owned(),
        Some((end, _)) => format!("{}…", &value[..end]),
    };
    stats.min = min.map(cut);
    stats.max = max.map(cut);
    stats.lengths = (present > 0).then(|| (shortest, total as f64 / present as f64, longest));
    stats.top = top(tally.groups, NUM_TOP, text)
        .iter()
        .filter_map(|group| Some((cut(text.get(group.row as usize)?), u64::from(group.count))))
        .collect();
    Ok(())
}
