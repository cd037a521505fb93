//! Python environments: which there are, what is in them, and how a notebook gets a package that it lacks.

use super::home::Done;
use crate::calls;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListEnvironments {}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Environments {
    pub environments: Vec<Environment>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Environment {
    /// The kernelspec that starts a kernel in it: `python3` for the bundled one, `env-<hash>` for others.
    pub kernel: String,
    /// As a person knows it: `data science`, `forecast (.venv)`, `conda: base`.
    pub name: String,
    pub kind: EnvironmentKind,
    /// The folder, or the project's file that it is made from.
    pub origin: String,
    /// `3.11.7`; empty where it is not made yet.
    pub python: String,
    pub is_ready: bool,
    /// Whether a kernel can start in it: it has ipykernel.
    pub has_kernel: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EnvironmentKind {
    /// Shipped with the studio.
    Bundled,
    /// Made from a `pyproject.toml` or `requirements.txt` of the workspace.
    Project,
    Venv,
    Conda,
    System,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ListPackages {
    pub kernel: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Packages {
    pub packages: Vec<Package>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Package {
    pub name: String,
    pub version: String,
}

/// Installs, or removes, packages in the environment of a kernelspec, or makes the environment for an empty list.
/// Returns at once; [`crate::Event::Task`] tells how it goes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChangePackages {
    pub kernel: String,
    /// As pip writes them: `lightgbm`, `numpy>=2`. Options (`--index-url`) are refused.
    pub install: Vec<String>,
    pub remove: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Started {
    /// The task's id in [`crate::Event::Task`].
    pub task: String,
}

/// Stops a task that still runs; what it had done so far stays. One that has ended is left as it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CancelTask {
    pub task: String,
}

/// Which package brings a module that an import did not find (`cv2` is in `opencv-python`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FindPackage {
    pub module: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FoundPackage {
    /// `None` for a module that belongs to no package anybody should install.
    pub package: Option<String>,
}

calls! {
    ListEnvironments => Environments,
    ListPackages => Packages,
    ChangePackages => Started,
    CancelTask => Done,
    FindPackage => FoundPackage,
}
