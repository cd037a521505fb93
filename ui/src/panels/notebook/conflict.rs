//! The file was changed by another program while edits here are unsaved: a choice, never a silent overwrite.

use super::session::Session;
use crate::api;
use crate::kit::{Callout, format};
use atelier_wire::studio::notebook::{Against, ConflictKind, Keep, ResolveConflict};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

pub fn view(session: Session) -> impl IntoView {
    move || {
        session.conflict.get().map(|conflict| {
            let when = conflict.changed_at.map(|at| format!(" at {}", format::clock(at))).unwrap_or_default();
            let (title, text) = match conflict.kind {
                ConflictKind::Changed => (format!("Another program changed this file{when}"), "Your edits are not saved yet, and nothing is written until you choose. To keep both, yours is written and the other is put beside it."),
                ConflictKind::Deleted => (format!("Another program removed this file{when}"), "Your edits are kept here, and nothing is written until you choose."),
            };
            let deleted = conflict.kind == ConflictKind::Deleted;
            view! {
                <div class="nb-note" data-conflict=if deleted { "deleted" } else { "changed" }>
                    <Callout kind="warn" title=title text=text>
                        <button type="button" class="btn btn-s btn-main" data-action="keep-mine" on:click=move |_| resolve(session, Keep::Mine)>{if deleted { "Write mine again" } else { "Keep mine" }}</button>
                        {(!deleted).then(|| view! {
                            <button type="button" class="btn btn-s" data-action="keep-theirs" on:click=move |_| resolve(session, Keep::Theirs)>"Take theirs"</button>
                            <button type="button" class="btn btn-s" data-action="keep-both" on:click=move |_| resolve(session, Keep::Both)>"Keep both"</button>
                            <button type="button" class="btn btn-s btn-bare" data-action="compare" on:click=move |_| session.diff.set(Some(Against::Disk))>"Compare…"</button>
                        })}
                    </Callout>
                </div>
            }
        })
    }
}

fn resolve(session: Session, keep: Keep) {
    spawn_local(async move {
        session.settled().await;
        if let Err(error) = api::call(ResolveConflict { path: session.path(), keep }).await {
            session.toasts.fail("The choice was not carried out", error.message);
        } else if keep == Keep::Theirs {
            session.load();
        }
    });
}
