//! A window of rows and columns as text.

use super::{View, cell};
use crate::error::{ExploreError, Result};
use crate::work::Cancel;
use atelier_wire::studio::data::view::{FullCell, GetCell, GetRows, Rows, ViewColumn};
use polars::prelude::*;

/// The most rows and columns of one window.
const MAX_ROWS: usize = 1000;
const MAX_COLUMNS: usize = 300;
/// Longer texts are cut: a window is for looking, and a cell may hold a whole document.
const MAX_CHARS: usize = 500;
const MAX_FULL: usize = 4_000_000;

pub(crate) fn rows(view: &View, request: &GetRows) -> Result<Rows> {
    let schema = view.schema();
    let version = view.version();
    let positions: Vec<usize> = if request.names.is_empty() {
        let (first, count) = request.columns.unwrap_or((0, MAX_COLUMNS));
        (first.min(schema.len())..first.saturating_add(count).min(schema.len())).take(MAX_COLUMNS).collect()
    } else {
        let place = |name: &String| {
            schema.index_of(name).ok_or_else(|| ExploreError::NoColumn {
                source_name: view.request.source.clone(),
                column: name.clone(),
            })
        };
        request.names.iter().take(MAX_COLUMNS).map(place).collect::<Result<_>>()?
    };
    let names: Vec<PlSmallStr> =
        positions.iter().filter_map(|&i| schema.get_at_index(i)).map(|(name, _)| name.clone()).collect();
    let limit = request.limit.min(MAX_ROWS);
    let offset = usize::try_from(request.offset).unwrap_or(usize::MAX);
    let (ids, series) = match view.rows_if_any() {
        Some(rows) => {
            let from = offset.min(rows.len());
            let part = &rows[from..rows.len().min(from + limit)];
            let base = view.base(&Cancel::default())?;
            (part.iter().map(|&row| u64::from(row)).collect::<Vec<_>>(), base.columns.take(&names, part, &base.source)?)
        }
        None => {
            let series = match view.ready() {
                Some(base) => {
                    let from = offset.min(base.columns.height());
                    base.columns.window(&names, from, limit.min(base.columns.height() - from))?
                }
                None => view.table.window(&names, offset, limit)?,
            };
            let len = series.first().map_or(0, |series| series.len());
            ((0..len as u64).map(|i| offset as u64 + i).collect(), series)
        }
    };
    let mut answer = Rows { offset: request.offset, version, ids, columns: positions, ..Rows::default() };
    answer.cells = vec![Vec::with_capacity(series.len()); answer.ids.len()];
    for (i, column) in series.iter().enumerate() {
        for (row, text) in cell::texts(column).into_iter().enumerate() {
            let text = text.map(|text| match text.char_indices().nth(MAX_CHARS) {
                None => text,
                Some((end, _)) => {
                    answer.cut.push((row as u32, i as u32));
                    format!("{}…", &text[..end])
                }
            });
            answer.cells[row].push(text);
        }
    }
    Ok(answer)
}

/// A frame as columns and rows of text.
pub fn texts(frame: &DataFrame) -> (Vec<ViewColumn>, Vec<Vec<Option<String>>>) {
    let column = |column: &Column| ViewColumn {
        name: column.name().to_string(),
        dtype: column.dtype().to_string(),
        kind: crate::source::types::kind(column.dtype()),
    };
    let mut rows = vec![Vec::with_capacity(frame.width()); frame.height()];
    for column in frame.columns() {
        cell::texts(column.as_materialized_series())
            .into_iter()
            .enumerate()
            .for_each(|(row, text)| rows[row].push(text));
    }
    (frame.columns().iter().map(column).collect(), rows)
}

pub(crate) fn full(view: &View, request: &GetCell) -> Result<FullCell> {
    let name: PlSmallStr = request.column.as_str().into();
    if !view.schema().contains(&name) {
        return Err(ExploreError::NoColumn {
            source_name: view.request.source.clone(),
            column: request.column.clone(),
        });
    }
    let row = usize::try_from(request.row).unwrap_or(usize::MAX);
    let series = match view.ready() {
        Some(base) if row < base.columns.height() => base.columns.window(&[name], row, 1)?,
        Some(_) => Vec::new(),
        None => view.table.window(&[name], row, 1)?,
    };
    let Some(series) = series.first().filter(|series| !series.is_empty()) else {
        return Err(ExploreError::refused(
            &view.request.source,
            format!("there is no row {}", request.row.saturating_add(1)),
        ));
    };
    let Some(text) = cell::texts(series).pop().flatten() else { return Ok(FullCell::default()) };
    let cut = text.char_indices().nth(MAX_FULL).map(|(end, _)| end);
    let num_left_out = cut.map_or(0, |end| text[end..].chars().count() as u64);
    Ok(FullCell { text: Some(cut.map_or_else(|| text.clone(), |end| text[..end].to_owned())), num_left_out })
}
