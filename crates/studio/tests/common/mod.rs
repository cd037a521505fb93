//! A studio in a directory of its own, asked as the gateway asks it.
#![allow(dead_code, reason = "each test binary uses its part")]

use atelier_studio::store::PutOptions;
use atelier_studio::{Caller, InvokeRequest, Origin, Studio, StudioOptions};
use atelier_wire::aws::types::{
    AlgorithmSpecification, Channel, ContainerDefinition, CreateEndpointConfigInput, CreateEndpointInput,
    CreateModelInput, CreateTrainingJobRequest, DataSource, DescribeEndpointInput, DescribeEndpointOutput,
    DescribeTrainingJobRequest, DescribeTrainingJobResponse, OutputDataConfig, ProductionVariant, ResourceConfig,
    S3DataSource, S3DataType, StoppingCondition, TrainingInputMode,
};
use atelier_wire::{Call, Error, Event};
use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::PathBuf;
use std::time::Duration;

pub const LINEAR: &str = "382416733822.dkr.ecr.us-east-1.amazonaws.com/linear-learner:1";
pub const XGBOOST: &str = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1";
const ROLE: &str = "arn:aws:iam::123456789012:role/service-role/AmazonSageMaker-ExecutionRole";

/// The example that cargo builds beside the tests.
pub fn child() -> PathBuf {
    let exe = std::env::current_exe().unwrap();
    exe.parent().unwrap().parent().unwrap().join("examples/child")
}

pub struct Bench {
    pub home: tempfile::TempDir,
    pub studio: Studio,
}

impl Bench {
    pub async fn new() -> Bench {
        let home = tempfile::tempdir().unwrap();
        let studio = open(home.path()).await;
        studio.buckets().create("data").unwrap();
        Bench { home, studio }
    }

    /// As after the end of the process: a new studio on the same home.
    pub async fn restart(self) -> Bench {
        self.studio.shutdown().await;
        let Bench { home, studio } = self;
        drop(studio);
        let studio = open(home.path()).await;
        Bench { home, studio }
    }

    pub fn put(&self, key: &str, content: impl AsRef<[u8]>) {
        self.studio.buckets().put_bytes("data", key, content.as_ref(), PutOptions::default()).unwrap();
    }

    pub fn content(&self, key: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.studio.buckets().get("data", key).unwrap().file.read_to_end(&mut bytes).unwrap();
        bytes
    }

    pub fn keys(&self, prefix: &str) -> Vec<String> {
        let query = atelier_studio::store::buckets::ListObjects { prefix, delimiter: None, after: None, max: 1000 };
        self.studio
            .buckets()
            .list_objects("data", &query)
            .unwrap()
            .objects
            .into_iter()
            .map(|object| object.key)
            .collect()
    }

    pub async fn call_as<C: Call>(&self, caller: Caller, request: C) -> Result<C::Response, Error> {
        let body = serde_json::to_vec(&request).unwrap();
        let answer = self.studio.call(caller, C::NAME, &body).await?;
        let value = serde_json::from_slice(&answer).unwrap();
        if let Err(violations) = atelier_model::validate_output(C::NAME, &value) {
            panic!("{} answers what its model forbids: {violations} in {value}", C::NAME);
        }
        Ok(serde_json::from_slice(&answer).unwrap())
    }

    /// As boto3 asks.
    pub async fn call<C: Call>(&self, request: C) -> Result<C::Response, Error> {
        self.call_as(Caller { user_agent: "Boto3/1.44".into(), origin: Origin::Aws }, request).await
    }

    /// As a window asks.
    pub async fn window<C: Call>(&self, request: C) -> Result<C::Response, Error> {
        self.call_as(Caller { user_agent: String::new(), origin: Origin::Window }, request).await
    }

    /// A raw body, and the text of the refusal.
    pub async fn refusal(&self, name: &str, body: serde_json::Value) -> String {
        let caller = Caller { user_agent: String::new(), origin: Origin::Aws };
        let error = self.studio.call(caller, name, body.to_string().as_bytes()).await.expect_err(name);
        format!("{}: {}", error.code, error.message)
    }

