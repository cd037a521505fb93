//! The data-science environment: made once by uv, shared by all homes of a user, because it takes 1 GB.
//!
//! Its folder's name holds a hash of its recipe, so that a newer Atelier makes a new one beside the old one and
//! running kernels keep theirs. It counts as ready once the marker file stands in it, which is written last.

use super::own_modules::write_modules;
use super::python::{python_in, site_packages};
use super::task::{Stop, run};
use super::uv::{self, uv};
use crate::KernelError;
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const REQUIREMENTS: &str = include_str!("../../../../assets/environments/data-science.txt");
const MARKER: &str = "atelier-ready";
/// What the pinned packages run on.
const PYTHON_VERSIONS: &str = ">=3.10,<3.14";
/// Imported once at the end, so that byte code and font caches exist before the first notebook asks for them.
const WARM_UP: &str = "import matplotlib.pyplot, pandas, polars, pyarrow, sagemaker, sklearn.datasets, xgboost, IPython, ipykernel.kernelapp";

/// A Python environment that is ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    pub dir: PathBuf,
    pub python: PathBuf,
    /// `libxgboost` of the `xgboost-cpu` wheel, which `atelier-algorithm` loads.
    pub xgboost_library: PathBuf,
}

impl Environment {
    /// What a program running in this environment has set, as if it had been activated.
    pub fn variables(&self) -> Vec<(String, String)> {
        let programs = self.python.parent().unwrap_or(&self.dir).to_owned();
        let rest = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths([programs].into_iter().chain(std::env::split_paths(&rest))).unwrap_or(rest);
        let text = |value: &std::ffi::OsStr| value.to_string_lossy().into_owned();
        vec![
            ("PATH".to_owned(), text(&path)),
            ("VIRTUAL_ENV".to_owned(), text(self.dir.as_os_str())),
            // The SDK's version 2 says at every import that there is a version 3.
            ("SAGEMAKER_SUPPRESS_V2_WARNING".to_owned(), "1".to_owned()),
        ]
    }
}

/// `$ATELIER_ENVS`, else `envs` in the platform's data directory for Atelier.
pub fn default_dir() -> PathBuf {
    std::env::var_os("ATELIER_ENVS").map(PathBuf::from).unwrap_or_else(|| data_dir().join("envs"))
}

/// `$XDG_DATA_HOME/atelier` or `~/.local/share/atelier`; `~/Library/Application Support/atelier` on macOS.
pub fn data_dir() -> PathBuf {
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_else(std::env::temp_dir);
    let base = match std::env::var_os("XDG_DATA_HOME").map(PathBuf::from).filter(|path| path.is_absolute()) {
        Some(path) => path,
        None if cfg!(target_os = "macos") => home.join("Library/Application Support"),
        None => home.join(".local/share"),
    };
    base.join("atelier")
}

/// The environment, if it is ready.
pub fn find(envs_dir: &Path) -> Option<Environment> {
    let dir = envs_dir.join(folder_name());
    if !dir.join(MARKER).is_file() {
        return None;
    }
    describe(&dir)
}

/// Makes the environment unless it is ready. Blocks for minutes the first time; `progress` gets a line at a time.
/// Two processes that ask at once make it once.
pub fn ensure(envs_dir: &Path, progress: &dyn Fn(&str)) -> Result<Environment, KernelError> {
    if let Some(ready) = find(envs_dir) {
        write_modules(&ready.dir)?;
        return Ok(ready);
    }
    fs::create_dir_all(envs_dir).map_err(KernelError::io(format!("making {}", envs_dir.display())))?;
    let lock_path = envs_dir.join(format!("{}.lock", folder_name()));
    let lock = fs::File::create(&lock_path).map_err(KernelError::io(format!("opening {}", lock_path.display())))?;
    if lock.try_lock().is_err() {
        progress("Another process is making the Python environment; waiting for it");
        lock.lock().map_err(KernelError::io("waiting for the Python environment"))?;
    }
    if let Some(ready) = find(envs_dir) {
        return Ok(ready);
    }
    make(&envs_dir.join(folder_name()), progress)
}

fn make(dir: &Path, progress: &dyn Fn(&str)) -> Result<Environment, KernelError> {
    let uv = uv(progress)?;
    let stop = Stop::default();
    let folder = dir.parent().unwrap_or(dir);
    let uv = || {
        let mut command = uv::command(&uv, folder);
        // The same everywhere, whatever the user configured for projects.
        command.env("UV_NO_CONFIG", "1");
        command
    };
    progress("Making the Python environment (once; some minutes)");
    // Seeded: `%pip install` in a notebook needs pip.
    run(uv().args(["venv", "--clear", "--seed", "--python", PYTHON_VERSIONS]).arg(dir), &stop, progress)?;
    let recipe = dir.join("requirements.txt");
    fs::write(&recipe, REQUIREMENTS).map_err(KernelError::io(format!("writing {}", recipe.display())))?;
    progress("Installing the data-science packages");
    run(
        uv().args(["pip", "install", "--compile-bytecode", "--python"]).arg(python_in(dir)).arg("-r").arg(&recipe),
        &stop,
        progress,
    )?;
    write_modules(dir)?;
    let ready = describe(dir)
        .ok_or_else(|| KernelError::Environment("the xgboost-cpu package brought no libxgboost".to_owned()))?;
    progress("Starting Python for the first time");
    run(Command::new(&ready.python).args(["-c", WARM_UP]).envs(ready.variables()), &stop, &|_| ())?;
    let marker = dir.join(MARKER);
    fs::write(&marker, "").map_err(KernelError::io(format!("writing {}", marker.display())))?;
    progress("The Python environment is ready");
    Ok(ready)
}

/// Where it is, or will be.
pub fn folder(envs_dir: &Path) -> PathBuf {
    envs_dir.join(folder_name())
}

fn folder_name() -> String {
    format!("data-science-{}", hex::encode(&Sha256::digest(REQUIREMENTS)[..4]))
}

fn describe(dir: &Path) -> Option<Environment> {
    let python = python_in(dir);
    let libraries = site_packages(dir)?.join("xgboost/lib");
    let xgboost_library = ["libxgboost.so", "libxgboost.dylib"]
        .iter()
        .map(|name| libraries.join(name))
        .chain([site_packages(dir)?.join("xgboost/lib/xgboost.dll")])
        .find(|path| path.is_file())?;
    python.exists().then(|| Environment { dir: dir.to_owned(), python, xgboost_library })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The environment that the other tests run on; made here when it is missing.
    #[test]
    fn ready_environment_is_found_again() {
        let dir = default_dir();
        let made = ensure(&dir, &|line| println!("{line}")).unwrap();
        assert!(made.python.exists() && made.xgboost_library.exists());
        assert_eq!(find(&dir), Some(made));
    }

    #[test]
    fn nothing_is_found_where_nothing_is() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(find(dir.path()), None);
    }

    #[test]
    fn pins_leave_nothing_open() {
        for line in REQUIREMENTS.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
            assert!(line.contains("==") && !line.contains("://"), "{line}");
        }
    }
}
