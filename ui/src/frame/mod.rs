//! The frame's state: which tabs are open, what the window remembers, what commands there are.

pub mod address;
pub mod command;
pub mod keymap;
pub mod palette;
pub mod rail;
pub mod status;
pub mod tabs;
pub mod theme;

pub use address::Address;
pub use command::{Command, use_commands};
pub use tabs::{TabMark, use_tab};

use crate::api::{self, Link};
use crate::kit::dialog::Question;
use crate::kit::editor::set_keymap;
use crate::live::{Live, live};
use atelier_wire::studio::home::{GetMachine, GetStudio, GetWindowState, Machine, PutWindowState, StudioInfo};
use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use tabs::Tab;
use wasm_bindgen_futures::spawn_local;

/// Under which key the window keeps its tabs.
const STATE_KEY: &str = "window";

/// The window, in the context of everything in it: [`use_frame`].
#[derive(Clone, Copy)]
pub struct Frame {
    pub tabs: RwSignal<Vec<Tab>>,
    /// The address of the tab in front.
    pub active: RwSignal<Address>,
    pub theme: RwSignal<theme::Theme>,
    /// Of code editors.
    pub keymap: RwSignal<keymap::Keymap>,
    pub link: RwSignal<Link>,
    pub studio: Live<StudioInfo>,
    pub machine: Live<Machine>,
    pub palette: RwSignal<palette::Open>,
    /// Set to ask before something is destroyed.
    pub question: RwSignal<Option<Question>>,
    closed: RwSignal<Vec<Address>>,
    restored: RwSignal<bool>,
}

pub fn use_frame() -> Frame {
    expect_context()
}

/// What the window remembers between starts.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    tabs: Vec<String>,
    active: String,
    theme: theme::Theme,
    keymap: keymap::Keymap,
}

impl Frame {
    /// Makes the frame and puts back the tabs of the last time.
    pub fn provide() -> Self {
        let link = RwSignal::new(Link::Connecting);
        api::link_into(link);
        let frame = Self {
            // None until those of the last time are known: Home would be drawn only to be covered.
            tabs: RwSignal::new(Vec::new()),
            active: RwSignal::new(Address::home()),
            theme: RwSignal::new(theme::Theme::remembered()),
            keymap: RwSignal::default(),
            link,
            studio: live(|| Some(GetStudio {}), &[]),
            machine: live(|| Some(GetMachine {}), &["training-job", "transform-job", "endpoint", "kernel", "machine"]),
            palette: RwSignal::new(palette::Open::No),
            question: RwSignal::new(None),
            closed: RwSignal::new(Vec::new()),
            restored: RwSignal::new(false),
        };
        provide_context(frame);
        frame.restore();
        Effect::new(move |_| frame.theme.get().apply());
        Effect::new(move |_| set_keymap(frame.keymap.get().id()));
        Effect::new(move |_| frame.keep());
        // The machine's load changes without an event; every 5 s is what a status bar needs.
        let ticker = gloo_timers::callback::Interval::new(5_000, move || {
            if frame.link.get_untracked() == Link::Up && !document().hidden() {
                frame.machine.reload();
            }
        });
        ticker.forget();
        frame
    }

    /// Brings the thing with this address to the front, in a tab of its own.
    pub fn open(&self, address: impl Into<Address>) {
        let address = address.into();
        if !self.tabs.with_untracked(|tabs| tabs.iter().any(|tab| tab.address == address)) {
            let active = self.active.get_untracked();
            self.tabs.update(|tabs| {
                let at = tabs.iter().position(|tab| tab.address == active).map_or(tabs.len(), |at| at + 1);
                tabs.insert(at, Tab::new(address.clone()));
            });
        }
        self.active.set(address);
    }

