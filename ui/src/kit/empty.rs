//! Nothing here yet, and nothing here so far.

use super::Icon;
use leptos::prelude::*;

/// An empty list: what would stand here, and as children the one action that fills it.
#[component]
pub fn Empty(
    icon: &'static str,
    #[prop(into)] title: Signal<String>,
    #[prop(into)] text: Signal<String>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty" data-empty="">
            <Icon name=icon/>
            <h2 class="strong" style="color: var(--text)">{move || title.get()}</h2>
            <p>{move || text.get()}</p>
            {children.map(|children| view! { <div class="row">{children()}</div> })}
        </div>
    }
}

/// The bones of what is loading. They appear after 100 ms, never before.
#[component]
pub fn Bones(#[prop(default = 3)] lines: usize) -> impl IntoView {
    let widths = ["76%", "92%", "52%", "84%", "64%"];
    view! {
        <div class="bones" aria-busy="true" aria-label="Loading">
            {(0..lines).map(|line| view! { <div class="bone" style:width=widths[line % widths.len()]></div> }).collect_view()}
        </div>
    }
}
