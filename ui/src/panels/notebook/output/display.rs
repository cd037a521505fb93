//! A MIME bundle: its richest representation, and a menu to see another, copy it, keep it, or open it by itself.

use super::frame::{self, FrameHandle, Tell};
use super::mime::{self, Form};
use super::{Spot, json, save, table, text};
use crate::api;
use crate::frame::{Address, use_frame};
use crate::kit::toast::use_toasts;
use crate::kit::{Icon, Menu, MenuItem, markdown, math};
use atelier_wire::studio::notebook::{Content, Output};
use leptos::{html, prelude::*};
use std::collections::{BTreeMap, BTreeSet};
use wasm_bindgen_futures::spawn_local;

type Data = BTreeMap<String, Content>;

pub fn view(spot: Spot, output: ArcRwSignal<Output>) -> impl IntoView {
    let data = Memo::new(move |_| {
        output.with(|output| match output {
            Output::Display { data, .. } => data.clone(),
            _ => Data::new(),
        })
    });
    let chosen = RwSignal::new(None::<String>);
    // Representations that could not be drawn: the next one is shown.
    let failed = RwSignal::new(BTreeMap::<String, String>::new());
    let blocked = RwSignal::new(BTreeSet::<String>::new());
    let current = Memo::new(move |_| {
        data.with(|data| {
            let filled = data.iter().filter(|(_, content)| !matches!(content, Content::Text(text) if text.is_empty()));
            let all = mime::ranked(filled.map(|(mime, _)| mime.as_str()));
            let wanted = chosen.with(|chosen| all.iter().find(|(mime, _)| Some(*mime) == chosen.as_deref()).copied());
            let found = wanted
                .or_else(|| failed.with(|failed| all.iter().find(|(mime, _)| !failed.contains_key(*mime)).copied()));
            found.map(|(mime, form)| (mime.to_owned(), form))
        })
    });
    let handle = RwSignal::new(None::<FrameHandle>);
    let toasts = use_toasts();
    let tell = Tell {
        failed: Callback::new(move |message: String| {
            if let Some((mime, _)) = current.get_untracked() {
                failed.update(|failed| _ = failed.insert(mime, message));
                chosen.set(None);
            }
        }),
        blocked: Callback::new(move |host| blocked.update(|blocked| _ = blocked.insert(host))),
        save: Callback::new(move |(name, data): (String, String)| save::address(&name, &data, toasts)),
    };
    view! {
        <div class="out">
            {move || failed.with(|failed| failed.iter().next().map(|(mime, message)| note(format!("{} cannot be shown: {message}", mime::words(mime)), mime)))}
            {move || match current.get() {
                Some((mime, form)) => {
                    let wanted = mime.clone();
                    let content = Signal::derive(move || data.with(|data| data.get(&wanted).cloned()));
                    let words = Signal::derive(move || data.with(|data| plain_text(data)));
                    handle.set((form == Form::Frame).then(FrameHandle::new));
                    body(spot, mime, form, content, words, handle.get_untracked(), tell)
                }
                None => {
                    let kinds = data.with(|data| data.keys().cloned().collect::<Vec<_>>().join(", "));
                    (!kinds.is_empty()).then(|| view! { <p class="hint small" data-output="unknown">{format!("An output of a kind that cannot be shown: {kinds}")}</p> }).into_any()
                }
            }}
            {move || (!blocked.with(BTreeSet::is_empty)).then(|| note(format!("It asks for something of {}. Outputs get nothing from the web.", blocked.with(|hosts| hosts.iter().cloned().collect::<Vec<_>>().join(", "))), "blocked"))}
            {move || current.get().is_some_and(|(mime, _)| mime == "text/html").then(|| table::offer(spot))}
            {tools(spot, data, current, chosen, handle)}
        </div>
    }
}

fn note(words: String, of: &str) -> AnyView {
    let of = of.to_owned();
    view! { <p class="out-note hint small" data-note=of><Icon name="info" class="i-s"/>{words}</p> }.into_any()
}

fn plain_text(data: &Data) -> String {
    match data.get("text/plain") {
        Some(Content::Text(text)) => text.clone(),
        _ => "Figure".into(),
    }
}

/// The text of a content, fetched where the backend holds it apart.
fn text_of(content: Signal<Option<Content>>) -> Signal<Option<String>> {
    let text = RwSignal::new(None::<String>);
    Effect::new(move |_| match content.get() {
        Some(Content::Text(found)) => text.set(Some(found)),
        Some(Content::Blob { path, .. }) => spawn_local(async move {
            if let Ok(found) = api::read_blob(&path).await {
                text.try_set(Some(found));
            }
        }),
        None => {}
    });
    // What is there already is shown without waiting for the effect.
    Signal::derive(move || {
        text.get().or_else(|| {
            content.with(|content| {
                content
                    .as_ref()
                    .and_then(|content| if let Content::Text(text) = content { Some(text.clone()) } else { None })
            })
        })
    })
}

