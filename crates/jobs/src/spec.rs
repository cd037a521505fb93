//! What a job is: everything needed to run it, and nothing about what it computes.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A job as the platform asks for it. A built-in algorithm, a user's script and a container differ in `command` only.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct JobSpec {
    /// `training-job`, `transform-job`: the kind of its document and its directory below `jobs/`.
    pub kind: String,
    pub name: String,
    /// The platform's own request, opaque here. Moves to [`crate::JobRecord::request`] when the job is submitted.
    #[serde(skip_serializing_if = "serde_json::Value::is_null")]
    pub request: serde_json::Value,
    /// `/aws/sagemaker/TrainingJobs`
    pub log_group: String,
    /// Files below `/opt/ml` with their content, such as `input/config/hyperparameters.json`. On host `n` a member
    /// `current_host` of the top level says `algo-n`.
    pub config: Vec<(String, serde_json::Value)>,
    pub inputs: Vec<Input>,
    /// The program and its arguments. The program is looked up in the PATH that the job sees.
    pub command: Vec<String>,
    pub env: BTreeMap<String, String>,
    /// Processes `algo-1` to `algo-n`, each with its own `/opt/ml`; 0 means 1.
    pub num_hosts: u32,
    pub outputs: Vec<Output>,
    /// Curves: a name, and a regex whose first group is the value.
    pub metrics: Vec<(String, String)>,
    /// Seconds of training until the job is stopped; 0 means no limit.
    pub max_runtime_s: u64,
    /// Seconds between SIGTERM and SIGKILL.
    pub stop_grace_s: u64,
    /// Upload nothing from a job that was stopped. Training keeps what it has, a transform does not.
    pub discard_on_stop: bool,
}

/// Data that is put below `/opt/ml` before the command starts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Input {
    /// Relative to `/opt/ml`: `input/data/train`.
    pub dir: String,
    pub source: Source,
    /// Deal the objects out to the hosts instead of giving all to each.
    #[serde(default)]
    pub sharded: bool,
    /// Decompress every object.
    #[serde(default)]
    pub gunzip: bool,
    /// Every object is a `tar.gz` whose content is wanted.
    #[serde(default)]
    pub extract_tar_gz: bool,
}

/// An `s3://bucket/key` address and how to read it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Source {
    /// All objects whose key starts with it.
    S3Prefix(String),
    /// A JSON list: first `{"prefix": "s3://..."}`, then keys relative to it.
    Manifest(String),
}

/// Data that is taken from below `/opt/ml` after the command has ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Output {
    /// Relative to `/opt/ml`: `model`.
    pub dir: String,
    /// `s3://bucket/key` of the archive, or the prefix of the objects.
    pub to: String,
    pub form: Form,
    /// Make the archive even of an empty directory.
    #[serde(default)]
    pub required: bool,
    /// Not from a job that failed.
    #[serde(default)]
    pub only_on_success: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Form {
    /// One `tar.gz` of the directory's content, of all hosts together.
    TarGz,
    /// Every file as an object.
    Objects,
}

impl JobSpec {
    pub fn hosts(&self) -> impl Iterator<Item = String> + use<> {
        (1..=self.num_hosts.max(1)).map(|n| format!("algo-{n}"))
    }
}
