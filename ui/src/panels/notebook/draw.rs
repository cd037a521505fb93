//! Drawing a large notebook: the first screen at once, the rest in the moments between, outputs that the backend kept
//! back when their cell comes near or when nothing else is to be done.

use super::cell_state::CellState;
use super::session::Session;
use crate::api;
use atelier_wire::studio::notebook::{Cells, GetCells, Output};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use std::cell::RefCell;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use wasm_bindgen_futures::spawn_local;

/// Cells drawn before the first paint at most, and in each step after it.
const FIRST: usize = 16;
const STEP: usize = 128;
/// A frame and a bit.
const FRAME_MS: u32 = 20;
/// Cells whose outputs are asked for at once.
const ASK: usize = 48;

/// How many questions for outputs are with the backend at a time.
const READERS: usize = 2;

/// The reading of a notebook's outputs.
struct Reading {
    num_readers: usize,
    /// Cells whose outputs are on their way.
    asked: HashSet<String>,
}

thread_local! {
    /// By the notebook's number.
    static READING: RefCell<HashMap<u64, Reading>> = RefCell::new(HashMap::new());
}

/// Pixels that a cell takes at the least, more or less, on a screen of this height. What is below the first screen is
/// not drawn before the first paint.
fn least_height(cell: &CellState, screen: f64) -> f64 {
    const LINE: f64 = 18.0;
    const FRAME: f64 = 24.0;
    // A long output scrolls in a box of this share of the screen.
    let longest = 0.6 * screen;
    let lines = |text: &str| text.bytes().filter(|byte| *byte == b'\n').count() as f64 + 1.0;
    let outputs: f64 = cell.outputs.with_untracked(|slots| {
        let height = |output: &Output| match output {
            Output::Stream { text, .. } => (lines(text) * LINE).min(longest),
            _ => LINE,
        };
        slots.iter().map(|slot| slot.output.with_untracked(height)).sum()
    });
    FRAME + cell.source.with_untracked(|source| lines(source)) * LINE + outputs
}

impl Session {
    /// Draws what is not drawn yet, a few cells at a time.
    pub(super) fn draw_more(self) {
        let first = self.drawn.with_untracked(Vec::is_empty);
        let more = self.draw_step(if first { self.first_screen() } else { STEP });
        let lacks = |cell: &CellState| cell.near.get_untracked() && cell.is_deferred();
        let waits = !first || self.cells.with_untracked(|cells| cells.iter().any(lacks));
        if waits {
            self.read_deferred();
        }
        if !more {
            return;
        }
        spawn_local(async move {
            if first {
                // What is seen at once is painted before anything else is done.
                TimeoutFuture::new(FRAME_MS).await;
            }
            if !waits && !self.drawn.is_disposed() {
                self.read_deferred();
            }
            while !self.drawn.is_disposed() && self.draw_step(STEP) {
                // The page is painted, and keys are heard, between two steps.
                TimeoutFuture::new(0).await;
            }
        });
    }

    /// How many cells fill the screen at the least; they are near it from now on.
    fn first_screen(&self) -> usize {
        let screen = web_sys::window().and_then(|window| window.inner_height().ok()?.as_f64()).unwrap_or(1_000.0);
        let mut used = 0.0;
        self.cells.with_untracked(|cells| {
            let seen = cells.iter().take(FIRST).take_while(|cell| {
                let begins_in_view = used <= screen;
                used += least_height(cell, screen);
                begins_in_view
            });
            seen.map(|cell| cell.near.set(true)).count()
        })
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
        let missing = self.cells.with_untracked(|cells| {
            cells
                .len()
                .saturating_sub(drawn)
                .max(cells.iter().filter(|cell| cell.num_deferred.get_untracked() > 0).count())
        });
        super::cell_state::put(self.missing, missing);
    }

    /// Reads the outputs that were kept back: of cells that are near first, then of all others. While the window takes
    /// in one answer the backend makes the next.
    pub(super) fn read_deferred(self) {
        let own = self.number();
        let begins = READING.with(|reading| match reading.borrow_mut().entry(own) {
            Entry::Occupied(_) => false,
            Entry::Vacant(entry) => {
                entry.insert(Reading { num_readers: READERS, asked: HashSet::new() });
                true
            }
        });
        if begins {
            for _ in 0..READERS {
                spawn_local(self.read_on());
            }
        }
    }

    async fn read_on(self) {
        let own = self.number();
        while let Some(cells) = self.next_deferred(own) {
            match api::call(GetCells { path: self.path(), cells: cells.clone() }).await {
                Ok(answer) => self.take_outputs(answer, &cells),
                Err(error) => {
                    leptos::logging::warn!("outputs could not be read: {error}");
                    TimeoutFuture::new(1_000).await;
                }
            }
            READING.with(|reading| {
                if let Some(reading) = reading.borrow_mut().get_mut(&own) {
                    cells.iter().for_each(|id| _ = reading.asked.remove(id));
                }
            });
            TimeoutFuture::new(0).await;
        }
        READING.with(|reading| {
            let mut reading = reading.borrow_mut();
            if let Entry::Occupied(mut entry) = reading.entry(own) {
                entry.get_mut().num_readers -= 1;
                if entry.get().num_readers == 0 {
                    entry.remove();
                }
            }
        });
    }

    /// Cells to ask for; they count as asked for from now on.
    fn next_deferred(&self, own: u64) -> Option<Vec<String>> {
        self.cells.try_with_untracked(|cells| {
            READING.with(|reading| {
                let mut reading = reading.borrow_mut();
                let reading = reading.get_mut(&own)?;
                let deferred = || {
                    cells
                        .iter()
                        .filter(|cell| cell.num_deferred.get_untracked() > 0 && !reading.asked.contains(&cell.id))
                };
                let near: Vec<String> =
                    deferred().filter(|cell| cell.near.get_untracked()).take(ASK).map(|cell| cell.id.clone()).collect();
                let wanted =
                    if near.is_empty() { deferred().take(ASK).map(|cell| cell.id.clone()).collect() } else { near };
                reading.asked.extend(wanted.iter().cloned());
                (!wanted.is_empty()).then_some(wanted)
            })
        })?
    }

    fn take_outputs(&self, answer: Cells, asked: &[String]) {
        if self.cells.is_disposed() {
            return;
        }
        // What the backend does not know any more is not asked for again.
        let known: HashSet<&str> = answer.cells.iter().map(|cell| cell.id.as_str()).collect();
        for state in asked.iter().filter(|id| !known.contains(id.as_str())).filter_map(|id| self.cell(id)) {
            super::cell_state::put(state.num_deferred, 0);
        }
        for cell in answer.cells {
            let Some(state) = self.cell(&cell.id) else { continue };
            for change in state.take_outputs(self, answer.number, cell.outputs) {
                self.change(change);
            }
        }
        self.count_missing();
    }
}
