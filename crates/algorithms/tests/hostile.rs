//! Model files with bytes changed and bodies of any bytes: refused or scored, never a panic.

mod library;

use atelier_algorithms::{
    Scorer,
    data::{Features, Table},
    linear_learner::LinearScorer,
    xgboost::{Library, scorer::XgboostScorer},
};
use proptest::prelude::*;
use std::{collections::BTreeMap, sync::OnceLock};

/// A model of two classes with a category split, in JSON.
const MODEL: &str = r#"{"learner": {"attributes": {}, "feature_names": ["a", "b"], "feature_types": ["c", "float"],
    "learner_model_param": {"base_score": "[5E-1]", "num_class": "2", "num_feature": "2", "num_target": "1"},
    "objective": {"name": "multi:softprob"},
    "gradient_booster": {"name": "dart", "weight_drop": [1, 0.5], "gbtree": {"model": {"tree_info": [0, 1], "trees": [
    {"left_children": [1, -1, -1], "right_children": [2, -1, -1], "split_indices": [0, 0, 0], "split_conditions": [NaN, 1, 2],
     "default_left": [1, 0, 0], "split_type": [1, 0, 0], "categories": [1, 3], "categories_nodes": [0], "categories_segments": [0],
     "categories_sizes": [2], "tree_param": {"size_leaf_vector": "1"}},
    {"left_children": [1, -1, -1], "right_children": [2, -1, -1], "split_indices": [1, 0, 0], "split_conditions": [0.5, 1, 2],
     "default_left": [0, 0, 0]}]}}}}}"#;

const LINEAR: &str = r#"{"predictor": {"multiclass_classifier": {"num_classes": 3}}, "probability": true, "num_features": 2,
    "weights": [1, 2, 3, 4, 5, 6], "bias": [0, 0, 1], "threshold": 0.5, "typical_row": [1, 2]}"#;

/// The real library's model file, where there is a library.
fn trained() -> Option<&'static [u8]> {
    static MODEL: OnceLock<Option<Vec<u8>>> = OnceLock::new();
    let train = || {
        let library = Library::open(&library::path()?).ok()?;
        let values: Vec<f32> = (0..200).map(|i| (i * 37 % 101) as f32).collect();
        let labels = (0..100).map(|i| (i % 3) as f32).collect();
        let matrix = library
            .matrix(&Table { num_columns: 2, labels, weights: vec![], features: Features::Dense(values) })
            .ok()?;
        let booster = library.booster(&[&matrix]).ok()?;
        for (name, value) in [("objective", "multi:softmax"), ("num_class", "3"), ("max_depth", "3")] {
            booster.set_param(name, value).ok()?;
        }
        (0..3).try_for_each(|round| booster.update(round, &matrix)).ok()?;
        booster.save("ubj").ok()
    };
    MODEL.get_or_init(train).as_deref()
}

const KINDS: [&str; 6] =
    ["text/csv", "text/libsvm", "application/x-recordio-protobuf", "application/json", "application/jsonlines", "x"];
const ACCEPTS: [&str; 5] =
    ["text/csv", "application/json", "application/jsonlines", "application/x-recordio-protobuf", "x"];

/// Every request shape against a scorer. A panic fails the test.
fn ask(scorer: &dyn Scorer, body: &[u8]) {
    for kind in KINDS {
        for accept in ACCEPTS {
            for batch in [false, true] {
                let _ = scorer.invoke(Some(kind), Some(accept), body, batch);
            }
        }
    }
    let _ = scorer.invoke(None, None, body, false);
    let _ = scorer.sample();
}

fn changed(bytes: &[u8], changes: &[(prop::sample::Index, u8)], cut: Option<prop::sample::Index>) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for (at, byte) in changes {
        *at.get_mut(&mut bytes) = *byte;
    }
    bytes.truncate(cut.map_or(bytes.len(), |cut| cut.index(bytes.len())));
    bytes
}

/// Bytes that mean something to the readers, and any others.
fn byte() -> impl Strategy<Value = u8> {
    prop_oneof![any::<u8>(), prop::sample::select(b"0123456789-[]{},:.eENLdS$# \n".to_vec())]
}

