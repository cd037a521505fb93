//! One running job: records each event durably, then does what the state machine says.

use crate::jobs::{Change, Inner, JobRecord};
use crate::run_dir::{Claim, RunDir};
use crate::spec::JobSpec;
use crate::state::{self, Action, Event, Exit, Verdict};
use crate::watch::{self, DirWatch, ProcessFd, Wake};
use crate::{JobError, crash, download, process, upload};
use atelier_store::{Doc, files, now_ms};
use std::collections::VecDeque;
use std::fs::{self, File};
use std::os::unix::process::CommandExt as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How other threads reach a job's thread.
pub struct Control {
    interrupted: AtomicBool,
    detached: AtomicBool,
    wake: Option<Wake>,
}

impl Control {
    pub fn new() -> Self {
        let wake = Wake::new().map_err(|error| tracing::error!(%error, "a job cannot be woken")).ok();
        Self { interrupted: AtomicBool::new(false), detached: AtomicBool::new(false), wake }
    }

    /// The job is to stop; what it does now may be given up.
    pub fn interrupt(&self) {
        self.interrupted.store(true, Ordering::SeqCst);
        self.wake();
    }

    /// The backend goes; the job goes on without it.
    pub fn detach(&self) {
        self.detached.store(true, Ordering::SeqCst);
        self.wake();
    }

    fn wake(&self) {
        if let Some(wake) = &self.wake {
            wake.wake();
        }
    }

    pub fn interrupted(&self) -> bool {
        self.interrupted.load(Ordering::SeqCst) || self.detached()
    }

    pub fn detached(&self) -> bool {
        self.detached.load(Ordering::SeqCst)
    }
}

pub struct Drive<'a> {
    pub jobs: &'a Inner,
    pub spec: &'a JobSpec,
    pub dir: RunDir,
    pub control: &'a Control,
    /// A backend before this one began the job.
    pub recovered: bool,
}

/// While the log grows, its readers are told at most this often.
const LOG_PAUSE: Duration = Duration::from_millis(200);

/// After the store refused a transition, for instance on a full disk.
const RETRY: Duration = Duration::from_secs(1);

