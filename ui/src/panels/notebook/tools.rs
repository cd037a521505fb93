//! What can be done to a cell, and what it is: language, time, state in words. The buttons come with the pointer or
//! with the cell that is on.

use super::cell_state::CellState;
use super::session::{Session, language_of_spec};
use crate::kit::{Icon, Menu, MenuItem, format};
use atelier_wire::studio::kernel::RunState;
use atelier_wire::studio::notebook::CellKind;
use leptos::prelude::*;

pub fn view(session: Session, cell: StoredValue<CellState>, hover: RwSignal<bool>) -> impl IntoView {
    let (on, kind) = cell.with_value(|cell| (cell.on, cell.kind));
    let shown = Memo::new(move |_| on.get() || hover.get());
    move || {
        let tools = shown.get();
        let chip = tools || kind.get() == CellKind::Raw || session.mixed.get() && kind.get() == CellKind::Code;
        view! {
            <span class="cell-top">
                <span class="cell-meta">
                    {time(session, cell)}
                    {(chip && !tools).then(|| view! { <span class="lang" data-language="">{language(session, cell)}</span> })}
                </span>
                {tools.then(|| view! { <span class="cell-tools" role="toolbar" aria-label="Cell">{chip_menu(session, cell)}{buttons(session, cell)}</span> })}
            </span>
        }
    }
}

/// How long it took, or has taken so far; where it stands in the queue; whether its source changed since.
fn time(session: Session, cell: StoredValue<CellState>) -> impl IntoView {
    let run = cell.with_value(|cell| cell.run);
    let words = Memo::new(move |_| {
        run.with(|run| match run.state {
            RunState::Queued => Some("queued".to_owned()),
            RunState::Running => {
                run.started_at.map(|from| format!("running {}", format::duration((session.now.get() - from).max(0.0))))
            }
            RunState::Done | RunState::Failed => {
                run.started_at.zip(run.ended_at).map(|(from, to)| format::duration(to - from))
            }
            RunState::Idle => None,
        })
    });
    view! {
        {move || run.with(|run| run.stale).then(|| view! { <span class="cell-stale" title="The source changed since it ran" data-stale=""><Icon name="restart" class="i-s"/>"changed"</span> })}
        {move || words.get().map(|words| view! { <span class="num" data-duration="">{words}</span> })}
    }
}

fn language(session: Session, cell: StoredValue<CellState>) -> String {
    cell.with_value(|cell| match cell.kind.get() {
        CellKind::Markdown => "Markdown".into(),
        CellKind::Raw => "Raw".into(),
        CellKind::Code => match session.language_of(cell) {
            "python" => "Python".into(),
            "rust" => "Rust".into(),
            "sql" => "SQL".into(),
            _ => session.language.get(),
        },
    })
}

/// The chip of the language, and the choice of another.
fn chip_menu(session: Session, cell: StoredValue<CellState>) -> impl IntoView {
    let id = move || vec![cell.with_value(|cell| cell.id.clone())];
    let items = Signal::derive(move || {
        vec![
            MenuItem::new("terminal", "Python", move || session.set_language(&id(), "python")).keys("Y"),
            MenuItem::new("terminal", "Rust", move || session.set_language(&id(), "rust")),
            MenuItem::new("text", "Markdown", move || session.set_kind(&id(), CellKind::Markdown)).keys("M"),
            MenuItem::new("file", "Raw", move || session.set_kind(&id(), CellKind::Raw)).keys("R"),
        ]
    });
    view! { <Menu name="Language of the cell" class="btn btn-s btn-bare lang" items><span data-language="">{move || language(session, cell)}</span></Menu> }
}

