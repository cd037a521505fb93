//! A notebook: cells, their outputs, and the kernel behind them. The backend owns all of it; this shows it,
//! sends edits, and follows what other windows and the kernel do.

mod cell;
mod edit;
mod frame_output;
mod inspector;
mod keys;
mod output;
mod session;
mod toolbar;

use crate::frame::{Address, Command, use_commands, use_tab};
use crate::kit::{Bones, Callout, ErrorNote};
use crate::frame::TabMark;
use atelier_wire::studio::notebook::{CellKind, KernelState, RunState};
use leptos::prelude::*;
use session::Session;

pub fn open(address: Address) -> AnyView {
    view! { <NotebookPanel address/> }.into_any()
}

#[component]
fn NotebookPanel(address: Address) -> impl IntoView {
    let session = Session::open(&address.name);
    provide_context(session);
    commands(&address, session);
    let tab = use_tab();
    let running = Memo::new(move |_| session.cells.with(|cells| cells.iter().any(|cell| cell.run.with(|run| run.state == RunState::Running))));
    Effect::new(move |_| {
        tab.mark.set(match (running.get(), session.dirty.get()) {
            (true, _) => TabMark::Live,
            (false, true) => TabMark::Unsaved,
            _ => TabMark::None,
        });
    });
    let path = address.name.clone();
    view! {
        <main class="work" data-notebook=path>
            {toolbar::view(session)}
            <div class="scroll nb-scroll" tabindex="-1" on:keydown=move |event| keys::on_key(session, &event)>
                {move || session.problem.get().map(|error| view! {
                    <div class="nb-note"><ErrorNote tried="The notebook could not be opened" code=error.code.clone() message=error.message.clone()>
                        <button type="button" class="btn btn-s" on:click=move |_| session.load()>"Try again"</button>
                    </ErrorNote></div>
                })}
                {move || dead(session)}
                {move || (!session.loaded.get() && session.problem.with(Option::is_none)).then(|| view! { <div class="nb-note"><Bones lines=5/></div> })}
                <div class="notebook" role="list" aria-label="Cells">
                    <For each=move || session.cells.get() key=|cell| cell.id.clone() children=move |cell| cell::view(session, cell)/>
                    {move || session.loaded.get().then(|| view! {
                        <div class="nb-end">
                            <button type="button" class="btn btn-s btn-bare" data-action="add-code" on:click=move |_| session.append(CellKind::Code)><crate::kit::Icon name="plus"/>"Code"</button>
                            <button type="button" class="btn btn-s btn-bare" data-action="add-markdown" on:click=move |_| session.append(CellKind::Markdown)><crate::kit::Icon name="plus"/>"Text"</button>
                        </div>
                    })}
                </div>
            </div>
        </main>
        {inspector::view(session)}
    }
}

/// What a dead kernel says, and the way on.
fn dead(session: Session) -> Option<AnyView> {
    let problem = session.kernel.with(|kernel| match kernel {
        Some(kernel) if kernel.state == KernelState::Dead => Some(kernel.problem.clone().unwrap_or_else(|| "It ended without a word.".into())),
        _ => None,
    })?;
    Some(
        view! {
            <div class="nb-note"><Callout kind="bad" title="The kernel has died" text=problem>
                <button type="button" class="btn btn-s" data-action="restart" on:click=move |_| session.restart(false)>"Restart the kernel"</button>
            </Callout></div>
        }
        .into_any(),
    )
}

fn commands(address: &Address, session: Session) {
    let all = vec![
        Command::new("notebook.run-all", "skip", "Run all cells", move || session.run_all()),
        Command::new("notebook.run", "play", "Run the cell", move || session.run_selected(false)).keys("Ctrl Enter"),
        Command::new("notebook.interrupt", "stop", "Interrupt the kernel", move || session.interrupt()).keys("I I"),
        Command::new("notebook.restart", "restart", "Restart the kernel", move || session.restart(false)).keys("0 0"),
        Command::new("notebook.restart-run-all", "restart", "Restart the kernel and run all cells", move || session.restart(true)),
        Command::new("notebook.clear", "trash", "Clear all outputs", move || session.clear_outputs(None)),
        Command::new("notebook.save", "download", "Save the notebook", move || session.save()).keys("Ctrl S"),
    ];
    use_commands(address, all);
}
