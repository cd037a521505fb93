//! A text cell as it reads. Double click or Enter opens its source.

use super::cell_state::CellState;
use super::session::Session;
use super::{attach, tools};
use crate::kit::{format, markdown, math};
use atelier_wire::studio::notebook::Content;
use leptos::{html, prelude::*};

pub fn view(session: Session, cell: CellState, hover: RwSignal<bool>) -> impl IntoView {
    let state = StoredValue::new(cell.clone());
    let id = move || state.with_value(|cell| cell.id.clone());
    let html = Memo::new(move |_| {
        cell.attachments
            .with(|attachments| cell.source.with(|source| with_attachments(markdown::to_html(source), attachments)))
    });
    let empty = move || cell.source.with(|source| source.trim().is_empty());
    let body = NodeRef::<html::Div>::new();
    math::set_in(body, Signal::derive(move || html.track()));
    view! {
        <div class="cell-md md" on:dblclick=move |_| session.select(&id(), true) on:dragover=move |event| event.prevent_default() on:drop=move |event| {
            event.prevent_default();
            attach::files(session, &id(), attach::pictures(event.data_transfer()));
        }>
            {tools::view(session, state, hover)}
            {move || if empty() { view! { <p class="hint">"Empty text. Press Enter to write"</p> }.into_any() } else { view! { <div class="md-body" node_ref=body inner_html=html.get()></div> }.into_any() }}
            {move || cell.collapsed.get().then(|| {
                let count = session.section_len(&id());
                view! { <button type="button" class="btn btn-s btn-bare md-folded" data-action="unfold" on:click=move |_| session.fold(&id(), false)>{format::counted(count as u64, "cell folded away", "cells folded away")}</button> }
            })}
        </div>
    }
}

/// Gives the pictures of the text that are attachments their addresses. The Markdown part leaves such a picture
/// without one.
fn with_attachments(html: String, attachments: &std::collections::BTreeMap<String, Content>) -> String {
    let mut out = html;
    for (name, content) in attachments {
        let address = match content {
            Content::Blob { path, .. } => path.clone(),
            Content::Text(text) => format!("data:image/png;base64,{}", text.replace('\n', "")),
        };
        for spelled in [name.clone(), name.replace(' ', "%20")] {
            out = out
                .replace(&format!("src=\"attachment:{spelled}\""), &format!("src=\"{}\"", address.replace('"', "%22")));
        }
    }
    out
}
