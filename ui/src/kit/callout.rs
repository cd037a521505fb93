//! Inline words for what blocks: what was tried, what went wrong, what to do next.

use super::Icon;
use leptos::prelude::*;

/// A framed word in the page. Children are the buttons.
#[component]
pub fn Callout(
    #[prop(default = "note")] kind: &'static str,
    #[prop(into)] title: Signal<String>,
    #[prop(optional, into)] text: Signal<String>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let (class, icon) = match kind {
        "bad" => ("callout", "fail"),
        "warn" => ("callout callout-warn", "warn"),
        _ => ("callout callout-note", "info"),
    };
    view! {
        <div class=class role=if kind == "bad" { "alert" } else { "status" }>
            <Icon name=icon/>
            <div>
                <p class="medium">{move || title.get()}</p>
                {move || (!text.with(String::is_empty)).then(|| view! { <p class="quiet wrap">{text.get()}</p> })}
            </div>
            {children.map(|children| view! { <div class="acts">{children()}</div> })}
        </div>
    }
}

/// An error where it blocks: the title says what was tried; code and message come from the door.
#[component]
pub fn ErrorNote(
    #[prop(into)] tried: Signal<String>,
    #[prop(into)] code: Signal<String>,
    #[prop(into)] message: Signal<String>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="callout" role="alert" data-error=move || code.get()>
            <Icon name="fail"/>
            <div>
                <p class="medium">{move || tried.get()}</p>
                <p class="wrap">{move || message.get()}</p>
                <details class="small hint"><summary>"Details"</summary><span class="code-s">{move || code.get()}</span></details>
            </div>
            {children.map(|children| view! { <div class="acts">{children()}</div> })}
        </div>
    }
}
