//! The notebook's toolbar: run, interrupt, restart, add a cell, what runs now, and the kernels with their states.

use super::session::Session;
use super::{export, kernels};
use crate::kit::{Icon, Menu, MenuItem};
use atelier_wire::studio::notebook::CellKind;
use leptos::prelude::*;

pub fn view(session: Session) -> impl IntoView {
    let run_items = Signal::derive(move || {
        vec![
            MenuItem::new("play", "Run all cells", move || session.run_all()),
            MenuItem::new("up", "Run all above", move || session.run_above()),
            MenuItem::new("arrow-down", "Run this and all below", move || session.run_below()),
            MenuItem::new("group", "Run the section", move || session.run_section()),
            MenuItem::new("restart", "Restart and run all", move || session.restart_all(true)),
        ]
    });
    let add_items = Signal::derive(move || {
        let own = session.language.get();
        let python = if own == "python" { None } else { session.kernel_for("python") };
        let rust = session.kernel_for("rust");
        vec![
            MenuItem::new("terminal", "Python cell", move || {
                session.insert_with(true, CellKind::Code, python.clone(), true)
            }),
            MenuItem::new("terminal", "Rust cell", move || {
                session.insert_with(true, CellKind::Code, rust.clone(), true)
            }),
            MenuItem::new("text", "Text cell", move || session.insert_near(true, CellKind::Markdown, true)),
        ]
    });
    view! {
        <div class="toolbar" role="toolbar" aria-label="Notebook">
            <span class="tool-group">
                <button type="button" class="btn btn-bare btn-icon" data-action="run" aria-label="Run the cell and move on" title="Run the cell and move on  Shift+Enter" on:click=move |_| session.run_chosen(true)><Icon name="play"/></button>
                <button type="button" class="btn btn-bare btn-icon" data-action="interrupt" aria-label="Interrupt the kernel" title="Interrupt  I I" prop:disabled=move || !session.busy() on:click=move |_| session.interrupt_here()><Icon name="stop"/></button>
                <button type="button" class="btn btn-bare btn-icon" data-action="restart" aria-label="Restart the kernel" title="Restart the kernel  0 0" on:click=move |_| session.restart(None, false)><Icon name="restart"/></button>
                <span class="btn-join">
                    <button type="button" class="btn btn-bare" data-action="run-all" title="Run all cells" on:click=move |_| session.run_all()><Icon name="skip"/>"Run all"</button>
                    <Menu name="More to run" class="btn btn-bare nb-drop" items=run_items><Icon name="down" class="i-s"/></Menu>
                </span>
            </span>
            <span class="toolbar-sep"></span>
            <span class="btn-join">
                <button type="button" class="btn btn-bare" data-action="add-cell" title="Add a cell below  B" on:click=move |_| session.insert_near(true, CellKind::Code, true)><Icon name="plus"/>"Cell"</button>
                <Menu name="Add a cell of a kind" class="btn btn-bare nb-drop" items=add_items><Icon name="down" class="i-s"/></Menu>
            </span>
            {kind(session)}
            <Menu name="More" class="btn btn-bare btn-icon" items=Signal::derive(move || more(session))><Icon name="more"/></Menu>
            <span class="grow"></span>
            {move || progress(session)}
            <span class="hint small if-wide" data-saved=move || (!session.dirty.get()).to_string()>{move || if session.conflict.with(Option::is_some) { "not saved: the file changed" } else if session.dirty.get() { "not saved yet" } else { "saved" }}</span>
            <span class="toolbar-sep"></span>
            {kernels::view(session)}
        </div>
    }
}

/// The kind of the cell that is on, to choose.
fn kind(session: Session) -> impl IntoView {
    let kind = RwSignal::new(String::from("code"));
    Effect::new(move |_| {
        session.selected.track();
        if let Some(cell) = session.current() {
            kind.set(super::cell::kind_word(cell.kind.get()).into());
        }
    });
    let choose = move |word: &str| {
        let kind = match word {
            "markdown" => CellKind::Markdown,
            "raw" => CellKind::Raw,
            _ => CellKind::Code,
        };
        session.set_kind(&session.chosen(), kind);
    };
    view! {
        <span class="field field-select field-bare if-wide">
            <select aria-label="Kind of cell" data-action="kind" prop:value=move || kind.get() on:change=move |event| choose(&event_target_value(&event))>
                <option value="code">"Code"</option><option value="markdown">"Markdown"</option><option value="raw">"Raw"</option>
            </select>
            <Icon name="down" class="i-s"/>
        </span>
    }
}

fn more(session: Session) -> Vec<MenuItem> {
    let mut items = vec![
        MenuItem::new("undo", "Undo", move || session.undo(false)).keys("Z"),
        MenuItem::new("search", "Find and replace…", move || session.find_open(true)).keys("Ctrl F"),
        MenuItem::new("compare", "Compare…", move || {
            session.diff.set(Some(atelier_wire::studio::notebook::Against::LastSave))
        }),
        MenuItem::new("x", "Clear all outputs", move || session.clear_outputs(None)),
        MenuItem::new("columns", "Line numbers", move || session.line_numbers.update(|on| *on = !*on)).keys("L"),
    ];
    items.extend(export::items(session));
    items.push(MenuItem::new("info", "Keys", move || session.help.set(true)).keys("H"));
    items.push(MenuItem::new("download", "Save", move || session.save()).keys("Ctrl S"));
    items
}

/// Which cell runs, how many wait; a press goes to it.
fn progress(session: Session) -> Option<AnyView> {
    let running = session.running.with(|running| running.first().and_then(|id| session.position(id)));
    let count = session.queued.with(Vec::len);
    if running.is_none() && count == 0 {
        return None;
    }
    let words = running.map(|at| format!("cell {} runs", at + 1));
    Some(
        view! {
            <button type="button" class="btn btn-s btn-bare num" data-queued=count.to_string() data-action="go-to-running" title="Go to the cell that runs" on:click=move |_| session.go_to_running()>
                <Icon name="live" class="i-s spin live"/>{words.unwrap_or_default()}{(count > 0).then(|| format!(" {count} queued"))}
            </button>
            {(count > 0).then(|| view! { <button type="button" class="btn btn-s btn-bare btn-icon" data-action="cancel-queue" aria-label="Empty the queue" title="Take all that wait out of the queue" on:click=move |_| session.cancel(Vec::new())><Icon name="x"/></button> })}
        }
        .into_any(),
    )
}
