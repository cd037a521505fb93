//! Lines over a common axis.

use super::scale::{self, Scale};
use super::{Across, Series};
use crate::kit::size::size_of;
use crate::kit::{Icon, format};
use leptos::{ev, html, prelude::*};
use std::collections::HashSet;
use std::fmt::Write as _;

/// Room around the plot in pixels: ticks left, last values right, ticks and the axis' name below.
const LEFT: f64 = 48.0;
const RIGHT: f64 = 56.0;
const TOP: f64 = 10.0;
const FOOT: f64 = 38.0;

const INK: [&str; 6] = ["s1", "s2", "s3", "s4", "s5", "s6"];

/// A line as it is drawn: its place among all gives it colour and dash, whatever is hidden.
#[derive(Clone, PartialEq)]
struct Drawn {
    place: usize,
    name: String,
    points: Vec<(f64, f64)>,
    path: String,
    area: String,
}

#[derive(Clone, PartialEq)]
struct Plot {
    x: Scale,
    y: Scale,
    x_ticks: Vec<(f64, String)>,
    y_ticks: Vec<(f64, String)>,
    lines: Vec<Drawn>,
    /// Last value of each line: pixel of the label, of the mark, and the text.
    ends: Vec<(usize, f64, (f64, f64), String)>,
}

/// A chart of lines. `name` is its stable name for tests (`data-chart`). Children stand in the head, at its end.
#[component]
pub fn LineChart(
    name: &'static str,
    #[prop(into)] title: Signal<String>,
    #[prop(optional, into)] unit: Signal<String>,
    #[prop(optional, into)] x_name: Signal<String>,
    #[prop(into)] series: Signal<Vec<Series>>,
    #[prop(optional, into)] across: Signal<Across>,
    /// Fixes the horizontal range, as for "the last 15 minutes".
    #[prop(optional, into)]
    range: Signal<Option<(f64, f64)>>,
    #[prop(optional)] filled: bool,
    /// Latencies and counts: a difference is to be seen against nothing.
    #[prop(optional)]
    from_zero: bool,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let body = NodeRef::<html::Div>::new();
    let size = size_of(body);
    let hidden = RwSignal::new(HashSet::<String>::new());
    let zoom = RwSignal::new(None::<(f64, f64)>);
    let at = RwSignal::new(None::<f64>);
    let drag = RwSignal::new(None::<f64>);
    Effect::new(move |_| {
        across.track();
        zoom.set(None);
    });
    let plot = Memo::new(move |_| {
        let shown: Vec<(usize, Series)> = series
            .get()
            .into_iter()
            .enumerate()
            .filter(|(_, line)| hidden.with(|hidden| !hidden.contains(&line.name)))
            .collect();
        plot(&shown, size.get(), zoom.get().or(range.get()), across.get(), filled, from_zero)
    });
    let nearest = move |x: f64| plot.with_untracked(|plot| plot.as_ref().and_then(|plot| snap(plot, plot.x.value(x))));
    let offset = move |event: &ev::PointerEvent| {
        body.get_untracked().map_or(0.0, |node| f64::from(event.client_x()) - node.get_bounding_client_rect().left())
    };
    let end_drag = move |event: ev::PointerEvent| {
        let (Some(from), to) = (drag.get_untracked(), offset(&event)) else { return };
        drag.set(None);
        plot.with_untracked(|plot| {
            if let (Some(plot), true) = (plot, (to - from).abs() > 6.0) {
                let (a, b) = (plot.x.value(from.min(to)), plot.x.value(from.max(to)));
                zoom.set(Some((a.max(plot.x.low), b.min(plot.x.high))));
            }
        });
    };
    let key = move |event: ev::KeyboardEvent| {
        let by = match event.key().as_str() {
            "ArrowRight" => 1,
            "ArrowLeft" => -1,
            "Escape" => return at.set(None),
            _ => return,
        };
        event.prevent_default();
        plot.with_untracked(|plot| {
            let Some(line) = plot.as_ref().and_then(|plot| plot.lines.first()) else { return };
            let here = at.get_untracked().map_or(0, |x| line.points.partition_point(|point| point.0 < x));
            let next = (here as i64 + by).clamp(0, line.points.len() as i64 - 1) as usize;
            at.set(line.points.get(next).map(|point| point.0));
        });
    };
    let summary = move || {
        let ends: Vec<String> = plot.with(|plot| {
            plot.iter()
                .flat_map(|plot| &plot.lines)
                .map(|line| {
                    format!("{} {}", line.name, line.points.last().map_or(String::new(), |last| format::figure(last.1)))
                })
                .collect()
        });
        format!("{}: {}", title.get(), ends.join(", "))
    };
    view! {
        <figure class="chart fill" data-chart=name>
            <figcaption class="chart-head">
                <h3 class="chart-title">{move || title.get()}</h3>
                <span class="chart-unit">{move || unit.get()}</span>
                <Legend series hidden/>
                {move || zoom.get().is_some().then(|| view! { <button type="button" class="btn btn-s" data-action="reset-zoom" title="Show all again (double click)" on:click=move |_| zoom.set(None)><Icon name="undo" class="i-s"/>"All"</button> })}
                {children.map(|children| children())}
            </figcaption>
            <div class="chart-body" node_ref=body tabindex="0" role="img" aria-label=summary on:keydown=key on:blur=move |_| at.set(None)
                on:pointermove=move |event| at.set(nearest(offset(&event))) on:pointerleave=move |_| { at.set(None); drag.set(None) }
                on:pointerdown=move |event| if event.button() == 0 { drag.set(Some(offset(&event))) } on:pointerup=end_drag
                on:dblclick=move |_| zoom.set(None)>
                {move || plot.get().map(|plot| drawing(plot, at, drag, x_name, size))}
                {move || plot.get().and_then(|plot| tip(&plot, at.get()?, across.get(), x_name.get(), size.get().0))}
            </div>
        </figure>
    }
}

