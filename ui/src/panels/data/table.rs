//! A table: toolbar, grid, charts under it, and the inspector with column and recipe beside it.

use super::cells::{self, CellMenu, RowPane};
use super::charts::{ChartStrip, Shown as ChartShown, first_spec};
use super::clip::Form;
use super::export::{ExportDialog, Exporting, export_rows, load_recipe};
use super::filter::{FilterChips, FilterDialog};
use super::head::ColumnHead;
use super::inspector::Inspector;
use super::quality::QualityDialog;
use super::reading::{Notices, Reading};
use super::rows::Tiles;
use super::state::OpenedTable;
use crate::api;
use crate::frame::{Address, Command, use_commands, use_frame};
use crate::kit::grid::{CellAt, Grid, GridActs, GridColumn, Head, Shown};
use crate::kit::{Bones, Callout, Empty, ErrorNote, Icon, Menu, MenuItem, Search, Switch, format};
use atelier_wire::studio::files::ReadTextFile;
use leptos::{ev, prelude::*};
use std::sync::Arc;
use wasm_bindgen_futures::spawn_local;

#[component]
pub fn TablePage(source: String, address: Address) -> impl IntoView {
    let table = OpenedTable::open(source.clone());
    provide_context(Exporting(RwSignal::new(None)));
    let columns = Memo::new(move |_| {
        table.layout.with(|layout| {
            table.view.value.with(|view| view.as_ref().map(|view| layout.arrange(&view.columns)).unwrap_or_default())
        })
    });
    let columns: Signal<Vec<GridColumn>> = columns.into();
    let tiles = Tiles::new(table, columns);
    let row = RwSignal::new(None::<u64>);
    let press = RwSignal::new(None);
    let (filtering, judging) = (RwSignal::new(false), RwSignal::new(false));
    let charts = RwSignal::new(Vec::<ChartShown>::new());
    let find = RwSignal::new(String::new());
    let known = Memo::new(move |_| table.view.value.with(Option::is_some));
    // There is always something to read about: the first column until another is picked.
    Effect::new(move |_| {
        let first = columns.with(|columns| columns.first().map(|column| column.name.clone()));
        if table.picked.with_untracked(Option::is_none) && first.is_some() {
            table.picked.set(first);
        }
    });
    let add_chart = move || {
        let id = charts.with_untracked(|charts| charts.last().map_or(1, |chart| chart.id + 1));
        charts.update(|charts| charts.push(ChartShown { id, spec: RwSignal::new(first_spec(table)) }));
    };
    let acts = GridActs {
        seen: Callback::new(move |window| tiles.look_at(window)),
        sort: Callback::new(move |(name, add)| table.sort_by(name, add)),
        resize: Callback::new(move |(name, width)| table.layout.update(|layout| layout.resize(name, width))),
        reorder: Callback::new(move |(name, before): (String, Option<String>)| {
            let all = untrack(|| table.columns());
            table.layout.update(|layout| layout.reorder(&name, before.as_deref(), &all))
        }),
        menu: Callback::new(move |pressed| press.set(Some(pressed))),
        copy: Callback::new(move |()| cells::copy(table, columns, Form::Tsv)),
        row: Callback::new(move |number| row.set(Some(number))),
    };
    let cell: CellAt = Arc::new(move |row, column| tiles.cell(row, column));
    let head: Head = Arc::new(move |name| {
        untrack(|| table.column(name))
            .map(|column| {
                let head = move || tiles.painted.get().then(|| view! { <ColumnHead table column=column.clone()/> });
                view! { {head} }.into_any()
            })
            .unwrap_or_else(|| ().into_any())
    });
    let text_of = Callback::new(move |(row, column)| match tiles.cell(row, column) {
        Shown::Text(text) => Some(Some(text)),
        Shown::Missing => Some(None),
        Shown::Waits => None,
    });
    let sorted = Signal::derive(move || {
        table.sort.with(|sort| sort.iter().map(|by| (by.column.clone(), by.descending)).collect::<Vec<_>>())
    });
    let num_rows = Signal::derive(move || table.num_rows());
    // A column's name brings the column into view, any other text the next cell that holds it.
    let search = move |backwards: bool| {
        let text = find.get_untracked();
        let column = columns
            .with_untracked(|columns| columns.iter().position(|column| column.name.eq_ignore_ascii_case(text.trim())));
        match (column, text.strip_prefix('#').and_then(|number| number.trim().replace(',', "").parse::<u64>().ok())) {
            (_, Some(number)) => table.reveal.set((Some(number.saturating_sub(1)), None)),
            (Some(at), None) => {
                table.picked.set(columns.with_untracked(|columns| columns.get(at).map(|column| column.name.clone())));
                table.reveal.set((None, Some(at)));
            }
            (None, None) => cells::find_next(table, columns, text, backwards),
        }
    };
    let undo_keys = move |event: ev::KeyboardEvent| {
        let typing = event_target_is_field(&event);
        match event.key().to_ascii_lowercase().as_str() {
            "z" if (event.ctrl_key() || event.meta_key()) && !typing => {
                event.prevent_default();
                table.plan.update(|plan| if event.shift_key() { plan.redo() } else { plan.undo() });
            }
            _ => {}
        }
    };
    use_commands(
        &address,
        vec![
            Command::new("data.filter", "filter", "Filter the rows", move || filtering.set(true)),
            Command::new("data.chart", "chart", "Add a chart", add_chart),
            Command::new("data.quality", "spark", "Quality report", move || judging.set(true)),
            Command::new("data.undo-step", "undo", "Undo the last step", move || table.plan.update(|plan| plan.undo()))
                .keys("Ctrl Z"),
            Command::new("data.copy-csv", "copy", "Copy the selected cells as CSV", move || {
                cells::copy(table, columns, Form::Csv)
            }),
            Command::new("data.copy-markdown", "copy", "Copy the selected cells as Markdown", move || {
                cells::copy(table, columns, Form::Markdown)
            }),
        ],
    );
    view! {
        <main class="work" data-view="table" data-source=source.clone() on:keydown=undo_keys>
            <div class="toolbar">
                {move || known.get().then(|| summary(table))}
                <FilterChips table open=filtering/>
                <button type="button" class="btn btn-bare btn-s" data-action="filter" on:click=move |_| filtering.set(true)><Icon name="filter"/>"Filter"</button>
                <span class="grow"></span>
                <form class="row" on:submit=move |event| { event.prevent_default(); search(false) }><Search value=find name="Value, column or #row"/></form>
                <Menu name="Columns" items=column_items(table) class="btn btn-bare btn-s"><Icon name="columns"/>"Columns"</Menu>
                <button type="button" class="btn btn-bare btn-s" data-action="chart" on:click=move |_| add_chart()><Icon name="chart"/>"Chart"</button>
                <button type="button" class="btn btn-bare btn-s" data-action="quality" on:click=move |_| judging.set(true)><Icon name="spark"/>"Quality"</button>
                <Menu name="More" items=more_items(table, source.clone())><Icon name="more"/></Menu>
            </div>
            <Reading table/>
            <Notices table/>
            {move || table.view.waiting().then(|| view! { <div class="pane"><Bones lines=5/></div> })}
            {move || table.view.error.get().map(|error| problem(table, error))}
            {move || tiles.error.get().map(|error| view! { <div class="pane-tight"><ErrorNote tried="The rows could not be read" code=error.code message=error.message/></div> })}
            {move || known.get().then(|| {
                let (cell, head) = (cell.clone(), head.clone());
                view! { <Grid name=Signal::derive(move || format!("Rows of {}", table.source.get_value())) columns num_rows cell revision=tiles.revision picked=table.picked selection=table.selection sorted acts head reveal=table.reveal/> }
            })}
            {move || (known.get() && num_rows.get() == 0 && table.view.value.with(|view| view.as_ref().is_some_and(|view| view.complete))).then(|| nothing(table))}
            <ChartStrip table shown=charts/>
        </main>
        {move || if row.with(Option::is_some) { view! { <RowPane table row/> }.into_any() } else if tiles.painted.get() { view! { <Inspector table/> }.into_any() } else { view! { <aside class="inspector" aria-label="Column and recipe"></aside> }.into_any() }}
        <CellMenu table columns press text_of row/>
        <FilterDialog table open=filtering/>
        <QualityDialog table open=judging/>
        <ExportDialog table/>
    }
}

