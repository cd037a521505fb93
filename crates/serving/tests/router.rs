//! Endpoints in and out of service, and what a request sees meanwhile.

use atelier_serving::{DeployError, EndpointPlan, InvokeError, InvokeRequest, InvokeResponse, Router, VariantPlan};
use bytes::Bytes;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};
use tempfile::TempDir;

/// A stump on feature 0 of 4: `low` below 0.5, `high` from there on.
fn model(dir: &Path, name: &str, low: f32, high: f32) -> PathBuf {
    let tree = format!(
        r#"{{"left_children": [1, -1, -1], "right_children": [2, -1, -1], "split_indices": [0, 0, 0],
            "split_conditions": [0.5, {low}, {high}], "default_left": [1, 0, 0]}}"#
    );
    let learner = format!(
        r#"{{"learner": {{"learner_model_param": {{"base_score": "0", "num_class": "0", "num_feature": "4"}},
            "objective": {{"name": "reg:squarederror"}},
            "gradient_booster": {{"name": "gbtree", "model": {{"trees": [{tree}], "tree_info": [0]}}}}}}}}"#
    );
    let dir = dir.join(name);
    fs::create_dir_all(&dir).expect("a directory");
    fs::write(dir.join("xgboost-model"), learner).expect("a file");
    dir
}

fn plan(name: &str, variants: &[(&str, f64, PathBuf)]) -> EndpointPlan {
    let variant = |(name, weight, dir): &(&str, f64, PathBuf)| VariantPlan {
        name: name.to_string(),
        weight: *weight,
        model_dir: dir.clone(),
        env: BTreeMap::new(),
    };
    EndpointPlan { name: name.into(), config_name: "config".into(), variants: variants.iter().map(variant).collect() }
}

fn request(body: &str) -> InvokeRequest {
    InvokeRequest {
        content_type: Some("text/csv".into()),
        body: Bytes::copy_from_slice(body.as_bytes()),
        ..InvokeRequest::default()
    }
}

fn text(answer: Result<InvokeResponse, InvokeError>) -> String {
    String::from_utf8(answer.expect("an answer").body).expect("text")
}

#[tokio::test]
async fn an_endpoint_answers_until_it_is_removed() {
    let home = TempDir::new().expect("a directory");
    let router = Router::new();
    router.deploy(plan("e", &[("AllTraffic", 1.0, model(home.path(), "m", 1.5, 2.5))])).expect("in service");
    assert_eq!(text(router.invoke("e", request("0,1,1,1\n1,1,1,1")).await), "1.5,2.5");
    let long = "1,0,0,0\n".repeat(20_000);
    assert_eq!(text(router.invoke("e", request(&long)).await).split(',').count(), 20_000);
    let bad = router.invoke("e", request("0,1,1,1\n1,x,1,1")).await.expect_err("a bad row");
    let InvokeError::Model { status: 400, variant, message } = bad else { panic!("{bad:?}") };
    assert!(variant == "AllTraffic" && message.contains("row 2") && message.contains("'x'"), "{message}");
    let unknown = InvokeRequest { content_type: Some("image/png".into()), ..request("1") };
    assert!(matches!(router.invoke("e", unknown).await, Err(InvokeError::Model { status: 415, .. })));
    let activity = router.activity("e").expect("its activity");
    assert_eq!(
        (activity.invocations, activity.errors_4xx, activity.errors_5xx, activity.num_features),
        (4, 2, 0, Some(4))
    );
    assert_eq!(
        activity.buckets.iter().map(|b| (b.invocations, b.errors)).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1)),
        (4, 2)
    );
    assert_eq!(text(router.invoke("e", request(&activity.sample)).await).split(',').count(), 1);
    assert!(router.remove("e") && !router.remove("e"));
    assert_eq!(router.invoke("e", request("1,1,1,1")).await, Err(InvokeError::NoEndpoint("e".into())));
    assert!(router.activity("e").is_none() && router.endpoints().is_empty());
}

