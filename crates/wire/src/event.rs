//! What the backend tells its windows, over one WebSocket, one JSON object a message.

use crate::studio::notebook::{Cell, CellRun, KernelInfo, Output};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// Something of kind `tag` (a section of `operations.toml`, or `file`, `bucket`, `object`, `kernel`, `log`,
    /// `metric`, `invocation`) with name `id` was made, changed or removed. A panel that shows it reads it again.
    Changed { tag: String, id: String },
    /// A change of an open notebook, in the order in which it happened.
    Notebook { path: String, change: NotebookChange },
    /// Events were lost because the reader was too slow: read everything shown again.
    Lagged,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum NotebookChange {
    /// A cell started, was queued or ended.
    Run { cell: String, run: CellRun },
    /// The cell's outputs were removed.
    Clear { cell: String },
    /// Output number `index` of the cell is now `output`; `index` equal to the count appends.
    Output { cell: String, index: usize, output: Output },
    /// The cells as they stand now, after an edit of another window or a reload from disk.
    Cells { cells: Vec<Cell> },
    Kernel { kernel: Option<KernelInfo> },
    /// `dirty` is true while edits are not yet on disk.
    Saved { dirty: bool },
}
