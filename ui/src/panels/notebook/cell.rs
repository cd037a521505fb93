//! One cell in its notebook: where it stands, whether it is on, what a press on it does. What stands in it is [`inside`].

use super::cell_state::CellState;
use super::inside;
use super::session::Session;
use atelier_wire::studio::kernel::RunState;
use atelier_wire::studio::notebook::CellKind;
use leptos::{ev, html, prelude::*};
use wasm_bindgen::JsCast;

pub fn view(session: Session, cell: CellState) -> impl IntoView {
    let root = NodeRef::<html::Div>::new();
    let hover = RwSignal::new(false);
    let (kind, set, run) = (cell.kind, cell.set, cell.run);
    let shows_set = Memo::new(move |_| kind.get() == CellKind::Markdown && set.get());
    let editing = move || cell.on.get() && session.editing.get();
    let lines = cell.source.with_untracked(|source| source.bytes().filter(|byte| *byte == b'\n').count() + 1);
    let outputs = cell.outputs.with_untracked(Vec::len) + cell.num_deferred.get_untracked();
    let drawn = cell.clone();
    Effect::new(move |_| {
        if let Some(element) = root.get() {
            session.watch(&element);
            session.drawn_now(&drawn);
        }
    });
    let editor = cell.editor;
    on_cleanup(move || editor.destroy());
    let (drawn_cell, grabbed) = (cell.clone(), cell.clone());
    let (near, source) = (cell.near, cell.source);
    let id = StoredValue::new(cell.id.clone());
    view! {
        <div class="cell" node_ref=root role="listitem" tabindex="-1" id=format!("cell-{}", cell.id) data-cell=cell.id.clone()
            class:is-on=move || cell.on.get() class:is-edit=editing class:is-chosen=move || cell.chosen.get() class:is-folded=move || cell.folded.get() class:is-scrolled=move || cell.scrolled.get() class:is-far=move || !near.get()
            class:is-drop=move || session.drop.with(|drop| matches!(drop, Some(Some(after)) if id.with_value(|id| id == after)))
            data-kind=move || kind_word(kind.get()) data-run=move || run.with(|run| run_word(run.state)) data-stale=move || run.with(|run| run.stale.then_some(""))
            style:order=move || cell.place.get().to_string() style=("--lines", lines.to_string()) style=("--outs", outputs.to_string())
            aria-label=move || format!("{} cell {}", kind_word(kind.get()), cell.place.get() + 1) aria-current=move || cell.on.get().then_some("true")
            on:pointerenter=move |_| hover.set(true) on:pointerleave=move |_| hover.set(false)
            on:pointerdown=move |event| grab(session, &grabbed, &event)>
            {move || if near.get() { inside::view(session, drawn_cell.clone(), hover, shows_set) } else { view! { <pre class="cell-far">{move || source.get()}</pre> }.into_any() }}
        </div>
    }
}

pub(super) fn kind_word(kind: CellKind) -> &'static str {
    match kind {
        CellKind::Code => "code",
        CellKind::Markdown => "markdown",
        CellKind::Raw => "raw",
    }
}

pub(super) fn run_word(state: RunState) -> &'static str {
    match state {
        RunState::Idle => "idle",
        RunState::Queued => "queued",
        RunState::Running => "running",
        RunState::Done => "done",
        RunState::Failed => "failed",
    }
}

/// A press on a cell turns it on, with Shift everything up to it. In its editor the editor takes the keys by itself.
fn grab(session: Session, cell: &CellState, event: &ev::PointerEvent) {
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    let inside =
        |selector: &str| target.as_ref().is_some_and(|target| target.closest(selector).ok().flatten().is_some());
    if inside("button, a, .menu, input, select") {
        return;
    }
    if event.shift_key() && !(inside(".editor") && cell.on.get_untracked()) {
        event.prevent_default();
        session.extend_to(&cell.id);
        return;
    }
    if inside(".editor") {
        return;
    }
    if inside(".cell-gutter") {
        super::drag::begin(session, cell, event);
        if cell.chosen.get_untracked() {
            return; // dragging several: they stay chosen
        }
    }
    session.anchor.set(None);
    if !cell.on.get_untracked() || session.editing.get_untracked() {
        session.selected.set(Some(cell.id.clone()));
        session.editing.set(false);
    }
}
