//! One open notebook: what the backend said of it and what this window shows of it. What the backend tells is taken in
//! [`super::change`], what a person does goes out through [`super::outgoing`].

use super::cell_state::{CellState, OutputSlot};
use super::find::Find;
use super::hold::Held;
use super::order::{Heard, Order};
use super::outgoing::Outgoing;
use super::watch::Watched;
use crate::api;
use crate::frame::Frame;
use crate::kit::toast::{Toasts, use_toasts};
use atelier_wire as wire;
use gloo_timers::callback::Interval;
use leptos::{html, prelude::*};
use wasm_bindgen_futures::spawn_local;
use wire::event::NotebookChange;
use wire::studio::kernel::{InputRequest, KernelInfo, KernelState};
use wire::studio::notebook::{CellKind, Conflict, Notebook, OpenNotebook, Output};

/// A handle on the open notebook.
#[derive(Clone, Copy)]
pub struct Session {
    path: StoredValue<String>,
    /// Chosen by this window: its own edits come back under this name.
    pub(super) window: StoredValue<String>,
    owner: StoredValue<Owner>,
    pub(super) toasts: Toasts,
    /// In the order in which they stand.
    pub cells: RwSignal<Vec<CellState>>,
    /// The same cells in the order in which they stand in the page: a cell that moves keeps its element, since a frame
    /// that is taken out of the page loads anew. Grows in steps after a notebook is opened.
    pub(super) drawn: RwSignal<Vec<CellState>>,
    /// The notebook's own kernel first.
    pub kernels: RwSignal<Vec<KernelInfo>>,
    pub kernel_name: RwSignal<String>,
    pub language: RwSignal<String>,
    pub dirty: RwSignal<bool>,
    pub can_undo: RwSignal<bool>,
    pub can_redo: RwSignal<bool>,
    pub conflict: RwSignal<Option<Conflict>>,
    pub notes: RwSignal<Vec<String>>,
    pub input: RwSignal<Option<InputRequest>>,
    pub loaded: RwSignal<bool>,
    pub problem: RwSignal<Option<wire::Error>>,
    /// Cells that run, in their order, and cells that wait.
    pub running: RwSignal<Vec<String>>,
    pub queued: RwSignal<Vec<String>>,
    /// Grows whenever some cell's state changed.
    pub(super) ran: RwSignal<u64>,
    /// Cells that are not drawn yet, or whose outputs are still to come.
    pub(super) missing: RwSignal<usize>,
    /// The cell that is on.
    pub selected: RwSignal<Option<String>>,
    /// The other end of the chosen cells, where there are several.
    pub anchor: RwSignal<Option<String>>,
    /// Whether its editor has the keys.
    pub editing: RwSignal<bool>,
    /// Seconds since the epoch, four times a second while something runs.
    pub now: RwSignal<f64>,
    pub line_numbers: RwSignal<bool>,
    /// A cell to turn on as soon as it is drawn, and whether to edit it.
    pub(super) awaited: StoredValue<Option<(String, bool)>>,
    pub(super) outgoing: StoredValue<Outgoing, LocalStorage>,
    order: StoredValue<Order<NotebookChange>, LocalStorage>,
    pub(super) held: StoredValue<Held, LocalStorage>,
    pub(super) find: Find,
    /// Where dragged cells would go: behind this cell, or to the top.
    pub(super) drop: RwSignal<Option<Option<String>>>,
    /// The first cell on the screen.
    pub(super) top: RwSignal<Option<String>>,
    pub(super) help: RwSignal<bool>,
    pub(super) diff: RwSignal<Option<wire::studio::notebook::Against>>,
    /// Whether cells of several languages stand in it: then each shows its own.
    pub(super) mixed: RwSignal<bool>,
    /// The part of the page that scrolls.
    pub(super) root: NodeRef<html::Div>,
    pub(super) watch: StoredValue<Option<Watched>, LocalStorage>,
    pub(super) frame: Option<Frame>,
    next: StoredValue<u64>,
}

