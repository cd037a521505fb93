"""One real backend for all tests that do not kill it, with a bucket and a trained model in it."""

import csv
import io
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from sagemaker import image_uris

from backend import ROLE, Backend

FEATURES = 4


def rows(count: int, seed: int) -> str:
    """CSV with the target first: a line through four features with some noise."""
    chance = random.Random(seed)
    out = io.StringIO()
    for _ in range(count):
        x = [chance.random() for _ in range(FEATURES)]
        csv.writer(out, lineterminator="\n").writerow([f"{sum(i * v for i, v in enumerate(x, 1)) + chance.gauss(0, 0.05):.5f}"] + [f"{v:.5f}" for v in x])
    return out.getvalue()


def channel(name: str, uri: str) -> dict:
    source = {"S3DataType": "S3Prefix", "S3Uri": uri, "S3DataDistributionType": "FullyReplicated"}
    return {"ChannelName": name, "ContentType": "text/csv", "DataSource": {"S3DataSource": source}}


def xgboost_job(region: str, name: str, bucket: str, **hyperparameters: str) -> dict:
    """A request for a small XGBoost job on the bucket's training data."""
    return {
        "TrainingJobName": name,
        "RoleArn": ROLE,
        "AlgorithmSpecification": {
            "TrainingImage": image_uris.retrieve("xgboost", region, version="1.7-1"),
            "TrainingInputMode": "File",
        },
        "HyperParameters": {"objective": "reg:squarederror", "num_round": "20", "max_depth": "3"} | hyperparameters,
        "InputDataConfig": [
            channel("train", f"s3://{bucket}/data/train"),
            channel("validation", f"s3://{bucket}/data/validation"),
        ],
        "OutputDataConfig": {"S3OutputPath": f"s3://{bucket}/output"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        "StoppingCondition": {"MaxRuntimeInSeconds": 600},
    }


@pytest.fixture(scope="session")
def backend(tmp_path_factory):
    with Backend(tmp_path_factory.mktemp("home")) as running:
        yield running


@pytest.fixture(scope="session")
def sagemaker_client(backend):
    return backend.client("sagemaker")


@pytest.fixture(scope="session")
def s3(backend):
    return backend.client("s3")


@pytest.fixture(scope="session")
def bucket(s3) -> str:
    s3.create_bucket(Bucket="clients")
    s3.put_object(Bucket="clients", Key="data/train/train.csv", Body=rows(300, 1))
    s3.put_object(Bucket="clients", Key="data/validation/validation.csv", Body=rows(100, 2))
    features = "".join(line.split(",", 1)[1] for line in rows(50, 3).splitlines(True))
    s3.put_object(Bucket="clients", Key="data/test/test.csv", Body=features)
    return "clients"


@pytest.fixture(scope="session")
def trained(backend, sagemaker_client, bucket) -> dict:
    """A finished training job, as DescribeTrainingJob has it."""
    sagemaker_client.create_training_job(**xgboost_job(backend.region, "trained", bucket))
    job = backend.wait_for_job("trained")
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    return job


@pytest.fixture(scope="session")
def model(sagemaker_client, trained) -> str:
    container = {"Image": trained["AlgorithmSpecification"]["TrainingImage"], "ModelDataUrl": trained["ModelArtifacts"]["S3ModelArtifacts"]}
    sagemaker_client.create_model(ModelName="trained", ExecutionRoleArn=ROLE, PrimaryContainer=container)
    return "trained"


@pytest.fixture(scope="session")
def endpoint(backend, sagemaker_client, model) -> str:
    variant = {"VariantName": "AllTraffic", "ModelName": model, "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}
    sagemaker_client.create_endpoint_config(EndpointConfigName="steady", ProductionVariants=[variant])
    sagemaker_client.create_endpoint(EndpointName="steady", EndpointConfigName="steady")
    assert backend.wait_for_endpoint("steady")["EndpointStatus"] == "InService"
    return "steady"


@pytest.fixture(scope="session")
def script(backend, tmp_path_factory):
    """Runs Python code as a person's script would run in a terminal with `atelier env`; returns what it prints."""

    def run(code: str, *arguments: str) -> str:
        folder = tmp_path_factory.mktemp("script")
        file = folder / "script.py"
        file.write_text(code)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        environment |= backend.environment | {"SAGEMAKER_SUPPRESS_V2_WARNING": "1", "MPLBACKEND": "Agg"}
        done = subprocess.run(
            [sys.executable, str(file), *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=180
        )
        assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}\n{backend.tail()}"
        return done.stdout

    return run


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Public data sets that are not part of the project."""
    folder = Path(__file__).parents[3] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"the data sets of {folder} are not here")
    return folder
