//! What a person does to cells, and the edits on their way to the backend.

use super::session::{CellState, Session};
use crate::api;
use atelier_wire::studio::notebook::{Cell, CellKind, CellRun, Edit, EditNotebook, SaveNotebook};
use gloo_timers::callback::Timeout;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use std::cell::RefCell;
use wasm_bindgen_futures::spawn_local;

/// Typing is sent this long after the last key.
const TYPING_MS: u32 = 300;
/// What is not on disk is saved this long after the last change.
const SAVE_MS: u32 = 1_500;

/// Edits that the backend has not confirmed yet.
#[derive(Default)]
pub struct Outgoing {
    pub edits: Vec<Edit>,
    pub sending: bool,
    later: RefCell<Option<Timeout>>,
    save: RefCell<Option<Timeout>>,
}

impl Session {
    /// Turns a cell on; `edit` also gives its editor the keys.
    pub fn select(&self, id: &str, edit: bool) {
        if self.selected.with_untracked(|on| on.as_deref() != Some(id)) {
            self.selected.set(Some(id.to_owned()));
        }
        self.editing.set(edit);
        let (this, id) = (*self, id.to_owned());
        // After the page has drawn what this changed.
        Timeout::new(0, move || this.focus(&id, edit)).forget();
    }

    fn focus(&self, id: &str, edit: bool) {
        use wasm_bindgen::JsCast;
        if edit {
            if let Some(state) = self.cell(id) {
                state.set.set(false);
            }
            if let Some(editor) = self.editors.try_with_value(|editors| editors.get(id).copied()).flatten() {
                editor.focus();
            }
            return;
        }
        let cell = document().get_element_by_id(&format!("cell-{id}")).and_then(|cell| cell.dyn_into::<web_sys::HtmlElement>().ok());
        if let Some(cell) = cell {
            let options = web_sys::ScrollIntoViewOptions::new();
            options.set_block(web_sys::ScrollLogicalPosition::Nearest);
            // A cell in the page always takes the focus.
            let _ = cell.focus();
            cell.scroll_into_view_with_scroll_into_view_options(&options);
        }
    }

    /// Moves to the neighbour `by` cells away. False at the end.
    pub fn step(&self, by: i64, edit: bool) -> bool {
        let next = self.cells.with_untracked(|cells| {
            let at = self.selected.with_untracked(|on| cells.iter().position(|cell| Some(&cell.id) == on.as_ref()))? as i64 + by;
            usize::try_from(at).ok().and_then(|at| cells.get(at)).map(|cell| cell.id.clone())
        });
        if let Some(id) = &next {
            self.select(id, edit);
        }
        next.is_some()
    }

    /// Puts a cell behind `after`, at the top for `None`, and turns it on.
    pub fn insert(&self, after: Option<String>, kind: CellKind, source: String, edit: bool) {
        let id = new_id();
        let state = self.make(Cell { id: id.clone(), kind, source: source.clone(), outputs: Vec::new(), execution_count: None, run: CellRun::default() });
        if kind == CellKind::Markdown && edit {
            state.set.set(false);
        }
        let at = after.as_ref().and_then(|after| self.position(after)).map_or(0, |at| at + 1);
        self.cells.update(|cells| cells.insert(at.min(cells.len()), state));
        self.push(Edit::Insert { after, id: id.clone(), kind, source });
        self.select(&id, edit);
    }

    /// A new cell at the end.
    pub fn append(&self, kind: CellKind) {
        let last = self.cells.with_untracked(|cells| cells.last().map(|cell| cell.id.clone()));
        self.insert(last, kind, String::new(), true);
    }

    /// A new cell above or below the one that is on.
    pub fn insert_near(&self, below: bool, kind: CellKind, source: String, edit: bool) {
        let on = self.selected.get_untracked();
        let after = match (below, on) {
            (true, on) => on,
            (false, Some(on)) => self.position(&on).and_then(|at| at.checked_sub(1)).and_then(|at| self.cells.with_untracked(|cells| cells.get(at).map(|cell| cell.id.clone()))),
            (false, None) => None,
        };
        self.insert(after, kind, source, edit);
    }

    pub fn delete(&self, id: &str) {
        let Some(at) = self.position(id) else { return };
        let before = at.checked_sub(1).and_then(|at| self.cells.with_untracked(|cells| cells.get(at).map(|cell| cell.id.clone())));
        let Some(state) = self.cell(id) else { return };
        self.deleted.update(|deleted| deleted.push((before, state.kind.get_untracked(), state.source.get_untracked())));
        self.cells.update(|cells| {
            cells.remove(at);
        });
        self.push(Edit::Delete { cell: id.to_owned() });
        let next = self.cells.with_untracked(|cells| cells.get(at).or_else(|| cells.last()).map(|cell| cell.id.clone()));
        match next {
            Some(next) => self.select(&next, false),
            None => self.insert(None, CellKind::Code, String::new(), false),
        }
    }

    /// Brings back the cell that was deleted last.
    pub fn undelete(&self) {
        if let Some((after, kind, source)) = self.deleted.try_update(Vec::pop).flatten() {
            self.insert(after, kind, source, false);
        }
    }

    pub fn shift(&self, id: &str, by: i64) {
        let Some(at) = self.position(id) else { return };
        let count = self.cells.with_untracked(Vec::len) as i64;
        let to = at as i64 + by;
        if !(0..count).contains(&to) {
            return;
        }
        self.cells.update(|cells| {
            let cell = cells.remove(at);
            cells.insert(to as usize, cell);
        });
        let after = (to as usize).checked_sub(1).and_then(|at| self.cells.with_untracked(|cells| cells.get(at).map(|cell| cell.id.clone())));
        self.push(Edit::Move { cell: id.to_owned(), after });
        self.select(id, false);
    }

