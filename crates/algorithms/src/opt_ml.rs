//! The `/opt/ml` contract as the child process sees it.
//!
//! `SAGEMAKER_BASE_DIR` moves the root where no mount namespace can be had.

use serde_json::Value;
use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

/// Why a job failed; what is shown is what stands in the failure file.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// The user can mend it: exit code 2, AWS's `ClientError`.
    #[error("{0}")]
    User(String),
    /// The user cannot: exit code 1, AWS's `AlgorithmError`.
    #[error("{0}")]
    Algorithm(String),
}

impl JobError {
    pub fn exit_code(&self) -> u8 {
        match self {
            JobError::User(_) => 2,
            JobError::Algorithm(_) => 1,
        }
    }
}

impl From<crate::data::channel::ChannelError> for JobError {
    fn from(error: crate::data::channel::ChannelError) -> JobError {
        JobError::User(error.to_string())
    }
}

/// A root like `/opt/ml`.
#[derive(Clone, Debug)]
pub struct OptMl {
    pub base: PathBuf,
}

impl OptMl {
    pub fn from_env() -> OptMl {
        OptMl { base: std::env::var_os("SAGEMAKER_BASE_DIR").map_or_else(|| PathBuf::from("/opt/ml"), PathBuf::from) }
    }

    pub fn model(&self) -> PathBuf {
        self.base.join("model")
    }

    pub fn channel(&self, name: &str) -> PathBuf {
        self.base.join("input/data").join(name)
    }

    fn config(&self, name: &str) -> Result<Value, JobError> {
        let path = self.base.join("input/config").join(name);
        let bytes = fs::read(&path).map_err(|e| JobError::Algorithm(format!("cannot read {}: {e}", path.display())))?;
        serde_json::from_slice(&bytes).map_err(|e| JobError::Algorithm(format!("{} is not JSON: {e}", path.display())))
    }

    /// `hyperparameters.json`: names and values, all text.
    pub fn hyperparameters(&self) -> Result<BTreeMap<String, String>, JobError> {
        let value = self.config("hyperparameters.json")?;
        let members =
            value.as_object().ok_or_else(|| JobError::Algorithm("hyperparameters.json holds no object".into()))?;
        let text = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_string);
        Ok(members.iter().map(|(name, v)| (name.clone(), text(v))).collect())
    }

    /// `inputdataconfig.json`: channel names with their content types.
    pub fn channels(&self) -> Result<BTreeMap<String, Option<String>>, JobError> {
        let value = self.config("inputdataconfig.json")?;
        let members =
            value.as_object().ok_or_else(|| JobError::Algorithm("inputdataconfig.json holds no object".into()))?;
        let content_type = |v: &Value| v.get("ContentType").and_then(Value::as_str).map(str::to_string);
        Ok(members.iter().map(|(name, v)| (name.clone(), content_type(v))).collect())
    }

    /// Writes the failure file. The class stands before what a user can mend; the platform makes the reason from it.
    pub fn fail(&self, error: &JobError) -> io::Result<()> {
        let dir = self.base.join("output");
        fs::create_dir_all(&dir)?;
        let text = match error {
            JobError::User(text) => format!("ClientError: {text}"),
            JobError::Algorithm(text) => text.clone(),
        };
        fs::write(dir.join("failure"), text)
    }
}

/// Replaces a file by write, fsync, rename, making its directories.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), JobError> {
    let failed = |e: io::Error| JobError::Algorithm(format!("cannot write {}: {e}", path.display()));
    let dir = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(dir).map_err(failed)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let next = dir.join(format!(".{name}.part"));
    let mut file = fs::File::create(&next).map_err(failed)?;
    io::Write::write_all(&mut file, bytes).and_then(|()| file.sync_all()).map_err(failed)?;
    fs::rename(&next, path).map_err(failed)
}

/// Checks the channels' names against an algorithm's.
pub fn check_channels(
    given: &BTreeMap<String, Option<String>>,
    known: &[crate::algorithm::Channel],
) -> Result<(), JobError> {
    if let Some(missing) = known.iter().find(|c| c.required && !given.contains_key(c.name)) {
        return Err(JobError::User(format!("Missing required channel: {}", missing.name)));
    }
    match given.keys().find(|name| !known.iter().any(|c| c.name == *name)) {
        Some(extra) => Err(JobError::User(format!("Extraneous channel found: {extra}"))),
        None => Ok(()),
    }
}
