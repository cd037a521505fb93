//! `cargo xtask fuzz`: libFuzzer on a parser, with the stable compiler. Coverage is LLVM's own pass, which needs no
//! nightly; sanitizers would, and find little in code without `unsafe`.

use crate::{console, machine, programs};
use anyhow::Context as _;
use std::fs;
use std::process::Command;

#[derive(clap::Args)]
pub struct Options {
    /// What is fuzzed
    target: Target,
    /// How long to search
    #[arg(long, default_value_t = 60)]
    seconds: u32,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Target {
    /// Notebooks: parsed, edited, written, exported
    Document,
    /// Recipes and expressions: parsed, planned, written as code
    Recipes,
}

impl Target {
    /// Its name, the crate that holds it, and examples to begin with.
    fn parts(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Document => ("document", "crates/notebook/fuzz", "notebooks"),
            Self::Recipes => ("recipes", "crates/recipe/fuzz", "crates/recipe/tests/exported"),
        }
    }
}

/// What libFuzzer reads: which branches were taken how often, and what was compared with what.
const COVERAGE: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Cdebug-assertions --cfg fuzzing";

/// # Errors
/// The target does not build, or an input was found that makes it panic; libFuzzer says where it keeps that one.
pub fn run(options: &Options) -> anyhow::Result<()> {
    let (name, folder, seeds) = options.target.parts();
    let host = machine::host()?;
    let target = programs::target_dir().join("fuzz");
    let (corpus, findings) = (target.join("corpus").join(name), target.join("findings").join(name));
    for dir in [&corpus, &findings] {
        fs::create_dir_all(dir).with_context(|| format!("making {}", dir.display()))?;
    }
    console::step("Building", || {
        let mut cargo = programs::cargo();
        // A target of its own, so that macros and build scripts are not measured.
        cargo.args(["build", "--release", "--target", &host]);
        cargo.current_dir(machine::root().join(folder)).env("CARGO_TARGET_DIR", &target).env("RUSTFLAGS", COVERAGE);
        console::run(&mut cargo)
    })?;
    console::step("Fuzzing", || {
        let mut fuzzer = Command::new(target.join(&host).join("release").join(name));
        fuzzer.arg(&corpus).arg(machine::root().join(seeds));
        fuzzer.arg(format!("-max_total_time={}", options.seconds)).arg("-timeout=10").arg("-print_final_stats=1");
        fuzzer.arg(format!("-artifact_prefix={}/", findings.display()));
        console::run(&mut fuzzer)
    })
}
