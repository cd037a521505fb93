//! What differs between two notebooks: cells are matched first, then compared by lines.

mod git;
mod matching;

pub use git::{GitError, last_commit};

use crate::document::{Cell, Document};
use atelier_wire::studio::notebook::{CellChange, CellDiff, DiffLine, NotebookDiff};
use matching::{Matched, matched};
use serde_json::{Map, Value};
use similar::{ChangeTag, TextDiff};
use std::time::Duration;

/// Longer comparisons of one cell's text end with a coarser result.
const LINES_LIMIT: Duration = Duration::from_millis(500);

/// From `old` to `new`, in the order of a merged reading. `against` says in words what the old one is.
pub fn diff(old: &Document, new: &Document, against: &str) -> NotebookDiff {
    let cells = matched(old, new).into_iter().map(|pair| match pair {
        Matched::Removed(old) => one_sided(CellChange::Removed, old),
        Matched::Added(new) => one_sided(CellChange::Added, new),
        Matched::Both { old, new, moved } => both(old, new, moved),
    });
    let cells = cells.collect();
    let mut metadata = Vec::new();
    compare("", &old.metadata(), &new.metadata(), &mut metadata);
    if old.minor() != new.minor() {
        let text = |document: &Document| Some(document.minor().to_string());
        metadata.push(("nbformat_minor".to_owned(), text(old), text(new)));
    }
    NotebookDiff { against: against.to_owned(), cells, metadata }
}

/// Whether the notebooks are the same, but for how the files are laid out.
pub fn is_same(diff: &NotebookDiff) -> bool {
    let same = |cell: &CellDiff| cell.change == CellChange::Same && !cell.outputs_differ && !cell.metadata_differs;
    diff.metadata.is_empty() && diff.cells.iter().all(same)
}

fn one_sided(change: CellChange, cell: &Cell) -> CellDiff {
    let id = Some(cell.id().to_owned());
    let (old, new) = if change == CellChange::Added { (None, id) } else { (id, None) };
    let lines = cell.source().lines().map(|line| DiffLine { change, text: line.to_owned() }).collect();
    CellDiff {
        change,
        kind: cell.kind(),
        old,
        new,
        lines,
        outputs_differ: cell.num_outputs() > 0,
        metadata_differs: false,
    }
}

fn both(old: &Cell, new: &Cell, moved: bool) -> CellDiff {
    let lines = lines(&old.source(), &new.source());
    let outputs_differ = old.outputs() != new.outputs() || old.execution_count() != new.execution_count();
    let metadata_differs = old.metadata() != new.metadata() || old.attachments() != new.attachments();
    let changed = old.kind() != new.kind() || lines.iter().any(|line| line.change != CellChange::Same);
    let change = match (changed || outputs_differ || metadata_differs, moved) {
        (true, _) => CellChange::Changed,
        (false, true) => CellChange::Moved,
        (false, false) => CellChange::Same,
    };
    CellDiff {
        change,
        kind: new.kind(),
        old: Some(old.id().to_owned()),
        new: Some(new.id().to_owned()),
        lines,
        outputs_differ,
        metadata_differs,
    }
}

/// Two texts by lines. A line break at the end that only one has makes no difference.
pub fn lines(old: &str, new: &str) -> Vec<DiffLine> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let diff = TextDiff::configure().timeout(LINES_LIMIT).diff_slices(&old, &new);
    let line = |change: similar::Change<&str>| DiffLine {
        change: match change.tag() {
            ChangeTag::Equal => CellChange::Same,
            ChangeTag::Delete => CellChange::Removed,
            ChangeTag::Insert => CellChange::Added,
        },
        text: change.value().to_owned(),
    };
    diff.iter_all_changes().map(line).collect()
}

/// Leaves that differ, by their path with dots.
fn compare(
    path: &str,
    old: &Map<String, Value>,
    new: &Map<String, Value>,
    found: &mut Vec<(String, Option<String>, Option<String>)>,
) {
    let added = new.keys().filter(|key| !old.contains_key(*key));
    for key in old.keys().chain(added) {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        match (old.get(key), new.get(key)) {
            (Some(Value::Object(old)), Some(Value::Object(new))) => compare(&path, old, new, found),
            (old, new) if old == new => {}
            (old, new) => found.push((path, old.map(Value::to_string), new.map(Value::to_string))),
        }
    }
}
