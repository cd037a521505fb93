//! What stands in a cell: its gutter, its source or its set text, what it asks a person, its outputs.

use super::cell_state::CellState;
use super::output::CellOutputs;
use super::session::Session;
use super::{gutter, input, source, text_cell};
use crate::kit::Icon;
use leptos::prelude::*;

/// What stands in a cell: made when it first comes near the screen. Until then it is as tall as it will be, more or less,
/// and holds its source as plain text, for the browser's own find and for screen readers.
pub fn view(session: Session, cell: CellState, hover: RwSignal<bool>, shows_set: Memo<bool>) -> AnyView {
    let (body, under) = (cell.clone(), cell.clone());
    let (hidden, outputs_hidden) = (cell.source_hidden, cell.outputs_hidden);
    view! {
        {gutter::view(session, &cell)}
        {move || {
            let body = body.clone();
            if hidden.get() {
                let id = body.id.clone();
                view! { <button type="button" class="cell-hidden" data-action="show-source" on:click=move |_| session.toggle_hidden(std::slice::from_ref(&id), false)><Icon name="eye-off" class="i-s"/>"Source hidden"</button> }.into_any()
            } else if shows_set.get() {
                text_cell::view(session, body, hover).into_any()
            } else {
                source::view(session, body, hover).into_any()
            }
        }}
        {input::view(session, &cell)}
        {move || {
            let under = under.clone();
            if outputs_hidden.get() {
                let id = under.id.clone();
                let any = under.outputs.with(|slots| !slots.is_empty()) || under.num_deferred.get() > 0;
                any.then(|| view! { <button type="button" class="cell-hidden" data-action="show-outputs" on:click=move |_| session.toggle_hidden(std::slice::from_ref(&id), true)><Icon name="eye-off" class="i-s"/>"Outputs hidden"</button> }.into_any())
            } else {
                Some(view! { <CellOutputs session cell=under/> }.into_any())
            }
        }}
    }
    .into_any()
}
