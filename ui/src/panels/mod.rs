//! The panels: a file or folder each, and a line each in [`PANELS`].
//!
//! A panel's `open` gets the address of a tab and returns `<main class="work">…</main>`, followed by an
//! `<aside class="inspector">…</aside>` where it has one. Its own page has the address `atelier://<id>`; the things
//! it opens are those that `opens` says yes to. In its view, [`crate::frame::use_tab`] tells whether the tab is in
//! front and sets its mark, [`crate::frame::use_commands`] adds commands to the palette, and [`crate::live::live`]
//! reads from the door and keeps what was read up to date.

pub mod data;
pub mod endpoints;
pub mod files;
pub mod home;
pub mod jobs;
pub mod notebook;
pub mod packages;
pub mod settings;

use crate::frame::Address;
use atelier_wire::studio::home::Machine;
use leptos::prelude::AnyView;

/// Where a panel's button stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Rail,
    Foot,
    /// Opened by addresses only.
    Nowhere,
}

pub struct Panel {
    /// Also `data-panel` of its screens and `data-rail` of its button.
    pub id: &'static str,
    pub title: &'static str,
    pub icon: &'static str,
    pub place: Place,
    /// Whether it opens this thing.
    pub opens: fn(&Address) -> bool,
    pub open: fn(Address) -> AnyView,
    /// A number on the rail: how many of it run.
    pub badge: Option<fn(&Machine) -> usize>,
}

/// In the rail's order. `files` opens every file that no other panel wants.
pub static PANELS: &[Panel] = &[
    Panel {
        id: "home",
        title: "Home",
        icon: "home",
        place: Place::Rail,
        opens: |_| false,
        open: home::open,
        badge: None,
    },
    Panel {
        id: "notebook",
        title: "Notebook",
        icon: "notebook",
        place: Place::Nowhere,
        opens: |thing| thing.kind == "file" && thing.extension() == "ipynb",
        open: notebook::open,
        badge: None,
    },
    Panel {
        id: "files",
        title: "Files",
        icon: "files",
        place: Place::Rail,
        opens: |thing| thing.kind == "file" && thing.extension() != "ipynb" && !data::opens(thing),
        open: files::open,
        badge: None,
    },
    Panel {
        id: "data",
        title: "Data",
        icon: "data",
        place: Place::Rail,
        opens: data::opens,
        open: data::open,
        badge: None,
    },
    Panel {
        id: "jobs",
        title: "Jobs",
        icon: "jobs",
        place: Place::Rail,
        opens: |thing| matches!(thing.kind.as_str(), "training-job" | "transform-job"),
        open: jobs::open,
        badge: Some(|machine| machine.jobs_running),
    },
    Panel {
        id: "endpoints",
        title: "Endpoints",
        icon: "endpoints",
        place: Place::Rail,
        opens: |thing| thing.kind == "endpoint",
        open: endpoints::open,
        badge: None,
    },
    Panel {
        id: "packages",
        title: "Packages",
        icon: "box",
        place: Place::Nowhere,
        opens: |thing| thing.kind == "packages",
        open: packages::open,
        badge: None,
    },
    Panel {
        id: "output",
        title: "Output",
        icon: "chart",
        place: Place::Nowhere,
        opens: |thing| thing.kind == "output",
        open: notebook::open_output,
        badge: None,
    },
    Panel {
        id: "settings",
        title: "Settings",
        icon: "settings",
        place: Place::Foot,
        opens: |_| false,
        open: settings::open,
        badge: None,
    },
];

/// The panel that shows this address; Home when there is none.
pub fn panel_of(address: &Address) -> &'static Panel {
    let found =
        PANELS.iter().find(|panel| if address.is_thing() { (panel.opens)(address) } else { panel.id == address.kind });
    found.unwrap_or(&PANELS[0])
}

/// The icon of a tab or of a line in the palette.
pub fn icon_of(address: &Address) -> &'static str {
    let panel = panel_of(address);
    if panel.id == "files" && address.is_thing() { "file" } else { panel.icon }
}

pub fn title_of(address: &Address) -> String {
    if address.kind == "output" && address.is_thing() {
        return notebook::output_title(address);
    }
    if address.is_thing() { address.leaf().to_owned() } else { panel_of(address).title.to_owned() }
}
