//! `cargo xtask run`: from a fresh machine to the open studio window.

use crate::programs::{Programs, Selection, build};
use crate::{console, machine};
use std::process::Command;

#[derive(clap::Args)]
pub struct Options {
    /// Run the quickstart notebook to its end in this terminal, and print its results
    #[arg(long)]
    headless: bool,
    /// Keep everything in this folder instead of the user's data folder
    #[arg(long, env = "ATELIER_HOME")]
    home: Option<std::path::PathBuf>,
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    let window = !options.headless && machine::has_display();
    console::step("Looking for what the build needs", || machine::prepare(machine::Purpose::Run { window }))?;
    let selection = if window { Selection::Programs } else { Selection::Headless };
    let programs = console::step("Building the studio", || build(selection))?;
    console::step("Preparing the Python environment", || programs.prepare_python())?;
    if !options.headless {
        console::step("Preparing the crates of Rust cells", || programs.prepare_rust())?;
    }
    if options.headless {
        return quickstart(&programs, options);
    }
    if !window {
        println!(
            "There is no display here, so no window: the same studio is served on loopback. Open the second address."
        );
        return console::run(with_home(&programs.atelier, options).args(["serve", "--port", "0"]));
    }
    println!(
        "Opening the studio. Jobs and endpoints go on when the window closes; `{} stop` ends them.",
        programs.atelier.display()
    );
    console::run(&mut with_home(&programs.desktop, options))
}

fn quickstart(programs: &Programs, options: &Options) -> anyhow::Result<()> {
    let notebook = machine::root().join("notebooks/quickstart.ipynb");
    console::run(with_home(&programs.atelier, options).arg("run").arg(notebook))
}

fn with_home(program: &std::path::Path, options: &Options) -> Command {
    let mut command = Command::new(program);
    if let Some(home) = &options.home {
        command.env("ATELIER_HOME", home);
    }
    command
}
