//! What an environment's folder says about it, read from files: no program of it is started.

use std::fs;
use std::path::{Path, PathBuf};

pub fn python_in(dir: &Path) -> PathBuf {
    if cfg!(windows) { dir.join("Scripts/python.exe") } else { dir.join("bin/python") }
}

/// Its first folder of installed packages.
pub fn site_packages(dir: &Path) -> Option<PathBuf> {
    package_folders(dir).into_iter().next()
}

/// The folders in which its packages may be: Debian has two kinds.
pub fn package_folders(dir: &Path) -> Vec<PathBuf> {
    let mut found = vec![dir.join("Lib/site-packages")];
    for lib in [dir.join("lib"), dir.join("lib64"), dir.join("local/lib")] {
        let mut versions: Vec<PathBuf> =
            fs::read_dir(lib).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
        versions.retain(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("python")));
        versions.sort();
        found
            .extend(versions.iter().flat_map(|version| [version.join("site-packages"), version.join("dist-packages")]));
    }
    found.retain(|path| path.is_dir());
    let mut seen = Vec::new();
    found.retain(|path| {
        let real = path.canonicalize().unwrap_or_else(|_| path.clone());
        let new = !seen.contains(&real);
        seen.push(real);
        new
    });
    found
}

/// Whether a kernel can start in it.
pub fn has_kernel(dir: &Path) -> bool {
    package_folders(dir).iter().any(|folder| folder.join("ipykernel/__init__.py").is_file())
}

pub fn is_venv(dir: &Path) -> bool {
    dir.join("pyvenv.cfg").is_file() && python_in(dir).exists()
}

pub fn is_conda(dir: &Path) -> bool {
    dir.join("conda-meta").is_dir() && python_in(dir).exists()
}

/// `3.11.7`, or `3.11` where only that is written down; empty where nothing is.
pub fn version(dir: &Path) -> String {
    let configured = fs::read_to_string(dir.join("pyvenv.cfg")).unwrap_or_default();
    let value = |key: &str| {
        configured
            .lines()
            .filter_map(|line| line.split_once('='))
            .find(|(name, _)| name.trim() == key)
            .map(|(_, value)| value.trim().to_owned())
    };
    if let Some(version) = value("version_info").or_else(|| value("version")) {
        return version.split('.').take(3).collect::<Vec<_>>().join(".");
    }
    let conda = fs::read_dir(dir.join("conda-meta")).into_iter().flatten().flatten().find_map(|entry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        let rest = name.strip_prefix("python-")?.strip_suffix(".json")?;
        let (version, _) = rest.split_once('-')?;
        version.starts_with(|first: char| first.is_ascii_digit()).then(|| version.to_owned())
    });
    conda.or_else(|| lib_version(dir)).unwrap_or_default()
}

/// From the name of `lib/python3.11`, which the interpreter links to.
fn lib_version(dir: &Path) -> Option<String> {
    let target = python_in(dir).canonicalize().ok()?;
    let name = target.file_name()?.to_string_lossy().into_owned();
    name.strip_prefix("python").filter(|rest| rest.contains('.')).map(str::to_owned)
}
