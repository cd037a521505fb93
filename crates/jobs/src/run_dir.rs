//! A job's run directory, by which the backend and the supervisor speak to each other.
//!
//! ```text
//! run.json          what to run, from the backend
//! supervisor.lock   locked as long as the supervisor lives
//! supervisor.json   who supervises; once it is there, no other supervisor ever starts the command
//! exit.json         how the command ended; the supervisor's last word
//! supervisor.log    the supervisor's own troubles
//! opt-ml, opt-ml-2  what the hosts see as /opt/ml
//! log/algo-1        lines with times; log/all for several hosts together
//! ```

use crate::state::Cause;
use crate::{JobError, process};
use atelier_store::files;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

#[derive(Clone, Debug)]
pub struct RunDir(PathBuf);

/// `run.json`
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Run {
    /// The system's boot in which the inputs were written: after another one they may be incomplete.
    pub boot_id: String,
    pub command: Vec<String>,
    pub env: BTreeMap<String, String>,
    pub hosts: Vec<String>,
    /// 0: no limit.
    pub max_runtime_s: u64,
    pub stop_grace_s: u64,
}

/// `supervisor.json`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Claim {
    pub process: process::Identity,
}

/// `exit.json`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Milliseconds since the epoch.
    pub started_ms: i64,
    pub ended_ms: i64,
    pub code: i32,
    pub cause: Cause,
    /// Why the command could not be started, in the form of a failure file.
    pub failure: Option<String>,
}

impl RunDir {
    pub fn new(path: PathBuf) -> Self {
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn opt_ml(&self, host: &str) -> PathBuf {
        match host.strip_prefix("algo-") {
            Some(n) if n != "1" => self.0.join(format!("opt-ml-{n}")),
            _ => self.0.join("opt-ml"),
        }
    }

    pub fn log_dir(&self) -> PathBuf {
        self.0.join("log")
    }

    pub fn log(&self, host: &str) -> PathBuf {
        self.log_dir().join(host)
    }

    /// The log of all hosts together; with one host there is no other file for it.
    pub fn merged_log(&self, several: bool) -> PathBuf {
        self.log(if several { "all" } else { "algo-1" })
    }

    pub fn lock(&self) -> PathBuf {
        self.0.join("supervisor.lock")
    }

    pub fn supervisor_log(&self) -> PathBuf {
        self.0.join("supervisor.log")
    }

    pub fn run(&self) -> Result<Option<Run>, JobError> {
        self.read("run.json")
    }

    pub fn write_run(&self, run: &Run) -> Result<(), JobError> {
        self.write("run.json", run)
    }

    pub fn claim(&self) -> Result<Option<Claim>, JobError> {
        self.read("supervisor.json")
    }

    pub fn write_claim(&self, claim: &Claim) -> Result<(), JobError> {
        self.write("supervisor.json", claim)
    }

    pub fn report(&self) -> Result<Option<Report>, JobError> {
        self.read("exit.json")
    }

    pub fn write_report(&self, report: &Report) -> Result<(), JobError> {
        self.write("exit.json", report)
    }

    /// What the command left in `/opt/ml/output/failure`, of the first host that left something; a bounded part of it.
    pub fn failure(&self, hosts: &[String]) -> Option<String> {
        hosts.iter().find_map(|host| {
            // Whatever the job made of that name, opening it must not wait for a writer.
            let path = self.opt_ml(host).join("output/failure");
            let file = fs::File::options().read(true).custom_flags(nix::libc::O_NONBLOCK).open(path).ok()?;
            file.metadata().ok().filter(fs::Metadata::is_file)?;
            let mut bytes = Vec::new();
            io::Read::read_to_end(&mut io::Read::take(file, 1 << 16), &mut bytes).ok()?;
            let text = String::from_utf8_lossy(&bytes).trim().to_owned();
            (!text.is_empty()).then_some(text)
        })
    }

    fn write<T: Serialize>(&self, name: &str, content: &T) -> Result<(), JobError> {
        let path = self.0.join(name);
        let json = serde_json::to_vec(content).map_err(|error| JobError::io(&path, error.into()))?;
        Ok(files::replace(&path, &json)?)
    }

    fn read<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, JobError> {
        let path = self.0.join(name);
        match fs::read(&path) {
            Ok(bytes) => match serde_json::from_slice(&bytes) {
                Ok(content) => Ok(Some(content)),
                Err(error) => Err(JobError::io(&path, error.into())),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(JobError::io(&path, error)),
        }
    }
}
