//! The suites of `cargo xtask test`: each runs real programs and counts what passed and what failed.

use crate::console;
use crate::programs::Programs;
use anyhow::Context as _;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// How a suite ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub passed: u32,
    pub failed: u32,
    pub skipped: u32,
}

impl Counts {
    fn add(&mut self, other: Counts) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }

    /// A suite that ended badly without naming a failed test has failed all the same.
    fn or_failed(mut self, success: bool) -> Self {
        if (!success && self.failed == 0) || self == Self::default() {
            self.failed += 1;
        }
        self
    }
}

/// A test program that cargo built.
#[derive(Clone, Debug)]
pub struct TestProgram {
    pub package: String,
    pub target: String,
    pub folder: PathBuf,
    pub executable: PathBuf,
}

/// Everything a suite may need.
pub struct Stage<'a> {
    pub programs: &'a Programs,
    pub tests: &'a [TestProgram],
    pub python: &'a Path,
    /// A folder with pytest, for `PYTHONPATH`.
    pub pytest: &'a Path,
    pub xgboost_library: &'a Path,
    /// Screenshots, logs and reports are kept here.
    pub output: &'a Path,
}

impl Stage<'_> {
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .env("ATELIER_BIN", &self.programs.atelier)
            .env("ATELIER_DESKTOP_BIN", &self.programs.desktop)
            .env("ATELIER_UI_DIR", &self.programs.ui)
            .env("ATELIER_XGBOOST_LIB", self.xgboost_library)
            .env("ATELIER_TEST_OUTPUT", self.output)
            .env("ATELIER_TEST_PYTHON", self.python)
            .env_remove("ATELIER_HOME");
        command
    }
}

/// The unit and crate tests, a suite per crate.
pub fn crates(stage: &Stage) -> anyhow::Result<BTreeMap<String, Counts>> {
    let mut suites: BTreeMap<String, Counts> = BTreeMap::new();
    for test in stage.tests.iter().filter(|test| test.package != ACROSS) {
        let counts = rust(stage, test, &[])?;
        suites.entry(format!("rust {}", test.package)).or_default().add(counts);
    }
    suites.retain(|_, counts| *counts != Counts::default());
    Ok(suites)
}

/// The package whose tests cross crates, a suite per target.
const ACROSS: &str = "atelier-tests";

pub fn across(stage: &Stage, target: &str) -> anyhow::Result<Counts> {
    let test = stage.tests.iter().find(|test| test.package == ACROSS && test.target == target);
    let test = test.with_context(|| format!("cargo built no test program {target}"))?;
    let counts = rust(stage, test, &["--test-threads=1"])?;
    Ok(counts.or_failed(true))
}

fn rust(stage: &Stage, test: &TestProgram, arguments: &[&str]) -> anyhow::Result<Counts> {
    println!("--- {} {}", test.package, test.target);
    let mut counts = Counts::default();
    let mut command = stage.command(&test.executable);
    command.args(arguments).current_dir(&test.folder).env("CARGO_MANIFEST_DIR", &test.folder);
    let mut named = false;
    let success = console::watch(&mut command, "", |line| {
        if let Some(found) = libtest_counts(line) {
            counts.add(found);
            named = true;
        }
    })?;
    Ok(if success && named { counts } else { counts.or_failed(success) })
}

/// `test result: ok. 12 passed; 0 failed; 1 ignored; ...`
fn libtest_counts(line: &str) -> Option<Counts> {
    let rest = line.strip_prefix("test result: ")?;
    let count = |word: &str| {
        let before = rest.split(&format!(" {word}")).next()?;
        before.rsplit([' ', ';']).next()?.parse().ok()
    };
    Some(Counts { passed: count("passed")?, failed: count("failed")?, skipped: count("ignored")? })
}

/// The window's own logic, built for this machine: what needs no page is tested without one.
pub fn ui() -> anyhow::Result<Counts> {
    let mut command = crate::ui::tests()?;
    let mut counts = Counts::default();
    let success = console::watch(&mut command, "", |line| {
        if let Some(found) = libtest_counts(line) {
            counts.add(found);
        }
    })?;
    Ok(counts.or_failed(success))
}

/// boto3 and the SageMaker SDK against the real backend.
pub fn clients(stage: &Stage) -> anyhow::Result<Counts> {
    let folder = crate::machine::root().join("tests/clients");
    let mut command = stage.command(stage.python);
    command.args(["-m", "pytest", "-ra", "-v", "--color=no", "-p", "no:cacheprovider"]).arg(&folder);
    command.current_dir(&folder).env("PYTHONPATH", stage.pytest).env("PYTHONDONTWRITEBYTECODE", "1");
    let mut counts = Counts::default();
    let success = console::watch(&mut command, "", |line| {
        if let Some(found) = pytest_counts(line) {
            counts = found;
        }
    })?;
    Ok(counts.or_failed(success))
}

/// `==== 3 failed, 12 passed, 1 skipped, 2 warnings in 41.20s ====`
fn pytest_counts(line: &str) -> Option<Counts> {
    let summary = line.strip_prefix('=')?.trim_matches('=').trim();
    let (parts, _) = summary.split_once(" in ")?;
    let mut counts = Counts::default();
    for part in parts.split(", ") {
        let (number, word) = part.split_once(' ')?;
        let number: u32 = number.parse().ok()?;
        match word {
            "passed" => counts.passed += number,
            "failed" | "error" | "errors" => counts.failed += number,
            "skipped" => counts.skipped += number,
            _ => {}
        }
    }
    Some(counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(passed: u32, failed: u32, skipped: u32) -> Counts {
        Counts { passed, failed, skipped }
    }

    #[test]
    fn libtest_says_how_it_ended() {
        let line = "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s";
        assert_eq!(libtest_counts(line), Some(counts(12, 3, 1)));
        assert_eq!(libtest_counts("test a::b ... ok"), None);
    }

    #[test]
    fn pytest_says_how_it_ended() {
        let line = "====== 3 failed, 12 passed, 1 skipped, 2 warnings, 1 error in 41.20s (0:00:41) ======";
        assert_eq!(pytest_counts(line), Some(counts(12, 4, 1)));
        assert_eq!(pytest_counts("===== FAILURES ====="), None);
    }

    #[test]
    fn a_suite_that_counted_nothing_has_failed() {
        assert_eq!(Counts::default().or_failed(true), counts(0, 1, 0));
        assert_eq!(counts(3, 0, 0).or_failed(false), counts(3, 1, 0));
        assert_eq!(counts(3, 0, 0).or_failed(true), counts(3, 0, 0));
    }
}
