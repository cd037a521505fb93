//! Sections that fold away under their headings; the file remembers which.

use super::cell_state::{CellState, put};
use super::headings;
use super::session::Session;
use atelier_wire::studio::notebook::{CellKind, Edit};
use leptos::prelude::*;

impl Session {
    /// For each cell the level of the heading that it opens with.
    pub(super) fn levels(&self) -> Vec<Option<usize>> {
        self.cells.with_untracked(|cells| cells.iter().map(|cell| untrack(|| level(cell))).collect())
    }

    /// Keeps `folded` of each cell as the headings above it say.
    pub(super) fn follow_sections(self) {
        Effect::new(move |_| {
            self.cells.with(|cells| {
                let heads: Vec<(Option<usize>, bool)> =
                    cells.iter().map(|cell| (level(cell), cell.collapsed.get())).collect();
                for (cell, hidden) in cells.iter().zip(headings::folded(&heads)) {
                    put(cell.folded, hidden);
                }
            });
        });
    }

    pub fn fold(&self, id: &str, collapsed: bool) {
        let Some(state) = self.cell(id) else { return };
        if put(state.collapsed, collapsed) {
            self.push(vec![Edit::SetCollapsed { cell: id.to_owned(), collapsed }]);
        }
    }

    /// Folds or opens the section that the cell that is on stands in.
    pub fn fold_here(&self, collapsed: bool) {
        let levels = self.levels();
        let Some(at) = self.selected.get_untracked().and_then(|id| self.position(&id)) else { return };
        let head = headings::section_around(&levels, at).start;
        if let Some(cell) = self.at(head).filter(|_| levels[head].is_some()) {
            self.select(&cell.id, false);
            self.fold(&cell.id, collapsed);
        }
    }

    pub fn fold_all(&self, collapsed: bool) {
        let levels = self.levels();
        let mut edits = Vec::new();
        self.cells.with_untracked(|cells| {
            for (cell, level) in cells.iter().zip(levels) {
                if level.is_some() && put(cell.collapsed, collapsed) {
                    edits.push(Edit::SetCollapsed { cell: cell.id.clone(), collapsed });
                }
            }
        });
        self.push(edits);
    }

    /// Opens the sections that hide a cell.
    pub(super) fn unfold_to(&self, id: &str) {
        let levels = self.levels();
        let Some(at) = self.position(id) else { return };
        let mut edits = Vec::new();
        self.cells.with_untracked(|cells| {
            for (head, cell) in cells[..at].iter().enumerate() {
                if cell.collapsed.get_untracked()
                    && headings::section(&levels, head).contains(&at)
                    && put(cell.collapsed, false)
                {
                    edits.push(Edit::SetCollapsed { cell: cell.id.clone(), collapsed: false });
                }
            }
        });
        self.push(edits);
    }

    /// How many cells its section has, for a head.
    pub(super) fn section_len(&self, id: &str) -> usize {
        let levels = self.levels();
        self.position(id).map_or(0, |at| headings::section(&levels, at).len().saturating_sub(1))
    }
}

fn level(cell: &CellState) -> Option<usize> {
    if cell.kind.get() == CellKind::Markdown { cell.source.with(|source| headings::level(source)) } else { None }
}
