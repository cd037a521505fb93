//! The backend and the supervisor die at every named point; afterwards nothing that was acknowledged is lost, the
//! command has run at most once, and the job's end is true.

#![cfg(debug_assertions)] // Other builds have no points to die at.

mod common;

use atelier_jobs::crash::{BACKEND, POINTS, STORE, SUPERVISOR};
use atelier_jobs::{JobRecord, Status};
use atelier_store::Store;
use common::{KIND, backend, channel, shell};
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Output};

fn start(home: &Path, crash_at: Option<&str>) -> Output {
    let mut command = Command::new(backend());
    command.arg("run").arg(home.join("home")).arg(home.join("spec.json"));
    if let Some(point) = crash_at {
        command.env("ATELIER_CRASH_AT", point);
    }
    command.output().unwrap()
}

/// Crashes at the point, starts again, and looks.
fn check(point: &str) {
    let home = tempfile::tempdir().unwrap();
    let script =
        format!("echo ran >> {}/ran; cat /opt/ml/input/data/train/a.csv > /opt/ml/model/copy", home.path().display());
    let mut spec = shell("crashed", &script);
    spec.inputs = vec![channel("train", "s3://data/train/")];
    std::fs::write(home.path().join("spec.json"), serde_json::to_vec(&spec).unwrap()).unwrap();

    let first = start(home.path(), Some(point));
    let said = String::from_utf8_lossy(&first.stdout).into_owned();
    let in_supervisor = point.starts_with("supervisor:");
    assert_eq!(first.status.success(), in_supervisor, "{point}: {first:?}");
    let second = start(home.path(), None);
    assert!(second.status.success(), "{point}: {second:?}");

    let store = Store::open(&home.path().join("home")).unwrap();
    let state = store.get::<JobRecord>(KIND, "crashed").unwrap().unwrap().body.state;
    let ran = std::fs::read_to_string(home.path().join("ran")).unwrap_or_default().lines().count();
    assert!(ran <= 1, "{point}: the command ran {ran} times");
    // A supervisor that dies before its report can only be told as a failure; everything else completes.
    let lost = in_supervisor && point != "supervisor:after-report";
    assert_eq!(state.status, if lost { Status::Failed } else { Status::Completed }, "{point}: {said} {state:?}");
    let mut content = Vec::new();
    store.buckets().get("data", "train/a.csv").unwrap().file.read_to_end(&mut content).unwrap();
    assert_eq!(content, b"1,2\n", "{point}");
    if !lost {
        assert_eq!(ran, 1, "{point}");
        let model = store.buckets().get("data", "out/model.tar.gz").unwrap();
        assert_eq!(model.file.metadata().unwrap().len(), model.meta.size, "{point}");
    }
    let staged = std::fs::read_dir(home.path().join("home/staging")).unwrap().count();
    assert_eq!(staged, 0, "{point} leaves files behind");
}

#[test]
fn every_point() {
    for point in POINTS {
        check(point);
    }
}

/// The store is passed many times in a job's life: crash in later passages too.
#[test]
fn later_passages() {
    for (point, passages) in [
        ("store:before-commit", 2..=8),
        ("store:after-commit", 2..=8),
        ("bucket:after-index", 2..=2),
        ("bucket:after-rename", 2..=2),
    ] {
        for passage in passages {
            check(&format!("{point}#{passage}"));
        }
    }
}

#[test]
fn the_list_of_points_is_whole() {
    for point in BACKEND.iter().chain(SUPERVISOR) {
        assert!(POINTS.contains(point), "{point}");
    }
    assert!(POINTS.iter().filter(|point| point.starts_with("store:")).all(|point| STORE.contains(point)));
}
