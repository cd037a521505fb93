//! Jobs: processes that outlive the backend, with a real `/opt/ml`, durable states, logs, curves and outputs.
//!
//! A job is a document of the store ([`JobRecord`]), a run directory (`jobs/<kind>/<name>/`), and while it runs one
//! thread here (`drive.rs`) and one supervisor process ([`runner`]). The thread decides by the pure state machine of
//! [`state`] and may die at any time; the supervisor keeps the command going and leaves a report for the next backend.
//!
//! *Architecture invariant:* nothing here knows what a job computes. Linux only so far: `watch.rs` and `namespace.rs`
//! are what another system would have to replace.

pub mod crash;
mod download;
mod drive;
mod error;
mod jobs;
mod logs;
mod metrics;
mod namespace;
mod process;
mod pump;
mod run_dir;
pub mod runner;
mod s3_uri;
mod spec;
pub mod state;
mod upload;
mod watch;

pub use error::JobError;
pub use jobs::{Change, Events, JobEvent, JobRecord, Jobs};
pub use logs::{LogChunk, LogLine};
pub use metrics::Curve;
pub use spec::{Form, Input, JobSpec, Output, Source};
pub use state::{JobState, Phase, Status, Transition, Verdict};