/// One entry per line; a click hides or shows it.
#[component]
fn Legend(series: Signal<Vec<Series>>, hidden: RwSignal<HashSet<String>>) -> impl IntoView {
    let names =
        Memo::new(move |_| series.with(|series| series.iter().map(|line| line.name.clone()).collect::<Vec<_>>()));
    view! {
        <span class="legend">
            {move || names.get().into_iter().enumerate().map(|(place, name)| {
                let (mine, toggled, shown) = (name.clone(), name.clone(), name.clone());
                let off = move || hidden.with(|hidden| hidden.contains(&mine));
                let pressed = { let off = off.clone(); move || (!off()).to_string() };
                view! {
                    <button type="button" class="legend-item" class:is-off=off aria-pressed=pressed data-series=name.clone() title="Show or hide this line"
                        on:click=move |_| hidden.update(|hidden| if !hidden.remove(&toggled) { hidden.insert(toggled.clone()); })>
                        <span class=format!("swatch {}", INK[place % 6])></span>{shown}
                    </button>
                }
            }).collect_view()}
        </span>
    }
}

/// The x of the point closest to `x` in any line.
fn snap(plot: &Plot, x: f64) -> Option<f64> {
    let near = plot.lines.iter().filter_map(|line| closest(&line.points, x).map(|point| point.0));
    near.min_by(|a, b| (a - x).abs().total_cmp(&(b - x).abs()))
}

fn closest(points: &[(f64, f64)], x: f64) -> Option<(f64, f64)> {
    let after = points.partition_point(|point| point.0 < x);
    let around = [after.checked_sub(1), Some(after)].into_iter().flatten().filter_map(|i| points.get(i).copied());
    around.min_by(|a, b| (a.0 - x).abs().total_cmp(&(b.0 - x).abs()))
}

