//! Endpoints: in service, updated, restarted, failed, gone.

mod common;

use atelier_wire::aws::types::*;
use atelier_wire::studio::deploy::{GetEndpointActivity, TestEndpoint};
use common::{Bench, LINEAR, config, model};

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_serves_is_updated_restarted_and_deleted() {
    let bench = Bench::new().await;
    let uri = bench.linear_model("served").await;
    let endpoint = bench.deploy("one", LINEAR, &uri).await;
    assert_eq!(endpoint.endpoint_status, EndpointStatus::InService, "{:?}", endpoint.failure_reason);
    let answer = bench.predict("one", "1.0,1.0").await.unwrap();
    assert!(answer.contains("score"), "{answer}");

    bench.call(model("two", LINEAR, &uri)).await.unwrap();
    bench.call(config("both", &[("one", 1.0), ("two", 3.0)])).await.unwrap();
    let update = UpdateEndpointInput {
        endpoint_name: "one".into(),
        endpoint_config_name: "both".into(),
        ..UpdateEndpointInput::default()
    };
    bench.call(update).await.unwrap();
    let updated = bench.settled("one").await;
    assert_eq!(updated.endpoint_config_name.as_deref(), Some("both"));
    let weights = |endpoint: &DescribeEndpointOutput| {
        let variants = endpoint.production_variants.iter().flatten();
        variants.map(|variant| (variant.variant_name.clone(), variant.current_weight.unwrap())).collect::<Vec<_>>()
    };
    assert_eq!(weights(&updated), [("one".to_owned(), 1.0), ("two".to_owned(), 3.0)]);
    let desired = DesiredWeightAndCapacity {
        variant_name: "two".into(),
        desired_weight: Some(0.0),
        ..DesiredWeightAndCapacity::default()
    };
    let request = UpdateEndpointWeightsAndCapacitiesInput {
        endpoint_name: "one".into(),
        desired_weights_and_capacities: vec![desired],
    };
    bench.call(request).await.unwrap();

    // Neither the model nor its data is needed to serve again.
    bench.call(DeleteModelInput { model_name: "one".into() }).await.unwrap();
    bench.call(DeleteEndpointConfigInput { endpoint_config_name: "both".into() }).await.unwrap();
    let bench = bench.restart().await;
    assert_eq!(bench.predict("one", "1.0,1.0").await.unwrap(), answer);
    assert_eq!(weights(&bench.settled("one").await), [("one".to_owned(), 1.0), ("two".to_owned(), 0.0)]);

    bench.call(DeleteEndpointInput { endpoint_name: "one".into() }).await.unwrap();
    let gone = bench.call(DescribeEndpointInput { endpoint_name: "one".into() }).await.unwrap_err();
    assert_eq!(gone.message, "Could not find endpoint \"arn:aws:sagemaker:us-east-1:123456789012:endpoint/one\".");
    assert!(bench.predict("one", "1.0,1.0").await.unwrap_err().starts_with("ValidationError"));
    assert_eq!(
        std::fs::read_dir(bench.home.path().join("models")).unwrap().count(),
        0,
        "unpacked models go with the last endpoint"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_does_not_load_fails_its_endpoint_and_no_other() {
    let bench = Bench::new().await;
    bench.put("junk.tar.gz", "this is no archive");
    let failed = bench.deploy("junk", LINEAR, "s3://data/junk.tar.gz").await;
    assert_eq!(failed.endpoint_status, EndpointStatus::Failed);
    assert!(failed.failure_reason.unwrap().starts_with("Failed to extract model data archive"));
    let foreign = bench.deploy("foreign", "me/mine:1", "s3://data/junk.tar.gz").await;
    assert!(foreign.failure_reason.unwrap().starts_with("Cannot run the image me/mine:1"));

    // An update that fails leaves what serves.
    let uri = bench.linear_model("good").await;
    bench.deploy("good", LINEAR, &uri).await;
    let update = UpdateEndpointInput {
        endpoint_name: "good".into(),
        endpoint_config_name: "junk".into(),
        ..UpdateEndpointInput::default()
    };
    bench.call(update).await.unwrap();
    let kept = bench.settled("good").await;
    assert_eq!((kept.endpoint_status, kept.endpoint_config_name.as_deref()), (EndpointStatus::InService, Some("good")));
    assert!(kept.failure_reason.is_some());
    bench.predict("good", "1.0,1.0").await.unwrap();
    bench.call(DeleteEndpointInput { endpoint_name: "junk".into() }).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tester_shows_answers_and_refusals() {
    let bench = Bench::new().await;
    let uri = bench.linear_model("tested").await;
    bench.deploy("tested", LINEAR, &uri).await;
    let test = |content_type: &str, body: &str| TestEndpoint {
        endpoint: "tested".into(),
        content_type: content_type.into(),
        accept: String::new(),
        body: body.into(),
    };
    let answer = bench.window(test("text/csv", "1.0,1.0")).await.unwrap();
    assert_eq!((answer.status, answer.variant.as_str()), (200, "tested"));
    assert_eq!(bench.window(test("image/png", "1.0,1.0")).await.unwrap().status, 415);
    assert_eq!(bench.window(test("text/csv", "a,b")).await.unwrap().status, 400);
    let activity = bench.window(GetEndpointActivity { endpoint: "tested".into() }).await.unwrap();
    assert_eq!((activity.invocations, activity.errors_4xx, activity.num_features), (3, 2, Some(2)));
    assert_eq!(bench.window(test("text/csv", &activity.sample)).await.unwrap().status, 200);
    let refused = bench.predict("tested", "a,b").await.unwrap_err();
    assert!(refused.starts_with("ModelError: Received client error (400) from primary with message"), "{refused}");
}
