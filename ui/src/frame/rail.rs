//! The rail: the panels, and nothing else.

use super::use_frame;
use crate::api::Link;
use crate::kit::Icon;
use crate::panels::{PANELS, Panel, Place, panel_of};
use leptos::prelude::*;

#[component]
pub fn Rail() -> impl IntoView {
    let frame = use_frame();
    let items = |place: Place| {
        PANELS.iter().filter(move |panel| panel.place == place).map(|panel| view! { <RailItem panel/> }).collect_view()
    };
    let address = move || {
        frame.studio.value.with(|studio| studio.as_ref().map(|studio| studio.address.clone())).unwrap_or_default()
    };
    let platform = move || match frame.link.get() {
        Link::Up => format!("Platform at {}", address().trim_start_matches("http://")),
        Link::Connecting => "Connecting to the platform".to_owned(),
        Link::Down => "The platform does not answer; connecting again".to_owned(),
    };
    view! {
        <nav class="rail" aria-label="Panels">
            {items(Place::Rail)}
            <span class="rail-sep"></span>
            <button type="button" class="rail-item" class:is-down=move || frame.link.get() == Link::Down data-action="platform"
                aria-label=platform title=platform on:click=move |_| frame.open("settings")><Icon name="server"/></button>
            {items(Place::Foot)}
        </nav>
    }
}

#[component]
fn RailItem(panel: &'static Panel) -> impl IntoView {
    let frame = use_frame();
    let on = move || frame.active.with(|active| panel_of(active).id == panel.id);
    let badge = Memo::new(move |_| {
        panel.badge.map_or(0, |badge| frame.machine.value.with(|machine| machine.as_ref().map_or(0, badge)))
    });
    let label = move || {
        if badge.get() > 0 { format!("{}, {} running", panel.title, badge.get()) } else { panel.title.to_owned() }
    };
    view! {
        <button type="button" class="rail-item" class:is-on=on data-rail=panel.id aria-label=label title=label aria-current=move || on().then_some("page")
            on:click=move |_| frame.open(panel.id)>
            <Icon name=panel.icon/>
            {move || (badge.get() > 0).then(|| view! { <span class="rail-badge" aria-hidden="true">{badge.get()}</span> })}
        </button>
    }
}
