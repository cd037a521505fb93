//! The next cell that holds a text.

use super::{Shown, View, cell};
use crate::error::{ExploreError, Result};
use crate::work::Cancel;
use atelier_wire::studio::data::view::{FindInView, Found};
use regex::Regex;

/// Rows looked at between two looks at the cancel flag.
const BLOCK: usize = 8192;

pub(crate) fn find(view: &View, request: &FindInView, cancel: &Cancel) -> Result<Found> {
    let shown = view.shown(cancel)?;
    let schema = shown.schema();
    let positions: Vec<usize> = match request.columns.is_empty() {
        true => (0..schema.len()).collect(),
        false => request.columns.iter().filter_map(|name| schema.index_of(name)).collect(),
    };
    let pattern = if request.regex { request.text.clone() } else { regex::escape(&request.text) };
    let pattern = if request.match_case { pattern } else { format!("(?i){pattern}") };
    let regex = Regex::new(&pattern).map_err(|error| {
        ExploreError::refused(&view.request.source, format!("`{}` is no regular expression: {error}", request.text))
    })?;
    let height = shown.len();
    if request.text.is_empty() || height == 0 || positions.is_empty() {
        return Ok(Found::default());
    }
    let search = Search { shown: &shown, positions: &positions, regex: &regex, backwards: request.backwards, cancel };
    let from = (request.from_row as usize).min(height - 1);
    let (ahead, behind) =
        if request.backwards { ((0, from + 1), (from, height)) } else { ((from, height), (0, from + 1)) };
    let starts_within = |at: &(u64, usize)| {
        at.0 as usize != from
            || if request.backwards { at.1 <= request.from_column } else { at.1 >= request.from_column }
    };
    if let Some(at) = search.span(ahead, Some(&starts_within))? {
        return Ok(Found { at: Some(at), wrapped: false });
    }
    let at = search.span(behind, None)?;
    Ok(Found { at, wrapped: at.is_some() })
}

struct Search<'a> {
    shown: &'a Shown,
    positions: &'a [usize],
    regex: &'a Regex,
    backwards: bool,
    cancel: &'a Cancel,
}

type Accept<'a> = Option<&'a dyn Fn(&(u64, usize)) -> bool>;

impl Search<'_> {
    fn span(&self, (from, to): (usize, usize), accept: Accept<'_>) -> Result<Option<(u64, usize)>> {
        let blocks = (to - from).div_ceil(BLOCK);
        for i in 0..blocks {
            self.cancel.check()?;
            let begin = if self.backwards { to.saturating_sub((i + 1) * BLOCK).max(from) } else { from + i * BLOCK };
            let end = if self.backwards { to - i * BLOCK } else { (begin + BLOCK).min(to) };
            if let Some(at) = self.block(begin, end, accept)? {
                return Ok(Some(at));
            }
        }
        Ok(None)
    }

    fn block(&self, begin: usize, end: usize, accept: Accept<'_>) -> Result<Option<(u64, usize)>> {
        let schema = self.shown.schema();
        let mut best: Option<(u64, usize)> = None;
        for &position in self.positions {
            let Some((name, _)) = schema.get_at_index(position) else { continue };
            let series = match &self.shown.rows {
                None => self.shown.base.columns.window(std::slice::from_ref(name), begin, end - begin)?,
                Some(rows) => self.shown.base.columns.take(
                    std::slice::from_ref(name),
                    &rows[begin..end],
                    &self.shown.base.source,
                )?,
            };
            let Some(series) = series.first() else { continue };
            let fits = |row: usize, text: &str| {
                self.regex.is_match(text) && accept.is_none_or(|accept| accept(&((begin + row) as u64, position)))
            };
            let mut note = |row: usize| {
                let at = ((begin + row) as u64, position);
                let better = best.is_none_or(|best| if self.backwards { at > best } else { at < best });
                if better {
                    best = Some(at);
                }
            };
            match series.str() {
                Ok(texts) => texts
                    .iter()
                    .enumerate()
                    .filter(|(row, text)| text.is_some_and(|text| fits(*row, text)))
                    .for_each(|(row, _)| note(row)),
                Err(_) => cell::texts(series)
                    .iter()
                    .enumerate()
                    .filter(|(row, text)| text.as_deref().is_some_and(|text| fits(*row, text)))
                    .for_each(|(row, _)| note(row)),
            }
        }
        Ok(best)
    }
}
