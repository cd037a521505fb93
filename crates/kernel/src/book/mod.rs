//! An open notebook as a pure state machine: edits, the queue of cells, what the kernels say. No clock, no IO;
//! the caller gives the time and gets the changes that windows must hear of.
//!
//! One cell runs at a time, whichever kernel it is for: what one passes to the other has then been passed.

mod hear;
mod message;
mod run;

pub use message::output as output_of;

use crate::KernelError;
use atelier_notebook::{Blobs, Cell as Node, Document, EditError, History, show};
use atelier_wire::event::NotebookChange;
use atelier_wire::studio::kernel::{CellRun, RunState};
use atelier_wire::studio::notebook::{Cell, CellKind, Edit, Output, Patch};
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

/// How much of outputs goes to a window with its notebook: more than a screen of it, and not much more, since nothing is
/// shown before all of it is there. The rest follows when the window asks.
const OPENING_BYTES: usize = 64 * 1024;
/// How much goes with an edited cell.
const EDITED_BYTES: usize = 256 * 1024;

pub struct Book {
    history: History,
    blobs: Arc<dyn Blobs + Send + Sync>,
    /// Cells that wait, by id.
    queue: VecDeque<String>,
    running: Option<Running>,
    /// What is known about cells only while the notebook is open.
    live: HashMap<String, Live>,
    /// The cell that a request was sent for, while it is that cell's last one.
    requests: HashMap<String, String>,
    /// Outputs that changed since windows were last told.
    touched: Vec<Touched>,
    /// Whether cells go on after one that failed.
    allow_errors: bool,
}

/// The cell that a kernel works on. It has ended when both channels said so: output may come after the reply.
struct Running {
    cell: String,
    request: String,
    /// The kernel's id.
    kernel: String,
    /// Status and count of the reply.
    reply: Option<(bool, Option<u64>)>,
    idle: bool,
}

#[derive(Default)]
struct Live {
    run: CellRun,
    request: Option<String>,
    /// Beside each output: the name under which the kernel may update it.
    display_ids: Vec<Option<String>>,
    /// To be cleared as soon as new output comes (`clear_output(wait=True)`).
    clear_on_output: bool,
    /// What the outputs of this run weigh.
    num_bytes: usize,
    /// The source that ran last.
    ran: Option<String>,
}

/// An output that windows have not seen as it is.
struct Touched {
    cell: String,
    index: usize,
    /// What was appended to a stream that windows know; `None`: they need the output itself.
    appended: Option<String>,
}

/// A cell to send to a kernel.
#[derive(Debug, PartialEq)]
pub struct Start {
    pub cell: String,
    pub code: String,
}

/// Finds a cell to paste by its notebook's path and its id.
pub type Find<'a> = &'a dyn Fn(&str, &str) -> Option<Arc<Node>>;

impl Book {
    pub fn new(document: Document, blobs: Arc<dyn Blobs + Send + Sync>, allow_errors: bool) -> Book {
        Book {
            history: History::new(document),
            blobs,
            queue: VecDeque::new(),
            running: None,
            live: HashMap::new(),
            requests: HashMap::new(),
            touched: Vec::new(),
            allow_errors,
        }
    }

    pub fn document(&self) -> &Document {
        self.history.document()
    }

    /// For what is not an edit of a person: outputs, and metadata that a kernel tells.
    pub fn document_mut(&mut self) -> &mut Document {
        self.history.document_mut()
    }

    /// Differs from every earlier value once anything in the file differs.
    pub fn version(&self) -> u64 {
        self.history.version()
    }

    pub fn can_undo(&self) -> bool {
        self.history.can_undo()
    }

    pub fn can_redo(&self) -> bool {
        self.history.can_redo()
    }

    /// A cell to be pasted elsewhere, even if it was cut here.
    pub fn cell_ever(&self, id: &str) -> Option<Arc<Node>> {
        self.history.cell_ever(id)
    }

    pub fn run_of(&self, cell: &str) -> CellRun {
        self.live.get(cell).map(|live| live.run.clone()).unwrap_or_default()
    }

    fn live(&mut self, cell: &str) -> &mut Live {
        self.live.entry(cell.to_owned()).or_default()
    }
}

/// Edits.
impl Book {
    /// Applies all edits or none. `own` is this notebook's path.
    pub fn edit(
        &mut self,
        window: &str,
        edits: &[Edit],
        own: &str,
        find: Find,
    ) -> Result<Vec<NotebookChange>, EditError> {
        let (live, blobs) = (&self.live, &*self.blobs);
        let patches = self.history.apply(edits, own, find, &|cell| shown(live, blobs, cell, &mut { EDITED_BYTES }))?;
        Ok(self.edited(Some(window.to_owned()), patches))
    }

    /// Takes the last step back or does it again. Gives the cell at which that was, for the window to go to.
    pub fn undo(&mut self, redo: bool) -> (Option<String>, Vec<NotebookChange>) {
        let (live, blobs) = (&self.live, &*self.blobs);
        let show = |cell: &Node| shown(live, blobs, cell, &mut { EDITED_BYTES });
        let undone = if redo { self.history.redo(&show) } else { self.history.undo(&show) };
        let Some((patches, cell)) = undone else { return (None, Vec::new()) };
        let changes = self.edited(None, patches);
        (cell, changes)
    }

