//! From a `CreateTrainingJob` request to what the job runner does. Checks what AWS checks before it makes a job.

use crate::{Context, error, job, s3_uri};
use atelier_algorithms::Algorithm;
use atelier_jobs::{Form, Input, JobSpec, Output, Source};
use atelier_wire::Error;
use atelier_wire::aws::types::{
    Channel, CompressionType, CreateTrainingJobRequest, OutputCompressionType, S3DataDistribution, S3DataType,
    StoppingCondition,
};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

pub(crate) const LOG_GROUP: &str = "/aws/sagemaker/TrainingJobs";

/// A stopped job has this long to save its model before it is killed, as on AWS.
const STOP_GRACE_S: u64 = 120;

/// What the SDK adds when a script of the user's is to run instead of the image's own algorithm.
const SCRIPT_HYPERPARAMETERS: [&str; 2] = ["sagemaker_program", "sagemaker_submit_directory"];

/// AWS's time limit where the request sets none: one day.
pub(crate) fn default_stopping_condition() -> StoppingCondition {
    StoppingCondition { max_runtime_in_seconds: Some(86_400), ..StoppingCondition::default() }
}

/// Where the job's model goes: an archive, or a prefix of plain files where the request wants no compression.
pub(crate) fn model_uri(request: &CreateTrainingJobRequest) -> String {
    match form(request) {
        Form::TarGz => output_uri(request, "model.tar.gz"),
        Form::Objects => output_uri(request, "model/"),
    }
}

fn form(request: &CreateTrainingJobRequest) -> Form {
    match request.output_data_config.compression_type {
        Some(OutputCompressionType::None) => Form::Objects,
        _ => Form::TarGz,
    }
}

fn output_uri(request: &CreateTrainingJobRequest, file: &str) -> String {
    s3_uri::join(&request.output_data_config.s3_output_path, &format!("{}/output/{file}", request.training_job_name))
}

/// Checks the request and says what to run.
pub(crate) fn plan(ctx: &Context, request: CreateTrainingJobRequest) -> Result<JobSpec, Error> {
    let algorithm = algorithm(&request)?;
    let channels = request.input_data_config.as_deref().unwrap_or_default();
    let inputs = channels.iter().map(input).collect::<Result<Vec<_>, _>>()?;
    for (channel, input) in channels.iter().zip(&inputs) {
        if channels.iter().filter(|other| other.channel_name == channel.channel_name).count() > 1 {
            return Err(error::validation(format!(
                "Channel names must be unique: {} appears twice.",
                channel.channel_name
            )));
        }
        let (Source::S3Prefix(uri) | Source::Manifest(uri)) = &input.source;
        s3_uri::check_input(ctx, uri, &request.role_arn)?;
    }
    s3_uri::check_output(ctx, &request.output_data_config.s3_output_path)?;
    let own = [
        ("TRAINING_JOB_NAME", request.training_job_name.clone()),
        ("TRAINING_JOB_ARN", ctx.arn(job::TRAINING, &request.training_job_name)),
        ("ATELIER_ALGORITHM", algorithm.name.to_owned()),
    ];
    let limit =
        request.stopping_condition.as_ref().and_then(|condition| condition.max_runtime_in_seconds).unwrap_or(86_400);
    Ok(JobSpec {
        kind: job::TRAINING.into(),
        name: request.training_job_name.clone(),
        log_group: LOG_GROUP.into(),
        config: config(&request, channels),
        inputs,
        command: vec![ctx.programs.algorithm.to_string_lossy().into_owned(), "train".into()],
        env: job::environment(ctx, &own, request.environment.as_ref()),
        // The built-in algorithms use all cores of this machine in one process, so one host does the work of all.
        num_hosts: 1,
        outputs: vec![
            // A job that was stopped keeps the model it has so far, one that failed keeps none.
            Output {
                dir: "model".into(),
                to: model_uri(&request),
                form: form(&request),
                required: true,
                only_on_success: true,
            },
            Output {
                dir: "output/data".into(),
                to: output_uri(&request, "output.tar.gz"),
                form: Form::TarGz,
                required: false,
                only_on_success: false,
            },
        ],
        metrics: algorithm.metrics.iter().map(|(name, regex)| ((*name).to_owned(), (*regex).to_owned())).collect(),
        max_runtime_s: limit.max(1) as u64,
        stop_grace_s: STOP_GRACE_S,
        discard_on_stop: false,
        request: serde_json::to_value(request)
            .map_err(|problem| error::validation(format!("The request cannot be kept: {problem}.")))?,
    })
}

