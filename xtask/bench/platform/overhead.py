"""How much time the platform itself takes around a job and an endpoint. Prints medians in milliseconds as JSON.

The child's first instruction and its exit are the first and the last line of its own log, which carry the time at
which the supervisor read them.
"""

import json
import statistics
import sys
import time

home, atelier = sys.argv[1:]
import local

local.export(atelier, home)

import boto3
from sagemaker import image_uris

JOBS = 9
session = boto3.Session()
sagemaker, s3, logs = session.client("sagemaker"), session.client("s3"), session.client("logs")
role = "arn:aws:iam::000000000000:role/bench"
image = image_uris.retrieve("linear-learner", session.region_name)
s3.put_object(Bucket="bench", Key="tiny/train.csv", Body=b"1,2\n2,4\n3,6\n")


def wait(describe, status, done):
    while True:
        answer = describe()
        if answer[status] in done:
            return answer
        time.sleep(0.002)


starts, ends = [], []
for number in range(JOBS):
    name = f"empty-{number}"
    created = time.time()
    sagemaker.create_training_job(
        TrainingJobName=name,
        RoleArn=role,
        AlgorithmSpecification={"TrainingImage": image, "TrainingInputMode": "File"},
        HyperParameters={"predictor_type": "regressor", "feature_dim": "1", "mini_batch_size": "1", "epochs": "1"},
        InputDataConfig=[
            {
                "ChannelName": "train",
                "ContentType": "text/csv",
                "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://bench/tiny/"}},
            }
        ],
        OutputDataConfig={"S3OutputPath": "s3://bench/output"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        StoppingCondition={"MaxRuntimeInSeconds": 600},
    )
    answer = wait(lambda: sagemaker.describe_training_job(TrainingJobName=name), "TrainingJobStatus", ("Completed", "Failed"))
    completed = time.time()
    assert answer["TrainingJobStatus"] == "Completed", answer.get("FailureReason")
    group = "/aws/sagemaker/TrainingJobs"
    stream = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=name + "/")["logStreams"][0]["logStreamName"]
    events = logs.get_log_events(logGroupName=group, logStreamName=stream, startFromHead=True)["events"]
    starts.append(events[0]["timestamp"] - created * 1000)
    ends.append(completed * 1000 - events[-1]["timestamp"])

endpoints = []
for number in range(5):
    name = f"timed-{number}"
    created = time.time()
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName="bench")
    wait(lambda: sagemaker.describe_endpoint(EndpointName=name), "EndpointStatus", ("InService", "Failed"))
    endpoints.append((time.time() - created) * 1000)
    sagemaker.delete_endpoint(EndpointName=name)

print(
    json.dumps(
        {
            "jobs": JOBS,
            "start_ms": statistics.median(starts),
            "end_ms": statistics.median(ends),
            "endpoint_ms": statistics.median(endpoints),
        }
    )
)
