//! The jobs of a store: submit, stop, look, delete.

use crate::drive::{Control, Drive};
use crate::logs::{self, LogChunk};
use crate::metrics::{Curve, Meter, compile};
use crate::run_dir::RunDir;
use crate::spec::JobSpec;
use crate::state::{self, Action, JobState, Status};
use crate::{JobError, crash};
use atelier_store::{Doc, ListQuery, Page, Store, now_ms};
use parking_lot::{Condvar, Mutex};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The document of a job. The document's status column is `state.status`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobRecord {
    /// What the platform was asked for, opaque here.
    pub request: serde_json::Value,
    pub spec: JobSpec,
    pub state: JobState,
}

/// Something of a job changed; who shows it reads it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobEvent {
    pub kind: String,
    pub name: String,
    pub change: Change,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    State,
    Log,
    Metrics,
}

/// Called from the jobs' threads; must not block.
pub type Events = Arc<dyn Fn(JobEvent) + Send + Sync>;

/// A handle to all jobs of a store; clones share it.
#[derive(Clone)]
pub struct Jobs(Arc<Inner>);

pub(crate) struct Inner {
    pub store: Store,
    pub runner: PathBuf,
    events: Events,
    running: Mutex<HashMap<(String, String), Arc<Control>>>,
    meters: Mutex<HashMap<(String, String), Arc<Mutex<Meter>>>>,
    /// Counts state changes, for those who wait for one.
    changes: Mutex<u64>,
    changed: Condvar,
}

/// Curves of this many jobs stay in memory; of others they are read from the log again.
const METERS: usize = 64;

impl Jobs {
    /// Opens the jobs of a store and takes up again what was running: a living supervisor is awaited, one that ended
    /// meanwhile has left its report, and a job whose supervisor vanished fails.
    ///
    /// `runner` is the program that becomes the supervisor when called as `runner job-runner RUN_DIR`.
    pub fn open(store: Store, runner: PathBuf, events: Events) -> Result<Jobs, JobError> {
        let jobs = Jobs(Arc::new(Inner {
            store,
            runner,
            events,
            running: Mutex::default(),
            meters: Mutex::default(),
            changes: Mutex::default(),
            changed: Condvar::new(),
        }));
        let root = jobs.0.store.home().join("jobs");
        let kinds = fs::read_dir(&root).map_err(|error| JobError::io(&root, error))?;
        for kind in kinds.flatten().filter_map(|entry| entry.file_name().into_string().ok()) {
            for status in [Status::InProgress, Status::Stopping] {
                for doc in jobs.all(&kind, status)? {
                    jobs.start(&doc.body.spec, true);
                }
            }
        }
        Ok(jobs)
    }

