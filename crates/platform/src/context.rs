//! What an operation works with.

use crate::Settings;
use atelier_jobs::{Change, JobError, JobEvent, Jobs};
use atelier_serving::Router;
use atelier_store::Store;
use parking_lot::{Mutex, RwLock};
use std::path::PathBuf;
use std::sync::Arc;

/// Told the tag and the name of what changed behind the back of a call, such as an endpoint that came into service.
pub type Changed = Arc<dyn Fn(&str, &str) + Send + Sync>;

/// Looks up what jobs run and know. Read for each job, since the data-science environment and the platform's address
/// come after the platform opens.
pub struct Programs {
    /// The `atelier-algorithm` binary.
    pub algorithm: PathBuf,
    /// Where `libxgboost` is, once it is there.
    pub xgboost_library: Box<dyn Fn() -> Option<PathBuf> + Send + Sync>,
    /// Variables that let code in a job reach this platform.
    pub environment: Box<dyn Fn() -> Vec<(String, String)> + Send + Sync>,
}

/// The platform's parts. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct Context {
    pub store: Store,
    pub jobs: Jobs,
    pub router: Router,
    pub settings: Arc<Settings>,
    pub programs: Arc<Programs>,
    pub changed: Changed,
    /// Held while an endpoint's document and the router change together.
    pub(crate) endpoint_change: Arc<Mutex<()>>,
    /// Held for reading from unpacking a model until it stands in an endpoint's document, for writing to sweep models.
    pub(crate) models: Arc<RwLock<()>>,
}

impl Context {
    /// Opens the jobs of a store, which takes up what was running, and the endpoints' router, which is empty until
    /// [`crate::restore`]. `runner` is the supervisor of jobs: `runner job-runner RUN_DIR`.
    pub fn open(
        store: Store,
        runner: PathBuf,
        settings: Settings,
        programs: Programs,
        changed: Changed,
    ) -> Result<Context, JobError> {
        let tell = changed.clone();
        let events = move |event: JobEvent| match event.change {
            Change::State => tell(&event.kind, &event.name),
            Change::Log => tell("log", &format!("{}/{}", event.kind, event.name)),
            Change::Metrics => tell("metric", &format!("{}/{}", event.kind, event.name)),
        };
        Ok(Context {
            jobs: Jobs::open(store.clone(), runner, Arc::new(events))?,
            store,
            router: Router::new(),
            settings: Arc::new(settings),
            programs: Arc::new(programs),
            changed,
            endpoint_change: Arc::default(),
            models: Arc::default(),
        })
    }

    pub(crate) fn arn(&self, kind: &str, name: &str) -> String {
        crate::arn::sagemaker(&self.settings, kind, name)
    }
}
