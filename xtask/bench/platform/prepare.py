"""Trains an XGBoost model on the platform, deploys it, and prints a signed request for the load generator as JSON."""

import io
import json
import sys
import tarfile
from pathlib import Path

home, work, atelier = sys.argv[1:]
import local

local.export(atelier, home)

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from sagemaker import image_uris
from sklearn.datasets import load_diabetes

session = boto3.Session()
region = session.region_name
sagemaker, s3 = session.client("sagemaker"), session.client("s3")
role = "arn:aws:iam::000000000000:role/bench"
bucket = "bench"
s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": region})
features, target = load_diabetes(return_X_y=True)
rows = "\n".join(",".join(str(value) for value in [y, *x]) for x, y in zip(features, target))
s3.put_object(Bucket=bucket, Key="train/train.csv", Body=rows.encode())
image = image_uris.retrieve("xgboost", region, version="1.7-1")
sagemaker.create_training_job(
    TrainingJobName="bench",
    RoleArn=role,
    AlgorithmSpecification={"TrainingImage": image, "TrainingInputMode": "File"},
    HyperParameters={"num_round": "100", "max_depth": "6", "objective": "reg:squarederror"},
    InputDataConfig=[
        {
            "ChannelName": "train",
            "ContentType": "text/csv",
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{bucket}/train/"}},
        }
    ],
    OutputDataConfig={"S3OutputPath": f"s3://{bucket}/output"},
    ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
    StoppingCondition={"MaxRuntimeInSeconds": 600},
)
sagemaker.get_waiter("training_job_completed_or_stopped").wait(TrainingJobName="bench", WaiterConfig={"Delay": 1})
job = sagemaker.describe_training_job(TrainingJobName="bench")
assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
artifacts = job["ModelArtifacts"]["S3ModelArtifacts"]
sagemaker.create_model(
    ModelName="bench", ExecutionRoleArn=role, PrimaryContainer={"Image": image, "ModelDataUrl": artifacts}
)
sagemaker.create_endpoint_config(
    EndpointConfigName="bench",
    ProductionVariants=[
        {"VariantName": "AllTraffic", "ModelName": "bench", "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}
    ],
)
sagemaker.create_endpoint(EndpointName="bench", EndpointConfigName="bench")
sagemaker.get_waiter("endpoint_in_service").wait(EndpointName="bench", WaiterConfig={"Delay": 1})

# The same model file for the peer.
key = artifacts.removeprefix(f"s3://{bucket}/")
archive = tarfile.open(fileobj=io.BytesIO(s3.get_object(Bucket=bucket, Key=key)["Body"].read()))
Path(work, "model").write_bytes(archive.extractfile("xgboost-model").read())

body = ",".join(f"{value:.6f}" for value in features[0])
runtime = session.client("sagemaker-runtime")
path = "/endpoints/bench/invocations"
runtime.invoke_endpoint(EndpointName="bench", ContentType="text/csv", Body=body)
request = AWSRequest("POST", runtime.meta.endpoint_url + path, {"Content-Type": "text/csv"}, body)
SigV4Auth(session.get_credentials(), "sagemaker", region).add_auth(request)
headers = [f"{name}: {value}" for name, value in request.headers.items()]
print(json.dumps({"path": path, "headers": headers, "body": body}))
