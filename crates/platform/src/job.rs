//! What training and transform jobs have in common on their way from a request to the runner and back.

use crate::{Context, error, listing::timestamp};
use atelier_algorithms::Algorithm;
use atelier_jobs::{JobError, JobRecord, JobState};
use atelier_store::Doc;
use atelier_wire::Error;
use atelier_wire::aws::types::{ContainerDefinition, ContainerMode, SecondaryStatus, SecondaryStatusTransition};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

pub(crate) const TRAINING: &str = "training-job";
pub(crate) const TRANSFORM: &str = "transform-job";

/// The request that made a job, as it stands in the job's record.
pub(crate) fn request<T: DeserializeOwned>(doc: &Doc<JobRecord>) -> Result<T, Error> {
    serde_json::from_value(doc.body.request.clone()).map_err(|error| {
        Error::new("InternalFailure", format!("The request of job {} cannot be read back: {error}.", doc.name))
            .with_status(500)
    })
}

/// The variant of a generated enumeration with AWS's spelling.
pub(crate) fn named<T: DeserializeOwned>(word: &str) -> Result<T, Error> {
    serde_json::from_value(serde_json::Value::String(word.to_owned()))
        .map_err(|_| Error::new("InternalFailure", format!("{word} is not a state that AWS knows.")).with_status(500))
}

/// What goes wrong in the job runner, apart from names that are taken, which each kind of job words for itself.
pub(crate) fn failed(problem: JobError) -> Error {
    match problem {
        JobError::Store(problem) => error::store(problem),
        other => {
            tracing::error!(error = %other, "the job runner failed");
            Error::new("InternalFailure", error::sentence(&other.to_string())).with_status(500)
        }
    }
}

/// AWS's secondary status: the phase that a job is in.
pub(crate) fn secondary_status(state: &JobState) -> Result<SecondaryStatus, Error> {
    named(state.secondary())
}

/// AWS's list of phases, with the messages that the SDK prints while it waits.
pub(crate) fn transitions(state: &JobState) -> Result<Vec<SecondaryStatusTransition>, Error> {
    let step = |transition: &atelier_jobs::Transition| {
        Ok(SecondaryStatusTransition {
            status: named(&transition.status)?,
            start_time: timestamp(transition.start_ms),
            end_time: transition.end_ms.map(timestamp),
            status_message: Some(transition.message.clone()),
        })
    };
    state.transitions.iter().map(step).collect()
}

/// When the work on a job began: what AWS counts and bills starts with the download.
pub(crate) fn start_ms(state: &JobState) -> Option<i64> {
    state.transitions.iter().find(|step| step.status == "Downloading").map(|step| step.start_ms)
}

/// Seconds that a job worked, at least one, as AWS rounds.
pub(crate) fn seconds(state: &JobState) -> Option<i32> {
    let (start, end) = (start_ms(state)?, end_ms(state)?);
    Some((((end - start).max(0) as f64 / 1000.0).round() as i32).max(1))
}

/// When everything was over, uploads included.
pub(crate) fn end_ms(state: &JobState) -> Option<i64> {
    state.ended().then(|| state.transitions.last().map(|last| last.start_ms))?
}

/// The variables every job sees: how to reach this platform, who runs it, then what the request sets.
pub(crate) fn environment(
    ctx: &Context,
    own: &[(&str, String)],
    requested: Option<&BTreeMap<String, String>>,
) -> BTreeMap<String, String> {
    let mut env: BTreeMap<String, String> = (ctx.programs.environment)().into_iter().collect();
    env.extend(requested.into_iter().flatten().map(|(name, value)| (name.clone(), value.clone())));
    env.extend(own.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    if let Some(library) = (ctx.programs.xgboost_library)() {
        env.insert("ATELIER_XGBOOST_LIB".into(), library.to_string_lossy().into_owned());
    }
    env
}

/// An image that only a container could run.
pub(crate) fn no_such_image(image: &str) -> String {
    let names: Vec<&str> = Algorithm::all().iter().map(|algorithm| algorithm.name).collect();
    format!(
        "Cannot run the image {image}: this platform runs built-in algorithms without containers, and the image is none of them. \
         Use one of {}, whose address sagemaker.image_uris.retrieve gives.",
        names.join(", ")
    )
}

/// The algorithm that serves a container's model, or why none here does.
pub(crate) fn server(container: &ContainerDefinition) -> Result<&'static Algorithm, String> {
    let image = container.image.as_deref().unwrap_or_default();
    let algorithm = Algorithm::for_image(image).ok_or_else(|| no_such_image(image))?;
    if container.mode == Some(ContainerMode::MultiModel) {
        return Err("Endpoints of many models (Mode MultiModel) are not part of this platform yet. Deploy each model by itself.".into());
    }
    if container.environment.iter().flatten().any(|(name, value)| name == "SAGEMAKER_PROGRAM" && !value.is_empty()) {
        return Err(format!(
            "Cannot run your own script in the image {image}: this platform serves models of the built-in algorithm {} only. \
             Leave out entry_point and source_dir.",
            algorithm.name
        ));
    }
    Ok(algorithm)
}
