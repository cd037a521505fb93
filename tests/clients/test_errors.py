"""Error classes and texts as AWS has them: the SDK and people's scripts match on them."""

import pytest
from botocore.exceptions import ClientError

from backend import ROLE
from conftest import xgboost_job


def check(code: str, text: str, call, **arguments) -> None:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    error = caught.value.response["Error"]
    assert error["Code"] == code and text in error["Message"], error


def test_job_name_used_twice(backend, sagemaker_client, bucket, trained):
    check("ResourceInUse", "already exists", sagemaker_client.create_training_job, **xgboost_job(backend.region, "trained", bucket))


def test_names_that_break_the_rules(backend, sagemaker_client, bucket):
    check("ValidationException", "'trainingJobName' failed to satisfy constraint", sagemaker_client.create_training_job, **xgboost_job(backend.region, "no_underscores", bucket))
    check("ValidationException", "length less than or equal to 63", sagemaker_client.create_training_job, **xgboost_job(backend.region, "a" * 64, bucket))


def test_enum_value_set(sagemaker_client):
    check("ValidationException", "Member must satisfy enum value set", sagemaker_client.list_training_jobs, StatusEquals="Sleeping")


@pytest.mark.parametrize(("name", "value"), [("max_depth", "-1"), ("eta", "7"), ("num_round", "many"), ("no_such_parameter", "1")])
def test_impossible_hyperparameter(backend, sagemaker_client, bucket, name, value):
    """Refused when the job is made, or by the algorithm; either way the name is in the text and no model is left."""
    job = f"impossible-{name.replace('_', '-')}"
    try:
        sagemaker_client.create_training_job(**xgboost_job(backend.region, job, bucket, **{name: value}))
    except ClientError as error:
        assert error.response["Error"]["Code"] == "ValidationException" and name in error.response["Error"]["Message"]
        return
    ended = backend.wait_for_job(job)
    assert ended["TrainingJobStatus"] == "Failed" and name in ended["FailureReason"], ended
    assert "Contents" not in backend.client("s3").list_objects_v2(Bucket=bucket, Prefix=f"output/{job}")


def test_training_data_that_is_not_there(backend, sagemaker_client, bucket):
    request = xgboost_job(backend.region, "no-data", bucket)
    request["InputDataConfig"][0]["DataSource"]["S3DataSource"]["S3Uri"] = f"s3://{bucket}/nothing-here"
    try:
        sagemaker_client.create_training_job(**request)
    except ClientError as error:
        assert error.response["Error"]["Code"] == "ValidationException"
        return
    ended = backend.wait_for_job("no-data")
    assert ended["TrainingJobStatus"] == "Failed" and "nothing-here" in ended["FailureReason"], ended


@pytest.mark.parametrize(
    ("operation", "arguments", "text"),
    [
        ("describe_training_job", {"TrainingJobName": "none"}, "Requested resource not found."),
        ("describe_transform_job", {"TransformJobName": "none"}, "Could not find requested job with name: none"),
        ("describe_model", {"ModelName": "none"}, 'Could not find model "arn:'),
        ("describe_endpoint_config", {"EndpointConfigName": "none"}, 'Could not find endpoint configuration "arn:'),
        ("describe_endpoint", {"EndpointName": "none"}, 'Could not find endpoint "arn:'),
        ("delete_endpoint", {"EndpointName": "none"}, 'Could not find endpoint "arn:'),
        ("delete_model", {"ModelName": "none"}, "Could not find model"),
    ],
)
def test_what_is_not_there(sagemaker_client, operation, arguments, text):
    check("ValidationException", text, getattr(sagemaker_client, operation), **arguments)


def test_model_of_nothing(backend, sagemaker_client, trained):
    image = trained["AlgorithmSpecification"]["TrainingImage"]
    container = {"Image": image, "ModelDataUrl": "s3://clients/no/model.tar.gz"}
    check("ValidationException", "Could not find model data at s3://clients/no/model.tar.gz", sagemaker_client.create_model, ModelName="hollow", ExecutionRoleArn=ROLE, PrimaryContainer=container)


def test_known_but_not_implemented_is_said(sagemaker_client):
    with pytest.raises(ClientError) as caught:
        sagemaker_client.list_pipelines()
    assert "ListPipelines" in caught.value.response["Error"]["Message"]


def test_invocations_are_refused_as_the_container_does(backend, endpoint):
    runtime = backend.client("sagemaker-runtime")
    check("ValidationError", "Endpoint none of account", runtime.invoke_endpoint, EndpointName="none", Body=b"1,2,3,4", ContentType="text/csv")

    def original(body: bytes, content_type: str) -> int:
        with pytest.raises(ClientError) as caught:
            runtime.invoke_endpoint(EndpointName=endpoint, Body=body, ContentType=content_type)
        assert caught.value.response["Error"]["Code"] == "ModelError"
        return caught.value.response["OriginalStatusCode"]

    assert original(b"<x/>", "application/xml") == 415
    assert original(b"1,2,3,4\n1,two,3,4", "text/csv") == 400
    assert original(b"1,2", "text/csv") == 400


def test_endpoint_answers(backend, endpoint):
    runtime = backend.client("sagemaker-runtime")
    answer = runtime.invoke_endpoint(EndpointName=endpoint, Body=b"0.5,0.5,0.5,0.5\n1,1,1,1", ContentType="text/csv")
    values = [float(value) for value in answer["Body"].read().replace(b"\n", b",").split(b",") if value]
    assert answer["InvokedProductionVariant"] == "AllTraffic"
    assert len(values) == 2 and abs(values[0] - 5) < 1.5 and values[1] > values[0], values
