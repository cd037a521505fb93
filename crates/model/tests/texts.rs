//! AWS's texts, one line a case: an operation, a request, what comes back.

use atelier_model::{Violations, validate, validate_output};
use serde_json::{Value, json};

/// A request of CreateTrainingJob that passes, changed by `change`.
fn training_job(change: impl FnOnce(&mut Value)) -> Value {
    let mut request = json!({
        "TrainingJobName": "job-1",
        "AlgorithmSpecification": {"TrainingImage": "811284229777.dkr.ecr.us-east-1.amazonaws.com/xgboost:1", "TrainingInputMode": "File"},
        "RoleArn": "arn:aws:iam::123456789012:role/Atelier",
        "OutputDataConfig": {"S3OutputPath": "s3://bucket/out"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 30},
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
        "HyperParameters": {"num_round": "10"},
        "InputDataConfig": [{"ChannelName": "train", "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://bucket/train"}}}],
        "Tags": [{"Key": "a", "Value": "b"}],
    });
    change(&mut request);
    request
}

fn refuses(operation: &str, request: Value, expected: &str) {
    let text = validate(operation, &request).expect_err(expected).to_string();
    assert_eq!(text, expected);
}

/// One violated constraint of CreateTrainingJob.
fn one(change: impl FnOnce(&mut Value), expected: &str) {
    refuses("CreateTrainingJob", training_job(change), &format!("1 validation error detected: Value {expected}"));
}

const JOB_NAME: &str = "[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}";

#[test]
fn a_sound_request_passes() {
    assert_eq!(validate("CreateTrainingJob", &training_job(|_| {})), Ok(()));
    assert_eq!(validate("ListTrainingJobs", &json!({})), Ok(()));
    assert_eq!(validate("CreateTrainingJob", &training_job(|r| r["NewerThanTheModel"] = json!({"any": [1]}))), Ok(()));
    assert_eq!(validate("CreateTrainingJob", &training_job(|r| r["Tags"] = json!(null))), Ok(()));
    assert_eq!(validate("CreateApp", &json!({"anything": 1})), Ok(()));
}

#[test]
fn scalars() {
    let failed = "failed to satisfy constraint: Member must";
    one(
        |r| r["TrainingJobName"] = json!("a_b"),
        &format!("'a_b' at 'trainingJobName' {failed} satisfy regular expression pattern: {JOB_NAME}"),
    );
    one(
        |r| r["TrainingJobName"] = json!("x".repeat(64)),
        &format!("'{}' at 'trainingJobName' {failed} have length less than or equal to 63", "x".repeat(64)),
    );
    one(|r| r["TrainingJobName"] = json!(null), &format!("null at 'trainingJobName' {failed} not be null"));
    one(
        |r| r["ResourceConfig"]["InstanceCount"] = json!(-1),
        &format!("'-1' at 'resourceConfig.instanceCount' {failed} have value greater than or equal to 0"),
    );
    one(
        |r| r["ResourceConfig"]["VolumeSizeInGB"] = json!(-5),
        &format!("'-5' at 'resourceConfig.volumeSizeInGB' {failed} have value greater than or equal to 0"),
    );
    one(
        |r| r["StoppingCondition"]["MaxRuntimeInSeconds"] = json!(0),
        &format!("'0' at 'stoppingCondition.maxRuntimeInSeconds' {failed} have value greater than or equal to 1"),
    );
    one(
        |r| r["AlgorithmSpecification"]["TrainingInputMode"] = json!("Tape"),
        &format!(
            "'Tape' at 'algorithmSpecification.trainingInputMode' {failed} satisfy enum value set: [Pipe, File, FastFile]"
        ),
    );
    one(
        |r| r["OutputDataConfig"]["S3OutputPath"] = json!("/tmp"),
        &format!(
            "'/tmp' at 'outputDataConfig.s3OutputPath' {failed} satisfy regular expression pattern: (https|s3)://([^/]+)/?(.*)"
        ),
    );
    one(
        |r| drop(r.as_object_mut().unwrap().remove("OutputDataConfig")),
        &format!("null at 'outputDataConfig' {failed} not be null"),
    );
}

