//! The notebook beside JupyterLab: both are driven through the same Chromium, in turns, by one script.

use super::{Options, Stage, install};
use crate::{console, machine};
use std::process::Command;

pub fn run(stage: &Stage, options: &Options) -> anyhow::Result<()> {
    let peers = console::step("Installing the peers", || install(&stage.python, "notebook"))?;
    let script = machine::root().join("xtask/bench/notebook/measure.py");
    console::run(
        Command::new(&stage.python.python)
            .arg(script)
            .arg("--atelier")
            .arg(&stage.programs.atelier)
            .arg("--ui")
            .arg(&stage.programs.ui)
            .arg("--rust-kernel")
            .arg(stage.programs.atelier.with_file_name("atelier-rust-kernel"))
            .arg("--work")
            .arg(stage.work.join("notebook"))
            .arg("--rounds")
            .arg(options.rounds.unwrap_or(20).to_string())
            .env("PYTHONPATH", peers),
    )
}
