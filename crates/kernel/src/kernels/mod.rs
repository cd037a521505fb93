//! The registry of open notebooks, and what they share.

mod calls;
mod documents;
mod environments;

use crate::kernelspec::{self, Launcher};
use crate::launch::Desk;
use crate::session::Session;
use crate::spare::Spares;
use crate::{Blobs, KernelError, agent, environment};
use atelier_notebook::file::{self, Place};
use atelier_wire::Event;
use atelier_wire::studio::kernel::KernelState;
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
    /// For the journals of unsaved work.
    pub journals_dir: PathBuf,
    /// For binary outputs and long texts.
    pub blobs_dir: PathBuf,
    /// Under which path of the backend those are read, with a slash at the end.
    pub blob_prefix: String,
    /// Set in every kernel started from now on, besides the backend's own environment.
    pub environment: Vec<(String, String)>,
    /// The file that the notebook is a copy of: kernels start in its folder, their environments are looked for from
    /// there, and its name is what they are told. `None`: each notebook stands for itself.
    pub copy_of: Option<PathBuf>,
    /// Whether cells go on after one that failed.
    pub allow_errors: bool,
    /// Whether somebody is there to answer `input()`.
    pub allow_stdin: bool,
    /// Whether kernels are started before anybody asks.
    pub spare_kernels: bool,
}

impl KernelsOptions {
    /// Everything that is kept goes into `home`; somebody is there to answer.
    pub fn new(home: &std::path::Path, workspace: PathBuf) -> KernelsOptions {
        KernelsOptions {
            workspace,
            envs_dir: environment::default_dir(),
            runtime_dir: home.join("kernels"),
            journals_dir: home.join("unsaved"),
            blobs_dir: home.join("blobs"),
            blob_prefix: "/studio/blob/".to_owned(),
            environment: Vec::new(),
            copy_of: None,
            allow_errors: false,
            allow_stdin: true,
            spare_kernels: true,
        }
    }

    pub(crate) fn place(&self) -> Place {
        Place { workspace: self.workspace.clone(), journals: self.journals_dir.clone() }
    }

    /// Where projects and their environments are looked for.
    pub(crate) fn projects_dir(&self) -> &std::path::Path {
        self.copy_of.as_deref().and_then(std::path::Path::parent).unwrap_or(&self.workspace)
    }
}

/// Called for every change, in order; must not block.
pub type Events = Arc<dyn Fn(Event) + Send + Sync>;

/// What all notebooks share.
pub(crate) struct Shared {
    pub options: KernelsOptions,
    pub environment: Mutex<Vec<(String, String)>>,
    pub events: Events,
    pub blobs: Arc<Blobs>,
    pub spares: Spares,
    /// Long work that windows follow, by its id.
    pub tasks: Mutex<HashMap<String, Arc<environment::Stop>>>,
}

impl Shared {
    /// Every kernel that can be started.
    pub fn launchers(&self) -> Vec<Launcher> {
        let of_environments = environment::specs(self.options.projects_dir(), &self.options.envs_dir);
        let launcher = |environment::Spec { spec, argv, env }| Launcher {
            spec,
            argv: Some(argv),
            env,
            interrupt: Default::default(),
        };
        kernelspec::available(of_environments.into_iter().map(launcher).collect())
    }

    /// Starts a spare of one of our own kernels unless there is one. Blocks.
    fn keep_spare(&self, name: &str) {
        let Some(launcher) = kernelspec::ours(name) else { return };
        let (options, variables) = (&self.options, self.environment.lock().clone());
        match agent::plan(
            &launcher,
            variables,
            &options.envs_dir,
            Desk::of_nobody(),
            options.runtime_dir.clone(),
            &|_| (),
        ) {
            Ok(plan) => self.spares.refill(plan),
            Err(error) => tracing::info!(%error, "no spare kernel"),
        }
    }

    /// The one for a name in a file.
    pub fn launcher(&self, name: &str, language: &str) -> Option<Launcher> {
        // Ours are found without looking for others, which takes a while.
        kernelspec::ours(name).or_else(|| kernelspec::choose(name, language, &self.launchers()))
    }
}

/// All open notebooks. Cheap to clone; all clones are one registry.
#[derive(Clone)]
pub struct Kernels {
    pub(crate) shared: Arc<Shared>,
    /// By the path of the file, with all links followed.
    open: Arc<Mutex<HashMap<String, Arc<Session>>>>,
    /// Held while a notebook is opened, so that none is opened twice.
    opening: Arc<tokio::sync::Mutex<()>>,
}

