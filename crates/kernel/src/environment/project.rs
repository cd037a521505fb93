//! The environments of projects: a folder with a `pyproject.toml` or a `requirements.txt`.
//!
//! A project that uv locks keeps its environment where uv keeps it, in `.venv` beside it. For others one is made in our
//! own folder, so that nothing is written into the project.

use super::own_modules::write_modules;
use super::python::python_in;
use super::task::{Stop, run};
use super::uv::{self, uv};
use crate::KernelError;
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};

const MARKER: &str = "atelier-ready";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    pub folder: PathBuf,
    /// `pyproject.toml` or `requirements.txt`.
    pub file: PathBuf,
    /// uv manages it: `uv sync`, `uv add`.
    pub is_locked: bool,
    /// Where its environment is, or will be.
    pub dir: PathBuf,
}

impl Project {
    /// The project in a folder, if there is one.
    pub fn read(folder: &Path, envs_dir: &Path) -> Option<Self> {
        let pyproject = folder.join("pyproject.toml");
        let names_packages = |text: String| text.lines().any(|line| line.trim_end() == "[project]");
        let file = if fs::read_to_string(&pyproject).is_ok_and(names_packages) {
            pyproject
        } else {
            Some(folder.join("requirements.txt")).filter(|file| file.is_file())?
        };
        let is_locked = file.ends_with("pyproject.toml") && folder.join("uv.lock").is_file();
        let dir =
            if is_locked { folder.join(".venv") } else { envs_dir.join(format!("project-{}", short_hash(&file))) };
        Some(Project { folder: folder.to_owned(), file, is_locked, dir })
    }

    pub fn is_ready(&self) -> bool {
        if self.is_locked { super::python::is_venv(&self.dir) } else { self.dir.join(MARKER).is_file() }
    }

    /// Makes the environment, or brings it up to date with the project's file.
    pub fn make(&self, stop: &Stop, progress: &dyn Fn(&str)) -> Result<(), KernelError> {
        let uv = uv(progress)?;
        let uv = || uv::command(&uv, &self.folder);
        if self.is_locked {
            progress("Installing what uv.lock names");
            return run(uv().args(["sync", "--frozen"]), stop, progress);
        }
        if !self.is_ready() {
            progress("Making the environment");
            // Seeded: `%pip install` in a notebook needs pip.
            run(uv().args(["venv", "--clear", "--seed"]).arg(&self.dir), stop, progress)?;
        }
        progress("Installing the packages");
        let mut install = uv();
        install
            .args(["pip", "install", "--python"])
            .arg(python_in(&self.dir))
            .arg("-r")
            .arg(&self.file)
            .arg("ipykernel");
        run(&mut install, stop, progress)?;
        write_modules(&self.dir)?;
        let marker = self.dir.join(MARKER);
        fs::write(&marker, "").map_err(KernelError::io(format!("writing {}", marker.display())))
    }
}

/// Eight hexadecimal digits that stay the same for a path.
pub fn short_hash(path: &Path) -> String {
    hex::encode(&Sha256::digest(path.as_os_str().as_encoded_bytes())[..4])
}
