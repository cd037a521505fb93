"""boto3's waiters look every 30 to 120 seconds. They must be answered when there is news, not told to come again."""

import time

import botocore.session
import pytest

from backend import ROLE
from conftest import xgboost_job

# What a waiter may take beyond the work itself; the shortest of their pauses is 30 s.
LIMIT_S = 20


def wait(client, name: str, **arguments) -> None:
    started = time.monotonic()
    client.get_waiter(name).wait(**arguments)
    took = time.monotonic() - started
    assert took < LIMIT_S, f"{name} took {took:.0f} s"


def test_training_job_completed_or_stopped(backend, sagemaker_client, bucket):
    sagemaker_client.create_training_job(**xgboost_job(backend.region, "waited-for", bucket))
    wait(sagemaker_client, "training_job_completed_or_stopped", TrainingJobName="waited-for")
    assert sagemaker_client.describe_training_job(TrainingJobName="waited-for")["TrainingJobStatus"] == "Completed"


def test_training_job_stopped(backend, sagemaker_client, bucket):
    sagemaker_client.create_training_job(**xgboost_job(backend.region, "stopped", bucket, num_round="1000000"))
    backend.wait_for_job("stopped", lambda job: job["SecondaryStatus"] == "Training")
    sagemaker_client.stop_training_job(TrainingJobName="stopped")
    wait(sagemaker_client, "training_job_completed_or_stopped", TrainingJobName="stopped")
    assert sagemaker_client.describe_training_job(TrainingJobName="stopped")["TrainingJobStatus"] == "Stopped"


def test_transform_job_completed_or_stopped(sagemaker_client, s3, bucket, model):
    sagemaker_client.create_transform_job(
        TransformJobName="scored",
        ModelName=model,
        TransformInput={
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{bucket}/data/test"}},
            "ContentType": "text/csv",
            "SplitType": "Line",
        },
        TransformOutput={"S3OutputPath": f"s3://{bucket}/scored", "AssembleWith": "Line"},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
    )
    wait(sagemaker_client, "transform_job_completed_or_stopped", TransformJobName="scored")
    job = sagemaker_client.describe_transform_job(TransformJobName="scored")
    assert job["TransformJobStatus"] == "Completed", job.get("FailureReason")
    lines = s3.get_object(Bucket=bucket, Key="scored/test.csv.out")["Body"].read().split()
    assert len(lines) == 50 and all(0 < float(line) < 12 for line in lines)


def test_endpoint_in_service_and_deleted(sagemaker_client, model):
    variant = {"VariantName": "AllTraffic", "ModelName": model, "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}
    sagemaker_client.create_endpoint_config(EndpointConfigName="waited-for", ProductionVariants=[variant])
    sagemaker_client.create_endpoint(EndpointName="waited-for", EndpointConfigName="waited-for")
    wait(sagemaker_client, "endpoint_in_service", EndpointName="waited-for")
    sagemaker_client.delete_endpoint(EndpointName="waited-for")
    wait(sagemaker_client, "endpoint_deleted", EndpointName="waited-for")


def test_failed_job_ends_its_waiter(backend, sagemaker_client, s3, bucket):
    s3.put_object(Bucket=bucket, Key="bad/train.csv", Body="1,2,3\n4,five,6\n")
    request = xgboost_job(backend.region, "malformed", bucket)
    request["InputDataConfig"] = [request["InputDataConfig"][0]]
    request["InputDataConfig"][0]["DataSource"]["S3DataSource"]["S3Uri"] = f"s3://{bucket}/bad"
    sagemaker_client.create_training_job(**request)
    with pytest.raises(botocore.exceptions.WaiterError):
        sagemaker_client.get_waiter("training_job_completed_or_stopped").wait(TrainingJobName="malformed")
    job = sagemaker_client.describe_training_job(TrainingJobName="malformed")
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("ClientError") or "AlgorithmError" in job["FailureReason"]
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket, Prefix="output/malformed"), "a failed job left a model"