#[test]
fn unknown_instance_types_name_the_set() {
    let text = validate("CreateTrainingJob", &training_job(|r| r["ResourceConfig"]["InstanceType"] = json!("local")))
        .unwrap_err()
        .to_string();
    assert!(text.starts_with("1 validation error detected: Value 'local' at 'resourceConfig.instanceType' failed to satisfy constraint: Member must satisfy enum value set: [ml.m4.xlarge, "), "{text}");
}

#[test]
fn lists_and_maps() {
    let failed = "failed to satisfy constraint:";
    let key = r"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)";
    one(
        |r| r["Tags"][0]["Key"] = json!("a#"),
        &format!("'a#' at 'tags.1.member.key' {failed} Member must satisfy regular expression pattern: {key}"),
    );
    one(
        |r| r["Tags"] = json!([{"Key": "a", "Value": ""}, {"Key": "b"}]),
        &format!("null at 'tags.2.member.value' {failed} Member must not be null"),
    );
    one(
        |r| r["InputDataConfig"][0]["DataSource"]["S3DataSource"]["S3DataType"] = json!("Disk"),
        &format!(
            "'Disk' at 'inputDataConfig.1.member.dataSource.s3DataSource.s3DataType' {failed} Member must satisfy enum value set: [ManifestFile, S3Prefix, AugmentedManifestFile, Converse]"
        ),
    );
    one(
        |r| r["InputDataConfig"] = json!([]),
        &format!("'[]' at 'inputDataConfig' {failed} Member must have length greater than or equal to 1"),
    );
    one(
        |r| r["VpcConfig"] = json!({"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet_1", "s2"]}),
        &format!(
            "'[subnet_1, s2]' at 'vpcConfig.subnets' {failed} Member must satisfy constraint: [Member must have length less than or equal to 32, Member must have length greater than or equal to 0, Member must satisfy regular expression pattern: [-0-9a-zA-Z]+]"
        ),
    );
    one(
        |r| r["Environment"] = json!({"1A": "x", "B": "y"}),
        &format!(
            "'{{1A=x, B=y}}' at 'environment' {failed} Map keys must satisfy constraint: [Member must have length less than or equal to 512, Member must have length greater than or equal to 0, Member must satisfy regular expression pattern: [a-zA-Z_][a-zA-Z0-9_]*]"
        ),
    );
    one(
        |r| r["HyperParameters"] = json!({"a": "v".repeat(2501)}),
        &format!(
            "'{{a={}}}' at 'hyperParameters' {failed} Map value must satisfy constraint: [Member must have length less than or equal to 2500, Member must have length greater than or equal to 0, Member must satisfy regular expression pattern: .*]",
            "v".repeat(2501)
        ),
    );
    let many: Value = (0..51).map(|i| json!({"Key": format!("k{i}"), "Value": ""})).collect();
    let text = validate("CreateTrainingJob", &training_job(|r| r["Tags"] = many)).unwrap_err().to_string();
    assert!(
        text.starts_with("1 validation error detected: Value '[Tag(key=k0, value=), Tag(key=k1, value=), "),
        "{text}"
    );
    assert!(
        text.ends_with("at 'tags' failed to satisfy constraint: Member must have length less than or equal to 50"),
        "{text}"
    );
}

#[test]
fn several_are_counted_and_joined() {
    refuses(
        "CreateEndpointConfig",
        json!({"EndpointConfigName": "", "ProductionVariants": [{"VariantName": "a b"}]}),
        "2 validation errors detected: Value '' at 'endpointConfigName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}; \
         Value 'a b' at 'productionVariants.1.member.variantName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}",
    );
}

