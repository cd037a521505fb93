//! The registry of open notebooks: the studio's notebook calls, one method each.

use crate::session::Session;
use crate::{KernelError, disk, kernelspec};
use atelier_wire::studio::home::Done;
use atelier_wire::studio::kernel::{self, Completions, KernelState};
use atelier_wire::studio::notebook::{self, Notebook};
use atelier_wire::{Error, Event};
use parking_lot::Mutex;
use std::collections::HashMap;
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
    /// The folder that kernels start in; `None`: the notebook's own.
    pub working_dir: Option<PathBuf>,
}

/// Called for every change, in order; must not block.
pub type Events = Arc<dyn Fn(Event) + Send + Sync>;

/// What all notebooks share.
pub(crate) struct Shared {
    pub options: KernelsOptions,
    pub environment: Mutex<Vec<(String, String)>>,
    pub events: Events,
}

/// All open notebooks. Cheap to clone; all clones are one registry.
#[derive(Clone)]
pub struct Kernels {
    shared: Arc<Shared>,
    open: Arc<Mutex<HashMap<String, Arc<Session>>>>,
}

impl Kernels {
    /// Its methods must be called within a tokio runtime.
    pub fn open(options: KernelsOptions, events: Events) -> Kernels {
        let environment = Mutex::new(options.environment.clone());
        Kernels { shared: Arc::new(Shared { options, environment, events }), open: Arc::default() }
    }

    /// The notebook, opened if need be. Opening reads a file; the lock keeps two openings of one notebook apart.
    fn session(&self, path: &str) -> Result<Arc<Session>, KernelError> {
        let mut open = self.open.lock();
        if let Some(session) = open.get(path) {
            return Ok(session.clone());
        }
        let session = Session::open(self.shared.clone(), path)?;
        open.insert(path.to_owned(), session.clone());
        Ok(session)
    }

    fn sessions(&self) -> Vec<Arc<Session>> {
        self.open.lock().values().cloned().collect()
    }

    pub async fn open_notebook(&self, request: notebook::OpenNotebook) -> Result<Notebook, Error> {
        let session = self.session(&request.path)?;
        session.refresh().await?;
        Ok(session.snapshot())
    }

    pub async fn edit(&self, request: notebook::EditNotebook) -> Result<Done, Error> {
        self.session(&request.path)?.edit(&request.edits)?;
        Ok(Done {})
    }

    pub async fn run(&self, request: kernel::RunCells) -> Result<Done, Error> {
        self.session(&request.path)?.run(&request.cells)?;
        Ok(Done {})
    }

    pub async fn save(&self, request: notebook::SaveNotebook) -> Result<Done, Error> {
        self.session(&request.path)?.save(true).await?;
        Ok(Done {})
    }

    pub async fn interrupt(&self, request: kernel::InterruptKernel) -> Result<Done, Error> {
        self.session(&request.path)?.interrupt()?;
        Ok(Done {})
    }

    pub async fn restart(&self, request: kernel::RestartKernel) -> Result<Done, Error> {
        self.session(&request.path)?.restart().await?;
        Ok(Done {})
    }

    pub async fn stop(&self, request: kernel::StopKernel) -> Result<Done, Error> {
        self.session(&request.path)?.stop().await;
        Ok(Done {})
    }

    pub async fn complete(&self, request: kernel::CompleteCode) -> Result<Completions, Error> {
        Ok(self.session(&request.path)?.complete(request.code, request.cursor).await)
    }

    pub async fn list(&self, _request: kernel::ListKernels) -> Result<kernel::Kernels, Error> {
        let available = kernelspec::available().into_iter().map(|launcher| launcher.spec).collect();
        let with_kernel = |session: Arc<Session>| session.kernel_info().map(|info| (session.path(), info));
        let mut running: Vec<_> = self.sessions().into_iter().filter_map(with_kernel).collect();
        running.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(kernel::Kernels { available, running })
    }

    /// Replaces [`KernelsOptions::environment`]: the backend's address is known only once its port is.
    pub fn set_environment(&self, variables: Vec<(String, String)>) {
        *self.shared.environment.lock() = variables;
    }

    /// Number of kernels that live, for the status bar.
    pub fn num_running(&self) -> usize {
        let alive = |session: &Arc<Session>| session.kernel_info().is_some_and(|info| info.state != KernelState::Dead);
        self.sessions().iter().filter(|session| alive(session)).count()
    }

    /// Tells that a file or folder of the workspace was renamed, so that open notebooks follow it.
    pub fn moved(&self, from: &str, to: &str) {
        let mut open = self.open.lock();
        let affected: Vec<String> = open.keys().filter(|path| is_under(path, from)).cloned().collect();
        for old in affected {
            let new = format!("{to}{}", &old[from.len()..]);
            let Ok(file) = disk::resolve(&self.shared.options.workspace, &new) else { continue };
            let Some(session) = open.remove(&old) else { continue };
            session.follow(new.clone(), file);
            open.insert(new, session);
        }
    }

    /// Tells that a file or folder of the workspace was deleted: its notebooks close and their kernels stop.
    pub fn removed(&self, path: &str) {
        let mut open = self.open.lock();
        let affected: Vec<String> = open.keys().filter(|open| is_under(open, path)).cloned().collect();
        for session in affected.iter().filter_map(|path| open.remove(path)) {
            tokio::spawn(async move { session.stop().await });
        }
    }

    /// Saves what is unsaved and stops every kernel.
    pub async fn shutdown(&self) {
        let end = self.sessions().into_iter().map(|session| async move {
            session.stop().await;
            if let Err(error) = session.save(false).await {
                tracing::error!(path = session.path(), %error, "a notebook was not saved");
            }
        });
        futures::future::join_all(end).await;
    }
}

fn is_under(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
