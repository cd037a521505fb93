//! What a person does to cells: shown at once, and told to the backend as one step each.

use super::cell_state::{CellState, blank, put};
use super::outgoing::new_id;
use super::session::Session;
use atelier_wire::studio::notebook::{CellKind, Edit};
use leptos::prelude::*;

impl Session {
    /// Puts a cell behind `after`, at the top for `None`, and turns it on. `kernel` as in [`Edit::SetCellKernel`].
    pub fn insert(&self, after: Option<String>, kind: CellKind, source: String, kernel: Option<String>, edit: bool) {
        let id = new_id();
        let mut cell = blank(id.clone(), kind, source.clone());
        cell.kernel.clone_from(&kernel);
        let state = self.make(cell);
        state.near.set(true);
        if kind == CellKind::Markdown && edit {
            state.set.set(false);
        }
        self.place(state, after.as_deref());
        let mut edits = vec![Edit::Insert { after, id: id.clone(), kind, source }];
        if kernel.is_some() {
            edits.push(Edit::SetCellKernel { cell: id.clone(), kernel });
        }
        self.push(edits);
        self.select(&id, edit);
    }

    /// A new cell at the end.
    pub fn append(&self, kind: CellKind) {
        let last = self.cells.with_untracked(|cells| cells.last().map(|cell| cell.id.clone()));
        self.insert(last, kind, String::new(), None, true);
    }

    /// A new cell above or below the chosen ones; code cells of the same language as the one that is on.
    pub fn insert_near(&self, below: bool, kind: CellKind, edit: bool) {
        let kernel = self.current().filter(|_| kind == CellKind::Code).and_then(|cell| cell.kernel.get_untracked());
        self.insert_with(below, kind, kernel, edit);
    }

    pub fn insert_with(&self, below: bool, kind: CellKind, kernel: Option<String>, edit: bool) {
        let chosen = self.chosen();
        let after = if below { chosen.last().cloned() } else { chosen.first().and_then(|first| self.before(first)) };
        self.insert(after, kind, String::new(), kernel, edit);
    }

    /// The cell above.
    pub(super) fn before(&self, id: &str) -> Option<String> {
        self.position(id).and_then(|at| at.checked_sub(1)).and_then(|at| self.at(at)).map(|cell| cell.id)
    }

    pub fn delete(&self, ids: &[String]) {
        let Some(first) = ids.first().and_then(|id| self.position(id)) else { return };
        for id in ids {
            self.remove(id);
        }
        let mut edits: Vec<Edit> = ids.iter().map(|id| Edit::Delete { cell: id.clone() }).collect();
        let count = self.cells.with_untracked(Vec::len);
        if count == 0 {
            // A notebook without a cell has nowhere to type.
            let id = new_id();
            self.place(self.make(blank(id.clone(), CellKind::Code, String::new())), None);
            edits.push(Edit::Insert { after: None, id, kind: CellKind::Code, source: String::new() });
        }
        self.push(edits);
        if let Some(next) = self.at(first.min(count.saturating_sub(1))) {
            self.select(&next.id, false);
        }
    }

    /// Moves cells that stand together one place up or down.
    pub fn shift(&self, ids: &[String], by: i64) {
        let (Some(first), Some(last)) =
            (ids.first().and_then(|id| self.position(id)), ids.last().and_then(|id| self.position(id)))
        else {
            return;
        };
        let after = if by < 0 {
            if first == 0 {
                return;
            }
            first.checked_sub(2).and_then(|at| self.at(at)).map(|cell| cell.id)
        } else {
            match self.at(last + 1) {
                Some(next) => Some(next.id),
                None => return,
            }
        };
        self.relocate_all(ids, after);
    }

    /// Puts cells behind another, in the order given.
    pub fn relocate_all(&self, ids: &[String], after: Option<String>) {
        let mut edits = Vec::with_capacity(ids.len());
        let mut behind = after;
        for id in ids {
            self.relocate(id, behind.as_deref());
            edits.push(Edit::Move { cell: id.clone(), after: behind });
            behind = Some(id.clone());
        }
        self.push(edits);
        if let Some(element) = self.selected.get_untracked().as_deref().and_then(super::select::element_of) {
            super::select::reveal(&element);
        }
    }

    pub fn set_kind(&self, ids: &[String], kind: CellKind) {
        let mut edits = Vec::new();
        for state in ids.iter().filter_map(|id| self.cell(id)).filter(|state| state.kind.get_untracked() != kind) {
            self.show_kind(&state, kind);
            edits.push(Edit::SetKind { cell: state.id.clone(), kind });
        }
        self.push(edits);
        if let Some(id) = self.selected.get_untracked() {
            let (anchor, editing) = (self.anchor.get_untracked(), self.editing.get_untracked());
            self.select(&id, editing);
            self.anchor.set(anchor);
        }
    }

    fn show_kind(&self, state: &CellState, kind: CellKind) {
        state.set.set(false);
        state.kind.set(kind);
        state.forget_outputs();
        if kind != CellKind::Code {
            put(state.kernel, None);
            state.run.set(Default::default());
            state.count.set(None);
        }
    }

