//! `atelier-algorithm` as the platform runs it: a root like `/opt/ml`, environment variables, an exit code.

mod library;

use atelier_algorithms::{Scorer, data::recordio, load};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
};
use tempfile::TempDir;

/// A finished run.
struct Done {
    root: TempDir,
    code: i32,
    log: String,
}

impl Done {
    fn failure(&self) -> String {
        fs::read_to_string(self.root.path().join("output/failure")).unwrap_or_default()
    }

    fn model(&self) -> Arc<dyn Scorer> {
        load(&self.root.path().join("model"), &BTreeMap::new()).expect("a model")
    }
}

fn write(path: &Path, bytes: impl AsRef<[u8]>) {
    fs::create_dir_all(path.parent().expect("a directory")).expect("directories");
    fs::write(path, bytes).expect("a file");
}

/// A root with hyperparameters, channels (name, content type) and files.
fn root(hyperparameters: Value, channels: &[(&str, &str)], files: &[(&str, &[u8])]) -> TempDir {
    let root = TempDir::new().expect("a directory");
    let channels: BTreeMap<&str, Value> = channels
        .iter()
        .map(|(name, kind)| (*name, json!({"ContentType": kind, "TrainingInputMode": "File"})))
        .collect();
    write(&root.path().join("input/config/hyperparameters.json"), hyperparameters.to_string());
    write(&root.path().join("input/config/inputdataconfig.json"), json!(channels).to_string());
    for (path, bytes) in files {
        write(&root.path().join(path), bytes);
    }
    root
}

fn command(root: &TempDir, verb: &str, env: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_atelier-algorithm"));
    command.arg(verb).env("SAGEMAKER_BASE_DIR", root.path()).envs(env.iter().copied());
    if let Some(library) = library::path() {
        command.env("ATELIER_XGBOOST_LIB", library);
    }
    command
}

fn run(root: TempDir, verb: &str, env: &[(&str, &str)]) -> Done {
    let output = command(&root, verb, env).output().expect("a process");
    let log = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    Done { root, code: output.status.code().unwrap_or(-1), log }
}

/// `y = 3 a - 2 b + 1`, rows on a grid, as CSV with the label first.
fn line_csv(rows: usize) -> Vec<u8> {
    let row = |i: usize| {
        let (a, b) = ((i % 17) as f32 / 4.0, (i % 11) as f32 / 3.0);
        format!("{},{a},{b}\n", 3.0 * a - 2.0 * b + 1.0)
    };
    (0..rows).map(row).collect::<String>().into_bytes()
}

fn score(model: &dyn Scorer, content_type: &str, body: &[u8]) -> Vec<f64> {
    let scored = model.invoke(Some(content_type), Some("text/csv"), body, false).expect("scores");
    let text = String::from_utf8(scored.body).expect("text");
    text.split([',', '\n']).map(|v| v.parse().expect("a number")).collect()
}

#[test]
fn xgboost_learns_from_each_format() {
    if library::path().is_none() {
        return;
    }
    let csv = line_csv(200);
    let text = String::from_utf8(csv.clone()).expect("text");
    let rows: Vec<Vec<f32>> =
        text.lines().map(|l| l.split(',').map(|v| v.parse().expect("a number")).collect()).collect();
    let libsvm: String = rows.iter().map(|r| format!("{} 0:{} 1:{}\n", r[0], r[1], r[2])).collect();
    let mut records = Vec::new();
    rows.iter()
        .for_each(|r| recordio::write_record(&mut records, &[("values", r[1..].to_vec())], &[("values", vec![r[0]])]));
    for (kind, bytes) in [
        ("text/csv", csv.as_slice()),
        ("text/libsvm", libsvm.as_bytes()),
        ("application/x-recordio-protobuf", &records),
    ] {
        let channels = [("train", kind), ("validation", kind)];
        let files = [
            ("input/data/train/part/a", bytes),
            ("input/data/validation/a", bytes),
            ("input/data/train/_manifest", b"x".as_slice()),
        ];
        let root = root(json!({"num_round": "30", "objective": "reg:squarederror"}), &channels, &files);
        let done = run(root, "train", &[("ATELIER_ALGORITHM", "xgboost")]);
        assert_eq!((done.code, done.failure()), (0, String::new()), "{kind}: {}", done.log);
        assert!(done.log.contains("INFO] Train matrix has 200 rows and 2 columns\n"), "{}", done.log);
        assert!(
            done.log.lines().any(|l| l.starts_with("[29]#011train-rmse:0.") && l.contains("#011validation-rmse:0.")),
            "{}",
            done.log
        );
        let scores = score(done.model().as_ref(), "text/csv", b"2.5,1.3333334\n0,0");
        assert!((scores[0] - (7.5 - 2.6667 + 1.0)).abs() < 0.3 && (scores[1] - 1.0).abs() < 0.3, "{scores:?}");
        let sample = done.model().sample();
        assert_eq!(score(done.model().as_ref(), "text/csv", sample.as_bytes()).len(), 1, "{sample}");
    }
}