#[test]
fn other_operations() {
    refuses(
        "ListTrainingJobs",
        json!({"StatusEquals": "x"}),
        "1 validation error detected: Value 'x' at 'statusEquals' failed to satisfy constraint: Member must satisfy enum value set: [InProgress, Completed, Failed, Stopping, Stopped, Deleting]",
    );
    refuses(
        "ListTrainingJobs",
        json!({"MaxResults": 101}),
        "1 validation error detected: Value '101' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 100",
    );
    refuses(
        "DescribeEndpoint",
        json!({}),
        "1 validation error detected: Value null at 'endpointName' failed to satisfy constraint: Member must not be null",
    );
    refuses(
        "GetLogEvents",
        json!({"limit": 0, "logStreamName": "s"}),
        "1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1",
    );
}

#[test]
fn the_class_follows_the_service() {
    let check = |operation: &str, request: Value, code: &str| {
        assert_eq!(validate(operation, &request).unwrap_err().code(), code)
    };
    check("DescribeEndpoint", json!({}), "ValidationException");
    check("GetLogEvents", json!({"logStreamName": ""}), "InvalidParameterException");
    check("GetRole", json!({}), "ValidationError");
    check("GetRole", json!([]), "SerializationException");
}

#[test]
fn wrong_json_types() {
    let check = |change: fn(&mut Value), expected: &str| match validate("CreateTrainingJob", &training_job(change)) {
        Err(Violations::WrongType(text)) => assert_eq!(text, expected),
        other => panic!("{expected}: {other:?}"),
    };
    check(|r| r["TrainingJobName"] = json!(1), "NUMBER_VALUE can not be converted to a String");
    check(|r| r["TrainingJobName"] = json!({}), "Start of structure or map found where not expected.");
    check(|r| r["TrainingJobName"] = json!([]), "Start of list found where not expected");
    check(|r| r["ResourceConfig"]["InstanceCount"] = json!("1"), "STRING_VALUE can not be converted to an Integer");
    check(|r| r["ResourceConfig"]["InstanceCount"] = json!(1.5), "1.5 can not be converted to an Integer");
    check(
        |r| r["ResourceConfig"]["InstanceCount"] = json!(3_000_000_000_i64),
        "3000000000 can not be converted to an Integer",
    );
    check(|r| r["Tags"] = json!("x"), "Expected list or null");
    check(|r| r["HyperParameters"] = json!({"a": 1}), "NUMBER_VALUE can not be converted to a String");
    check(|r| r["HyperParameters"] = json!([1]), "Expected map or null");
    check(|r| r["EnableNetworkIsolation"] = json!("yes"), "STRING_VALUE can not be converted to a Boolean");
    check(|r| r["RoleArn"] = json!(true), "TRUE_VALUE can not be converted to a String");
}

#[test]
fn hostile_requests_stay_cheap() {
    let long = "a-".repeat(500_000);
    let items: Value = (0..20_000).map(|_| json!({"Key": "#".repeat(40)})).collect();
    for request in [training_job(|r| r["TrainingJobName"] = json!(long)), training_job(|r| r["Tags"] = items)] {
        let text = validate("CreateTrainingJob", &request).unwrap_err().to_string();
        assert!(text.len() < 20_000, "{}", text.len());
    }
    let many: Value = (0..50).map(|_| json!({})).collect();
    let Err(Violations::Constraints { sentences, .. }) = validate("AddTags", &json!({"Tags": many})) else { panic!() };
    assert!(sentences.len() <= 101, "{}", sentences.len());
}

#[test]
fn responses_are_checked_too() {
    assert_eq!(
        validate_output(
            "CreateEndpoint",
            &json!({"EndpointArn": "arn:aws:sagemaker:us-east-1:123456789012:endpoint/e"})
        ),
        Ok(())
    );
    assert!(validate_output("CreateEndpoint", &json!({})).is_err());
    assert!(validate_output("DescribeTrainingJob", &json!({"CreationTime": "2024-01-01"})).is_err());
}
