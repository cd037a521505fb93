//! What this machine must have before anything is built, and how it gets there. Debian's packages are installed
//! when that needs no password; otherwise the one command to type is named.

use crate::console;
use anyhow::{Context as _, bail};
use std::path::Path;
use std::process::{Command, Stdio};

/// How to see whether something is there, and the Debian packages that bring it.
struct Need {
    probe: Probe,
    packages: &'static [&'static str],
    why: &'static str,
}

enum Probe {
    Program(&'static str),
    /// A pkg-config module.
    Library(&'static str),
    /// Some compiler for wasm32: rustup's target or Debian's.
    Wasm,
    /// `python3 -m venv` works.
    Venv,
}

const BUILD: &[Need] = &[
    Need { probe: Probe::Program("cc"), packages: &["build-essential"], why: "the linker and SQLite" },
    Need { probe: Probe::Program("pkg-config"), packages: &["pkg-config"], why: "finding libraries" },
    Need { probe: Probe::Program("npm"), packages: &["nodejs", "npm"], why: "the editor in the notebook" },
    Need {
        probe: Probe::Wasm,
        packages: &["rustc-web", "cargo-web", "rust-web-src"],
        why: "compiling the window to WebAssembly",
    },
    Need { probe: Probe::Program("python3"), packages: &["python3"], why: "notebooks" },
    Need { probe: Probe::Venv, packages: &["python3-venv"], why: "making the Python environment" },
];

const WINDOW: &[Need] =
    &[Need { probe: Probe::Library("webkit2gtk-4.1"), packages: &["libwebkit2gtk-4.1-dev"], why: "the studio window" }];

const TESTS: &[Need] = &[
    Need { probe: Probe::Program("Xvfb"), packages: &["xvfb"], why: "a display for the window tests" },
    Need { probe: Probe::Program("WebKitWebDriver"), packages: &["webkit2gtk-driver"], why: "driving the window" },
    Need { probe: Probe::Program("chromium"), packages: &["chromium"], why: "the browser tests" },
    Need { probe: Probe::Program("chromedriver"), packages: &["chromium-driver"], why: "driving the browser" },
];

const BENCH: &[Need] = &[Need { probe: Probe::Program("wrk"), packages: &["wrk"], why: "loading the endpoints" }];

/// What is about to be done.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Run { window: bool },
    Test,
    Bench,
}

/// Makes sure that everything needed is there, or says what is missing and how to get it.
pub fn prepare(purpose: Purpose) -> anyhow::Result<()> {
    let mut needs: Vec<&Need> = BUILD.iter().collect();
    if purpose != (Purpose::Run { window: false }) {
        needs.extend(WINDOW);
    }
    match purpose {
        Purpose::Run { .. } => {}
        Purpose::Test => needs.extend(TESTS),
        Purpose::Bench => needs.extend(BENCH.iter().chain(&TESTS[..1])),
    }
    let missing: Vec<&Need> = needs.into_iter().filter(|need| !need.probe.holds()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let mut packages = Vec::new();
    for need in &missing {
        println!("    missing: {} ({})", need.packages.join(" "), need.why);
        packages.extend_from_slice(need.packages);
    }
    install(&packages)?;
    if let Some(still) = missing.iter().find(|need| !need.probe.holds()) {
        bail!("{} is still missing after its installation; it is needed for {}", still.packages.join(" "), still.why);
    }
    Ok(())
}

fn install(packages: &[&str]) -> anyhow::Result<()> {
    let by_hand = format!("apt-get install {}", packages.join(" "));
    if !on_path("apt-get") {
        bail!("install what is missing with this system's package manager (on Debian: {by_hand})");
    }
    let Some(mut prefix) = privilege() else {
        bail!("what is missing needs an administrator. Run:\n\n    sudo {by_hand}\n\nand start again");
    };
    // Package lists are absent in a fresh container.
    let _ = console::watch(apt(&mut prefix.clone()).arg("update").arg("-qq"), "    apt | ", |_| ());
    let mut command = apt(&mut prefix);
    command.args(["install", "-y", "-qq", "--no-install-recommends"]).args(packages);
    if !console::watch(&mut command, "    apt | ", |_| ())? {
        bail!("the packages could not be installed. Try by hand:\n\n    sudo {by_hand}");
    }
    Ok(())
}

fn apt(prefix: &mut Vec<String>) -> Command {
    prefix.extend(["env".to_owned(), "DEBIAN_FRONTEND=noninteractive".to_owned(), "apt-get".to_owned()]);
    let mut command = Command::new(&prefix[0]);
    command.args(&prefix[1..]);
    command
}

/// How to act as root without asking for a password; `None` where that is not possible.
fn privilege() -> Option<Vec<String>> {
    if succeeds(Command::new("sh").args(["-c", "test \"$(id -u)\" = 0"])) {
        return Some(Vec::new());
    }
    succeeds(Command::new("sudo").args(["-n", "true"])).then(|| vec!["sudo".to_owned(), "-n".to_owned()])
}

impl Probe {
    fn holds(&self) -> bool {
        match self {
            Self::Program(name) => on_path(name),
            Self::Library(name) => succeeds(Command::new("pkg-config").args(["--exists", name])),
            Self::Wasm => crate::ui::can_compile(),
            Self::Venv => succeeds(Command::new("python3").args(["-c", "import venv, ensurepip"])),
        }
    }
}

pub fn on_path(program: &str) -> bool {
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(program).is_file()))
}

/// Whether a window can be shown here.
pub fn has_display() -> bool {
    if cfg!(any(windows, target_os = "macos")) {
        return true;
    }
    ["WAYLAND_DISPLAY", "DISPLAY"].iter().any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// What the compiler builds for, such as `x86_64-unknown-linux-gnu`.
pub fn host() -> anyhow::Result<String> {
    let said = Command::new("rustc").arg("-vV").output().context("rustc could not be started")?.stdout;
    let said = String::from_utf8_lossy(&said).into_owned();
    Ok(said.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc -vV names no host")?.to_owned())
}

/// The repository's folder.
pub fn root() -> &'static Path {
    // Without `..`: programs under it know themselves by the plain path.
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the repository's root")
}
