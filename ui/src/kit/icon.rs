//! An icon of `assets/icons/icons.svg`, by the name behind `i-`.

use leptos::prelude::*;

/// `name` as in `home`, `jobs`, `done`. Icons say nothing to a screen reader: the control around them does.
#[component]
pub fn Icon(
    #[prop(into)] name: Signal<&'static str>,
    #[prop(optional, into)] class: Signal<&'static str>,
) -> impl IntoView {
    view! {
        <svg class=move || format!("i {}", class.get()) aria-hidden="true">
            <use href=move || format!("#i-{}", name.get())></use>
        </svg>
    }
}
