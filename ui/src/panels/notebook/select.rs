//! Which cell is on, which others are chosen with it, and where the keys go.

use super::cell_state::{CellState, put};
use super::session::Session;
use atelier_wire::studio::notebook::CellKind;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

impl Session {
    /// Turns a cell on; `edit` also gives its editor the keys.
    pub fn select(&self, id: &str, edit: bool) {
        self.anchor.set(None);
        self.go(id, edit);
    }

    /// Turns a cell on and leaves the other end of the chosen cells where it is.
    fn go(&self, id: &str, edit: bool) {
        if self.selected.with_untracked(|on| on.as_deref() != Some(id)) {
            self.selected.set(Some(id.to_owned()));
        }
        put(self.editing, edit);
        self.focus(id, edit);
    }

    fn focus(&self, id: &str, edit: bool) {
        let Some(state) = self.cell(id) else { return };
        if edit {
            // Its editor needs the inside of the cell; the first look at it asks again.
            put(state.near, true);
        }
        if edit && state.kind.get_untracked() == CellKind::Markdown && put(state.set, false) {
            self.awaited.set_value(Some((id.to_owned(), true)));
            return;
        }
        if edit && self.ensure_editor(&state) {
            state.editor.focus();
            return;
        }
        let element = (!edit).then(|| element_of(id)).flatten();
        match element {
            Some(element) => {
                self.awaited.set_value(None);
                // A cell in the page always takes the focus.
                let _ = element.focus();
                reveal(&element);
            }
            None => {
                self.awaited.set_value(Some((id.to_owned(), edit)));
                self.draw_all();
            }
        }
    }

    /// Called when a cell's source, or its set text, came into the page.
    pub(super) fn drawn_now(&self, state: &CellState) {
        let edit = self
            .awaited
            .try_with_value(|awaited| awaited.as_ref().filter(|(id, _)| *id == state.id).map(|(_, edit)| *edit))
            .flatten();
        if let Some(edit) = edit {
            self.awaited.set_value(None);
            self.focus(&state.id, edit);
        }
    }

    /// Goes to a cell that the backend tells of, perhaps before its patch has come.
    pub(super) fn go_when_there(&self, id: String) {
        if self.cell(&id).is_some() {
            self.select(&id, false);
        }
    }

    /// Scrolls a cell to the top of the screen and turns it on.
    pub fn jump(&self, id: &str) {
        self.unfold_to(id);
        self.draw_all();
        self.select(id, false);
        if let Some(element) = element_of(id) {
            element.scroll_into_view_with_bool(true);
        }
    }

    /// Opens a cell's editor with a line of it marked; lines count from 1.
    pub fn go_to(&self, id: &str, line: u32) {
        self.unfold_to(id);
        self.draw_all();
        self.select(id, true);
        // The editor may be made in this turn.
        let (this, id) = (*self, id.to_owned());
        gloo_timers::callback::Timeout::new(0, move || {
            if let Some(cell) = this.cell(&id) {
                cell.editor.focus_line(line);
            }
        })
        .forget();
    }

    /// Moves `by` cells that can be seen. False at the end.
    pub fn step(&self, by: i64, edit: bool) -> bool {
        let next = self.neighbour(by);
        if let Some(id) = &next {
            self.select(id, edit);
        }
        next.is_some()
    }

    /// Chooses one cell more, or one less.
    pub fn extend(&self, by: i64) {
        let Some(next) = self.neighbour(by) else { return };
        if self.anchor.with_untracked(Option::is_none) {
            self.anchor.set(self.selected.get_untracked());
        }
        if self.anchor.with_untracked(|anchor| anchor.as_ref() == Some(&next)) {
            self.anchor.set(None);
        }
        self.go(&next, false);
    }

    /// Chooses everything between the cell that is on and this one.
    pub fn extend_to(&self, id: &str) {
        if self.anchor.with_untracked(Option::is_none) {
            self.anchor.set(self.selected.get_untracked().filter(|on| on != id));
        }
        self.go(id, false);
    }

    pub fn select_all(&self) {
        let (first, last) = self.cells.with_untracked(|cells| {
            (cells.first().map(|cell| cell.id.clone()), cells.last().map(|cell| cell.id.clone()))
        });
        if let (Some(first), Some(last)) = (first, last) {
            self.selected.set(Some(last.clone()));
            self.anchor.set((first != last).then_some(first));
        }
    }

    fn neighbour(&self, by: i64) -> Option<String> {
        self.cells.with_untracked(|cells| {
            let seen: Vec<&CellState> = cells.iter().filter(|cell| !cell.folded.get_untracked()).collect();
            let at = self.selected.with_untracked(|on| seen.iter().position(|cell| Some(&cell.id) == on.as_ref()))?
                as i64
                + by;
            usize::try_from(at).ok().and_then(|at| seen.get(at)).map(|cell| cell.id.clone())
        })
    }

    /// The chosen cells in their order: the one that is on, or all up to the anchor. With a heading that is folded, its
    /// section.
    pub fn chosen(&self) -> Vec<String> {
        let Some(on) = self.selected.get_untracked() else { return Vec::new() };
        let here = self.position(&on);
        let there = self.anchor.get_untracked().and_then(|anchor| self.position(&anchor));
        let Some((from, to)) = range(here, there) else { return Vec::new() };
        self.cells.with_untracked(|cells| {
            let to = to + cells[to + 1..].iter().take_while(|cell| cell.folded.get_untracked()).count();
            cells[from..=to].iter().map(|cell| cell.id.clone()).collect()
        })
    }

    /// Keeps each cell's own marks (place, on, chosen) as the selection and the order say.
    pub(super) fn follow_places(self) {
        Effect::new(move |_| {
            let (on, anchor) = (self.selected.get(), self.anchor.get());
            self.cells.with(|cells| {
                let find =
                    |id: &Option<String>| id.as_ref().and_then(|id| cells.iter().position(|cell| cell.id == *id));
                let (here, there) = (find(&on), find(&anchor));
                let range = range(here, there).filter(|(from, to)| from != to);
                put(self.mixed, cells.iter().any(|cell| cell.kernel.with(Option::is_some)));
                for (at, cell) in cells.iter().enumerate() {
                    put(cell.place, at);
                    put(cell.on, Some(at) == here);
                    put(cell.chosen, range.is_some_and(|(from, to)| (from..=to).contains(&at)));
                }
            });
        });
    }
}

fn range(here: Option<usize>, there: Option<usize>) -> Option<(usize, usize)> {
    let here = here?;
    let there = there.unwrap_or(here);
    Some((here.min(there), here.max(there)))
}

pub(super) fn element_of(id: &str) -> Option<web_sys::HtmlElement> {
    document().get_element_by_id(&format!("cell-{id}")).and_then(|cell| cell.dyn_into().ok())
}

/// Scrolls as little as it takes.
pub(super) fn reveal(element: &web_sys::Element) {
    let options = web_sys::ScrollIntoViewOptions::new();
    options.set_block(web_sys::ScrollLogicalPosition::Nearest);
    element.scroll_into_view_with_scroll_into_view_options(&options);
}
