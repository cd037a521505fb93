//! Running cells, and what is done to kernels.

use super::cell_state::{CellState, put};
use super::outgoing::Order;
use super::session::Session;
use crate::api;
use atelier_wire::event::NotebookChange;
use atelier_wire::studio::kernel::{
    AnswerInput, CancelCells, CellRun, ChooseKernel, InterruptKernel, RestartKernel, RunState, StopKernel,
};
use atelier_wire::studio::notebook::CellKind;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

impl Session {
    /// Takes what is said of a cell's run.
    pub(super) fn set_run(&self, state: &CellState, run: CellRun) {
        let before = state.run.with_untracked(|run| run.state);
        let after = run.state;
        if put(state.run, run) && before != after {
            self.count_runs();
        }
    }

    /// Keeps the lists of cells that run and wait.
    pub(super) fn count_runs(&self) {
        let of = |wanted: RunState| {
            self.cells.with_untracked(|cells| {
                cells
                    .iter()
                    .filter(|cell| cell.run.with_untracked(|run| run.state == wanted))
                    .map(|cell| cell.id.clone())
                    .collect::<Vec<_>>()
            })
        };
        put(self.running, of(RunState::Running));
        put(self.queued, of(RunState::Queued));
        self.ran.update(|ran| *ran += 1);
    }

    /// Runs cells in this order. Text cells are set; code cells go to their kernels.
    pub fn run(self, ids: impl AsRef<[String]>) {
        let mut code = Vec::new();
        for id in ids.as_ref() {
            let Some(state) = self.cell(id) else { continue };
            match state.kind.get_untracked() {
                CellKind::Markdown => state.set.set(true),
                CellKind::Code if !state.source.with_untracked(|source| source.trim().is_empty()) => {
                    if state.run.with_untracked(|run| run.state != RunState::Running) {
                        let run = CellRun { state: RunState::Queued, ..state.run.get_untracked() };
                        self.take(NotebookChange::Run { cell: id.clone(), run });
                    }
                    code.push(id.clone());
                }
                _ => {}
            }
        }
        if !code.is_empty() {
            self.order(Order::Run(code));
        }
    }

    pub fn run_all(&self) {
        self.run(self.ids());
    }

    pub fn run_chosen(&self, advance: bool) {
        let chosen = self.chosen();
        let Some(last) = chosen.last().cloned() else { return };
        self.run(&chosen);
        if !advance {
            if let Some(on) = self.selected.get_untracked() {
                let anchor = self.anchor.get_untracked();
                self.select(&on, false);
                self.anchor.set(anchor);
            }
            return;
        }
        self.selected.set(Some(last));
        if !self.step(1, false) {
            self.append(CellKind::Code);
        }
    }

    pub fn run_and_insert(&self) {
        self.run(&self.chosen());
        self.insert_near(true, CellKind::Code, true);
    }

    pub fn run_above(&self) {
        let Some(at) = self.chosen().first().and_then(|id| self.position(id)) else { return };
        self.run(&self.ids()[..at]);
    }

    /// The cell that is on, and everything below it.
    pub fn run_below(&self) {
        let Some(at) = self.chosen().first().and_then(|id| self.position(id)) else { return };
        self.run(&self.ids()[at..]);
    }

    /// The section that the cell that is on stands in.
    pub fn run_section(&self) {
        let Some(at) = self.selected.get_untracked().and_then(|id| self.position(&id)) else { return };
        let range = super::headings::section_around(&self.levels(), at);
        self.run(&self.ids()[range]);
    }

    /// Takes a cell that waits out of the queue.
    pub fn cancel(self, ids: Vec<String>) {
        self.ask("The cell could not be taken out of the queue", CancelCells { path: self.path(), cells: ids });
    }

    /// The kernel of the cell that is on; `None`: the notebook's own.
    fn own_kernel(&self) -> Option<String> {
        self.current().and_then(|cell| cell.kernel.get_untracked())
    }

    pub fn interrupt(self, kernel: Option<String>) {
        self.ask("The kernel could not be interrupted", InterruptKernel { path: self.path(), kernel });
    }

    /// Interrupts the kernel that runs something: that of the cell that is on first.
    pub fn interrupt_here(self) {
        let own = self.own_kernel();
        let busy = self.cells.with_untracked(|cells| {
            cells
                .iter()
                .filter(|cell| cell.run.with_untracked(|run| run.state == RunState::Running))
                .map(|cell| cell.kernel.get_untracked())
                .collect::<Vec<_>>()
        });
        let kernel = if busy.is_empty() || busy.contains(&own) { own } else { busy[0].clone() };
        self.interrupt(kernel);
    }

    pub fn restart(self, kernel: Option<String>, run_all: bool) {
        spawn_local(async move {
            self.settled().await;
            match api::call(RestartKernel { path: self.path(), kernel }).await {
                Ok(_) if run_all => self.run_all(),
                Ok(_) => {}
                Err(error) => self.toasts.fail("The kernel could not be restarted", error.message),
            }
        });
    }

    /// Starts all kernels of the notebook anew.
    pub fn restart_all(self, run_all: bool) {
        let own = self.kernel_name.get_untracked();
        let mut names: Vec<Option<String>> = self.kernels.with_untracked(|kernels| {
            kernels.iter().map(|kernel| (kernel.name != own).then(|| kernel.name.clone())).collect()
        });
        if names.is_empty() {
            names.push(None);
        }
        spawn_local(async move {
            self.settled().await;
            for kernel in names {
                if let Err(error) = api::call(RestartKernel { path: self.path(), kernel }).await {
                    self.toasts.fail("The kernel could not be restarted", error.message);
                    return;
                }
            }
            if run_all {
                self.run_all();
            }
        });
    }

    pub fn stop(self, kernel: Option<String>) {
        self.ask("The kernel could not be stopped", StopKernel { path: self.path(), kernel });
    }

    pub fn choose_kernel(self, name: String) {
        spawn_local(async move {
            self.settled().await;
            if let Err(error) = api::call(ChooseKernel { path: self.path(), name }).await {
                self.toasts.fail("The kernel could not be chosen", error.message);
            }
        });
    }

    pub fn answer(self, kernel: String, text: String) {
        self.ask("The answer did not reach the kernel", AnswerInput { path: self.path(), kernel: Some(kernel), text });
    }

    /// Goes to the cell that runs.
    pub fn go_to_running(&self) {
        let running = self.cells.with_untracked(|cells| {
            let find = |state: RunState| {
                cells.iter().find(|cell| cell.run.with_untracked(|run| run.state == state)).map(|cell| cell.id.clone())
            };
            find(RunState::Running).or_else(|| find(RunState::Queued))
        });
        match running {
            Some(id) => self.jump(&id),
            None => self.toasts.show(crate::kit::Toast::new(crate::kit::Tone::Wait, "No cell runs now")),
        }
    }

    /// The place of a cell in its kernel's queue, from 1.
    pub fn queue_place(&self, id: &str) -> Option<usize> {
        self.kernels.with(|kernels| {
            kernels.iter().find_map(|kernel| kernel.queue.iter().position(|cell| cell == id)).map(|at| at + 1)
        })
    }
}