fn event_target_is_field(event: &ev::KeyboardEvent) -> bool {
    use wasm_bindgen::JsCast;
    event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
        .is_some_and(|element| matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT"))
}

/// What stands in the way of the table as asked for. The last good one stays below it.
fn problem(table: OpenedTable, error: atelier_wire::Error) -> impl IntoView {
    let shown = table.view.value.with_untracked(Option::is_some);
    let steps = table.plan.with_untracked(|plan| plan.can_undo());
    let tests = table.tests.with_untracked(|tests| !tests.is_empty());
    view! {
        <div class="pane-tight"><ErrorNote tried=if shown { "This change could not be made; the table below is as it was before" } else { "This table could not be opened" } code=error.code message=error.message>
            {steps.then(|| view! { <button type="button" class="btn btn-s" on:click=move |_| table.plan.update(|plan| plan.undo())><Icon name="undo"/>"Undo the last step"</button> })}
            {tests.then(|| view! { <button type="button" class="btn btn-s" on:click=move |_| table.tests.set(Vec::new())>"Show all rows"</button> })}
        </ErrorNote></div>
        {(!shown).then(|| view! { <AsText source=table.source.get_value()/> })}
    }
}

fn nothing(table: OpenedTable) -> impl IntoView {
    let filtered = table.tests.with_untracked(|tests| !tests.is_empty());
    let text = if filtered {
        "No row passes the filter."
    } else {
        "The table holds columns and no row. If the first row is data, say so under “How it is read”."
    };
    view! { <Empty icon="data" title="No row" text=text>{filtered.then(|| view! { <button type="button" class="btn" on:click=move |_| table.tests.set(Vec::new())>"Show all rows"</button> })}</Empty> }
}

fn summary(table: OpenedTable) -> impl IntoView {
    move || {
        table.view.value.with(|view| view.as_ref().map(|view| {
            let rows = view.num_rows.unwrap_or(view.estimated_rows);
            let about = if view.num_rows.is_none() { "about " } else { "" };
            let of = view.num_source_rows.filter(|all| Some(*all) != view.num_rows).map(|all| format!(" of {}", format::count(all))).unwrap_or_default();
            let rest = format!(" · {} · {} · {}", format::counted(view.columns.len() as u64, "column", "columns"), view.format.to_uppercase(), format::bytes(view.size_bytes));
            view! { <span class="cut" data-complete=view.complete.to_string()>{about}<b class="strong num" data-rows=rows.to_string()>{format::count(rows)}</b><span class="quiet">{of}{if rows == 1 { " row" } else { " rows" }}<span class="if-wide">{rest}</span></span></span> }
        }))
    }
}

/// Shows and hides columns.
fn column_items(table: OpenedTable) -> Signal<Vec<MenuItem>> {
    Signal::derive(move || {
        let hidden = table.layout.with(|layout| layout.hidden.clone());
        let mut items: Vec<MenuItem> = Vec::new();
        if !hidden.is_empty() {
            items.push(MenuItem::new("check", "Show all columns", move || {
                table.layout.update(|layout| layout.hidden.clear())
            }));
        }
        items.extend(table.columns().into_iter().take(200).map(|column| {
            let name = column.name.clone();
            MenuItem::new(if hidden.contains(&column.name) { "eye-off" } else { "check" }, column.name, move || {
                table.layout.update(|layout| layout.toggle_hide(&name))
            })
        }));
        items
    })
}

fn more_items(table: OpenedTable, source: String) -> Signal<Vec<MenuItem>> {
    let frame = use_frame();
    Signal::derive(move || {
        let mut items: Vec<MenuItem> =
            [("csv", "CSV"), ("parquet", "Parquet"), ("jsonl", "JSON lines"), ("arrow", "Arrow")]
                .map(|(ending, word)| {
                    MenuItem::new("download", format!("Write the rows shown as {word}"), move || {
                        export_rows(table, ending)
                    })
                })
                .into();
        let leaf = source.rsplit('/').next().unwrap_or_default().split('.').next().unwrap_or_default().to_owned();
        let recipe = format!("{leaf}.recipe.json");
        items.push(MenuItem::new("undo", format!("Load {recipe}"), move || load_recipe(table, recipe.clone())));
        let query = Address::new("table", format!("sql:SELECT * FROM \"{}\"", source));
        items.push(MenuItem::new("command", "Ask in SQL", move || frame.open(query.clone())));
        items
    })
}

/// What is no table may be text: a JSON file of settings, for instance. Workspace files only.
#[component]
fn AsText(source: String) -> impl IntoView {
    let frame = use_frame();
    let text = RwSignal::new(None::<String>);
    let wrap = RwSignal::new(false);
    let of_bucket = source.starts_with("s3://");
    let path = source.clone();
    spawn_local(async move {
        if !path.contains(':')
            && let Ok(file) = api::call(ReadTextFile { path }).await
        {
            text.try_set(Some(file.text));
        }
    });
    view! {
        {of_bucket.then(|| view! { <p class="pane-tight"><button type="button" class="btn" on:click=move |_| frame.open("data")><Icon name="data"/>"Go to the buckets"</button></p> })}
        {move || text.get().map(|text| view! {
            <Callout title="It may be text all the same"/>
            <div class="toolbar"><h2 class="strong">"As text"</h2><span class="grow"></span><span class="hint small">"Wrap lines"</span><Switch value=wrap name="Wrap lines"/></div>
            <pre class="scroll code pane" class:wrap-code=move || wrap.get() tabindex="0" data-text="">{text}</pre>
        })}
    }
}
