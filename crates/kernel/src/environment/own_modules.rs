//! Our Python modules: in the environments that we make, and in a folder beside those that we only use.

use super::python::site_packages;
use crate::KernelError;
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};

macro_rules! module {
    ($name:literal) => {
        ($name, include_str!(concat!("../../../../assets/python/", $name)))
    };
}

/// Makes every program of the environment import `atelier_bridge` first.
const HOOK: (&str, &str) = module!("atelier_bridge.pth");
const MODULES: [(&str, &str); 7] = [
    module!("atelier_bridge.py"),
    module!("atelier/__init__.py"),
    module!("atelier/_arrays.py"),
    module!("atelier/_arrow.py"),
    module!("atelier/_folder.py"),
    module!("atelier/_tables.py"),
    module!("atelier/_transfer.py"),
];
const VARIABLES: (&str, &str) = module!("atelier/_variables.py");
const START: (&str, &str) = module!("start_kernel.py");

/// Puts them into site-packages where they are missing or of another version.
pub fn write_modules(dir: &Path) -> Result<(), KernelError> {
    let packages = site_packages(dir).ok_or_else(|| KernelError::Environment("it has no site-packages".to_owned()))?;
    // The hook last: it imports the others.
    write(&packages, MODULES.iter().chain([&VARIABLES, &HOOK]))
}

/// The folder with our modules and `start_kernel.py`, for environments that belong to somebody else. Named after its
/// content, so that running kernels keep theirs.
pub fn beside(envs_dir: &Path) -> Result<PathBuf, KernelError> {
    let all = || MODULES.iter().chain([&VARIABLES, &START]);
    let mut digest = Sha256::new();
    all().for_each(|(name, text)| digest.update(format!("{name}\0{text}\0")));
    let dir = envs_dir.join(format!("modules-{}", hex::encode(&digest.finalize()[..4])));
    write(&dir, all())?;
    Ok(dir)
}

fn write<'a>(dir: &Path, files: impl Iterator<Item = &'a (&'a str, &'a str)>) -> Result<(), KernelError> {
    fs::create_dir_all(dir.join("atelier")).map_err(KernelError::io(format!("making {}", dir.display())))?;
    for (name, text) in files {
        let path = dir.join(name);
        if !fs::read(&path).is_ok_and(|found| found == text.as_bytes()) {
            crate::disk::replace(&path, text.as_bytes())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_module_is_shipped() {
        let mut shipped: Vec<&str> = MODULES.iter().chain([&VARIABLES, &START, &HOOK]).map(|(name, _)| *name).collect();
        shipped.push("run_function.py"); // crate::function brings it along
        let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/python");
        for entry in walkdir::WalkDir::new(&assets).into_iter().flatten() {
            let name = entry.path().strip_prefix(&assets).unwrap().to_string_lossy().into_owned();
            if name.ends_with(".py") || name.ends_with(".pth") {
                assert!(shipped.contains(&name.as_str()), "{name}");
            }
        }
    }

    #[test]
    fn the_folder_beside_keeps_its_name() {
        let envs = tempfile::tempdir().unwrap();
        let dir = beside(envs.path()).unwrap();
        assert_eq!(dir, beside(envs.path()).unwrap());
        assert!(dir.join("start_kernel.py").is_file() && dir.join("atelier/_folder.py").is_file());
    }
}
