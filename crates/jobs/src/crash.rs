//! The named points of a job's life at which a test lets the backend or the supervisor die.

pub use atelier_store::crash::{ENDPOINT, STORE, point};

/// Points in the backend: after each, everything before it is durable.
pub const BACKEND: &[&str] = &[
    "job:after-insert",
    "job:after-begin",
    "job:after-download",
    "job:after-training",
    "job:after-spawn",
    "job:after-exit",
    "job:after-upload",
    "job:after-end",
];

/// Points in the supervisor process.
pub const SUPERVISOR: &[&str] =
    &["supervisor:after-claim", "supervisor:after-spawn", "supervisor:after-exit", "supervisor:after-report"];

/// All points that a job's life passes, for a test that tries each.
pub const POINTS: &[&str] = &[
    "store:before-commit",
    "store:after-commit",
    "bucket:after-write",
    "bucket:after-index",
    "bucket:after-rename",
    "job:after-insert",
    "job:after-begin",
    "job:after-download",
    "job:after-training",
    "job:after-spawn",
    "job:after-exit",
    "job:after-upload",
    "job:after-end",
    "supervisor:after-claim",
    "supervisor:after-spawn",
    "supervisor:after-exit",
    "supervisor:after-report",
];
