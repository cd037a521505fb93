//! `cargo xtask codegen`: AWS types, dispatch, constraint tables and the coverage page, from two sources: our list
//! `crates/platform/operations.toml` and the public service model inside the pinned botocore wheel.
//!
//! What is written is committed; the model and its documentation text never are. Surprises in the model (a new kind
//! of shape, two names that would be one in Rust, a recursive type) stop the generator instead of passing through.

mod constraints;
mod coverage;
mod dispatch;
mod names;
mod operations;
mod service_model;
mod wheel;
mod wire_types;

use crate::machine;
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};

pub use operations::Operations;

/// A file to be written: its path from the repository's root, and its text.
pub struct Generated {
    pub path: PathBuf,
    pub text: String,
}

/// Writes every generated file.
///
/// # Errors
/// No Python or no network for the wheel, or an operation that the model does not know.
pub fn run() -> Result<()> {
    let root = machine::root();
    let models = wheel::models(&wheel::fetch(root)?, Operations::read(root)?.services())?;
    let files = generate(root, &models)?;
    for file in &files {
        let path = root.join(&file.path);
        std::fs::create_dir_all(path.parent().context("a generated file lies in a folder")?)?;
        if std::fs::read_to_string(&path).ok().as_deref() != Some(&file.text) {
            std::fs::write(&path, &file.text).with_context(|| format!("writing {}", file.path.display()))?;
            println!("wrote {}", file.path.display());
        }
    }
    Ok(())
}

/// Proves that what is committed is what would be generated: by generating again where the wheel lies in the cache,
/// else by the fingerprint of `operations.toml` that every generated file carries.
///
/// # Errors
/// Names the first stale file.
pub fn check_fresh() -> Result<()> {
    let root = machine::root();
    let operations = Operations::read(root)?;
    if let Some(wheel) = wheel::cached(root) {
        return compare(root, &generate(root, &wheel::models(&wheel, operations.services())?)?);
    }
    let mark = operations.fingerprint_line();
    for path in generated_paths(&operations) {
        let text = std::fs::read_to_string(root.join(&path)).unwrap_or_default();
        if !text.lines().take(4).any(|line| line.contains(&mark)) {
            bail!("{} does not belong to operations.toml as it stands; run `cargo xtask codegen`", path.display());
        }
    }
    Ok(())
}

fn generate(root: &Path, models: &[service_model::ServiceModel]) -> Result<Vec<Generated>> {
    let operations = Operations::read(root)?;
    operations.check_against(models)?;
    let mut files = wire_types::generate(&operations, models)?;
    files.push(dispatch::generate(&operations, models));
    files.push(constraints::generate(&operations, models)?);
    files.push(coverage::generate(&operations, models));
    Ok(files)
}

fn generated_paths(operations: &Operations) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = operations.services().iter().map(|service| wire_types::path(service)).collect();
    paths.extend([dispatch::PATH, constraints::PATH, coverage::PATH].map(PathBuf::from));
    paths
}

fn compare(root: &Path, files: &[Generated]) -> Result<()> {
    for file in files {
        if std::fs::read_to_string(root.join(&file.path)).ok().as_deref() != Some(&file.text) {
            bail!("{} is stale; run `cargo xtask codegen`", file.path.display());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_is_committed_is_what_would_be_generated() {
        super::check_fresh().unwrap();
    }
}
