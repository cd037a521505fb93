//! The life of a job as a pure state machine: `step(state, event, now) -> actions`. No clock, files or processes here.
//!
//! ```text
//! Starting -> Downloading -> Training -> Uploading -> Completed | Failed | Stopped
//! ```
//! A stop shows as the transition `Stopping` in between; the phase says what is really going on.

use serde::{Deserialize, Serialize};

/// What is durable of a job's state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobState {
    pub status: Status,
    /// What is being done. Unlike `status` it does not change when a stop is asked for.
    pub phase: Phase,
    pub transitions: Vec<Transition>,
    /// Milliseconds since the epoch: when the command started and ended.
    pub training_start_ms: Option<i64>,
    pub training_end_ms: Option<i64>,
    /// In AWS's words, at most 1,024 characters.
    pub failure_reason: Option<String>,
    pub exit_code: Option<i32>,
    /// How the job will end once its outputs are uploaded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    InProgress,
    Completed,
    Failed,
    Stopping,
    Stopped,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    Starting,
    Downloading,
    Training,
    Uploading,
    Ended,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    Completed,
    Failed,
    Stopped,
    MaxRuntimeExceeded,
}

/// A line of AWS's `SecondaryStatusTransitions`; times in milliseconds since the epoch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Transition {
    pub status: String,
    pub start_ms: i64,
    pub end_ms: Option<i64>,
    pub message: String,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The job's thread runs: for the first time, or after a restart of the backend.
    Begun,
    Downloaded,
    DownloadFailed(String),
    /// The command and all that it started are gone.
    Exited(Exit),
    /// The command never ran, or nobody saw how it ended.
    Lost(String),
    Uploaded,
    UploadFailed(String),
    StopAsked,
}

/// How the command ended.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Exit {
    pub started_ms: i64,
    pub ended_ms: i64,
    /// The exit status; 128 + n for signal n, as a shell says it.
    pub code: i32,
    pub cause: Cause,
    /// The content of `/opt/ml/output/failure`.
    pub failure: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Cause {
    /// It ended by itself.
    #[default]
    Own,
    /// It was asked to stop.
    Stopped,
    /// It ran into its time limit.
    TimedOut,
}

/// What to do next. The new state is durable before any of it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Download,
    /// Start the supervisor, or find the one that runs, and await its end.
    Run,
    /// Interrupt a download, or tell the supervisor to stop the command.
    Interrupt,
    Upload,
    /// Remove what only the running job needed.
    CleanUp,
}

impl JobState {
    pub fn new(now: i64) -> Self {
        let mut state = Self {
            status: Status::InProgress,
            phase: Phase::Starting,
            transitions: Vec::new(),
            training_start_ms: None,
            training_end_ms: None,
            failure_reason: None,
            exit_code: None,
            verdict: None,
        };
        state.enter("Starting", "Preparing the instances for training", now);
        state
    }

    /// The latest secondary status.
    pub fn secondary(&self) -> &str {
        self.transitions.last().map_or("Starting", |last| &last.status)
    }

    pub fn ended(&self) -> bool {
        self.phase == Phase::Ended
    }

    fn enter(&mut self, status: &str, message: &str, now: i64) {
        if let Some(last) = self.transitions.last_mut()
            && last.end_ms.is_none()
        {
            last.end_ms = Some(now.max(last.start_ms));
        }
        let start_ms = self.transitions.last().and_then(|last| last.end_ms).unwrap_or(now).max(now);
        self.transitions.push(Transition { status: status.into(), start_ms, end_ms: None, message: message.into() });
    }

    /// Enters a phase; while the job is stopping only the phase changes.
    fn advance(&mut self, phase: Phase, status: &str, message: &str, now: i64) {
        self.phase = phase;
        if self.status == Status::InProgress {
            self.enter(status, message, now);
        }
    }

    fn upload(&mut self, verdict: Verdict, now: i64) -> Vec<Action> {
        self.verdict = Some(verdict);
        self.advance(Phase::Uploading, "Uploading", "Uploading generated training model", now);
        vec![Action::Upload]
    }

    fn end(&mut self, verdict: Verdict, now: i64) -> Vec<Action> {
        self.phase = Phase::Ended;
        self.verdict = Some(verdict);
        let (status, secondary, message) = match verdict {
            Verdict::Completed => (Status::Completed, "Completed", "Training job completed"),
            Verdict::Failed => (Status::Failed, "Failed", "Training job failed"),
            Verdict::Stopped => (Status::Stopped, "Stopped", "Training job stopped"),
            Verdict::MaxRuntimeExceeded => {
                (Status::Stopped, "MaxRuntimeExceeded", "Training job runtime exceeded MaxRuntimeInSeconds provided")
            }
        };
        self.status = status;
        self.enter(secondary, message, now);
        if let Some(last) = self.transitions.last_mut() {
            last.end_ms = Some(last.start_ms);
        }
        vec![Action::CleanUp]
    }

