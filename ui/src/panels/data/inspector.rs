//! The inspector: the column that is picked, and the steps of the recipe.

use super::head::stats_of;
use super::recipe::RecipePane;
use super::state::{OpenedTable, is_number, is_time};
use super::words::{brief, share, stamp, trimmed};
use crate::kit::{Bones, ErrorNote, Icon, Select, format};
use atelier_wire::studio::data::filter::Test;
use atelier_wire::studio::data::view::{ColumnKind, ColumnStats, ViewColumn};
use leptos::prelude::*;

/// The types that a column of a file can be read as.
const TYPES: [(&str, &str); 9] = [
    ("", "as found"),
    ("str", "text"),
    ("i64", "whole number"),
    ("f64", "number"),
    ("bool", "true or false"),
    ("date", "date"),
    ("datetime", "date and time"),
    ("category", "category"),
    ("decimal(2)", "decimal (2 places)"),
];

#[component]
pub fn Inspector(table: OpenedTable) -> impl IntoView {
    let column = Memo::new(move |_| table.picked.get().and_then(|name| table.column(&name)));
    view! {
        <aside class="inspector" aria-label="Column and recipe">
            {move || match column.get() {
                Some(column) => view! { <ColumnPane table column/> }.into_any(),
                None => view! { <div class="inspector-head"><h2>"Recipe"</h2></div><div class="scroll"><RecipePane table/></div> }.into_any(),
            }}
        </aside>
    }
}

#[component]
fn ColumnPane(table: OpenedTable, column: ViewColumn) -> impl IntoView {
    let stats = stats_of(table, column.name.clone(), false);
    let kind = column.kind;
    let name = StoredValue::new(column.name.clone());
    let pinned = move || table.layout.with(|layout| layout.pinned.contains(&name.get_value()));
    view! {
        <div class="inspector-head" data-profile=column.name.clone()>
            <h2 class="cut">{column.name.clone()}</h2><span class="chip chip-line"><span class="code-s">{column.dtype.clone()}</span></span>
            <span class="grow"></span>
            <button type="button" class="btn btn-bare btn-icon btn-s" data-action="pin" class:is-on=pinned aria-pressed=move || pinned().to_string() title="Pin at the left" aria-label="Pin at the left" on:click=move |_| table.layout.update(|layout| layout.toggle_pin(&name.get_value()))><Icon name="pin"/></button>
            <button type="button" class="btn btn-bare btn-icon btn-s" data-action="hide" title="Hide" aria-label="Hide" on:click=move |_| table.layout.update(|layout| layout.toggle_hide(&name.get_value()))><Icon name="eye-off"/></button>
        </div>
        <div class="scroll">
            {move || stats.waiting().then(|| view! { <div class="section"><Bones lines=4/></div> })}
            {move || stats.error.get().filter(|error| error.code != "ResourceNotFound").map(|error| view! { <div class="section"><ErrorNote tried="The column could not be looked at" code=error.code message=error.message/></div> })}
            {move || stats.value.with(|stats| stats.as_ref().map(|stats| facts(table, stats, kind)))}
            <TypeChoice table name=column.name.clone()/>
            <RecipePane table/>
        </div>
    }
}

/// How a column of a file is read.
#[component]
fn TypeChoice(table: OpenedTable, name: String) -> impl IntoView {
    let held = StoredValue::new(name);
    let value = RwSignal::new(
        table.options.with_untracked(|options| options.types.get(&held.get_value()).cloned().unwrap_or_default()),
    );
    Effect::new(move |_| {
        let chosen = value.get();
        let now =
            table.options.with_untracked(|options| options.types.get(&held.get_value()).cloned().unwrap_or_default());
        if chosen != now {
            table.options.update(|options| {
                options.types.remove(&held.get_value());
                if !chosen.is_empty() {
                    options.types.insert(held.get_value(), chosen);
                }
            });
        }
    });
    let options: Vec<(String, String)> =
        TYPES.iter().map(|(key, word)| ((*key).to_owned(), (*word).to_owned())).collect();
    let reads = move || {
        table.view.value.with(|view| {
            view.as_ref().is_some_and(|view| {
                matches!(view.format.split('.').next(), Some("csv" | "tsv" | "json" | "jsonl" | "excel"))
            })
        })
    };
    view! {
        {move || reads().then(|| view! { <section class="section"><div class="section-head"><h3>"Read as"</h3><span class="grow"></span><Select value name="Type of the column" options=options.clone()/></div></section> })}
    }
}

fn number(value: Option<f64>, kind: ColumnKind) -> Option<String> {
    value.map(|value| if is_time(kind) { stamp(value, true) } else { trimmed(format::figure(value)) })
}

