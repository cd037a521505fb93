//! Dialogs on the platform's own `<dialog>`: focus is kept inside, Escape closes, the rest is inert.

use super::Icon;
use gloo_timers::callback::Timeout;
use leptos::{ev, html, prelude::*};
use std::sync::Arc;
use wasm_bindgen::JsCast;

/// A dialog while `open` is true. `children` are made anew each time it opens.
#[component]
pub fn Dialog(
    open: RwSignal<bool>,
    #[prop(into)] title: Signal<String>,
    #[prop(optional, into)] text: Signal<String>,
    children: ChildrenFn,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let Some(dialog) = node.get() else { return };
        if open.get() && !dialog.open() {
            // Fails only if it is shown already.
            let _ = dialog.show_modal();
            // Its content is made in this turn: the focus goes there in the next.
            Timeout::new(0, move || focus_first(&dialog)).forget();
        } else if !open.get() && dialog.open() {
            dialog.close();
        }
    });
    let children = StoredValue::new(children);
    view! {
        <dialog node_ref=node class="dialog" aria-label=move || title.get() on:close=move |_| open.set(false)
            on:keydown=move |event: ev::KeyboardEvent| event.stop_propagation()>
            {move || open.get().then(|| view! {
                <div class="dialog-head">
                    <h2 class="title">{move || title.get()}</h2>
                    {move || (!text.with(String::is_empty)).then(|| view! { <p class="quiet wrap">{text.get()}</p> })}
                </div>
                {children.with_value(|children| children())}
            })}
        </dialog>
    }
}

/// Gives the keys to what asked for them, else to the first field.
fn focus_first(dialog: &web_sys::HtmlDialogElement) {
    let found = ["[autofocus]", "input, textarea, select"]
        .iter()
        .find_map(|wanted| dialog.query_selector(wanted).ok().flatten());
    if let Some(element) = found.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
        // An element of an open dialog takes the focus; if it is gone again there is nothing to do.
        let _ = element.focus();
    }
}

/// What depends on a thing that is to go: icon, name, and what becomes of it.
#[derive(Clone)]
pub struct Depends {
    pub icon: &'static str,
    pub name: String,
    pub fate: String,
}

/// A question before something is destroyed.
#[derive(Clone)]
pub struct Question {
    /// `Delete endpoint housing-price?`
    pub title: String,
    pub text: String,
    pub depends: Vec<Depends>,
    /// The word on the red button, `Delete`.
    pub word: String,
    pub act: Arc<dyn Fn() + Send + Sync>,
}

impl Question {
    pub fn new(title: impl Into<String>, word: impl Into<String>, act: impl Fn() + Send + Sync + 'static) -> Self {
        Self { title: title.into(), text: String::new(), depends: Vec::new(), word: word.into(), act: Arc::new(act) }
    }

    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.text = text.into();
        self
    }

    pub fn depends(mut self, icon: &'static str, name: impl Into<String>, fate: impl Into<String>) -> Self {
        self.depends.push(Depends { icon, name: name.into(), fate: fate.into() });
        self
    }
}

/// Asks before it acts: set `question` to ask.
#[component]
pub fn Confirm(question: RwSignal<Option<Question>>) -> impl IntoView {
    let open = RwSignal::new(false);
    Effect::new(move |_| open.set(question.with(Option::is_some)));
    Effect::new(move |_| {
        if !open.get() && question.with_untracked(Option::is_some) {
            question.set(None);
        }
    });
    let title = Signal::derive(move || {
        question.with(|asked| asked.as_ref().map(|asked| asked.title.clone()).unwrap_or_default())
    });
    let text = Signal::derive(move || {
        question.with(|asked| asked.as_ref().map(|asked| asked.text.clone()).unwrap_or_default())
    });
    view! {
        <Dialog open title text>
            {move || question.get_untracked().map(|asked| {
                let act = asked.act.clone();
                view! {
                    <div class="dialog-body">
                        {(!asked.depends.is_empty()).then(|| view! {
                            <ul class="depends">{asked.depends.into_iter().map(|item| view! {
                                <li><Icon name=item.icon/><span class="cut grow">{item.name}</span><span class="hint small">{item.fate}</span></li>
                            }).collect_view()}</ul>
                        })}
                    </div>
                    <div class="dialog-foot">
                        <span class="grow"></span>
                        <button type="button" class="btn" autofocus on:click=move |_| open.set(false)>"Keep"</button>
                        <button type="button" class="btn btn-bad" data-action="confirm" on:click=move |_| { open.set(false); act() }>{asked.word}</button>
                    </div>
                }
            })}
        </Dialog>
    }
}
