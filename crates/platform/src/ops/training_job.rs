//! Training jobs: create, describe, list, stop, delete.

use crate::job::{self, TRAINING};
use crate::listing::{Listing, timestamp};
use crate::{Context, error, training};
use atelier_jobs::{JobError, JobRecord};
use atelier_store::Doc;
use atelier_wire::Error;
use atelier_wire::aws::Empty;
use atelier_wire::aws::types::{
    CreateTrainingJobRequest, CreateTrainingJobResponse, DeleteTrainingJobRequest, DescribeTrainingJobRequest,
    DescribeTrainingJobResponse, ListTrainingJobsRequest, ListTrainingJobsResponse, MetricData, MetricDefinition,
    ModelArtifacts, StopTrainingJobRequest, TrainingJobSummary,
};

pub fn create_training_job(
    ctx: &Context,
    request: CreateTrainingJobRequest,
) -> Result<CreateTrainingJobResponse, Error> {
    let name = request.training_job_name.clone();
    let arn = ctx.arn(TRAINING, &name);
    // Before the checks of inputs: a name that is taken is the caller's first mistake.
    if find(ctx, &name)?.is_some() {
        return Err(taken(&arn));
    }
    let spec = training::plan(ctx, request)?;
    match ctx.jobs.submit(spec) {
        Ok(()) => Ok(CreateTrainingJobResponse { training_job_arn: arn }),
        Err(JobError::Exists { .. }) => Err(taken(&arn)),
        Err(other) => Err(job::failed(other)),
    }
}

fn taken(arn: &str) -> Error {
    error::in_use(format!(
        "Training job names must be unique within an AWS account and region, and a training job with this name already exists ({arn})"
    ))
}

fn find(ctx: &Context, name: &str) -> Result<Option<Doc<JobRecord>>, Error> {
    ctx.jobs.get(TRAINING, name).map_err(job::failed)
}

pub fn describe_training_job(
    ctx: &Context,
    request: DescribeTrainingJobRequest,
) -> Result<DescribeTrainingJobResponse, Error> {
    let doc = find(ctx, &request.training_job_name)?.ok_or_else(error::not_found)?;
    let made: CreateTrainingJobRequest = job::request(&doc)?;
    let state = &doc.body.state;
    let mut output = made.output_data_config.clone();
    // `Estimator.attach` reads this key without asking whether it is there.
    output.kms_key_id.get_or_insert_default();
    // A built-in algorithm's own metrics: `training_job_analytics` reads their names here.
    let mut specification = made.algorithm_specification.clone().unwrap_or_default();
    let definition = |(name, regex): &(String, String)| MetricDefinition { name: name.clone(), regex: regex.clone() };
    specification.metric_definitions = Some(doc.body.spec.metrics.iter().map(definition).collect());
    let seconds = job::seconds(state);
    Ok(DescribeTrainingJobResponse {
        training_job_arn: ctx.arn(TRAINING, &doc.name),
        model_artifacts: ModelArtifacts { s3_model_artifacts: training::model_uri(&made) },
        training_job_status: job::named(state.status.as_str())?,
        secondary_status: job::secondary_status(state)?,
        failure_reason: state.failure_reason.clone(),
        creation_time: timestamp(doc.created_ms),
        training_start_time: job::start_ms(state).map(timestamp),
        training_end_time: job::end_ms(state).map(timestamp),
        last_modified_time: Some(timestamp(doc.modified_ms)),
        secondary_status_transitions: Some(job::transitions(state)?),
        final_metric_data_list: Some(final_metrics(ctx, &doc)?),
        training_time_in_seconds: seconds,
        billable_time_in_seconds: seconds,
        output_data_config: Some(output),
        training_job_name: made.training_job_name,
        hyper_parameters: made.hyper_parameters,
        algorithm_specification: Some(specification),
        role_arn: Some(made.role_arn),
        input_data_config: made.input_data_config,
        resource_config: made.resource_config,
        vpc_config: made.vpc_config,
        stopping_condition: made.stopping_condition.unwrap_or_else(training::default_stopping_condition),
        enable_network_isolation: Some(made.enable_network_isolation.unwrap_or(false)),
        enable_inter_container_traffic_encryption: Some(
            made.enable_inter_container_traffic_encryption.unwrap_or(false),
        ),
        enable_managed_spot_training: Some(made.enable_managed_spot_training.unwrap_or(false)),
        checkpoint_config: made.checkpoint_config,
        debug_hook_config: made.debug_hook_config,
        debug_rule_configurations: made.debug_rule_configurations,
        tensor_board_output_config: made.tensor_board_output_config,
        experiment_config: made.experiment_config,
        profiler_config: made.profiler_config,
        profiler_rule_configurations: made.profiler_rule_configurations,
        environment: made.environment,
        retry_strategy: made.retry_strategy,
        ..DescribeTrainingJobResponse::default()
    })
}

