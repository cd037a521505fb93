//! The palette: every command (`Ctrl+Shift+P`, `Ctrl+K`) and everything with a name (`Ctrl+P`).

use super::command::{self, Commands};
use super::{Address, Frame, use_frame};
use crate::api;
use crate::kit::Icon;
use crate::panels::icon_of;
use atelier_wire::studio::home::{FindResources, Resource};
use leptos::{ev, html, prelude::*};
use std::sync::Arc;
use wasm_bindgen_futures::spawn_local;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Open {
    #[default]
    No,
    /// Commands first.
    Commands,
    /// Files, jobs, endpoints, buckets first.
    Things,
}

/// A line of the palette.
#[derive(Clone)]
struct Line {
    id: String,
    group: &'static str,
    icon: &'static str,
    title: String,
    detail: String,
    keys: &'static str,
    act: Arc<dyn Fn() + Send + Sync>,
}

#[component]
pub fn Palette() -> impl IntoView {
    let frame = use_frame();
    view! { {move || (frame.palette.get() != Open::No).then(|| view! { <PaletteBox first=frame.palette.get_untracked()/> })} }
}

#[component]
fn PaletteBox(first: Open) -> impl IntoView {
    let frame = use_frame();
    let query = RwSignal::new(String::new());
    let things = RwSignal::new(Vec::<Resource>::new());
    let at = RwSignal::new(0_usize);
    let input = NodeRef::<html::Input>::new();
    let list = NodeRef::<html::Div>::new();
    let before = StoredValue::new_local(document().active_element());
    Effect::new(move |_| {
        if let Some(input) = input.get() {
            // Only an element that is gone cannot take the focus.
            let _ = input.focus();
        }
    });
    Effect::new(move |_| {
        let asked = query.get();
        spawn_local(async move {
            match api::call(FindResources { query: asked.trim().to_owned(), limit: 30 }).await {
                Ok(found) if query.try_get_untracked() == Some(asked) => things.set(found.resources),
                Ok(_) => {}
                Err(error) => leptos::logging::warn!("nothing found: {error}"),
            }
        });
    });
    let Commands(of_panels) = expect_context();
    let lines = Memo::new_with_compare(
        move |_| {
            let query = query.get();
            let mut commands: Vec<Line> = of_panels.with(|all| {
                let own = all
                    .iter()
                    .filter(|(of, _)| frame.active.with(|active| active == of))
                    .map(|(_, command)| command.clone());
                own.chain(command::of_frame(frame))
                    .filter(|command| matches(&command.title, &query))
                    .map(of_command)
                    .collect()
            });
            let mut things: Vec<Line> = things.with(|all| all.iter().map(|thing| of_thing(frame, thing)).collect());
            let limit = if query.trim().is_empty() { 7 } else { 40 };
            if first == Open::Things || query.trim().is_empty() && first == Open::No {
                commands.truncate(limit);
                things.extend(commands);
                things
            } else {
                things.truncate(limit);
                commands.extend(things);
                commands
            }
        },
        |old: Option<&Vec<Line>>, new: Option<&Vec<Line>>| {
            let key = |lines: Option<&Vec<Line>>| {
                lines.map(|lines| lines.iter().map(|line| (line.id.clone(), line.detail.clone())).collect::<Vec<_>>())
            };
            key(old) != key(new)
        },
    );
    Effect::new(move |_| {
        query.track();
        at.set(0);
    });
    let close = move || {
        frame.palette.set(Open::No);
        let back = before
            .with_value(|element| element.clone())
            .and_then(|element| wasm_bindgen::JsCast::dyn_into::<web_sys::HtmlElement>(element).ok());
        if let Some(element) = back {
            // It may be gone by now; then the page has the focus.
            let _ = element.focus();
        }
    };
    let run = move |index: usize| {
        if let Some(line) = lines.with_untracked(|lines| lines.get(index).cloned()) {
            close();
            (line.act)();
        }
    };
    let on_key = move |event: ev::KeyboardEvent| {
        let count = lines.with_untracked(Vec::len);
        match event.key().as_str() {
            "Escape" => close(),
            "ArrowDown" => at.update(|at| *at = if count == 0 { 0 } else { (*at + 1) % count }),
            "ArrowUp" => at.update(|at| *at = if count == 0 { 0 } else { (*at + count - 1) % count }),
            "Enter" => run(at.get_untracked()),
            _ => {
                event.stop_propagation();
                return;
            }
        }
        event.prevent_default();
        event.stop_propagation();
    };
    Effect::new(move |_| {
        let id = format!("palette-{}", at.get());
        if let Some(line) = list.get().and_then(|_| document().get_element_by_id(&id)) {
            let options = web_sys::ScrollIntoViewOptions::new();
            options.set_block(web_sys::ScrollLogicalPosition::Nearest);
            line.scroll_into_view_with_scroll_into_view_options(&options);
        }
    });
    let hint =
        if first == Open::Things { "Open a file, job, endpoint or bucket" } else { "Run a command or open anything" };
    view! {
        <div class="scrim" data-palette="" on:click=move |_| close()>
            <div class="palette" role="dialog" aria-modal="true" aria-label=hint on:click=|event| event.stop_propagation() on:keydown=on_key>
                <div class="palette-in">
                    <Icon name="search"/>
                    <input node_ref=input type="text" role="combobox" aria-expanded="true" aria-controls="palette-list" aria-label=hint placeholder=hint autocomplete="off" spellcheck="false"
                        aria-activedescendant=move || format!("palette-{}", at.get()) prop:value=move || query.get() on:input=move |event| query.set(event_target_value(&event))/>
                    <span class="kbd"><b>"Esc"</b></span>
                </div>
                <div class="palette-list" id="palette-list" role="listbox" aria-label="Results" node_ref=list>
                    {move || {
                        let lines = lines.get();
                        let mut group = "";
                        if lines.is_empty() {
                            return view! { <p class="palette-none hint">"Nothing has this name"</p> }.into_any();
                        }
                        lines.into_iter().enumerate().map(|(index, line)| {
                            let head = (line.group != group).then(|| { group = line.group; view! { <span class="label">{line.group}</span> } });
                            let keys = (!line.keys.is_empty()).then(|| view! { <span class="kbd">{line.keys.split(' ').map(|key| view! { <b>{key}</b> }).collect_view()}</span> });
                            view! {
                                {head}
                                <div class="palette-item" id=format!("palette-{index}") role="option" data-command=line.id.clone() class:is-on=move || at.get() == index
                                    aria-selected=move || (at.get() == index).to_string() on:pointermove=move |_| if at.get_untracked() != index { at.set(index) } on:click=move |_| run(index)>
                                    <Icon name=line.icon/>
                                    <span class="cut">{marked(&line.title, &query.get_untracked())}</span>
                                    <span class="hint small cut">{line.detail}</span>
                                    <span class="grow"></span>
                                    {keys}
                                </div>
                            }
                        }).collect_view().into_any()
                    }}
                </div>
                <div class="palette-foot"><span>"↑↓ choose"</span><span>"⏎ run"</span><span class="grow"></span><span>"Ctrl P things"</span><span>"Ctrl Shift P commands"</span></div>
            </div>
        </div>
    }
}

