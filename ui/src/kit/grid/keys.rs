//! The grid by keys: arrows move the selection, with Shift they stretch it; Page Up, Page Down, Home and End as
//! everywhere; Ctrl+C copies, Space shows the row, the menu key offers what can be done.

use super::window::ROW;
use super::{CellPress, GridActs, GridColumn, Selection};
use leptos::{ev, html, prelude::*};
use wasm_bindgen::JsCast;

#[derive(Clone, Copy)]
pub struct Reach {
    pub columns: Signal<Vec<GridColumn>>,
    pub num_rows: Signal<u64>,
    pub selection: RwSignal<Option<Selection>>,
    pub picked: RwSignal<Option<String>>,
    pub reveal: RwSignal<(Option<u64>, Option<usize>)>,
    pub acts: GridActs,
}

/// Where the end of the selection goes: a row and a column, or nowhere for keys that do not move.
fn target(key: &str, ctrl: bool, now: (u64, usize), page: u64, last: (u64, usize)) -> Option<(u64, usize)> {
    let (row, column) = now;
    Some(match key {
        "ArrowDown" if ctrl => (last.0, column),
        "ArrowUp" if ctrl => (0, column),
        "ArrowRight" if ctrl => (row, last.1),
        "ArrowLeft" if ctrl => (row, 0),
        "ArrowDown" => ((row + 1).min(last.0), column),
        "ArrowUp" => (row.saturating_sub(1), column),
        "ArrowRight" => (row, (column + 1).min(last.1)),
        "ArrowLeft" => (row, column.saturating_sub(1)),
        "PageDown" => ((row + page).min(last.0), column),
        "PageUp" => (row.saturating_sub(page), column),
        "Home" if ctrl => (0, 0),
        "End" if ctrl => last,
        "Home" => (0, column),
        "End" => (last.0, column),
        _ => return None,
    })
}

pub fn press(event: &ev::KeyboardEvent, reach: Reach, view_height: f64, node: NodeRef<html::Div>) {
    // Fields inside a head have their own keys.
    let inside = event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
        .is_some_and(|element| element.closest("thead").ok().flatten().is_some());
    let num_columns = reach.columns.with_untracked(Vec::len);
    let num_rows = reach.num_rows.get_untracked();
    if inside || num_columns == 0 || num_rows == 0 {
        return;
    }
    let ctrl = event.ctrl_key() || event.meta_key();
    let selection = reach.selection.get_untracked();
    let now = selection.map_or((0, 0), Selection::end);
    let last = (num_rows - 1, num_columns - 1);
    if let Some((row, column)) = target(&event.key(), ctrl, now, (view_height / ROW) as u64, last) {
        event.prevent_default();
        let start = selection.filter(|_| event.shift_key());
        reach.selection.set(Some(start.map_or_else(|| Selection::cell(row, column), |old| old.to(row, column))));
        reach.picked.set(reach.columns.with_untracked(|columns| columns.get(column).map(|column| column.name.clone())));
        reach.reveal.set((Some(row), Some(column)));
        return;
    }
    match event.key().as_str() {
        "c" if ctrl && selection.is_some() => reach.acts.copy.run(()),
        "a" if ctrl => reach.selection.set(Some(Selection::cell(0, 0).to(last.0, last.1))),
        " " => reach.acts.row.run(now.0),
        "Escape" if selection.is_some() => reach.selection.set(None),
        "ContextMenu" | "F10" if event.key() == "ContextMenu" || event.shift_key() => {
            let place = node
                .get_untracked()
                .map(|node| node.get_bounding_client_rect())
                .map_or((0.0, 0.0), |place| (place.left() + 80.0, place.top() + 120.0));
            reach.acts.menu.run(CellPress { row: now.0, column: now.1, at: place });
        }
        _ => return,
    }
    event.prevent_default();
}

#[cfg(test)]
mod tests {
    use super::target;

    #[test]
    fn keys_move_within_the_table() {
        let check = |key: &str, ctrl: bool, expected: Option<(u64, usize)>| {
            assert_eq!(target(key, ctrl, (5, 2), 20, (9, 3)), expected, "{key}")
        };
        check("ArrowDown", false, Some((6, 2)));
        check("PageDown", false, Some((9, 2)));
        check("PageUp", false, Some((0, 2)));
        check("ArrowRight", true, Some((5, 3)));
        check("End", true, Some((9, 3)));
        check("x", false, None);
    }
}
