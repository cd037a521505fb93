//! Batch transform jobs: create, describe, list, stop.

use super::model;
use crate::job::{self, TRANSFORM};
use crate::listing::{Listing, timestamp};
use crate::{Context, error, transform};
use atelier_jobs::{JobError, JobRecord};
use atelier_store::Doc;
use atelier_wire::Error;
use atelier_wire::aws::Empty;
use atelier_wire::aws::types::{
    CreateTransformJobRequest, CreateTransformJobResponse, DescribeTransformJobRequest, DescribeTransformJobResponse,
    ListTransformJobsRequest, ListTransformJobsResponse, StopTransformJobRequest, TransformJobSummary,
};

pub fn create_transform_job(
    ctx: &Context,
    request: CreateTransformJobRequest,
) -> Result<CreateTransformJobResponse, Error> {
    let name = request.transform_job_name.clone();
    let arn = ctx.arn(TRANSFORM, &name);
    if ctx.jobs.get(TRANSFORM, &name).map_err(job::failed)?.is_some() {
        return Err(taken(&arn));
    }
    let model = model::find(ctx, &request.model_name)?;
    let spec = transform::plan(ctx, request, &model.body)?;
    match ctx.jobs.submit(spec) {
        Ok(()) => Ok(CreateTransformJobResponse { transform_job_arn: arn }),
        Err(JobError::Exists { .. }) => Err(taken(&arn)),
        Err(other) => Err(job::failed(other)),
    }
}

fn taken(arn: &str) -> Error {
    error::in_use(format!(
        "Job name must be unique within an AWS account and region, and a job with this name already exists ({arn})"
    ))
}

fn find(ctx: &Context, name: &str) -> Result<Doc<JobRecord>, Error> {
    let found = ctx.jobs.get(TRANSFORM, name).map_err(job::failed)?;
    found.ok_or_else(|| error::validation(format!("Could not find requested job with name: {name}")))
}

pub fn describe_transform_job(
    ctx: &Context,
    request: DescribeTransformJobRequest,
) -> Result<DescribeTransformJobResponse, Error> {
    let doc = find(ctx, &request.transform_job_name)?;
    let made: CreateTransformJobRequest = job::request(&doc)?;
    let state = &doc.body.state;
    Ok(DescribeTransformJobResponse {
        transform_job_arn: ctx.arn(TRANSFORM, &doc.name),
        transform_job_status: job::named(state.status.as_str())?,
        failure_reason: state.failure_reason.clone(),
        creation_time: timestamp(doc.created_ms),
        transform_start_time: state.training_start_ms.map(timestamp),
        transform_end_time: job::end_ms(state).map(timestamp),
        transform_job_name: made.transform_job_name,
        model_name: made.model_name,
        max_concurrent_transforms: made.max_concurrent_transforms,
        model_client_config: made.model_client_config,
        max_payload_in_mb: made.max_payload_in_mb,
        batch_strategy: made.batch_strategy,
        environment: made.environment,
        transform_input: made.transform_input,
        transform_output: Some(made.transform_output),
        data_capture_config: made.data_capture_config,
        transform_resources: made.transform_resources,
        data_processing: made.data_processing,
        experiment_config: made.experiment_config,
        ..DescribeTransformJobResponse::default()
    })
}

pub fn list_transform_jobs(
    ctx: &Context,
    request: ListTransformJobsRequest,
) -> Result<ListTransformJobsResponse, Error> {
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
    .read::<JobRecord>(ctx, TRANSFORM)?;
    let summary = |doc: Doc<JobRecord>| {
        let state = doc.body.state;
        Ok(TransformJobSummary {
            transform_job_arn: ctx.arn(TRANSFORM, &doc.name),
            creation_time: timestamp(doc.created_ms),
            transform_end_time: job::end_ms(&state).map(timestamp),
            last_modified_time: Some(timestamp(doc.modified_ms)),
            transform_job_status: job::named(state.status.as_str())?,
            failure_reason: state.failure_reason,
            transform_job_name: doc.name,
        })
    };
    let summaries = page.docs.into_iter().map(summary).collect::<Result<_, Error>>()?;
    Ok(ListTransformJobsResponse { transform_job_summaries: summaries, next_token: page.next })
}

pub fn stop_transform_job(ctx: &Context, request: StopTransformJobRequest) -> Result<Empty, Error> {
    let doc = find(ctx, &request.transform_job_name)?;
    let refused = |status: &str| {
        error::validation(format!("The request was rejected because the transform job is in status {status}."))
    };
    match ctx.jobs.stop(TRANSFORM, &doc.name) {
        Ok(()) => Ok(Empty {}),
        Err(JobError::Ended { status, .. }) => Err(refused(status)),
        Err(other) => Err(job::failed(other)),
    }
}
