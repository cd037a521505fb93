//! Light, dark, or as the system has it.

use leptos::prelude::document;
use serde::{Deserialize, Serialize};
use web_sys::window;

const KEY: &str = "atelier-theme";

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    pub fn id(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    pub fn from_id(id: &str) -> Self {
        match id {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::System,
        }
    }

    /// What this browser had last: known before the backend answers, so that nothing flashes.
    pub fn remembered() -> Self {
        let storage = window().and_then(|window| window.local_storage().ok().flatten());
        storage.and_then(|storage| storage.get_item(KEY).ok().flatten()).map_or(Self::System, |id| Self::from_id(&id))
    }

    /// Puts it on the page.
    pub fn apply(self) {
        let Some(root) = document().document_element() else { return };
        // Neither call fails on an element and a name like these; without storage the backend remembers.
        let _ = match self {
            Self::System => root.remove_attribute("data-theme"),
            chosen => root.set_attribute("data-theme", chosen.id()),
        };
        if let Some(storage) = window().and_then(|window| window.local_storage().ok().flatten()) {
            let _ = storage.set_item(KEY, self.id());
        }
    }

    /// Whether the window is dark now.
    pub fn is_dark(self) -> bool {
        match self {
            Self::Light => false,
            Self::Dark => true,
            Self::System => {
                let query =
                    window().and_then(|window| window.match_media("(prefers-color-scheme: dark)").ok().flatten());
                query.is_some_and(|query| query.matches())
            }
        }
    }
}