fn plot(
    shown: &[(usize, Series)],
    (width, height): (f64, f64),
    range: Option<(f64, f64)>,
    across: Across,
    filled: bool,
    from_zero: bool,
) -> Option<Plot> {
    if width < 80.0 || height < 60.0 {
        return None;
    }
    let all =
        || shown.iter().flat_map(|(_, line)| &line.points).filter(|point| point.0.is_finite() && point.1.is_finite());
    let (low, high) = range.or_else(|| {
        let low = all().map(|point| point.0).fold(f64::INFINITY, f64::min);
        let high = all().map(|point| point.0).fold(f64::NEG_INFINITY, f64::max);
        (low <= high).then_some((low, high))
    })?;
    let inside = |point: &&(f64, f64)| point.0 >= low && point.0 <= high;
    let least = all().filter(inside).map(|point| point.1).fold(f64::INFINITY, f64::min);
    let most = all().filter(inside).map(|point| point.1).fold(f64::NEG_INFINITY, f64::max);
    let (least, most) = if least <= most { (least, most) } else { (0.0, 1.0) };
    let num_rows = ((height - TOP - FOOT) / 44.0).clamp(2.0, 8.0) as usize;
    let (bottom, top, y_step) = scale::value_axis(least, most, num_rows, from_zero);
    let x = Scale::new((low, high), (LEFT, width - RIGHT));
    let y = Scale::new((bottom, top), (height - FOOT, TOP));
    let lines: Vec<Drawn> = shown.iter().map(|(place, line)| drawn(*place, line, &x, &y, filled)).collect();
    let last = |line: &Drawn| line.points.iter().rev().find(|point| point.1.is_finite()).copied();
    let marks: Vec<(usize, (f64, f64))> =
        lines.iter().filter_map(|line| last(line).map(|point| (line.place, point))).collect();
    let wanted: Vec<f64> = marks.iter().map(|(_, point)| y.pixel(point.1)).collect();
    let placed = scale::apart(&wanted, 13.0, TOP, height - FOOT);
    let ends = marks
        .iter()
        .zip(placed)
        .map(|((place, point), label)| (*place, label, (x.pixel(point.0), y.pixel(point.1)), ending(point.1)))
        .collect();
    let y_ticks =
        scale::ticks(bottom, top, y_step).into_iter().map(|tick| (tick, scale::tick_text(tick, y_step))).collect();
    Some(Plot { x_ticks: x_ticks(&x, across), y_ticks, x, y, lines, ends })
}

