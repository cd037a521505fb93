//! What cargo knows of our packages and of those we build on.

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::process::Command;

/// A cargo workspace: the main one, or the window's.
pub struct Workspace {
    pub packages: Vec<Package>,
    /// For each package, by index, those it links to when it is built (not its tests' or build script's).
    edges: Vec<Vec<usize>>,
}

pub struct Package {
    pub name: String,
    pub version: String,
    /// An SPDX expression; empty where the package declares none.
    pub licence: String,
    pub repository: String,
    /// Of our own packages: the folder from the repository's root, `crates/wire`. Empty for others.
    pub folder: String,
    /// Names of the packages in `[dependencies]` and `[build-dependencies]`.
    pub dependencies: Vec<String>,
}

impl Package {
    pub fn is_ours(&self) -> bool {
        !self.folder.is_empty()
    }
}

impl Workspace {
    pub fn members(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|p| p.is_ours())
    }

    /// Everything that the named members link to, directly or not, themselves left out.
    pub fn linked_by(&self, wanted: impl Fn(&Package) -> bool) -> BTreeSet<usize> {
        let mut open: Vec<usize> =
            (0..self.packages.len()).filter(|&i| self.packages[i].is_ours() && wanted(&self.packages[i])).collect();
        let mut seen = BTreeSet::new();
        while let Some(at) = open.pop() {
            open.extend(self.edges[at].iter().filter(|&&below| seen.insert(below)));
        }
        seen
    }
}

/// The main workspace and the window's.
pub fn read_all(root: &Path) -> Result<Vec<Workspace>> {
    ["Cargo.toml", "ui/Cargo.toml"].iter().map(|manifest| read(root, manifest)).collect()
}

fn read(root: &Path, manifest: &str) -> Result<Workspace> {
    let run = |offline: &[&str]| {
        Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .current_dir(root)
            .args(["metadata", "--format-version", "1", "--manifest-path", manifest])
            .args(offline)
            .output()
    };
    let mut output = run(&["--offline"])?;
    if !output.status.success() {
        output = run(&[])?; // some other platform's package is not here yet
    }
    if !output.status.success() {
        bail!("cargo metadata of {manifest}: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    let metadata: Metadata =
        serde_json::from_slice(&output.stdout).with_context(|| format!("cargo metadata of {manifest}"))?;
    Ok(metadata.into_workspace(root))
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<RawPackage>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct RawPackage {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
    repository: Option<String>,
    source: Option<String>,
    manifest_path: String,
    dependencies: Vec<RawDependency>,
}

#[derive(Deserialize)]
struct RawDependency {
    name: String,
    kind: Option<String>,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Edge>,
}

#[derive(Deserialize)]
struct Edge {
    pkg: String,
    dep_kinds: Vec<EdgeKind>,
}

#[derive(Deserialize)]
struct EdgeKind {
    kind: Option<String>,
}

impl Metadata {
    fn into_workspace(self, root: &Path) -> Workspace {
        let index: HashMap<String, usize> = self.packages.iter().enumerate().map(|(i, p)| (p.id.clone(), i)).collect();
        let mut edges = vec![Vec::new(); self.packages.len()];
        for node in &self.resolve.nodes {
            let linked = node.deps.iter().filter(|edge| edge.dep_kinds.iter().any(|k| k.kind.is_none()));
            edges[index[&node.id]] = linked.map(|edge| index[&edge.pkg]).collect();
        }
        let packages = self.packages.into_iter().map(|raw| raw.into_package(root)).collect();
        Workspace { packages, edges }
    }
}

impl RawPackage {
    fn into_package(self, root: &Path) -> Package {
        let folder = Path::new(&self.manifest_path).parent().filter(|_| self.source.is_none());
        let folder = folder.and_then(|f| f.strip_prefix(root).ok()).map(|f| f.to_string_lossy().into_owned());
        let built = self.dependencies.into_iter().filter(|d| d.kind.as_deref() != Some("dev"));
        Package {
            name: self.name,
            version: self.version,
            licence: self.license.unwrap_or_default(),
            repository: self.repository.unwrap_or_default(),
            folder: folder.unwrap_or_default(),
            dependencies: built.map(|d| d.name).collect(),
        }
    }
}
