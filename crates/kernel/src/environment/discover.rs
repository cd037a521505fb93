//! Which environments there are.

use super::bundled;
use super::project::{Project, short_hash};
use super::python::{has_kernel, is_conda, is_venv, python_in, version};
use atelier_wire::studio::environment::{Environment, EnvironmentKind, Environments};
use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};

/// What the kernelspecs' names begin with.
pub(super) const PREFIX: &str = "env-";
/// How far below and above the workspace projects are looked for, and in how many folders at most.
const DEPTH: usize = 3;
const MOST_FOLDERS: usize = 3000;
const NOT_PROJECTS: [&str; 5] = ["node_modules", "__pycache__", "site-packages", "target", "build"];

/// An environment that is there, or that can be made.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The kernelspec's name.
    pub kernel: String,
    pub name: String,
    pub kind: EnvironmentKind,
    /// The project's file, or the environment's folder.
    pub origin: PathBuf,
    /// The environment's folder; for the system's Python its prefix.
    pub dir: PathBuf,
    pub python: PathBuf,
    pub version: String,
    pub is_ready: bool,
    pub has_kernel: bool,
    pub(super) project: Option<Project>,
}

/// As the window shows it.
pub fn list(workspace: &Path, envs_dir: &Path) -> Environments {
    let shown = |found: Found| Environment {
        kernel: found.kernel,
        name: found.name,
        kind: found.kind,
        origin: found.origin.to_string_lossy().into_owned(),
        python: found.version,
        is_ready: found.is_ready,
        has_kernel: found.has_kernel,
    };
    Environments { environments: found(workspace, envs_dir).into_iter().map(shown).collect() }
}

/// The bundled one first, then those of the workspace, of the projects that it is a part of, the rest of this user's, the system's.
pub fn found(workspace: &Path, envs_dir: &Path) -> Vec<Found> {
    let mut all = vec![bundled(envs_dir)];
    all.extend(of_workspace(workspace, envs_dir));
    all.extend(above(workspace, envs_dir));
    let variable = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    all.extend(variable("VIRTUAL_ENV").filter(|dir| is_venv(dir)).map(|dir| venv(&dir)));
    all.extend(conda());
    all.extend(system());
    let mut seen: Vec<PathBuf> = Vec::new();
    all.retain(|found| {
        let real = found.dir.canonicalize().unwrap_or_else(|_| found.dir.clone());
        let is_new = !seen.contains(&real);
        seen.push(real);
        is_new
    });
    all
}

/// The environment of the project in a folder, if it is there already.
pub fn of_folder(folder: &Path, envs_dir: &Path) -> Option<Found> {
    let project = Project::read(folder, envs_dir).map(of_project).filter(|found| found.is_ready);
    project.or_else(|| Some(folder.join(".venv")).filter(|dir| is_venv(dir)).map(|dir| venv(&dir)))
}

fn bundled(envs_dir: &Path) -> Found {
    let dir = bundled::folder(envs_dir);
    let is_ready = bundled::find(envs_dir).is_some();
    Found {
        kernel: crate::kernelspec::PYTHON.to_owned(),
        name: "data science".to_owned(),
        kind: EnvironmentKind::Bundled,
        origin: dir.clone(),
        python: python_in(&dir),
        version: version(&dir),
        is_ready,
        has_kernel: is_ready,
        project: None,
        dir,
    }
}

