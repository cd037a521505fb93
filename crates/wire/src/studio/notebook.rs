//! Notebooks and their kernels. The backend owns both: a window shows them, edits them and may go at any time.

use super::home::Done;
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
    pub cells: Vec<Cell>,
    /// The kernelspec the file asks for, and its language (`python`).
    pub kernel_name: String,
    pub language: String,
    pub kernel: Option<KernelInfo>,
    pub dirty: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// Unique in the notebook; made up for files older than nbformat 4.5.
    pub id: String,
    pub kind: CellKind,
    pub source: String,
    pub outputs: Vec<Output>,
    pub execution_count: Option<u64>,
    pub run: CellRun,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CellKind {
    Code,
    Markdown,
    Raw,
}

/// Where a code cell stands. Times are seconds since the epoch.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CellRun {
    pub state: RunState,
    pub execution_count: Option<u64>,
    pub started_at: Option<f64>,
    pub ended_at: Option<f64>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    #[default]
    Idle,
    Queued,
    Running,
    Done,
    Failed,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "output", rename_all = "snake_case")]
pub enum Output {
    /// `text` holds the whole stream so far, `\r` and ANSI sequences included.
    Stream { stderr: bool, text: String },
    /// A MIME bundle. Text types hold text; `image/png` and other binary types hold base64; JSON types hold JSON text.
    Display { data: BTreeMap<String, String>, execution_count: Option<u64> },
    Error { name: String, message: String, traceback: Vec<String> },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KernelInfo {
    pub id: String,
    pub name: String,
    pub display_name: String,
    pub language: String,
    pub state: KernelState,
    /// Why it died, with its last lines on stderr.
    pub problem: Option<String>,
    pub memory_bytes: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KernelState {
    Starting,
    Idle,
    Busy,
    Dead,
}

/// Applies edits in order, all or none. The reply is the notebook's new dirty state; other windows see `Cells`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EditNotebook {
    pub path: String,
    pub edits: Vec<Edit>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "edit", rename_all = "snake_case")]
pub enum Edit {
    SetSource { cell: String, source: String },
    /// Inserts after `after`, at the top for `None`. The id is the window's to choose (8 letters or digits).
    Insert { after: Option<String>, id: String, kind: CellKind, source: String },
    Delete { cell: String },
    /// Moves behind `after`, to the top for `None`.
    Move { cell: String, after: Option<String> },
    SetKind { cell: String, kind: CellKind },
    ClearOutputs { cell: Option<String> },
}

/// Queues the cells in the order given; starts the kernel if there is none. Returns at once: follow the events.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunCells {
    pub path: String,
    /// Empty: all code cells.
    pub cells: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SaveNotebook {
    pub path: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InterruptKernel {
    pub path: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RestartKernel {
    pub path: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StopKernel {
    pub path: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CompleteCode {
    pub path: String,
    pub code: String,
    /// In Unicode characters, as Jupyter counts.
    pub cursor: usize,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Completions {
    pub matches: Vec<String>,
    pub start: usize,
    pub end: usize,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListKernels {}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Kernels {
    /// Kernelspecs that can be started.
    pub available: Vec<KernelSpec>,
    /// Path of the notebook and its kernel.
    pub running: Vec<(String, KernelInfo)>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KernelSpec {
    pub name: String,
    pub display_name: String,
    pub language: String,
}

calls! {
    OpenNotebook => Notebook,
    EditNotebook => Done,
    RunCells => Done,
    SaveNotebook => Done,
    InterruptKernel => Done,
    RestartKernel => Done,
    StopKernel => Done,
    CompleteCode => Completions,
    ListKernels => Kernels,
}
