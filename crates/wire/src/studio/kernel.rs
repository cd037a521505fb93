//! Running cells: kernels, their queue, what they ask for and what they know.
//!
//! A notebook has one kernel for each kernelspec that its cells ask for. Where a request has `kernel: None` it means
//! the notebook's own.

use super::home::Done;
use crate::calls;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Where a code cell stands. Times are seconds since the epoch.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CellRun {
    pub state: RunState,
    pub execution_count: Option<u64>,
    pub started_at: Option<f64>,
    pub ended_at: Option<f64>,
    /// The source changed since it ran.
    pub stale: bool,
    /// What the compiler said of the cell, for Rust.
    pub diagnostics: Vec<Diagnostic>,
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

/// Lines and columns count from 1, columns in Unicode characters; the end is exclusive.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Diagnostic {
    pub line: u32,
    pub column: u32,
    pub end_line: u32,
    pub end_column: u32,
    /// `error`, `warning`, `help`.
    pub level: String,
    pub message: String,
    /// `E0382` and the like.
    pub code: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KernelInfo {
    pub id: String,
    /// The kernelspec's name.
    pub name: String,
    pub display_name: String,
    pub language: String,
    /// The environment it runs in, as a person knows it (`data science`, `.venv`).
    pub environment: String,
    pub state: KernelState,
    /// What it does while it starts; why it died, with its last lines on stderr.
    pub problem: Option<String>,
    pub memory_bytes: u64,
    /// Cells that wait, in order.
    pub queue: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KernelState {
    Starting,
    Idle,
    Busy,
    Dead,
}

/// Queues the cells in the order given; starts kernels where there are none. Returns at once: follow the events.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunCells {
    pub path: String,
    /// Empty: all code cells.
    pub cells: Vec<String>,
}

/// Takes cells that wait out of the queue; empty: all that wait.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CancelCells {
    pub path: String,
    pub cells: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InterruptKernel {
    pub path: String,
    pub kernel: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RestartKernel {
    pub path: String,
    pub kernel: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StopKernel {
    pub path: String,
    pub kernel: Option<String>,
}

/// Makes `name` the notebook's kernelspec, in the file too. The kernel that ran before stops.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChooseKernel {
    pub path: String,
    pub name: String,
}

/// Asks the kernel of the cell. Positions count Unicode characters, as Jupyter does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CompleteCode {
    pub path: String,
    pub kernel: Option<String>,
    pub code: String,
    pub cursor: usize,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Completions {
    pub matches: Vec<Completion>,
    pub start: usize,
    pub end: usize,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Completion {
    pub text: String,
    /// `function`, `module`, `keyword` ...; empty where the kernel does not say.
    pub kind: String,
    pub detail: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InspectCode {
    pub path: String,
    pub kernel: Option<String>,
    pub code: String,
    pub cursor: usize,
    /// 0: signature and documentation, 1: the source too.
    pub detail: u8,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Inspection {
    /// By MIME type, `text/plain` (with ANSI colours) and perhaps more; empty: nothing is known there.
    pub data: BTreeMap<String, String>,
}

/// A cell waits for a person to type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InputRequest {
    pub kernel: String,
    pub cell: String,
    pub prompt: String,
    pub password: bool,
}

/// The answer to the open [`InputRequest`] of that kernel.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct AnswerInput {
    pub path: String,
    pub kernel: Option<String>,
    pub text: String,
}

/// A message of a comm, the channel between a widget and its object in the kernel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comm {
    pub kernel: String,
    pub kind: CommKind,
    pub comm_id: String,
    /// For `Open`: which kind of object this is about (`jupyter.widget`).
    pub target: String,
    /// JSON text.
    pub data: String,
    pub metadata: String,
    /// base64
    pub buffers: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommKind {
    Open,
    Message,
    Close,
}

/// Sends a message of a widget to its kernel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SendComm {
    pub path: String,
    pub comm: Comm,
}

/// The comms that are open, each as the `Open` message that would bring a new window up to date.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GetComms {
    pub path: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Comms {
    /// Of the last change of the notebook that is in them, as in [`crate::Event::Notebook`].
    pub number: u64,
    pub comms: Vec<Comm>,
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
    /// The environment it runs in, as a person knows it.
    pub environment: String,
    /// Where it was found: a folder, or in words.
    pub origin: String,
}

/// What the kernels of a notebook have in their memory by name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ListVariables {
    pub path: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Variables {
    pub variables: Vec<Variable>,
    /// A kernel was busy and could not be asked: what it said last is shown.
    pub is_old: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Variable {
    /// The kernelspec of the kernel that holds it.
    pub kernel: String,
    pub name: String,
    /// `DataFrame`, `int`, `Vec<f64>`.
    pub kind: String,
    /// `1,000 × 12`, `3 items`; empty for a plain value.
    pub shape: String,
    pub num_bytes: Option<u64>,
    /// The value's first characters.
    pub preview: String,
    /// Whether the data explorer can open it.
    pub is_table: bool,
}

/// Puts a table of the kernel on the bridge for the data explorer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OpenVariable {
    pub path: String,
    pub kernel: Option<String>,
    pub name: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OpenedVariable {
    /// What [`super::data::view::OpenView`] takes: `bridge:NAME`.
    pub source: String,
}

calls! {
    RunCells => Done,
    CancelCells => Done,
    InterruptKernel => Done,
    RestartKernel => Done,
    StopKernel => Done,
    ChooseKernel => Done,
    CompleteCode => Completions,
    InspectCode => Inspection,
    AnswerInput => Done,
    SendComm => Done,
    GetComms => Comms,
    ListKernels => Kernels,
    ListVariables => Variables,
    OpenVariable => OpenedVariable,
}
