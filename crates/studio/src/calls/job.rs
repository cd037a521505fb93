//! Logs and curves of jobs.

use crate::Studio;
use atelier_wire::Error;
use atelier_wire::studio::job::{GetJobLog, GetJobMetrics, JobLog, JobMetrics, LogLine, MetricCurve};

/// Lines in one answer.
const MAX_LINES: usize = 5_000;

/// Kind and name of `training-job/NAME`.
fn split(job: &str) -> Result<(&str, &str), Error> {
    job.split_once('/').ok_or_else(|| {
        Error::new("ValidationException", format!("{job} names no job: write training-job/NAME or transform-job/NAME."))
    })
}

fn missing(job: &str) -> Error {
    Error::new("ResourceNotFound", format!("There is no job {job}."))
}

fn failed(problem: impl std::fmt::Display) -> Error {
    Error::new("InternalFailure", format!("The job cannot be read: {problem}.")).with_status(500)
}

pub fn get_job_log(studio: &Studio, request: GetJobLog) -> Result<JobLog, Error> {
    let (kind, name) = split(&request.job)?;
    let limit = request.limit.clamp(1, MAX_LINES);
    let chunk = studio.inner.platform.jobs.log(kind, name, request.after, limit).map_err(failed)?;
    let chunk = chunk.ok_or_else(|| missing(&request.job))?;
    let lines = chunk.lines.into_iter().map(|line| LogLine { at_ms: line.at_ms, host: line.host, text: line.text });
    Ok(JobLog { lines: lines.collect(), next: chunk.next })
}

pub fn get_job_metrics(studio: &Studio, request: GetJobMetrics) -> Result<JobMetrics, Error> {
    let (kind, name) = split(&request.job)?;
    let curves =
        studio.inner.platform.jobs.metrics(kind, name).map_err(failed)?.ok_or_else(|| missing(&request.job))?;
    let curves = curves.into_iter().filter(|curve| !curve.points.is_empty());
    Ok(JobMetrics { curves: curves.map(|curve| MetricCurve { name: curve.name, points: curve.points }).collect() })
}
