//! What the backend tells its windows, over one WebSocket, one JSON object a message.

use crate::studio::kernel::{CellRun, Comm, InputRequest, KernelInfo};
use crate::studio::notebook::{Cell, Conflict, Output, Patch};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// Something of kind `tag` (a section of `operations.toml`, or `file`, `bucket`, `object`, `kernel`, `environment`,
    /// `variable`, `table`, `log`, `metric`, `invocation`) with name `id` was made, changed or removed. A panel that
    /// shows it reads it again.
    Changed { tag: String, id: String },
    /// A change of an open notebook, in the order in which it happened. Each has the `number` after that of the one
    /// before it; an answer that tells of the notebook has the number of the last change that is in it.
    Notebook { path: String, number: u64, change: NotebookChange },
    /// How a long action goes: an environment being made, packages installed, a notebook exported.
    Task(Task),
    /// Events were lost because the reader was too slow: read everything shown again.
    Lagged,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum NotebookChange {
    /// A cell started, was queued, ended, or its source changed since.
    Run {
        cell: String,
        run: CellRun,
    },
    /// The cell's outputs were removed.
    Clear {
        cell: String,
    },
    /// Output number `index` of the cell is now `output`; `index` equal to the count appends.
    Output {
        cell: String,
        index: usize,
        output: Output,
    },
    /// The stream that is output number `index` goes on with `text`.
    Append {
        cell: String,
        index: usize,
        text: String,
    },
    /// What the edits of a window (`None`: an undo, or the backend itself) changed.
    Edited {
        by: Option<String>,
        patches: Vec<Patch>,
        can_undo: bool,
        can_redo: bool,
    },
    /// The cells as they stand now, after a reload from disk. Large notebooks come with deferred outputs.
    Cells {
        cells: Vec<Cell>,
    },
    /// The kernels as they stand now.
    Kernels {
        kernels: Vec<KernelInfo>,
        kernel_name: String,
        language: String,
    },
    /// A kernel asks a person, or no longer does.
    Input {
        input: Option<InputRequest>,
    },
    Comm(Comm),
    /// `dirty` is true while edits are not yet on disk.
    Saved {
        dirty: bool,
    },
    Conflict {
        conflict: Option<Conflict>,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Task {
    pub id: String,
    /// What is done, in words: `Installing lightgbm into data science`.
    pub title: String,
    /// The last line it said.
    pub line: String,
    /// 0 to 1 where it can be known.
    pub fraction: Option<f32>,
    pub state: TaskState,
    /// Why it failed.
    pub problem: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskState {
    Running,
    Done,
    Failed,
}
