//! A document with undo and redo.
//!
//! A step holds the cells that it changed as they were before and after, which is a few pointers each. Undoing puts
//! back what the step changed and nothing else: outputs that a cell got from running since then stay.

use crate::document::{Cell, Document};
use crate::edit;
use crate::error::EditError;
use atelier_wire::studio::notebook::{self as wire, Edit, Patch};
use std::collections::HashMap;
use std::sync::Arc;

/// Older steps are forgotten.
const MAX_STEPS: usize = 1000;

/// How a window is shown a cell; see [`crate::show`].
pub type ShowCell<'a> = &'a dyn Fn(&Cell) -> wire::Cell;

pub struct History {
    document: Document,
    done: Vec<Step>,
    undone: Vec<Step>,
    /// Counts changes of what stands in the file, those of running cells too.
    version: u64,
}

struct Step {
    /// Cells that are not the same before and after; `None` where there is no such cell.
    changed: Vec<(Option<Arc<Cell>>, Option<Arc<Cell>>)>,
    /// Ids in order, where the order changed.
    order: Option<(Vec<String>, Vec<String>)>,
    /// Where typing went on last, as long as a step may go on.
    typing: Option<Typing>,
}

/// A change of one stretch of one cell's text.
#[derive(Clone, Debug, PartialEq)]
struct Typing {
    cell: String,
    inserts: bool,
    /// Where the stretch ends now: the next character typed there, or removed before it, continues it.
    end: usize,
}

impl History {
    pub fn new(document: Document) -> History {
        History { document, done: Vec::new(), undone: Vec::new(), version: 0 }
    }

    pub fn document(&self) -> &Document {
        &self.document
    }

    /// For those who run cells: what they change is no step. Edits go through [`History::apply`].
    pub fn document_mut(&mut self) -> &mut Document {
        self.version += 1;
        &mut self.document
    }

    /// Differs from every earlier value once anything in the file differs.
    pub fn version(&self) -> u64 {
        self.version
    }

    pub fn can_undo(&self) -> bool {
        !self.done.is_empty()
    }

    pub fn can_redo(&self) -> bool {
        !self.undone.is_empty()
    }

    /// Applies all edits or none, as one step. `own` is this notebook's path; `find` finds cells of other notebooks
    /// by path and id. Returns what windows must change; nothing if nothing differs.
    pub fn apply(
        &mut self,
        edits: &[Edit],
        own: &str,
        find: edit::Find,
        show: ShowCell,
    ) -> Result<Vec<Patch>, EditError> {
        let mut edited = self.document.clone();
        edited.touch();
        for edit in edits {
            let here = edited.cells.clone();
            let find = |path: &str, id: &str| {
                let in_this = || here.iter().find(|cell| cell.id() == id).cloned().or_else(|| self.cell_ever(id));
                if path == own || path.is_empty() { in_this() } else { find(path, id) }
            };
            edit::apply(&mut edited, edit, &find)?;
        }
        edited.keep_unchanged(&self.document);
        let typing = self.typing(edits, &edited);
        let patches = patches(&self.document.cells, &edited.cells, show);
        if patches.is_empty() {
            return Ok(patches);
        }
        let step = Step::between(&self.document, &edited, typing);
        self.document = edited;
        self.version += 1;
        self.undone.clear();
        match self.done.last_mut() {
            Some(last) if last.goes_on(&step) => last.take_in(step),
            _ => self.done.push(step),
        }
        if self.done.len() > MAX_STEPS {
            self.done.remove(0);
        }
        Ok(patches)
    }

    /// Replaces everything by another version of the file, as one step.
    pub fn replace(&mut self, document: Document) {
        let step = Step::between(&self.document, &document, None);
        self.document = document;
        self.version += 1;
        self.undone.clear();
        if !step.changed.is_empty() || step.order.is_some() {
            self.done.push(step);
        }
    }

    /// Takes the last step back. Gives the patches and the cell at which it was; `None` if there is no step.
    pub fn undo(&mut self, show: ShowCell) -> Option<(Vec<Patch>, Option<String>)> {
        let mut step = self.done.pop()?;
        let change = self.walk(&mut step, Way::Back, show);
        self.undone.push(step);
        Some(change)
    }

    /// Does again what was taken back last.
    pub fn redo(&mut self, show: ShowCell) -> Option<(Vec<Patch>, Option<String>)> {
        let mut step = self.undone.pop()?;
        let change = self.walk(&mut step, Way::Forth, show);
        self.done.push(step);
        Some(change)
    }

