//! Opening a home: settings, secrets, store, jobs, endpoints, kernels.

use crate::door::Held;
use crate::{Credentials, environment};
use atelier_bridge::Bridge;
use atelier_explorer::Explorer;
use atelier_kernel::{Kernels, KernelsOptions};
use atelier_platform::{Context, Programs, Settings};
use atelier_store::{Buckets, Store};
use atelier_wire::Event;
use parking_lot::{Mutex, RwLock};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::{broadcast, watch};

/// Where a studio lives and what it runs.
#[derive(Clone, Debug)]
pub struct StudioOptions {
    /// `$ATELIER_HOME`; made when missing.
    pub home: PathBuf,
    /// The folder that the Files panel shows; `None`: `$ATELIER_HOME/workspace`.
    pub workspace: Option<PathBuf>,
    /// The `atelier` binary, which is also the jobs' supervisor (`atelier job-runner RUNDIR`).
    pub runner: PathBuf,
    /// The `atelier-algorithm` binary.
    pub algorithm: PathBuf,
    /// `libxgboost`; `None`: taken from the data-science environment once that is there.
    pub xgboost_library: Option<PathBuf>,
    /// Where Python environments are; `None`: see `atelier_kernel::environment`.
    pub envs: Option<PathBuf>,
    pub settings: Settings,
}

impl StudioOptions {
    /// The binaries beside the running one, the library named by `ATELIER_XGBOOST_LIB`, default settings.
    pub fn new(home: impl Into<PathBuf>) -> StudioOptions {
        let runner = std::env::current_exe().unwrap_or_else(|_| PathBuf::from("atelier"));
        StudioOptions {
            home: home.into(),
            workspace: None,
            algorithm: runner.with_file_name("atelier-algorithm"),
            runner,
            xgboost_library: std::env::var_os("ATELIER_XGBOOST_LIB").map(PathBuf::from),
            envs: std::env::var_os("ATELIER_ENVS").map(PathBuf::from),
            settings: Settings::default(),
        }
    }
}

