//! Copies a text and says that it did.

use super::Icon;
use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

/// Puts `text` on the clipboard. False when the browser refuses, as it does for windows without focus.
pub async fn copy_text(text: &str) -> bool {
    let Some(window) = web_sys::window() else { return false };
    if js_sys::Reflect::get(&window.navigator(), &"clipboard".into()).is_ok_and(|clipboard| clipboard.is_object()) {
        return JsFuture::from(window.navigator().clipboard().write_text(text)).await.is_ok();
    }
    false
}

/// A button that copies. With a `label` it is a word, without one an icon named by `name`.
#[component]
pub fn CopyButton(
    #[prop(into)] text: Signal<String>,
    #[prop(into)] name: String,
    #[prop(optional, into)] label: Option<String>,
    #[prop(default = "btn btn-s btn-bare")] class: &'static str,
) -> impl IntoView {
    let done = RwSignal::new(false);
    let copy = move |_| {
        let text = text.get_untracked();
        spawn_local(async move {
            if copy_text(&text).await {
                done.try_set(true);
                Timeout::new(1_400, move || {
                    done.try_set(false);
                })
                .forget();
            }
        });
    };
    let icon_only = label.is_none();
    let class = if icon_only { format!("{class} btn-icon") } else { class.to_owned() };
    view! {
        <button type="button" class=class aria-label=name.clone() title=name on:click=copy data-copy="">
            <Icon name=Signal::derive(move || if done.get() { "check" } else { "copy" })/>
            {label.map(|label| view! { <span>{move || if done.get() { "Copied".to_owned() } else { label.clone() }}</span> })}
        </button>
    }
}