    fn fail(&mut self, reason: String, now: i64) -> Vec<Action> {
        self.failure_reason = Some(first_chars(&reason, 1024));
        self.end(Verdict::Failed, now)
    }
}

/// Moves the state on. An event that makes no sense in this state changes nothing.
pub fn step(state: &mut JobState, event: Event, now: i64) -> Vec<Action> {
    let stopping = state.status == Status::Stopping;
    match (state.phase, event) {
        (Phase::Ended, _) => Vec::new(),
        (Phase::Starting, Event::Begun) if stopping => state.end(Verdict::Stopped, now),
        (Phase::Starting, Event::Begun) => {
            state.advance(Phase::Downloading, "Downloading", "Downloading input data", now);
            vec![Action::Download]
        }
        // After a restart what was being done is done again from its beginning; a command never runs twice, since the
        // supervisor outlives the backend and `Run` finds it.
        (Phase::Downloading, Event::Begun) if stopping => state.end(Verdict::Stopped, now),
        (Phase::Downloading, Event::Begun) => vec![Action::Download],
        (Phase::Training, Event::Begun) if stopping => vec![Action::Run, Action::Interrupt],
        (Phase::Training, Event::Begun) => vec![Action::Run],
        (Phase::Uploading, Event::Begun) => vec![Action::Upload],

        (Phase::Downloading, Event::Downloaded | Event::DownloadFailed(_)) if stopping => {
            state.end(Verdict::Stopped, now)
        }
        (Phase::Downloading, Event::Downloaded) => {
            let message = "Training image download completed. Training in progress.";
            state.advance(Phase::Training, "Training", message, now);
            vec![Action::Run]
        }
        (Phase::Downloading, Event::DownloadFailed(reason)) => state.fail(reason, now),

        (Phase::Training, Event::Exited(exit)) => exited(state, exit, now),
        (Phase::Training, Event::Lost(_)) if stopping => state.end(Verdict::Stopped, now),
        (Phase::Training, Event::Lost(reason)) => state.fail(reason, now),

        (Phase::Uploading, Event::Uploaded) => {
            let verdict = state.verdict.unwrap_or(Verdict::Completed);
            state.end(verdict, now)
        }
        // The reason why the command failed says more than that its outputs could not be kept either.
        (Phase::Uploading, Event::UploadFailed(_)) if state.failure_reason.is_some() => state.end(Verdict::Failed, now),
        (Phase::Uploading, Event::UploadFailed(reason)) => state.fail(reason, now),

        (_, Event::StopAsked) if stopping => Vec::new(),
        (phase, Event::StopAsked) => {
            state.status = Status::Stopping;
            state.enter("Stopping", "Stopping the training job", now);
            if phase == Phase::Uploading { Vec::new() } else { vec![Action::Interrupt] }
        }
        (_, _) => Vec::new(),
    }
}

fn exited(state: &mut JobState, exit: Exit, now: i64) -> Vec<Action> {
    state.training_start_ms = Some(exit.started_ms);
    state.training_end_ms = Some(exit.ended_ms);
    state.exit_code = Some(exit.code);
    let verdict = match exit.cause {
        Cause::TimedOut => Verdict::MaxRuntimeExceeded,
        Cause::Stopped => Verdict::Stopped,
        Cause::Own if exit.code == 0 && state.status == Status::Stopping => Verdict::Stopped,
        Cause::Own if exit.code == 0 => Verdict::Completed,
        Cause::Own => {
            state.failure_reason = Some(failure_reason(exit.failure.as_deref(), exit.code));
            Verdict::Failed
        }
    };
    state.upload(verdict, now)
}

/// AWS's wording: the class, what the failure file says, the exit code. A file that names the customer's data as the
/// cause makes it a `ClientError`.
fn failure_reason(failure: Option<&str>, code: i32) -> String {
    let text = failure.map(str::trim).filter(|text| !text.is_empty());
    let (class, text) = match text {
        None if code == 137 => ("AlgorithmError", "the process was killed, perhaps for want of memory"),
        None => ("AlgorithmError", "See job logs for more information"),
        Some(text) => {
            [("ClientError", "ClientError:"), ("ClientError", "Customer Error:"), ("AlgorithmError", "AlgorithmError:")]
                .into_iter()
                .find_map(|(class, start)| Some((class, text.strip_prefix(start)?.trim_start())))
                .unwrap_or(("AlgorithmError", text))
        }
    };
    let end = format!(", exit code: {code}");
    // The code belongs to the reason however long the text is.
    let room = 1024 - class.len() - 2 - end.len();
    format!("{class}: {}{end}", first_chars(text, room))
}

fn first_chars(text: &str, count: usize) -> String {
    text.chars().take(count).collect()
}

impl Status {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InProgress => "InProgress",
            Self::Completed => "Completed",
            Self::Failed => "Failed",
            Self::Stopping => "Stopping",
            Self::Stopped => "Stopped",
        }
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
#[path = "state_tests.rs"]
mod tests;