    /// Waits for the change events of a thing until its state, read by `ask`, is what is waited for.
    pub async fn until<T>(&self, tag: &str, id: &str, ask: impl AsyncFn() -> T, done: impl Fn(&T) -> bool) -> T {
        let mut events = self.studio.events();
        let wait = async {
            loop {
                let state = ask().await;
                if done(&state) {
                    return state;
                }
                loop {
                    match events.recv().await {
                        Ok(Event::Changed { tag: its, id: of }) if its == tag && of == id => break,
                        Ok(_) => {}
                        Err(_) => break,
                    }
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(120), wait)
            .await
            .unwrap_or_else(|_| panic!("{tag} {id} did not get there"))
    }

    /// The training job's end.
    pub async fn trained(&self, name: &str) -> DescribeTrainingJobResponse {
        let ask = async || self.call(DescribeTrainingJobRequest { training_job_name: name.into() }).await.unwrap();
        self.until("training-job", name, ask, |job| {
            !matches!(job.training_job_status.as_str(), "InProgress" | "Stopping")
        })
        .await
    }

    /// The endpoint's end of creation or update.
    pub async fn settled(&self, name: &str) -> DescribeEndpointOutput {
        let ask = async || self.call(DescribeEndpointInput { endpoint_name: name.into() }).await.unwrap();
        self.until("endpoint", name, ask, |endpoint| {
            !matches!(endpoint.endpoint_status.as_str(), "Creating" | "Updating")
        })
        .await
    }

    /// Trains the linear learner on y = 2 a - b + 1 and returns the model's address.
    pub async fn linear_model(&self, job: &str) -> String {
        self.put("lin/train.csv", plane(200));
        self.call(linear_job(job)).await.unwrap();
        let done = self.trained(job).await;
        assert_eq!(done.training_job_status.as_str(), "Completed", "{:?}", done.failure_reason);
        done.model_artifacts.s3_model_artifacts
    }

    /// A model, a configuration and an endpoint, all of one name.
    pub async fn deploy(&self, name: &str, image: &str, model_data: &str) -> DescribeEndpointOutput {
        self.call(model(name, image, model_data)).await.unwrap();
        self.call(config(name, &[(name, 1.0)])).await.unwrap();
        let request = CreateEndpointInput {
            endpoint_name: name.into(),
            endpoint_config_name: name.into(),
            ..CreateEndpointInput::default()
        };
        self.call(request).await.unwrap();
        self.settled(name).await
    }

    pub async fn predict(&self, endpoint: &str, body: &str) -> Result<String, String> {
        let request = InvokeRequest {
            content_type: Some("text/csv".into()),
            body: body.to_owned().into(),
            ..InvokeRequest::default()
        };
        match self.studio.invoke(endpoint, request).await {
            Ok(answer) => Ok(String::from_utf8(answer.body.to_vec()).unwrap()),
            Err(refusal) => Err(format!("{}: {}", refusal.error.code, refusal.error.message)),
        }
    }
}

pub async fn open(home: &std::path::Path) -> Studio {
    let options = StudioOptions { runner: child(), algorithm: child(), ..StudioOptions::new(home) };
    let studio = Studio::open(options).await.unwrap();
    studio.set_address("http://127.0.0.1:1");
    studio
}

/// Rows of y, a, b with y = 2 a - b + 1.
pub fn plane(rows: usize) -> String {
    let row = |n: usize| {
        let (a, b) = ((n * 7 % 23) as f64 / 10.0, (n * 11 % 19) as f64 / 10.0);
        format!("{:.4},{a:.4},{b:.4}\n", 2.0 * a - b + 1.0)
    };
    (0..rows).map(row).collect()
}

pub fn channel(name: &str, uri: &str, content_type: &str) -> Channel {
    Channel {
        channel_name: name.into(),
        content_type: Some(content_type.into()),
        data_source: DataSource {
            s3_data_source: Some(S3DataSource {
                s3_data_type: S3DataType::S3Prefix,
                s3_uri: uri.into(),
                ..S3DataSource::default()
            }),
            ..DataSource::default()
        },
        ..Channel::default()
    }
}

pub fn job(
    name: &str,
    image: &str,
    hyperparameters: &[(&str, &str)],
    channels: Vec<Channel>,
) -> CreateTrainingJobRequest {
    let hyper_parameters: BTreeMap<String, String> =
        hyperparameters.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    CreateTrainingJobRequest {
        training_job_name: name.into(),
        role_arn: ROLE.into(),
        hyper_parameters: Some(hyper_parameters),
        algorithm_specification: Some(AlgorithmSpecification {
            training_image: Some(image.into()),
            training_input_mode: TrainingInputMode::File,
            ..AlgorithmSpecification::default()
        }),
        input_data_config: Some(channels),
        output_data_config: OutputDataConfig { s3_output_path: "s3://data/out".into(), ..OutputDataConfig::default() },
        resource_config: Some(ResourceConfig {
            instance_type: Some("ml.m5.large".into()),
            instance_count: Some(1),
            volume_size_in_gb: Some(5),
            ..ResourceConfig::default()
        }),
        stopping_condition: Some(StoppingCondition {
            max_runtime_in_seconds: Some(600),
            ..StoppingCondition::default()
        }),
        ..CreateTrainingJobRequest::default()
    }
}

pub fn linear_job(name: &str) -> CreateTrainingJobRequest {
    let hyperparameters = [
        ("predictor_type", "regressor"),
        ("feature_dim", "2"),
        ("mini_batch_size", "20"),
        ("epochs", "20"),
        ("loss", "squared_loss"),
    ];
    let channels = vec![
        channel("train", "s3://data/lin/train", "text/csv"),
        channel("validation", "s3://data/lin/train", "text/csv"),
    ];
    job(name, LINEAR, &hyperparameters, channels)
}

pub fn model(name: &str, image: &str, model_data: &str) -> CreateModelInput {
    CreateModelInput {
        model_name: name.into(),
        execution_role_arn: Some(ROLE.into()),
        primary_container: Some(ContainerDefinition {
            image: Some(image.into()),
            model_data_url: Some(model_data.into()),
            ..ContainerDefinition::default()
        }),
        ..CreateModelInput::default()
    }
}

/// A configuration whose variants are named by their models.
pub fn config(name: &str, variants: &[(&str, f32)]) -> CreateEndpointConfigInput {
    let variant = |(model, weight): &(&str, f32)| ProductionVariant {
        variant_name: (*model).into(),
        model_name: Some((*model).into()),
        initial_instance_count: Some(1),
        instance_type: Some("ml.m5.large".into()),
        initial_variant_weight: Some(*weight),
        ..ProductionVariant::default()
    };
    CreateEndpointConfigInput {
        endpoint_config_name: name.into(),
        production_variants: variants.iter().map(variant).collect(),
        ..CreateEndpointConfigInput::default()
    }
}
