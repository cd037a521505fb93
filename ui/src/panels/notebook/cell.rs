//! One cell: its number and state in the gutter, its editor or its set text, its outputs.

use super::output;
use super::session::{CellState, Session};
use crate::kit::editor::{Complete, Editor, EditorEvent, EditorHandle, EditorOptions};
use crate::kit::{Icon, Menu, MenuItem, format, markdown};
use atelier_wire::studio::notebook::{CellKind, RunState};
use leptos::{ev, prelude::*};
use std::rc::Rc;

pub fn view(session: Session, cell: CellState) -> impl IntoView {
    let id = StoredValue::new(cell.id.clone());
    let on = move || session.selected.with(|on| id.with_value(|id| on.as_ref() == Some(id)));
    let editing = move || on() && session.editing.get();
    let (kind, set) = (cell.kind, cell.set);
    let shows_set = Memo::new(move |_| kind.get() == CellKind::Markdown && set.get());
    let (gutter, body, outputs) = (cell.clone(), cell.clone(), cell.outputs);
    view! {
        <div class="cell" role="listitem" tabindex="-1" id=format!("cell-{}", cell.id) data-cell=cell.id.clone()
            class:is-on=on class:is-edit=editing data-kind=move || kind_word(kind.get()) data-run=move || cell.run.with(|run| run_word(run.state))
            aria-label=move || format!("{} cell", kind_word(kind.get())) aria-current=move || on().then_some("true")
            on:pointerdown=move |event| grab(session, id, &event)>
            {move || (kind.get() == CellKind::Code).then(|| gutter_of(session, &gutter))}
            {move || {
                let body = body.clone();
                if shows_set.get() { set_text(session, body).into_any() } else { editor_of(session, body).into_any() }
            }}
            {move || outputs.with(|slots| !slots.is_empty()).then(|| view! {
                <div class="cell-out" data-outputs="">
                    <For each=move || outputs.get() key=|(number, _)| *number children=move |(_, slot)| output::view(slot)/>
                </div>
            })}
        </div>
    }
}

fn kind_word(kind: CellKind) -> &'static str {
    match kind {
        CellKind::Code => "code",
        CellKind::Markdown => "markdown",
        CellKind::Raw => "raw",
    }
}

fn run_word(state: RunState) -> &'static str {
    match state {
        RunState::Idle => "idle",
        RunState::Queued => "queued",
        RunState::Running => "running",
        RunState::Done => "done",
        RunState::Failed => "failed",
    }
}

/// A press on a cell turns it on. In its editor the editor takes the keys by itself.
fn grab(session: Session, id: StoredValue<String>, event: &ev::PointerEvent) {
    use wasm_bindgen::JsCast;
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    let inside = |selector: &str| target.as_ref().is_some_and(|target| target.closest(selector).ok().flatten().is_some());
    if inside(".editor") || inside("button") || inside("a") || inside(".menu") {
        return;
    }
    let id = id.get_value();
    if session.selected.with_untracked(|on| on.as_ref() != Some(&id)) || session.editing.get_untracked() {
        session.selected.set(Some(id));
        session.editing.set(false);
    }
}

/// `[3]`, `[*]` while it runs, an empty ring while it waits.
fn gutter_of(session: Session, cell: &CellState) -> impl IntoView + use<> {
    let (run, count) = (cell.run, cell.count);
    let id = StoredValue::new(cell.id.clone());
    let state = Memo::new(move |_| run.with(|run| run.state));
    view! {
        <div class="cell-gutter" class:is-live=move || state.get() == RunState::Running data-count=move || count.get().map(|count| count.to_string())>
            {move || match state.get() {
                RunState::Running => view! { <span>"[*]"</span><Icon name="live" class="i-s spin"/> }.into_any(),
                RunState::Queued => view! { <span title="Queued"><Icon name="wait" class="i-s"/></span> }.into_any(),
                _ => view! { <span>{count.get().map_or_else(|| "[ ]".to_owned(), |count| format!("[{count}]"))}</span> }.into_any(),
            }}
            {move || (state.get() == RunState::Failed).then(|| view! { <span class="is-bad" title="Failed"><Icon name="fail" class="i-s"/></span> })}
            <button type="button" class="gutter-run" tabindex="-1" data-action="run-cell" aria-label="Run this cell" title="Run  Ctrl+Enter"
                on:click=move |_| { session.select(&id.get_value(), false); session.run(vec![id.get_value()]) }><Icon name="play"/></button>
        </div>
    }
}