    fn all(&self, kind: &str, status: Status) -> Result<Vec<Doc<JobRecord>>, JobError> {
        let mut query = ListQuery { status: Some(status.as_str().into()), limit: 1000, ..ListQuery::default() };
        let mut docs = Vec::new();
        loop {
            let page = self.0.store.list(kind, &query)?;
            docs.extend(page.docs);
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Ok(docs),
            }
        }
    }

    /// Accepts a job; it is durable and on its way when this returns.
    pub fn submit(&self, mut spec: JobSpec) -> Result<(), JobError> {
        for name in [&spec.kind, &spec.name] {
            // Both become directory names.
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
            if name.is_empty() || name.len() > 200 || name.starts_with('.') || !name.chars().all(plain) {
                return Err(JobError::BadName(name.clone()));
            }
        }
        compile(&spec.metrics)?;
        let kind_dir = self.0.store.home().join("jobs").join(&spec.kind);
        fs::create_dir_all(&kind_dir).map_err(|error| JobError::io(&kind_dir, error))?;
        let request = std::mem::take(&mut spec.request);
        let record = JobRecord { request, spec, state: JobState::new(now_ms()) };
        let spec = &record.spec;
        self.0.store.insert(&spec.kind, &spec.name, record.state.status.as_str(), &record)?;
        crash::point("job:after-insert");
        self.0.changed(&spec.kind, &spec.name, Change::State);
        self.start(spec, false);
        Ok(())
    }

    fn start(&self, spec: &JobSpec, recovered: bool) {
        let key = (spec.kind.clone(), spec.name.clone());
        let control = Arc::new(Control::new());
        self.0.running.lock().insert(key.clone(), control.clone());
        let (inner, spec) = (self.0.clone(), spec.clone());
        let dir = self.dir(&spec.kind, &spec.name);
        let spawned = std::thread::Builder::new().name(format!("job {}", spec.name)).spawn(move || {
            Drive { jobs: &inner, spec: &spec, dir, control: &control, recovered }.run();
            inner.running.lock().remove(&key);
            inner.notify();
        });
        if let Err(error) = spawned {
            // The job stays in progress and is taken up at the next start.
            tracing::error!(%error, "no thread for a job");
        }
    }

    /// Asks a job to stop; returns when that is durable. Stopping twice is fine.
    pub fn stop(&self, kind: &str, name: &str) -> Result<(), JobError> {
        let result = self.0.store.update(kind, name, |doc: &mut Doc<JobRecord>| {
            if doc.body.state.ended() {
                return Err(doc.body.state.status);
            }
            let actions = state::step(&mut doc.body.state, state::Event::StopAsked, now_ms());
            doc.status = doc.body.state.status.as_str().into();
            Ok(actions.contains(&Action::Interrupt))
        })?;
        let (kind, name) = (kind.to_owned(), name.to_owned());
        match result {
            None => Err(JobError::NotFound { kind, name }),
            Some(Err(status)) => Err(JobError::Ended { kind, name, status: status.as_str() }),
            Some(Ok(interrupt)) => {
                self.0.changed(&kind, &name, Change::State);
                if interrupt && let Some(control) = self.0.running.lock().get(&(kind, name)) {
                    control.interrupt();
                }
                Ok(())
            }
        }
    }

    pub fn get(&self, kind: &str, name: &str) -> Result<Option<Doc<JobRecord>>, JobError> {
        Ok(self.0.store.get(kind, name)?)
    }

    pub fn list(&self, kind: &str, query: &ListQuery) -> Result<Page<JobRecord>, JobError> {
        Ok(self.0.store.list(kind, query)?)
    }

    /// Waits until the job satisfies `until` or the time is over; returns it as it is then.
    pub fn wait(
        &self,
        kind: &str,
        name: &str,
        timeout: Duration,
        until: impl Fn(&Doc<JobRecord>) -> bool,
    ) -> Result<Option<Doc<JobRecord>>, JobError> {
        let deadline = Instant::now() + timeout;
        loop {
            let seen = *self.0.changes.lock();
            let doc = self.get(kind, name)?;
            if doc.as_ref().is_none_or(&until) {
                return Ok(doc);
            }
            let mut changes = self.0.changes.lock();
            if *changes == seen && self.0.changed.wait_until(&mut changes, deadline).timed_out() {
                return Ok(doc);
            }
        }
    }

    /// Log lines of all hosts after a cursor: 0 at first, then `next` of the chunk before. `None` without such a job.
    pub fn log(&self, kind: &str, name: &str, after: u64, limit: usize) -> Result<Option<LogChunk>, JobError> {
        let Some(doc) = self.get(kind, name)? else { return Ok(None) };
        let merged = doc.body.spec.num_hosts > 1;
        logs::read(&self.dir(kind, name).merged_log(merged), (!merged).then_some("algo-1"), after, limit).map(Some)
    }

    /// Log lines of one host, `algo-1`, as [`Jobs::log`].
    pub fn log_of_host(
        &self,
        kind: &str,
        name: &str,
        host: &str,
        after: u64,
        limit: usize,
    ) -> Result<Option<LogChunk>, JobError> {
        let Some(doc) = self.get(kind, name)? else { return Ok(None) };
        if !doc.body.spec.hosts().any(|known| known == host) {
            return Ok(None);
        }
        logs::read(&self.dir(kind, name).log(host), Some(host), after, limit).map(Some)
    }

    /// The curves of a job, one for each of its metrics in their order, read from the log as far as it has come.
    pub fn metrics(&self, kind: &str, name: &str) -> Result<Option<Vec<Curve>>, JobError> {
        let Some(doc) = self.get(kind, name)? else { return Ok(None) };
        let meter = self.0.meter(&doc.body.spec)?;
        let mut meter = meter.lock();
        meter.read_on()?;
        Ok(Some(meter.curves().to_vec()))
    }

    /// Removes an ended job with its run directory; false if there is none.
    pub fn delete(&self, kind: &str, name: &str) -> Result<bool, JobError> {
        let Some(doc) = self.get(kind, name)? else { return Ok(false) };
        if !doc.body.state.ended() {
            return Err(JobError::Running { kind: kind.to_owned(), name: name.to_owned() });
        }
        let deleted = self.0.store.delete(kind, name)?;
        self.0.meters.lock().remove(&(kind.to_owned(), name.to_owned()));
        atelier_store::files::remove(self.dir(kind, name).path())?;
        self.0.changed(kind, name, Change::State);
        Ok(deleted)
    }

    /// The jobs that this backend is driving, by kind and name.
    pub fn running(&self) -> Vec<(String, String)> {
        self.0.running.lock().keys().cloned().collect()
    }

    /// Lets go of all running jobs, which go on: the next [`Jobs::open`] takes them up. Returns when no thread is left.
    pub fn close(&self) {
        for control in self.0.running.lock().values() {
            control.detach();
        }
        let deadline = Instant::now() + Duration::from_secs(30);
        let mut changes = self.0.changes.lock();
        while !self.0.running.lock().is_empty() {
            if self.0.changed.wait_until(&mut changes, deadline).timed_out() {
                tracing::warn!("a job's thread did not let go in time");
                return;
            }
        }
    }

    fn dir(&self, kind: &str, name: &str) -> RunDir {
        RunDir::new(self.0.store.home().join("jobs").join(kind).join(name))
    }
}

impl Inner {
    pub fn changed(&self, kind: &str, name: &str, change: Change) {
        if change == Change::State {
            self.notify();
        }
        (self.events)(JobEvent { kind: kind.to_owned(), name: name.to_owned(), change });
    }

    fn notify(&self) {
        *self.changes.lock() += 1;
        self.changed.notify_all();
    }

    pub fn meter(&self, spec: &JobSpec) -> Result<Arc<Mutex<Meter>>, JobError> {
        let key = (spec.kind.clone(), spec.name.clone());
        let mut meters = self.meters.lock();
        if let Some(meter) = meters.get(&key) {
            return Ok(meter.clone());
        }
        if meters.len() >= METERS {
            let running = self.running.lock();
            meters.retain(|key, _| running.contains_key(key));
        }
        let dir = RunDir::new(self.store.home().join("jobs").join(&spec.kind).join(&spec.name));
        let merged = spec.num_hosts > 1;
        let meter = Arc::new(Mutex::new(Meter::new(dir.merged_log(merged), !merged, compile(&spec.metrics)?)));
        meters.insert(key, meter.clone());
        Ok(meter)
    }
}