    /// A cell of this notebook, even if it was deleted or its making was undone: what was cut can be pasted.
    pub fn cell_ever(&self, id: &str) -> Option<Arc<Cell>> {
        if let Some(cell) = self.document.cell(id) {
            return Some(cell.clone());
        }
        let named = |cell: &Option<Arc<Cell>>| cell.clone().filter(|cell| cell.id() == id);
        let gone = |step: &Step| step.changed.iter().find_map(|(before, _)| named(before));
        let unmade = |step: &Step| step.changed.iter().find_map(|(_, after)| named(after));
        self.done.iter().rev().find_map(gone).or_else(|| self.undone.iter().find_map(unmade))
    }

    fn typing(&self, edits: &[Edit], edited: &Document) -> Option<Typing> {
        let [Edit::SetSource { cell, .. }] = edits else { return None };
        let (old, new) = (self.document.cell(cell)?.source(), edited.cell(cell)?.source());
        Typing::between(cell, &old, &new)
    }

    fn walk(&mut self, step: &mut Step, way: Way, show: ShowCell) -> (Vec<Patch>, Option<String>) {
        let before = self.document.cells.clone();
        self.document.touch();
        self.version += 1;
        step.typing = None;
        for (old, new) in &mut step.changed {
            let (from, to) = match way {
                Way::Back => (new, old),
                Way::Forth => (old, new),
            };
            walk_cell(&mut self.document.cells, from, to);
        }
        if let Some((old, new)) = &step.order {
            let order = match way {
                Way::Back => old,
                Way::Forth => new,
            };
            let rank: HashMap<&str, usize> = order.iter().enumerate().map(|(at, id)| (id.as_str(), at)).collect();
            self.document.cells.sort_by_key(|cell| rank.get(cell.id()).copied().unwrap_or(usize::MAX));
        }
        let after = &self.document.cells;
        let patches = patches(&before, after, show);
        let touched = |patch: &Patch| match patch {
            Patch::Insert { cell, .. } | Patch::Replace { cell } => Some(cell.id.clone()),
            Patch::Source { cell, .. } | Patch::Move { cell, .. } => Some(cell.clone()),
            Patch::Remove { .. } => None,
        };
        let place = || {
            // Only removals: the cell that stands there now.
            let at = before.iter().position(|cell| !after.iter().any(|left| left.id() == cell.id()))?;
            after.get(at).or(after.last()).map(|cell| cell.id().to_owned())
        };
        let cell = patches.iter().find_map(touched).or_else(place);
        (patches, cell)
    }
}

#[derive(Clone, Copy)]
enum Way {
    Back,
    Forth,
}

/// Leads one cell from `from` to `to`. Both are brought up to date with what running made of the cell meanwhile.
fn walk_cell(cells: &mut Vec<Arc<Cell>>, from: &mut Option<Arc<Cell>>, to: &mut Option<Arc<Cell>>) {
    match (from, to) {
        (None, Some(to)) => cells.push(to.clone()),
        (Some(from), None) => {
            if let Some(at) = cells.iter().position(|cell| cell.id() == from.id()) {
                // Whoever brings it back wants it with its newest outputs.
                *from = cells.remove(at);
            }
        }
        (Some(from), Some(to)) => {
            let Some(at) = cells.iter().position(|cell| cell.id() == from.id()) else { return };
            let current = cells[at].clone();
            let ran_since = current.run_version != from.run_version;
            let mut target = Cell::clone(to);
            if ran_since && target.kind() == current.kind() {
                for key in ["outputs", "execution_count"] {
                    target.restore(key, &current);
                }
                target.run_version = current.run_version;
            }
            *from = current;
            *to = Arc::new(target);
            cells[at] = to.clone();
        }
        (None, None) => {}
    }
}

impl Step {
    fn between(before: &Document, after: &Document, typing: Option<Typing>) -> Step {
        let old: HashMap<&str, &Arc<Cell>> = before.cells.iter().map(|cell| (cell.id(), cell)).collect();
        let new: HashMap<&str, &Arc<Cell>> = after.cells.iter().map(|cell| (cell.id(), cell)).collect();
        let mut changed = Vec::new();
        for cell in &before.cells {
            match new.get(cell.id()) {
                Some(other) if Arc::ptr_eq(cell, other) => {}
                other => changed.push((Some(cell.clone()), other.map(|other| Arc::clone(other)))),
            }
        }
        let added = after.cells.iter().filter(|cell| !old.contains_key(cell.id()));
        changed.extend(added.map(|cell| (None, Some(cell.clone()))));
        let same_order = before.cells.len() == after.cells.len()
            && before.cells.iter().zip(&after.cells).all(|(old, new)| old.id() == new.id());
        let ids = |document: &Document| document.cells.iter().map(|cell| cell.id().to_owned()).collect();
        Step { changed, order: (!same_order).then(|| (ids(before), ids(after))), typing }
    }