/// How long it took, or has taken so far.
fn meta(session: Session, cell: &CellState) -> impl IntoView + use<> {
    let (run, kind) = (cell.run, cell.kind);
    let time = move || {
        run.with(|run| match run.state {
            RunState::Queued => Some("queued".to_owned()),
            RunState::Running => run.started_at.map(|from| format::duration((session.now.get() - from).max(0.0))),
            RunState::Done | RunState::Failed => run.started_at.zip(run.ended_at).map(|(from, to)| format::duration(to - from)),
            RunState::Idle => None,
        })
    };
    let language = move || match kind.get() {
        CellKind::Code => "",
        CellKind::Markdown => "Markdown",
        CellKind::Raw => "Raw",
    };
    view! {
        <span class="cell-meta">
            {move || time().map(|time| view! { <span class="num" data-duration="">{time}</span> })}
            {move || (!language().is_empty()).then(|| view! { <span class="lang">{language()}</span> })}
        </span>
    }
}

fn editor_of(session: Session, cell: CellState) -> impl IntoView {
    let id = StoredValue::new(cell.id.clone());
    let handle = EditorHandle::default();
    session.editors.update_value(|editors| {
        editors.insert(cell.id.clone(), handle);
    });
    let kind = cell.kind;
    let language = move |kind: CellKind| match kind {
        CellKind::Code if session.language.with_untracked(|language| language == "python") => "python",
        CellKind::Markdown => "markdown",
        _ => "",
    };
    let options = EditorOptions {
        language: language(kind.get_untracked()),
        label: format!("Source of the {} cell", kind_word(kind.get_untracked())),
        cell: true,
        wrap: kind.get_untracked() == CellKind::Markdown,
        hint: if kind.get_untracked() == CellKind::Markdown { "Text, as Markdown".into() } else { String::new() },
        ..EditorOptions::default()
    };
    Effect::new(move |before: Option<CellKind>| {
        let kind = kind.get();
        if before.is_some_and(|before| before != kind) {
            handle.set_language(language(kind));
        }
        kind
    });
    // A cell that was just made, or a text cell just opened, is to be typed into at once.
    if session.editing.get_untracked() && session.selected.with_untracked(|on| on.as_deref() == Some(&cell.id)) {
        gloo_timers::callback::Timeout::new(0, move || handle.focus()).forget();
    }
    let complete: Complete = Rc::new(move |code, cursor| session.complete(code, cursor));
    let meta_cell = cell.clone();
    view! {
        <div class="cell-in">
            {tools(session, &cell)}
            {meta(session, &meta_cell)}
            <Editor text=cell.source.get_untracked() options handle tell=Callback::new(move |event| heard(session, &id.get_value(), event)) complete/>
        </div>
    }
}

fn heard(session: Session, id: &str, event: EditorEvent) {
    match event {
        EditorEvent::Change(source) => session.typed(id, source),
        EditorEvent::Focus => {
            session.selected.set(Some(id.to_owned()));
            session.editing.set(true);
        }
        EditorEvent::Blur => {
            if session.selected.with_untracked(|on| on.as_deref() == Some(id)) {
                session.editing.set(false);
            }
        }
        EditorEvent::Split(offset) => session.split(id, offset),
        EditorEvent::Key(key) => match key.as_str() {
            "run" => session.run_selected(false),
            "run-advance" => session.run_selected(true),
            "run-insert" => {
                session.run(vec![id.to_owned()]);
                session.insert(Some(id.to_owned()), CellKind::Code, String::new(), true);
            }
            "escape" => session.select(id, false),
            "up" => {
                session.step(-1, true);
            }
            "down" => {
                session.step(1, true);
            }
            _ => {}
        },
    }
}

