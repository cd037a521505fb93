//! A cell as the window holds it: signals that the views of the cell read one by one, so that a change redraws only
//! what it concerns.

use super::session::Session;
use crate::kit::editor::EditorHandle;
use atelier_wire::event::NotebookChange;
use atelier_wire::studio::kernel::CellRun;
use atelier_wire::studio::notebook::{Cell, CellKind, Content, Output, SHOWN_BYTES, cut_at};
use leptos::{html, prelude::*};
use std::collections::BTreeMap;

/// An output with a number of its own, so that a growing stream is not drawn from the start.
#[derive(Clone)]
pub struct OutputSlot {
    pub number: u64,
    pub output: ArcRwSignal<Output>,
}

/// A cell. Handles only: copying it copies no text.
#[derive(Clone)]
pub struct CellState {
    pub id: String,
    pub kind: RwSignal<CellKind>,
    pub source: RwSignal<String>,
    /// The kernelspec that runs it where it is not the notebook's own.
    pub kernel: RwSignal<Option<String>>,
    pub outputs: RwSignal<Vec<OutputSlot>>,
    /// Outputs that the backend has kept back so far; until they are read, those from before stay.
    pub num_deferred: RwSignal<usize>,
    late: StoredValue<Late>,
    pub run: RwSignal<CellRun>,
    pub count: RwSignal<Option<u64>>,
    pub tags: RwSignal<Vec<String>>,
    pub source_hidden: RwSignal<bool>,
    pub outputs_hidden: RwSignal<bool>,
    /// A heading whose section is folded away.
    pub collapsed: RwSignal<bool>,
    /// JSON text.
    pub metadata: RwSignal<String>,
    pub attachments: RwSignal<BTreeMap<String, Content>>,
    // What only this window knows.
    /// Whether a text cell shows its text set rather than its source.
    pub set: RwSignal<bool>,
    /// Whether it has been on the screen or close to it: everything in it waits for that.
    pub near: RwSignal<bool>,
    /// Whether it lies in a section that is folded away.
    pub folded: RwSignal<bool>,
    /// Its place among the cells, from 0.
    pub place: RwSignal<usize>,
    /// Whether it is the cell that is on.
    pub on: RwSignal<bool>,
    /// Whether it is one of several that are chosen.
    pub chosen: RwSignal<bool>,
    /// Whether its outputs scroll in a box of their own.
    pub scrolled: RwSignal<bool>,
    /// Where something was found in its source: UTF-16 offsets and whether it is the one gone to.
    pub found: RwSignal<Vec<(usize, usize, bool)>>,
    /// Whether its editor has been made.
    pub has_editor: RwSignal<bool>,
    pub editor: EditorHandle,
    /// Where its editor goes.
    pub host: NodeRef<html::Div>,
}

/// What is known of outputs that are still to be read.
#[derive(Default)]
struct Late {
    /// The number of the change since which they are to be read.
    since: u64,
    /// What was told of them since then, by its number.
    told: Vec<(u64, NotebookChange)>,
}

impl CellState {
    pub(super) fn new(session: &Session, cell: Cell) -> Self {
        Self {
            late: StoredValue::new(Late { since: session.upto(), told: Vec::new() }),
            set: RwSignal::new(!cell.source.trim().is_empty()),
            id: cell.id,
            kind: RwSignal::new(cell.kind),
            source: RwSignal::new(cell.source),
            kernel: RwSignal::new(cell.kernel),
            outputs: RwSignal::new(cell.outputs.into_iter().map(|output| session.slot(output)).collect()),
            num_deferred: RwSignal::new(cell.num_deferred_outputs),
            count: RwSignal::new(cell.execution_count.or(cell.run.execution_count)),
            run: RwSignal::new(cell.run),
            tags: RwSignal::new(cell.tags),
            source_hidden: RwSignal::new(cell.source_hidden),
            outputs_hidden: RwSignal::new(cell.outputs_hidden),
            collapsed: RwSignal::new(cell.collapsed),
            metadata: RwSignal::new(cell.metadata),
            attachments: RwSignal::new(cell.attachments),
            near: RwSignal::new(false),
            folded: RwSignal::new(false),
            place: RwSignal::new(0),
            on: RwSignal::new(false),
            chosen: RwSignal::new(false),
            scrolled: RwSignal::new(false),
            found: RwSignal::new(Vec::new()),
            has_editor: RwSignal::new(false),
            editor: EditorHandle::default(),
            host: NodeRef::new(),
        }
    }

