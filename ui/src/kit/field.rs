//! Fields of forms: a label, the control, a hint or an error under it.

use super::Icon;
use leptos::prelude::*;

/// A line of a form: label left, control right, then a hint or what is wrong with it.
#[component]
pub fn FormLine(
    #[prop(into)] label: String,
    #[prop(optional, into)] hint: Signal<String>,
    #[prop(optional, into)] error: Signal<Option<String>>,
    children: Children,
) -> impl IntoView {
    view! {
        <label class="form-line">
            <span class="quiet">{label}</span>
            {children()}
            {move || match error.get() {
                Some(error) => Some(view! { <span class="err" role="alert"><Icon name="warn" class="i-s"/>{error}</span> }.into_any()),
                None => (!hint.with(String::is_empty)).then(|| view! { <span class="hint">{hint.get()}</span> }.into_any()),
            }}
        </label>
    }
}

/// A field for a line of text, bound to `value`.
#[component]
pub fn TextField(
    value: RwSignal<String>,
    #[prop(into)] name: String,
    #[prop(optional, into)] hint: Signal<String>,
    #[prop(optional, into)] bad: Signal<bool>,
    #[prop(default = "text")] kind: &'static str,
    #[prop(optional)] code: bool,
) -> impl IntoView {
    view! {
        <span class="field" class:is-bad=move || bad.get() class:code-s=code>
            <input type=kind aria-label=name.clone() name=name placeholder=move || hint.get() prop:value=move || value.get() autocomplete="off" spellcheck="false"
                aria-invalid=move || bad.get().to_string() on:input=move |event| value.set(event_target_value(&event))/>
        </span>
    }
}

/// A field that narrows a list.
#[component]
pub fn Search(
    value: RwSignal<String>,
    #[prop(into)] name: Signal<String>,
    #[prop(optional)] small: bool,
) -> impl IntoView {
    view! {
        <span class="field field-find" class:field-s=small role="search">
            <Icon name="search" class=if small { "i-s" } else { "" }/>
            <input type="text" aria-label=move || name.get() placeholder=move || name.get() prop:value=move || value.get() autocomplete="off" spellcheck="false"
                on:input=move |event| value.set(event_target_value(&event))
                on:keydown=move |event| if event.key() == "Escape" && !value.with_untracked(String::is_empty) { event.stop_propagation(); value.set(String::new()) }/>
        </span>
    }
}

/// A choice among a few: `(value, word)`.
#[component]
pub fn Select(
    value: RwSignal<String>,
    #[prop(into)] name: String,
    #[prop(into)] options: Signal<Vec<(String, String)>>,
) -> impl IntoView {
    view! {
        <span class="field field-select">
            <select aria-label=name.clone() name=name prop:value=move || { options.track(); value.get() } on:change=move |event| value.set(event_target_value(&event))>
                {move || options.get().into_iter().map(|(key, word)| {
                    let chosen = value.with_untracked(|value| *value == key);
                    view! { <option value=key selected=chosen>{word}</option> }
                }).collect_view()}
            </select>
            <Icon name="down" class="i-s"/>
        </span>
    }
}

/// A choice among two to five, all in view.
#[component]
pub fn Choice(
    value: RwSignal<String>,
    #[prop(into)] name: String,
    options: Vec<(&'static str, &'static str)>,
) -> impl IntoView {
    view! {
        <span class="seg" role="radiogroup" aria-label=name>
            {options.into_iter().map(|(key, word)| view! {
                <button type="button" role="radio" data-choice=key aria-checked=move || value.with(|value| value == key).to_string()
                    class:is-on=move || value.with(|value| value == key) on:click=move |_| value.set(key.to_owned())>{word}</button>
            }).collect_view()}
        </span>
    }
}

/// On or off.
#[component]
pub fn Switch(value: RwSignal<bool>, #[prop(into)] name: String) -> impl IntoView {
    view! {
        <button type="button" role="switch" class="switch" class:is-on=move || value.get() aria-label=name
            aria-checked=move || value.get().to_string() on:click=move |_| value.update(|on| *on = !*on)></button>
    }
}
