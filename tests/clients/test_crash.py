"""Kills the backend at each named point of a job's, an object's and an endpoint's life, as `kill -9` would.

After the next start nothing that was acknowledged may be missing, a job must end truthfully, and an endpoint serves
again without being asked. The points are those in the source: a new one is tried without being listed here.
"""

import re
from pathlib import Path

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from backend import Backend, linear_learner

CRATES = Path(__file__).parents[2] / "crates"
POINT = re.compile(r'crash::point\("([^"]+)"\)')
FOUND = sorted({name for file in CRATES.rglob("*.rs") for name in POINT.findall(file.read_text())})
# Those of notebooks have a matrix of their own: test_notebook_crash.py.
POINTS = [point for point in FOUND if not point.startswith("notebook:")]
# The database commits often: early, in the middle and late in the life. The rest dies where it first comes by.
PLANS = [point for point in POINTS if not point.startswith("store:")] + [
    f"{point}#{nth}" for point in POINTS if point.startswith("store:") for nth in (3, 12, 25)
]

# A call whose answer never came: the backend died, so the connection did.
UNANSWERED = (BotoCoreError, ClientError, OSError)


class Life:
    """Upload, train, deploy, invoke, update and delete; remembers what was acknowledged."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self.objects: dict[str, bytes] = {}
        self.deleted: set[str] = set()
        self.job = self.endpoint = False
        self.endpoint_deleted = False
        self.died_at = ""

    def live(self) -> None:
        s3, sagemaker = self.backend.client("s3"), self.backend.client("sagemaker")
        s3.create_bucket(Bucket="crash", CreateBucketConfiguration={"LocationConstraint": self.backend.region})
        for number in range(2):
            self.put(s3, f"notes/{number}", f"note {number}".encode())
        self.put_in_parts(s3, "notes/parts", [b"a" * (5 << 20), b"b" * 100])
        self.put(s3, "train/train.csv", b"".join(b"%d,%d\n" % (2 * x, x) for x in range(40)))
        # From the question to the answer it may be there or not.
        del self.objects["notes/1"]
        s3.delete_object(Bucket="crash", Key="notes/1")
        self.deleted.add("notes/1")
        sagemaker.create_training_job(**linear_learner(self.backend, "crash", "s3://crash/train/", "s3://crash/output"))
        self.job = True
        job = self.backend.wait_for_job("crash")
        assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
        self.backend.deploy("crash", job, endpoint=False)
        sagemaker.create_endpoint(EndpointName="crash", EndpointConfigName="crash")
        self.endpoint = True
        self.backend.wait_for_endpoint("crash")
        assert self.invoke() > 0
        sagemaker.update_endpoint(EndpointName="crash", EndpointConfigName="crash")
        self.backend.wait_for_endpoint("crash")
        sagemaker.delete_endpoint(EndpointName="crash")
        self.endpoint_deleted = True

    def put(self, s3, key: str, body: bytes) -> None:
        s3.put_object(Bucket="crash", Key=key, Body=body)
        self.objects[key] = body

    def put_in_parts(self, s3, key: str, parts: list[bytes]) -> None:
        upload = s3.create_multipart_upload(Bucket="crash", Key=key)["UploadId"]
        done = []
        for number, part in enumerate(parts, 1):
            answer = s3.upload_part(Bucket="crash", Key=key, UploadId=upload, PartNumber=number, Body=part)
            done.append({"PartNumber": number, "ETag": answer["ETag"]})
        s3.complete_multipart_upload(Bucket="crash", Key=key, UploadId=upload, MultipartUpload={"Parts": done})
        self.objects[key] = b"".join(parts)

    def invoke(self) -> float:
        answer = self.backend.client("sagemaker-runtime").invoke_endpoint(
            EndpointName="crash", ContentType="text/csv", Accept="text/csv", Body="10"
        )
        return float(answer["Body"].read())

    def check(self) -> None:
        """What was acknowledged is there."""
        s3, sagemaker = self.backend.client("s3"), self.backend.client("sagemaker")
        for key, body in self.objects.items():
            assert s3.get_object(Bucket="crash", Key=key)["Body"].read() == body, f"object {key}"
        if self.objects:
            listed = {found["Key"] for found in s3.list_objects_v2(Bucket="crash").get("Contents", [])}
            assert set(self.objects) <= listed
            assert not self.deleted & listed, "a deleted object came back"
        jobs = {job["TrainingJobName"] for job in sagemaker.list_training_jobs()["TrainingJobSummaries"]}
        assert not self.job or "crash" in jobs, "an acknowledged job is lost"
        if "crash" in jobs:
            job = self.backend.wait_for_job("crash")
            assert job["TrainingJobStatus"] in ("Completed", "Failed"), job["TrainingJobStatus"]
            if job["TrainingJobStatus"] == "Completed":
                model = job["ModelArtifacts"]["S3ModelArtifacts"].removeprefix("s3://crash/")
                assert s3.head_object(Bucket="crash", Key=model)["ContentLength"] > 0
            else:
                assert job["FailureReason"], "a failed job says why"
        endpoints = {found["EndpointName"] for found in sagemaker.list_endpoints()["Endpoints"]}
        if self.endpoint_deleted:
            assert "crash" not in endpoints, "a deleted endpoint came back"
        elif self.endpoint and self.died_at != "endpoint:after-delete":
            assert "crash" in endpoints, "an acknowledged endpoint is lost"
        if "crash" in endpoints:
            assert self.backend.wait_for_endpoint("crash")["EndpointStatus"] == "InService"
            assert self.invoke() > 0


def test_there_are_points():
    assert len(POINTS) >= 20, POINTS


@pytest.mark.parametrize("plan", PLANS)
def test_nothing_acknowledged_is_lost(tmp_path, plan):
    point = plan.split("#")[0]
    with Backend(tmp_path, crash_at=plan) as backend:
        life = Life(backend)
        try:
            life.live()
        except UNANSWERED:
            assert backend.wait_until_dead(), "a call failed although the backend lives"
        except AssertionError:
            # A supervisor's death is a failed job, and the backend lives on to say so.
            assert point.startswith("supervisor:"), point
        assert backend.reached(point), f"{point} was never reached: it protects nothing"
        backend.kill()
    with Backend(tmp_path) as again:
        life.backend, life.died_at = again, point
        life.check()


@pytest.mark.parametrize("moment", ["training", "uploading", "serving"])
def test_kill_9(tmp_path, moment):
    """The same from outside, without the backend's help."""
    with Backend(tmp_path) as backend:
        life = Life(backend)
        s3, sagemaker = backend.client("s3"), backend.client("sagemaker")
        s3.create_bucket(Bucket="crash", CreateBucketConfiguration={"LocationConstraint": backend.region})
        rows = b"".join(b"%d,%d\n" % (2 * x, x) for x in range(2000 if moment == "training" else 40))
        life.put(s3, "train/train.csv", rows)
        epochs = 10_000 if moment == "training" else 2
        sagemaker.create_training_job(
            **linear_learner(backend, "crash", "s3://crash/train/", "s3://crash/output", epochs=epochs)
        )
        life.job = True
        if moment == "training":
            backend.wait_for_job("crash", until=lambda job: job["SecondaryStatus"] == "Training")
        else:
            job = backend.wait_for_job("crash")
        if moment == "uploading":
            body = b"x" * (8 << 20)
            upload = s3.create_multipart_upload(Bucket="crash", Key="half")["UploadId"]
            s3.upload_part(Bucket="crash", Key="half", UploadId=upload, PartNumber=1, Body=body)
        if moment == "serving":
            backend.deploy("crash", job)
            life.endpoint = True
            backend.wait_for_endpoint("crash")
        backend.kill()
    with Backend(tmp_path) as again:
        life.backend = again
        life.check()
        assert again.wait_for_job("crash")["TrainingJobStatus"] == "Completed"
        if moment == "uploading":
            s3 = again.client("s3")
            parts = s3.list_parts(Bucket="crash", Key="half", UploadId=upload)["Parts"]
            assert [part["Size"] for part in parts] == [8 << 20], "an acknowledged part is lost"
            assert "half" not in {found["Key"] for found in s3.list_objects_v2(Bucket="crash")["Contents"]}