/// The last value, without places that say nothing.
fn ending(value: f64) -> String {
    let text = format::figure(value);
    if text.contains('.') && !text.contains('e') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

fn x_ticks(x: &Scale, across: Across) -> Vec<(f64, String)> {
    let most = ((x.to - x.from) / 84.0).clamp(2.0, 10.0) as usize;
    match across {
        Across::Number => {
            // Rounds are whole: a half of one is no place for a tick.
            let step = scale::step(x.high - x.low, most).max(1.0);
            scale::ticks(x.low, x.high, step).into_iter().map(|tick| (tick, scale::tick_text(tick, step))).collect()
        }
        Across::Clock => {
            let step = scale::time_step(x.high - x.low, most);
            let cut = if step < 60.0 { 8 } else { 5 };
            scale::ticks(x.low, x.high, step)
                .into_iter()
                .map(|tick| (tick, format::clock(tick)[..cut].to_owned()))
                .collect()
        }
        Across::Elapsed => {
            let span = x.high - x.low;
            let step = if span < 8.0 { scale::step(span, most) } else { scale::time_step(span, most) };
            scale::ticks(x.low, x.high, step)
                .into_iter()
                .map(|tick| (tick, format!("{} s", scale::tick_text(tick, step))))
                .collect()
        }
    }
}

fn drawn(place: usize, line: &Series, x: &Scale, y: &Scale, filled: bool) -> Drawn {
    // One point beyond each end, so that a zoomed line runs to the edge.
    let from = line.points.partition_point(|point| point.0 < x.low).saturating_sub(1);
    let to = (line.points.partition_point(|point| point.0 <= x.high) + 1).min(line.points.len());
    let near = &line.points[from.min(to)..to];
    let mut path = String::new();
    let mut area = String::new();
    for piece in near.split(|point| !point.1.is_finite()).filter(|piece| !piece.is_empty()) {
        let thin = scale::thinned(piece, x.to - x.from);
        for (i, point) in thin.iter().enumerate() {
            // Writing into a string cannot fail.
            let _ = write!(path, "{}{:.1},{:.1}", if i == 0 { "M" } else { "L" }, x.pixel(point.0), y.pixel(point.1));
        }
        if thin.len() == 1 {
            path.push_str("h0.1");
        }
        if filled && thin.len() > 1 {
            for (i, point) in thin.iter().enumerate() {
                let _ =
                    write!(area, "{}{:.1},{:.1}", if i == 0 { "M" } else { "L" }, x.pixel(point.0), y.pixel(point.1));
            }
            let _ = write!(
                area,
                "L{:.1},{:.1}L{:.1},{:.1}Z",
                x.pixel(thin[thin.len() - 1].0),
                y.from,
                x.pixel(thin[0].0),
                y.from
            );
        }
    }
    let points = line.points.iter().copied().filter(|point| point.0 >= x.low && point.0 <= x.high).collect();
    Drawn { place, name: line.name.clone(), points, path, area }
}

fn drawing(
    plot: Plot,
    at: RwSignal<Option<f64>>,
    drag: RwSignal<Option<f64>>,
    x_name: Signal<String>,
    size: Signal<(f64, f64)>,
) -> impl IntoView {
    let (left, right, top, foot) = (plot.x.from, plot.x.to, plot.y.to, plot.y.from);
    let clip = format!("plot-{}", js_sys::Math::random().to_bits());
    let inside = format!("url(#{clip})");
    let dash = |place: usize| ["", "series-dash", "series-dot"][place % 3];
    let cursor_plot = plot.clone();
    let cursor = move || {
        at.get().map(|x| {
        let px = cursor_plot.x.pixel(x);
        let marks = cursor_plot.lines.iter().filter_map(|line| {
            let point = closest(&line.points, x).filter(|point| point.0 == x && point.1.is_finite())?;
            Some(view! { <circle class=format!("mark {}", INK[line.place % 6]) cx=px cy=cursor_plot.y.pixel(point.1) r="3.5"/> })
        }).collect_view();
        view! { <g><line class="cursor" x1=px x2=px y1=top y2=foot/>{marks}</g> }
    })
    };
    let brush = move || {
        let (from, to) = (drag.get()?, plot.x.pixel(at.get()?));
        Some(view! { <rect class="brush" x=from.min(to) y=top width=(to - from).abs() height=foot - top/> })
    };
    view! {
        <svg class="plot" width=move || size.get().0 height=move || size.get().1 aria-hidden="true">
            <clipPath id=clip><rect x=left - 2.0 y=top - 4.0 width=right - left + 4.0 height=foot - top + 8.0/></clipPath>
            {plot.y_ticks.iter().map(|(tick, text)| { let y = plot.y.pixel(*tick); view! {
                <line class="g-line" x1=left x2=right y1=y y2=y/>
                <text x=left - 8.0 y=y + 4.0 text-anchor="end">{text.clone()}</text>
            } }).collect_view()}
            {plot.x_ticks.iter().map(|(tick, text)| { let x = plot.x.pixel(*tick); view! { <text x=x y=foot + 16.0 text-anchor="middle">{text.clone()}</text> } }).collect_view()}
            <line class="a-line" x1=left x2=right y1=foot y2=foot/>
            <text class="axis-name" x=(left + right) / 2.0 y=foot + 31.0 text-anchor="middle">{move || x_name.get()}</text>
            <g clip-path=inside>
                {plot.lines.iter().map(|line| { let ink = INK[line.place % 6]; view! {
                    <path class=format!("area {ink}") d=line.area.clone()/>
                    <path class=format!("series {ink} {}", dash(line.place)) d=line.path.clone()/>
                } }).collect_view()}
            </g>
            {plot.ends.iter().filter(|(_, _, mark, _)| mark.0 >= left - 1.0 && mark.0 <= right + 1.0).map(|(place, label, mark, text)| { let ink = INK[place % 6]; view! {
                <circle class=format!("mark {ink}") cx=mark.0 cy=mark.1 r="3.5"/>
                <text x=mark.0 + 8.0 y=label + 4.0>{text.clone()}</text>
            } }).collect_view()}
            {brush}
            {cursor}
        </svg>
    }
}

fn tip(plot: &Plot, x: f64, across: Across, x_name: String, width: f64) -> Option<AnyView> {
    let px = plot.x.pixel(x);
    let head = match across {
        Across::Number => format::count(x.max(0.0) as u64),
        Across::Clock => format::clock(x),
        Across::Elapsed => format!("{x:.1} s"),
    };
    let lines: Vec<_> = plot
        .lines
        .iter()
        .filter_map(|line| {
            closest(&line.points, x)
                .filter(|point| point.0 == x && point.1.is_finite())
                .map(|point| (line.place, line.name.clone(), point.1))
        })
        .collect();
    if lines.is_empty() {
        return None;
    }
    let side = if px > width * 0.6 {
        format!("right: {:.0}px", width - px + 12.0)
    } else {
        format!("left: {:.0}px", px + 12.0)
    };
    let name = if x_name.is_empty() { "time".to_owned() } else { x_name };
    Some(view! {
        <div class="tip" style=format!("{side}; top: 12px; pointer-events: none") aria-hidden="true">
            <dl><dt>{name}</dt><dd>{head}</dd>
                {lines.into_iter().map(|(place, name, value)| view! {
                    <dt><span class=format!("swatch {}", INK[place % 6])></span>{name}</dt><dd>{format::figure(value)}</dd>
                }).collect_view()}
            </dl>
        </div>
    }.into_any())
}
