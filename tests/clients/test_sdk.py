"""The SageMaker SDK as it is, both ways: in our environment, and in a terminal that has only the variables."""

import time

from backend import ROLE

LINEAR = '''
import numpy as np, sagemaker
from sagemaker import image_uris
from sagemaker.estimator import Estimator
from sagemaker.inputs import TrainingInput
from sagemaker.serializers import CSVSerializer
from sagemaker.deserializers import JSONDeserializer

session = sagemaker.Session()
role = sagemaker.get_execution_role()
bucket = session.default_bucket()
chance = np.random.default_rng(1)
x = chance.random((400, 3)).astype("float32")
y = x @ np.array([3.0, -2.0, 1.0]) + 4
np.savetxt("train.csv", np.c_[y, x], delimiter=",", fmt="%.5f")
train = TrainingInput(session.upload_data("train.csv", bucket, "linear/train"), content_type="text/csv")
estimator = Estimator(
    image_uris.retrieve("linear-learner", session.boto_region_name), role, 1, "ml.m5.large",
    output_path=f"s3://{bucket}/linear/output", sagemaker_session=session,
)
estimator.set_hyperparameters(feature_dim=3, predictor_type="regressor", mini_batch_size=50, epochs=30)
estimator.fit({"train": train}, logs="All")
predictor = estimator.deploy(1, "ml.m5.large", serializer=CSVSerializer(), deserializer=JSONDeserializer())
answer = predictor.predict(x[:20])
error = max(abs(row["score"] - value) for row, value in zip(answer["predictions"], y[:20]))
print("ERROR", error)
predictor.delete_model()
predictor.delete_endpoint()
'''


def test_linear_learner(script):
    started = time.monotonic()
    printed = script(LINEAR)
    assert "Training - " in printed and "Completed - " in printed, printed
    assert float(printed.split("ERROR ")[1].split()[0]) < 0.5, printed[-500:]
    assert time.monotonic() - started < 90


def test_sdk_without_our_environment(backend, bucket, monkeypatch):
    """pytest was started without the variables, so the bridge rests here: this is the SDK as anybody has it."""
    for name, value in backend.environment.items():
        monkeypatch.setenv(name, value)
    import boto3
    import sagemaker
    from sagemaker import image_uris
    from sagemaker.estimator import Estimator
    from sagemaker.inputs import TrainingInput

    assert type(sagemaker.session.time).__name__ == "module", "the bridge is at work"
    session = sagemaker.Session(boto3.Session(region_name=backend.region))
    image = image_uris.retrieve("xgboost", backend.region, version="1.7-1")
    estimator = Estimator(image, ROLE, 1, "ml.m5.large", output_path=f"s3://{bucket}/sdk", sagemaker_session=session)
    estimator.set_hyperparameters(objective="reg:squarederror", num_round=20)
    started = time.monotonic()
    estimator.fit({"train": TrainingInput(f"s3://{bucket}/data/train", content_type="text/csv")}, logs=False)
    # The SDK itself sleeps 5 s before it asks for the first time.
    assert time.monotonic() - started < 20
    assert estimator.model_data.endswith("/output/model.tar.gz")


def test_identity_and_role(script):
    printed = script("import boto3, sagemaker\nprint(boto3.client('sts').get_caller_identity()['Arn'])\nprint(sagemaker.get_execution_role())")
    assert ":assumed-role/" in printed and ":role/" in printed
