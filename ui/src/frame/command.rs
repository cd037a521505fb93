//! Commands: what the palette reaches and what keys do. The frame has its own; a panel adds its own while it lives.

use super::{Address, Frame};
use crate::panels::{PANELS, Place};
use leptos::prelude::*;
use std::sync::Arc;

#[derive(Clone)]
pub struct Command {
    /// Stable: `notebook.run-all`. Also the palette's `data-command`.
    pub id: String,
    pub title: String,
    pub icon: &'static str,
    /// Keys to show, parted by spaces: `Ctrl Shift P`.
    pub keys: &'static str,
    pub act: Arc<dyn Fn() + Send + Sync>,
}

impl Command {
    pub fn new(
        id: impl Into<String>,
        icon: &'static str,
        title: impl Into<String>,
        act: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        Self { id: id.into(), title: title.into(), icon, keys: "", act: Arc::new(act) }
    }

    pub fn keys(mut self, keys: &'static str) -> Self {
        self.keys = keys;
        self
    }
}

/// The commands of panels: each list with the address of the tab that it belongs to.
#[derive(Clone, Copy)]
pub struct Commands(pub RwSignal<Vec<(Address, Command)>>);

/// Offers commands while the panel that calls this lives and its tab is in front.
pub fn use_commands(address: &Address, commands: Vec<Command>) {
    let Commands(all) = expect_context();
    let owner = address.clone();
    all.update(|all| all.extend(commands.into_iter().map(|command| (owner.clone(), command))));
    let owner = address.clone();
    on_cleanup(move || {
        all.try_update(|all| all.retain(|(of, _)| *of != owner));
    });
}

/// The frame's own commands.
pub fn of_frame(frame: Frame) -> Vec<Command> {
    use super::{keymap::Keymap, theme::Theme};
    let mut out: Vec<Command> = PANELS
        .iter()
        .filter(|panel| panel.place != Place::Nowhere)
        .map(|panel| {
            Command::new(format!("open.{}", panel.id), panel.icon, format!("Go to {}", panel.title), move || {
                frame.open(panel.id)
            })
        })
        .collect();
    out.push(Command::new("file.new-notebook", "notebook", "New Python notebook", move || {
        crate::panels::files::new_notebook(frame)
    }));
    out.push(Command::new("open.packages", "box", "Packages and environments", move || frame.open("packages")));
    out.push(
        Command::new("tab.close", "x", "Close tab", move || frame.close(&frame.active.get_untracked())).keys("Alt W"),
    );
    out.push(Command::new("tab.reopen", "undo", "Reopen closed tab", move || frame.reopen()).keys("Ctrl Shift T"));
    out.push(Command::new("tab.next", "arrow", "Next tab", move || frame.step(1)).keys("Alt ]"));
    out.push(Command::new("tab.previous", "arrow", "Previous tab", move || frame.step(-1)).keys("Alt ["));
    for (theme, word) in [
        (Theme::Light, "Use the light theme"),
        (Theme::Dark, "Use the dark theme"),
        (Theme::System, "Follow the system's theme"),
    ] {
        out.push(Command::new(format!("theme.{}", theme.id()), "settings", word, move || frame.theme.set(theme)));
    }
    for keymap in Keymap::ALL {
        let title = format!("Edit with {} keys", keymap.name());
        out.push(Command::new(format!("keys.{}", keymap.id()), "settings", title, move || frame.keymap.set(keymap)));
    }
    out
}