#[test]
fn early_stopping_keeps_the_best_rounds() {
    if library::path().is_none() {
        return;
    }
    let noise: String = (0..60).map(|i| format!("{},{},{}\n", (i * 7919) % 13, i % 5, i % 3)).collect();
    let channels = [("train", "text/csv"), ("validation", "text/csv")];
    let files = [("input/data/train/a.csv", noise.as_bytes()), ("input/data/validation/b.csv", &line_csv(40)[..])];
    let given = json!({"num_round": "200", "eval_metric": "mae,rmse", "early_stopping_rounds": "5", "_tuning_objective_metric": "validation:rmse"});
    let done = run(root(given, &channels, &files), "train", &[("ATELIER_ALGORITHM", "xgboost")]);
    assert_eq!(done.code, 0, "{}", done.log);
    let values: Vec<f64> = done
        .log
        .lines()
        .filter_map(|l| l.split("#011validation-rmse:").nth(1)?.split('#').next()?.parse().ok())
        .collect();
    let best = values.iter().enumerate().min_by(|a, b| a.1.total_cmp(b.1)).expect("rounds").0;
    assert!(values.len() < 200 && values.len() == best + 6, "{} rounds, the best {best}", values.len());
}

fn check_failure(
    algorithm: &str,
    given: Value,
    channels: &[(&str, &str)],
    files: &[(&str, &[u8])],
    code: i32,
    expected: &str,
) {
    let done = run(root(given, channels, files), "train", &[("ATELIER_ALGORITHM", algorithm)]);
    assert!(done.code == code && done.failure().contains(expected), "{} {}: {}", done.code, done.failure(), done.log);
    assert!(!done.root.path().join("model").exists(), "a model was left behind");
}

#[test]
fn failures_say_what_to_mend() {
    let rounds = || json!({"num_round": "2"});
    let train: &[(&str, &str)] = &[("train", "text/csv")];
    let fail = |given, channels, files: &[(&str, &[u8])], expected| {
        check_failure("xgboost", given, channels, files, 2, expected)
    };
    fail(json!({}), train, &[], "Missing required hyperparameter: num_round");
    fail(rounds(), &[], &[], "Missing required channel: train");
    fail(rounds(), &[("train", "text/csv"), ("other", "text/csv")], &[], "Extraneous channel found: other");
    fail(rounds(), &[("train", "image/png")], &[], "image/png is not an accepted ContentType: csv, libsvm");
    fail(rounds(), &[("train", "text/csv;label_size=0")], &[], "Optional parameter label_size must be equal to 1");
    fail(rounds(), train, &[("input/data/train/.hidden", b"1,2")], "No data in training channel path");
    fail(rounds(), train, &[("input/data/train/a.csv", b"1,2\n3\n")], "a.csv: row 2: 1 columns where row 1 has 2");
    fail(
        rounds(),
        train,
        &[("input/data/train/a.csv", b"y,x\n1,2\n")],
        "a.csv: row 1: could not convert string to float: 'y'",
    );
    fail(rounds(), train, &[("input/data/train/a.csv", b"hello\n")], "Could not determine delimiter on line hello");
    let libsvm = &[("train", "text/libsvm")];
    fail(
        rounds(),
        libsvm,
        &[("input/data/train/a.csv", b"1,2\n")],
        "First line '1,2...' of file 'a.csv' is not 'LIBSVM' format",
    );
    fail(rounds(), libsvm, &[("input/data/train/a", b"1 0:2\n1 x\n")], "a: row 2: 'x' is not <index>:<value>");
    check_failure(
        "linear-learner",
        json!({"predictor_type": "regressor"}),
        &[("train", "text/libsvm")],
        &[],
        2,
        "Content-type text/libsvm is not supported",
    );
    check_failure(
        "linear-learner",
        json!({"predictor_type": "binary_classifier"}),
        train,
        &[("input/data/train/a.csv", b"1,2\n7,3\n")],
        2,
        "train row 2: label 7 does not fit the predictor type",
    );
    if library::path().is_some() {
        let given = json!({"num_round": "2", "objective": "binary:logistic"});
        fail(
            given,
            train,
            &[("input/data/train/a.csv", b"3,2\n7,3\n")],
            "label must be in [0,1] for logistic regression",
        );
    }
}

#[test]
fn linear_learner_finds_the_line() {
    let channels = [("train", "text/csv"), ("validation", "text/csv")];
    let files = [("input/data/train/a.csv", &line_csv(600)[..]), ("input/data/validation/a.csv", &line_csv(100)[..])];
    let given = json!({"predictor_type": "regressor", "mini_batch_size": "20", "epochs": "30"});
    let done = run(root(given, &channels, &files), "train", &[("ATELIER_ALGORITHM", "linear-learner")]);
    assert_eq!(done.code, 0, "{}", done.log);
    assert!(done.log.contains("#quality_metric: host=algo-1, epoch=0, train mse_objective <loss>="), "{}", done.log);
    assert!(done.log.contains("#quality_metric: host=algo-1, validation absolute_loss <loss>="), "{}", done.log);
    let scores = score(done.model().as_ref(), "text/csv", b"2.5,1\n0,0");
    assert!((scores[0] - 6.5).abs() < 0.05 && (scores[1] - 1.0).abs() < 0.05, "{scores:?}");
}