    pub fn set_kind(&self, id: &str, kind: CellKind) {
        let Some(state) = self.cell(id) else { return };
        if state.kind.get_untracked() == kind {
            return;
        }
        state.kind.set(kind);
        state.set.set(false);
        state.outputs.set(Vec::new());
        self.push(Edit::SetKind { cell: id.to_owned(), kind });
        self.select(id, self.editing.get_untracked());
    }

    /// Called with each change in the editor.
    pub fn typed(&self, id: &str, source: String) {
        if let Some(state) = self.cell(id) {
            state.source.set(source.clone());
        }
        self.queue(Edit::SetSource { cell: id.to_owned(), source });
        let this = *self;
        self.outgoing.with_value(|out| *out.later.borrow_mut() = Some(Timeout::new(TYPING_MS, move || this.send())));
        self.dirty.set(true);
    }

    /// Joins the cell with the one below.
    pub fn merge_below(&self, id: &str) {
        let Some(at) = self.position(id) else { return };
        let Some(below) = self.cells.with_untracked(|cells| cells.get(at + 1).cloned()) else { return };
        let Some(state) = self.cell(id) else { return };
        let source = format!("{}\n{}", state.source.get_untracked().trim_end_matches('\n'), below.source.get_untracked());
        self.write(&state, source);
        self.delete(&below.id);
        self.select(id, false);
    }

    /// Parts the cell at `offset`, in UTF-16 units.
    pub fn split(&self, id: &str, offset: usize) {
        let Some(state) = self.cell(id) else { return };
        let units: Vec<u16> = state.source.get_untracked().encode_utf16().collect();
        let (head, tail) = units.split_at(offset.min(units.len()));
        let (head, tail) = (String::from_utf16_lossy(head), String::from_utf16_lossy(tail));
        self.write(&state, head.trim_end_matches('\n').to_owned());
        self.insert(Some(id.to_owned()), state.kind.get_untracked(), tail.trim_start_matches('\n').to_owned(), true);
    }

    fn write(&self, state: &CellState, source: String) {
        if let Some(editor) = self.editors.with_value(|editors| editors.get(&state.id).copied()) {
            editor.set_text(&source);
        }
        state.source.set(source.clone());
        self.push(Edit::SetSource { cell: state.id.clone(), source });
    }

    pub fn clear_outputs(&self, cell: Option<String>) {
        self.cells.with_untracked(|cells| {
            for state in cells.iter().filter(|state| cell.as_ref().is_none_or(|id| *id == state.id)) {
                state.outputs.set(Vec::new());
            }
        });
        self.push(Edit::ClearOutputs { cell });
    }

    // ---- edits on their way

    fn queue(&self, edit: Edit) {
        self.outgoing.try_update_value(|out| {
            if let (Some(Edit::SetSource { cell: last, source: old }), Edit::SetSource { cell, source }) = (out.edits.last_mut(), &edit)
                && last == cell
            {
                *old = source.clone();
                return;
            }
            out.edits.push(edit);
        });
    }

    fn push(&self, edit: Edit) {
        self.queue(edit);
        self.dirty.set(true);
        self.send();
    }

    fn send(self) {
        let edits = self.outgoing.try_update_value(|out| {
            if out.sending || out.edits.is_empty() {
                return Vec::new();
            }
            out.sending = true;
            std::mem::take(&mut out.edits)
        });
        let Some(edits) = edits.filter(|edits| !edits.is_empty()) else { return };
        spawn_local(async move {
            let kept = edits.clone();
            let answer = api::call(EditNotebook { path: self.path(), edits }).await;
            self.outgoing.try_update_value(|out| out.sending = false);
            match answer {
                Ok(_) => self.save_soon(),
                Err(error) if error.code == "BackendUnreachable" => {
                    // Nothing typed is lost: it goes again, before what came after it.
                    self.outgoing.try_update_value(|out| out.edits.splice(0..0, kept).count());
                    TimeoutFuture::new(1_000).await;
                }
                Err(error) => {
                    self.toasts.fail("The edit was not taken; the notebook is read again", error.message);
                    self.load();
                }
            }
            self.send();
        });
    }

    /// Waits until the backend has every edit.
    pub(super) async fn settled(self) {
        self.send();
        while self.outgoing.try_with_value(|out| out.sending || !out.edits.is_empty()).unwrap_or(false) {
            TimeoutFuture::new(15).await;
        }
    }

    pub(super) fn save_soon(self) {
        self.outgoing.try_with_value(|out| {
            *out.save.borrow_mut() = Some(Timeout::new(SAVE_MS, move || {
                if self.dirty.try_get_untracked() == Some(true) {
                    self.save();
                }
            }));
        });
    }

    pub fn save(self) {
        spawn_local(async move {
            self.settled().await;
            if let Err(error) = api::call(SaveNotebook { path: self.path() }).await {
                self.toasts.fail("The notebook could not be saved", error.message);
            }
        });
    }
}

/// Eight letters and digits, as nbformat asks.
fn new_id() -> String {
    const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    (0..8).map(|_| LETTERS[(js_sys::Math::random() * LETTERS.len() as f64) as usize % LETTERS.len()] as char).collect()
}
