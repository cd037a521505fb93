//! Logs and metric curves of jobs, as a panel follows them. States and parameters come from the AWS operations.

use crate::calls;
use serde::{Deserialize, Serialize};

/// Reads log lines after a cursor. `job` is `training-job/NAME` or `transform-job/NAME`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GetJobLog {
    pub job: String,
    /// 0 at first, then `next` of the answer before.
    pub after: u64,
    /// At most 5,000.
    pub limit: usize,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct JobLog {
    pub lines: Vec<LogLine>,
    pub next: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogLine {
    /// Milliseconds since the epoch.
    pub at_ms: i64,
    /// The host's name in a job of several, `algo-1`.
    pub host: String,
    pub text: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GetJobMetrics {
    pub job: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct JobMetrics {
    /// A curve per metric definition that matched, in the order of the definitions.
    pub curves: Vec<MetricCurve>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MetricCurve {
    /// `validation:rmse`
    pub name: String,
    /// Time of the log line in seconds since the epoch, and the value; the index is the step.
    pub points: Vec<(f64, f64)>,
}

calls! {
    GetJobLog => JobLog,
    GetJobMetrics => JobMetrics,
}
