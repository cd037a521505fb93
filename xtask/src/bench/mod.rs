//! `cargo xtask bench`: what the product costs beside its peers, in one run. The peers take turns, several rounds each,
//! and medians are printed, because a machine is never quiet.

mod explorer;
mod notebook;
mod platform;

use crate::programs::{Programs, Selection, build, target_dir};
use crate::test::Python;
use crate::{console, machine};
use anyhow::{Context as _, bail};
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

#[derive(clap::Args)]
pub struct Options {
    /// Only these measurements
    subjects: Vec<Subject>,
    /// Seconds of load per measurement of the platform
    #[arg(long, default_value_t = 5)]
    seconds: u32,
    /// Measurements of each peer [default: 3 of the platform's load, 20 of the notebook and the explorer]
    #[arg(long)]
    rounds: Option<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Subject {
    /// Endpoints, jobs, the window's start
    Platform,
    /// The notebook beside JupyterLab, in the same Chromium
    Notebook,
    /// The data explorer beside Polars and pandas
    Explorer,
}

/// What every measurement stands on.
struct Stage {
    programs: Programs,
    python: Python,
    /// An empty folder.
    work: PathBuf,
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    let wanted = |subject| options.subjects.is_empty() || options.subjects.contains(&subject);
    console::step("Looking for what the measurements need", || machine::prepare(machine::Purpose::Bench))?;
    let programs = console::step("Building", || build(Selection::Everything))?;
    let python = console::step("Preparing Python", || Python::prepare(&programs))?;
    let work = target_dir().join("bench");
    let _ = std::fs::remove_dir_all(&work);
    std::fs::create_dir_all(&work)?;
    let stage = Stage { programs, python, work };
    if wanted(Subject::Platform) {
        platform::run(&stage, options)?;
    }
    if wanted(Subject::Notebook) {
        notebook::run(&stage, options)?;
    }
    if wanted(Subject::Explorer) {
        explorer::run(&stage, options)?;
    }
    Ok(())
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Installs what `xtask/bench/<subject>/requirements.txt` names into a folder of its own; a PYTHONPATH.
fn install(python: &Python, subject: &str) -> anyhow::Result<PathBuf> {
    let folder = target_dir().join("bench-peers").join(subject);
    let mut command = Command::new(&python.uv);
    command.args(["pip", "install", "--quiet", "--python"]).arg(&python.python).arg("--target").arg(&folder);
    command.arg("-r").arg(machine::root().join("xtask/bench").join(subject).join("requirements.txt"));
    console::run(&mut command)?;
    Ok(folder)
}

fn python_json<T: serde::de::DeserializeOwned>(
    python: &Python,
    script: &str,
    arguments: &[&std::ffi::OsStr],
) -> anyhow::Result<T> {
    let answer = Command::new(&python.python)
        .arg(machine::root().join("xtask/bench").join(script))
        .args(arguments)
        .env("SAGEMAKER_SUPPRESS_V2_WARNING", "1")
        .stderr(Stdio::inherit())
        .output()
        .context("Python could not be started")?;
    if !answer.status.success() {
        bail!("{script} failed");
    }
    // The SDK says things on stdout, too; the answer is the last line.
    let said = String::from_utf8_lossy(&answer.stdout);
    let last = said.trim_end().lines().next_back().unwrap_or_default();
    serde_json::from_str(last).with_context(|| format!("what {script} said: {said}"))
}

/// A server that says on its first line where it listens; ended when dropped.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(command: &mut Command, says: &str) -> anyhow::Result<Self> {
        let mut child = command
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("{:?} could not be started", command.get_program()))?;
        let mut lines = BufReader::new(child.stdout.take().context("no stdout")?);
        let mut line = String::new();
        lines.read_line(&mut line)?;
        let address =
            line.trim().strip_prefix(says).with_context(|| format!("expected `{says}…`, got {line:?}"))?.to_owned();
        // Whatever else it prints must not block it.
        std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
        Ok(Self { child, address })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