#[test]
fn linear_learner_tells_classes_apart() {
    let row = |i: usize| {
        let (a, b) = ((i % 17) as f32 - 8.0, (i % 11) as f32 - 5.0);
        let class = if a > b + 2.0 { 2 } else { usize::from(a + b > 0.0) };
        (class, a, b)
    };
    for (kind, given) in [
        ("binary", json!({"predictor_type": "binary_classifier", "mini_batch_size": "20"})),
        ("several", json!({"predictor_type": "multiclass_classifier", "num_classes": "3", "mini_batch_size": "20"})),
    ] {
        let label = |class: usize| if kind == "binary" { usize::from(class == 2) } else { class };
        let csv: String = (0..500).map(row).map(|(class, a, b)| format!("{},{a},{b}\n", label(class))).collect();
        let done = run(
            root(given, &[("train", "text/csv")], &[("input/data/train/a.csv", csv.as_bytes())]),
            "train",
            &[("ATELIER_ALGORITHM", "linear-learner")],
        );
        assert_eq!(done.code, 0, "{}", done.log);
        let value = |name: &str| -> f64 {
            let line = done.log.lines().find(|l| l.contains(&format!("train {name} <score>="))).expect(name);
            line.rsplit('=').next().and_then(|v| v.parse().ok()).expect("a number")
        };
        let name = if kind == "binary" { "binary_classification_accuracy" } else { "multiclass_accuracy" };
        assert!(value(name) > 0.9, "{}", done.log);
        let answer = done
            .model()
            .invoke(Some("application/json"), None, br#"{"instances": [{"features": [8, -5]}]}"#, false)
            .expect("an answer");
        let answer: Value = serde_json::from_slice(&answer.body).expect("JSON");
        assert_eq!(answer["predictions"][0]["predicted_label"], label(2), "{answer}");
    }
}

#[test]
fn a_transform_mirrors_its_input_and_leaves_out_what_fails() {
    let channels = [("train", "text/csv")];
    let given = json!({"predictor_type": "regressor", "mini_batch_size": "20"});
    let trained = run(
        root(given, &channels, &[("input/data/train/a.csv", &line_csv(600)[..])]),
        "train",
        &[("ATELIER_ALGORITHM", "linear-learner")],
    );
    let files: [(&str, &[u8]); 3] = [
        ("input/data/input/a.csv", b"1,1\n2,2\n3,3\n"),
        ("input/data/input/deep/b.csv", b"0,0"),
        ("input/data/input/bad.csv", b"1,1\n2,x\n"),
    ];
    for file in files {
        write(&trained.root.path().join(file.0), file.1);
    }
    let plan = |strategy: &str| {
        json!({"content_type": "text/csv", "accept": "text/csv", "split": "Line", "assemble": "Line", "strategy": strategy})
            .to_string()
    };
    let mut root = trained.root;
    for strategy in ["MultiRecord", "SingleRecord"] {
        let done = run(root, "transform", &[("ATELIER_TRANSFORM", &plan(strategy))]);
        let out =
            |path: &str| fs::read_to_string(done.root.path().join("output/transform").join(path)).unwrap_or_default();
        assert_eq!(out("a.csv.out").lines().count(), 3, "{}", out("a.csv.out"));
        assert_eq!(out("deep/b.csv.out").lines().count(), 1);
        assert!(!done.root.path().join("output/transform/bad.csv.out").exists());
        assert_eq!(done.code, 2);
        let failure = done.failure();
        assert!(
            failure.contains("bad.csv: Bad HTTP status received from algorithm: 400") && failure.contains("'x'"),
            "{failure}"
        );
        root = done.root;
    }
}

#[test]
fn sigterm_saves_the_model_when_asked() {
    use std::io::{BufRead, BufReader};
    if library::path().is_none() {
        return;
    }
    let given = json!({"num_round": "100000000", "save_model_on_termination": "true"});
    let root = root(given, &[("train", "text/csv")], &[("input/data/train/a.csv", &line_csv(500)[..])]);
    let mut child =
        command(&root, "train", &[("ATELIER_ALGORITHM", "xgboost")]).stdout(Stdio::piped()).spawn().expect("a process");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    lines.find(|line| line.as_ref().is_ok_and(|l| l.starts_with("[3]"))).expect("a fourth round").expect("text");
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(child.id() as i32), nix::sys::signal::Signal::SIGTERM)
        .expect("a signal");
    lines.for_each(drop);
    assert!(child.wait().expect("its end").success());
    let done = Done { root, code: 0, log: String::new() };
    assert_eq!(score(done.model().as_ref(), "text/csv", b"1,1").len(), 1);
}
