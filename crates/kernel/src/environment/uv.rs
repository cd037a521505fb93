//! uv: where it is, and what it may do.

use super::bundled::data_dir;
use super::python::python_in;
use super::task::{Stop, run};
use crate::KernelError;
use std::path::{Path, PathBuf};
use std::process::Command;

/// `$ATELIER_UV`, then `PATH`, then our own copy, which is installed by pip when there is none.
pub fn uv(progress: &dyn Fn(&str)) -> Result<PathBuf, KernelError> {
    if let Some(named) = std::env::var_os("ATELIER_UV") {
        return Ok(PathBuf::from(named));
    }
    let tools = data_dir().join("tools");
    let own = tools.join("bin/uv");
    if let Ok(found) = which::which("uv") {
        return Ok(found);
    }
    if own.is_file() {
        return Ok(own);
    }
    progress("Installing uv, which makes the Python environment");
    let stop = Stop::default();
    let no_uv = |_| KernelError::NoUv { hint: "on Debian: apt-get install python3-venv".to_owned() };
    run(Command::new("python3").args(["-m", "venv"]).arg(&tools), &stop, progress).map_err(no_uv)?;
    run(
        Command::new(python_in(&tools)).args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "uv"]),
        &stop,
        progress,
    )?;
    Ok(own)
}

/// uv in a folder, free of the environment that the backend was started in. Python itself comes from the system:
/// nothing is fetched but packages.
pub fn command(uv: &Path, folder: &Path) -> Command {
    let mut command = Command::new(uv);
    command.current_dir(folder);
    command.env("UV_PYTHON_DOWNLOADS", "never").env("UV_PYTHON_PREFERENCE", "only-system").env("UV_NO_PROGRESS", "1");
    for name in
        ["VIRTUAL_ENV", "CONDA_PREFIX", "PYTHONPATH", "PYTHONHOME", "UV_PROJECT_ENVIRONMENT", "UV_SYSTEM_PYTHON"]
    {
        command.env_remove(name);
    }
    command
}
