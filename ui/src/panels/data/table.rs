//! A table: grid with a histogram over each column, sort, header toggle, and the profile of the chosen column.

use super::profile::{Spark, profile_pane};
use crate::api;
use crate::frame::use_frame;
use crate::kit::grid::{Cells, Grid, GridColumn};
use crate::kit::{Bones, Choice, Empty, ErrorNote, Icon, Search, Switch, format};
use crate::live::live_where;
use atelier_wire::studio::data::{Column, ColumnClass, GetPage, OpenTable, ProfileColumn, Sort, Table};
use atelier_wire::studio::files::ReadTextFile;
use leptos::prelude::*;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use wasm_bindgen_futures::spawn_local;

/// Rows fetched at once, and the most pages kept.
const PAGE: u64 = 200;
const MAX_PAGES: usize = 60;

/// Whether a change named by an event touches this source.
fn concerns(source: &str, tag: &str, id: &str) -> bool {
    match source.strip_prefix("s3://") {
        Some(object) => tag == "object" && (object == id || object.ends_with(&format!("/{id}"))),
        None => tag == "file" && (id == source || id.is_empty()),
    }
}

/// The pages of a table that are here, and those on their way.
#[derive(Clone, Copy)]
struct Pages {
    rows: RwSignal<HashMap<u64, Vec<Cells>>>,
    asked: StoredValue<HashSet<u64>>,
    /// Counts what makes old answers worthless: another order, another header, another file.
    round: StoredValue<u64>,
    error: RwSignal<Option<atelier_wire::Error>>,
}

impl Pages {
    fn new() -> Self {
        Self { rows: RwSignal::new(HashMap::new()), asked: StoredValue::new(HashSet::new()), round: StoredValue::new(0), error: RwSignal::new(None) }
    }

    fn forget(self) {
        self.round.update_value(|round| *round += 1);
        self.asked.update_value(HashSet::clear);
        self.rows.set(HashMap::new());
        self.error.set(None);
    }

    fn fetch(self, number: u64, mut request: GetPage) {
        if !self.asked.try_update_value(|asked| asked.insert(number)).unwrap_or(false) {
            return;
        }
        request.offset = number * PAGE;
        request.limit = PAGE as usize;
        let round = self.round.get_value();
        spawn_local(async move {
            let answer = api::call(request).await;
            if self.round.try_get_value() != Some(round) {
                return;
            }
            match answer {
                Ok(page) => {
                    self.rows.update(|rows| {
                        if rows.len() >= MAX_PAGES {
                            // The farthest page goes: it is the least likely to be seen next.
                            if let Some(far) = rows.keys().copied().max_by_key(|page| page.abs_diff(number)) {
                                rows.remove(&far);
                                self.asked.update_value(|asked| { asked.remove(&far); });
                            }
                        }
                        rows.insert(number, page.rows);
                    });
                }
                Err(error) => {
                    self.asked.update_value(|asked| { asked.remove(&number); });
                    self.error.set(Some(error));
                }
            }
        });
    }
}

fn icon(class: ColumnClass) -> &'static str {
    match class {
        ColumnClass::Integer => "int",
        ColumnClass::Float => "float",
        ColumnClass::Boolean => "check",
        ColumnClass::Time => "wait",
        ColumnClass::Text | ColumnClass::Other => "text",
    }
}

fn grid_column(column: &Column) -> GridColumn {
    let number = matches!(column.class, ColumnClass::Integer | ColumnClass::Float);
    let name = 66.0 + 7.4 * column.name.chars().count() as f64;
    let least: f64 = match column.class {
        ColumnClass::Text => 144.0,
        ColumnClass::Time => 152.0,
        _ => 112.0,
    };
    GridColumn { name: column.name.clone(), icon: icon(column.class), kind: column.dtype.clone(), number, width: least.max(name).min(280.0) }
}

