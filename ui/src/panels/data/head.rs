//! What stands under a column's name: type, missing share, and its shape, which is also where it is filtered: drag over
//! a histogram for a span of numbers, click a value to keep it. With a filter the shape of all rows stays behind.

use super::state::{OpenedTable, is_number, is_time};
use super::words::{brief, share, stamp};
use crate::kit::format;
use crate::live::{Live, live_where};
use atelier_wire::studio::data::filter::Test;
use atelier_wire::studio::data::view::{ColumnKind, ColumnStats, GetStats, ViewColumn};
use leptos::{ev, html, prelude::*};

/// The statistics of a column: of the view, the column's own tests left out.
pub fn stats_of(table: OpenedTable, column: String, quick: bool) -> Live<ColumnStats> {
    let request = move || {
        let view = table.view.value.with(|view| {
            view.as_ref()
                .filter(|view| view.columns.iter().any(|known| known.name == column))
                .map(|view| (view.view.clone(), view.complete))
        });
        view.filter(|(_, complete)| *complete).map(|(view, _)| GetStats {
            view,
            column: column.clone(),
            quick,
            cross: true,
            request: String::new(),
        })
    };
    let source = table.source;
    live_where(request, move |tag, id| tag == "table" && source.with_value(|source| source == id))
}

fn base_stats(table: OpenedTable, column: String) -> Live<ColumnStats> {
    let request = move || {
        let filtered = table.tests.with(|tests| !tests.is_empty());
        let view = table.base.value.with(|view| {
            view.as_ref()
                .filter(|view| view.columns.iter().any(|known| known.name == column))
                .map(|view| view.view.clone())
        });
        view.filter(|_| filtered).map(|view| GetStats {
            view,
            column: column.clone(),
            quick: false,
            cross: false,
            request: String::new(),
        })
    };
    live_where(request, |_, _| false)
}

#[component]
pub fn ColumnHead(table: OpenedTable, column: ViewColumn) -> impl IntoView {
    let name = column.name.clone();
    let quick = stats_of(table, name.clone(), true);
    let full = stats_of(table, name.clone(), false);
    let base = base_stats(table, name.clone());
    let kind = column.kind;
    let missing = move || {
        full.value
            .with(|stats| stats.as_ref().map(|stats| (stats.num_missing, stats.num_rows)))
            .or_else(|| quick.value.with(|stats| stats.as_ref().map(|stats| (stats.num_missing, stats.num_rows))))
    };
    view! {
        <div class="col-meta"><span class="cut">{column.dtype.clone()}</span>
            {move || missing().map(|(missing, rows)| if missing == 0 { view! { <span>"complete"</span> }.into_any() } else { view! { <span class="warn">{format!("{} missing", share(missing, rows))}</span> }.into_any() })}
        </div>
        {move || full.value.with(|stats| stats.as_ref().map(|stats| {
            if stats.bins.is_empty() { values(table, &name, stats) } else { view! { <Brush table column=name.clone() kind stats=stats.clone() base=base.value/> }.into_any() }
        }))}
        {move || full.error.get().filter(|error| error.code != "ResourceNotFound").map(|error| view! { <div class="col-meta"><span class="warn cut" title=error.message>"no statistics"</span></div> })}
    }
}

/// The most frequent values; a click keeps only those chosen.
fn values(table: OpenedTable, column: &str, stats: &ColumnStats) -> AnyView {
    let most = stats.top.first().map_or(1, |top| top.1).max(1);
    let column = StoredValue::new(column.to_owned());
    let chosen = move |value: &str| matches!(table.test_of(&column.get_value()), Some(Test::In { values }) if values.iter().any(|known| known.as_deref() == Some(value)));
    view! {
        <div class="top">{stats.top.iter().take(2).map(|(value, count)| {
            let (key, own) = (value.clone(), value.clone());
            view! {
                <div role="button" class="top-value" class:is-on=move || chosen(&own) title=format!("Keep the rows with {value}") data-value=value.clone()
                    on:click=move |event: ev::MouseEvent| { event.stop_propagation(); table.toggle_value(&column.get_value(), Some(key.clone())) }>
                    <i style:width=format!("{:.0}%", *count as f64 / most as f64 * 100.0)></i><span class="cut">{value.clone()}</span><span>{format::count(*count)}</span></div>
            }
        }).collect_view()}</div>
        <div class="col-meta"><span>{stats.num_distinct.map(|distinct| format!("{} distinct", format::count(distinct)))}</span></div>
    }
    .into_any()
}

/// A bound of a histogram as the filter writes it.
fn bound(value: f64, kind: ColumnKind) -> String {
    match kind {
        ColumnKind::Date => stamp(value, false),
        _ if is_time(kind) => stamp(value, true),
        ColumnKind::Integer => format!("{}", value.round() as i64),
        _ => format!("{value}"),
    }
}

