"""Pages, filters, sorting and tags."""

import pytest
from botocore.exceptions import ClientError


@pytest.fixture(scope="module")
def models(sagemaker_client, trained) -> list[str]:
    names = [f"page-{number}" for number in range(7)]
    container = {"Image": trained["AlgorithmSpecification"]["TrainingImage"], "ModelDataUrl": trained["ModelArtifacts"]["S3ModelArtifacts"]}
    for name in names:
        sagemaker_client.create_model(ModelName=name, ExecutionRoleArn=trained["RoleArn"], PrimaryContainer=container)
    return names


def names(client, size: int, **arguments) -> list[str]:
    pages = client.get_paginator("list_models").paginate(NameContains="page-", PaginationConfig={"PageSize": size}, **arguments)
    return [model["ModelName"] for page in pages for model in page["Models"]]


@pytest.mark.parametrize("size", [1, 3, 7, 100])
def test_pages_hold_everything_once(sagemaker_client, models, size):
    assert names(sagemaker_client, size, SortBy="Name", SortOrder="Ascending") == models
    assert names(sagemaker_client, size, SortBy="Name", SortOrder="Descending") == models[::-1]
    assert names(sagemaker_client, size, SortBy="CreationTime", SortOrder="Ascending") == models


def test_pages_hold_while_things_are_made_and_deleted(sagemaker_client, models, trained):
    first = sagemaker_client.list_models(NameContains="page-", SortBy="Name", SortOrder="Ascending", MaxResults=3)
    sagemaker_client.delete_model(ModelName="page-1")
    rest = sagemaker_client.list_models(NameContains="page-", SortBy="Name", SortOrder="Ascending", NextToken=first["NextToken"])
    assert [model["ModelName"] for model in rest["Models"]] == models[3:]
    container = {"Image": trained["AlgorithmSpecification"]["TrainingImage"], "ModelDataUrl": trained["ModelArtifacts"]["S3ModelArtifacts"]}
    sagemaker_client.create_model(ModelName="page-1", ExecutionRoleArn=trained["RoleArn"], PrimaryContainer=container)


def test_token_that_was_made_up(sagemaker_client, models):
    with pytest.raises(ClientError) as caught:
        sagemaker_client.list_models(NextToken="made-up")
    assert caught.value.response["Error"]["Code"] == "ValidationException"


def test_filters(sagemaker_client, trained):
    def found(**arguments) -> list[str]:
        return [job["TrainingJobName"] for job in sagemaker_client.list_training_jobs(**arguments)["TrainingJobSummaries"]]

    created = trained["CreationTime"]
    assert "trained" in found(StatusEquals="Completed", NameContains="rain")
    assert "trained" not in found(StatusEquals="Failed")
    assert "trained" in found(CreationTimeAfter=created.replace(year=2000), CreationTimeBefore=created.replace(year=2100))
    assert found(CreationTimeAfter=created.replace(year=2100)) == []


def test_tags(sagemaker_client, models):
    arn = sagemaker_client.describe_model(ModelName=models[0])["ModelArn"]
    sagemaker_client.add_tags(ResourceArn=arn, Tags=[{"Key": "team", "Value": "a"}, {"Key": "cost", "Value": "0"}])
    sagemaker_client.add_tags(ResourceArn=arn, Tags=[{"Key": "team", "Value": "b"}])
    tags = {tag["Key"]: tag["Value"] for tag in sagemaker_client.list_tags(ResourceArn=arn)["Tags"]}
    assert tags == {"team": "b", "cost": "0"}
    sagemaker_client.delete_tags(ResourceArn=arn, TagKeys=["cost"])
    assert [tag["Key"] for tag in sagemaker_client.list_tags(ResourceArn=arn)["Tags"]] == ["team"]


def test_log_streams_and_events(backend, trained):
    logs = backend.client("logs")
    streams = logs.describe_log_streams(logGroupName="/aws/sagemaker/TrainingJobs", logStreamNamePrefix="trained/")
    assert "nextToken" not in streams, "the SDK would ask for ever"
    [stream] = streams["logStreams"]
    assert stream["logStreamName"].startswith("trained/algo-1-")
    where = {"logGroupName": "/aws/sagemaker/TrainingJobs", "logStreamName": stream["logStreamName"], "startFromHead": True}
    first = logs.get_log_events(**where)
    assert any("validation-rmse:" in event["message"] for event in first["events"])
    token = first["nextForwardToken"]
    while True:
        more = logs.get_log_events(nextToken=token, **where)
        if more["nextForwardToken"] == token:
            break
        token = more["nextForwardToken"]
    assert more["events"] == []
