//! Training and transform jobs through the door, with the real algorithms as child processes.

mod common;

use atelier_studio::{Caller, Origin};
use atelier_wire::aws::cloudwatch::{Dimension, GetMetricStatisticsInput, Statistic};
use atelier_wire::aws::logs::{DescribeLogStreamsRequest, FilterLogEventsRequest, GetLogEventsRequest};
use atelier_wire::aws::types::*;
use atelier_wire::aws::{Timestamp, sts::GetCallerIdentityRequest};
use atelier_wire::studio::job::{GetJobLog, GetJobMetrics};
use common::{Bench, LINEAR, XGBOOST, channel, job, linear_job, model, plane};

#[tokio::test(flavor = "multi_thread")]
async fn a_job_trains_and_can_be_read_in_every_way() {
    let bench = Bench::new().await;
    let uri = bench.linear_model("first").await;
    assert_eq!(uri, "s3://data/out/first/output/model.tar.gz");
    assert!(bench.keys("out/").contains(&"out/first/output/model.tar.gz".to_owned()));

    let done = bench.trained("first").await;
    let phases: Vec<String> =
        done.secondary_status_transitions.iter().flatten().map(|step| step.status.to_string()).collect();
    assert_eq!(phases, ["Starting", "Downloading", "Training", "Uploading", "Completed"]);
    assert_eq!(done.secondary_status, SecondaryStatus::Completed);
    assert_eq!(done.output_data_config.unwrap().kms_key_id.as_deref(), Some(""), "Estimator.attach reads it");
    assert!(done.billable_time_in_seconds.unwrap() >= 1 && done.training_end_time >= done.training_start_time);
    assert!(
        done.final_metric_data_list
            .unwrap()
            .iter()
            .any(|metric| metric.metric_name.as_deref() == Some("train:objective_loss"))
    );
    let metrics = done.algorithm_specification.unwrap().metric_definitions.unwrap();
    assert!(metrics.iter().any(|metric| metric.name == "train:objective_loss"), "training_job_analytics reads them");
    logs_and_metrics(&bench, "first").await;

    let again = bench.call(linear_job("first")).await.unwrap_err();
    assert_eq!(again.code, "ResourceInUse");
    assert!(
        again.message.contains("a training job with this name already exists (arn:aws:sagemaker"),
        "{}",
        again.message
    );
    let stop = bench.call(StopTrainingJobRequest { training_job_name: "first".into() }).await.unwrap_err();
    assert_eq!(stop.message, "The request was rejected because the training job is in status Completed.");
    bench.call(DeleteTrainingJobRequest { training_job_name: "first".into() }).await.unwrap();
    assert!(bench.call(DescribeTrainingJobRequest { training_job_name: "first".into() }).await.is_err());
}