impl Session {
    pub fn open(path: &str) -> Self {
        let session = Self {
            path: StoredValue::new(path.to_owned()),
            window: StoredValue::new(super::outgoing::new_id()),
            owner: StoredValue::new(Owner::current().unwrap_or_default()),
            toasts: use_toasts(),
            cells: RwSignal::new(Vec::new()),
            drawn: RwSignal::new(Vec::new()),
            kernels: RwSignal::new(Vec::new()),
            kernel_name: RwSignal::new(String::new()),
            language: RwSignal::new("python".into()),
            dirty: RwSignal::new(false),
            can_undo: RwSignal::new(false),
            can_redo: RwSignal::new(false),
            conflict: RwSignal::new(None),
            notes: RwSignal::new(Vec::new()),
            input: RwSignal::new(None),
            loaded: RwSignal::new(false),
            problem: RwSignal::new(None),
            running: RwSignal::new(Vec::new()),
            queued: RwSignal::new(Vec::new()),
            ran: RwSignal::new(0),
            missing: RwSignal::new(0),
            selected: RwSignal::new(None),
            anchor: RwSignal::new(None),
            editing: RwSignal::new(false),
            now: RwSignal::new(crate::kit::format::now()),
            line_numbers: RwSignal::new(false),
            awaited: StoredValue::new(None),
            outgoing: StoredValue::new_local(Outgoing::default()),
            order: StoredValue::new_local(Order::of_all()),
            held: StoredValue::new_local(Held::default()),
            find: Find::default(),
            drop: RwSignal::new(None),
            top: RwSignal::new(None),
            help: RwSignal::new(false),
            diff: RwSignal::new(None),
            mixed: RwSignal::new(false),
            root: NodeRef::new(),
            watch: StoredValue::new_local(None),
            frame: use_context(),
            next: StoredValue::new(0),
        };
        api::on_event(move |event| match event {
            wire::Event::Notebook { path, number, change } if session.path.with_value(|own| own == path) => {
                session.hear(*number, change.clone())
            }
            wire::Event::Lagged => session.load(),
            _ => {}
        });
        session.tick();
        session.follow_places();
        session.follow_sections();
        session.follow_found();
        session.load();
        session
    }

    /// Moves the clock while something runs.
    fn tick(self) {
        let ticker = StoredValue::new_local(Some(Interval::new(250, move || {
            if self.running.try_with_untracked(Vec::is_empty) == Some(false) {
                self.now.try_set(crate::kit::format::now());
            }
        })));
        on_cleanup(move || {
            ticker.try_update_value(Option::take);
        });
    }

    pub fn path(&self) -> String {
        self.path.try_get_value().unwrap_or_default()
    }

