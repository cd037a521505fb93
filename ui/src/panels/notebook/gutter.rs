//! Left of a cell: its number, its state as a shape, the button that runs it, the triangle that folds a section. Cells
//! are dragged by it.

use super::cell_state::CellState;
use super::headings;
use super::session::Session;
use crate::kit::Icon;
use atelier_wire::studio::kernel::RunState;
use atelier_wire::studio::notebook::CellKind;
use leptos::prelude::*;

pub fn view(session: Session, cell: &CellState) -> impl IntoView + use<> {
    let (run, count, kind) = (cell.run, cell.count, cell.kind);
    let cell = StoredValue::new(cell.clone());
    let state = Memo::new(move |_| run.with(|run| run.state));
    view! {
        <div class="cell-gutter" class:is-live=move || state.get() == RunState::Running data-count=move || count.get().map(|count| count.to_string()) title="Drag to move">
            {move || match kind.get() {
                CellKind::Code => code(session, cell, state).into_any(),
                CellKind::Markdown => fold(session, cell).into_any(),
                CellKind::Raw => ().into_any(),
            }}
        </div>
    }
}

/// `[3]`, `[*]` while it runs, its place in the queue while it waits.
fn code(session: Session, cell: StoredValue<CellState>, state: Memo<RunState>) -> impl IntoView {
    let count = cell.with_value(|cell| cell.count);
    let id = move || cell.with_value(|cell| cell.id.clone());
    view! {
        {move || match state.get() {
            RunState::Running => view! { <span>"[*]"</span><Icon name="live" class="i-s spin"/> }.into_any(),
            RunState::Queued => {
                let place = session.queue_place(&id());
                let words = place.map_or_else(|| "queued".to_owned(), |place| format!("queued {place}"));
                view! {
                    <button type="button" class="gutter-queued" tabindex="-1" data-action="cancel-cell" title="Take it out of the queue" on:click=move |_| session.cancel(vec![id()])>
                        <Icon name="wait" class="i-s"/><span class="num">{words}</span>
                    </button>
                }.into_any()
            }
            _ => view! { <span>{count.get().map_or_else(|| "[ ]".to_owned(), |count| format!("[{count}]"))}</span> }.into_any(),
        }}
        {move || (state.get() == RunState::Failed).then(|| view! { <span class="is-bad" title="Failed"><Icon name="fail" class="i-s"/></span> })}
        <button type="button" class="gutter-run" tabindex="-1" data-action="run-cell" aria-label="Run this cell" title="Run  Ctrl+Enter"
            on:click=move |_| { session.select(&id(), false); session.run(&[id()]) }><Icon name="play"/></button>
    }
}

fn fold(session: Session, cell: StoredValue<CellState>) -> impl IntoView {
    let (source, collapsed) = cell.with_value(|cell| (cell.source, cell.collapsed));
    let heads = Memo::new(move |_| source.with(|source| headings::level(source).is_some()));
    let id = move || cell.with_value(|cell| cell.id.clone());
    move || {
        heads.get().then(|| {
            let shut = collapsed.get();
            view! {
                <button type="button" class="gutter-fold" tabindex="-1" data-action="fold" aria-expanded=(!shut).to_string()
                    aria-label=if shut { "Open the section" } else { "Fold the section" } title=if shut { "Open the section  →" } else { "Fold the section  ←" }
                    on:click=move |_| session.fold(&id(), !shut)><Icon name=if shut { "right" } else { "down" } class="i-s"/></button>
            }
        })
    }
}
