"""A real `atelier serve` on a home of its own, to be started, killed and started again."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import boto3
from botocore.config import Config
from sagemaker import image_uris

ROLE = "arn:aws:iam::000000000000:role/test"
LIMIT_S = 60


class Backend:
    def __init__(self, home: Path, crash_at: str | None = None) -> None:
        self.home = Path(home)
        self.crash_at = crash_at
        self.program = os.environ["ATELIER_BIN"]
        self.log = self.home / "test.log"

    def __enter__(self) -> "Backend":
        self.home.mkdir(parents=True, exist_ok=True)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        environment.pop("ATELIER_CRASH_AT", None)
        if self.crash_at:
            environment["ATELIER_CRASH_AT"] = self.crash_at
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [self.program, "serve", "--home", str(self.home), "--port", "0"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                env=environment,
                text=True,
            )
        first = self.process.stdout.readline()
        self.address = first.removeprefix("atelier is ready at ").strip()
        if self.address.startswith("http://"):
            self.environment = json.loads(
                subprocess.run(
                    [self.program, "env", "--home", str(self.home), "--format", "json"], check=True, capture_output=True
                ).stdout
            )
        else:
            assert self.crash_at and self.wait_until_dead(), f"the backend did not start: {first!r}\n{self.tail()}"
            self.environment = {}
        return self

    def __exit__(self, *_) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    # ---- clients

    @property
    def region(self) -> str:
        return self.environment["AWS_REGION"]

    def client(self, service: str):
        if not self.environment:
            raise ConnectionError("the backend died while it started")
        return boto3.client(
            service,
            endpoint_url=self.address,
            region_name=self.region,
            aws_access_key_id=self.environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.environment["AWS_SECRET_ACCESS_KEY"],
            # A dead backend must show at once, not after three more attempts.
            config=Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=LIMIT_S),
        )

    def wait_for_job(self, name: str, until=None) -> dict:
        until = until or (lambda job: job["TrainingJobStatus"] in ("Completed", "Failed", "Stopped"))
        return self._wait(lambda: self.client("sagemaker").describe_training_job(TrainingJobName=name), until)

    def wait_for_endpoint(self, name: str) -> dict:
        settled = ("InService", "Failed")
        describe = lambda: self.client("sagemaker").describe_endpoint(EndpointName=name)  # noqa: E731
        return self._wait(describe, lambda endpoint: endpoint["EndpointStatus"] in settled)

    def _wait(self, describe, until) -> dict:
        deadline = time.monotonic() + LIMIT_S
        while True:
            answer = describe()
            if until(answer):
                return answer
            assert time.monotonic() < deadline, f"nothing came of it within {LIMIT_S} s: {answer}\n{self.tail()}"
            time.sleep(0.02)

    def deploy(self, name: str, job: dict, endpoint: bool = True) -> None:
        sagemaker = self.client("sagemaker")
        container = {
            "Image": job["AlgorithmSpecification"]["TrainingImage"],
            "ModelDataUrl": job["ModelArtifacts"]["S3ModelArtifacts"],
        }
        sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container)
        variant = {"VariantName": "AllTraffic", "ModelName": name, "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}
        sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
        if endpoint:
            sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)

    # ---- its death

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def wait_until_dead(self) -> bool:
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            return False
        return True

    def reached(self, point: str) -> bool:
        """Whether the backend or one of its supervisors died at that point."""
        said = f"crash point {point} reached"
        return any(said in log.read_text(errors="replace") for log in self.home.rglob("*.log")) or any(
            said in log.read_text(errors="replace") for log in self.home.glob("runs/**/supervisor*") if log.is_file()
        )

    def tail(self) -> str:
        return "".join(self.log.read_text(errors="replace").splitlines(True)[-20:])


def linear_learner(backend: Backend, name: str, train: str, output: str, epochs: int = 2) -> dict:
    """A request for the smallest real training job: a line through a handful of points."""
    return {
        "TrainingJobName": name,
        "RoleArn": ROLE,
        "AlgorithmSpecification": {
            "TrainingImage": image_uris.retrieve("linear-learner", backend.region),
            "TrainingInputMode": "File",
        },
        "HyperParameters": {
            "predictor_type": "regressor",
            "feature_dim": "1",
            "mini_batch_size": "10",
            "epochs": str(epochs),
            "early_stopping_patience": str(epochs),
        },
        "InputDataConfig": [
            {
                "ChannelName": "train",
                "ContentType": "text/csv",
                "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": train}},
            }
        ],
        "OutputDataConfig": {"S3OutputPath": output},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        "StoppingCondition": {"MaxRuntimeInSeconds": 600},
    }
