//! What a loaded model can do, and how one is loaded from an unpacked `model.tar.gz`.

use std::{collections::BTreeMap, path::Path, sync::Arc};

/// An answer: the response's body and its content type.
#[derive(Clone, Debug, PartialEq)]
pub struct Scored {
    pub content_type: String,
    pub body: Vec<u8>,
}

/// A refusal as the algorithm's container answers it: 400 bad rows, 406 unknown Accept, 415 unreadable content.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct ScoreError {
    pub status: u16,
    pub message: String,
}

/// Why a model directory gives no scorer.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error("no model file of a known algorithm in the model data")]
    Unknown,
    #[error("cannot read {file}")]
    Read { file: String, source: std::io::Error },
    #[error("{file} is not a usable model: {reason}")]
    Malformed { file: String, reason: String },
}

/// A model in memory. Scoring takes `&self`, holds no lock and never panics on a body.
pub trait Scorer: Send + Sync {
    /// How many features a row has, where the model fixes it.
    fn num_features(&self) -> Option<usize>;
    /// Names of the features; empty where the model file has none.
    fn feature_names(&self) -> &[String];
    /// Scores one request. `batch` is a batch transform's, where the containers write one row per line.
    fn invoke(&self, content_type: Option<&str>, accept: Option<&str>, body: &[u8], batch: bool) -> Result<Scored, ScoreError>;
    /// A `text/csv` body that the model accepts, for the request tester.
    fn sample(&self) -> String;
}

/// Loads the model in `model_dir`, by what its files contain; `env` is the container's environment.
pub fn load(_model_dir: &Path, _env: &BTreeMap<String, String>) -> Result<Arc<dyn Scorer>, LoadError> {
    Err(LoadError::Unknown)
}