    /// What follows from patches: cells that left the queue, cells whose source is no longer what ran.
    fn edited(&mut self, by: Option<String>, patches: Vec<Patch>) -> Vec<NotebookChange> {
        let touched: Vec<String> = patches
            .iter()
            .filter_map(|patch| match patch {
                Patch::Source { cell, .. } => Some(cell.clone()),
                Patch::Insert { cell, .. } | Patch::Replace { cell } => Some(cell.id.clone()),
                Patch::Remove { .. } | Patch::Move { .. } => None,
            })
            .collect();
        // What windows have now is what the patches hold.
        let whole = |patch: &Patch| match patch {
            Patch::Insert { cell, .. } | Patch::Replace { cell } => Some(cell.id.clone()),
            Patch::Remove { cell } => Some(cell.clone()),
            Patch::Source { .. } | Patch::Move { .. } => None,
        };
        let replaced: HashSet<String> = patches.iter().filter_map(whole).collect();
        self.touched.retain(|touched| !replaced.contains(&touched.cell));
        let mut changes = Vec::new();
        if !patches.is_empty() {
            changes.push(NotebookChange::Edited { by, patches, can_undo: self.can_undo(), can_redo: self.can_redo() });
        }
        let document = self.history.document();
        let gone: Vec<String> = self
            .queue
            .iter()
            .filter(|id| document.cell(id).is_none_or(|cell| cell.kind() != CellKind::Code))
            .cloned()
            .collect();
        if !gone.is_empty() {
            changes.extend(self.cancel(&gone).into_iter().filter(|change| self.concerns_cell(change)));
        }
        for id in touched {
            changes.extend(self.judge_staleness(&id));
        }
        changes
    }

    fn concerns_cell(&self, change: &NotebookChange) -> bool {
        matches!(change, NotebookChange::Run { cell, .. } if self.document().index(cell).is_some())
    }

    fn judge_staleness(&mut self, id: &str) -> Option<NotebookChange> {
        let cell = self.history.document().cell(id)?;
        let live = self.live.get_mut(id)?;
        live.display_ids.truncate(cell.num_outputs());
        let stale = matches!(live.run.state, RunState::Done | RunState::Failed)
            && live.ran.as_ref().is_some_and(|ran| *ran != cell.source());
        (live.run.stale != stale).then(|| {
            live.run.stale = stale;
            NotebookChange::Run { cell: id.to_owned(), run: live.run.clone() }
        })
    }

    /// Takes over what another program wrote, as a step that can be undone. Nothing may run or wait.
    pub fn replace(&mut self, document: Document) -> Vec<NotebookChange> {
        self.history.replace(document);
        self.touched.clear();
        self.requests.clear();
        self.live.clear();
        vec![NotebookChange::Cells { cells: self.cells() }]
    }
}

/// What windows are shown.
impl Book {
    /// All cells, with the first outputs.
    pub fn cells(&self) -> Vec<Cell> {
        let mut left = OPENING_BYTES;
        self.document().cells().iter().map(|cell| shown(&self.live, &*self.blobs, cell, &mut left)).collect()
    }

    /// Some cells with all their outputs; those that are gone are left out.
    pub fn cells_with_outputs(&self, ids: &[String]) -> Vec<Cell> {
        let found = ids.iter().filter_map(|id| self.document().cell(id));
        found.map(|cell| shown(&self.live, &*self.blobs, cell, &mut usize::MAX.clone())).collect()
    }

    /// An output as it stands, of a long stream the end.
    pub fn output(&self, cell: &str, index: usize) -> Option<Output> {
        let value = self.document().cell(cell)?.output(index)?;
        Some(self.named(cell, index, show::output(&value, &*self.blobs)))
    }

    pub fn whole_output(&self, cell: &str, index: usize) -> Option<Output> {
        let value = self.document().cell(cell)?.output(index)?;
        Some(self.named(cell, index, show::whole_output(&value, &*self.blobs)))
    }

    fn named(&self, cell: &str, index: usize, mut output: Output) -> Output {
        if let Output::Display { display_id, .. } = &mut output {
            *display_id = self.live.get(cell).and_then(|live| live.display_ids.get(index).cloned().flatten());
        }
        output
    }
}

/// A cell as windows see it; its outputs only if they fit into what is `left`.
fn shown(live: &HashMap<String, Live>, blobs: &dyn Blobs, cell: &Node, left: &mut usize) -> Cell {
    let weight: usize = (0..cell.num_outputs()).map(|index| cell.output_bytes(index)).sum();
    let mut shown = if weight <= *left {
        *left -= weight;
        Cell { num_deferred_outputs: 0, ..show::cell(cell, blobs) }
    } else {
        // The order of the outputs on the page is that of the cells: what follows waits too.
        *left = 0;
        show::without_outputs(cell, blobs)
    };
    if let Some(live) = live.get(cell.id()) {
        shown.run = live.run.clone();
        for (output, name) in shown.outputs.iter_mut().zip(&live.display_ids) {
            if let Output::Display { display_id, .. } = output {
                display_id.clone_from(name);
            }
        }
    }
    shown
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod model;
