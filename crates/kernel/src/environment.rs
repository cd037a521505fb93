//! The data-science environment: made once by uv, shared by all homes of a user.

use crate::KernelError;
use std::path::{Path, PathBuf};

/// A Python environment that is ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    pub dir: PathBuf,
    pub python: PathBuf,
    /// `libxgboost` of the `xgboost-cpu` wheel, which `atelier-algorithm` loads.
    pub xgboost_library: PathBuf,
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
    let _ = envs_dir;
    None
}

/// Makes the environment unless it is ready. Blocks for minutes the first time; `progress` gets a line at a time.
pub fn ensure(envs_dir: &Path, progress: &dyn Fn(&str)) -> Result<Environment, KernelError> {
    let _ = (envs_dir, progress);
    Err(KernelError::Environment("not built".to_owned()))
}