    fn goes_on(&self, next: &Step) -> bool {
        match (&self.typing, &next.typing) {
            (Some(last), Some(next)) => last.goes_on(next),
            _ => false,
        }
    }

    fn take_in(&mut self, next: Step) {
        self.typing = next.typing;
        if let (Some((_, after)), Some((_, newer))) = (self.changed.first_mut(), next.changed.into_iter().next()) {
            *after = newer;
        }
    }
}

impl Typing {
    /// `None` unless one stretch was inserted or removed. A line break ends the stretch: the next one is a step of
    /// its own.
    fn between(cell: &str, old: &str, new: &str) -> Option<Typing> {
        let ahead = common(old.chars(), new.chars());
        let behind = common(old.chars().rev(), new.chars().rev());
        let (num_old, num_new) = (old.chars().count(), new.chars().count());
        let behind = behind.min(num_old.min(num_new) - ahead.min(num_old.min(num_new)));
        let (removed, inserted) = (num_old - ahead - behind, num_new - ahead - behind);
        match (removed, inserted) {
            (0, 1..) => {
                let text: String = new.chars().skip(ahead).take(inserted).collect();
                if text.contains('\n') {
                    return None;
                }
                Some(Typing { cell: cell.to_owned(), inserts: true, end: ahead + inserted })
            }
            (1.., 0) => Some(Typing { cell: cell.to_owned(), inserts: false, end: ahead }),
            _ => None,
        }
    }

    /// Whether `next` was typed where this ended. A stretch inserted among equal characters may be placed earlier
    /// than it was typed, which then begins a new step: harmless.
    fn goes_on(&self, next: &Typing) -> bool {
        let step = next.end.abs_diff(self.end);
        self.cell == next.cell
            && self.inserts == next.inserts
            && step <= MAX_TYPED
            && (self.inserts == (next.end > self.end))
    }
}

/// How many characters arrive at once from a person who types: the window sends what was typed in a few tenths of a
/// second.
const MAX_TYPED: usize = 20;

fn common(a: impl Iterator<Item = char>, b: impl Iterator<Item = char>) -> usize {
    a.zip(b).take_while(|(a, b)| a == b).count()
}

/// What makes `after` of `before`, as windows apply it: removals first, then from the top.
pub fn patches(before: &[Arc<Cell>], after: &[Arc<Cell>], show: ShowCell) -> Vec<Patch> {
    let old: HashMap<&str, (usize, &Arc<Cell>)> =
        before.iter().enumerate().map(|(at, cell)| (cell.id(), (at, cell))).collect();
    let kept: std::collections::HashSet<&str> = after.iter().map(|cell| cell.id()).collect();
    let mut patches: Vec<Patch> = before
        .iter()
        .filter(|cell| !kept.contains(cell.id()))
        .map(|cell| Patch::Remove { cell: cell.id().to_owned() })
        .collect();
    let ranks: Vec<usize> = after.iter().filter_map(|cell| old.get(cell.id()).map(|(at, _)| *at)).collect();
    let staying = longest_rise(&ranks);
    let mut previous: Option<&str> = None;
    for cell in after {
        let place = || previous.map(str::to_owned);
        match old.get(cell.id()) {
            None => patches.push(Patch::Insert { after: place(), cell: Box::new(show(cell)) }),
            Some((at, was)) => {
                if staying.binary_search(at).is_err() {
                    patches.push(Patch::Move { cell: cell.id().to_owned(), after: place() });
                }
                if !Arc::ptr_eq(was, cell) {
                    patches.extend(change(was, cell, show));
                }
            }
        }
        previous = Some(cell.id());
    }
    patches
}

fn change(was: &Cell, cell: &Cell, show: ShowCell) -> Option<Patch> {
    if was.is_same_but_source(cell) {
        let (old, new) = (was.source(), cell.source());
        return (old != new).then(|| Patch::Source { cell: cell.id().to_owned(), source: new });
    }
    Some(Patch::Replace { cell: Box::new(show(cell)) })
}

/// The values of a longest rising subsequence: the cells that need not move.
pub fn longest_rise(ranks: &[usize]) -> Vec<usize> {
    // ends[n]: index of the smallest value that ends a rise of n + 1 values; before[i]: what stands before i in it
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(ranks.len());
    for (at, rank) in ranks.iter().enumerate() {
        let n = ends.partition_point(|end| ranks[*end] < *rank);
        before.push(n.checked_sub(1).map(|n| ends[n]));
        match ends.get_mut(n) {
            Some(end) => *end = at,
            None => ends.push(at),
        }
    }
    let mut rise = Vec::with_capacity(ends.len());
    let mut at = ends.last().copied();
    while let Some(here) = at {
        rise.push(ranks[here]);
        at = before[here];
    }
    rise.reverse();
    rise
}