    /// Makes text cells with a heading of this level.
    pub fn set_heading(&self, ids: &[String], level: usize) {
        let mut edits = Vec::new();
        for state in ids.iter().filter_map(|id| self.cell(id)) {
            if state.kind.get_untracked() != CellKind::Markdown {
                self.show_kind(&state, CellKind::Markdown);
                edits.push(Edit::SetKind { cell: state.id.clone(), kind: CellKind::Markdown });
            }
            let source = super::headings::with_level(&state.source.get_untracked(), level);
            state.take_source(source.clone());
            state.set.set(!source.trim_matches(['#', ' ', '\n']).is_empty());
            edits.push(Edit::SetSource { cell: state.id.clone(), source });
        }
        self.push(edits);
        if let Some(id) = self.selected.get_untracked() {
            self.select(&id, false);
        }
    }

    /// Which kernelspec runs these cells; `None`: the notebook's own.
    pub fn set_kernel(&self, ids: &[String], kernel: Option<String>) {
        let mut edits = Vec::new();
        for state in ids.iter().filter_map(|id| self.cell(id)) {
            if state.kind.get_untracked() != CellKind::Code {
                self.show_kind(&state, CellKind::Code);
                edits.push(Edit::SetKind { cell: state.id.clone(), kind: CellKind::Code });
            }
            if put(state.kernel, kernel.clone()) {
                edits.push(Edit::SetCellKernel { cell: state.id.clone(), kernel: kernel.clone() });
            }
        }
        self.push(edits);
    }

    /// Joins the chosen cells, or one cell with the one below.
    pub fn join(&self, ids: &[String]) {
        let mut ids = ids.to_vec();
        if let [one] = ids.as_slice() {
            let Some(below) = self.position(one).and_then(|at| self.at(at + 1)) else { return };
            ids.push(below.id);
        }
        let states: Vec<CellState> = ids.iter().filter_map(|id| self.cell(id)).collect();
        let [first, rest @ ..] = states.as_slice() else { return };
        let source = states.iter().map(|state| state.source.get_untracked()).collect::<Vec<_>>().join("\n");
        first.take_source(source);
        for state in rest {
            self.remove(&state.id);
        }
        self.push(vec![Edit::Merge { cells: ids.clone() }]);
        self.select(&ids[0], false);
    }

    /// Cuts a cell in two at `offset`, in UTF-16 units.
    pub fn split(&self, id: &str, offset: usize) {
        let Some(state) = self.cell(id) else { return };
        let source = state.source.get_untracked();
        let at = chars_before(&source, offset);
        let cut = source.char_indices().nth(at).map_or(source.len(), |(byte, _)| byte);
        let new_id = new_id();
        let mut rest = blank(new_id.clone(), state.kind.get_untracked(), source[cut..].to_owned());
        rest.kernel = state.kernel.get_untracked();
        let below = self.make(rest);
        below.near.set(true);
        below.set.set(false);
        state.take_source(source[..cut].to_owned());
        self.place(below, Some(id));
        self.push(vec![Edit::Split { cell: id.to_owned(), at, new_id: new_id.clone() }]);
        self.select(&new_id, true);
    }

    pub fn clear_outputs(&self, ids: Option<&[String]>) {
        let clear = |state: &CellState| {
            state.forget_outputs();
            state.count.set(None);
        };
        match ids {
            None => {
                self.cells.with_untracked(|cells| cells.iter().for_each(clear));
                self.push(vec![Edit::ClearOutputs { cell: None }]);
            }
            Some(ids) => {
                ids.iter().filter_map(|id| self.cell(id)).for_each(|state| clear(&state));
                self.push(ids.iter().map(|id| Edit::ClearOutputs { cell: Some(id.clone()) }).collect());
            }
        }
    }

    /// Hides or shows the source, or the outputs, of cells: hides if any of them is to be seen.
    pub fn toggle_hidden(&self, ids: &[String], outputs: bool) {
        let states: Vec<CellState> = ids.iter().filter_map(|id| self.cell(id)).collect();
        let pick = |state: &CellState| if outputs { state.outputs_hidden } else { state.source_hidden };
        let hide = states.iter().any(|state| !pick(state).get_untracked());
        let mut edits = Vec::new();
        for state in &states {
            put(pick(state), hide);
            edits.push(Edit::SetHidden {
                cell: state.id.clone(),
                source: state.source_hidden.get_untracked(),
                outputs: state.outputs_hidden.get_untracked(),
            });
        }
        self.push(edits);
    }

    /// Puts long outputs into a box that scrolls, or takes them out of it.
    pub fn toggle_scrolled(&self, ids: &[String]) {
        for state in ids.iter().filter_map(|id| self.cell(id)) {
            state.scrolled.update(|on| *on = !*on);
        }
    }

    pub fn set_tags(&self, id: &str, tags: Vec<String>) {
        let Some(state) = self.cell(id) else { return };
        if put(state.tags, tags.clone()) {
            self.push(vec![Edit::SetTags { cell: id.to_owned(), tags }]);
        }
    }
}

/// How many Unicode characters stand before the UTF-16 offset.
pub(super) fn chars_before(text: &str, offset: usize) -> usize {
    let mut units = 0;
    text.chars()
        .take_while(|letter| {
            units += letter.len_utf16();
            units <= offset
        })
        .count()
}

#[cfg(test)]
mod tests {
    use super::chars_before;

    #[test]
    fn offsets() {
        assert_eq!(chars_before("a😀b", 0), 0);
        assert_eq!(chars_before("a😀b", 1), 1);
        assert_eq!(chars_before("a😀b", 3), 2);
        assert_eq!(chars_before("a😀b", 99), 3);
    }
}
