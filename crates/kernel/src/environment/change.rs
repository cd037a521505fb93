//! Installing and removing packages, and making environments, as one task that a person follows.

use super::bundled;
use super::discover::{Found, found};
use super::requirement;
use super::task::{Stop, run};
use super::uv::{self, uv};
use crate::KernelError;
use atelier_wire::studio::environment::{ChangePackages, EnvironmentKind};
use std::fs;
use std::path::{Path, PathBuf};

/// A change that was found possible.
#[derive(Clone, Debug)]
pub struct Change {
    /// `Installing lightgbm into data science`.
    pub title: String,
    pub environment: Found,
    install: Vec<String>,
    remove: Vec<String>,
    envs_dir: PathBuf,
}

/// Checks what is asked for. Nothing runs yet.
pub fn change(workspace: &Path, envs_dir: &Path, request: &ChangePackages) -> Result<Change, KernelError> {
    let all = found(workspace, envs_dir);
    let environment = all.into_iter().find(|found| found.kernel == request.kernel);
    let environment = environment.ok_or_else(|| KernelError::NoEnvironment(request.kernel.clone()))?;
    if environment.kind == EnvironmentKind::System {
        return Err(KernelError::Package(
            "The system's Python is left as it is. Make an environment for the project, for example with uv venv, or use the \
             data science environment."
                .to_owned(),
        ));
    }
    let install =
        request.install.iter().map(|text| requirement::check(text, workspace)).collect::<Result<Vec<_>, _>>()?;
    let remove = request.remove.iter().map(|text| requirement::check_name(text)).collect::<Result<Vec<_>, _>>()?;
    if remove.iter().any(|name| name.eq_ignore_ascii_case("ipykernel")) {
        return Err(KernelError::Package(
            "ipykernel is what kernels run on: without it none could start in this environment.".to_owned(),
        ));
    }
    let title = match (&install[..], &remove[..]) {
        ([], []) if environment.is_ready => format!("Updating {}", environment.name),
        ([], []) => format!("Making {}", environment.name),
        ([], remove) => format!("Removing {} from {}", shown(remove), environment.name),
        (install, _) => format!("Installing {} into {}", shown(install), environment.name),
    };
    Ok(Change { title, environment, install, remove, envs_dir: envs_dir.to_owned() })
}

/// Makes the project's environment that goes by this kernelspec's name, unless it is ready. Other names are left alone.
/// Blocks.
pub fn ensure_project(
    workspace: &Path,
    envs_dir: &Path,
    kernel: &str,
    progress: &dyn Fn(&str),
) -> Result<(), KernelError> {
    // Only ours are looked for among the projects, which takes a while.
    if !kernel.starts_with(super::discover::PREFIX) {
        return Ok(());
    }
    let is_missing = |found: &Found| found.kernel == kernel && found.project.is_some() && !found.is_ready;
    if !found(workspace, envs_dir).iter().any(is_missing) {
        return Ok(());
    }
    let request = ChangePackages { kernel: kernel.to_owned(), install: Vec::new(), remove: Vec::new() };
    change(workspace, envs_dir, &request)?.run(&Stop::default(), progress)
}

fn shown(names: &[String]) -> String {
    let short: Vec<&str> = names.iter().map(|name| name.rsplit('/').next().unwrap_or(name)).collect();
    match &short[..] {
        [first, second, third, _, ..] => format!("{first}, {second}, {third} and {} more", short.len() - 3),
        all => all.join(", "),
    }
}

impl Change {
    /// Does it; blocks. `progress` gets a line at a time. One change of an environment goes at a time.
    pub fn run(&self, stop: &Stop, progress: &dyn Fn(&str)) -> Result<(), KernelError> {
        fs::create_dir_all(&self.envs_dir).map_err(KernelError::io(format!("making {}", self.envs_dir.display())))?;
        let lock_path = self.envs_dir.join(format!("{}.lock", self.environment.kernel));
        let lock = fs::File::create(&lock_path).map_err(KernelError::io(format!("opening {}", lock_path.display())))?;
        if lock.try_lock().is_err() {
            progress("Waiting for another change of this environment");
            lock.lock().map_err(KernelError::io("waiting for another change of this environment"))?;
        }
        stop.check()?;
        self.make(stop, progress)?;
        match &self.environment.project {
            Some(project) if project.is_locked => self.change_project(&project.folder, stop, progress),
            _ => self.change_packages(stop, progress),
        }
    }

    /// The environment itself: when it is missing, or when nothing else is asked for.
    fn make(&self, stop: &Stop, progress: &dyn Fn(&str)) -> Result<(), KernelError> {
        let nothing_else = self.install.is_empty() && self.remove.is_empty();
        if self.environment.is_ready && !nothing_else {
            return Ok(());
        }
        match (self.environment.kind, &self.environment.project) {
            (EnvironmentKind::Bundled, _) => bundled::ensure(&self.envs_dir, progress).map(|_| ()),
            (_, Some(project)) => project.make(stop, progress),
            _ => Ok(()),
        }
    }

    /// uv writes it into the project's files too, so that it is there for everybody who works on it.
    fn change_project(&self, folder: &Path, stop: &Stop, progress: &dyn Fn(&str)) -> Result<(), KernelError> {
        let uv = uv(progress)?;
        let (kernel, install): (Vec<&String>, Vec<&String>) =
            self.install.iter().partition(|text| *text == "ipykernel");
        if !self.remove.is_empty() {
            run(uv::command(&uv, folder).args(["remove", "--"]).args(&self.remove), stop, progress)?;
        }
        if !kernel.is_empty() {
            // A tool of those who work on it, not something that it needs.
            run(uv::command(&uv, folder).args(["add", "--dev", "--"]).args(kernel), stop, progress)?;
        }
        if !install.is_empty() {
            run(uv::command(&uv, folder).args(["add", "--"]).args(install), stop, progress)?;
        }
        Ok(())
    }

    fn change_packages(&self, stop: &Stop, progress: &dyn Fn(&str)) -> Result<(), KernelError> {
        if self.install.is_empty() && self.remove.is_empty() {
            return Ok(());
        }
        let uv = uv(progress)?;
        // Run where no project's configuration lies: a package is asked for, not what a folder wants of uv.
        let pip = |verb: &str| {
            let mut command = uv::command(&uv, &self.envs_dir);
            command.args(["pip", verb, "--python"]).arg(&self.environment.python);
            command
        };
        if !self.remove.is_empty() {
            run(pip("uninstall").arg("--").args(&self.remove), stop, progress)?;
        }
        if !self.install.is_empty() {
            run(pip("install").arg("--").args(&self.install), stop, progress)?;
        }
        Ok(())
    }
}
