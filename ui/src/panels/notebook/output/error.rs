//! What went wrong: the error and what it says first, the line of the cell, the frames behind a button.

use super::Spot;
use super::install;
use super::text::drawn_row;
use super::trace::{Frame, Part, Place, Trace, missing_module};
use crate::kit::{CopyButton, Icon, format};
use atelier_wire::studio::notebook::Output;
use leptos::prelude::*;
use std::sync::Arc;

pub fn view(spot: Spot, output: Output) -> AnyView {
    let Output::Error { name, message, traceback } = output else { return ().into_any() };
    let trace = Arc::new(Trace::read(&traceback));
    let held = StoredValue::new(trace.clone());
    let count = spot.state().and_then(|state| state.count.get_untracked());
    let frames = trace.frames().count();
    // What is no Python traceback, a compiler's message above all, is shown as it was written.
    let as_written = frames == 0 && trace.screen.num_rows() > 1;
    let open = RwSignal::new(false);
    let own = trace.own(count).cloned();
    let (first, rest) = headline(&name, &message);
    let missing = missing_module(&name, &message);
    let text = trace.screen.text();
    let code = name.clone();
    view! {
        <div class="trace-box" data-output="error" data-error=code>
            <div class="trace">
                <Icon name="fail"/>
                <span class="code-s grow trace-words"><b class="medium">{name}</b>{first}</span>
                {own.clone().and_then(|frame| jump(spot, &frame))}
                {(!text.is_empty()).then(|| view! { <CopyButton text=text name="Copy the traceback"/> })}
                {(frames > 0).then(|| view! {
                    <button type="button" class="btn btn-s btn-bare" aria-expanded=move || open.get().to_string() data-action="traceback" on:click=move |_| open.update(|open| *open = !*open)>
                        <Icon name=Signal::derive(move || if open.get() { "down" } else { "right" }) class="i-s"/>{format::counted(frames as u64, "frame", "frames")}
                    </button>
                })}
            </div>
            {(!rest.is_empty()).then(|| view! { <div class="out-text trace-text">{rest}</div> })}
            {as_written.then(|| view! { <div class="out-text trace-text" data-trace="written">{rows(&trace, 0..trace.screen.num_rows())}</div> })}
            {(!as_written).then(|| own.and_then(|frame| frame.at)).flatten().map(|at| {
                let trace = trace.clone();
                view! { {move || (!open.get()).then(|| view! { <div class="out-text trace-text trace-line" data-trace="line">{rows(&trace, at..at + 1)}</div> })} }
            })}
            {move || open.get().then(|| held.with_value(|trace| unfolded(spot, trace, count)))}
            {missing.map(|module| install::view(spot, module))}
        </div>
    }
    .into_any()
}

/// The first line of the message beside the name, and what more it says.
fn headline(name: &str, message: &str) -> (String, String) {
    let message = message.trim();
    let message = message.strip_prefix(name).map_or(message, |rest| rest.trim_start_matches(':').trim_start());
    let (first, rest) = message.split_once('\n').unwrap_or((message, ""));
    (if first.is_empty() { String::new() } else { format!(": {first}") }, rest.to_owned())
}

/// A button that goes to a frame's line, where that is in a cell of this notebook.
fn jump(spot: Spot, frame: &Frame) -> Option<impl IntoView + use<>> {
    let session = spot.session?;
    let Place::Cell(number) = frame.place else { return None };
    let line = frame.line?;
    let own = spot.state().filter(|state| state.count.get_untracked() == Some(number)).map(|state| state.id);
    let cell = own.or_else(|| {
        session.cells.with_untracked(|cells| {
            cells.iter().find(|cell| cell.count.get_untracked() == Some(number)).map(|cell| cell.id.clone())
        })
    })?;
    Some(
        view! { <button type="button" class="btn btn-s btn-bare" data-action="go-to-line" title="Go to the line" on:click=move |_| session.go_to(&cell, line)>{format!("Line {line}")}</button> },
    )
}

fn rows(trace: &Trace, range: std::ops::Range<usize>) -> Vec<AnyView> {
    range.map(|at| drawn_row(&trace.screen, &trace.screen.row(at))).collect()
}

/// Every frame by its place, each to be opened; the cell's own is open. At the end the traceback as it was written.
fn unfolded(spot: Spot, trace: &Arc<Trace>, count: Option<u64>) -> AnyView {
    let own = trace.own(count).map(|frame| frame.rows.clone());
    let parts = trace.parts.iter().map(|part| match part {
        Part::Note(words) => view! { <p class="trace-note small quiet wrap">{words.clone()}</p> }.into_any(),
        Part::Frame(frame) => one_frame(spot, trace, frame, Some(&frame.rows) == own.as_ref()),
    });
    let parts = parts.collect_view();
    let whole = RwSignal::new(false);
    let held = StoredValue::new(trace.clone());
    view! {
        <div class="trace-frames">
            {parts}
            <button type="button" class="btn btn-s btn-bare" data-action="trace-details" on:click=move |_| whole.update(|whole| *whole = !*whole)>{move || if whole.get() { "Hide details" } else { "Details" }}</button>
            {move || whole.get().then(|| held.with_value(|trace| view! { <div class="out-text trace-text" data-trace="whole">{rows(trace, 0..trace.screen.num_rows())}</div> }))}
        </div>
    }
    .into_any()
}

fn one_frame(spot: Spot, trace: &Arc<Trace>, frame: &Frame, starts_open: bool) -> AnyView {
    let open = RwSignal::new(starts_open);
    let place = match &frame.place {
        Place::Cell(number) => format!("Cell [{number}]"),
        Place::File(path) => path.clone(),
    };
    let (held, range) = (StoredValue::new(trace.clone()), frame.rows.clone());
    view! {
        <div class="trace-frame">
            <button type="button" class="trace-head" aria-expanded=move || open.get().to_string() on:click=move |_| open.update(|open| *open = !*open)>
                <Icon name=Signal::derive(move || if open.get() { "down" } else { "right" }) class="i-s"/>
                <span class="code-s cut" title=place.clone()>{place.clone()}{frame.line.map(|line| format!(":{line}"))}</span>
                <span class="code-s hint cut">{frame.function.clone()}</span>
            </button>
            {jump(spot, frame)}
            {move || open.get().then(|| held.with_value(|trace| view! { <div class="out-text trace-text">{rows(trace, range.clone())}</div> }))}
        </div>
    }
    .into_any()
}