/// A histogram that can be brushed. Times are seconds since the epoch in it.
#[component]
fn Brush(
    table: OpenedTable,
    column: String,
    kind: ColumnKind,
    stats: ColumnStats,
    base: RwSignal<Option<ColumnStats>>,
) -> impl IntoView {
    let column = StoredValue::new(column);
    let (low, high) = (stats.low.unwrap_or(0.0), stats.high.unwrap_or(0.0));
    let drag = RwSignal::new(None::<(f64, f64)>);
    let node = NodeRef::<html::Div>::new();
    let place = move |event: &ev::PointerEvent| {
        node.get_untracked().map(|node| {
            let bounds = node.get_bounding_client_rect();
            ((f64::from(event.client_x()) - bounds.left()) / bounds.width().max(1.0)).clamp(0.0, 1.0)
        })
    };
    // What is kept now, as parts of the width: while dragging, what would be.
    let kept = move || {
        drag.get().map(|(a, b)| (a.min(b), a.max(b))).or_else(|| match table.test_of(&column.get_value()) {
            Some(Test::Between { low: from, high: to }) => {
                let part = |text: Option<String>, open: f64| {
                    text.map_or(Some(open), |text| super::words::number_of(&text))
                        .map(|value| if high > low { ((value - low) / (high - low)).clamp(0.0, 1.0) } else { open })
                };
                part(from, 0.0).zip(part(to, 1.0))
            }
            _ => None,
        })
    };
    let done = move |event: ev::PointerEvent| {
        let Some((from, to)) = drag.get_untracked() else { return };
        drag.set(None);
        event.stop_propagation();
        if (from - to).abs() < 0.02 || high <= low {
            return table.set_test(&column.get_value(), None);
        }
        let value = |part: f64| bound(low + part * (high - low), kind);
        table.set_test(
            &column.get_value(),
            Some(Test::Between { low: Some(value(from.min(to))), high: Some(value(from.max(to))) }),
        );
    };
    // Of a time the day is enough where there is little room.
    let end = |text: &Option<String>| {
        let text = text.as_deref().unwrap_or_default();
        if is_time(kind) { text.get(..10).unwrap_or(text).to_owned() } else { brief(text, is_number(kind)) }
    };
    let ends = (end(&stats.min), end(&stats.max));
    let bars = bars(&stats.bins);
    view! {
        <div class="spark-brush" node_ref=node title="Drag to keep a span; click to keep all" data-brush=column.get_value()
            on:pointerdown=move |event: ev::PointerEvent| { event.prevent_default(); event.stop_propagation(); if let Some(at) = place(&event) { drag.set(Some((at, at))) } if let Some(node) = node.get_untracked() { let _ = node.set_pointer_capture(event.pointer_id()); } }
            on:pointermove=move |event: ev::PointerEvent| if let (Some((from, _)), Some(at)) = (drag.get_untracked(), place(&event)) { drag.set(Some((from, at))) }
            on:pointerup=done>
            <svg class="spark" viewBox="0 0 100 28" preserveAspectRatio="none">
                {move || base.with(|base| base.as_ref().map(|base| { let path = bars_of(&base.bins, most(&base.bins)); view! { <path class="spark-rest" d=path></path> } }))}
                <path class="spark-own" class:is-over=move || base.with(Option::is_some) d=move || base.with(|base| base.as_ref().filter(|base| base.bins.len() == stats.bins.len()).map_or_else(|| bars.clone(), |base| bars_of(&stats.bins, most(&base.bins))))></path>
                {move || kept().map(|(from, to)| view! {
                    <rect class="spark-out" x="0" y="0" height="28" width=format!("{:.2}", from * 100.0)></rect>
                    <rect class="spark-out" x=format!("{:.2}", to * 100.0) y="0" height="28" width=format!("{:.2}", (1.0 - to) * 100.0)></rect>
                })}
            </svg>
        </div>
        <div class="col-meta"><span>{ends.0}</span><span>{ends.1}</span></div>
    }
}

fn most(bins: &[u64]) -> u64 {
    bins.iter().copied().max().unwrap_or(0).max(1)
}

fn bars(bins: &[u64]) -> String {
    bars_of(bins, most(bins))
}

/// One path of all bars in a box of 100 × 28; a bin with anything in it is a pixel high at least.
fn bars_of(bins: &[u64], most: u64) -> String {
    let width = 100.0 / bins.len().max(1) as f64;
    let bar = |(at, count): (usize, &u64)| {
        let height = if *count == 0 { 0.0 } else { (*count as f64 / most as f64 * 28.0).max(1.0) };
        (height > 0.0)
            .then(|| format!("M{:.2} 28v-{height:.2}h{:.2}v{height:.2}z", at as f64 * width, (width - 0.5).max(0.3)))
    };
    bins.iter().enumerate().filter_map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_drawn_to_scale() {
        assert_eq!(bars_of(&[0, 7, 14], 14), "M33.33 28v-14.00h32.83v14.00zM66.67 28v-28.00h32.83v28.00z");
        assert_eq!(bars_of(&[1, 100_000], 100_000).split('z').next(), Some("M0.00 28v-1.00h49.50v1.00"));
    }

    #[test]
    fn bounds_are_written_as_the_filter_reads_them() {
        assert_eq!(bound(18.6, ColumnKind::Integer), "19");
        assert_eq!(bound(0.25, ColumnKind::Float), "0.25");
        assert_eq!(bound(86_400.0, ColumnKind::Date), "1970-01-02");
        assert_eq!(bound(90.5, ColumnKind::Datetime), "1970-01-01 00:01:30");
    }
}
