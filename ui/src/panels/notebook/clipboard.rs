//! Cells that were cut or copied: for every notebook of this window. The system's clipboard gets their sources.
//!
//! The backend has the cells themselves, cut ones too, so what it pastes holds everything: outputs that no window was
//! shown, attachments, metadata of other programs.

use super::outgoing::{Order, new_id};
use super::session::Session;
use crate::kit::copy::copy_text;
use atelier_wire::studio::notebook::{Cell, CellKind, Edit};
use leptos::prelude::*;
use std::cell::RefCell;
use wasm_bindgen_futures::spawn_local;

#[derive(Clone)]
struct Held {
    /// The notebook that they are of.
    from: String,
    cells: Vec<Cell>,
}

thread_local! {
    static HELD: RefCell<Option<Held>> = const { RefCell::new(None) };
}

impl Session {
    pub fn copy(&self, ids: &[String]) {
        self.hold(ids);
    }

    pub fn cut(&self, ids: &[String]) {
        self.hold(ids);
        self.delete(ids);
    }

    fn hold(&self, ids: &[String]) {
        let cells: Vec<Cell> = ids.iter().filter_map(|id| self.cell(id)).map(|cell| cell.snapshot()).collect();
        let text = cells.iter().map(|cell| cell.source.as_str()).collect::<Vec<_>>().join("\n\n");
        HELD.with(|held| *held.borrow_mut() = Some(Held { from: self.path(), cells }));
        spawn_local(async move {
            // A browser may refuse; the cells themselves are held here.
            copy_text(&text).await;
        });
    }

    /// Puts the held cells below or above the chosen ones.
    pub fn paste(&self, below: bool) {
        let Some(held) = HELD.with(|held| held.borrow().clone()) else { return };
        let chosen = self.chosen();
        let after = if below { chosen.last().cloned() } else { chosen.first().and_then(|first| self.before(first)) };
        self.put_copies(after, held);
    }

    /// Copies of cells right below them.
    pub fn duplicate(&self, ids: &[String]) {
        let cells = ids.iter().filter_map(|id| self.cell(id)).map(|cell| cell.snapshot()).collect();
        self.put_copies(ids.last().cloned(), Held { from: self.path(), cells });
    }

    fn put_copies(&self, after: Option<String>, held: Held) {
        let new_ids: Vec<String> = held.cells.iter().map(|_| new_id()).collect();
        let anew = rebuilt(after.clone(), &held.cells, &new_ids);
        let cells = held.cells.iter().map(|cell| cell.id.clone()).collect();
        let mut edits = vec![Edit::Paste { after: after.clone(), from: held.from, cells, new_ids: new_ids.clone() }];
        // The text is that of the moment at which it was copied.
        edits.extend(
            held.cells
                .iter()
                .zip(&new_ids)
                .map(|(cell, id)| Edit::SetSource { cell: id.clone(), source: cell.source.clone() }),
        );
        let mut behind = after;
        for (cell, id) in held.cells.into_iter().zip(&new_ids) {
            let state = self.make(Cell { id: id.clone(), ..cell });
            state.near.set(true);
            self.place(state, behind.as_deref());
            behind = Some(id.clone());
        }
        self.dirty.set(true);
        self.order(Order::Paste { edits, anew });
        if let (Some(first), Some(last)) = (new_ids.first(), new_ids.last()) {
            self.select(last, false);
            self.anchor.set((first != last).then(|| first.clone()));
        }
    }
}

/// What makes cells anew that the backend does not know any more, because it was started again or their notebook was
/// deleted: everything but their outputs.
fn rebuilt(after: Option<String>, cells: &[Cell], new_ids: &[String]) -> Vec<Edit> {
    let mut behind = after;
    let mut edits = Vec::new();
    for (cell, id) in cells.iter().zip(new_ids) {
        edits.push(Edit::Insert {
            after: behind.clone(),
            id: id.clone(),
            kind: cell.kind,
            source: cell.source.clone(),
        });
        if cell.metadata.trim() != "{}" {
            edits.push(Edit::SetMetadata { cell: id.clone(), metadata: cell.metadata.clone() });
        }
        if cell.kind == CellKind::Code && cell.kernel.is_some() {
            edits.push(Edit::SetCellKernel { cell: id.clone(), kernel: cell.kernel.clone() });
        }
        behind = Some(id.clone());
    }
    edits
}
