//! Notebooks as documents: open, edit, undo, save, compare, export. Running them is in [`super::kernel`].
//!
//! The backend owns every open notebook. A window shows it, edits it, and may go at any time.

use super::home::Done;
use super::kernel::{CellRun, InputRequest, KernelInfo};
use crate::calls;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Opens a notebook of the workspace, or returns it as it stands if some window has it open.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OpenNotebook {
    pub path: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Notebook {
    pub path: String,
    /// Of the last change that is in this, as in [`crate::Event::Notebook`].
    pub number: u64,
    pub cells: Vec<Cell>,
    /// The kernelspec the file asks for, as it stands in the file (`conda_python3`), and its language (`python`).
    pub kernel_name: String,
    pub language: String,
    /// One for each kernelspec that cells of this notebook were run with; the notebook's own first.
    pub kernels: Vec<KernelInfo>,
    pub dirty: bool,
    pub can_undo: bool,
    pub can_redo: bool,
    pub conflict: Option<Conflict>,
    /// What a person should know about the file: that it will be upgraded on the first save, for instance.
    pub notes: Vec<String>,
    /// What a kernel waits for, if one does.
    pub input: Option<InputRequest>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// Unique in the notebook; made up for files older than nbformat 4.5.
    pub id: String,
    pub kind: CellKind,
    pub source: String,
    /// The kernelspec that runs this cell where it is not the notebook's own (`rust` in a Python notebook).
    pub kernel: Option<String>,
    pub outputs: Vec<Output>,
    /// Outputs that were left out of the answer because the notebook is large: [`GetCells`] has them.
    pub num_deferred_outputs: usize,
    pub execution_count: Option<u64>,
    pub run: CellRun,
    pub tags: Vec<String>,
    pub source_hidden: bool,
    pub outputs_hidden: bool,
    /// A heading whose section is folded away.
    pub collapsed: bool,
    /// The cell's metadata as JSON text.
    pub metadata: String,
    /// Attachments of a Markdown cell by name.
    pub attachments: BTreeMap<String, Content>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CellKind {
    Code,
    Markdown,
    Raw,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "output", rename_all = "snake_case")]
pub enum Output {
    /// What the program wrote, `\r` and ANSI sequences included. Above [`SHOWN_BYTES`] only its end;
    /// `num_left_out` bytes before it are in the file and come with [`GetOutput`].
    Stream {
        stderr: bool,
        text: String,
        num_left_out: u64,
    },
    /// A MIME bundle.
    Display {
        data: BTreeMap<String, Content>,
        execution_count: Option<u64>,
        display_id: Option<String>,
    },
    Error {
        name: String,
        message: String,
        traceback: Vec<String>,
    },
}

/// How much text of one output goes to a window unasked.
pub const SHOWN_BYTES: usize = 64 * 1024;

/// Where a stream is cut that is to begin at byte `at` or a little later: behind the line around it, else at the next
/// whole character.
pub fn cut_at(text: &str, at: usize) -> usize {
    let from = (at..text.len()).find(|&at| text.is_char_boundary(at)).unwrap_or(text.len());
    text[from..].find('\n').filter(|line| *line < 4096).map_or(from, |line| from + line + 1)
}

/// One representation of an output.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// Text types hold text, JSON types (`…+json`, `application/json`) hold JSON text.
    Text(String),
    /// Binary types, and text that is long: stored once by content, read from this path of the backend.
    Blob { path: String, num_bytes: u64 },
}

/// Cells as they stand, with all their outputs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GetCells {
    pub path: String,
    pub cells: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cells {
    /// Of the last change that is in them.
    pub number: u64,
    pub cells: Vec<Cell>,
}

/// One output, whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GetOutput {
    pub path: String,
    pub cell: String,
    pub index: usize,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WholeOutput {
    /// Of the last change that is in it.
    pub number: u64,
    pub output: Output,
}

/// Applies edits in order, all or none: one step of undo, unless it continues the typing of the step before it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EditNotebook {
    pub path: String,
    /// Chosen by the window, and told with the change so that it knows its own.
    pub window: String,
    pub edits: Vec<Edit>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "edit", rename_all = "snake_case")]
