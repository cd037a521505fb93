//! A notebook: cells, their outputs, and the kernels behind them. The backend owns all of it; this shows it,
//! sends edits, and follows what other windows and the kernels do.
//!
//! [`session`] holds what is shown; [`order`] and [`hold`] say when what the backend tells is taken in, by [`change`]; [`outgoing`] sends what a person does,
//! in order. A file each: what is done to cells ([`edit`], [`clipboard`], [`drag`], [`attach`]), where the keys go
//! ([`select`], [`keys`]), running ([`running`], [`kernels`], [`input`]), looking ([`find`], [`fold`], [`outline`],
//! [`diff`], [`variables`]). [`output`] draws what cells put out. [`draw`] says what is drawn when.

mod ask;
mod attach;
mod cell;
mod cell_facts;
mod cell_state;
mod change;
mod clipboard;
mod commands;
mod conflict;
mod diagnostics;
mod diff;
mod diff_rows;
mod drag;
mod draw;
mod edit;
mod export;
mod find;
mod find_bar;
mod fold;
mod gutter;
mod headings;
mod help;
mod hold;
mod input;
mod inside;
mod inspector;
mod kernels;
mod keys;
mod order;
mod outgoing;
mod outline;
mod output;
mod running;
mod select;
mod session;
mod source;
mod text_cell;
mod toolbar;
mod tools;
mod variables;
mod watch;

use crate::frame::{Address, TabMark, use_tab};
use crate::kit::{Bones, Callout, ErrorNote, Icon};
use atelier_wire::studio::notebook::CellKind;
use leptos::prelude::*;
use session::Session;

pub fn open(address: Address) -> AnyView {
    view! { <NotebookPanel address/> }.into_any()
}

/// A page that shows one output by itself.
pub fn open_output(address: Address) -> AnyView {
    output::page::open(address)
}

/// What its tab says.
pub fn output_title(address: &Address) -> String {
    output::page::title(&address.name)
}

#[component]
fn NotebookPanel(address: Address) -> impl IntoView {
    let session = Session::open(&address.name);
    provide_context(session);
    commands::register(&address, session);
    session.follow_screen();
    output::widgets::Relay::follow(&address.name);
    let tab = use_tab();
    let running = Memo::new(move |_| session.running.with(|running| !running.is_empty()));
    Effect::new(move |_| {
        tab.mark.set(match (running.get(), session.dirty.get()) {
            (true, _) => TabMark::Live,
            (false, true) => TabMark::Unsaved,
            _ => TabMark::None,
        });
    });
    let path = address.name.clone();
    view! {
        <main class="work nb-work" data-notebook=path data-missing=move || session.missing.get().to_string() on:keydown=move |event| keys::on_key(session, &event)>
            {toolbar::view(session)}
            {find_bar::view(session)}
            <div class="scroll nb-scroll" tabindex="-1" node_ref=session.root>
                {move || session.problem.get().map(|error| view! {
                    <div class="nb-note"><ErrorNote tried="The notebook could not be opened" code=error.code.clone() message=error.message.clone()>
                        <button type="button" class="btn btn-s" on:click=move |_| session.load()>"Try again"</button>
                    </ErrorNote></div>
                })}
                {notes(session)}
                {conflict::view(session)}
                {kernels::notes(session)}
                {move || (!session.loaded.get() && session.problem.with(Option::is_none)).then(|| view! { <div class="nb-note"><Bones lines=5/></div> })}
                <div class="notebook" role="list" aria-label="Cells" class:is-drop-top=move || session.drop.with(|drop| *drop == Some(None))>
                    <For each=move || session.drawn.get() key=|cell| cell.id.clone() children=move |cell| cell::view(session, cell)/>
                    {move || session.loaded.get().then(|| end(session))}
                </div>
            </div>
            {diff::view(session)}
            {help::view(session)}
        </main>
        {inspector::view(session)}
    }
}

/// What should be known about the file, once.
fn notes(session: Session) -> impl IntoView {
    move || {
        session.notes.get().into_iter().enumerate().map(|(at, note)| {
            let gone = move |_| session.notes.update(|notes| {
                if at < notes.len() {
                    notes.remove(at);
                }
            });
            view! {
                <div class="nb-note" data-note=""><Callout title=note><button type="button" class="btn btn-s" data-action="dismiss-note" on:click=gone>"Dismiss"</button></Callout></div>
            }
        }).collect_view()
    }
}

fn end(session: Session) -> impl IntoView {
    let rust = move |_| {
        let last = session.cells.with_untracked(|cells| cells.last().map(|cell| cell.id.clone()));
        session.insert(last, CellKind::Code, String::new(), session.kernel_for("rust"), true);
    };
    view! {
        <div class="nb-end">
            <button type="button" class="btn btn-s btn-bare" data-action="add-code" on:click=move |_| session.append(CellKind::Code)><Icon name="plus"/>"Code"</button>
            <button type="button" class="btn btn-s btn-bare" data-action="add-markdown" on:click=move |_| session.append(CellKind::Markdown)><Icon name="plus"/>"Text"</button>
            {move || (session.language.get() != "rust").then(|| view! { <button type="button" class="btn btn-s btn-bare" data-action="add-rust" on:click=rust><Icon name="plus"/>"Rust"</button> })}
        </div>
    }
}
