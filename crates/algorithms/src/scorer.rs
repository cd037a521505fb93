//! What a loaded model can do, and how one is loaded from an unpacked `model.tar.gz`.

use crate::{linear_learner, xgboost};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

/// An answer: the response's body and its content type.
#[derive(Clone, Debug, PartialEq)]
pub struct Scored {
    pub content_type: String,
    pub body: Vec<u8>,
}

/// A refusal as the algorithm's container answers it: 400 bad rows, 406 unknown Accept, 415 unknown content type.
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
    fn invoke(
        &self,
        content_type: Option<&str>,
        accept: Option<&str>,
        body: &[u8],
        batch: bool,
    ) -> Result<Scored, ScoreError>;
    /// A `text/csv` body that the model accepts, for the request tester.
    fn sample(&self) -> String;
}

/// Loads the model in `model_dir`, by what its files contain; `env` is the container's environment.
pub fn load(model_dir: &Path, env: &BTreeMap<String, String>) -> Result<Arc<dyn Scorer>, LoadError> {
    let files = files(model_dir)?;
    let named = |name: &str| files.iter().find(|f| f.file_name().is_some_and(|n| n == name));
    if let Some(file) = named(linear_learner::MODEL_FILE) {
        let scorer = linear_learner::LinearScorer::new(&read(file)?).map_err(|reason| malformed(file, reason))?;
        return Ok(Arc::new(scorer));
    }
    // Like the container: any file will do when none has the usual name, for models that were trained elsewhere.
    let model_like =
        |f: &&PathBuf| f.extension().is_none_or(|e| e == "json" || e == "ubj" || e == "model" || e == "bin");
    let file = named(xgboost::MODEL_FILE).or_else(|| files.iter().find(model_like)).ok_or(LoadError::Unknown)?;
    let scorer = xgboost::scorer::XgboostScorer::new(&read(file)?, env).map_err(|reason| malformed(file, reason))?;
    Ok(Arc::new(scorer))
}

fn show(file: &Path) -> String {
    file.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn malformed(file: &Path, reason: String) -> LoadError {
    LoadError::Malformed { file: show(file), reason }
}

fn read(file: &Path) -> Result<Vec<u8>, LoadError> {
    std::fs::read(file).map_err(|source| LoadError::Read { file: show(file), source })
}

/// The files right in the directory, sorted, without hidden ones.
fn files(dir: &Path) -> Result<Vec<PathBuf>, LoadError> {
    let failed = |source| LoadError::Read { file: show(dir), source };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_file() && !show(&path).starts_with('.') {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
