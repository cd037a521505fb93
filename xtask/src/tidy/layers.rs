//! Who may use whom, as `docs/architecture.md` draws it. A heavy package has one home, so that the rest stays quick to
//! build and easy to read.

use super::packages::{Package, Workspace};

/// Our crates by folder, and those of ours that each may name.
const LAYERS: &[(&str, &[&str])] = &[
    ("crates/wire", &[]),
    ("crates/bridge", &[]),
    ("crates/model", &[]),
    ("crates/store", &[]),
    ("crates/algorithms", &["wire"]),
    ("crates/jobs", &["store"]),
    ("crates/notebook", &["wire"]),
    ("crates/kernel", &["wire", "notebook"]),
    ("crates/rust-kernel", &[]),
    ("crates/recipe", &[]),
    ("crates/explorer", &["wire", "bridge", "recipe"]),
    ("crates/serving", &["wire", "algorithms"]),
    // algorithms: which image is which algorithm, and what its hyperparameters may be
    ("crates/platform", &["wire", "model", "store", "jobs", "serving", "algorithms"]),
    ("crates/studio", &["wire", "bridge", "platform", "kernel", "explorer", "store", "algorithms"]),
    ("crates/gateway", &["wire", "studio", "store"]),
    // jobs: the binary is also the supervisor of a job; kernel: `atelier run` executes a notebook; explorer: `atelier data`
    ("crates/atelier", &["wire", "studio", "gateway", "jobs", "kernel", "notebook", "explorer"]),
    ("src-tauri", &["wire"]),
    ("ui", &["wire"]),
    ("tests", &["studio", "gateway", "wire", "model", "store", "platform"]),
    ("xtask", &[]),
];

/// Packages that only the named crates may depend on, with what it keeps together.
const HOMES: &[(&str, &[&str], &str)] = &[
    ("axum", &["gateway"], "only the gateway speaks HTTP to clients"),
    ("s3s", &["gateway"], "only the gateway speaks S3"),
    ("tower-http", &["gateway"], "only the gateway speaks HTTP to clients"),
    ("jupyter-zmq-client", &["kernel", "rust-kernel"], "only the two sides of a kernel speak ZeroMQ"),
    ("jupyter-protocol", &["kernel", "rust-kernel"], "only the two sides of a kernel speak Jupyter's protocol"),
    ("evcxr", &["rust-kernel"], "evcxr brings rust-analyzer with it"),
    ("polars", &["explorer", "recipe", "algorithms", "bridge"], "polars takes minutes to build"),
    ("rusqlite", &["store"], "only the store opens the database"),
    ("tauri", &["desktop"], "the shell alone needs WebKit's headers"),
    ("leptos", &["ui"], "the window's code builds for wasm32"),
];

/// All that may stand in the crate that both sides of every call share.
const WIRE: &[&str] = &["serde"];

pub fn check(workspaces: &[Workspace]) -> Vec<String> {
    let mut problems: Vec<String> = workspaces.iter().flat_map(Workspace::members).flat_map(problems_of).collect();
    problems.sort();
    problems.dedup(); // `wire` is a member of both workspaces
    problems
}

fn problems_of(package: &Package) -> Vec<String> {
    let Some((_, may)) = LAYERS.iter().find(|(folder, _)| *folder == package.folder) else {
        return vec![format!(
            "`{}` has no layer: add it to xtask/src/tidy/layers.rs and docs/architecture.md",
            package.folder
        )];
    };
    let own = short(&package.name);
    let mut problems = Vec::new();
    for dependency in &package.dependencies {
        if dependency.starts_with("atelier-") && !may.contains(&short(dependency)) {
            problems
                .push(format!("{} must not use {dependency}: see the layers in docs/architecture.md", package.folder));
        }
        if let Some((_, homes, why)) = HOMES.iter().find(|(name, ..)| name == dependency)
            && !homes.contains(&own)
        {
            problems.push(format!("{} must not depend on {dependency}: {why}", package.folder));
        }
        if own == "wire" && !WIRE.contains(&dependency.as_str()) {
            problems
                .push(format!("crates/wire must not depend on {dependency}: it is in every window and every backend"));
        }
    }
    problems
}

fn short(name: &str) -> &str {
    name.strip_prefix("atelier-").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_dependency_is_named() {
        let package = |folder: &str, name: &str, dependency: &str| Package {
            name: name.into(),
            version: String::new(),
            licence: String::new(),
            repository: String::new(),
            folder: folder.into(),
            dependencies: vec![dependency.into()],
        };
        let check = |folder: &str, name: &str, dependency: &str, expected: usize| {
            assert_eq!(problems_of(&package(folder, name, dependency)).len(), expected, "{folder} {dependency}");
        };
        check("crates/platform", "atelier-platform", "atelier-store", 0);
        check("crates/store", "atelier-store", "atelier-platform", 1);
        check("crates/store", "atelier-store", "rusqlite", 0);
        check("crates/platform", "atelier-platform", "axum", 1);
        check("crates/wire", "atelier-wire", "serde_json", 1);
        check("crates/new", "atelier-new", "serde", 1);
    }
}
