//! `:dep` lines: cargo compiles the crates once into a folder that all sessions share.

use super::{Crates, Folder, PackageError, Progress};
use crate::compile::{Toolchain, clean_environment};
use serde_json::Value;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A dependency as it stands in Cargo.toml: `serde` and `{ version = "1", features = ["derive"] }`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Specification {
    pub name: String,
    pub value: String,
}

impl Specification {
    /// What follows `:dep`.
    pub fn read(text: &str) -> Result<Self, PackageError> {
        let text = text.trim();
        let not_understood = || PackageError::Specification(text.to_owned());
        if text.starts_with(['.', '/']) {
            let path = std::path::absolute(text)?;
            let manifest = std::fs::read_to_string(path.join("Cargo.toml")).map_err(|_| not_understood())?;
            let name = package_name(&manifest).ok_or_else(not_understood)?;
            return Ok(Self { name, value: format!("{{ path = {:?} }}", path.display().to_string()) });
        }
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name.trim(), value.trim()),
            None => (text, "\"*\""),
        };
        let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
        let is_value = value.starts_with('"') && value.ends_with('"') && value.len() > 1
            || value.starts_with('{') && value.ends_with('}');
        if !is_name || !is_value || value.contains('\n') {
            return Err(not_understood());
        }
        Ok(Self { name: name.to_owned(), value: value.to_owned() })
    }
}

fn package_name(manifest: &str) -> Option<String> {
    let package = manifest.split("[package]").nth(1)?;
    let line = package.lines().find(|line| line.split('=').next().is_some_and(|key| key.trim() == "name"))?;
    Some(line.split('"').nth(1)?.to_owned())
}

#[derive(Debug, Default)]
pub struct Dependencies {
    specifications: BTreeMap<String, String>,
    crates: Crates,
}

impl Dependencies {
    pub fn crates(&self) -> &Crates {
        &self.crates
    }

    pub fn has(&self, name: &str) -> bool {
        self.specifications.keys().any(|own| own.replace('-', "_") == name)
    }

    /// As lines of Cargo.toml.
    pub fn listing(&self) -> String {
        self.specifications.iter().map(|(name, value)| format!("{name} = {value}\n")).collect()
    }