#[component]
pub fn TablePage(source: String) -> impl IntoView {
    let source = StoredValue::new(source);
    let header = RwSignal::new("auto".to_owned());
    let chosen = move || match header.get().as_str() {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    };
    let table = live_where(move || Some(OpenTable { source: source.get_value(), header: chosen() }), move |tag, id| source.with_value(|source| concerns(source, tag, id)));
    let columns = Memo::new(move |_| table.value.with(|table| table.as_ref().map(|table| table.columns.clone()).unwrap_or_default()));
    let grid_columns = Memo::new(move |_| columns.with(|columns| columns.iter().map(grid_column).collect::<Vec<_>>()));
    let num_rows = Memo::new(move |_| table.value.with(|table| table.as_ref().map_or(0, |table| table.num_rows)));
    let sort = RwSignal::new(None::<Sort>);
    let picked = RwSignal::new(None::<usize>);
    let pages = Pages::new();
    // The choice that the table shown came from: after a new choice the old columns stay until the new ones are here,
    // and must not be asked for under it.
    let settled = Memo::new(move |_| {
        table.value.track();
        untrack(chosen)
    });
    let has = move |name: &str| columns.with(|columns| columns.iter().any(|column| column.name == name));
    let request = move || GetPage { source: source.get_value(), header: settled.get(), offset: 0, limit: 0, sort: sort.get().filter(|sort| has(&sort.column)) };
    Effect::new(move |_| {
        columns.track();
        if sort.with_untracked(|sort| sort.as_ref().is_some_and(|sort| !untrack(|| has(&sort.column)))) {
            sort.set(None);
        }
    });
    let window = RwSignal::new((0_u64, 0_u64));
    Effect::new(move |_| {
        // Another table, another order: what is here no longer holds.
        table.value.track();
        sort.track();
        pages.forget();
        let (from, to) = window.get_untracked();
        if num_rows.get_untracked() > 0 {
            (from / PAGE..=to.saturating_sub(1) / PAGE).for_each(|page| pages.fetch(page, untrack(request)));
        }
    });
    let seen = move |(from, to): (u64, u64)| {
        window.set((from, to));
        if to > from {
            (from / PAGE..=(to - 1) / PAGE).for_each(|page| pages.fetch(page, untrack(request)));
        }
    };
    let row = move |number: u64| pages.rows.with(|rows| rows.get(&(number / PAGE)).and_then(|page| page.get((number % PAGE) as usize)).cloned());
    let sorted = Signal::derive(move || sort.with(|sort| sort.as_ref().and_then(|sort| columns.with(|columns| columns.iter().position(|column| column.name == sort.column)).map(|at| (at, sort.descending)))));
    let sort_by = move |column: usize| {
        let Some(name) = columns.with_untracked(|columns| columns.get(column).map(|column| column.name.clone())) else { return };
        sort.update(|sort| {
            *sort = match sort.take() {
                Some(old) if old.column == name && old.descending => None,
                Some(old) if old.column == name => Some(Sort { column: name, descending: true }),
                _ => Some(Sort { column: name, descending: false }),
            }
        });
    };
    let ask = move |column: String| has(&column).then(|| ProfileColumn { source: source.get_value(), header: settled.get(), column });
    let head = move |at: usize| {
        let Some(column) = columns.with_untracked(|columns| columns.get(at).cloned()) else { return ().into_any() };
        let name = column.name.clone();
        view! { <Spark column request=Signal::derive(move || ask(name.clone())) version=Signal::derive(move || table.value.with(|table| table.as_ref().map(|table| (table.size_bytes, table.num_rows))))/> }.into_any()
    };
    let find = RwSignal::new(String::new());
    let reveal = Memo::new(move |_| {
        let query = find.get().to_lowercase();
        (!query.is_empty()).then(|| columns.with(|columns| columns.iter().position(|column| column.name.to_lowercase().contains(&query)))).flatten()
    });
    Effect::new(move |_| if let Some(at) = reveal.get() { picked.set(Some(at)) });
    Effect::new(move |_| if columns.with(|columns| !columns.is_empty()) && picked.with_untracked(Option::is_none) { picked.set(Some(0)) });
    let format_of = move || table.value.with(|table| table.as_ref().map(|table| table.format.clone()).unwrap_or_default());
    let delimited = Memo::new(move |_| matches!(format_of().as_str(), "csv" | "tsv"));
    let picked_column = Memo::new(move |_| picked.get().and_then(|at| columns.with(|columns| columns.get(at).cloned())));
    let known = Memo::new(move |_| table.value.with(Option::is_some) && table.error.with(Option::is_none));
    let row: Arc<dyn Fn(u64) -> Option<Cells> + Send + Sync> = Arc::new(row);
    let head: crate::kit::grid::Head = Arc::new(head);
    view! {
        <main class="work" data-view="table" data-source=source.get_value()>
            <div class="toolbar">
                {move || table.value.with(|table| table.as_ref().map(summary))}
                {move || sort.get().map(|by| view! { <span class="toolbar-sep"></span><span class="chip chip-filter" data-sort=by.column.clone()><Icon name=if by.descending { "arrow-down" } else { "up" }/>{by.column.clone()}
                    <button type="button" class="chip-x" aria-label="Back to the file's order" title="Back to the file's order" on:click=move |_| sort.set(None)><Icon name="x"/></button></span> })}
                <span class="grow"></span>
                {move || delimited.get().then(|| view! { <span class="hint small if-wide">"First row"</span><Choice value=header name="What the first row is" options=vec![("auto", "Auto"), ("yes", "Names"), ("no", "Values")]/> })}
                <Search value=find name="Find a column"/>
            </div>
            {move || table.waiting().then(|| view! { <div class="pane"><Bones lines=5/></div> })}
            {move || table.error.get().map(|error| view! { <div class="pane-tight"><ErrorNote tried="This table could not be opened" code=error.code message=error.message/></div><AsText source=source.get_value()/> })}
            {move || pages.error.get().map(|error| view! { <div class="pane-tight"><ErrorNote tried="The rows could not be read" code=error.code message=error.message/></div> })}
            {move || known.get().then(|| {
                let (row, head) = (row.clone(), head.clone());
                view! { <Grid name=Signal::derive(move || format!("Rows of {}", source.get_value())) columns=grid_columns num_rows row seen=Callback::new(seen) picked sorted sort=Callback::new(sort_by) head reveal=Signal::derive(move || reveal.get())/> }
            })}
            {move || (known.get() && num_rows.get() == 0).then(|| view! { <Empty icon="data" title="No row" text="The file holds column names and nothing else. If its first row is data, choose Values above."/> })}
        </main>
        <aside class="inspector" aria-label="Profile of the column">{move || match picked_column.get() {
            Some(column) if known.get() => profile_pane(column, ask).into_any(),
            _ => view! { <div class="inspector-head"><h2>"Column"</h2></div> }.into_any(),
        }}</aside>
    }
}

fn summary(table: &Table) -> impl IntoView + use<> {
    let rest = format!(" · {} · {} · {}", format::counted(table.columns.len() as u64, "column", "columns"), table.format.to_uppercase(), format::bytes(table.size_bytes));
    view! { <span class="cut"><b class="strong num" data-rows=table.num_rows.to_string()>{format::count(table.num_rows)}</b><span class="quiet">{if table.num_rows == 1 { " row" } else { " rows" }}{rest}</span></span> }
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
        if !path.starts_with("s3://")
            && let Ok(file) = api::call(ReadTextFile { path }).await
        {
            text.try_set(Some(file.text));
        }
    });
    view! {
        {of_bucket.then(|| view! { <p class="pane-tight"><button type="button" class="btn" on:click=move |_| frame.open("data")><Icon name="data"/>"Go to the buckets"</button></p> })}
        {move || text.get().map(|text| view! {
            <div class="toolbar"><h2 class="strong">"As text"</h2><span class="grow"></span><span class="hint small">"Wrap lines"</span><Switch value=wrap name="Wrap lines"/></div>
            <pre class="scroll code pane" class:wrap-code=move || wrap.get() tabindex="0" data-text="">{text}</pre>
        })}
    }
}
