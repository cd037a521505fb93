//! Charts without code: choose columns, see the chart, keep it, take it away as a picture or as a notebook's cell.

use super::picture;
use super::state::{OpenedTable, is_number, is_time};
use crate::kit::copy::copy_text;
use crate::kit::size::size_of;
use crate::kit::{Bones, ErrorNote, Icon, Menu, MenuItem, Select, Toast, Tone, format};
use crate::live::live_where;
use atelier_wire::studio::data::chart::{Aggregate, BuildChart, Chart, ChartKind, ChartSpec};
use atelier_wire::studio::data::view::ColumnKind;
use leptos::{html, prelude::*};
use wasm_bindgen_futures::spawn_local;

/// A chart of the strip under the grid.
#[derive(Clone, Copy, PartialEq)]
pub struct Shown {
    pub id: u64,
    pub spec: RwSignal<ChartSpec>,
}

const KINDS: [(ChartKind, &str, &str); 12] = [
    (ChartKind::Histogram, "histogram", "Histogram"),
    (ChartKind::Bar, "bar", "Bars"),
    (ChartKind::Line, "line", "Lines"),
    (ChartKind::Area, "area", "Areas"),
    (ChartKind::Scatter, "scatter", "Scatter"),
    (ChartKind::Box, "box", "Boxes"),
    (ChartKind::Violin, "violin", "Violins"),
    (ChartKind::HeatMap, "heat_map", "Heat map"),
    (ChartKind::Correlation, "correlation", "Correlations"),
    (ChartKind::Parallel, "parallel", "Parallel coordinates"),
    (ChartKind::Missing, "missing", "Missing values"),
    (ChartKind::TimeSeries, "time_series", "Time series"),
];
const AGGREGATES: [(Aggregate, &str); 8] = [
    (Aggregate::Count, "count"),
    (Aggregate::Sum, "sum"),
    (Aggregate::Mean, "mean"),
    (Aggregate::Median, "median"),
    (Aggregate::Min, "min"),
    (Aggregate::Max, "max"),
    (Aggregate::Std, "std"),
    (Aggregate::Distinct, "distinct"),
];

/// Pixels at the top of a drawing that its title takes. The card says the title already, so they lie above its edge.
const TITLE: u32 = 24;

/// A first chart for the column that is picked: what most people would ask for.
pub fn first_spec(table: OpenedTable) -> ChartSpec {
    let column = table.picked.get_untracked().and_then(|name| untrack(|| table.column(&name)));
    let Some(column) = column else { return ChartSpec { kind: ChartKind::Missing, ..ChartSpec::default() } };
    let kind = if matches!(column.kind, ColumnKind::Text | ColumnKind::Category | ColumnKind::Boolean) {
        ChartKind::Bar
    } else {
        ChartKind::Histogram
    };
    ChartSpec { kind, x: Some(column.name), ..ChartSpec::default() }
}

#[component]
pub fn ChartStrip(table: OpenedTable, shown: RwSignal<Vec<Shown>>) -> impl IntoView {
    view! {
        <div class="chart-strip" class:is-open=move || shown.with(|shown| !shown.is_empty())>
            <For each=move || shown.get() key=|chart| chart.id children=move |chart| view! { <ChartCard table chart close=Callback::new(move |()| shown.update(|shown| shown.retain(|other| other.id != chart.id)))/> }/>
        </div>
    }
}

