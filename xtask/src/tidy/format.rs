//! Whether the code is as rustfmt writes it, so that a change shows only what it changes.

use anyhow::{Context, Result};
use std::path::Path;
use std::process::Command;

/// Both workspaces, each with the command that mends it.
const WORKSPACES: [(&str, &str); 2] = [(".", "cargo fmt --all"), ("ui", "(cd ui; cargo fmt --all)")];

/// A toolchain without rustfmt finds nothing.
///
/// # Errors
/// Cargo cannot be started.
pub fn check(root: &Path) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    for (folder, mend) in WORKSPACES {
        let output = Command::new("cargo")
            .current_dir(root.join(folder))
            .args(["fmt", "--all", "--check", "--", "-l"])
            .output()
            .context("cargo fmt")?;
        let listed = String::from_utf8_lossy(&output.stdout);
        let files = listed.lines().filter_map(|line| Path::new(line).strip_prefix(root).ok());
        problems.extend(files.map(|file| format!("{} is not as rustfmt writes it: `{mend}`", file.display())));
    }
    problems.sort();
    problems.dedup();
    Ok(problems)
}
