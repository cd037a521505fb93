//! What is installed in an environment, read from what installers leave behind: no program is started.

use super::discover::found;
use super::python::package_folders;
use crate::KernelError;
use atelier_wire::studio::environment::{Package, Packages};
use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;

/// The packages of the environment that a kernelspec runs in, sorted by name.
pub fn packages(workspace: &Path, envs_dir: &Path, kernel: &str) -> Result<Packages, KernelError> {
    let all = found(workspace, envs_dir);
    let found = all
        .into_iter()
        .find(|found| found.kernel == kernel)
        .ok_or_else(|| KernelError::NoEnvironment(kernel.to_owned()))?;
    let mut packages = BTreeMap::new();
    for folder in package_folders(&found.dir) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            if let Some(package) = read(&entry.path()) {
                // The first folder is the one that Python looks into first.
                packages.entry(package.name.to_lowercase()).or_insert(package);
            }
        }
    }
    Ok(Packages { packages: packages.into_values().collect() })
}

/// `numpy-2.4.6.dist-info`: the name as its author writes it is inside, in METADATA.
fn read(path: &Path) -> Option<Package> {
    let folder = path.file_name()?.to_str()?;
    let (stem, metadata) = match folder.strip_suffix(".dist-info") {
        Some(stem) => (stem, path.join("METADATA")),
        None => {
            (folder.strip_suffix(".egg-info")?, if path.is_dir() { path.join("PKG-INFO") } else { path.to_owned() })
        }
    };
    let mut package = Package { name: String::new(), version: String::new() };
    if let Ok(file) = fs::File::open(metadata) {
        for line in BufReader::new(file).lines().map_while(Result::ok).take(200) {
            match line.split_once(": ") {
                Some(("Name", value)) => package.name = value.trim().to_owned(),
                Some(("Version", value)) => package.version = value.trim().to_owned(),
                _ if line.is_empty() => break,
                _ => {}
            }
        }
    }
    if package.name.is_empty() {
        let (name, version) = stem.split_once('-')?;
        package = Package { name: name.to_owned(), version: version.split("-py").next()?.to_owned() };
    }
    Some(package)
}