#[component]
fn ChartCard(table: OpenedTable, chart: Shown, close: Callback<()>) -> impl IntoView {
    let editing = RwSignal::new(true);
    let spec = chart.spec;
    let place = NodeRef::<html::Div>::new();
    let size = size_of(place);
    // Drawn at the size it is shown at, so that its text is as large as all other text.
    let drawn = live_where(
        move || {
            let (width, height) = size.get();
            let view = table.view_key().filter(|_| width > 0.0 && height > 0.0)?;
            Some(BuildChart {
                view,
                spec: ChartSpec { width: width as u32, height: height as u32 + TITLE, ..spec.get() },
                request: format!("chart-{}", chart.id),
            })
        },
        |_, _| false,
    );
    let svg = move || {
        drawn.value.with_untracked(|chart| chart.as_ref().map(|chart| (chart.title.clone(), chart.svg.clone())))
    };
    let items = Signal::derive(move || {
        vec![
            MenuItem::new("download", "Save as SVG", move || {
                if let Some((title, svg)) = svg() {
                    picture::save_svg(&title, &svg)
                }
            }),
            MenuItem::new("download", "Save as PNG", move || {
                if let Some((title, svg)) = svg() {
                    picture::save_png(title, svg)
                }
            }),
            MenuItem::new("notebook", "Copy as a notebook cell", move || {
                let Some(code) = drawn.value.with_untracked(|chart| chart.as_ref().map(|chart| chart.code.clone()))
                else {
                    return;
                };
                spawn_local(async move {
                    let toast = if copy_text(&code).await {
                        Toast::new(Tone::Ok, "The chart's code is copied").text("Paste it into a Python cell.")
                    } else {
                        Toast::new(Tone::Bad, "The browser did not let the code be copied")
                    };
                    table.toasts.show(toast);
                });
            }),
            MenuItem::new("x", "Remove the chart", move || close.run(())),
        ]
    });
    view! {
        <section class="chart-card" data-chart-card=chart.id.to_string()>
            <div class="chart-head">
                <h3 class="chart-title">{move || drawn.value.with(|chart| chart.as_ref().map(|chart| chart.title.clone()))}</h3>
                <span class="chart-unit">{move || drawn.value.with(|chart| chart.as_ref().map(|chart| format::counted(chart.num_used, "row", "rows")))}</span>
                <span class="grow"></span>
                <button type="button" class="btn btn-bare btn-s" data-action="edit-chart" class:is-on=move || editing.get() on:click=move |_| editing.update(|on| *on = !*on)><Icon name="columns"/>"Columns"</button>
                <Menu name="What to do with this chart" items><Icon name="more"/></Menu>
            </div>
            {move || editing.get().then(|| view! { <ChartForm table spec/> })}
            {move || drawn.error.get().map(|error| view! { <ErrorNote tried="This chart cannot be drawn" code=error.code message=error.message/> })}
            <div class="chart-picture" node_ref=place>
                {move || drawn.waiting().then(|| view! { <Bones lines=4/> })}
                // Drawn by the backend, which escapes every text of the table that it writes into it.
                {move || drawn.value.with(|chart| chart.as_ref().map(|chart| view! { <div class="chart-drawn" role="img" style:margin-top=format!("-{TITLE}px") aria-label=chart.title.clone() inner_html=chart.svg.clone()></div> }))}
            </div>
            {move || drawn.value.with(|chart| chart.as_ref().map(notes_of))}
        </section>
    }
}

/// What a reader must know, in one line that shows all of it on hover.
fn notes_of(chart: &Chart) -> impl IntoView + use<> {
    let notes = chart.notes.join(" ");
    (!notes.is_empty())
        .then(|| view! { <p class="hint small cut" data-chart-notes="" title=notes.clone()>{notes.clone()}</p> })
}

/// Which fields a kind has: x, y, many y, colour, facet, aggregate, value, bins, span, method.
struct Needs {
    x: bool,
    y: bool,
    many: bool,
    color: bool,
    aggregate: bool,
    value: bool,
    bins: bool,
    every: bool,
    method: bool,
}

fn needs(kind: ChartKind) -> Needs {
    use ChartKind as K;
    Needs {
        x: !matches!(kind, K::Correlation | K::Parallel | K::Missing),
        y: !matches!(kind, K::Histogram | K::Missing),
        many: matches!(kind, K::Line | K::Area | K::TimeSeries | K::Correlation | K::Parallel),
        color: !matches!(kind, K::HeatMap | K::Correlation | K::Missing),
        aggregate: matches!(kind, K::Bar | K::Line | K::Area | K::HeatMap | K::TimeSeries),
        value: kind == K::HeatMap,
        bins: matches!(kind, K::Histogram | K::HeatMap),
        every: kind == K::TimeSeries,
        method: kind == K::Correlation,
    }
}

