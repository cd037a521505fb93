//! Outputs: the richest form that can be shown safely. Text is drawn here; HTML goes into a frame without an origin.

use super::frame_output::HtmlFrame;
use crate::kit::{CopyButton, Icon, ansi, format, markdown};
use super::cell_state::CellState;
use super::session::Session;
use atelier_wire::studio::notebook::{Content, Output};
use leptos::prelude::*;
use std::collections::BTreeMap;

/// Longer texts show this many lines until asked for all.
const LINES: usize = 40;

/// What a cell put out, in order.
#[component]
pub fn CellOutputs(#[allow(unused_variables)] session: Session, cell: CellState) -> impl IntoView {
    let outputs = cell.outputs;
    move || {
        outputs.with(|slots| !slots.is_empty()).then(|| view! {
            <div class="cell-out" data-outputs="">
                <For each=move || outputs.get() key=|slot| slot.number children=move |slot| view(RwSignal::from(slot.output))/>
            </div>
        })
    }
}

pub fn view(slot: RwSignal<Output>) -> AnyView {
    let kind = slot.with_untracked(kind_of);
    // A slot keeps its kind while a stream grows; only its text is drawn again.
    match kind {
        "stream" => stream(slot).into_any(),
        _ => view! { {move || one(slot.get())} }.into_any(),
    }
}

fn kind_of(output: &Output) -> &'static str {
    match output {
        Output::Stream { .. } => "stream",
        Output::Display { .. } => "display",
        Output::Error { .. } => "error",
    }
}

fn one(output: Output) -> AnyView {
    match output {
        Output::Stream { text, stderr, .. } => text_block(text, if stderr { "stderr" } else { "stdout" }).into_any(),
        Output::Display { data, .. } => display(&data),
        Output::Error { name, message, traceback } => trace(name, message, traceback).into_any(),
    }
}

fn stream(slot: RwSignal<Output>) -> impl IntoView {
    let all = RwSignal::new(false);
    let lines = Memo::new(move |_| {
        slot.with(|output| match output {
            Output::Stream { text, .. } => ansi::play(text.strip_suffix('\n').unwrap_or(text)),
            _ => Vec::new(),
        })
    });
    let stderr = move || slot.with(|output| matches!(output, Output::Stream { stderr: true, .. }));
    // The end of a stream is what matters: its first lines are folded.
    view! {
        <div class="out-text" class:is-err=stderr data-output=move || if stderr() { "stderr" } else { "stdout" }>
            {move || {
                let count = lines.with(Vec::len);
                (count > LINES && !all.get()).then(|| view! { <button type="button" class="btn btn-s btn-bare out-more" on:click=move |_| all.set(true)>{format!("Show {} lines before", format::count((count - LINES) as u64))}</button> })
            }}
            {move || lines.with(|lines| {
                let from = if all.get() { 0 } else { lines.len().saturating_sub(LINES) };
                lines[from..].iter().map(drawn).collect_view()
            })}
        </div>
    }
}

fn text_block(text: String, kind: &'static str) -> impl IntoView {
    let lines = ansi::play(text.trim_end_matches('\n'));
    let all = RwSignal::new(false);
    let count = lines.len();
    view! {
        <div class="out-text" data-output=kind>
            {move || lines[..if all.get() { count } else { count.min(LINES) }].iter().map(drawn).collect_view()}
            {move || (count > LINES && !all.get()).then(|| view! { <button type="button" class="btn btn-s btn-bare out-more" on:click=move |_| all.set(true)>{format!("Show all {} lines", format::count(count as u64))}</button> })}
        </div>
    }
}

fn drawn(line: &ansi::Line) -> impl IntoView + use<> {
    let spans = line.iter().map(|(style, text)| (style.class(), text.clone())).collect::<Vec<_>>();
    view! {
        <div>{if spans.is_empty() { "\u{200b}".to_owned().into_any() } else {
            spans.into_iter().map(|(class, text)| if class.is_empty() { text.into_any() } else { view! { <span class=class>{text}</span> }.into_any() }).collect_view().into_any()
        }}</div>
    }
}

