//! The frame: what is this backend, what does the machine do, what had the window open, what can the palette reach.

use crate::calls;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GetStudio {}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StudioInfo {
    pub version: String,
    /// `http://127.0.0.1:PORT`, what AWS_ENDPOINT_URL should hold.
    pub address: String,
    pub home: String,
    /// The folder whose files the Files panel shows.
    pub workspace: String,
    pub region: String,
    pub account: String,
    pub default_bucket: String,
    pub role_arn: String,
    /// Name and value of each variable that `atelier env` prints; the secret key is replaced by dots.
    pub environment: Vec<(String, String)>,
    pub started_at: f64,
    /// Workspace path of the quickstart notebook.
    pub quickstart: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GetMachine {}

/// Use of this machine, now.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Machine {
    /// 0 to 100, over all cores.
    pub cpu_percent: f32,
    pub num_cores: usize,
    pub memory_used_bytes: u64,
    pub memory_total_bytes: u64,
    pub disk_free_bytes: u64,
    /// Memory of the backend process itself.
    pub backend_memory_bytes: u64,
    pub jobs_running: usize,
    pub endpoints_in_service: usize,
    pub kernels_running: usize,
}

/// Reads a value that a window kept: its tabs, its theme, a list's sort order. Keys are chosen by the window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GetWindowState {
    pub key: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WindowState {
    pub value: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PutWindowState {
    pub key: String,
    /// At most 256 KiB.
    pub value: String,
}

/// Everything that has a name and an address, for the palette: files, jobs, models, endpoints, buckets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FindResources {
    pub query: String,
    pub limit: usize,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Resources {
    pub resources: Vec<Resource>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Resource {
    /// `atelier://KIND/NAME`, what a tab opens: kinds `file`, `training-job`, `transform-job`, `endpoint`, `bucket`.
    pub address: String,
    pub title: String,
    /// A word on what or in which state it is.
    pub detail: String,
}

/// Stops the backend. Kernels stop; endpoints serve again and jobs are re-adopted when it next starts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StopStudio {}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Done {}

calls! {
    GetStudio => StudioInfo,
    GetMachine => Machine,
    GetWindowState => WindowState,
    PutWindowState => Done,
    FindResources => Resources,
    StopStudio => Done,
}
