//! The programs that the build makes, where they lie, and what they need around them.

use crate::{console, machine, ui};
use anyhow::{Context as _, bail};
use std::path::PathBuf;
use std::process::Command;

/// Paths of everything built.
pub struct Programs {
    pub target: PathBuf,
    pub atelier: PathBuf,
    pub desktop: PathBuf,
    pub rust_kernel: PathBuf,
    pub ui: PathBuf,
}

/// What cargo is to build.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Selection {
    /// The programs without the desktop shell, which needs WebKit.
    Headless,
    /// All programs. A choice of packages would give some dependency other features than the tests have, and compile
    /// Polars a second time.
    Programs,
    /// Programs and tests.
    Everything,
}

impl Selection {
    fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Headless => {
                &["-p", "atelier", "-p", "atelier-algorithms", "-p", "atelier-rust-kernel", "-p", "atelier-bridge"]
            }
            Self::Programs => &["--workspace"],
            Self::Everything => &["--workspace", "--all-targets"],
        }
    }
}

/// Builds the selection and the window's code side by side: each has stretches that use one core only.
pub fn build(selection: Selection) -> anyhow::Result<Programs> {
    let target = target_dir();
    let own = std::env::current_exe().context("where this program lies is unknown")?;
    let built = std::thread::scope(|scope| {
        let window = scope.spawn(|| {
            let mut command = Command::new(own);
            command.args(["ui", "--small"]).current_dir(machine::root());
            console::watch(&mut command, "    ui | ", |_| ())
        });
        let mut cargo = cargo();
        cargo.arg("build").arg("--locked").args(selection.arguments());
        let programs = console::run(&mut cargo);
        let window = window.join().map_err(|_| anyhow::anyhow!("the window's build panicked"));
        programs.and_then(|()| window?)
    })?;
    if !built {
        bail!("the window's code could not be built; its messages are above, behind `ui |`");
    }
    Ok(Programs {
        atelier: target.join("debug").join(program("atelier")),
        desktop: target.join("debug").join(program("atelier-desktop")),
        rust_kernel: target.join("debug").join(program("atelier-rust-kernel")),
        ui: ui::folder(),
        target,
    })
}

impl Programs {
    /// Links the crates that Rust cells use without asking, once per build of them: half a minute.
    pub fn prepare_rust(&self) -> anyhow::Result<()> {
        console::run(Command::new(&self.rust_kernel).arg("--prepare"))
    }

    /// Makes the shared Python environment, once; minutes the first time.
    pub fn prepare_python(&self) -> anyhow::Result<()> {
        console::run(Command::new(&self.atelier).arg("prepare"))
    }
}

/// Cargo as the user called it, in the repository's folder.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(machine::root());
    // Set by the outer cargo for this program, and wrong for any other: a build script that looks at one of them (ring's
    // does) would run again, and all that stands on it be compiled again, whenever cargo is called another way.
    let own = |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(own)) {
        command.env_remove(name);
    }
    command
}

pub fn target_dir() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => machine::root().join(folder),
        None => machine::root().join("target"),
    }
}

fn program(name: &str) -> String {
    format!("{name}{}", std::env::consts::EXE_SUFFIX)
}