    /// Adds crates and compiles what is new; leaves everything as it was where that fails.
    pub fn add(
        &mut self,
        toolchain: &Toolchain,
        folder: &Folder,
        session: &Path,
        added: Vec<Specification>,
        progress: Progress,
        is_interrupted: &dyn Fn() -> bool,
    ) -> Result<(), PackageError> {
        let mut next = self.specifications.clone();
        next.extend(added.into_iter().map(|added| (added.name, added.value)));
        if next == self.specifications {
            return Ok(());
        }
        let crates = build(toolchain, folder, session, &next, progress, is_interrupted)?;
        *self = Self { specifications: next, crates };
        Ok(())
    }

    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

fn build(
    toolchain: &Toolchain,
    folder: &Folder,
    session: &Path,
    specifications: &BTreeMap<String, String>,
    progress: Progress,
    is_interrupted: &dyn Fn() -> bool,
) -> Result<Crates, PackageError> {
    let cargo = toolchain.cargo.as_deref().ok_or(PackageError::NoCargo)?;
    let project = session.join("dependencies");
    std::fs::create_dir_all(&project)?;
    let lines: String = specifications.iter().map(|(name, value)| format!("{name} = {value}\n")).collect();
    let manifest = format!(
        "[package]\nname = \"cells\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[lib]\npath = \"lib.rs\"\n\
         [workspace]\n[profile.dev]\nopt-level = 1\ndebug = false\n[dependencies]\n{lines}"
    );
    std::fs::write(project.join("Cargo.toml"), manifest)?;
    std::fs::write(project.join("lib.rs"), "")?;
    // The versions chosen the first time are chosen again, so that nothing is compiled anew.
    let locks = folder.path().join("locks");
    std::fs::create_dir_all(&locks)?;
    let mut hasher = DefaultHasher::new();
    lines.hash(&mut hasher);
    let lock = locks.join(format!("{:016x}.lock", hasher.finish()));
    let is_known = std::fs::copy(&lock, project.join("Cargo.lock")).is_ok();
    let run = |offline: bool, progress: Progress| {
        let mut command = Command::new(cargo);
        clean_environment(&mut command)
            .current_dir(&project)
            .args(["build", "--message-format=json-render-diagnostics"]);
        command
            .args(offline.then_some("--offline"))
            .arg("--target-dir")
            .arg(folder.path().join("target"))
            .env("RUSTC", &toolchain.rustc);
        run_cargo(command, progress, is_interrupted)
    };
    let artifacts = match run(is_known, progress) {
        Err(PackageError::Cargo(_)) => run(!is_known, progress).or_else(|_| run(false, progress))?,
        result => result?,
    };
    std::fs::copy(project.join("Cargo.lock"), &lock)?;
    let direct = direct_dependencies(cargo, &project)?;
    let mut crates = Crates {
        arguments: vec![format!("-Ldependency={}", folder.path().join("target/debug/deps").display())],
        run_paths: Vec::new(),
    };
    for (id, name) in direct {
        if let Some(file) = artifacts.get(&id) {
            crates.arguments.push("--extern".to_owned());
            crates.arguments.push(format!("{name}={}", file.display()));
        }
    }
    Ok(crates)
}

/// The library file of each package, by the package's id.
pub(super) fn run_cargo(
    mut command: Command,
    progress: Progress,
    is_interrupted: &dyn Fn() -> bool,
) -> Result<BTreeMap<String, PathBuf>, PackageError> {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let mut out = child.stdout.take();
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        if let Some(out) = out.as_mut() {
            let _ = out.read_to_string(&mut text);
        }
        text
    });
    let (sender, lines) = std::sync::mpsc::channel();
    let err = child.stderr.take();
    std::thread::spawn(move || {
        let lines = err.into_iter().flat_map(|err| BufReader::new(err).lines());
        lines.map_while(Result::ok).for_each(|line| drop(sender.send(line)));
    });
    let mut said = String::new();
    loop {
        match lines.recv_timeout(std::time::Duration::from_millis(100)) {
            Ok(line) => {
                let step = line.trim();
                if ["Compiling", "Downloading", "Downloaded", "Updating", "Blocking"]
                    .iter()
                    .any(|word| step.starts_with(word))
                    && !step.contains(" cells v")
                {
                    progress(step);
                } else {
                    said.push_str(&line);
                    said.push('\n');
                }
            }
            Err(std::sync::mpsc::RecvTimeoutError::Timeout) if is_interrupted() => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(PackageError::Interrupted);
            }
            Err(std::sync::mpsc::RecvTimeoutError::Timeout) => {}
            Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => break,
        }
    }
    let status = child.wait()?;
    if !status.success() {
        return Err(PackageError::Cargo(said.trim().to_owned()));
    }
    let messages = reader.join().unwrap_or_default();
    let artifacts =
        messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()).filter_map(|message| {
            let id = message["package_id"].as_str().filter(|_| message["reason"] == "compiler-artifact")?.to_owned();
            let kinds = message["target"]["kind"].as_array()?;
            kinds.iter().find(|kind| matches!(kind.as_str(), Some("lib" | "rlib" | "dylib" | "proc-macro")))?;
            let files = message["filenames"].as_array()?.iter().filter_map(Value::as_str);
            let file =
                files.filter(|file| file.ends_with(".rlib") || file.ends_with(std::env::consts::DLL_SUFFIX)).next()?;
            Some((id, PathBuf::from(file)))
        });
    Ok(artifacts.collect())
}

/// Ids of the packages that the manifest names, and what the code calls them.
fn direct_dependencies(cargo: &Path, project: &Path) -> Result<Vec<(String, String)>, PackageError> {
    let mut command = Command::new(cargo);
    let output = clean_environment(&mut command)
        .current_dir(project)
        .args(["metadata", "--format-version=1", "--offline"])
        .output()?;
    let metadata: Value =
        serde_json::from_slice(&output.stdout).map_err(|error| PackageError::Cargo(error.to_string()))?;
    let root = metadata["resolve"]["root"].as_str().unwrap_or_default();
    let nodes = metadata["resolve"]["nodes"].as_array().into_iter().flatten();
    let direct = nodes.filter(|node| node["id"] == root).flat_map(|node| node["deps"].as_array().into_iter().flatten());
    Ok(direct.filter_map(|dep| Some((dep["pkg"].as_str()?.to_owned(), dep["name"].as_str()?.to_owned()))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<(&str, &str)>) {
        let found = Specification::read(text).ok().map(|found| (found.name, found.value));
        assert_eq!(found, expected.map(|(name, value)| (name.to_owned(), value.to_owned())), "{text}");
    }

    #[test]
    fn specifications() {
        check("serde", Some(("serde", "\"*\"")));
        check("serde = \"1\"", Some(("serde", "\"1\"")));
        check(
            "serde={version=\"1\", features=[\"derive\"]}",
            Some(("serde", "{version=\"1\", features=[\"derive\"]}")),
        );
        for wrong in ["", "serde = 1", "a b", "x = \"1\"\n[profile.dev]", "./nowhere"] {
            check(wrong, None);
        }
    }
}
