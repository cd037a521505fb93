//! What can be done with cells: copy them, filter by one, look at a row, jump and find.

use super::clip::{Block, Form};
use super::state::{OpenedTable, is_number};
use crate::api;
use crate::kit::copy::copy_text;
use crate::kit::grid::{CellPress, GridColumn};
use crate::kit::{Icon, Toast, Tone, format};
use atelier_wire::studio::data::filter::Test;
use atelier_wire::studio::data::view::{FindInView, GetCell, GetRows};
use leptos::{ev, html, prelude::*};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;

/// Cells copied at once; more belong in a file.
const MOST_CELLS: u64 = 1_000_000;
/// Rows that one request may ask for.
const PAGE: u64 = 1_000;

/// Copies what is selected.
pub fn copy(table: OpenedTable, columns: Signal<Vec<GridColumn>>, form: Form) {
    let (Some(selection), Some(view)) = (table.selection.get_untracked(), untrack(|| table.view_key())) else { return };
    if selection.num_cells() > MOST_CELLS {
        return table.toasts.fail(
            "Too much to copy",
            format!(
                "{} are selected; a million can be copied. Export the rows as a file instead.",
                format::counted(selection.num_cells(), "cell", "cells")
            ),
        );
    }
    let (left, right) = selection.columns();
    let names: Vec<String> = columns.with_untracked(|columns| {
        columns.iter().skip(left).take(right - left + 1).map(|column| column.name.clone()).collect()
    });
    let numbers = columns.with_untracked(|columns| {
        columns.iter().skip(left).take(right - left + 1).map(|column| column.number).collect()
    });
    let (first, last) = selection.rows();
    spawn_local(async move {
        let mut rows = Vec::new();
        let mut offset = first;
        while offset <= last {
            let limit = (last - offset + 1).min(PAGE) as usize;
            match api::call(GetRows { view: view.clone(), offset, limit, columns: None, names: names.clone() }).await {
                Ok(page) if page.cells.is_empty() => break,
                Ok(page) => {
                    offset += page.cells.len() as u64;
                    rows.extend(page.cells);
                }
                Err(error) => return table.toasts.fail("The cells could not be copied", error.message),
            }
        }
        let block = Block { names, rows, numbers };
        let toast = if copy_text(&block.text(form)).await {
            Toast::new(Tone::Ok, format!("{} copied", format::counted(selection.num_cells(), "cell", "cells")))
        } else {
            Toast::new(Tone::Bad, "The browser did not let the cells be copied")
        };
        table.toasts.show(toast);
    });
}

/// The menu of a cell, where it was pressed.
#[component]
pub fn CellMenu(
    table: OpenedTable,
    columns: Signal<Vec<GridColumn>>,
    press: RwSignal<Option<CellPress>>,
    text_of: Callback<(u64, usize), Option<Option<String>>>,
    row: RwSignal<Option<u64>>,
) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    let away = window_event_listener(ev::pointerdown, move |event| {
        let inside =
            node.get_untracked().zip(event.target()).is_some_and(|(node, target)| node.contains(target.dyn_ref()));
        if !inside && press.with_untracked(Option::is_some) {
            press.set(None);
        }
    });
    let escape = window_event_listener(ev::keydown, move |event| {
        if event.key() == "Escape" && press.with_untracked(Option::is_some) {
            press.set(None)
        }
    });
    on_cleanup(move || {
        away.remove();
        escape.remove();
    });
    let line = move |icon: &'static str, label: String, act: Box<dyn Fn()>| {
        view! {
            <button type="button" role="menuitem" class="menu-item" on:click=move |_| { press.set(None); act() }><Icon name=icon/><span class="grow cut">{label}</span></button>
        }
    };
    view! {
        {move || press.get().and_then(|CellPress { row: at, column, at: (x, y) }| {
            let name = columns.with_untracked(|columns| columns.get(column).map(|column| column.name.clone()))?;
            let value = text_of.run((at, column))?;
            let ordered = untrack(|| table.column(&name)).is_some_and(|column| is_number(column.kind) || super::state::is_time(column.kind));
            let words: String = value.as_deref().unwrap_or("missing").chars().take(28).collect();
            let test = move |label: String, icon, test: Test| { let name = name.clone(); line(icon, label, Box::new(move || table.set_test(&name, Some(test.clone())))) };
            let bound = value.clone().filter(|_| ordered);
            Some(view! {
                <div class="menu menu-at" role="menu" node_ref=node data-menu="cell" style:left=format!("min({x}px, calc(100vw - 260px))") style:top=format!("min({y}px, calc(100vh - 300px))")>
                    {test(format!("Keep “{words}”"), "filter", Test::In { values: vec![value.clone()] })}
                    {test(format!("Leave out “{words}”"), "filter", Test::NotIn { values: vec![value.clone()] })}
                    {bound.clone().map(|low| test(format!("At least {words}"), "filter", Test::AtLeast { value: low }))}
                    {bound.map(|high| test(format!("At most {words}"), "filter", Test::AtMost { value: high }))}
                    {[("Copy", Form::Tsv), ("Copy as CSV", Form::Csv), ("Copy as Markdown", Form::Markdown), ("Copy as JSON", Form::Json)].map(|(word, form)| line("copy", word.to_owned(), Box::new(move || copy(table, columns, form)))).into_iter().collect_view()}
                    {line("info", "Show the row".to_owned(), Box::new(move || row.set(Some(at))))}
                </div>
            })
        })}
    }
}