fn display(data: &BTreeMap<String, Content>) -> AnyView {
    let get = |mime: &str| match data.get(mime) {
        Some(Content::Text(text)) if !text.is_empty() => Some(text.clone()),
        _ => None,
    };
    if let Some(html) = get("text/html") {
        return view! { <HtmlFrame html/> }.into_any();
    }
    if let Some(svg) = get("image/svg+xml") {
        // As a picture: a script in it does not run there.
        let address = format!("data:image/svg+xml;charset=utf-8,{}", js_sys::encode_uri_component(&svg));
        return picture(address, get("text/plain"));
    }
    for mime in ["image/png", "image/jpeg", "image/gif", "image/webp"] {
        if let Some(Content::Blob { path, .. }) = data.get(mime) {
            return picture(path.clone(), get("text/plain"));
        }
        if let Some(image) = get(mime) {
            return picture(format!("data:{mime};base64,{}", image.replace('\n', "")), get("text/plain"));
        }
    }
    if let Some(text) = get("text/markdown") {
        return view! { <div class="md" data-output="markdown" inner_html=markdown::to_html(&text)></div> }.into_any();
    }
    if let Some(json) = get("application/json") {
        let pretty = serde_json::from_str::<serde_json::Value>(&json).ok().and_then(|value| serde_json::to_string_pretty(&value).ok());
        return text_block(pretty.unwrap_or(json), "json").into_any();
    }
    match get("text/plain").or_else(|| get("text/latex")) {
        Some(text) => text_block(text, "text").into_any(),
        None => {
            let kinds = data.keys().cloned().collect::<Vec<_>>().join(", ");
            view! { <p class="hint small" data-output="unknown">{format!("An output of a kind that cannot be shown: {kinds}")}</p> }.into_any()
        }
    }
}

fn picture(address: String, words: Option<String>) -> AnyView {
    let words = words.unwrap_or_else(|| "Figure".into());
    view! { <div class="out-image" data-output="image"><img src=address alt=words/></div> }.into_any()
}

/// The error in a line; the frames unfold.
fn trace(name: String, message: String, traceback: Vec<String>) -> impl IntoView {
    let open = RwSignal::new(false);
    let text = traceback.join("\n");
    let frames = traceback.iter().filter(|part| part.contains("File ") || part.contains(" in ") || part.contains("Cell ")).count();
    let lines = StoredValue::new(ansi::play(text.trim_end()));
    let plain = lines.with_value(|lines| lines.iter().map(|line| line.iter().map(|(_, text)| text.as_str()).collect::<String>()).collect::<Vec<_>>().join("\n"));
    let code = name.clone();
    let first = message.lines().next().unwrap_or_default().to_owned();
    view! {
        <div class="trace-box" data-output="error" data-error=code>
            <div class="trace">
                <Icon name="fail"/>
                <span class="code-s cut grow" title=message.clone()><b class="medium">{name}</b>{if first.is_empty() { String::new() } else { format!(": {first}") }}</span>
                {(!text.is_empty()).then(|| view! {
                    <CopyButton text=plain name="Copy the traceback"/>
                    <button type="button" class="btn btn-s btn-bare" aria-expanded=move || open.get().to_string() data-action="traceback" on:click=move |_| open.update(|open| *open = !*open)>
                        <Icon name=Signal::derive(move || if open.get() { "down" } else { "right" }) class="i-s"/>{if frames > 0 { format::counted(frames as u64, "frame", "frames") } else { "Traceback".into() }}
                    </button>
                })}
            </div>
            {move || open.get().then(|| view! { <div class="out-text trace-text">{lines.with_value(|lines| lines.iter().map(drawn).collect_view())}</div> })}
        </div>
    }
}
