//! The registry of open notebooks: the studio's notebook calls, one method each.

use atelier_wire::studio::home::Done;
use atelier_wire::studio::notebook::{self, Completions, Notebook};
use atelier_wire::{Error, Event};
use std::path::PathBuf;
use std::sync::Arc;

/// Where notebooks are and what their kernels are given.
#[derive(Clone, Debug)]
pub struct KernelsOptions {
    /// The folder that notebook paths are relative to.
    pub workspace: PathBuf,
    /// Where Python environments are; see [`crate::environment::default_dir`].
    pub envs_dir: PathBuf,
    /// For the kernels' sockets and connection files; made with mode 0700.
    pub runtime_dir: PathBuf,
    /// Set in every kernel started from now on, besides the backend's own environment.
    pub environment: Vec<(String, String)>,
}

/// Called for every change, in order; must not block.
pub type Events = Arc<dyn Fn(Event) + Send + Sync>;

/// All open notebooks. Cheap to clone; all clones are one registry.
#[derive(Clone)]
pub struct Kernels {
    _options: Arc<KernelsOptions>,
}

impl Kernels {
    /// Must be called within a tokio runtime.
    pub fn open(options: KernelsOptions, events: Events) -> Kernels {
        let _ = events;
        Kernels { _options: Arc::new(options) }
    }

    pub async fn open_notebook(&self, request: notebook::OpenNotebook) -> Result<Notebook, Error> {
        Err(crate::KernelError::NotFound(request.path).into())
    }

    pub async fn edit(&self, request: notebook::EditNotebook) -> Result<Done, Error> {
        Err(crate::KernelError::NotFound(request.path).into())
    }

    pub async fn run(&self, request: notebook::RunCells) -> Result<Done, Error> {
        Err(crate::KernelError::NotFound(request.path).into())
    }

    pub async fn save(&self, request: notebook::SaveNotebook) -> Result<Done, Error> {
        Err(crate::KernelError::NotFound(request.path).into())
    }

    pub async fn interrupt(&self, request: notebook::InterruptKernel) -> Result<Done, Error> {
        Err(crate::KernelError::NotFound(request.path).into())
    }

    pub async fn restart(&self, request: notebook::RestartKernel) -> Result<Done, Error> {
        Err(crate::KernelError::NotFound(request.path).into())
    }

    pub async fn stop(&self, request: notebook::StopKernel) -> Result<Done, Error> {
        Err(crate::KernelError::NotFound(request.path).into())
    }

    pub async fn complete(&self, request: notebook::CompleteCode) -> Result<Completions, Error> {
        Err(crate::KernelError::NotFound(request.path).into())
    }

    pub async fn list(&self, request: notebook::ListKernels) -> Result<notebook::Kernels, Error> {
        let _ = request;
        Ok(notebook::Kernels::default())
    }

    /// Replaces [`KernelsOptions::environment`]: the backend's address is known only once its port is.
    pub fn set_environment(&self, variables: Vec<(String, String)>) {
        let _ = variables;
    }

    /// Number of kernels that live, for the status bar.
    pub fn num_running(&self) -> usize {
        0
    }

    /// Tells that a file or folder of the workspace was renamed, so that an open notebook follows it.
    pub fn moved(&self, from: &str, to: &str) {
        let _ = (from, to);
    }

    /// Tells that a file or folder of the workspace was deleted: its notebooks close and their kernels stop.
    pub fn removed(&self, path: &str) {
        let _ = path;
    }

    /// Saves what is unsaved and stops every kernel.
    pub async fn shutdown(&self) {}
}