impl Kernels {
    /// Its methods must be called within a tokio runtime.
    ///
    /// # Errors
    /// The folder for outputs cannot be made.
    pub fn open(options: KernelsOptions, events: Events) -> Result<Kernels, KernelError> {
        let environment = Mutex::new(options.environment.clone());
        let blobs = Arc::new(Blobs::open(options.blobs_dir.clone(), options.blob_prefix.clone())?);
        let spares = Spares::new(options.spare_kernels);
        let shared = Arc::new(Shared { options, environment, events, blobs, spares, tasks: Mutex::default() });
        Ok(Kernels { shared, open: Arc::default(), opening: Arc::default() })
    }

    /// The notebook, opened if need be. Paths that lead to the same file are the same notebook.
    async fn session(&self, path: &str) -> Result<Arc<Session>, KernelError> {
        let path = self.canonical(path)?;
        if let Some(session) = self.open.lock().get(&path) {
            return Ok(session.clone());
        }
        let _turn = self.opening.lock().await;
        if let Some(session) = self.open.lock().get(&path) {
            return Ok(session.clone());
        }
        let (shared, its) = (self.shared.clone(), path.clone());
        let opened = tokio::task::spawn_blocking(move || Session::open(shared, &its)).await;
        let session = opened.map_err(|panic| KernelError::Defect(panic.to_string()))??;
        if session.asks_for(kernelspec::RUST) {
            // Its kernel compiles a first cell when it starts: done by the time somebody has read the notebook.
            let shared = self.shared.clone();
            tokio::task::spawn_blocking(move || shared.keep_spare(kernelspec::RUST));
        }
        self.open.lock().insert(path, session.clone());
        Ok(session)
    }

    /// The path in the workspace of the file that `path` leads to.
    fn canonical(&self, path: &str) -> Result<String, KernelError> {
        let mut plain = path;
        while let Some(rest) = plain.strip_prefix("./") {
            plain = rest.trim_start_matches('/');
        }
        let workspace = &self.shared.options.workspace;
        let file = file::resolve(workspace, plain)?;
        let root = workspace.canonicalize().map_err(KernelError::io(format!("opening {}", workspace.display())))?;
        let relative = file.strip_prefix(root).ok().and_then(|relative| relative.to_str()).map(str::to_owned);
        // A path that is no text cannot be told to a window: it goes by the name it was asked for.
        Ok(relative.unwrap_or_else(|| plain.to_owned()))
    }

    fn sessions(&self) -> Vec<Arc<Session>> {
        self.open.lock().values().cloned().collect()
    }

    /// Replaces [`KernelsOptions::environment`]: the backend's address is known only once its port is. A spare kernel
    /// is then made ready, if its environment is.
    pub fn set_environment(&self, variables: Vec<(String, String)>) {
        let changed = std::mem::replace(&mut *self.shared.environment.lock(), variables.clone()) != variables;
        if !changed || environment::find(&self.shared.options.envs_dir).is_none() {
            return;
        }
        let shared = self.shared.clone();
        tokio::task::spawn_blocking(move || shared.keep_spare(kernelspec::PYTHON));
    }

    /// Number of kernels that live, for the status bar.
    pub fn num_running(&self) -> usize {
        let alive = |session: &Arc<Session>| {
            session.kernel_infos().iter().filter(|info| info.state != KernelState::Dead).count()
        };
        self.sessions().iter().map(alive).sum()
    }

    /// Tells that a file or folder of the workspace was renamed, so that open notebooks follow it.
    pub fn moved(&self, from: &str, to: &str) {
        let mut open = self.open.lock();
        let affected: Vec<String> = open.keys().filter(|path| is_under(path, from)).cloned().collect();
        for old in affected {
            let new = format!("{to}{}", &old[from.len()..]);
            let Some(session) = open.remove(&old) else { continue };
            session.follow(&new);
            open.insert(new, session);
        }
    }

    /// Tells that a file or folder of the workspace was deleted: its notebooks close and their kernels stop.
    pub fn removed(&self, path: &str) {
        let mut open = self.open.lock();
        let affected: Vec<String> = open.keys().filter(|open| is_under(open, path)).cloned().collect();
        for session in affected.iter().filter_map(|path| open.remove(path)) {
            tokio::spawn(async move { session.stop_all().await });
        }
    }

    /// Saves what is unsaved and stops every kernel.
    pub async fn shutdown(&self) {
        self.stop_tasks();
        self.shared.spares.clear();
        let end = self.sessions().into_iter().map(|session| async move {
            session.stop_all().await;
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