fn facts(table: OpenedTable, stats: &ColumnStats, kind: ColumnKind) -> impl IntoView + use<> {
    let row = |name: &'static str, value: Option<String>| {
        value.map(|value| {
            let id = value.clone();
            view! { <dt>{name}</dt><dd class="cut" data-stat=name title=id>{value}</dd> }
        })
    };
    let (rows, missing) = (stats.num_rows, stats.num_missing);
    let most = stats.top.first().map_or(1, |top| top.1).max(1);
    let column = StoredValue::new(stats.column.clone());
    let quantile = |at: usize| stats.quantiles.get(at).copied();
    let spread = (!is_time(kind)).then(|| number(stats.std, kind)).flatten();
    view! {
        {(!stats.bins.is_empty()).then(|| distribution(stats, kind))}
        {(!stats.top.is_empty()).then(|| view! {
            <section class="section" data-section="top">
                <div class="section-head"><h3>"Frequent values"</h3><span class="hint small">"click to keep"</span></div>
                <dl class="kv kv-bar">{stats.top.iter().map(|(value, count)| {
                    let (whole, own, key) = (value.clone(), value.clone(), value.clone());
                    let on = move || matches!(table.test_of(&column.get_value()), Some(Test::In { values }) if values.contains(&Some(own.clone())));
                    view! {
                        <dt title=whole><button type="button" class="link cut" class:strong=on on:click=move |_| table.toggle_value(&column.get_value(), Some(key.clone()))>{if value.is_empty() { "(empty)".to_owned() } else { value.clone() }}</button></dt>
                        <dd><span class="meter"><i style:width=format!("{:.0}%", *count as f64 / most as f64 * 100.0)></i></span>{format::count(*count)}</dd>
                    }
                }).collect_view()}</dl>
            </section>
        })}
        <section class="section" data-section="statistics">
            <div class="section-head"><h3>"Statistics"</h3><span class="grow hint small num">{format::counted(rows, "row", "rows")}</span></div>
            <dl class="kv">
                {row("Missing", Some(format::count(missing)))}
                {row("Share", Some(share(missing, rows)))}
                {row("Distinct", stats.num_distinct.map(format::count))}
                {row("Mean", number(stats.mean, kind))}
                {row("Std", spread)}
                {row("Min", stats.min.as_deref().map(|text| brief(text, is_number(kind))))}
                {row("25 %", number(quantile(1), kind))}
                {row("Median", number(quantile(2), kind))}
                {row("75 %", number(quantile(3), kind))}
                {row("Max", stats.max.as_deref().map(|text| brief(text, is_number(kind))))}
                {row("Skew", stats.skew.map(|skew| trimmed(format!("{skew:.2}"))))}
                {row("Zeros", (stats.num_zero > 0).then(|| format::count(stats.num_zero)))}
                {row("Negative", (stats.num_negative > 0).then(|| format::count(stats.num_negative)))}
                {row("Not finite", (stats.num_not_finite > 0).then(|| format::count(stats.num_not_finite)))}
                {row("Characters", stats.lengths.map(|(least, mean, most)| format!("{least} to {most}, {mean:.1} on average")))}
            </dl>
            {stats.notes.iter().map(|note| view! { <p class="hint small wrap">{note.clone()}</p> }).collect_view()}
        </section>
    }
}

/// The histogram with its axes, drawn in the window: it has the numbers already.
fn distribution(stats: &ColumnStats, kind: ColumnKind) -> impl IntoView + use<> {
    let most = stats.bins.iter().copied().max().unwrap_or(0).max(1);
    let (low, high) = (stats.low.unwrap_or(0.0), stats.high.unwrap_or(0.0));
    let label = move |value: f64| if is_time(kind) { stamp(value, false) } else { brief(&value.to_string(), true) };
    let width = 100.0 / stats.bins.len() as f64;
    let step = (high - low) / stats.bins.len() as f64;
    let bars = stats.bins.iter().enumerate().map(|(at, count)| {
        let height = *count as f64 / most as f64 * 100.0;
        let from = low + at as f64 * step;
        let title = format!("{} to {}: {}", label(from), label(from + step), format::counted(*count, "row", "rows"));
        view! { <i style:left=format!("{:.2}%", at as f64 * width) style:width=format!("calc({width:.2}% - 1px)") style:height=format!("{height:.1}%") title=title></i> }
    }).collect_view();
    view! {
        <section class="section" data-section="distribution">
            <div class="section-head"><h3>"Distribution"</h3><span class="hint small">"rows per bin"</span></div>
            <div class="hist"><span class="hist-top">{format::count(most)}</span><div class="hist-bars">{bars}</div>
                <div class="hist-ends"><span>{label(low)}</span><span>{label((low + high) / 2.0)}</span><span>{label(high)}</span></div></div>
        </section>
    }
}