pub enum Edit {
    SetSource {
        cell: String,
        source: String,
    },
    /// Inserts after `after`, at the top for `None`. The id is the window's to choose (8 letters or digits).
    Insert {
        after: Option<String>,
        id: String,
        kind: CellKind,
        source: String,
    },
    /// Puts copies of cells after `after`, with everything they hold; `new_ids` has one for each. The cells may be of
    /// another notebook that is open.
    Paste {
        after: Option<String>,
        from: String,
        cells: Vec<String>,
        new_ids: Vec<String>,
    },
    Delete {
        cell: String,
    },
    /// Moves behind `after`, to the top for `None`.
    Move {
        cell: String,
        after: Option<String>,
    },
    SetKind {
        cell: String,
        kind: CellKind,
    },
    /// Cuts the source at `at` (Unicode characters); the rest becomes a cell of the same kind below, named `new_id`.
    Split {
        cell: String,
        at: usize,
        new_id: String,
    },
    /// Joins the sources with one line break into the first; outputs of a code cell that goes are dropped.
    Merge {
        cells: Vec<String>,
    },
    ClearOutputs {
        cell: Option<String>,
    },
    SetTags {
        cell: String,
        tags: Vec<String>,
    },
    SetHidden {
        cell: String,
        source: bool,
        outputs: bool,
    },
    SetCollapsed {
        cell: String,
        collapsed: bool,
    },
    /// The kernelspec for this cell; `None`: the notebook's own.
    SetCellKernel {
        cell: String,
        kernel: Option<String>,
    },
    /// Replaces the metadata by this JSON object.
    SetMetadata {
        cell: String,
        metadata: String,
    },
    /// Adds an attachment to a Markdown cell: base64, at most 16 MiB.
    Attach {
        cell: String,
        name: String,
        mime: String,
        base64: String,
    },
    Detach {
        cell: String,
        name: String,
    },
}

/// Takes back, or does again, the last step of any window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UndoNotebook {
    pub path: String,
    pub redo: bool,
}

/// The cell at which something was undone, for the window to go to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Undone {
    pub cell: Option<String>,
}

/// What an edit changed, as windows apply it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "patch", rename_all = "snake_case")]
pub enum Patch {
    /// The cell is new, after `after`.
    Insert {
        after: Option<String>,
        cell: Box<Cell>,
    },
    Remove {
        cell: String,
    },
    Move {
        cell: String,
        after: Option<String>,
    },
    Source {
        cell: String,
        source: String,
    },
    /// Anything else of the cell changed.
    Replace {
        cell: Box<Cell>,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SaveNotebook {
    pub path: String,
}

/// Another program changed or removed the file while edits here are unsaved. Nothing is written until it is resolved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Conflict {
    pub kind: ConflictKind,
    /// Seconds since the epoch at which the file was changed, where that can be known.
    pub changed_at: Option<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConflictKind {
    Changed,
    Deleted,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResolveConflict {
    pub path: String,
    pub keep: Keep,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Keep {
    /// Write what this studio holds over the file.
    Mine,
    /// Read the file again and drop what is unsaved (undo brings it back).
    Theirs,
    /// Write mine; the file as it was stays beside it as `NAME (other version).ipynb`.
    Both,
}

/// What differs between the open notebook and another version of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DiffNotebook {
    pub path: String,
    pub against: Against,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Against {
    /// The file as it was when this studio last wrote or read it.
    LastSave,
    /// The file as it is on disk now.
    Disk,
    /// The version in git's last commit.
    LastCommit,
    /// Another notebook of the workspace.
    File(String),
}

/// From the other version (old) to the open notebook (new), in the order of a merged reading.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NotebookDiff {
    /// What the old version is, in words.
    pub against: String,
    pub cells: Vec<CellDiff>,
    /// Notebook metadata that differs: path in the metadata, old, new (JSON text; `None` where absent).
    pub metadata: Vec<(String, Option<String>, Option<String>)>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CellDiff {
    pub change: CellChange,
    pub kind: CellKind,
    /// Ids in the two versions.
    pub old: Option<String>,
    pub new: Option<String>,
    /// The source by lines.
    pub lines: Vec<DiffLine>,
    pub outputs_differ: bool,
    pub metadata_differs: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CellChange {
    Same,
    Added,
    Removed,
    Changed,
    Moved,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DiffLine {
    pub change: CellChange,
    pub text: String,
}

/// Writes the notebook in another form beside it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExportNotebook {
    pub path: String,
    pub to: ExportForm,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportForm {
    Html,
    Pdf,
    Py,
    Rs,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Exported {
    /// The file's path in the workspace.
    pub path: String,
}

calls! {
    OpenNotebook => Notebook,
    GetCells => Cells,
    GetOutput => WholeOutput,
    EditNotebook => Done,
    UndoNotebook => Undone,
    SaveNotebook => Done,
    ResolveConflict => Done,
    DiffNotebook => NotebookDiff,
    ExportNotebook => Exported,
}

#[cfg(test)]
mod tests {
    use super::cut_at;

    #[test]
    fn streams_are_cut_at_lines() {
        assert_eq!(cut_at("ab\ncd\nef", 1), 3);
        assert_eq!(cut_at("ab\ncd\nef", 7), 7);
        assert_eq!(cut_at("äöü", 1), 2);
        assert_eq!(cut_at("ab", 9), 2);
    }
}