/// Why a home cannot be opened, in words for a person.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("the data directory {} cannot be used: {source}", path.display())]
    Home { path: PathBuf, source: std::io::Error },
    #[error(transparent)]
    Store(#[from] atelier_store::StoreError),
    #[error("the jobs cannot be taken up again: {0}")]
    Jobs(String),
    #[error(transparent)]
    Kernels(#[from] atelier_kernel::KernelError),
    #[error("this machine's processors and memory cannot be read: {0}")]
    Machine(String),
}

/// The application. Cheap to clone; all clones are one studio.
#[derive(Clone)]
pub struct Studio {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub home: PathBuf,
    pub workspace: PathBuf,
    pub settings: Settings,
    pub credentials: Credentials,
    pub platform: Context,
    pub kernels: Kernels,
    pub explorer: Explorer,
    /// Shared with the look-up of what jobs are given.
    pub address: Arc<RwLock<String>>,
    pub events: broadcast::Sender<Event>,
    /// Turns true when the studio is asked to stop.
    pub stopping: watch::Sender<bool>,
    /// Seconds since the epoch.
    pub started_at: f64,
    pub machine: Mutex<sysinfo::System>,
    /// Which SDK clients were kept waiting for what.
    pub held: Held,
}

impl Studio {
    /// Opens the home, takes running jobs up again and deploys endpoints that were in service.
    /// Must be called within a tokio runtime.
    pub async fn open(options: StudioOptions) -> Result<Studio, OpenError> {
        let (events, _) = broadcast::channel(8192);
        let opened = {
            let (options, events) = (options.clone(), events.clone());
            tokio::task::spawn_blocking(move || open_home(&options, &events)).await
        };
        let opened = opened.unwrap_or_else(|panic| Err(OpenError::Jobs(panic.to_string())))?;
        let heard = events.clone();
        let kernels = Kernels::open(
            KernelsOptions {
                envs_dir: envs_dir(&options),
                environment: environment::variables("", &opened.credentials, &options.settings, &opened.home),
                blob_prefix: format!("/studio/blob/{}/", opened.credentials.blob_key()),
                ..KernelsOptions::new(&opened.home, opened.workspace.clone())
            },
            // An error means that nobody listens, which is fine.
            Arc::new(move |event| drop(heard.send(event))),
        )?;
        let functions = crate::functions(&opened.workspace, Some(envs_dir(&options)));
        let inner = Inner {
            home: opened.home,
            workspace: opened.workspace,
            settings: options.settings,
            credentials: opened.credentials,
            platform: opened.platform,
            kernels,
            explorer: {
                let told = events.clone();
                // An error means that nobody listens, which is fine.
                Explorer::new().with_functions(functions).on_change(move |source| {
                    drop(told.send(Event::Changed { tag: "table".to_owned(), id: source.to_owned() }))
                })
            },
            address: opened.address,
            events,
            stopping: watch::Sender::new(false),
            started_at: atelier_store::now_ms() as f64 / 1000.0,
            machine: Mutex::new(sysinfo::System::new().map_err(|problem| OpenError::Machine(problem.to_string()))?),
            held: Held::default(),
        };
        let studio = Studio { inner: Arc::new(inner) };
        crate::runtime::announce_invocations(&studio);
        Ok(studio)
    }

    /// Everything that happens from now on. A reader that falls behind gets `RecvError::Lagged`: send
    /// [`Event::Lagged`] to its window.
    pub fn events(&self) -> broadcast::Receiver<Event> {
        self.inner.events.subscribe()
    }

    /// Tells the windows that `id` of kind `tag` changed; for writes that do not come through the door (S3).
    pub fn announce(&self, tag: &str, id: &str) {
        // An error means that nobody listens, which is fine.
        let _ = self.inner.events.send(Event::Changed { tag: tag.to_owned(), id: id.to_owned() });
    }

    pub fn credentials(&self) -> &Credentials {
        &self.inner.credentials
    }

    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// The objects behind S3. Its functions block.
    pub fn buckets(&self) -> Buckets {
        self.inner.platform.store.buckets()
    }

    /// `$ATELIER_HOME`, absolute.
    pub fn home(&self) -> &Path {
        &self.inner.home
    }

    /// The folder that the Files panel shows, absolute.
    pub fn workspace(&self) -> &Path {
        &self.inner.workspace
    }

    /// The folder of binary outputs; see [`Credentials::blob_key`].
    pub fn blobs(&self) -> PathBuf {
        self.inner.home.join("blobs")
    }

    /// Notebooks and their kernels, for running one without a window.
    pub fn kernels(&self) -> &Kernels {
        &self.inner.kernels
    }

    /// `http://127.0.0.1:PORT`; empty until [`Studio::set_address`] was called.
    pub fn address(&self) -> String {
        self.inner.address.read().clone()
    }

    /// Must be called once the port is known, before jobs or kernels start.
    pub fn set_address(&self, address: &str) {
        *self.inner.address.write() = address.to_owned();
        self.inner.kernels.set_environment(self.environment());
    }

    /// What `atelier env` prints; notebooks and jobs have it set already.
    pub fn environment(&self) -> Vec<(String, String)> {
        let inner = &self.inner;
        environment::variables(&inner.address.read(), &inner.credentials, &inner.settings, &inner.home)
    }

    /// Asks the server to end; see [`Studio::stop_requested`].
    pub fn request_stop(&self) {
        self.inner.stopping.send_replace(true);
    }

    /// Resolves when somebody asked the backend to stop (`StopStudio`): the server should then end.
    pub async fn stop_requested(&self) {
        let mut stopping = self.inner.stopping.subscribe();
        // An error means that the studio is gone, which is a stop too.
        let _ = stopping.wait_for(|asked| *asked).await;
    }

    /// Saves notebooks, stops kernels and lets go of jobs, which go on. Jobs and endpoints are taken up again at the
    /// next start.
    pub async fn shutdown(&self) {
        self.request_stop();
        self.inner.kernels.shutdown().await;
        let jobs = self.inner.platform.jobs.clone();
        if let Err(problem) = tokio::task::spawn_blocking(move || jobs.close()).await {
            tracing::error!(error = %problem, "the jobs could not be let go");
        }
        // What kernels gave each other ends with them; what they have mapped stays theirs.
        if let Err(problem) = Bridge::at(atelier_bridge::folder(&self.inner.home)).clear() {
            tracing::warn!(error = %problem, "the bridge could not be emptied");
        }
    }
}

struct Opened {
    home: PathBuf,
    workspace: PathBuf,
    credentials: Credentials,
    platform: Context,
    address: Arc<RwLock<String>>,
}

/// The part of opening that reads and writes files.
fn open_home(options: &StudioOptions, events: &broadcast::Sender<Event>) -> Result<Opened, OpenError> {
    let failed = |source| OpenError::Home { path: options.home.clone(), source };
    let store = Store::open(&options.home)?;
    let home = store.home().to_owned();
    // Secrets, notebooks and models are nobody else's business.
    std::fs::set_permissions(&home, std::fs::Permissions::from_mode(0o700)).map_err(failed)?;
    let workspace = options.workspace.clone().unwrap_or_else(|| home.join("workspace"));
    let unusable = |source| OpenError::Home { path: workspace.clone(), source };
    std::fs::create_dir_all(&workspace).map_err(unusable)?;
    let workspace = std::fs::canonicalize(&workspace).map_err(unusable)?;
    let credentials = Credentials::open(&home).map_err(failed)?;
    environment::write_sdk_config(&home, &options.settings).map_err(failed)?;
    let address = Arc::new(RwLock::new(String::new()));
    let heard = events.clone();
    let changed = move |tag: &str, id: &str| {
        let _ = heard.send(Event::Changed { tag: tag.to_owned(), id: id.to_owned() });
    };
    let programs = programs(options, &home, &credentials, &address);
    let platform = Context::open(store, options.runner.clone(), options.settings.clone(), programs, Arc::new(changed))
        .map_err(|problem| OpenError::Jobs(problem.to_string()))?;
    atelier_platform::restore(&platform)?;
    Ok(Opened { home, workspace, credentials, platform, address })
}

/// Where Python environments are.
fn envs_dir(options: &StudioOptions) -> PathBuf {
    options.envs.clone().unwrap_or_else(atelier_kernel::environment::default_dir)
}

fn programs(
    options: &StudioOptions,
    home: &Path,
    credentials: &Credentials,
    address: &Arc<RwLock<String>>,
) -> Programs {
    let (named, envs) = (options.xgboost_library.clone(), envs_dir(options));
    let (home, credentials, settings) = (home.to_owned(), credentials.clone(), options.settings.clone());
    let address = address.clone();
    Programs {
        algorithm: options.algorithm.clone(),
        xgboost_library: Box::new(move || {
            named.clone().or_else(|| atelier_kernel::environment::find(&envs).map(|found| found.xgboost_library))
        }),
        environment: Box::new(move || environment::variables(&address.read(), &credentials, &settings, &home)),
    }
}