fn body(
    spot: Spot,
    mime: String,
    form: Form,
    content: Signal<Option<Content>>,
    words: Signal<String>,
    handle: Option<FrameHandle>,
    tell: Tell,
) -> AnyView {
    match form {
        Form::Frame => {
            let data = Memo::new({
                let text = text_of(content);
                move |_| text.get()
            });
            frame::view(spot, mime, data.into(), handle.unwrap_or_else(FrameHandle::new), tell).into_any()
        }
        Form::Image => picture(mime, content, words),
        Form::Pdf => view! { <p class="out-file" data-output="pdf"><Icon name="file"/><button type="button" class="btn btn-s" on:click=move |_| save::content(content.get_untracked(), "application/pdf", "document")>"Save the PDF"</button></p> }.into_any(),
        Form::Markdown => {
            let text = text_of(content);
            view! { {move || text.get().map(|text| set(markdown::to_html(&text), "markdown"))} }.into_any()
        }
        Form::Latex => {
            let text = text_of(content);
            view! { {move || text.get().map(|text| set(math::formulas(&text), "latex"))} }.into_any()
        }
        Form::Json => {
            let text = text_of(content);
            view! { {move || text.get().map(|text| json::view(&text))} }.into_any()
        }
        Form::Text => {
            let text = text_of(content);
            view! { {move || text.get().map(|text| text::block(&text, "text"))} }.into_any()
        }
    }
}

/// Markup of our own making, its formulas set.
fn set(html: String, kind: &'static str) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    math::set_in(node, Signal::derive(|| ()));
    view! { <div class="md" data-output=kind><div class="md-body" node_ref=node inner_html=html></div></div> }
}

fn picture(mime: String, content: Signal<Option<Content>>, words: Signal<String>) -> AnyView {
    let address = move || {
        content.with(|content| content.as_ref().map(|content| save::address_of(content, &mime)).unwrap_or_default())
    };
    let large = RwSignal::new(false);
    view! {
        <div class="out-image" class:is-large=move || large.get() data-output="image" title="Double click: full size" on:dblclick=move |_| large.update(|large| *large = !*large)>
            <img src=address alt=move || words.get()/>
        </div>
    }
    .into_any()
}

/// The menu at the output's corner.
fn tools(
    spot: Spot,
    data: Memo<Data>,
    current: Memo<Option<(String, Form)>>,
    chosen: RwSignal<Option<String>>,
    handle: RwSignal<Option<FrameHandle>>,
) -> impl IntoView {
    let window = use_frame();
    let toasts = use_toasts();
    let items = Signal::derive(move || {
        let Some((shown, form)) = current.get() else { return Vec::new() };
        let mut items = Vec::new();
        data.with(|data| {
            let all = mime::ranked(data.keys().map(String::as_str));
            if all.len() > 1 {
                for (mime, _) in all {
                    let (to, icon) = (mime.to_owned(), if mime == shown { "check" } else { "file" });
                    items.push(MenuItem::new(icon, format!("Show as {}", mime::words(mime)), move || {
                        chosen.set(Some(to.clone()))
                    }));
                }
            }
        });
        let content = data.with(|data| data.get(&shown).cloned());
        items.push(MenuItem::new("copy", "Copy", {
            let (shown, content) = (shown.clone(), content.clone());
            move || save::copy(&shown, content.clone(), toasts)
        }));
        items.push(MenuItem::new("download", format!("Save as {}", mime::words(&shown)), {
            let shown = shown.clone();
            move || save::content(content.clone(), &shown, "output")
        }));
        if form == Form::Frame {
            for (what, words) in
                [("png", "Save as PNG image"), ("svg", "Save as SVG image"), ("csv", "Save the table as CSV")]
            {
                let offered = if shown == "text/html" {
                    what == "csv"
                } else {
                    what != "csv" && shown != "application/vnd.jupyter.widget-view+json"
                };
                if offered {
                    items.push(MenuItem::new("download", words, move || {
                        if let Some(handle) = handle.get_untracked() {
                            handle.ask(what, move |found| save::answered(what, found, toasts));
                        }
                    }));
                }
            }
        }
        if spot.session.is_some() {
            items.push(MenuItem::new("arrow", "Open in its own tab", move || {
                if let Some((path, cell, index)) = spot.place() {
                    window.open(Address::new("output", format!("{path}/{cell}/{index}")));
                }
            }));
        }
        items
    });
    view! { <span class="out-tools"><Menu name="Output" items><Icon name="more"/></Menu></span> }
}