impl Drive<'_> {
    /// Takes the job to its end, or to where the backend lets go of it. A panic on the way is the job's failure.
    pub fn run(&self) {
        if catch_unwind(AssertUnwindSafe(|| self.advance())).is_err() {
            let reason =
                || "InternalServerError: the platform failed while it ran this job; its log says more".to_owned();
            // Only the one that fits the phase has an effect.
            for event in [Event::DownloadFailed(reason()), Event::Lost(reason()), Event::UploadFailed(reason())] {
                self.record(&event);
            }
        }
    }

    fn advance(&self) {
        let mut events = VecDeque::from([Event::Begun]);
        while let Some(event) = events.pop_front() {
            if self.control.detached() {
                return;
            }
            let Some(actions) = self.record(&event) else { return };
            match event {
                Event::Begun => crash::point("job:after-begin"),
                Event::Downloaded => crash::point("job:after-training"),
                Event::Exited(_) => crash::point("job:after-exit"),
                Event::Uploaded => crash::point("job:after-end"),
                _ => {}
            }
            if actions.contains(&Action::Interrupt) {
                self.control.interrupt();
            }
            for action in actions {
                match action {
                    Action::Download => events.push_back(self.download()),
                    Action::Run => events.extend(self.supervise()),
                    Action::Upload => events.push_back(self.upload()),
                    Action::CleanUp => self.clean_up(),
                    Action::Interrupt => {}
                }
            }
        }
    }

    /// Makes a transition durable and announces it. `None` if the job is gone or the backend lets go.
    fn record(&self, event: &Event) -> Option<Vec<Action>> {
        let (kind, name) = (&self.spec.kind, &self.spec.name);
        loop {
            let event = event.clone();
            let recorded = self.jobs.store.update(kind, name, move |doc: &mut Doc<JobRecord>| {
                let actions = state::step(&mut doc.body.state, event, now_ms());
                doc.status = doc.body.state.status.as_str().into();
                actions
            });
            match recorded {
                Ok(actions) => {
                    self.jobs.changed(kind, name, Change::State);
                    return actions;
                }
                Err(error) => {
                    tracing::error!(%kind, %name, %error, "a job's transition could not be stored; trying again")
                }
            }
            if self.control.detached() {
                return None;
            }
            std::thread::park_timeout(RETRY);
        }
    }

    fn download(&self) -> Event {
        match download::prepare(&self.jobs.store.buckets(), self.spec, &self.dir, self.control) {
            Ok(()) => {
                crash::point("job:after-download");
                Event::Downloaded
            }
            Err(reason) => Event::DownloadFailed(reason),
        }
    }

    fn upload(&self) -> Event {
        let doc = self.jobs.store.get::<JobRecord>(&self.spec.kind, &self.spec.name);
        let verdict = match &doc {
            Ok(Some(doc)) => doc.body.state.verdict.unwrap_or(Verdict::Completed),
            _ => Verdict::Failed,
        };
        match upload::outputs(&self.jobs.store.buckets(), self.spec, &self.dir, verdict, self.control) {
            Ok(()) => {
                crash::point("job:after-upload");
                Event::Uploaded
            }
            Err(reason) => Event::UploadFailed(reason),
        }
    }

    /// The copies of inputs and outputs go; logs, configuration and the failure file stay to be looked at.
    fn clean_up(&self) {
        for host in self.spec.hosts() {
            let opt_ml = self.dir.opt_ml(&host);
            let copies = self
                .spec
                .inputs
                .iter()
                .map(|input| &input.dir)
                .chain(self.spec.outputs.iter().map(|output| &output.dir));
            for dir in copies {
                if let Err(error) = files::remove(&opt_ml.join(dir)) {
                    tracing::warn!(%error, job = %self.spec.name, "a run directory was not cleaned up");
                }
            }
        }
    }

    /// Starts the supervisor or finds the one that runs, and awaits its report. `None` if the backend lets go.
    fn supervise(&self) -> Option<Event> {
        match self.try_supervise() {
            Ok(event) => event,
            Err(error) => Some(Event::Lost(format!("InternalServerError: the job could not be supervised: {error}"))),
        }
    }

    fn try_supervise(&self) -> Result<Option<Event>, JobError> {
        if let Some(event) = self.reported()? {
            return Ok(Some(event));
        }
        if let Some(claim) = self.dir.claim()? {
            return self.adopt(&claim);
        }
        if self.recovered && self.dir.run()?.is_none_or(|run| run.boot_id != process::boot_id()) {
            // The system went down, and files that were not synced may have gone with it.
            if let Err(reason) = download::prepare(&self.jobs.store.buckets(), self.spec, &self.dir, self.control) {
                return Ok((!self.control.detached()).then_some(Event::Lost(reason)));
            }
        }
        let mut child = self.spawn()?;
        crash::point("job:after-spawn");
        let failed = |error| JobError::io(self.dir.path(), error);
        let process = ProcessFd::open(child.id() as i32).map_err(failed)?;
        if !self.follow(&process)? {
            return Ok(None);
        }
        let status = child.wait().map_err(failed)?;
        if let Some(event) = self.reported()? {
            return Ok(Some(event));
        }
        // The supervisor of the backend before us may have been quicker: then that one counts.
        match self.dir.claim()? {
            Some(claim) => self.adopt(&claim),
            None => Ok(Some(Event::Lost(format!(
                "InternalServerError: the supervisor of the job did not start ({status}); see {}",
                self.dir.supervisor_log().display()
            )))),
        }
    }

    fn adopt(&self, claim: &Claim) -> Result<Option<Event>, JobError> {
        // First the handle, then the check: what the handle means cannot change any more.
        let process = ProcessFd::open(claim.process.pid).ok().filter(|_| claim.process.lives());
        if let Some(process) = process
            && !self.follow(&process)?
        {
            return Ok(None);
        }
        if let Some(event) = self.reported()? {
            return Ok(Some(event));
        }
        claim.process.kill_session();
        let reason = "InternalServerError: the process that supervised the job was killed, and the job with it";
        Ok(Some(Event::Lost(reason.into())))
    }

    fn reported(&self) -> Result<Option<Event>, JobError> {
        let Some(report) = self.dir.report()? else { return Ok(None) };
        let hosts: Vec<String> = self.spec.hosts().collect();
        let failure = self.dir.failure(&hosts).or(report.failure);
        let (started_ms, ended_ms) = (report.started_ms, report.ended_ms);
        Ok(Some(Event::Exited(Exit { started_ms, ended_ms, code: report.code, cause: report.cause, failure })))
    }

    fn spawn(&self) -> Result<Child, JobError> {
        let failed = |error| JobError::io(&self.jobs.runner, error);
        let log = File::options().create(true).append(true).open(self.dir.supervisor_log()).map_err(failed)?;
        let mut command = Command::new(&self.jobs.runner);
        command.arg("job-runner").arg(self.dir.path()).stdin(Stdio::null());
        command.stdout(log.try_clone().map_err(failed)?).stderr(log);
        // SAFETY: setsid is one system call; it keeps what ends the backend's terminal from ending the job.
        unsafe {
            command.pre_exec(|| match nix::libc::setsid() {
                -1 => Err(std::io::Error::last_os_error()),
                _ => Ok(()),
            });
        }
        command.spawn().map_err(failed)
    }

    /// Waits for a supervisor's end, passing on a stop and announcing the log's growth. False if the backend lets go.
    fn follow(&self, process: &ProcessFd) -> Result<bool, JobError> {
        let failed = |error| JobError::io(self.dir.path(), error);
        let wake = self.control.wake.as_ref().ok_or_else(|| failed(std::io::ErrorKind::OutOfMemory.into()))?;
        fs::create_dir_all(self.dir.log_dir()).map_err(failed)?;
        let log =
            DirWatch::new(&self.dir.log_dir()).map_err(|error| tracing::warn!(%error, "the log is not followed")).ok();
        let mut told = None::<Instant>;
        let mut asked = false;
        loop {
            if self.control.detached() {
                return Ok(false);
            }
            if self.control.interrupted() && !asked {
                asked = true;
                process.terminate();
            }
            let pause = told.and_then(|told| LOG_PAUSE.checked_sub(told.elapsed()));
            let watched = if pause.is_none() { log.as_ref() } else { None };
            let seen = watch::wait(Some(process), watched, wake, pause).map_err(failed)?;
            if seen.log || seen.ended {
                told = Some(Instant::now());
                self.tell_log();
            }
            if seen.ended {
                return Ok(true);
            }
        }
    }

    fn tell_log(&self) {
        let (kind, name) = (&self.spec.kind, &self.spec.name);
        self.jobs.changed(kind, name, Change::Log);
        match self.jobs.meter(self.spec).and_then(|meter| meter.lock().read_on()) {
            Ok(true) => self.jobs.changed(kind, name, Change::Metrics),
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, job = %name, "metrics were not read"),
        }
    }
}
