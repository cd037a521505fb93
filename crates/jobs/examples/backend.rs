//! The smallest backend: what the tests kill and start again, and the supervisor that it starts.
//!
//! `backend job-runner RUN_DIR`, or `backend run HOME SPEC.json`: submits the job unless it exists, drives it to its end
//! and prints its last status.

use atelier_jobs::{JobError, JobSpec, Jobs, runner};
use atelier_store::{PutOptions, Store, StoreError};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [_, "job-runner", dir] => std::process::exit(runner::main(Path::new(dir))),
        [_, "run", home, spec] => run(Path::new(home), Path::new(spec)),
        _ => Err("job-runner RUN_DIR | run HOME SPEC".into()),
    }
}

fn run(home: &Path, spec: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let store = Store::open(home)?;
    match store.buckets().create("data") {
        Ok(()) | Err(StoreError::BucketExists(_)) => {}
        Err(error) => return Err(error.into()),
    }
    store.buckets().put_bytes("data", "train/a.csv", b"1,2\n", PutOptions::default())?;
    println!("stored");
    let jobs = Jobs::open(store, std::env::current_exe()?, Arc::new(|_| {}))?;
    let spec: JobSpec = serde_json::from_slice(&std::fs::read(spec)?)?;
    let (kind, name) = (spec.kind.clone(), spec.name.clone());
    match jobs.submit(spec) {
        Ok(()) | Err(JobError::Exists { .. }) => println!("accepted"),
        Err(error) => return Err(error.into()),
    }
    let doc = jobs.wait(&kind, &name, Duration::from_secs(60), |doc| doc.body.state.ended())?.ok_or("no such job")?;
    println!("{}", doc.body.state.status);
    jobs.close();
    Ok(())
}