/// The last value of each metric, as AWS reports it of a job.
fn final_metrics(ctx: &Context, doc: &Doc<JobRecord>) -> Result<Vec<MetricData>, Error> {
    let curves = ctx.jobs.metrics(TRAINING, &doc.name).map_err(job::failed)?.unwrap_or_default();
    let last = curves.into_iter().filter_map(|curve| {
        let (at, value) = *curve.points.last()?;
        let at_ms = (at * 1000.0).round() as i64;
        Some(MetricData { metric_name: Some(curve.name), value: Some(value as f32), timestamp: Some(timestamp(at_ms)) })
    });
    Ok(last.collect())
}

pub fn list_training_jobs(ctx: &Context, request: ListTrainingJobsRequest) -> Result<ListTrainingJobsResponse, Error> {
    let page = Listing {
        next_token: request.next_token,
        max_results: request.max_results,
        name_contains: request.name_contains,
        status: request.status_equals.map(|status| status.to_string()),
        created_after: request.creation_time_after,
        created_before: request.creation_time_before,
        modified_after: request.last_modified_time_after,
        modified_before: request.last_modified_time_before,
        sort_by: request.sort_by.map(|by| by.to_string()),
        sort_order: request.sort_order.map(|order| order.to_string()),
    }
    .read::<JobRecord>(ctx, TRAINING)?;
    let summary = |doc: Doc<JobRecord>| {
        Ok(TrainingJobSummary {
            training_job_arn: ctx.arn(TRAINING, &doc.name),
            creation_time: timestamp(doc.created_ms),
            training_end_time: job::end_ms(&doc.body.state).map(timestamp),
            last_modified_time: Some(timestamp(doc.modified_ms)),
            training_job_status: job::named(doc.body.state.status.as_str())?,
            secondary_status: Some(job::secondary_status(&doc.body.state)?),
            training_job_name: doc.name,
            ..TrainingJobSummary::default()
        })
    };
    let summaries = page.docs.into_iter().map(summary).collect::<Result<_, Error>>()?;
    Ok(ListTrainingJobsResponse { training_job_summaries: summaries, next_token: page.next })
}

pub fn stop_training_job(ctx: &Context, request: StopTrainingJobRequest) -> Result<Empty, Error> {
    let doc = find(ctx, &request.training_job_name)?.ok_or_else(error::not_found)?;
    match ctx.jobs.stop(TRAINING, &doc.name) {
        Ok(()) => Ok(Empty {}),
        Err(JobError::Ended { status, .. }) => {
            Err(error::validation(format!("The request was rejected because the training job is in status {status}.")))
        }
        Err(other) => Err(job::failed(other)),
    }
}

pub fn delete_training_job(ctx: &Context, request: DeleteTrainingJobRequest) -> Result<Empty, Error> {
    let doc = find(ctx, &request.training_job_name)?.ok_or_else(error::not_found)?;
    let status = doc.body.state.status;
    if !doc.body.state.ended() {
        return Err(error::in_use(format!(
            "The training job {} is in status {status}. Stop it, wait until it has stopped, then delete it.",
            doc.name
        )));
    }
    let arn = ctx.arn(TRAINING, &doc.name);
    ctx.store.transaction(move |transaction| super::tags::forget(transaction, &arn)).map_err(error::store)?;
    ctx.jobs.delete(TRAINING, &doc.name).map_err(job::failed)?;
    Ok(Empty {})
}