fn algorithm(request: &CreateTrainingJobRequest) -> Result<&'static Algorithm, Error> {
    let specification = request.algorithm_specification.as_ref();
    let Some(image) = specification.and_then(|specification| specification.training_image.as_deref()) else {
        return Err(error::validation(
            "AlgorithmSpecification names no TrainingImage. Algorithms from the Marketplace (AlgorithmName) are not part of this platform.",
        ));
    };
    let algorithm = Algorithm::for_image(image).ok_or_else(|| error::validation(job::no_such_image(image)))?;
    let script =
        request.hyper_parameters.iter().flatten().any(|(name, _)| SCRIPT_HYPERPARAMETERS.contains(&name.as_str()));
    if script || specification.is_some_and(|it| it.container_entrypoint.is_some() || it.container_arguments.is_some()) {
        return Err(error::validation(format!(
            "Cannot run your own script in the image {image}: this platform trains with the built-in algorithm {} only, \
             without containers. Leave out entry_point and source_dir, and give the algorithm's hyperparameters.",
            algorithm.name
        )));
    }
    if specification.and_then(|it| it.metric_definitions.as_ref()).is_some_and(|all| !all.is_empty()) {
        return Err(error::validation(
            "You can't override the metric definitions for Amazon SageMaker algorithms. Please retry the request without \
             specifying metric definitions.",
        ));
    }
    Ok(algorithm)
}

fn input(channel: &Channel) -> Result<Input, Error> {
    let name = &channel.channel_name;
    let Some(source) = &channel.data_source.s3_data_source else {
        return Err(error::validation(format!(
            "Channel {name}: only S3 data sources can be read here, set S3DataSource."
        )));
    };
    let uri = source.s3_uri.clone();
    let from = match source.s3_data_type {
        S3DataType::S3Prefix => Source::S3Prefix(uri),
        S3DataType::ManifestFile => Source::Manifest(uri),
        other => {
            return Err(error::validation(format!(
                "Channel {name}: S3DataType {other} is not part of this platform yet."
            )));
        }
    };
    Ok(Input {
        dir: format!("input/data/{name}"),
        source: from,
        sharded: source.s3_data_distribution_type == Some(S3DataDistribution::ShardedByS3Key),
        gunzip: channel.compression_type == Some(CompressionType::Gzip),
        extract_tar_gz: false,
    })
}

/// The files below `/opt/ml/input/config`, as the training containers read them.
fn config(request: &CreateTrainingJobRequest, channels: &[Channel]) -> Vec<(String, Value)> {
    let hyperparameters: BTreeMap<String, String> = request.hyper_parameters.clone().unwrap_or_default();
    let channels: Map<String, Value> =
        channels.iter().map(|channel| (channel.channel_name.clone(), about(channel))).collect();
    let instance_type = request.resource_config.as_ref().and_then(|resources| resources.instance_type.clone());
    let resources = json!({
        "current_host": "algo-1",
        "current_instance_type": instance_type,
        "current_group_name": "homogeneousCluster",
        "hosts": ["algo-1"],
        "instance_groups": [{
            "instance_group_name": "homogeneousCluster",
            "instance_type": instance_type,
            "hosts": ["algo-1"],
        }],
        "network_interface_name": "lo",
    });
    vec![
        ("input/config/hyperparameters.json".into(), json!(hyperparameters)),
        ("input/config/inputdataconfig.json".into(), Value::Object(channels)),
        ("input/config/resourceconfig.json".into(), resources),
    ]
}

fn about(channel: &Channel) -> Value {
    let distribution = channel.data_source.s3_data_source.as_ref().and_then(|source| source.s3_data_distribution_type);
    let mut about = json!({
        // Whatever mode was asked for, the data lies in files: nothing is streamed on one machine.
        "TrainingInputMode": "File",
        "S3DistributionType": distribution.map_or("FullyReplicated".to_owned(), |it| it.to_string()),
        "RecordWrapperType": channel.record_wrapper_type.map_or("None".to_owned(), |it| it.to_string()),
    });
    if let Some(content_type) = &channel.content_type {
        about["ContentType"] = json!(content_type);
    }
    about
}