fn env(list: &str) -> BTreeMap<String, String> {
    BTreeMap::from([("SAGEMAKER_INFERENCE_OUTPUT".into(), list.into())])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn model_files(
        changes in prop::collection::vec((any::<prop::sample::Index>(), byte()), 0..6),
        cut in prop::option::weighted(0.1, any::<prop::sample::Index>()),
    ) {
        for model in [Some(MODEL.as_bytes()), trained()].into_iter().flatten() {
            if let Ok(scorer) = XgboostScorer::new(&changed(model, &changes, cut), &BTreeMap::new()) {
                ask(&scorer, b"1,0.25\n,\nnan,inf\n-5,1e30");
            }
        }
        if let Ok(scorer) = LinearScorer::new(&changed(LINEAR.as_bytes(), &changes, cut)) {
            ask(&scorer, b"1,0.25\n3,4");
        }
    }

    #[test]
    fn bodies(bytes in prop::collection::vec(byte(), 0..120), text in "[0-9.,:e\\-\n\r \"a-z\\[\\]{}]{0,60}") {
        let all = "predicted_label,labels,probability,probabilities,raw_score,raw_scores,predicted_score,nonsense";
        let plain = XgboostScorer::new(MODEL.as_bytes(), &BTreeMap::new()).expect("a model");
        let selected = XgboostScorer::new(MODEL.as_bytes(), &env(all)).expect("a model");
        let linear = LinearScorer::new(LINEAR.as_bytes()).expect("a model");
        for body in [&bytes, text.as_bytes()] {
            let scorers: [&dyn Scorer; 3] = [&plain, &selected, &linear];
            scorers.into_iter().for_each(|scorer| ask(scorer, body));
        }
    }
}

fn check(
    env: &BTreeMap<String, String>,
    kind: &str,
    accept: &str,
    body: &str,
    batch: bool,
    expected: Result<&str, (u16, &str)>,
) {
    let scorer = XgboostScorer::new(MODEL.as_bytes(), env).expect("a model");
    match (scorer.invoke(Some(kind), Some(accept), body.as_bytes(), batch), expected) {
        (Ok(scored), Ok(text)) => assert_eq!(String::from_utf8_lossy(&scored.body), text, "{kind} {accept} {body}"),
        (Err(e), Err((status, part))) => assert!(e.status == status && e.message.contains(part), "{e:?}"),
        (answer, expected) => panic!("{kind} {body}: {answer:?}, expected {expected:?}"),
    }
}

#[test]
fn shapes_of_the_container() {
    let plain = BTreeMap::new();
    // Margins 0.5 + 1 (category 2) or 0.5 + 2 (category 3), and 0.5 + 0.5 * 1 below 0.5 in feature b.
    let (p, q) = ("0.622459352016449", "0.3775406777858734");
    check(&plain, "text/csv", "*/*", "2,0", false, Ok(&format!("{p},{q}")));
    check(&plain, "text/csv", "*/*", "2,0\n2,0\n", false, Ok(&format!("{p},{q}\n{p},{q}")));
    check(
        &plain,
        "text/csv",
        "application/json",
        "2,0",
        false,
        Ok(&format!("{{\"predictions\": [{{\"score\": [{p}, {q}]}}]}}")),
    );
    check(
        &plain,
        "text/libsvm",
        "application/jsonlines",
        "0:2 1:0",
        false,
        Ok(&format!("{{\"score\": [{p}, {q}]}}\n")),
    );
    check(&plain, "text/csv", "application/json", "2,0\n2,0", true, Ok(&format!("[{p}, {q}]\n[{p}, {q}]\n")));
    check(&plain, "text/csv", "*/*", "", false, Ok(""));
    check(&plain, "text/csv", "image/png", "2,0", false, Err((406, "Accept type image/png is not supported")));
    check(&plain, "image/png", "*/*", "2,0", false, Err((415, "image/png is not an accepted ContentType")));
    check(
        &plain,
        "text/csv",
        "*/*",
        "2,0,1",
        false,
        Err((400, "Feature size of csv inference data 3 is not consistent with feature size of trained model 2")),
    );
    check(&plain, "text/csv", "*/*", "2,0\n2", false, Err((400, "row 2: 1 columns where row 1 has 2")));
    check(
        &plain,
        "text/csv",
        "*/*",
        "2,0\n2,abc",
        false,
        Err((400, "row 2: could not convert string to float: 'abc'")),
    );
    check(&plain, "text/libsvm", "*/*", "0:2 7:1", false, Err((400, "row 1: feature index 7")));
    let selected = env("predicted_label, probability, labels");
    let expected =
        format!("{{\"predictions\": [{{\"predicted_label\": 0, \"probability\": {p}, \"labels\": [0, 1]}}]}}");
    check(&selected, "text/csv", "application/json", "2,0", false, Ok(&expected));
}