#[component]
fn ChartForm(table: OpenedTable, spec: RwSignal<ChartSpec>) -> impl IntoView {
    let kind = Memo::new(move |_| spec.with(|spec| spec.kind));
    let column = move |label: &'static str,
                       only: fn(ColumnKind) -> bool,
                       get: fn(&ChartSpec) -> Option<String>,
                       set: fn(&mut ChartSpec, Option<String>)| {
        let options = Signal::derive(move || {
            let names = table
                .columns()
                .into_iter()
                .filter(|column| only(column.kind))
                .map(|column| (column.name.clone(), column.name));
            [(String::new(), "none".to_owned())].into_iter().chain(names).collect::<Vec<_>>()
        });
        choice(
            label,
            options,
            move || spec.with_untracked(|spec| get(spec).unwrap_or_default()),
            move |value| spec.update(|spec| set(spec, (!value.is_empty()).then_some(value))),
        )
    };
    let any: fn(ColumnKind) -> bool = |_| true;
    let figures: fn(ColumnKind) -> bool = |kind| is_number(kind) || is_time(kind) || kind == ColumnKind::Boolean;
    let kinds =
        Signal::stored(KINDS.iter().map(|(_, key, word)| ((*key).to_owned(), (*word).to_owned())).collect::<Vec<_>>());
    let aggregates = Signal::stored(
        [(String::new(), "as it is".to_owned())]
            .into_iter()
            .chain(AGGREGATES.iter().map(|(_, word)| ((*word).to_owned(), (*word).to_owned())))
            .collect::<Vec<_>>(),
    );
    let methods = Signal::stored(
        [("pearson", "Pearson"), ("spearman", "Spearman"), ("cramers_v", "Cramér's V")]
            .map(|(key, word)| (key.to_owned(), word.to_owned()))
            .to_vec(),
    );
    let spans = Signal::stored(
        [
            ("", "chosen"),
            ("1h", "hour"),
            ("1d", "day"),
            ("1w", "week"),
            ("1mo", "month"),
            ("1q", "quarter"),
            ("1y", "year"),
        ]
        .map(|(key, word)| (key.to_owned(), word.to_owned()))
        .to_vec(),
    );
    view! {
        <div class="chart-form" data-chart-form="">
            {choice("Kind", kinds, move || KINDS.iter().find(|(known, ..)| *known == kind.get_untracked()).map_or_else(String::new, |(_, key, _)| (*key).to_owned()), move |key| if let Some((kind, ..)) = KINDS.iter().find(|(_, known, _)| *known == key) { spec.update(|spec| spec.kind = *kind) })}
            {move || { let needs = needs(kind.get()); view! {
                {needs.x.then(|| column("Across", any, |spec| spec.x.clone(), |spec, value| spec.x = value))}
                {needs.y.then(|| column("Up", if kind.get_untracked() == ChartKind::HeatMap { any } else { figures }, |spec| spec.y.first().cloned(), |spec, value| { spec.y.truncate(spec.y.len().max(1)); match value { Some(value) if spec.y.is_empty() => spec.y.push(value), Some(value) => spec.y[0] = value, None => if !spec.y.is_empty() { spec.y.remove(0); } } }))}
                {needs.many.then(|| more_columns(table, spec))}
                {needs.value.then(|| column("Value", figures, |spec| spec.value.clone(), |spec, value| spec.value = value))}
                {needs.aggregate.then(|| choice("Of the rows", aggregates, move || spec.with_untracked(|spec| AGGREGATES.iter().find(|(known, _)| Some(*known) == spec.aggregate).map_or_else(String::new, |(_, word)| (*word).to_owned())), move |key| spec.update(|spec| spec.aggregate = AGGREGATES.iter().find(|(_, word)| *word == key).map(|(known, _)| *known))))}
                {needs.color.then(|| column("Colour", any, |spec| spec.color.clone(), |spec, value| spec.color = value))}
                {(!matches!(kind.get(), ChartKind::Correlation | ChartKind::Missing | ChartKind::Parallel)).then(|| column("Panels", any, |spec| spec.facet.clone(), |spec, value| spec.facet = value))}
                {needs.every.then(|| choice("Each", spans, move || spec.with_untracked(|spec| spec.every.clone().unwrap_or_default()), move |key| spec.update(|spec| spec.every = (!key.is_empty()).then_some(key))))}
                {needs.method.then(|| choice("Measure", methods, move || spec.with_untracked(|spec| spec.method.clone().unwrap_or_else(|| "pearson".into())), move |key| spec.update(|spec| spec.method = Some(key))))}
                {needs.bins.then(|| number("Bins", move || spec.with_untracked(|spec| spec.bins.map_or_else(String::new, |bins| bins.to_string())), move |text| spec.update(|spec| spec.bins = text.parse().ok().filter(|bins| (1..=500).contains(bins)))))}
            } }}
        </div>
    }
}

fn choice(
    label: &'static str,
    options: Signal<Vec<(String, String)>>,
    now: impl Fn() -> String + 'static,
    set: impl Fn(String) + 'static,
) -> impl IntoView {
    let value = RwSignal::new(now());
    Effect::new(move |old: Option<String>| {
        let chosen = value.get();
        if old.is_some_and(|old| old != chosen) {
            set(chosen.clone());
        }
        chosen
    });
    view! { <label class="chart-field"><span class="quiet small">{label}</span><Select value name=label options/></label> }
}

fn number(label: &'static str, now: impl Fn() -> String, set: impl Fn(String) + 'static) -> impl IntoView {
    let start = now();
    view! { <label class="chart-field"><span class="quiet small">{label}</span><span class="field"><input type="text" inputmode="numeric" name=label aria-label=label placeholder="chosen" prop:value=start on:change=move |event| set(event_target_value(&event))/></span></label> }
}

/// More columns for charts with several lines.
fn more_columns(table: OpenedTable, spec: RwSignal<ChartSpec>) -> impl IntoView {
    let items = Signal::derive(move || {
        let chosen = spec.with(|spec| spec.y.clone());
        let columns = table.columns().into_iter().filter(|column| is_number(column.kind));
        columns
            .map(|column| {
                let on = chosen.contains(&column.name);
                let name = column.name.clone();
                MenuItem::new(if on { "check" } else { "plus" }, column.name, move || {
                    spec.update(|spec| match spec.y.iter().position(|known| *known == name) {
                        Some(at) => drop(spec.y.remove(at)),
                        None => spec.y.push(name.clone()),
                    })
                })
            })
            .collect::<Vec<_>>()
    });
    view! { <label class="chart-field"><span class="quiet small">"Columns"</span><Menu name="Choose columns" items class="btn btn-s">{move || match spec.with(|spec| spec.y.len()) { 0 => "all".to_owned(), count => format!("{count} chosen") }}<Icon name="down" class="i-s"/></Menu></label> }
}