async fn logs_and_metrics(bench: &Bench, name: &str) {
    let group = Some("/aws/sagemaker/TrainingJobs".to_owned());
    let streams = DescribeLogStreamsRequest {
        log_group_name: group.clone(),
        log_stream_name_prefix: Some(format!("{name}/")),
        ..DescribeLogStreamsRequest::default()
    };
    let streams = bench.call(streams).await.unwrap();
    assert_eq!(streams.next_token, None, "the SDK would ask forever");
    let stream = streams.log_streams.unwrap()[0].log_stream_name.clone().unwrap();
    assert!(stream.starts_with(&format!("{name}/algo-1-")), "{stream}");

    let request = |token: Option<String>, from_head: bool, limit: i32| GetLogEventsRequest {
        log_group_name: group.clone(),
        log_stream_name: stream.clone(),
        next_token: token,
        start_from_head: Some(from_head),
        limit: Some(limit),
        ..GetLogEventsRequest::default()
    };
    let all = bench.call(request(None, true, 10_000)).await.unwrap();
    let texts = |events: Option<Vec<atelier_wire::aws::logs::OutputLogEvent>>| -> Vec<String> {
        events.unwrap().into_iter().map(|event| event.message.unwrap()).collect()
    };
    let (forward, lines) = (all.next_forward_token.unwrap(), texts(all.events));
    assert!(lines.len() > 5, "{lines:?}");
    let nothing = bench.call(request(Some(forward.clone()), true, 100)).await.unwrap();
    assert_eq!(
        (nothing.events.unwrap().len(), nothing.next_forward_token),
        (0, Some(forward)),
        "the token stays when nothing is new"
    );
    // Backwards in pages of three, the same lines come in the same order.
    let (mut token, mut backwards) = (None, Vec::new());
    loop {
        let page = bench.call(request(token, false, 3)).await.unwrap();
        token = page.next_backward_token;
        let page = texts(page.events);
        if page.is_empty() {
            break;
        }
        backwards.splice(0..0, page);
    }
    assert_eq!(backwards, lines);
    let filter = FilterLogEventsRequest {
        log_group_name: group,
        log_stream_name_prefix: Some(name.to_owned()),
        filter_pattern: Some("quality_metric".into()),
        ..FilterLogEventsRequest::default()
    };
    let found = bench.call(filter).await.unwrap().events.unwrap();
    assert!(!found.is_empty() && found.iter().all(|event| event.message.as_ref().unwrap().contains("quality_metric")));

    let shown = bench.window(GetJobLog { job: format!("training-job/{name}"), after: 0, limit: 5000 }).await.unwrap();
    assert_eq!(shown.lines.len(), lines.len());
    let curves = bench.window(GetJobMetrics { job: format!("training-job/{name}") }).await.unwrap().curves;
    let curve = curves.iter().find(|curve| curve.name == "train:objective_loss").expect("a curve");
    let first = curve.points[0].0;
    let statistics = GetMetricStatisticsInput {
        namespace: "/aws/sagemaker/TrainingJobs".into(),
        metric_name: curve.name.clone(),
        dimensions: Some(vec![Dimension { name: "TrainingJobName".into(), value: name.into() }]),
        start_time: Timestamp(first - 3600.0),
        end_time: Timestamp(first + 3600.0),
        period: 3600,
        statistics: Some(vec![Statistic::Minimum, Statistic::SampleCount]),
        ..GetMetricStatisticsInput::default()
    };
    let points = bench.call(statistics).await.unwrap().datapoints.unwrap();
    let count: f64 = points.iter().filter_map(|point| point.sample_count).sum();
    assert_eq!(count as usize, curve.points.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_cannot_train_says_why() {
    let bench = Bench::new().await;
    bench.put("lin/train.csv", "1,2,3\nthis,is,wrong\n");
    bench.call(linear_job("rows")).await.unwrap();
    let failed = bench.trained("rows").await;
    assert_eq!(failed.training_job_status, TrainingJobStatus::Failed);
    let reason = failed.failure_reason.unwrap();
    assert!(reason.starts_with("ClientError:"), "{reason}");

    bench.put("lin/train.csv", plane(20));
    let mut request = linear_job("parameters");
    request.hyper_parameters.as_mut().unwrap().insert("epochs".into(), "-3".into());
    bench.call(request).await.unwrap();
    let failed = bench.trained("parameters").await;
    let reason = failed.failure_reason.unwrap();
    assert!(reason.starts_with("ClientError:") && reason.contains("epochs"), "{reason}");
    assert_eq!(bench.keys("out/parameters/output/model"), Vec::<String>::new(), "a failed job leaves no model");
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_filter_sort_and_page() {
    let bench = Bench::new().await;
    let uri = bench.linear_model("list-a").await;
    for name in ["m-1", "m-2", "m-3", "other"] {
        bench.call(model(name, LINEAR, &uri)).await.unwrap();
    }
    let list = |request: ListModelsInput| async { bench.call(request).await.unwrap() };
    let names = |page: &ListModelsOutput| page.models.iter().map(|model| model.model_name.clone()).collect::<Vec<_>>();
    let base = || ListModelsInput {
        name_contains: Some("m-".into()),
        sort_by: Some(ModelSortKey::Name),
        sort_order: Some(OrderKey::Ascending),
        max_results: Some(2),
        ..ListModelsInput::default()
    };
    let first = list(base()).await;
    assert_eq!(names(&first), ["m-1", "m-2"]);
    let second = list(ListModelsInput { next_token: first.next_token, ..base() }).await;
    assert_eq!((names(&second), second.next_token), (vec!["m-3".to_owned()], None));
    let newest = list(ListModelsInput { max_results: Some(1), ..ListModelsInput::default() }).await;
    assert_eq!(names(&newest), ["other"]);

    let jobs = ListTrainingJobsRequest {
        status_equals: Some(TrainingJobStatus::Completed),
        ..ListTrainingJobsRequest::default()
    };
    assert_eq!(bench.call(jobs).await.unwrap().training_job_summaries.len(), 1);
    let jobs = ListTrainingJobsRequest {
        status_equals: Some(TrainingJobStatus::Failed),
        ..ListTrainingJobsRequest::default()
    };
    assert_eq!(bench.call(jobs).await.unwrap().training_job_summaries.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_are_kept_with_what_they_belong_to() {
    let bench = Bench::new().await;
    let uri = bench.linear_model("tags-a").await;
    let tag = |key: &str, value: &str| Tag { key: key.into(), value: value.into() };
    let request = CreateModelInput { tags: Some(vec![tag("team", "a")]), ..model("Tagged", LINEAR, &uri) };
    let arn = bench.call(request).await.unwrap().model_arn;
    let list = || async {
        bench.call(ListTagsInput { resource_arn: arn.clone(), ..ListTagsInput::default() }).await.unwrap().tags.unwrap()
    };
    assert_eq!(list().await, [tag("team", "a")]);
    bench
        .call(AddTagsInput { resource_arn: arn.clone(), tags: vec![tag("team", "b"), tag("cost", "1")] })
        .await
        .unwrap();
    assert_eq!(list().await, [tag("team", "b"), tag("cost", "1")]);
    bench.call(DeleteTagsInput { resource_arn: arn.clone(), tag_keys: vec!["team".into()] }).await.unwrap();
    assert_eq!(list().await, [tag("cost", "1")]);
    bench.call(DeleteModelInput { model_name: "Tagged".into() }).await.unwrap();
    bench.call(model("Tagged", LINEAR, &uri)).await.unwrap();
    assert_eq!(list().await, [], "the tags went with their resource");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_transformed_in_batch() {
    let bench = Bench::new().await;
    let uri = bench.linear_model("for-batch").await;
    bench.call(model("batch", LINEAR, &uri)).await.unwrap();
    bench.put("in/rows.csv", "1.0,1.0\n0.0,2.0\n2.0,0.5\n");
    let request = CreateTransformJobRequest {
        transform_job_name: "batch-1".into(),
        model_name: "batch".into(),
        transform_input: TransformInput {
            data_source: TransformDataSource {
                s3_data_source: TransformS3DataSource {
                    s3_data_type: S3DataType::S3Prefix,
                    s3_uri: "s3://data/in/rows.csv".into(),
                },
            },
            content_type: Some("text/csv".into()),
            split_type: Some(SplitType::Line),
            ..TransformInput::default()
        },
        transform_output: TransformOutput {
            s3_output_path: "s3://data/scored".into(),
            assemble_with: Some(AssemblyType::Line),
            accept: Some("text/csv".into()),
            ..TransformOutput::default()
        },
        transform_resources: TransformResources {
            instance_type: "ml.m5.large".into(),
            instance_count: 1,
            ..TransformResources::default()
        },
        ..CreateTransformJobRequest::default()
    };
    bench.call(request.clone()).await.unwrap();
    let ask = async || bench.call(DescribeTransformJobRequest { transform_job_name: "batch-1".into() }).await.unwrap();
    let done = bench
        .until("transform-job", "batch-1", ask, |job| job.transform_job_status != TransformJobStatus::InProgress)
        .await;
    assert_eq!(done.transform_job_status, TransformJobStatus::Completed, "{:?}", done.failure_reason);
    let scores = String::from_utf8(bench.content("scored/rows.csv.out")).unwrap();
    let scores: Vec<f64> = scores.lines().map(|line| line.trim().parse().unwrap()).collect();
    for (score, expected) in scores.iter().zip([2.0, -1.0, 4.5]) {
        assert!((score - expected).abs() < 0.3, "{scores:?}");
    }
    assert_eq!(scores.len(), 3);
    let again = bench.call(request).await.unwrap_err();
    assert!(again.code == "ResourceInUse" && again.message.contains("already exists"), "{again}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_job_stops_and_keeps_its_model() {
    let bench = Bench::new().await;
    bench.put("lin/train.csv", plane(5000));
    let mut request = linear_job("long");
    // Without patience it would end by itself as soon as the loss stands still, which it does at once.
    let endless = [("epochs", "1000000"), ("early_stopping_patience", "1000000")];
    request.hyper_parameters.as_mut().unwrap().extend(endless.map(|(name, value)| (name.into(), value.into())));
    bench.call(request).await.unwrap();
    // Once it says something it trains; before that there would be no model to keep.
    let read = async || bench.window(GetJobLog { job: "training-job/long".into(), after: 0, limit: 10 }).await.unwrap();
    bench.until("log", "training-job/long", read, |log| !log.lines.is_empty()).await;
    bench.call(StopTrainingJobRequest { training_job_name: "long".into() }).await.unwrap();
    let stopped = bench.trained("long").await;
    assert_eq!(
        (stopped.training_job_status, stopped.secondary_status),
        (TrainingJobStatus::Stopped, SecondaryStatus::Stopped)
    );
    assert_eq!(bench.keys("out/long/output/model"), ["out/long/output/model.tar.gz"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_sdk_waits_once_instead_of_asking_again() {
    let bench = Bench::new().await;
    bench.put("lin/train.csv", plane(100));
    bench.call(linear_job("patient")).await.unwrap();
    let sdk = Caller { user_agent: "Boto3/1.44 lib/AWS-SageMaker-Python-SDK#2.257.7".into(), origin: Origin::Aws };
    let answer = bench.call_as(sdk, DescribeTrainingJobRequest { training_job_name: "patient".into() }).await.unwrap();
    assert_eq!(answer.training_job_status, TrainingJobStatus::Completed, "{:?}", answer.failure_reason);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_caller_is_the_execution_role() {
    let bench = Bench::new().await;
    let who = bench.call(GetCallerIdentityRequest::default()).await.unwrap();
    assert_eq!(
        who.arn.as_deref(),
        Some("arn:aws:sts::123456789012:assumed-role/AmazonSageMaker-ExecutionRole/SageMaker")
    );
    let role = atelier_wire::aws::iam::GetRoleRequest { role_name: "AmazonSageMaker-ExecutionRole".into() };
    let role = bench.call(role).await.unwrap().role;
    assert_eq!(role.arn, bench.studio.settings().role_arn());
}

/// With XGBoost's own library, where `ATELIER_XGBOOST_LIB` names it.
#[tokio::test(flavor = "multi_thread")]
async fn xgboost_trains_and_serves() {
    if std::env::var_os("ATELIER_XGBOOST_LIB").is_none() {
        eprintln!("not run: ATELIER_XGBOOST_LIB names no library");
        return;
    }
    let bench = Bench::new().await;
    bench.put("xgb/train.csv", plane(300));
    bench.put("xgb/validation.csv", plane(100));
    let channels = vec![
        channel("train", "s3://data/xgb/train.csv", "text/csv"),
        channel("validation", "s3://data/xgb/validation.csv", "csv"),
    ];
    let hyperparameters = [("objective", "reg:squarederror"), ("num_round", "20"), ("max_depth", "4"), ("eta", "0.3")];
    bench.call(job("xgb", XGBOOST, &hyperparameters, channels)).await.unwrap();
    let done = bench.trained("xgb").await;
    assert_eq!(done.training_job_status, TrainingJobStatus::Completed, "{:?}", done.failure_reason);
    let metrics = done.final_metric_data_list.unwrap();
    let rmse = metrics
        .iter()
        .find(|metric| metric.metric_name.as_deref() == Some("validation:rmse"))
        .expect("validation:rmse");
    assert!(rmse.value.unwrap() < 0.5, "{rmse:?}");
    let curves = bench.window(GetJobMetrics { job: "training-job/xgb".into() }).await.unwrap().curves;
    for name in ["train:rmse", "validation:rmse"] {
        assert_eq!(curves.iter().find(|curve| curve.name == name).map(|curve| curve.points.len()), Some(20), "{name}");
    }
    let endpoint = bench.deploy("xgb", XGBOOST, &done.model_artifacts.s3_model_artifacts).await;
    assert_eq!(endpoint.endpoint_status, EndpointStatus::InService, "{:?}", endpoint.failure_reason);
    let score: f64 = bench.predict("xgb", "1.0,1.0").await.unwrap().trim().parse().unwrap();
    assert!((score - 2.0).abs() < 0.5, "{score}");
}
