//! Toasts: for what passes. What blocks is said inline.

use super::{Icon, Tone};
use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use std::sync::Arc;

/// What a toast offers: a word and what it does.
pub type Offer = (String, Arc<dyn Fn() + Send + Sync>);

#[derive(Clone)]
pub struct Toast {
    pub tone: Tone,
    pub title: String,
    pub text: String,
    pub offers: Vec<Offer>,
}

impl Toast {
    pub fn new(tone: Tone, title: impl Into<String>) -> Self {
        Self { tone, title: title.into(), text: String::new(), offers: Vec::new() }
    }

    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.text = text.into();
        self
    }

    pub fn offer(mut self, word: impl Into<String>, act: impl Fn() + Send + Sync + 'static) -> Self {
        self.offers.push((word.into(), Arc::new(act)));
        self
    }
}

/// Shows toasts. In the context of the whole window: [`use_toasts`].
#[derive(Clone, Copy)]
pub struct Toasts {
    shown: RwSignal<Vec<(u64, Toast)>>,
    next: StoredValue<u64>,
}

impl Default for Toasts {
    fn default() -> Self {
        Self { shown: RwSignal::new(Vec::new()), next: StoredValue::new(0) }
    }
}

pub fn use_toasts() -> Toasts {
    expect_context()
}

impl Toasts {
    /// Shows a toast: 6 s, 12 s when it offers something or tells of a failure. At most four stand at a time.
    pub fn show(&self, toast: Toast) {
        let id = self
            .next
            .try_update_value(|next| {
                *next += 1;
                *next
            })
            .unwrap_or_default();
        let long = !toast.offers.is_empty() || toast.tone == Tone::Bad;
        self.shown.update(|shown| {
            shown.push((id, toast));
            let over = shown.len().saturating_sub(4);
            shown.drain(..over);
        });
        let this = *self;
        Timeout::new(if long { 12_000 } else { 6_000 }, move || this.close(id)).forget();
    }

    /// Says that something went wrong: what was tried, and the message.
    pub fn fail(&self, tried: impl Into<String>, message: impl std::fmt::Display) {
        self.show(Toast::new(Tone::Bad, tried).text(message.to_string()));
    }

    fn close(&self, id: u64) {
        self.shown.try_update(|shown| shown.retain(|(other, _)| *other != id));
    }
}

/// Where toasts stand. Once in the window.
#[component]
pub fn ToastStack() -> impl IntoView {
    let toasts = use_toasts();
    view! {
        <div class="toasts" role="status" aria-live="polite">
            <For each=move || toasts.shown.get() key=|(id, _)| *id children=move |(id, toast)| {
                let tone = toast.tone;
                let name = toast.title.clone();
                view! {
                    <div class="toast" data-toast=name>
                        <span class=format!("state {}", tone.class())><Icon name=if tone == Tone::Wait { "info" } else { tone.icon() }/></span>
                        <div><p class="strong">{toast.title}</p>{(!toast.text.is_empty()).then(|| view! { <p class="quiet wrap">{toast.text}</p> })}</div>
                        <button type="button" class="btn btn-bare btn-icon btn-s" aria-label="Dismiss" title="Dismiss" on:click=move |_| toasts.close(id)><Icon name="x"/></button>
                        {(!toast.offers.is_empty()).then(|| view! {
                            <div class="acts">{toast.offers.into_iter().map(|(word, act)| view! {
                                <button type="button" class="btn btn-s" on:click=move |_| { toasts.close(id); act() }>{word}</button>
                            }).collect_view()}</div>
                        })}
                    </div>
                }
            }/>
        </div>
    }
}