fn buttons(session: Session, cell: StoredValue<CellState>) -> impl IntoView {
    let (kind, run) = cell.with_value(|cell| (cell.kind, cell.run));
    let ids = move || vec![cell.with_value(|cell| cell.id.clone())];
    let busy = Memo::new(move |_| run.with(|run| run.state));
    view! {
        {move || match (busy.get(), kind.get()) {
            (RunState::Running, _) => view! { <button type="button" class="btn btn-s btn-bare btn-icon" data-action="interrupt-cell" aria-label="Interrupt" title="Interrupt  I I" on:click=move |_| session.interrupt(cell.with_value(|cell| cell.kernel.get_untracked()))><Icon name="stop"/></button> }.into_any(),
            (RunState::Queued, _) => view! { <button type="button" class="btn btn-s btn-bare btn-icon" data-action="cancel" aria-label="Take it out of the queue" title="Take it out of the queue" on:click=move |_| session.cancel(ids())><Icon name="x"/></button> }.into_any(),
            (_, CellKind::Code) => view! { <button type="button" class="btn btn-s btn-bare btn-icon" data-action="run-this" aria-label="Run" title="Run  Ctrl+Enter" on:click=move |_| { session.select(&ids()[0], false); session.run(&ids()) }><Icon name="play"/></button> }.into_any(),
            _ => ().into_any(),
        }}
        <button type="button" class="btn btn-s btn-bare btn-icon" data-action="move-up" aria-label="Move up" title="Move up  Ctrl+Shift+↑" on:click=move |_| session.shift(&ids(), -1)><Icon name="up"/></button>
        <button type="button" class="btn btn-s btn-bare btn-icon" data-action="delete-cell" aria-label="Delete" title="Delete  D D" on:click=move |_| session.delete(&ids())><Icon name="trash"/></button>
        <Menu name="More" items=Signal::derive(move || more(session, cell))><Icon name="more"/></Menu>
    }
}

fn more(session: Session, cell: StoredValue<CellState>) -> Vec<MenuItem> {
    let ids = move || vec![cell.with_value(|cell| cell.id.clone())];
    let (kind, source_hidden, outputs_hidden) =
        cell.with_value(|cell| (cell.kind, cell.source_hidden, cell.outputs_hidden));
    let mut items = vec![
        MenuItem::new("plus", "Insert above", move || {
            session.select(&ids()[0], false);
            session.insert_near(false, CellKind::Code, true)
        })
        .keys("A"),
        MenuItem::new("plus", "Insert below", move || {
            session.select(&ids()[0], false);
            session.insert_near(true, CellKind::Code, true)
        })
        .keys("B"),
        MenuItem::new("clone", "Duplicate", move || session.duplicate(&ids())),
        MenuItem::new("arrow-down", "Move down", move || session.shift(&ids(), 1)).keys("Ctrl Shift ↓"),
        MenuItem::new("group", "Join with the cell below", move || session.join(&ids())).keys("Shift M"),
        MenuItem::new("eye-off", if source_hidden.get() { "Show the source" } else { "Hide the source" }, move || {
            session.toggle_hidden(&ids(), false)
        }),
    ];
    if kind.get() == CellKind::Code {
        items.push(
            MenuItem::new(
                "eye-off",
                if outputs_hidden.get() { "Show the outputs" } else { "Hide the outputs" },
                move || session.toggle_hidden(&ids(), true),
            )
            .keys("O"),
        );
        items.push(MenuItem::new("x", "Clear its outputs", move || session.clear_outputs(Some(&ids()))));
    }
    items.push(MenuItem::new("trash", "Delete", move || session.delete(&ids())).keys("D D").bad());
    items
}

impl Session {
    /// Makes cells code of this language: by the notebook's own kernel if that speaks it, else by one that does.
    pub fn set_language(&self, ids: &[String], language: &str) {
        self.set_kernel(ids, self.kernel_for(language));
    }

    /// The kernelspec for a language; `None`: the notebook's own.
    pub(super) fn kernel_for(&self, language: &str) -> Option<String> {
        let own = self.language.get_untracked().to_lowercase();
        if own == language {
            return None;
        }
        let used = self.cells.with_untracked(|cells| {
            cells.iter().filter_map(|cell| cell.kernel.get_untracked()).find(|name| language_of_spec(name) == language)
        });
        Some(used.unwrap_or_else(|| if language == "rust" { "rust".into() } else { "python3".into() }))
    }
}
