//! Drawing a large notebook: the first screen at once, the rest in the moments between, outputs that the backend kept
//! back when their cell comes near or when nothing else is to be done.

use super::cell_state::CellState;
use super::session::Session;
use crate::api;
use atelier_wire::studio::notebook::{Cell, GetCells};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use std::collections::HashSet;
use wasm_bindgen_futures::spawn_local;

/// Cells drawn before the first paint, and in each step after it.
const FIRST: usize = 16;
const STEP: usize = 64;
/// Cells whose outputs are asked for at once.
const ASK: usize = 48;

thread_local! {
    /// Paths whose kept back outputs are being read.
    static READING: std::cell::RefCell<HashSet<u64>> = std::cell::RefCell::new(HashSet::new());
}

impl Session {
    /// Draws what is not drawn yet, a few cells at a time.
    pub(super) fn draw_more(self) {
        let first = self.drawn.with_untracked(Vec::is_empty);
        if first {
            self.cells.with_untracked(|cells| cells.iter().take(FIRST).for_each(|cell| cell.near.set(true)));
        }
        let more = self.draw_step(if first { FIRST } else { STEP });
        self.read_deferred();
        if !more {
            return;
        }
        spawn_local(async move {
            loop {
                // The page is painted, and keys are heard, between two steps.
                TimeoutFuture::new(0).await;
                if self.drawn.is_disposed() || !self.draw_step(STEP) {
                    break;
                }
            }
        });
    }

    /// Draws all that is left at once: somebody goes there.
    pub(super) fn draw_all(&self) {
        self.draw_step(usize::MAX);
    }

    /// False when all is drawn.
    fn draw_step(&self, count: usize) -> bool {
        let new: Vec<CellState> = self.cells.with_untracked(|cells| {
            self.drawn.with_untracked(|drawn| {
                if drawn.len() == cells.len() {
                    return Vec::new();
                }
                let have: HashSet<&str> = drawn.iter().map(|cell| cell.id.as_str()).collect();
                cells.iter().filter(|cell| !have.contains(cell.id.as_str())).take(count).cloned().collect()
            })
        });
        let more = !new.is_empty();
        if more {
            self.drawn.update(|drawn| drawn.extend(new));
        }
        self.count_missing();
        more
    }

    /// Counts the cells whose outputs are still to come, or that are not drawn yet.
    fn count_missing(&self) {
        let drawn = self.drawn.with_untracked(Vec::len);
        let missing = self.cells.with_untracked(|cells| cells.len().saturating_sub(drawn).max(cells.iter().filter(|cell| cell.num_deferred.get_untracked() > 0).count()));
        super::cell_state::put(self.missing, missing);
    }

    /// Reads the outputs that were kept back: of cells that are near first, then of all others.
    fn read_deferred(self) {
        let own = self.number();
        if !READING.with(|reading| reading.borrow_mut().insert(own)) {
            return;
        }
        spawn_local(async move {
            while let Some(cells) = self.next_deferred() {
                let asked = cells.clone();
                match api::call(GetCells { path: self.path(), cells }).await {
                    Ok(answer) => self.take_outputs(answer.cells, &asked),
                    Err(error) => {
                        leptos::logging::warn!("outputs could not be read: {error}");
                        TimeoutFuture::new(1_000).await;
                    }
                }
                TimeoutFuture::new(0).await;
            }
            READING.with(|reading| reading.borrow_mut().remove(&own));
        });
    }

    fn next_deferred(&self) -> Option<Vec<String>> {
        let wanted = self.cells.try_with_untracked(|cells| {
            let deferred = || cells.iter().filter(|cell| cell.num_deferred.get_untracked() > 0);
            let near: Vec<String> = deferred().filter(|cell| cell.near.get_untracked()).take(ASK).map(|cell| cell.id.clone()).collect();
            if near.is_empty() { deferred().take(ASK).map(|cell| cell.id.clone()).collect() } else { near }
        })?;
        (!wanted.is_empty()).then_some(wanted)
    }

    fn take_outputs(&self, cells: Vec<Cell>, asked: &[String]) {
        if self.cells.is_disposed() {
            return;
        }
        for cell in cells {
            let Some(state) = self.cell(&cell.id) else { continue };
            // A run may have begun meanwhile: then the events have told everything.
            if state.num_deferred.get_untracked() > 0 {
                state.num_deferred.set(0);
                state.outputs.set(cell.outputs.into_iter().map(|output| self.slot(output)).collect());
            }
        }
        // What the backend does not know any more is not asked for again.
        for state in asked.iter().filter_map(|id| self.cell(id)) {
            super::cell_state::put(state.num_deferred, 0);
        }
        self.count_missing();
    }
}
