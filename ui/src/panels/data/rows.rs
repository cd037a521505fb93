//! The cells that are here, and those on their way: tiles of rows and columns, fetched as they come into view.

use super::state::OpenedTable;
use crate::api;
use crate::kit::grid::{GridColumn, InView, Shown};
use atelier_wire::studio::data::view::{GetRows, Rows};
use leptos::prelude::*;
use std::collections::{HashMap, HashSet};
use std::time::Duration;
use wasm_bindgen_futures::spawn_local;

/// Rows and columns of a tile, and the most tiles kept.
const ROWS: u64 = 200;
const COLUMNS: usize = 40;
const MAX_TILES: usize = 120;

type Place = (u64, usize);

#[derive(Clone, Copy)]
pub struct Tiles {
    table: OpenedTable,
    columns: Signal<Vec<GridColumn>>,
    held: StoredValue<HashMap<Place, Rows>>,
    asked: StoredValue<HashSet<Place>>,
    /// Counts what makes old answers worthless: another view, other columns.
    round: StoredValue<u64>,
    /// Changes when cells come or go.
    pub revision: RwSignal<u64>,
    pub error: RwSignal<Option<atelier_wire::Error>>,
    /// Whether the first rows, or why there are none, are on the screen: what is beside them comes after them.
    pub painted: RwSignal<bool>,
    window: StoredValue<InView>,
}

impl Tiles {
    pub fn new(table: OpenedTable, columns: Signal<Vec<GridColumn>>) -> Self {
        let tiles = Self {
            table,
            columns,
            held: StoredValue::new(HashMap::new()),
            asked: StoredValue::new(HashSet::new()),
            round: StoredValue::new(0),
            revision: RwSignal::new(0),
            error: RwSignal::new(None),
            painted: RwSignal::new(false),
            // The first rows are asked for before there is a grid that says what it shows.
            window: StoredValue::new(InView { rows: (0, 1), columns: (0, 1) }),
        };
        Effect::new(move |_| {
            let is_empty = table.view.value.with(|view| view.as_ref().is_some_and(|view| view.num_rows == Some(0)));
            if is_empty || table.view.error.with(Option::is_some) {
                tiles.painted.set(true);
            }
        });
        let names = Memo::new(move |_| {
            columns.with(|columns| columns.iter().map(|column| column.name.clone()).collect::<Vec<_>>())
        });
        let version = Memo::new(move |_| {
            table.view.value.with(|view| view.as_ref().map(|view| (view.view.clone(), view.version)))
        });
        let now = move || (names.get(), version.get());
        // At once, and not when all that is beside the rows has been made.
        let first = untrack(now);
        tiles.fetch_window();
        Effect::new(move |old: Option<_>| {
            let now = now();
            if old.as_ref().unwrap_or(&first) != &now {
                tiles.forget();
                tiles.fetch_window();
            }
            now
        });
        tiles
    }

    fn forget(self) {
        self.round.update_value(|round| *round += 1);
        self.asked.update_value(HashSet::clear);
        self.held.update_value(HashMap::clear);
        self.error.set(None);
        self.revision.update(|revision| *revision += 1);
    }

    /// What the grid is told to show now.
    pub fn look_at(self, window: InView) {
        self.window.set_value(window);
        self.fetch_window();
    }

    fn fetch_window(self) {
        let InView { rows: (from, to), columns: (left, right) } = self.window.get_value();
        let pinned = self.columns.with_untracked(|columns| columns.iter().take_while(|column| column.pinned).count());
        if to <= from {
            return;
        }
        let mut tiles: Vec<usize> = (0..pinned).chain(left..right).map(|column| column / COLUMNS).collect();
        tiles.dedup();
        for row in from / ROWS..=(to - 1) / ROWS {
            for tile in &tiles {
                self.fetch((row, *tile));
            }
        }
    }

    fn fetch(self, place: Place) {
        let Some(view) = untrack(|| self.table.view_key()) else { return };
        let names: Vec<String> = self.columns.with_untracked(|columns| {
            columns.iter().skip(place.1 * COLUMNS).take(COLUMNS).map(|column| column.name.clone()).collect()
        });
        if names.is_empty() || !self.asked.try_update_value(|asked| asked.insert(place)).unwrap_or(false) {
            return;
        }
        let request = GetRows { view, offset: place.0 * ROWS, limit: ROWS as usize, columns: None, names };
        let round = self.round.get_value();
        spawn_local(async move {
            let answer = api::call(request).await;
            if self.round.try_get_value() != Some(round) {
                return;
            }
            if !self.painted.get_untracked() {
                // After the next frame, and after the time that a browser takes to bring it to the screen.
                request_animation_frame(move || {
                    set_timeout(
                        move || {
                            self.painted.try_set(true);
                        },
                        Duration::from_millis(20),
                    )
                });
            }
            match answer {
                Ok(rows) => {
                    self.held.update_value(|held| {
                        if held.len() >= MAX_TILES
                            // The farthest tile goes: it is the least likely to be seen next.
                            && let Some(far) = held.keys().copied().max_by_key(|(row, _)| row.abs_diff(place.0))
                        {
                            held.remove(&far);
                            self.asked.update_value(|asked| {
                                asked.remove(&far);
                            });
                        }
                        held.insert(place, rows);
                    });
                    self.revision.update(|revision| *revision += 1);
                }
                // Another window let go of the view, or the backend is a new one: ask for the view again.
                Err(error) if error.code == "ResourceNotFound" => self.table.view.reload(),
                Err(error) => {
                    self.asked.update_value(|asked| {
                        asked.remove(&place);
                    });
                    self.error.set(Some(error));
                }
            }
        });
    }

    pub fn cell(self, row: u64, column: usize) -> Shown {
        self.held.with_value(|held| {
            let Some(tile) = held.get(&(row / ROWS, column / COLUMNS)) else { return Shown::Waits };
            match tile.cells.get((row % ROWS) as usize).and_then(|cells| cells.get(column % COLUMNS)) {
                None => Shown::Waits,
                Some(None) => Shown::Missing,
                Some(Some(text)) => Shown::Text(text.clone()),
            }
        })
    }
}