    /// Takes what the backend says of the cell. `source`: its text too, which is not wanted while newer typing is on
    /// its way.
    pub(super) fn refresh(&self, session: &Session, cell: Cell, source: bool) {
        if source {
            self.take_source(cell.source);
        }
        let kind_changed = put(self.kind, cell.kind);
        if kind_changed {
            self.set.set(cell.kind == CellKind::Markdown && !self.editor.is_there());
        }
        put(self.kernel, cell.kernel);
        self.late.set_value(Late { since: session.upto(), told: Vec::new() });
        put(self.num_deferred, cell.num_deferred_outputs);
        if cell.num_deferred_outputs == 0 {
            self.show_outputs(session, cell.outputs);
        }
        put(self.count, cell.execution_count.or(cell.run.execution_count));
        session.set_run(self, cell.run);
        put(self.tags, cell.tags);
        put(self.source_hidden, cell.source_hidden);
        put(self.outputs_hidden, cell.outputs_hidden);
        put(self.collapsed, cell.collapsed);
        put(self.metadata, cell.metadata);
        put(self.attachments, cell.attachments);
    }

    fn show_outputs(&self, session: &Session, outputs: Vec<Output>) {
        let same = self.outputs.with_untracked(|slots| {
            slots.len() == outputs.len()
                && slots.iter().zip(&outputs).all(|(slot, output)| slot.output.with_untracked(|old| old == output))
        });
        if !same {
            self.outputs.set(outputs.into_iter().map(|output| session.slot(output)).collect());
        }
    }

    pub(super) fn forget_outputs(&self) {
        self.num_deferred.set(0);
        self.late.update_value(|late| late.told.clear());
        self.outputs.set(Vec::new());
    }

    pub(super) fn is_deferred(&self) -> bool {
        self.num_deferred.get_untracked() > 0
    }

    /// Keeps what was told of an output that is still to be read.
    pub(super) fn keep_late(&self, number: u64, change: NotebookChange) {
        self.late.update_value(|late| late.told.push((number, change)));
    }

    /// Shows outputs that were kept back, unless they were read before the cell changed. What was told of them since.
    pub(super) fn take_outputs(&self, session: &Session, number: u64, outputs: Vec<Output>) -> Vec<NotebookChange> {
        // A run may have begun meanwhile: then the events have told everything.
        if !self.is_deferred() || self.late.with_value(|late| late.since > number) {
            return Vec::new();
        }
        self.num_deferred.set(0);
        self.show_outputs(session, outputs);
        let told = self.late.try_update_value(|late| std::mem::take(&mut late.told)).unwrap_or_default();
        told.into_iter().filter(|(at, _)| *at > number).map(|(_, change)| change).collect()
    }

    /// Shows another source, in the editor too.
    pub(super) fn take_source(&self, source: String) {
        if self.source.with_untracked(|old| *old != source) {
            self.editor.set_text(&source);
            self.source.set(source);
        }
    }

    /// As the backend would describe it, for a copy of the cell.
    pub(super) fn snapshot(&self) -> Cell {
        Cell {
            id: self.id.clone(),
            kind: self.kind.get_untracked(),
            source: self.source.get_untracked(),
            kernel: self.kernel.get_untracked(),
            outputs: self
                .outputs
                .with_untracked(|slots| slots.iter().map(|slot| slot.output.get_untracked()).collect()),
            num_deferred_outputs: self.num_deferred.get_untracked(),
            execution_count: self.count.get_untracked(),
            run: CellRun::default(),
            tags: self.tags.get_untracked(),
            source_hidden: self.source_hidden.get_untracked(),
            outputs_hidden: self.outputs_hidden.get_untracked(),
            collapsed: self.collapsed.get_untracked(),
            metadata: self.metadata.get_untracked(),
            attachments: self.attachments.get_untracked(),
        }
    }

    /// Goes on with the stream that is output number `index`. What is above the shown amount goes at its start; the
    /// file keeps it.
    pub(super) fn append(&self, index: usize, more: &str) {
        let Some(slot) = self.outputs.with_untracked(|slots| slots.get(index).map(|slot| slot.output.clone())) else {
            return;
        };
        slot.update(|output| {
            if let Output::Stream { text, num_left_out, .. } = output {
                text.push_str(more);
                if text.len() > 2 * SHOWN_BYTES {
                    let cut = cut_at(text, text.len() - SHOWN_BYTES);
                    text.drain(..cut);
                    *num_left_out += cut as u64;
                }
            }
        });
    }
}

/// Sets a signal that differs. True if it did.
pub(super) fn put<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, value: T) -> bool {
    let differs = signal.try_with_untracked(|old| *old != value).unwrap_or(false);
    if differs {
        signal.set(value);
    }
    differs
}

/// A cell that has nothing yet but its text.
pub(super) fn blank(id: String, kind: CellKind, source: String) -> Cell {
    Cell {
        id,
        kind,
        source,
        kernel: None,
        outputs: Vec::new(),
        num_deferred_outputs: 0,
        execution_count: None,
        run: CellRun::default(),
        tags: Vec::new(),
        source_hidden: false,
        outputs_hidden: false,
        collapsed: false,
        metadata: "{}".into(),
        attachments: BTreeMap::new(),
    }
}
