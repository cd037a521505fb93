//! The Rust toolchain of this machine.

use std::path::{Path, PathBuf};
use std::process::Command;

#[derive(Clone, Debug)]
pub struct Toolchain {
    pub rustc: PathBuf,
    pub cargo: Option<PathBuf>,
    pub sysroot: PathBuf,
    pub host: String,
    /// Where the dynamic standard library lies.
    pub libraries: PathBuf,
    pub version: String,
}

#[derive(Debug, thiserror::Error)]
pub enum Missing {
    #[error(
        "Rust cells need the Rust compiler, and there is no `rustc` on this machine.\n\
         Install it from https://rustup.rs, or with the system's packages (Debian: apt-get install rustc cargo), \
         and restart this kernel."
    )]
    Compiler,
    #[error(
        "Rust cells need a linker, and there is no `cc` on this machine.\nInstall one (Debian: apt-get install gcc) and restart this kernel."
    )]
    Linker,
    #[error("`{}` could not be asked about itself: {reason}", program.display())]
    Broken { program: PathBuf, reason: String },
}

impl Toolchain {
    pub fn find() -> Result<Self, Missing> {
        let rustc = find("rustc").ok_or(Missing::Compiler)?;
        which("cc").ok_or(Missing::Linker)?;
        let sysroot = PathBuf::from(ask(&rustc, &["--print", "sysroot"])?.trim());
        let about = ask(&rustc, &["-vV"])?;
        let host = about.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default().to_owned();
        // Asked directly, the compiler skips rustup's choice of a toolchain each time.
        let direct = sysroot.join("bin").join("rustc");
        let libraries = sysroot.join("lib/rustlib").join(&host).join("lib");
        Ok(Self {
            rustc: if direct.is_file() { direct } else { rustc },
            cargo: Some(sysroot.join("bin/cargo")).filter(|path| path.is_file()).or_else(|| find("cargo")),
            sysroot,
            host,
            libraries,
            version: about,
        })
    }

    /// The fastest linker at hand, as arguments for the compiler: the one that comes with the toolchain, or the system's.
    pub fn linker(&self) -> Vec<String> {
        let own = self.sysroot.join("lib/rustlib").join(&self.host).join("bin/gcc-ld");
        if own.join("ld.lld").is_file() {
            return vec![format!("-Clink-arg=-B{}", own.display()), "-Clink-arg=-fuse-ld=lld".to_owned()];
        }
        for linker in ["mold", "lld"] {
            if which(&format!("ld.{linker}")).is_some() {
                return vec![format!("-Clink-arg=-fuse-ld={linker}")];
            }
        }
        Vec::new()
    }

    /// The standard library's source, which completion needs; `None` where it is not installed.
    pub fn library_source(&self) -> Option<PathBuf> {
        let places =
            [self.sysroot.join("lib/rustlib/src/rust/library"), PathBuf::from("/usr/lib/rustlib/src/rust/library")];
        places.into_iter().find(|folder| folder.join("std/src/lib.rs").is_file())
    }
}

/// What an outer cargo, rustup or evcxr has set is meant for another program.
pub fn clean_environment(command: &mut Command) -> &mut Command {
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        let is_location =
            matches!(text.as_ref(), "CARGO_HOME" | "RUSTUP_HOME" | "RUSTUP_DIST_SERVER" | "RUSTUP_UPDATE_ROOT");
        let is_network = text.starts_with("CARGO_HTTP_")
            || text.starts_with("CARGO_NET_")
            || text.starts_with("CARGO_REGISTR")
            || text.starts_with("CARGO_SOURCE_");
        let is_foreign = ["CARGO", "RUSTC", "RUSTDOC", "EVCXR_", "RUSTFLAGS", "RUSTUP_"]
            .iter()
            .any(|prefix| text.starts_with(prefix));
        if is_foreign && !is_location && !is_network {
            command.env_remove(&name);
        }
    }
    command
}

fn ask(program: &Path, arguments: &[&str]) -> Result<String, Missing> {
    let broken = |reason: String| Missing::Broken { program: program.to_owned(), reason };
    let output = clean_environment(&mut Command::new(program))
        .args(arguments)
        .output()
        .map_err(|error| broken(error.to_string()))?;
    if !output.status.success() {
        return Err(broken(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
    }
    String::from_utf8(output.stdout).map_err(|error| broken(error.to_string()))
}

/// On the search path, or where rustup puts it: a program started from a desktop does not read shell profiles.
fn find(program: &str) -> Option<PathBuf> {
    let home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
    which(program).or_else(|| Some(home?.join("bin").join(program)).filter(|path| path.is_file()))
}

fn which(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|path| path.is_file())
}

/// Removes what [`clean_environment`] removes from this process, for libraries that start cargo by themselves.
///
/// # Safety
/// No other thread may run.
pub unsafe fn forget_foreign_environment() {
    let mut probe = Command::new("true");
    let names: Vec<_> = clean_environment(&mut probe)
        .get_envs()
        .filter(|(_, value)| value.is_none())
        .map(|(name, _)| name.to_owned())
        .collect();
    for name in names {
        // What evcxr tells its own children.
        let is_evcxr = name.to_string_lossy().starts_with("EVCXR_");
        if !is_evcxr {
            unsafe { std::env::remove_var(name) };
        }
    }
}
