//! The window: rail, tabs, the open thing, status bar; over them palette, dialogs and toasts.

use crate::api;
use crate::frame::command::Commands;
use crate::frame::palette::{Open, Palette};
use crate::frame::rail::Rail;
use crate::frame::status::StatusBar;
use crate::frame::tabs::{Screen, TabStrip};
use crate::frame::{Frame, command};
use crate::kit::toast::{ToastStack, Toasts};
use crate::kit::{Callout, Confirm};
use leptos::{ev, prelude::*};

#[component]
pub fn App() -> impl IntoView {
    if api::token().is_none() {
        return view! { <NoToken/> }.into_any();
    }
    provide_context(Toasts::default());
    provide_context(Commands(RwSignal::new(Vec::new())));
    let frame = Frame::provide();
    let keys = window_event_listener(ev::keydown, move |event| on_key(frame, &event));
    on_cleanup(move || keys.remove());
    view! {
        <div class="app" data-app="atelier">
            <Rail/>
            <TabStrip/>
            <For each=move || frame.tabs.get() key=|tab| tab.address.clone() children=move |tab| view! { <Screen tab/> }/>
            <StatusBar/>
        </div>
        <Palette/>
        <Confirm question=frame.question/>
        <ToastStack/>
    }
    .into_any()
}

/// Keys that mean the same wherever the focus is.
fn on_key(frame: Frame, event: &ev::KeyboardEvent) {
    let ctrl = event.ctrl_key() || event.meta_key();
    let key = event.key().to_lowercase();
    let asked = match (ctrl, event.shift_key(), event.alt_key(), key.as_str()) {
        (true, true, false, "p") | (true, false, false, "k") => {
            frame.palette.set(Open::Commands);
            true
        }
        (true, false, false, "p") => {
            frame.palette.set(Open::Things);
            true
        }
        _ => {
            let shown = shown_keys(ctrl, event.shift_key(), event.alt_key(), &key);
            let command = command::of_frame(frame)
                .into_iter()
                .find(|command| !command.keys.is_empty() && command.keys.to_lowercase() == shown);
            command.map(|command| (command.act)()).is_some()
        }
    };
    if asked {
        event.prevent_default();
        event.stop_propagation();
    }
}

/// As [`crate::frame::Command::keys`] spells it, in small letters.
fn shown_keys(ctrl: bool, shift: bool, alt: bool, key: &str) -> String {
    let parts = [(ctrl, "ctrl"), (alt, "alt"), (shift, "shift"), (true, key)];
    parts.iter().filter(|(on, _)| *on).map(|(_, part)| *part).collect::<Vec<_>>().join(" ")
}

/// What a browser shows that was not given the session's token.
#[component]
fn NoToken() -> impl IntoView {
    view! {
        <main class="no-token" data-app="no-token">
            <Callout kind="warn" title="This window has no key to the platform"
                text="Open the address that `atelier serve` prints on its second line: it carries the key after the # sign. A key is good until the backend stops."/>
        </main>
    }
}