#[tokio::test]
async fn traffic_follows_the_weights_and_the_target() {
    let home = TempDir::new().expect("a directory");
    let router = Router::new();
    let (a, b) = (model(home.path(), "a", 1.0, 1.0), model(home.path(), "b", 2.0, 2.0));
    router.deploy(plan("e", &[("a", 9.0, a), ("b", 1.0, b)])).expect("in service");
    let share = async || {
        let mut hits = 0;
        for _ in 0..1000 {
            hits += usize::from(router.invoke("e", request("1,1,1,1")).await.expect("an answer").variant == "b");
        }
        hits
    };
    assert!((90..=110).contains(&share().await));
    router.set_weights("e", &[("a".into(), 0.0)]).expect("weights");
    assert_eq!(share().await, 1000);
    router.set_weights("e", &[("a".into(), 0.0), ("b".into(), 0.0)]).expect("weights");
    assert!((490..=510).contains(&share().await));
    let target = |name: &str| InvokeRequest { target_variant: Some(name.into()), ..request("1,1,1,1") };
    assert_eq!(router.invoke("e", target("a")).await.expect("an answer").variant, "a");
    assert!(matches!(router.invoke("e", target("c")).await, Err(InvokeError::NoVariant { .. })));
    assert!(matches!(router.set_weights("e", &[("c".into(), 1.0)]), Err(DeployError::UnknownVariant { .. })));
    assert!(matches!(router.set_weights("e", &[("a".into(), -1.0)]), Err(DeployError::Weight(_))));
    assert!(matches!(router.set_weights("x", &[]), Err(DeployError::NoEndpoint(_))));
}

#[tokio::test]
async fn a_plan_that_fails_leaves_what_was_there() {
    let home = TempDir::new().expect("a directory");
    let router = Router::new();
    let good = model(home.path(), "good", 1.0, 1.0);
    router.deploy(plan("e", &[("v", 1.0, good.clone())])).expect("in service");
    let empty = home.path().join("empty");
    fs::create_dir_all(&empty).expect("a directory");
    for (variants, part) in [
        (vec![], "no variant"),
        (vec![("v", f64::NAN, good.clone())], "weight"),
        (vec![("v", 1.0, good.clone()), ("v", 1.0, good.clone())], "two variants"),
        (vec![("v", 1.0, empty.clone())], "cannot be loaded"),
        (vec![("v", 1.0, home.path().join("absent"))], "cannot be loaded"),
    ] {
        let refused = router.deploy(plan("e", &variants)).expect_err(part).to_string();
        assert!(refused.contains(part), "{refused}");
    }
    assert_eq!(text(router.invoke("e", request("1,1,1,1")).await), "1.0");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_update_is_seen_whole_by_every_request() {
    let home = TempDir::new().expect("a directory");
    let router = Router::new();
    let (old, new) = (model(home.path(), "old", 1.0, 1.0), model(home.path(), "new", 2.0, 2.0));
    router.deploy(plan("e", &[("v", 1.0, old.clone())])).expect("in service");
    let over = Arc::new(AtomicBool::new(false));
    let (asking, done) = (router.clone(), over.clone());
    let asker = tokio::spawn(async move {
        let mut seen = [0usize; 2];
        while !done.load(Relaxed) {
            let answer = text(asking.invoke("e", request("1,1,1,1\n0,0,0,0")).await);
            seen[["1.0,1.0", "2.0,2.0"].iter().position(|a| *a == answer).expect("one model or the other")] += 1;
            tokio::task::yield_now().await;
        }
        seen
    });
    for turn in 0..200 {
        let dir = if turn % 2 == 0 { &new } else { &old };
        router.deploy(plan("e", &[("v", 1.0, dir.clone())])).expect("an update");
        tokio::task::yield_now().await;
    }
    over.store(true, Relaxed);
    let seen = asker.await.expect("no panic");
    assert_eq!(router.activity("e").expect("its activity").invocations as usize, seen[0] + seen[1]);
}
