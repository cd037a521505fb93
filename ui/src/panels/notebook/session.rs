//! One open notebook: what the backend said of it, what this window changed, and the edits on their way.

use super::edit::Outgoing;
use crate::api;
use crate::kit::editor::EditorHandle;
use crate::kit::toast::{Toasts, use_toasts};
use atelier_wire as wire;
use gloo_timers::callback::Interval;
use leptos::prelude::*;
use std::collections::HashMap;
use wasm_bindgen_futures::spawn_local;
use wire::event::NotebookChange;
use wire::studio::notebook::{
    Cell, CellKind, CellRun, Edit, InterruptKernel, KernelInfo, KernelState, Notebook, OpenNotebook, Output, RestartKernel, RunCells, RunState, StopKernel,
};

/// An output with a number of its own, so that a growing stream is not drawn from the start.
pub type OutputSlot = (u64, RwSignal<Output>);

/// A cell as the window shows it. Handles only: copying it copies no text.
#[derive(Clone)]
pub struct CellState {
    pub id: String,
    pub kind: RwSignal<CellKind>,
    pub source: RwSignal<String>,
    pub outputs: RwSignal<Vec<OutputSlot>>,
    pub run: RwSignal<CellRun>,
    pub count: RwSignal<Option<u64>>,
    /// Whether a text cell shows its text set rather than its source.
    pub set: RwSignal<bool>,
}

/// A handle on the open notebook.
#[derive(Clone, Copy)]
pub struct Session {
    path: StoredValue<String>,
    owner: StoredValue<Owner>,
    pub(super) toasts: Toasts,
    pub cells: RwSignal<Vec<CellState>>,
    pub kernel: RwSignal<Option<KernelInfo>>,
    pub kernel_name: RwSignal<String>,
    pub language: RwSignal<String>,
    pub dirty: RwSignal<bool>,
    pub loaded: RwSignal<bool>,
    pub problem: RwSignal<Option<wire::Error>>,
    /// The cell that is on.
    pub selected: RwSignal<Option<String>>,
    /// Whether its editor has the keys.
    pub editing: RwSignal<bool>,
    /// Seconds since the epoch, four times a second while something runs.
    pub now: RwSignal<f64>,
    pub editors: StoredValue<HashMap<String, EditorHandle>>,
    pub(super) outgoing: StoredValue<Outgoing, LocalStorage>,
    pub(super) clipboard: RwSignal<Vec<(CellKind, String)>>,
    /// Deleted cells with the cell they stood behind.
    pub(super) deleted: RwSignal<Vec<(Option<String>, CellKind, String)>>,
    next: StoredValue<u64>,
}

impl Session {
    pub fn open(path: &str) -> Self {
        let session = Self {
            path: StoredValue::new(path.to_owned()),
            owner: StoredValue::new(Owner::current().unwrap_or_default()),
            toasts: use_toasts(),
            cells: RwSignal::new(Vec::new()),
            kernel: RwSignal::new(None),
            kernel_name: RwSignal::new(String::new()),
            language: RwSignal::new("python".into()),
            dirty: RwSignal::new(false),
            loaded: RwSignal::new(false),
            problem: RwSignal::new(None),
            selected: RwSignal::new(None),
            editing: RwSignal::new(false),
            now: RwSignal::new(crate::kit::format::now()),
            editors: StoredValue::new(HashMap::new()),
            outgoing: StoredValue::new_local(Outgoing::default()),
            clipboard: RwSignal::new(Vec::new()),
            deleted: RwSignal::new(Vec::new()),
            next: StoredValue::new(0),
        };
        api::on_event(move |event| match event {
            wire::Event::Notebook { path, change } if session.path.with_value(|own| own == path) => session.change(change),
            wire::Event::Lagged => session.load(),
            _ => {}
        });
        let ticker = StoredValue::new_local(Some(Interval::new(250, move || {
            let busy = session.cells.try_with_untracked(|cells| cells.iter().any(|cell| cell.run.with_untracked(|run| run.state == RunState::Running)));
            if busy == Some(true) {
                session.now.try_set(crate::kit::format::now());
            }
        })));
        Effect::new(move |_| {
            if session.dirty.get() {
                session.save_soon();
            }
        });
        on_cleanup(move || {
            ticker.try_update_value(Option::take);
        });
        session.load();
        session
    }