    /// Closes a tab; its neighbour comes to the front. Home stays when it is the last.
    pub fn close(&self, address: &Address) {
        let Some(at) = self.tabs.with_untracked(|tabs| tabs.iter().position(|tab| tab.address == *address)) else {
            return;
        };
        self.closed.update(|closed| closed.push(address.clone()));
        if self.active.with_untracked(|active| active == address) {
            let next = self.tabs.with_untracked(|tabs| {
                tabs.get(at + 1)
                    .or_else(|| at.checked_sub(1).and_then(|at| tabs.get(at)))
                    .map_or_else(Address::home, |tab| tab.address.clone())
            });
            self.active.set(next);
        }
        self.tabs.update(|tabs| {
            tabs.remove(at);
            if tabs.is_empty() {
                tabs.push(Tab::new(Address::home()));
            }
        });
        if !self
            .tabs
            .with_untracked(|tabs| tabs.iter().any(|tab| self.active.with_untracked(|active| tab.address == *active)))
        {
            self.active.set(self.tabs.with_untracked(|tabs| tabs[0].address.clone()));
        }
    }

    /// Opens the tab that was closed last.
    pub fn reopen(&self) {
        if let Some(address) = self.closed.try_update(Vec::pop).flatten() {
            self.open(address);
        }
    }

    /// Gives an open tab another address, as when its file was renamed. Its content is made anew.
    pub fn readdress(&self, from: &Address, to: Address) {
        self.tabs.update(|tabs| {
            if let Some(tab) = tabs.iter_mut().find(|tab| tab.address == *from) {
                *tab = Tab::new(to.clone());
            }
        });
        if self.active.with_untracked(|active| active == from) {
            self.active.set(to);
        }
    }

    /// Brings the tab `by` places to the right to the front, around the ends.
    pub fn step(&self, by: i64) {
        let next = self.tabs.with_untracked(|tabs| {
            let at =
                tabs.iter().position(|tab| self.active.with_untracked(|active| tab.address == *active)).unwrap_or(0);
            tabs[(at as i64 + by).rem_euclid(tabs.len() as i64) as usize].address.clone()
        });
        self.active.set(next);
    }

    fn restore(self) {
        spawn_local(async move {
            match api::call(GetWindowState { key: STATE_KEY.into() }).await {
                Ok(state) => {
                    // What cannot be read, an older window wrote: it starts afresh.
                    let kept: Kept =
                        state.value.and_then(|value| serde_json::from_str(&value).ok()).unwrap_or_default();
                    let mut tabs: Vec<Tab> =
                        kept.tabs.iter().filter_map(|address| Address::parse(address)).map(Tab::new).collect();
                    if tabs.is_empty() {
                        tabs.push(Tab::new(Address::home()));
                    }
                    // What was opened meanwhile comes behind them, and stays in front.
                    let meanwhile = self.tabs.get_untracked();
                    if meanwhile.is_empty() {
                        let active = Address::parse(&kept.active);
                        let active = active.filter(|active| tabs.iter().any(|tab| tab.address == *active));
                        self.active.set(active.unwrap_or_else(|| tabs[0].address.clone()));
                    }
                    let is_new = |new: &Tab| tabs.iter().all(|tab| tab.address != new.address);
                    let new: Vec<Tab> = meanwhile.into_iter().filter(is_new).collect();
                    tabs.extend(new);
                    self.tabs.set(tabs);
                    self.theme.set(kept.theme);
                    self.keymap.set(kept.keymap);
                }
                Err(error) => {
                    leptos::logging::warn!("the window's tabs could not be read: {error}");
                    if self.tabs.with_untracked(Vec::is_empty) {
                        self.open(Address::home());
                    }
                }
            }
            self.restored.set(true);
        });
    }

    /// Writes tabs and choices, half a second after the last change.
    fn keep(self) {
        thread_local! {
            static LATER: RefCell<Option<Timeout>> = const { RefCell::new(None) };
        }
        let kept = Kept {
            tabs: self.tabs.with(|tabs| tabs.iter().map(|tab| tab.address.to_string()).collect()),
            active: self.active.with(Address::to_string),
            theme: self.theme.get(),
            keymap: self.keymap.get(),
        };
        if !self.restored.get() {
            return;
        }
        let Ok(value) = serde_json::to_string(&kept) else { return };
        let later = Timeout::new(500, move || {
            spawn_local(async move {
                if let Err(error) = api::call(PutWindowState { key: STATE_KEY.into(), value }).await {
                    leptos::logging::warn!("the window's tabs could not be kept: {error}");
                }
            });
        });
        LATER.with(|held| *held.borrow_mut() = Some(later));
    }
}
