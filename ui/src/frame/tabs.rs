//! Tabs: each opens something that has an address. They keep their content while others are in front.

use super::{Address, use_frame};
use crate::kit::Icon;
use crate::panels::{icon_of, panel_of, title_of};
use leptos::{ev, prelude::*};

/// What a tab says beside its title.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TabMark {
    #[default]
    None,
    /// Something in it is not on disk yet.
    Unsaved,
    /// Something in it runs.
    Live,
}

#[derive(Clone)]
pub struct Tab {
    pub address: Address,
    pub mark: ArcRwSignal<TabMark>,
    /// Content is made when the tab first comes to the front.
    pub seen: ArcRwSignal<bool>,
}

impl Tab {
    pub fn new(address: Address) -> Self {
        Self { address, mark: ArcRwSignal::new(TabMark::None), seen: ArcRwSignal::new(false) }
    }
}

/// The tab that a panel's view stands in.
#[derive(Clone, Copy)]
pub struct OwnTab {
    /// Set it to show that something runs or is not saved.
    pub mark: RwSignal<TabMark>,
    /// Whether the tab is in front.
    pub shown: Signal<bool>,
}

pub fn use_tab() -> OwnTab {
    expect_context()
}

#[component]
pub fn TabStrip() -> impl IntoView {
    let frame = use_frame();
    let dragged = RwSignal::new(None::<Address>);
    view! {
        <div class="tabs">
            <div class="tabs-list" role="tablist" aria-label="Open tabs">
                <For each=move || frame.tabs.get() key=|tab| tab.address.clone() children=move |tab| view! { <TabHead tab dragged/> }/>
            </div>
            <div class="tabs-tools">
                <button type="button" class="btn btn-bare btn-icon" data-action="new-tab" aria-label="Open anything" title="Open anything  Ctrl+P"
                    on:click=move |_| frame.palette.set(super::palette::Open::Things)><Icon name="plus"/></button>
                <button type="button" class="btn btn-bare btn-icon" data-action="palette" aria-label="Commands" title="Commands  Ctrl+Shift+P"
                    on:click=move |_| frame.palette.set(super::palette::Open::Commands)><Icon name="command"/></button>
            </div>
        </div>
    }
}

#[component]
fn TabHead(tab: Tab, dragged: RwSignal<Option<Address>>) -> impl IntoView {
    let frame = use_frame();
    let address = StoredValue::new(tab.address.clone());
    let title = title_of(&tab.address);
    let icon = icon_of(&tab.address);
    let on = move || frame.active.with(|active| address.with_value(|address| active == address));
    let mark = RwSignal::from(tab.mark);
    let live = move || mark.get() == TabMark::Live;
    let close = move || frame.close(&address.get_value());
    let place = move || {
        // Puts the dragged tab where this one stands.
        let Some(moved) = dragged.get_untracked() else { return };
        let here = address.get_value();
        frame.tabs.update(|tabs| {
            let find = |address: &Address| tabs.iter().position(|tab| tab.address == *address);
            if let (Some(from), Some(to)) = (find(&moved), find(&here)) {
                let tab = tabs.remove(from);
                tabs.insert(to, tab);
            }
        });
        dragged.set(None);
    };
    view! {
        <div class="tab" role="tab" tabindex=move || if on() { "0" } else { "-1" } class:is-on=on data-tab=tab.address.to_string() title=tab.address.to_string().replace("atelier://", "")
            aria-selected=move || on().to_string() draggable="true" data-for=tab.address.kind.clone()
            on:click=move |_| frame.active.set(address.get_value())
            on:auxclick=move |event: ev::MouseEvent| if event.button() == 1 { event.prevent_default(); close() }
            on:keydown=move |event| match event.key().as_str() { "Enter" | " " => frame.active.set(address.get_value()), "Delete" => close(), "ArrowRight" => frame.step(1), "ArrowLeft" => frame.step(-1), _ => {} }
            on:dragstart=move |_| dragged.set(Some(address.get_value()))
            on:dragover=move |event| event.prevent_default()
            on:drop=move |event| { event.prevent_default(); place() }>
            <Icon name=Signal::derive(move || if live() { "live" } else { icon }) class=Signal::derive(move || if live() { "live spin" } else { "" })/>
            <span class="cut">{title}</span>
            {move || (mark.get() == TabMark::Unsaved).then(|| view! { <span class="tab-dot" title="Not saved yet"></span> })}
            <button type="button" class="tab-x" tabindex="-1" aria-label="Close tab" title="Close  Alt+W" data-action="close-tab"
                on:click=move |event| { event.stop_propagation(); close() }><Icon name="x"/></button>
        </div>
    }
}

/// The content of a tab: made when it first comes to the front, kept until it closes.
#[component]
pub fn Screen(tab: Tab) -> impl IntoView {
    let frame = use_frame();
    let address = StoredValue::new(tab.address.clone());
    let shown = Signal::derive(move || frame.active.with(|active| address.with_value(|address| active == address)));
    let seen = RwSignal::from(tab.seen.clone());
    Effect::new(move |_| {
        // Home is in front until it is known what was open the last time, and is not made for that moment.
        if shown.get() && frame.restored.get() && !seen.get_untracked() {
            seen.set(true);
        }
    });
    provide_context(OwnTab { mark: RwSignal::from(tab.mark.clone()), shown });
    let panel = panel_of(&tab.address);
    view! {
        <section class="screen" class:is-on=move || shown.get() role="tabpanel" data-panel=panel.id data-address=tab.address.to_string()>
            {move || seen.get().then(|| (panel.open)(address.get_value()))}
        </section>
    }
}
