"""A script as people write it for AWS, on the Boston housing data: train, read the curve, deploy, predict, delete."""

SCRIPT = '''
import sys
import boto3, numpy as np, pandas as pd, sagemaker
from sagemaker import image_uris
from sagemaker.analytics import TrainingJobAnalytics
from sagemaker.deserializers import CSVDeserializer
from sagemaker.estimator import Estimator
from sagemaker.inputs import TrainingInput
from sagemaker.serializers import CSVSerializer

frame = pd.read_csv(sys.argv[1]).sample(frac=1, random_state=3)
frame = frame[["medv"] + [name for name in frame.columns if name != "medv"]]
train, validation, test = frame[:350], frame[350:430], frame[430:]
train.to_csv("train.csv", index=False, header=False)
validation.to_csv("validation.csv", index=False, header=False)

session = sagemaker.Session()
role = sagemaker.get_execution_role()
bucket = session.default_bucket()
inputs = {
    name: TrainingInput(session.upload_data(f"{name}.csv", bucket, f"boston/{name}"), content_type="text/csv")
    for name in ("train", "validation")
}
estimator = Estimator(
    image_uris.retrieve("xgboost", session.boto_region_name, version="1.7-1"), role, 1, "ml.m4.xlarge",
    output_path=f"s3://{bucket}/boston/output", sagemaker_session=session, tags=[{"Key": "data", "Value": "boston"}],
)
estimator.set_hyperparameters(objective="reg:squarederror", num_round=100, max_depth=5, eta=0.2, gamma=4, min_child_weight=6, subsample=0.8)
estimator.fit(inputs, logs="All")

curve = TrainingJobAnalytics(estimator.latest_training_job.name, metric_names=["validation:rmse"], sagemaker_session=session).dataframe()
print("CURVE", len(curve), curve["value"].min())

predictor = estimator.deploy(1, "ml.m4.xlarge", serializer=CSVSerializer(), deserializer=CSVDeserializer())
predicted = np.array(predictor.predict(test.drop(columns="medv").to_numpy()), dtype=float).ravel()
print("\\nRMSE", float(np.sqrt(np.mean((predicted - test["medv"].to_numpy()) ** 2))))

again = Estimator.attach(estimator.latest_training_job.name, sagemaker_session=session)
print("ATTACHED", again.hyperparameters()["num_round"])
predictor.delete_model()
predictor.delete_endpoint()
try:
    boto3.client("sagemaker").describe_endpoint(EndpointName=predictor.endpoint_name)
except boto3.client("sagemaker").exceptions.ClientError as error:
    print("GONE", error.response["Error"]["Code"], error.response["Error"]["Message"])
'''


def test_boston_housing_from_a_script(script, shared_data):
    printed = script(SCRIPT, str(shared_data / "boston_housing.csv"))
    found = {line.split()[0]: line.split()[1:] for line in printed.splitlines() if line.split()[:1] and line.split()[0].isupper()}
    assert "validation-rmse:" in printed, "the job's log is missing"
    assert float(found["RMSE"][0]) < 5, found
    assert int(found["CURVE"][0]) >= 1 and float(found["CURVE"][1]) < 6, found
    assert "100" in found["ATTACHED"][0]
    assert found["GONE"][0] == "ValidationException" and "Could not find endpoint" in printed
