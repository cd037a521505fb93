//! The data explorer beside Polars, which it calls, and pandas.

use super::{Options, Stage, install};
use crate::{console, machine};
use std::process::Command;

pub fn run(stage: &Stage, options: &Options) -> anyhow::Result<()> {
    let peers = console::step("Installing the peers", || install(&stage.python, "explorer"))?;
    let script = machine::root().join("xtask/bench/explorer/measure.py");
    console::run(
        Command::new(&stage.python.python)
            .arg(script)
            .arg("--atelier")
            .arg(&stage.programs.atelier)
            .arg("--ui")
            .arg(&stage.programs.ui)
            .arg("--step-cost")
            .arg(stage.programs.target.join("debug/examples/step_cost"))
            .arg("--work")
            .arg(stage.work.join("explorer"))
            .arg("--rounds")
            .arg(options.rounds.unwrap_or(20).to_string())
            .env("PYTHONPATH", peers),
    )
}
