//! Opening a home: settings, secrets, store, jobs, endpoints, kernels.

use crate::{Caller, Credentials, InvokeError, InvokeRequest, InvokeResponse};
use atelier_platform::Settings;
use atelier_wire::{Error, Event};
use parking_lot::RwLock;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::broadcast;

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

/// The application. Cheap to clone; all clones are one studio.
#[derive(Clone)]
pub struct Studio {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) options: StudioOptions,
    pub(crate) credentials: Credentials,
    pub(crate) address: RwLock<String>,
    pub(crate) events: broadcast::Sender<Event>,
    /// Turns true when the studio is asked to stop.
    pub(crate) stopping: tokio::sync::watch::Sender<bool>,
}

impl Studio {
    /// Opens the home, takes running jobs up again and deploys endpoints that were in service.
    /// Must be called within a tokio runtime.
    pub async fn open(options: StudioOptions) -> anyhow::Result<Studio> {
        std::fs::create_dir_all(&options.home)?;
        let credentials = Credentials::open(&options.home)?;
        crate::environment::write_sdk_config(&options.home, &options.settings)?;
        let (events, _) = broadcast::channel(4096);
        let inner = Inner {
            options,
            credentials,
            address: RwLock::new(String::new()),
            events,
            stopping: tokio::sync::watch::Sender::new(false),
        };
        Ok(Studio { inner: Arc::new(inner) })
    }

    /// Handles one call: `name` is an operation of `operations.toml` or a studio call, `body` its JSON.
    pub async fn call(&self, caller: Caller, name: &str, body: &[u8]) -> Result<Vec<u8>, Error> {
        let _ = (caller, body);
        Err(Error::new("UnknownOperationException", format!("The operation {name} is not known.")))
    }

    /// A real-time prediction.
    pub async fn invoke(&self, endpoint: &str, request: InvokeRequest) -> Result<InvokeResponse, InvokeError> {
        let _ = (endpoint, request);
        Err(InvokeError {
            error: Error::new("ValidationError", format!("Endpoint {endpoint} not found.")),
            original: None,
            log_stream_arn: None,
        })
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
        &self.inner.options.settings
    }

    /// `http://127.0.0.1:PORT`; empty until [`Studio::set_address`] was called.
    pub fn address(&self) -> String {
        self.inner.address.read().clone()
    }

    /// Must be called once the port is known, before jobs or kernels start.
    pub fn set_address(&self, address: &str) {
        *self.inner.address.write() = address.to_owned();
    }

    /// What `atelier env` prints; notebooks and jobs have it set already.
    pub fn environment(&self) -> Vec<(String, String)> {
        let inner = &self.inner;
        crate::environment::variables(&inner.address.read(), &inner.credentials, &inner.options.settings, &inner.options.home)
    }

    /// Resolves when somebody asked the backend to stop (`StopStudio`): the server should then end.
    pub async fn stop_requested(&self) {
        let mut stopping = self.inner.stopping.subscribe();
        // An error means that the studio is gone, which is a stop too.
        let _ = stopping.wait_for(|asked| *asked).await;
    }

    /// Stops kernels, flushes the store. Jobs and endpoints are taken up again at the next start.
    pub async fn shutdown(&self) {
        self.inner.stopping.send_replace(true);
    }
}
