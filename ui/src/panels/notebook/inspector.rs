//! Beside the notebook: variables, outline, the cell that is on.

use super::session::Session;
use super::{cell_facts, outline};
use leptos::prelude::*;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Page {
    Outline,
    Cell,
}

const PAGES: [(Page, &str, &str); 2] = [(Page::Outline, "Outline", "outline"), (Page::Cell, "Cell", "cell")];

pub fn view(session: Session) -> impl IntoView {
    let page = RwSignal::new(Page::Outline);
    view! {
        <aside class="inspector" aria-label="Variables, outline and cell">
            <div class="inspector-head"><div class="subtabs" role="tablist">
                {PAGES.iter().map(|(of, title, id)| view! {
                    <button type="button" role="tab" class:is-on=move || page.get() == *of aria-selected=move || (page.get() == *of).to_string() data-inspector=*id on:click=move |_| page.set(*of)>{*title}</button>
                }).collect_view()}
            </div></div>
            <div class="scroll">
                {move || match page.get() {
                    Page::Outline => outline::view(session).into_any(),
                    Page::Cell => cell_facts::view(session).into_any(),
                }}
            </div>
        </aside>
    }
}
