//! A cell that waits for a person: a field under it. Enter answers, Escape interrupts.

use super::cell_state::CellState;
use super::session::Session;
use crate::kit::Icon;
use leptos::{ev, html, prelude::*};

pub fn view(session: Session, cell: &CellState) -> impl IntoView + use<> {
    let id = StoredValue::new(cell.id.clone());
    let kernel = cell.kernel;
    let asked = Memo::new(move |_| session.input.get().filter(|input| id.with_value(|id| *id == input.cell)));
    move || {
        asked.get().map(|asked| {
            let field = NodeRef::<html::Input>::new();
            let text = RwSignal::new(String::new());
            let mine = id.with_value(|id| session.selected.with_untracked(|on| on.as_ref() == Some(id))) || !session.editing.get_untracked() && session.running.with_untracked(Vec::len) == 1 && session.loaded.get_untracked();
            Effect::new(move |_| {
                // Somebody who types elsewhere goes on there.
                if let Some(field) = field.get().filter(|_| mine) {
                    // A field that was just drawn takes the focus.
                    let _ = field.focus();
                }
            });
            let name = asked.kernel.clone();
            let answer = StoredValue::new(move || session.answer(name.clone(), text.get_untracked()));
            let send = move || {
                answer.with_value(|answer| answer());
                session.select(&id.get_value(), false);
            };
            let cancel = move || session.interrupt(kernel.get_untracked());
            let key = move |event: ev::KeyboardEvent| {
                match event.key().as_str() {
                    "Enter" => send(),
                    "Escape" => cancel(),
                    _ => return event.stop_propagation(),
                }
                event.prevent_default();
                event.stop_propagation();
            };
            view! {
                <form class="cell-input" data-input="" on:submit=move |event| { event.prevent_default(); send() }>
                    <label><span class="code-s">{asked.prompt.clone()}</span>
                        <span class="field grow"><input node_ref=field type=if asked.password { "password" } else { "text" } autocomplete="off" spellcheck="false"
                            aria-label=if asked.prompt.trim().is_empty() { "The cell asks".to_owned() } else { asked.prompt.clone() }
                            prop:value=move || text.get() on:input=move |event| text.set(event_target_value(&event)) on:keydown=key/></span>
                    </label>
                    <button type="submit" class="btn btn-s btn-main" data-action="answer">"Answer"</button>
                    <button type="button" class="btn btn-s btn-bare" data-action="cancel-input" title="Interrupt the cell  Esc" on:click=move |_| cancel()><Icon name="stop"/>"Interrupt"</button>
                </form>
            }
        })
    }
}