    pub(super) fn path(&self) -> String {
        self.path.try_get_value().unwrap_or_default()
    }

    /// Calls the door; a failure becomes a toast that says what was tried.
    fn ask<C: wire::Call + 'static>(self, tried: &'static str, request: C) {
        spawn_local(async move {
            if let Err(error) = api::call(request).await {
                self.toasts.fail(tried, error.message);
            }
        });
    }

    // ---- what the backend says

    pub fn load(self) {
        spawn_local(async move {
            match api::call(OpenNotebook { path: self.path() }).await {
                Ok(notebook) => self.show(notebook),
                Err(error) => {
                    self.problem.try_set(Some(error));
                }
            }
        });
    }

    fn show(&self, notebook: Notebook) {
        if self.cells.is_disposed() {
            return;
        }
        self.problem.set(None);
        self.kernel.set(notebook.kernel);
        self.kernel_name.set(notebook.kernel_name);
        self.language.set(notebook.language);
        self.dirty.set(notebook.dirty);
        self.merge(notebook.cells);
        self.loaded.set(true);
        if self.selected.with_untracked(Option::is_none) {
            self.selected.set(self.cells.with_untracked(|cells| cells.first().map(|cell| cell.id.clone())));
        }
    }

    /// Takes the backend's cells. A source with typing on its way stays as it is here.
    fn merge(&self, cells: Vec<Cell>) {
        let old: HashMap<String, CellState> = self.cells.with_untracked(|cells| cells.iter().map(|cell| (cell.id.clone(), cell.clone())).collect());
        let order: Vec<String> = self.cells.with_untracked(|cells| cells.iter().map(|cell| cell.id.clone()).collect());
        let mut changed = order.len() != cells.len();
        let mut merged = Vec::with_capacity(cells.len());
        for (at, cell) in cells.into_iter().enumerate() {
            changed |= order.get(at) != Some(&cell.id);
            match old.get(&cell.id) {
                Some(state) => {
                    self.refresh(state, cell);
                    merged.push(state.clone());
                }
                None => merged.push(self.make(cell)),
            }
        }
        if changed {
            self.cells.set(merged);
        }
    }

    fn refresh(&self, state: &CellState, cell: Cell) {
        let typing = self.outgoing.with_value(|out| out.sending || out.edits.iter().any(|edit| matches!(edit, Edit::SetSource { cell: id, .. } if *id == cell.id)));
        if !typing && state.source.with_untracked(|source| *source != cell.source) {
            if let Some(editor) = self.editors.with_value(|editors| editors.get(&cell.id).copied()) {
                editor.set_text(&cell.source);
            }
            state.source.set(cell.source);
        }
        if state.kind.get_untracked() != cell.kind {
            state.kind.set(cell.kind);
        }
        let same = state.outputs.with_untracked(|slots| slots.len() == cell.outputs.len() && slots.iter().zip(&cell.outputs).all(|((_, slot), output)| slot.with_untracked(|old| old == output)));
        if !same {
            state.outputs.set(cell.outputs.into_iter().map(|output| self.slot(output)).collect());
        }
        if state.run.with_untracked(|run| *run != cell.run) {
            state.run.set(cell.run);
        }
        if state.count.get_untracked() != cell.execution_count {
            state.count.set(cell.execution_count);
        }
    }

    pub(super) fn make(&self, cell: Cell) -> CellState {
        let outputs: Vec<OutputSlot> = cell.outputs.into_iter().map(|output| self.slot(output)).collect();
        self.owner.get_value().with(|| CellState {
            set: RwSignal::new(!cell.source.trim().is_empty()),
            id: cell.id,
            kind: RwSignal::new(cell.kind),
            source: RwSignal::new(cell.source),
            outputs: RwSignal::new(outputs),
            run: RwSignal::new(cell.run),
            count: RwSignal::new(cell.execution_count),
        })
    }

    fn slot(&self, output: Output) -> OutputSlot {
        let number = self.next.try_update_value(|next| { *next += 1; *next }).unwrap_or_default();
        (number, self.owner.get_value().with(|| RwSignal::new(output)))
    }

    fn change(&self, change: &NotebookChange) {
        match change.clone() {
            NotebookChange::Run { cell, run } => {
                if let Some(state) = self.cell(&cell) {
                    if run.execution_count.is_some() {
                        state.count.set(run.execution_count);
                    }
                    state.run.set(run);
                    self.now.set(crate::kit::format::now());
                }
            }
            NotebookChange::Clear { cell } => {
                if let Some(state) = self.cell(&cell) {
                    state.outputs.set(Vec::new());
                }
            }
            NotebookChange::Output { cell, index, output } => {
                if let Some(state) = self.cell(&cell) {
                    match state.outputs.with_untracked(|slots| slots.get(index).map(|(_, slot)| *slot)) {
                        Some(slot) => slot.set(output),
                        None => {
                            let slot = self.slot(output);
                            state.outputs.update(|slots| slots.push(slot));
                        }
                    }
                }
            }
            NotebookChange::Cells { cells } => self.merge(cells),
            NotebookChange::Kernel { kernel } => self.kernel.set(kernel),
            NotebookChange::Saved { dirty } => self.dirty.set(dirty),
        }
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

    // ---- running

    /// Runs cells in this order. Text cells are set; code cells go to the kernel.
    pub fn run(self, ids: Vec<String>) {
        let mut code = Vec::new();
        for id in ids {
            match self.cell(&id) {
                Some(state) if state.kind.get_untracked() == CellKind::Markdown => state.set.set(true),
                Some(state) if state.kind.get_untracked() == CellKind::Code && !state.source.with_untracked(|source| source.trim().is_empty()) => {
                    state.run.update(|run| run.state = RunState::Queued);
                    code.push(id);
                }
                _ => {}
            }
        }
        if code.is_empty() {
            return;
        }
        spawn_local(async move {
            self.settled().await;
            if let Err(error) = api::call(RunCells { path: self.path(), cells: code }).await {
                self.toasts.fail("The cells could not be run", error.message);
                self.load();
            }
        });
    }

    pub fn run_all(&self) {
        self.run(self.cells.with_untracked(|cells| cells.iter().map(|cell| cell.id.clone()).collect()));
    }

    pub fn run_selected(&self, advance: bool) {
        let Some(id) = self.selected.get_untracked() else { return };
        self.run(vec![id]);
        if !advance {
            self.editing.set(false);
            if let Some(id) = self.selected.get_untracked() {
                self.select(&id, false);
            }
        } else if !self.step(1, false) {
            self.append(CellKind::Code);
        }
    }

    pub fn interrupt(self) {
        self.ask("The kernel could not be interrupted", InterruptKernel { path: self.path() });
    }

    pub fn restart(self, run_all: bool) {
        spawn_local(async move {
            match api::call(RestartKernel { path: self.path() }).await {
                Ok(_) if run_all => self.run_all(),
                Ok(_) => {}
                Err(error) => self.toasts.fail("The kernel could not be restarted", error.message),
            }
        });
    }

    pub fn stop(self) {
        self.ask("The kernel could not be stopped", StopKernel { path: self.path() });
    }

    /// Whether the kernel works on something now.
    pub fn busy(&self) -> bool {
        self.kernel.with(|kernel| kernel.as_ref().is_some_and(|kernel| matches!(kernel.state, KernelState::Busy | KernelState::Starting)))
    }

    /// Asks the kernel what could stand at the cursor.
    pub fn complete(self, code: String, cursor: usize) -> js_sys::Promise {
        use wasm_bindgen::JsValue;
        use wire::studio::notebook::CompleteCode;
        wasm_bindgen_futures::future_to_promise(async move {
            // Without a kernel there is nothing to offer; saying so at each Tab would only disturb.
            let Ok(found) = api::call(CompleteCode { path: self.path(), code, cursor }).await else { return Ok(JsValue::NULL) };
            let out = js_sys::Object::new();
            let matches: js_sys::Array = found.matches.iter().map(|label| JsValue::from_str(label)).collect();
            js_sys::Reflect::set(&out, &"matches".into(), &matches)?;
            js_sys::Reflect::set(&out, &"start".into(), &(found.start as f64).into())?;
            js_sys::Reflect::set(&out, &"end".into(), &(found.end as f64).into())?;
            Ok(out.into())
        })
    }
}