fn of_command(command: super::Command) -> Line {
    Line {
        id: command.id,
        group: "Commands",
        icon: command.icon,
        title: command.title,
        detail: String::new(),
        keys: command.keys,
        act: command.act,
    }
}

fn of_thing(frame: Frame, thing: &Resource) -> Line {
    let address = Address::from(thing.address.as_str());
    let group = match address.kind.as_str() {
        "file" => "Files",
        "training-job" | "transform-job" => "Jobs",
        "endpoint" => "Endpoints",
        "bucket" => "Buckets",
        _ => "More",
    };
    let (icon, target) = (icon_of(&address), address);
    Line {
        id: thing.address.clone(),
        group,
        icon,
        title: thing.title.clone(),
        detail: thing.detail.clone(),
        keys: "",
        act: Arc::new(move || frame.open(target.clone())),
    }
}

/// Every word of the query stands somewhere in the text.
fn matches(text: &str, query: &str) -> bool {
    let text = text.to_lowercase();
    query.to_lowercase().split_whitespace().all(|word| text.contains(word))
}

/// The text with the query's first word marked.
fn marked(text: &str, query: &str) -> AnyView {
    let word = query.split_whitespace().next().unwrap_or_default().to_lowercase();
    let found = (!word.is_empty() && text.is_ascii()).then(|| text.to_lowercase().find(&word)).flatten();
    match found {
        Some(from) => {
            let (before, rest) = text.split_at(from);
            let (hit, after) = rest.split_at(word.len());
            view! { {before.to_owned()}<mark>{hit.to_owned()}</mark>{after.to_owned()} }.into_any()
        }
        None => text.to_owned().into_any(),
    }
}