/// A text cell as it reads. Double click or Enter opens its source.
fn set_text(session: Session, cell: CellState) -> impl IntoView {
    let id = StoredValue::new(cell.id.clone());
    session.editors.update_value(|editors| {
        editors.remove(&cell.id);
    });
    let html = Memo::new(move |_| cell.source.with(|source| markdown::to_html(source)));
    let open = move || session.select(&id.get_value(), true);
    let empty = move || cell.source.with(|source| source.trim().is_empty());
    view! {
        <div class="cell-md md" on:dblclick=move |_| { cell.set.set(false); open() }>
            {move || if empty() { view! { <p class="hint">"Empty text. Press Enter to write"</p> }.into_any() } else { view! { <div inner_html=html.get()></div> }.into_any() }}
        </div>
    }
}

/// What can be done to the cell: shown on the cell that is on, or under the pointer.
fn tools(session: Session, cell: &CellState) -> impl IntoView + use<> {
    let id = StoredValue::new(cell.id.clone());
    let kind = cell.kind;
    let run = cell.run;
    let items = Signal::derive(move || {
        let id = id.get_value();
        let with = |act: fn(Session, &str)| {
            let id = id.clone();
            move || act(session, &id)
        };
        let mut items = vec![
            MenuItem::new("plus", "Insert above", with(|session, id| { session.select(id, false); session.insert_near(false, CellKind::Code, String::new(), true) })).keys("A"),
            MenuItem::new("plus", "Insert below", with(|session, id| session.insert(Some(id.to_owned()), CellKind::Code, String::new(), true))).keys("B"),
            MenuItem::new("arrow-down", "Move down", with(|session, id| session.shift(id, 1))).keys("Ctrl Shift ↓"),
            MenuItem::new("group", "Join with the cell below", with(|session, id| session.merge_below(id))).keys("Shift M"),
        ];
        match kind.get() {
            CellKind::Code => items.push(MenuItem::new("text", "Make it text", with(|session, id| session.set_kind(id, CellKind::Markdown))).keys("M")),
            _ => items.push(MenuItem::new("terminal", "Make it code", with(|session, id| session.set_kind(id, CellKind::Code))).keys("Y")),
        }
        items.push(MenuItem::new("x", "Clear its outputs", with(|session, id| session.clear_outputs(Some(id.to_owned())))));
        items.push(MenuItem::new("trash", "Delete", with(|session, id| session.delete(id))).keys("D D").bad());
        items
    });
    let running = move || run.with(|run| matches!(run.state, RunState::Running | RunState::Queued));
    let act = move |act: fn(Session, &str)| move |_| act(session, &id.get_value());
    view! {
        <span class="cell-tools" role="toolbar" aria-label="Cell">
            {move || if running() {
                view! { <button type="button" class="btn btn-s btn-bare btn-icon" data-action="interrupt-cell" aria-label="Interrupt" title="Interrupt  I I" on:click=move |_| session.interrupt()><Icon name="stop"/></button> }.into_any()
            } else {
                view! { <button type="button" class="btn btn-s btn-bare btn-icon" data-action="run-this" aria-label="Run" title="Run  Ctrl+Enter" on:click=act(|session, id| { session.select(id, false); session.run(vec![id.to_owned()]) })><Icon name="play"/></button> }.into_any()
            }}
            <button type="button" class="btn btn-s btn-bare btn-icon" data-action="move-up" aria-label="Move up" title="Move up  Ctrl+Shift+↑" on:click=act(|session, id| session.shift(id, -1))><Icon name="up"/></button>
            <button type="button" class="btn btn-s btn-bare btn-icon" data-action="delete-cell" aria-label="Delete" title="Delete  D D" on:click=act(|session, id| session.delete(id))><Icon name="trash"/></button>
            <Menu name="More" items><Icon name="more"/></Menu>
        </span>
    }
}
