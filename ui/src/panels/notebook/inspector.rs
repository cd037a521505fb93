//! Beside the notebook: variables, outline, the cell that is on.

use super::session::Session;
use super::{cell_facts, outline, variables};
use leptos::prelude::*;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Page {
    Variables,
    Outline,
    Cell,
}

const PAGES: [(Page, &str, &str); 3] =
    [(Page::Variables, "Variables", "variables"), (Page::Outline, "Outline", "outline"), (Page::Cell, "Cell", "cell")];

pub fn view(session: Session) -> impl IntoView {
    let page = RwSignal::new(Page::Variables);
    view! {
        <aside class="inspector" aria-label="Variables, outline and cell">
            <div class="inspector-head"><div class="subtabs" role="tablist">
                {PAGES.iter().map(|(of, title, id)| view! {
                    <button type="button" role="tab" class:is-on=move || page.get() == *of aria-selected=move || (page.get() == *of).to_string() data-inspector=*id on:click=move |_| page.set(*of)>{*title}</button>
                }).collect_view()}
            </div></div>
            {move || match page.get() {
                Page::Variables => variables::view(session).into_any(),
                Page::Outline => view! { <div class="scroll">{outline::view(session)}</div> }.into_any(),
                Page::Cell => view! { <div class="scroll">{cell_facts::view(session)}</div> }.into_any(),
            }}
        </aside>
    }
}
