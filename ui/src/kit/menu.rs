//! A menu under a button: opens on click, closes on choice, Escape or a click elsewhere; arrows move.

use super::Icon;
use leptos::{ev, html, prelude::*};
use std::sync::Arc;
use wasm_bindgen::JsCast;

/// A line of a menu.
#[derive(Clone)]
pub struct MenuItem {
    pub icon: &'static str,
    pub label: String,
    /// A shortcut to show, such as `D D`.
    pub keys: &'static str,
    pub bad: bool,
    pub act: Arc<dyn Fn() + Send + Sync>,
}

impl MenuItem {
    pub fn new(icon: &'static str, label: impl Into<String>, act: impl Fn() + Send + Sync + 'static) -> Self {
        Self { icon, label: label.into(), keys: "", bad: false, act: Arc::new(act) }
    }

    pub fn keys(mut self, keys: &'static str) -> Self {
        self.keys = keys;
        self
    }

    /// Marks what destroys something.
    pub fn bad(mut self) -> Self {
        self.bad = true;
        self
    }
}

/// A button with `name` that shows `items`. `children` are the button's inside.
#[component]
pub fn Menu(
    #[prop(into)] name: String,
    #[prop(into)] items: Signal<Vec<MenuItem>>,
    #[prop(default = "btn btn-s btn-bare btn-icon")] class: &'static str,
    children: Children,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let root = NodeRef::<html::Span>::new();
    let away = window_event_listener(ev::pointerdown, move |event| {
        let inside =
            root.get_untracked().zip(event.target()).is_some_and(|(root, target)| root.contains(target.dyn_ref()));
        if !inside && open.get_untracked() {
            open.set(false);
        }
    });
    on_cleanup(move || away.remove());
    let focus = move |step: i32| {
        let Some(root) = root.get_untracked() else { return };
        let Ok(all) = root.query_selector_all(".menu-item") else { return };
        let here = document().active_element();
        let at = (0..all.length()).find(|&at| all.get(at).as_ref() == here.as_ref().map(|element| element.as_ref()));
        let next =
            (at.map_or(if step > 0 { 0 } else { -1 }, |at| at as i32 + step)).rem_euclid(all.length().max(1) as i32);
        if let Some(item) = all.get(next as u32).and_then(|node| node.dyn_into::<web_sys::HtmlElement>().ok()) {
            // An element that cannot take the focus leaves it where it is.
            let _ = item.focus();
        }
    };
    let key = move |event: ev::KeyboardEvent| match event.key().as_str() {
        "Escape" if open.get_untracked() => {
            event.stop_propagation();
            open.set(false);
        }
        "ArrowDown" if open.get_untracked() => {
            event.prevent_default();
            focus(1);
        }
        "ArrowUp" if open.get_untracked() => {
            event.prevent_default();
            focus(-1);
        }
        _ => {}
    };
    view! {
        <span class="menu-root" node_ref=root on:keydown=key>
            <button type="button" class=class aria-haspopup="menu" aria-expanded=move || open.get().to_string() aria-label=name.clone() title=name
                on:click=move |event| { event.stop_propagation(); open.update(|open| *open = !*open) }>{children()}</button>
            {move || open.get().then(|| view! {
                <div class="menu" role="menu">
                    {items.get().into_iter().map(|item| {
                        let (act, name) = (item.act.clone(), item.label.clone());
                        view! {
                            <button type="button" role="menuitem" class="menu-item" class:is-bad=item.bad data-item=name
                                on:click=move |event| { event.stop_propagation(); open.set(false); act() }>
                                <Icon name=item.icon/><span class="grow">{item.label}</span><span class="kbd">{item.keys}</span>
                            </button>
                        }
                    }).collect_view()}
                </div>
            })}
        </span>
    }
}
