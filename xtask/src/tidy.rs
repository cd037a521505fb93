//! `cargo xtask tidy`: the rules of the code base that no compiler knows. All problems are printed, each with what to
//! do about it.

mod format;
mod layers;
mod licences;
pub mod packages;
mod text;

pub use licences::allowed as allows;

use crate::machine;
use anyhow::{Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// # Errors
/// Something is untidy, or cargo or git cannot be asked.
pub fn run() -> Result<()> {
    let root = machine::root();
    let workspaces = packages::read_all(root)?;
    let files = tracked(root)?;
    let mut problems = licences::check(&workspaces);
    problems.extend(layers::check(&workspaces));
    problems.extend(text::check(root, &files));
    problems.extend(format::check(root)?);
    problems.extend(described(root, &workspaces));
    problems.extend(crate::codegen::check_fresh().err().map(|stale| stale.to_string()));
    problems.extend(crate::notices::check_fresh(root, &workspaces).err().map(|stale| stale.to_string()));
    if problems.is_empty() {
        println!(
            "tidy: {} files and {} packages",
            files.len(),
            workspaces.iter().map(|w| w.packages.len()).sum::<usize>()
        );
        return Ok(());
    }
    for problem in &problems {
        eprintln!("untidy: {problem}");
    }
    bail!("{} untidy {}", problems.len(), if problems.len() == 1 { "place" } else { "places" })
}

/// Every folder with a crate stands in the map.
fn described(root: &Path, workspaces: &[packages::Workspace]) -> Vec<String> {
    let map = std::fs::read_to_string(root.join("docs/architecture.md")).unwrap_or_default();
    let folders = workspaces.iter().flat_map(|w| w.members()).map(|p| p.folder.clone());
    let mut missing: Vec<String> = folders
        .filter(|folder| !map.contains(&format!("{folder}/")) && !map.contains(&format!("`{folder}`")))
        .map(|folder| format!("docs/architecture.md does not name `{folder}`: say there what the crate is for"))
        .collect();
    missing.sort();
    missing.dedup();
    missing
}

/// Files that git tracks or would: new ones count, ignored ones do not.
fn tracked(root: &Path) -> Result<Vec<PathBuf>> {
    let output = Command::new("git")
        .current_dir(root)
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .output()?;
    if !output.status.success() {
        bail!("git ls-files: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    let names = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(names.split('\0').filter(|n| !n.is_empty()).map(PathBuf::from).filter(|n| root.join(n).is_file()).collect())
}
