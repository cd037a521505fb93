//! `cargo xtask test`: all set-up, every test, and a line per suite at the end.

use crate::programs::{Programs, Selection, build, cargo};
use crate::suites::{self, Counts, Stage, TestProgram};
use crate::{console, machine, tidy};
use anyhow::{Context as _, bail};
use serde::Deserialize;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

#[derive(clap::Args)]
pub struct Options {
    /// Only these suites: tidy, rust, ui, clients, browser, window
    suites: Vec<String>,
}

const SUITES: &[&str] = &["tidy", "rust", "ui", "clients", "browser", "window"];

pub fn run(options: &Options) -> anyhow::Result<()> {
    if let Some(unknown) = options.suites.iter().find(|name| !SUITES.contains(&name.as_str())) {
        bail!("there is no suite {unknown}; the suites are {}", SUITES.join(", "));
    }
    let started = Instant::now();
    console::step("Looking for what the tests need", || machine::prepare(machine::Purpose::Test))?;
    let programs = console::step("Building programs and tests", || build(Selection::Everything))?;
    let python = console::step("Preparing the Python environment", || Python::prepare(&programs))?;
    console::step("Preparing the crates of Rust cells", || programs.prepare_rust())?;
    let tests = test_programs()?;
    let output = programs.target.join("test-output");
    std::fs::create_dir_all(&output)?;
    let stage = Stage {
        programs: &programs,
        tests: &tests,
        python: &python.python,
        pytest: &python.pytest,
        xgboost_library: &python.xgboost_library,
        output: &output,
    };
    let mut report = Report::default();
    for suite in
        SUITES.iter().filter(|name| options.suites.is_empty() || options.suites.iter().any(|asked| asked == *name))
    {
        println!("==> Suite {suite}");
        let started = Instant::now();
        match *suite {
            "tidy" => report.add("tidy", tidy::run().map(|()| Counts { passed: 1, ..Counts::default() })),
            "rust" => suites::crates(&stage)?.into_iter().for_each(|(name, counts)| report.add(&name, Ok(counts))),
            "ui" => report.add("ui", suites::ui()),
            "clients" => report.add("clients", suites::clients(&stage)),
            across => report.add(across, suites::across(&stage, across)),
        }
        println!("    suite {suite}: {:.0} s", started.elapsed().as_secs_f64());
    }
    println!("Screenshots and logs: {}", output.display());
    println!("Everything took {:.0} s.", started.elapsed().as_secs_f64());
    report.print()
}

#[derive(Default)]
struct Report(Vec<(String, Counts)>);

impl Report {
    fn add(&mut self, name: &str, counts: anyhow::Result<Counts>) {
        let counts = counts.unwrap_or_else(|problem| {
            println!("{name}: {problem:#}");
            Counts { failed: 1, ..Counts::default() }
        });
        self.0.push((name.to_owned(), counts));
    }

    fn print(&self) -> anyhow::Result<()> {
        println!();
        let mut total = Counts::default();
        for (name, counts) in &self.0 {
            let skipped = if counts.skipped > 0 { format!(", {} skipped", counts.skipped) } else { String::new() };
            println!("{name:24} {:4} passed, {} failed{skipped}", counts.passed, counts.failed);
            total.passed += counts.passed;
            total.failed += counts.failed;
        }
        println!("{} passed, {} failed", total.passed, total.failed);
        if total.failed > 0 {
            std::process::exit(1);
        }
        Ok(())
    }
}

/// Asks cargo where the test programs lie that `Selection::Everything` built.
fn test_programs() -> anyhow::Result<Vec<TestProgram>> {
    #[derive(Deserialize)]
    struct Message {
        executable: Option<PathBuf>,
        manifest_path: Option<PathBuf>,
        target: Option<Target>,
        profile: Option<Profile>,
    }
    #[derive(Deserialize)]
    struct Target {
        name: String,
    }
    #[derive(Deserialize)]
    struct Profile {
        test: bool,
    }
    let mut command = cargo();
    command.args(["build", "--locked", "--workspace", "--all-targets", "--message-format=json", "--quiet"]);
    let answer = command.stderr(Stdio::inherit()).output().context("cargo could not be started")?;
    if !answer.status.success() {
        bail!("cargo could not name the test programs");
    }
    let mut programs = Vec::new();
    for line in answer.stdout.split(|byte| *byte == b'\n').filter(|line| line.starts_with(b"{")) {
        let message: Message = serde_json::from_slice(line).context("a message of cargo's")?;
        let (Some(executable), Some(manifest), Some(target)) =
            (message.executable, message.manifest_path, message.target)
        else {
            continue;
        };
        if !message.profile.is_some_and(|profile| profile.test) {
            continue;
        }
        let folder = manifest.parent().context("a manifest without a folder")?.to_owned();
        programs.push(TestProgram { package: package(&manifest)?, target: target.name, folder, executable });
    }
    programs.sort_by(|a, b| (&a.package, &a.target).cmp(&(&b.package, &b.target)));
    Ok(programs)
}

fn package(manifest: &std::path::Path) -> anyhow::Result<String> {
    let text = std::fs::read_to_string(manifest).with_context(|| format!("{} cannot be read", manifest.display()))?;
    let table: toml::Table = text.parse().with_context(|| format!("{} is no TOML", manifest.display()))?;
    let name = table.get("package").and_then(|package| package.get("name")).and_then(|name| name.as_str());
    Ok(name.context("a manifest without a package name")?.to_owned())
}

/// The product's own Python environment, and pytest beside it.
pub struct Python {
    pub python: PathBuf,
    pub xgboost_library: PathBuf,
    pub uv: PathBuf,
    pub pytest: PathBuf,
}

impl Python {
    pub fn prepare(programs: &Programs) -> anyhow::Result<Self> {
        #[derive(Deserialize)]
        struct Prepared {
            python: PathBuf,
            xgboost_library: PathBuf,
            uv: PathBuf,
        }
        let answer = Command::new(&programs.atelier)
            .args(["prepare", "--json"])
            .stderr(Stdio::inherit())
            .output()
            .context("atelier could not be started")?;
        if !answer.status.success() {
            bail!("the Python environment could not be made");
        }
        let prepared: Prepared =
            serde_json::from_slice(&answer.stdout).context("what `atelier prepare --json` said")?;
        let requirements = machine::root().join("tests/clients/requirements.txt");
        let pytest = programs.target.join("pytest");
        console::run(
            Command::new(&prepared.uv)
                .args(["pip", "install", "--quiet", "--python"])
                .arg(&prepared.python)
                .arg("--target")
                .arg(&pytest)
                .arg("-r")
                .arg(requirements),
        )?;
        // What it needs is in the environment already, in the versions that the product has.
        console::run(
            Command::new(&prepared.uv)
                .args(["pip", "install", "--quiet", "--no-deps", "--python"])
                .arg(&prepared.python)
                .arg("--target")
                .arg(&pytest)
                .arg("jupyter_kernel_test==0.7.0"),
        )?;
        Ok(Self { python: prepared.python, xgboost_library: prepared.xgboost_library, uv: prepared.uv, pytest })
    }
}