/// One row with all its columns, names at the left; long cells whole.
#[component]
pub fn RowPane(table: OpenedTable, row: RwSignal<Option<u64>>) -> impl IntoView {
    let answer = crate::live::live_where(
        move || {
            row.get().zip(table.view_key()).map(|(offset, view)| GetRows {
                view,
                offset,
                limit: 1,
                columns: None,
                names: Vec::new(),
            })
        },
        |_, _| false,
    );
    let step = move |by: i64| {
        row.update(|row| {
            if let Some(row) = row {
                *row = row.saturating_add_signed(by).min(table.num_rows().saturating_sub(1))
            }
        })
    };
    let whole = move |id: u64, column: String, text: RwSignal<String>| {
        let Some(view) = untrack(|| table.view_key()) else { return };
        spawn_local(async move {
            if let Ok(cell) = api::call(GetCell { view, row: id, column }).await {
                text.try_set(cell.text.unwrap_or_default());
            }
        });
    };
    view! {
        <aside class="inspector" aria-label="Row" data-row-pane="">
            <div class="inspector-head"><h2>{move || row.get().map(|row| format!("Row {}", format::count(row + 1)))}</h2><span class="grow"></span>
                <button type="button" class="btn btn-bare btn-icon btn-s" aria-label="Row above" title="Row above" on:click=move |_| step(-1)><Icon name="up"/></button>
                <button type="button" class="btn btn-bare btn-icon btn-s" aria-label="Row below" title="Row below" on:click=move |_| step(1)><Icon name="arrow-down"/></button>
                <button type="button" class="btn btn-bare btn-icon btn-s" data-action="close-row" aria-label="Close" title="Close" on:click=move |_| row.set(None)><Icon name="x"/></button></div>
            <div class="scroll"><dl class="row-detail">{move || answer.value.with(|rows| rows.as_ref().and_then(|rows| {
                let (cells, id) = (rows.cells.first()?, rows.ids.first().copied()?);
                let columns = table.columns();
                Some(rows.columns.iter().zip(cells).enumerate().filter_map(|(at, (column, cell))| {
                    let column = columns.get(*column)?.clone();
                    let cut = rows.cut.iter().any(|(_, cut)| *cut as usize == at);
                    let text = RwSignal::new(cell.clone().unwrap_or_else(|| "missing".into()));
                    let missing = cell.is_none();
                    let asked = column.name.clone();
                    Some(view! { <dt class="cut" title=column.name.clone()>{column.name.clone()}</dt><dd class:none=missing><span class="wrap">{move || text.get()}</span>
                        {cut.then(|| view! { <button type="button" class="link small" on:click=move |_| whole(id, asked.clone(), text)>"Show all"</button> })}</dd> })
                }).collect_view())
            }))}</dl></div>
        </aside>
    }
}

/// Goes to the next cell that holds the text, after the one that is selected.
pub fn find_next(table: OpenedTable, columns: Signal<Vec<GridColumn>>, text: String, backwards: bool) {
    let Some(view) = untrack(|| table.view_key()).filter(|_| !text.is_empty()) else { return };
    let place = table.selection.get_untracked().map(|selection| selection.end());
    let position = |at: usize| {
        columns
            .with_untracked(|columns| columns.get(at).map(|column| column.name.clone()))
            .and_then(|name| untrack(|| table.columns()).iter().position(|column| column.name == name))
            .unwrap_or(0)
    };
    let (from_row, from_column) = match place {
        Some((row, column)) if !backwards => (row, position(column) + 1),
        Some((row, column)) => (row, position(column)),
        None => (0, 0),
    };
    spawn_local(async move {
        let found = api::call(FindInView {
            view,
            text: text.clone(),
            from_row,
            from_column,
            backwards,
            request: "find".into(),
            ..FindInView::default()
        })
        .await;
        match found.map(|found| found.at) {
            Ok(Some((row, at))) => {
                let Some(name) = untrack(|| table.columns()).get(at).map(|column| column.name.clone()) else { return };
                let shown = columns.with_untracked(|columns| columns.iter().position(|column| column.name == name));
                let Some(column) = shown else {
                    return table.toasts.show(
                        Toast::new(Tone::Warn, format!("Found in {name}, which is hidden"))
                            .offer("Show it", move || table.layout.update(|layout| layout.toggle_hide(&name))),
                    );
                };
                table.selection.set(Some(crate::kit::grid::Selection::cell(row, column)));
                table.picked.set(Some(name));
                table.reveal.set((Some(row), Some(column)));
            }
            Ok(None) => table.toasts.show(Toast::new(Tone::Wait, format!("No cell holds “{text}”"))),
            Err(error) => table.toasts.fail("The search did not end", error.message),
        }
    });
}