    /// Calls the door; a failure becomes a toast that says what was tried.
    pub(super) fn ask<C: wire::Call + 'static>(self, tried: &'static str, request: C) {
        spawn_local(async move {
            if let Err(error) = api::call(request).await {
                self.toasts.fail(tried, error.message);
            }
        });
    }

    /// A number that no other open notebook has.
    pub(super) fn number(&self) -> u64 {
        self.window.with_value(|window| window.bytes().fold(0, |sum, byte| sum * 37 + u64::from(byte)))
    }

    /// Takes in what the backend tells, in the order in which it happened.
    fn hear(self, number: u64, change: NotebookChange) {
        match self.order.try_update_value(|order| order.hear(number, change)) {
            Some(Heard::Next(change)) => self.take(change),
            Some(Heard::Gap) => self.load(),
            Some(Heard::Nothing) | None => {}
        }
    }

    /// The number of the last change that was taken in.
    pub(super) fn upto(&self) -> u64 {
        self.order.try_with_value(Order::upto).unwrap_or_default()
    }

    /// Reads the whole notebook.
    pub fn load(self) {
        self.order.try_update_value(Order::read);
        spawn_local(async move {
            match api::call(OpenNotebook { path: self.path() }).await {
                Ok(notebook) => self.show(notebook),
                Err(error) => {
                    self.order.try_update_value(Order::fail);
                    self.problem.try_set(Some(error));
                }
            }
        });
    }

    fn show(&self, notebook: Notebook) {
        let Some(told_since) = self.order.try_update_value(|order| order.answer(notebook.number)).flatten() else {
            return;
        };
        self.draw_held();
        self.problem.set(None);
        self.kernels.set(notebook.kernels);
        self.kernel_name.set(notebook.kernel_name);
        self.language.set(notebook.language);
        self.dirty.set(notebook.dirty);
        self.can_undo.set(notebook.can_undo);
        self.can_redo.set(notebook.can_redo);
        self.conflict.set(notebook.conflict);
        self.notes.set(notebook.notes);
        self.input.set(notebook.input);
        self.merge(notebook.cells);
        if self.selected.with_untracked(Option::is_none) {
            self.selected.set(self.cells.with_untracked(|cells| cells.first().map(|cell| cell.id.clone())));
        }
        self.loaded.set(true);
        self.draw_more();
        for (number, change) in told_since {
            self.hear(number, change);
        }
    }

    /// Makes signals that live as long as the notebook is open, whoever asks for them.
    pub(super) fn keep<T>(&self, make: impl FnOnce() -> T) -> T {
        self.owner.get_value().with(make)
    }

    pub(super) fn slot(&self, output: Output) -> OutputSlot {
        let number = self
            .next
            .try_update_value(|next| {
                *next += 1;
                *next
            })
            .unwrap_or_default();
        OutputSlot { number, output: ArcRwSignal::new(output) }
    }

    // ---- cells

    pub fn cell(&self, id: &str) -> Option<CellState> {
        self.cells.try_with_untracked(|cells| cells.iter().find(|cell| cell.id == id).cloned()).flatten()
    }

    pub fn current(&self) -> Option<CellState> {
        self.selected.get_untracked().and_then(|id| self.cell(&id))
    }

    pub(super) fn position(&self, id: &str) -> Option<usize> {
        self.cells.with_untracked(|cells| cells.iter().position(|cell| cell.id == id))
    }

    pub(super) fn at(&self, place: usize) -> Option<CellState> {
        self.cells.with_untracked(|cells| cells.get(place).cloned())
    }

    pub(super) fn ids(&self) -> Vec<String> {
        self.cells.with_untracked(|cells| cells.iter().map(|cell| cell.id.clone()).collect())
    }

    // ---- kernels

    /// Whether some kernel works on something now.
    pub fn busy(&self) -> bool {
        self.kernels.with(|kernels| {
            kernels.iter().any(|kernel| matches!(kernel.state, KernelState::Busy | KernelState::Starting))
        })
    }

    /// `python`, `rust`, `markdown`, `sql`, or empty: how a cell's source is coloured.
    pub fn language_of(&self, cell: &CellState) -> &'static str {
        match cell.kind.get() {
            CellKind::Markdown => "markdown",
            CellKind::Raw => "",
            CellKind::Code => {
                if cell.source.with(|source| source.trim_start().starts_with("%%sql")) {
                    return "sql";
                }
                match cell.kernel.get() {
                    None => of_language(&self.language.get()),
                    Some(name) => of_language(&self.kernels.with(|kernels| {
                        kernels
                            .iter()
                            .find(|kernel| kernel.name == name)
                            .map_or_else(|| language_of_spec(&name).to_owned(), |kernel| kernel.language.clone())
                    })),
                }
            }
        }
    }
}

fn of_language(language: &str) -> &'static str {
    match language.to_ascii_lowercase().as_str() {
        "python" | "ipython" => "python",
        "rust" => "rust",
        "sql" => "sql",
        _ => "",
    }
}

/// The language that a kernelspec's name tells of.
pub(super) fn language_of_spec(name: &str) -> &'static str {
    if name.contains("rust") || name.contains("evcxr") { "rust" } else { "python" }
}
