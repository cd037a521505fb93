//! What the backend tells of an open notebook, taken in with as little redrawn as can be.

use super::cell_state::{CellState, put};
use super::session::Session;
use atelier_wire::event::NotebookChange;
use atelier_wire::studio::kernel::RunState;
use atelier_wire::studio::notebook::{Cell, Patch};
use leptos::prelude::*;
use std::collections::HashMap;

impl Session {
    pub(super) fn change(&self, change: NotebookChange) {
        if self.cells.is_disposed() {
            return;
        }
        match change {
            NotebookChange::Run { cell, run } => {
                if let Some(state) = self.cell(&cell) {
                    if run.execution_count.is_some() {
                        put(state.count, run.execution_count);
                    }
                    if run.state == RunState::Running {
                        self.now.set(crate::kit::format::now());
                    }
                    self.set_run(&state, run);
                }
            }
            NotebookChange::Clear { cell } => {
                if let Some(state) = self.cell(&cell) {
                    state.forget_outputs();
                }
            }
            NotebookChange::Output { ref cell, .. } | NotebookChange::Append { ref cell, .. }
                if self.cell(cell).is_some_and(|state| state.is_deferred()) =>
            {
                if let Some(state) = self.cell(cell) {
                    state.keep_late(self.upto(), change);
                }
            }
            NotebookChange::Output { cell, index, output } => {
                if let Some(state) = self.cell(&cell) {
                    match state.outputs.with_untracked(|slots| slots.get(index).map(|slot| slot.output.clone())) {
                        Some(slot) => slot.set(output),
                        None => {
                            let slot = self.slot(output);
                            state.outputs.update(|slots| slots.push(slot));
                        }
                    }
                }
            }
            NotebookChange::Append { cell, index, text } => {
                if let Some(state) = self.cell(&cell) {
                    state.append(index, &text);
                }
            }
            NotebookChange::Edited { by, patches, can_undo, can_redo } => {
                put(self.can_undo, can_undo);
                put(self.can_redo, can_redo);
                let own = by.is_some_and(|by| self.window.with_value(|window| *window == by));
                let mut deferred = false;
                for patch in patches {
                    deferred |= matches!(&patch, Patch::Insert { cell, .. } | Patch::Replace { cell } if cell.num_deferred_outputs > 0);
                    self.apply(patch, own);
                }
                if deferred {
                    self.read_deferred();
                }
            }
            NotebookChange::Cells { cells } => {
                self.merge(cells);
                self.draw_more();
            }
            NotebookChange::Kernels { kernels, kernel_name, language } => {
                put(self.kernels, kernels);
                put(self.kernel_name, kernel_name);
                put(self.language, language);
            }
            NotebookChange::Input { input } => _ = put(self.input, input),
            NotebookChange::Saved { dirty } => _ = put(self.dirty, dirty),
            NotebookChange::Conflict { conflict } => _ = put(self.conflict, conflict),
            NotebookChange::Comm(_) => {} // widgets listen for themselves
        }
    }

    /// Applies a patch. Of this window's own edits only what it could not know is taken: the rest was shown when it
    /// was done, and newer edits may be on their way.
    fn apply(&self, patch: Patch, own: bool) {
        match patch {
            Patch::Insert { after, cell } => match self.cell(&cell.id) {
                Some(state) => state.refresh(self, *cell, !own),
                None if own && self.waits_for(&cell.id) => {} // deleted again meanwhile
                None => {
                    let state = self.make(*cell);
                    self.place(state, after.as_deref());
                }
            },
            Patch::Remove { cell } if !own => self.remove(&cell),
            Patch::Move { cell, after } if !own => self.relocate(&cell, after.as_deref()),
            Patch::Source { cell, source } if !own => {
                if let Some(state) = self.cell(&cell).filter(|state| !self.waits_for(&state.id)) {
                    state.take_source(source);
                }
            }
            Patch::Replace { cell } if !own || !self.waits_for(&cell.id) => {
                if let Some(state) = self.cell(&cell.id) {
                    state.refresh(self, *cell, !own);
                }
            }
            _ => {}
        }
    }

    /// Takes the backend's cells. A source with typing on its way stays as it is here.
    pub(super) fn merge(&self, cells: Vec<Cell>) {
        let old: HashMap<String, CellState> =
            self.cells.with_untracked(|cells| cells.iter().map(|cell| (cell.id.clone(), cell.clone())).collect());
        let order = self.ids();
        let mut changed = order.len() != cells.len();
        let mut merged = Vec::with_capacity(cells.len());
        for (at, cell) in cells.into_iter().enumerate() {
            changed |= order.get(at) != Some(&cell.id);
            match old.get(&cell.id) {
                Some(state) => {
                    let typing = self.waits_for(&cell.id);
                    state.refresh(self, cell, !typing);
                    merged.push(state.clone());
                }
                None => merged.push(self.make(cell)),
            }
        }
        if !changed {
            self.count_runs();
            return;
        }
        // What is drawn keeps its order; what is gone goes; what is new is drawn by and by.
        let kept: std::collections::HashSet<String> = merged.iter().map(|cell| cell.id.clone()).collect();
        self.drawn.update(|drawn| drawn.retain(|cell| kept.contains(&cell.id)));
        self.cells.set(merged);
        self.count_runs();
    }

    pub(super) fn make(&self, cell: Cell) -> CellState {
        self.keep(|| CellState::new(self, cell))
    }

    /// Puts a new cell behind `after`, to the top for `None`.
    pub(super) fn place(&self, state: CellState, after: Option<&str>) {
        let at = after.and_then(|after| self.position(after)).map_or(0, |at| at + 1);
        let new = state.clone();
        self.cells.update(|cells| cells.insert(at.min(cells.len()), new));
        self.drawn.update(|drawn| {
            let at = after.map_or(Some(0), |after| drawn.iter().position(|cell| cell.id == after).map(|at| at + 1));
            drawn.insert(at.unwrap_or(drawn.len()), state);
        });
    }

    pub(super) fn remove(&self, id: &str) {
        let gone = |cells: &mut Vec<CellState>| cells.retain(|cell| cell.id != id);
        if self.position(id).is_none() {
            return;
        }
        let on = self.selected.with_untracked(|on| on.as_deref() == Some(id));
        let next = on
            .then(|| self.position(id))
            .flatten()
            .and_then(|at| self.at(at + 1).or_else(|| at.checked_sub(1).and_then(|at| self.at(at))));
        self.cells.update(gone);
        if self.running.with_untracked(|all| all.iter().any(|cell| cell == id))
            || self.queued.with_untracked(|all| all.iter().any(|cell| cell == id))
        {
            self.count_runs();
        }
        self.drawn.update(gone);
        if on {
            self.anchor.set(None);
            self.editing.set(false);
            self.selected.set(next.map(|cell| cell.id));
        }
    }

    /// Puts a cell behind another. Its element stays where it is in the page.
    pub(super) fn relocate(&self, id: &str, after: Option<&str>) {
        let Some(from) = self.position(id) else { return };
        self.cells.update(|cells| {
            let cell = cells.remove(from);
            let to = after.and_then(|after| cells.iter().position(|cell| cell.id == after)).map_or(0, |at| at + 1);
            cells.insert(to, cell);
        });
    }
}