fn there(dir: &Path, kind: EnvironmentKind, name: String) -> Found {
    Found {
        kernel: format!("{PREFIX}{}", short_hash(dir)),
        name,
        kind,
        origin: dir.to_owned(),
        dir: dir.to_owned(),
        python: python_in(dir),
        version: version(dir),
        is_ready: true,
        has_kernel: has_kernel(dir),
        project: None,
    }
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

fn venv(dir: &Path) -> Found {
    let folder = dir.parent().map(name_of).unwrap_or_default();
    there(dir, EnvironmentKind::Venv, format!("{folder} ({})", name_of(dir)))
}

fn of_project(project: Project) -> Found {
    let name = format!("{} ({})", name_of(&project.folder), name_of(&project.file));
    let is_ready = project.is_ready();
    Found {
        origin: project.file.clone(),
        version: if is_ready { version(&project.dir) } else { String::new() },
        is_ready,
        has_kernel: is_ready && has_kernel(&project.dir),
        project: Some(project.clone()),
        ..there(&project.dir, EnvironmentKind::Project, name)
    }
}

/// Breadth first, so that what is near is found where there is a lot. Links are not followed.
fn of_workspace(workspace: &Path, envs_dir: &Path) -> Vec<Found> {
    let mut found = Vec::new();
    let Ok(root) = workspace.canonicalize() else { return found };
    let mut queue = VecDeque::from([(root, 0)]);
    let mut looked = 0;
    while let Some((folder, depth)) = queue.pop_front() {
        looked += 1;
        if looked > MOST_FOLDERS {
            break;
        }
        found.extend(Project::read(&folder, envs_dir).map(of_project));
        let mut inner: Vec<PathBuf> = Vec::new();
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            // An environment may be a link to a folder elsewhere.
            if path.join("pyvenv.cfg").is_file() {
                found.extend(is_venv(&path).then(|| venv(&path)));
            } else if path.join("conda-meta").is_dir() {
                found.extend(
                    is_conda(&path).then(|| there(&path, EnvironmentKind::Conda, format!("conda: {}", name_of(&path)))),
                );
            } else if depth < DEPTH && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                let name = name_of(&path);
                if !name.starts_with('.') && !NOT_PROJECTS.contains(&name.as_str()) {
                    inner.push(path);
                }
            }
        }
        inner.sort();
        queue.extend(inner.into_iter().map(|path| (path, depth + 1)));
    }
    found
}

/// The environments of the folders that the workspace lies in, as far as they belong to the same user: a project's
/// notebooks often have a folder of their own.
fn above(workspace: &Path, envs_dir: &Path) -> Vec<Found> {
    let owner = |folder: &Path| fs::metadata(folder).ok().map(|found| std::os::unix::fs::MetadataExt::uid(&found));
    let Ok(root) = workspace.canonicalize() else { return Vec::new() };
    let mut found = Vec::new();
    for folder in root.ancestors().skip(1).take(DEPTH).take_while(|folder| owner(folder) == owner(&root)) {
        found.extend(Project::read(folder, envs_dir).map(of_project));
        let dirs = [".venv", "venv"].map(|name| folder.join(name));
        found.extend(dirs.iter().filter(|dir| is_venv(dir)).map(|dir| venv(dir)));
    }
    found
}

/// What conda itself wrote down, what is active, and where installers put it.
fn conda() -> Vec<Found> {
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let mut roots: Vec<PathBuf> = ["miniconda3", "anaconda3", "miniforge3", "mambaforge", "micromamba", ".conda"]
        .map(|name| home.join(name))
        .to_vec();
    roots.extend(["/opt/conda", "/opt/miniconda3", "/opt/anaconda3"].map(PathBuf::from));
    roots.extend(std::env::var_os("CONDA_PREFIX").map(PathBuf::from));
    roots.extend(std::env::var_os("MAMBA_ROOT_PREFIX").map(PathBuf::from));
    let written = fs::read_to_string(home.join(".conda/environments.txt")).unwrap_or_default();
    roots.extend(written.lines().map(|line| PathBuf::from(line.trim())));
    let mut found = Vec::new();
    for root in roots.into_iter().filter(|root| root.is_absolute()) {
        let mut inner: Vec<PathBuf> =
            fs::read_dir(root.join("envs")).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
        inner.sort();
        for dir in [root].into_iter().chain(inner).filter(|dir| is_conda(dir)) {
            let is_root = dir.join("condabin").is_dir() || dir.join("envs").is_dir();
            let name = if is_root { "base".to_owned() } else { name_of(&dir) };
            found.push(there(&dir, EnvironmentKind::Conda, format!("conda: {name}")));
        }
    }
    found
}

/// The Python that a terminal has outside of any environment.
fn system() -> Option<Found> {
    which::which_all("python3").ok()?.find_map(|python| {
        let dir = python.parent()?.parent()?.to_owned();
        let real = python.canonicalize().ok()?;
        let number = name_of(&real).strip_prefix("python")?.to_owned();
        let is_environment = dir.join("pyvenv.cfg").exists() || dir.join("conda-meta").exists();
        let is_whole = dir.join("lib").join(format!("python{number}")).is_dir();
        (!is_environment && is_whole).then(|| Found {
            python,
            version: number,
            ..there(&dir, EnvironmentKind::System, "system".to_owned())
        })
    })
}
