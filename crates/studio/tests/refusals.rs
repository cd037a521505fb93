//! What is refused, and in which words: the SDK's control flow reads them.

mod common;

use common::{Bench, LINEAR, linear_job, plane};
use serde_json::{Value, json};

const ARN: &str = "arn:aws:sagemaker:us-east-1:123456789012";

/// A request's refusal starts with the text.
async fn check(bench: &Bench, operation: &str, body: Value, expected: &str) {
    let got = bench.refusal(operation, body.clone()).await;
    assert!(got.starts_with(expected), "{operation} {body}\n  got      {got}\n  expected {expected}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_exist_is_refused_in_aws_words() {
    let bench = Bench::new().await;
    let b = &bench;
    check(
        b,
        "DescribeTrainingJob",
        json!({"TrainingJobName": "x"}),
        "ValidationException: Requested resource not found.",
    )
    .await;
    check(b, "StopTrainingJob", json!({"TrainingJobName": "x"}), "ValidationException: Requested resource not found.")
        .await;
    check(
        b,
        "DescribeTransformJob",
        json!({"TransformJobName": "x"}),
        "ValidationException: Could not find requested job with name: x",
    )
    .await;
    check(
        b,
        "DescribeModel",
        json!({"ModelName": "X"}),
        &format!("ValidationException: Could not find model \"{ARN}:model/x\"."),
    )
    .await;
    check(
        b,
        "DeleteModel",
        json!({"ModelName": "x"}),
        &format!("ValidationException: Could not find model \"{ARN}:model/x\"."),
    )
    .await;
    let config = format!("ValidationException: Could not find endpoint configuration \"{ARN}:endpoint-config/x\".");
    check(b, "DescribeEndpointConfig", json!({"EndpointConfigName": "x"}), &config).await;
    check(b, "CreateEndpoint", json!({"EndpointName": "e", "EndpointConfigName": "x"}), &config).await;
    let endpoint = format!("ValidationException: Could not find endpoint \"{ARN}:endpoint/x\".");
    check(b, "DescribeEndpoint", json!({"EndpointName": "x"}), &endpoint).await;
    check(b, "DeleteEndpoint", json!({"EndpointName": "x"}), &endpoint).await;
    let variants =
        json!([{"VariantName": "v", "ModelName": "x", "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}]);
    let body = json!({"EndpointConfigName": "c", "ProductionVariants": variants});
    check(b, "CreateEndpointConfig", body, &format!("ValidationException: Could not find model \"{ARN}:model/x\"."))
        .await;
    check(b, "GetRole", json!({"RoleName": "x"}), "NoSuchEntity: The role with name x cannot be found.").await;
    let stream = json!({"logGroupName": "/aws/sagemaker/TrainingJobs", "logStreamName": "x/algo-1-1"});
    check(b, "GetLogEvents", stream, "ResourceNotFoundException: The specified log stream does not exist.").await;
    let group = json!({"logGroupName": "/elsewhere", "logStreamName": "x/algo-1-1"});
    check(b, "GetLogEvents", group, "ResourceNotFoundException: The specified log group does not exist.").await;
    check(b, "CreateApp", json!({}), "UnsupportedOperationException: CreateApp is an operation of SageMaker").await;
    check(b, "MakeCoffee", json!({}), "UnknownOperationException").await;
    check(b, "StopStudio", json!({}), "UnknownOperationException").await;
    let invoked = bench.predict("x", "1,2").await.unwrap_err();
    assert_eq!(invoked, "ValidationError: Endpoint x of account 123456789012 not found.");
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_requests_are_refused_and_leave_nothing() {
    let bench = Bench::new().await;
    let b = &bench;
    bench.put("lin/train.csv", plane(20));
    let body = |edit: &dyn Fn(&mut Value)| {
        let mut body = serde_json::to_value(linear_job("bad")).unwrap();
        edit(&mut body);
        body
    };
    let one = "ValidationException: 1 validation error detected: Value ";
    check(
        b,
        "CreateTrainingJob",
        body(&|r| r["TrainingJobName"] = json!("under_score")),
        &format!("{one}'under_score' at 'trainingJobName'"),
    )
    .await;
    check(b, "CreateTrainingJob", body(&|r| r["TrainingJobName"] = json!(7)), "SerializationException").await;
    let missing = body(&|r| r["InputDataConfig"][0]["DataSource"]["S3DataSource"]["S3Uri"] = json!("s3://data/none/"));
    let words = "ValidationException: No S3 objects found under S3 URL \"s3://data/none/\" given in input data source. Please ensure that \
                 the bucket exists in the selected region (us-east-1), that objects exist under that S3 prefix, and that the role \
                 \"arn:aws:iam::123456789012:role/service-role/AmazonSageMaker-ExecutionRole\" has \"s3:ListBucket\" permissions on \
                 bucket \"data\".";
    check(b, "CreateTrainingJob", missing, words).await;
    let bucket = body(&|r| r["InputDataConfig"][0]["DataSource"]["S3DataSource"]["S3Uri"] = json!("s3://elsewhere/a"));
    check(b, "CreateTrainingJob", bucket, "ValidationException: No S3 objects found under S3 URL \"s3://elsewhere/a\"")
        .await;
    let output = body(&|r| r["OutputDataConfig"]["S3OutputPath"] = json!("s3://elsewhere/out"));
    check(b, "CreateTrainingJob", output, "ValidationException: S3 bucket elsewhere does not exist.").await;
    let image = body(&|r| r["AlgorithmSpecification"]["TrainingImage"] = json!("me/mine:1"));
    check(b, "CreateTrainingJob", image, "ValidationException: Cannot run the image me/mine:1").await;
    let script = body(&|r| r["HyperParameters"]["sagemaker_program"] = json!("\"train.py\""));
    check(b, "CreateTrainingJob", script, "ValidationException: Cannot run your own script in the image").await;
    let metrics = body(&|r| r["AlgorithmSpecification"]["MetricDefinitions"] = json!([{"Name": "a", "Regex": "a"}]));
    check(b, "CreateTrainingJob", metrics, "ValidationException: You can't override the metric definitions").await;
    check(
        b,
        "DescribeTrainingJob",
        json!({"TrainingJobName": "bad"}),
        "ValidationException: Requested resource not found.",
    )
    .await;

    let model =
        json!({"ModelName": "m", "PrimaryContainer": {"Image": LINEAR, "ModelDataUrl": "s3://data/none.tar.gz"}});
    check(b, "CreateModel", model, "ValidationException: Could not find model data at s3://data/none.tar.gz.").await;
    check(b, "DescribeModel", json!({"ModelName": "m"}), "ValidationException: Could not find model").await;
    check(b, "ListModels", json!({"NextToken": "bogus"}), "ValidationException").await;
    check(b, "ListTags", json!({"ResourceArn": format!("{ARN}:model/none")}), "ValidationException: Could not find")
        .await;
}
