//! The notebook's toolbar: run, interrupt, restart, add a cell, and the kernel with its state.

use super::session::Session;
use crate::kit::{Icon, Menu, MenuItem, Tone};
use atelier_wire::studio::notebook::{CellKind, KernelState, RunState};
use leptos::prelude::*;

pub fn view(session: Session) -> impl IntoView {
    let more = Signal::derive(move || {
        vec![
            MenuItem::new("restart", "Restart and run all", move || session.restart(true)),
            MenuItem::new("x", "Clear all outputs", move || session.clear_outputs(None)),
            MenuItem::new("download", "Save", move || session.save()).keys("Ctrl S"),
            MenuItem::new("stop", "Stop the kernel", move || session.stop()).bad(),
        ]
    });
    let kind = RwSignal::new(String::from("code"));
    Effect::new(move |_| {
        session.selected.track();
        if let Some(cell) = session.current() {
            kind.set(match cell.kind.get() { CellKind::Code => "code", CellKind::Markdown => "markdown", CellKind::Raw => "raw" }.into());
        }
    });
    let choose = move |word: &str| {
        let kind = match word { "markdown" => CellKind::Markdown, "raw" => CellKind::Raw, _ => CellKind::Code };
        if let Some(id) = session.selected.get_untracked() {
            session.set_kind(&id, kind);
        }
    };
    view! {
        <div class="toolbar" role="toolbar" aria-label="Notebook">
            <span class="tool-group">
                <button type="button" class="btn btn-bare btn-icon" data-action="run" aria-label="Run the cell and move on" title="Run the cell and move on  Shift+Enter" on:click=move |_| session.run_selected(true)><Icon name="play"/></button>
                <button type="button" class="btn btn-bare btn-icon" data-action="interrupt" aria-label="Interrupt the kernel" title="Interrupt  I I" prop:disabled=move || !session.busy() on:click=move |_| session.interrupt()><Icon name="stop"/></button>
                <button type="button" class="btn btn-bare btn-icon" data-action="restart" aria-label="Restart the kernel" title="Restart the kernel  0 0" on:click=move |_| session.restart(false)><Icon name="restart"/></button>
                <button type="button" class="btn btn-bare" data-action="run-all" title="Run all cells" on:click=move |_| session.run_all()><Icon name="skip"/>"Run all"</button>
            </span>
            <span class="toolbar-sep"></span>
            <button type="button" class="btn btn-bare" data-action="add-cell" title="Add a cell below  B" on:click=move |_| session.insert_near(true, CellKind::Code, String::new(), true)><Icon name="plus"/>"Cell"</button>
            <span class="field field-select field-bare if-wide">
                <select aria-label="Kind of cell" data-action="kind" prop:value=move || kind.get() on:change=move |event| choose(&event_target_value(&event))>
                    <option value="code">"Code"</option><option value="markdown">"Text"</option><option value="raw">"Raw"</option>
                </select>
                <Icon name="down" class="i-s"/>
            </span>
            <Menu name="More" class="btn btn-bare btn-icon" items=more><Icon name="more"/></Menu>
            <span class="grow"></span>
            {move || progress(session)}
            <span class="hint small if-wide" data-saved=move || (!session.dirty.get()).to_string()>{move || if session.dirty.get() { "not saved yet" } else { "saved" }}</span>
            <span class="toolbar-sep"></span>
            {move || kernel_of(session)}
        </div>
    }
}

/// Which cell runs, how many wait; a press goes to it.
fn progress(session: Session) -> Option<AnyView> {
    let (mut running, mut queued) = (None, 0);
    session.cells.with(|cells| {
        for (at, cell) in cells.iter().enumerate() {
            match cell.run.with(|run| run.state) {
                RunState::Running => running = Some((at, cell.id.clone())),
                RunState::Queued => queued += 1,
                _ => {}
            }
        }
    });
    if running.is_none() && queued == 0 {
        return None;
    }
    let mut words = Vec::new();
    if let Some((at, _)) = &running {
        words.push(format!("cell {} runs", at + 1));
    }
    if queued > 0 {
        words.push(format!("{queued} queued"));
    }
    let go = move |_| {
        if let Some((_, id)) = &running {
            session.select(id, false);
        }
    };
    Some(view! { <button type="button" class="btn btn-s btn-bare num" data-queued=queued.to_string() title="Go to the cell that runs" on:click=go>{words.join(" · ")}</button> }.into_any())
}

fn kernel_of(session: Session) -> AnyView {
    let kernel = session.kernel.get();
    let name = kernel.as_ref().map_or_else(|| language_name(&session.language.get()), |kernel| kernel.display_name.clone());
    let (tone, word) = match kernel.as_ref().map(|kernel| kernel.state) {
        None => (Tone::Wait, "no kernel yet"),
        Some(KernelState::Starting) => (Tone::Live, "starting"),
        Some(KernelState::Idle) => (Tone::Ok, "idle"),
        Some(KernelState::Busy) => (Tone::Live, "busy"),
        Some(KernelState::Dead) => (Tone::Bad, "died"),
    };
    let title = format!("{name}: {word}. It starts with the first cell that runs");
    view! {
        <span class=format!("state nb-kernel {}", tone.class()) data-kernel=word title=title>
            <Icon name=tone.icon() class=tone.spin()/>
            <span>{name}</span><span class="hint small">{word}</span>
        </span>
    }
    .into_any()
}

/// `python` as a person writes it.
fn language_name(language: &str) -> String {
    let mut letters = language.chars();
    letters.next().map_or_else(|| "Kernel".to_owned(), |first| first.to_uppercase().chain(letters).collect())
}
