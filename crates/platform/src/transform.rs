//! From a `CreateTransformJob` request and its model to what the job runner does.

use crate::ops::model::{ModelRecord, model_data};
use crate::{Context, error, job, s3_uri};
use atelier_jobs::{Form, Input, JobSpec, Output, Source};
use atelier_wire::Error;
use atelier_wire::aws::types::{
    AssemblyType, BatchStrategy, CompressionType, ContainerDefinition, CreateTransformJobRequest, JoinSource,
    S3DataType, SplitType,
};
use serde_json::json;

pub(crate) const LOG_GROUP: &str = "/aws/sagemaker/TransformJobs";

/// AWS's default payload and the largest product of payload and concurrency that it takes, in MB.
const PAYLOAD_MB: i32 = 6;
const MAX_TOTAL_MB: i32 = 100;

/// Checks the request and says what to run.
pub(crate) fn plan(ctx: &Context, request: CreateTransformJobRequest, model: &ModelRecord) -> Result<JobSpec, Error> {
    let container = container(model)?;
    let algorithm = job::server(container).map_err(error::validation)?;
    let role = model.request.execution_role_arn.clone().unwrap_or_else(|| ctx.settings.role_arn());
    check(&request)?;
    let input = input(&request)?;
    let (Source::S3Prefix(uri) | Source::Manifest(uri)) = &input.source;
    s3_uri::check_input(ctx, uri, &role)?;
    s3_uri::check_output(ctx, &request.transform_output.s3_output_path)?;
    let mut inputs = vec![input];
    if let Some(url) = model_data(container) {
        inputs.push(Input {
            dir: "model".into(),
            source: Source::S3Prefix(url.to_owned()),
            sharded: false,
            gunzip: false,
            extract_tar_gz: true,
        });
    }
    let mut requested = container.environment.clone().unwrap_or_default();
    requested.extend(request.environment.clone().unwrap_or_default());
    let own = [
        ("ATELIER_ALGORITHM", algorithm.name.to_owned()),
        ("ATELIER_TRANSFORM", about(&request).to_string()),
        ("SAGEMAKER_BATCH", "true".to_owned()),
    ];
    Ok(JobSpec {
        kind: job::TRANSFORM.into(),
        name: request.transform_job_name.clone(),
        log_group: LOG_GROUP.into(),
        inputs,
        command: vec![ctx.programs.algorithm.to_string_lossy().into_owned(), "transform".into()],
        env: job::environment(ctx, &own, Some(&requested)),
        num_hosts: 1,
        outputs: vec![Output {
            dir: "output/transform".into(),
            to: request.transform_output.s3_output_path.clone(),
            form: Form::Objects,
            required: false,
            // A file with a bad record fails the job, yet the files that went well are kept, as on AWS.
            only_on_success: false,
        }],
        stop_grace_s: 30,
        discard_on_stop: true,
        request: serde_json::to_value(request)
            .map_err(|problem| error::validation(format!("The request cannot be kept: {problem}.")))?,
        ..JobSpec::default()
    })
}

fn container(model: &ModelRecord) -> Result<&ContainerDefinition, Error> {
    model.container().ok_or_else(|| {
        error::validation(format!(
            "Model {} is a pipeline of several containers, which this platform cannot run yet: use a model with one container.",
            model.request.model_name
        ))
    })
}

fn check(request: &CreateTransformJobRequest) -> Result<(), Error> {
    let total = request.max_concurrent_transforms.unwrap_or(1).max(1) * request.max_payload_in_mb.unwrap_or(PAYLOAD_MB);
    if total > MAX_TOTAL_MB {
        return Err(error::validation(format!(
            "MaxConcurrentTransforms * MaxPayloadInMB cannot exceed {MAX_TOTAL_MB} MB, and is {total} MB."
        )));
    }
    if request.transform_input.split_type == Some(SplitType::TFRecord) {
        return Err(error::validation(
            "SplitType TFRecord is not part of this platform yet: use Line, RecordIO or None.",
        ));
    }
    if let Some(processing) = &request.data_processing {
        let filters = [&processing.input_filter, &processing.output_filter].into_iter().flatten();
        if processing.join_source == Some(JoinSource::Input) || filters.into_iter().any(|filter| filter != "$") {
            return Err(error::validation(
                "DataProcessing (filters and joins) is not part of this platform yet: leave it out.",
            ));
        }
    }
    Ok(())
}

fn input(request: &CreateTransformJobRequest) -> Result<Input, Error> {
    let source = request.transform_input.data_source.s3_data_source.clone();
    let from = match source.s3_data_type {
        S3DataType::S3Prefix => Source::S3Prefix(source.s3_uri),
        S3DataType::ManifestFile => Source::Manifest(source.s3_uri),
        other => return Err(error::validation(format!("S3DataType {other} is not part of this platform yet."))),
    };
    Ok(Input {
        dir: "input/data/input".into(),
        source: from,
        sharded: false,
        gunzip: request.transform_input.compression_type == Some(CompressionType::Gzip),
        extract_tar_gz: false,
    })
}

/// What `atelier-algorithm transform` reads from `ATELIER_TRANSFORM`.
fn about(request: &CreateTransformJobRequest) -> serde_json::Value {
    json!({
        "content_type": request.transform_input.content_type,
        "accept": request.transform_output.accept,
        "split": request.transform_input.split_type.unwrap_or(SplitType::None).to_string(),
        "assemble": request.transform_output.assemble_with.unwrap_or(AssemblyType::None).to_string(),
        "strategy": request.batch_strategy.unwrap_or(BatchStrategy::MultiRecord).to_string(),
        "max_payload_mb": request.max_payload_in_mb.unwrap_or(PAYLOAD_MB),
        // Gzip input has been decompressed before the algorithm sees it.
        "compression": "None",
    })
}
