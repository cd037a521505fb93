//! A store, its jobs, and the program that becomes their supervisor.
#![allow(dead_code, reason = "each test binary uses its part")]

use atelier_jobs::{Form, Input, JobRecord, JobSpec, Jobs, Output, Source};
use atelier_store::{Doc, PutOptions, Store};
use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

pub const KIND: &str = "training-job";

/// The example that cargo builds beside the tests.
pub fn backend() -> PathBuf {
    let exe = std::env::current_exe().unwrap();
    exe.parent().unwrap().parent().unwrap().join("examples/backend")
}

pub struct Bench {
    pub jobs: Jobs,
    pub store: Store,
    pub home: tempfile::TempDir,
}

impl Bench {
    pub fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let store = Store::open(home.path()).unwrap();
        store.buckets().create("data").unwrap();
        let jobs = open(&store);
        Self { jobs, store, home }
    }

    pub fn put(&self, key: &str, content: &[u8]) {
        self.store.buckets().put_bytes("data", key, content, PutOptions::default()).unwrap();
    }

    pub fn content(&self, key: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.store.buckets().get("data", key).unwrap().file.read_to_end(&mut bytes).unwrap();
        bytes
    }

    pub fn keys(&self) -> Vec<String> {
        let page = self.store.buckets().list_objects("data", &Default::default()).unwrap();
        page.objects.into_iter().map(|object| object.key).collect()
    }

    /// Submits and awaits the end.
    pub fn run(&self, spec: JobSpec) -> Doc<JobRecord> {
        let name = spec.name.clone();
        self.jobs.submit(spec).unwrap();
        self.ended(&name)
    }

    pub fn ended(&self, name: &str) -> Doc<JobRecord> {
        let doc = self.until(name, |doc| doc.body.state.ended());
        assert!(doc.body.state.ended(), "{name} did not end: {:?}", doc.body.state);
        doc
    }

    pub fn until(&self, name: &str, condition: impl Fn(&Doc<JobRecord>) -> bool) -> Doc<JobRecord> {
        self.jobs.wait(KIND, name, Duration::from_secs(60), condition).unwrap().unwrap()
    }

    pub fn log(&self, name: &str) -> Vec<String> {
        let chunk = self.jobs.log(KIND, name, 0, 10_000).unwrap().unwrap();
        chunk.lines.into_iter().map(|line| line.text).collect()
    }

    pub fn run_dir(&self, name: &str) -> PathBuf {
        self.store.home().join("jobs").join(KIND).join(name)
    }
}

pub fn open(store: &Store) -> Jobs {
    Jobs::open(store.clone(), backend(), Arc::new(|_| {})).unwrap()
}

pub fn shell(name: &str, script: &str) -> JobSpec {
    JobSpec {
        kind: KIND.into(),
        name: name.into(),
        command: ["/bin/sh", "-c", script].map(Into::into).into(),
        env: BTreeMap::from([("GREETING".into(), "hello".into())]),
        num_hosts: 1,
        stop_grace_s: 30,
        outputs: vec![model()],
        ..JobSpec::default()
    }
}

pub fn model() -> Output {
    Output {
        dir: "model".into(),
        to: "s3://data/out/model.tar.gz".into(),
        form: Form::TarGz,
        required: false,
        only_on_success: true,
    }
}

pub fn channel(name: &str, uri: &str) -> Input {
    Input {
        dir: format!("input/data/{name}"),
        source: Source::S3Prefix(uri.into()),
        sharded: false,
        gunzip: false,
        extract_tar_gz: false,
    }
}

/// Polls a condition that only other processes can bring about.
pub fn eventually(what: &str, condition: impl Fn() -> bool) {
    let deadline = std::time::Instant::now() + Duration::from_secs(30);
    while !condition() {
        assert!(std::time::Instant::now() < deadline, "{what} did not happen");
        std::thread::park_timeout(Duration::from_millis(5));
    }
}

pub fn lives(pid: &str) -> bool {
    // A zombie's command line is empty.
    std::fs::read(Path::new("/proc").join(pid).join("cmdline")).is_ok_and(|line| !line.is_empty())
}
