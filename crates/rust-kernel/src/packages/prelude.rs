//! polars, plotters and our own crate `atelier`, ready without any `:dep`: one dynamic library that holds them all, so
//! that every cell shares their statics and links in no time.

use super::{Crates, Folder, PackageError, Progress};
use crate::compile::{Toolchain, clean_environment};
use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const SOURCE: &str = include_str!("../../../../assets/rust/prelude.rs");
const MANIFEST: &str = include_str!("../../../../assets/rust/crates.toml");
const LOCK: &str = include_str!("../../../../assets/rust/crates.lock");

/// What the library holds besides `atelier`.
const MEMBERS: [&str; 3] = ["polars", "plotters", "atelier_bridge"];

/// The bridge's own source, for machines where it is not compiled yet.
const BRIDGE: &[(&str, &str)] = &include!(concat!(env!("OUT_DIR"), "/bridge.rs"));

/// Whether code with these words needs the prelude, given what `:dep` lines brought.
pub fn wanted(words: &BTreeSet<String>, is_own: impl Fn(&str) -> bool) -> bool {
    ["polars", "plotters", "atelier"].iter().any(|name| words.contains(*name) && !is_own(name))
}

#[derive(Debug, Default)]
pub struct Prelude {
    ready: Option<Crates>,
}

impl Prelude {
    /// Waits until the prelude is there, however long that takes.
    pub fn get(
        &mut self,
        toolchain: &Toolchain,
        folder: &Folder,
        progress: Progress,
        is_interrupted: &dyn Fn() -> bool,
    ) -> Result<Crates, PackageError> {
        if let Some(ready) = &self.ready {
            return Ok(ready.clone());
        }
        let ready = prepare(toolchain, folder, progress, is_interrupted)?;
        self.ready = Some(ready.clone());
        Ok(ready)
    }
}

/// Links the library where it is not there yet, and compiles what it is made of where nobody has.
pub fn prepare(
    toolchain: &Toolchain,
    folder: &Folder,
    progress: Progress,
    is_interrupted: &dyn Fn() -> bool,
) -> Result<Crates, PackageError> {
    let lock = folder.lock_file("prelude.lock")?;
    while lock.try_lock().is_err() {
        progress("Waiting for another kernel, which compiles polars and plotters");
        for _ in 0..20 {
            if is_interrupted() {
                return Err(PackageError::Interrupted);
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
    }
    let mut objection = String::new();
    for compiled in [built_with_us(), Some(folder.path().join("prelude/target/debug/deps"))].into_iter().flatten() {
        match link(toolchain, folder, &compiled, progress) {
            Ok(crates) => return Ok(crates),
            Err(PackageError::Link(text)) => objection = text,
            Err(error) => return Err(error),
        }
    }
    tracing::debug!("no compiled crates fit: {objection}");
    compile(toolchain, folder, progress, is_interrupted)?;
    link(toolchain, folder, &folder.path().join("prelude/target/debug/deps"), progress)
}

/// The crates beside this program, where cargo has just built it.
fn built_with_us() -> Option<PathBuf> {
    let folder = std::env::current_exe().ok()?.parent()?.to_owned();
    let folder = if folder.ends_with("deps") { folder } else { folder.join("deps") };
    folder.is_dir().then_some(folder)
}

/// The newest library file of a crate comes first.
fn candidates(folder: &Path, name: &str) -> Vec<PathBuf> {
    let prefix = format!("lib{name}-");
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<_> = entries
        .filter(|entry| {
            entry.file_name().to_string_lossy().starts_with(&prefix)
                && entry.path().extension().is_some_and(|end| end == "rlib")
        })
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .collect();
    found.sort();
    found.into_iter().rev().map(|(_, path)| path).collect()
}

fn link(toolchain: &Toolchain, folder: &Folder, compiled: &Path, progress: Progress) -> Result<Crates, PackageError> {
    let mut objection = format!("{} lacks one of {MEMBERS:?}", compiled.display());
    for choice in choices(compiled) {
        let place = folder.path().join("prelude").join(stamp(toolchain, &choice));
        let library = place.join(format!("libatelier{}", std::env::consts::DLL_SUFFIX));
        let crates = crates(compiled, &choice, &library);
        if library.is_file() {
            return Ok(crates);
        }
        progress("Linking polars and plotters for all cells");
        // Made under its own name in a folder beside, since a library remembers the name it was made under.
        let draft = place.with_extension("draft");
        std::fs::create_dir_all(&draft)?;
        std::fs::write(draft.join("atelier.rs"), SOURCE)?;
        let mut command = Command::new(&toolchain.rustc);
        clean_environment(&mut command)
            .args([
                "--edition",
                "2024",
                "--crate-name",
                "atelier",
                "--crate-type",
                "dylib",
                "-Cprefer-dynamic",
                "-Cdebuginfo=0",
                "-Copt-level=1",
                "-Cstrip=debuginfo",
            ])
            .args(toolchain.linker())
            .args(&crates.arguments[..crates.arguments.len() - 2])
            .arg(format!("-Clink-arg=-Wl,-rpath,{}", toolchain.libraries.display()))
            .arg("-o")
            .arg(draft.join(library.file_name().unwrap_or_default()))
            .arg(draft.join("atelier.rs"));
        let output = command.stdin(Stdio::null()).output()?;
        if output.status.success() {
            std::fs::rename(&draft, &place)?;
            forget_others(&folder.path().join("prelude"), &place);
            return Ok(crates);
        }
        std::fs::remove_dir_all(&draft)?;
        objection = String::from_utf8_lossy(&output.stderr).into_owned();
    }
    Err(PackageError::Link(objection))
}

/// Libraries of other compilers and older crates: the newest few stay, since another kernel may still use one.
fn forget_others(folder: &Path, newest: &Path) {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut others: Vec<_> = entries
        .filter(|entry| entry.file_name().len() == STAMP_LENGTH && entry.path() != newest)
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .collect();
    others.sort();
    others.iter().rev().skip(1).for_each(|(_, path)| drop(std::fs::remove_dir_all(path)));
}

const STAMP_LENGTH: usize = 16;

/// Crates that were compiled together, most likely first. Older builds may lie beside the newest.
fn choices(compiled: &Path) -> Vec<Vec<PathBuf>> {
    let of = |name: &str| candidates(compiled, name).into_iter().take(3).collect::<Vec<_>>();
    let [polars, plotters, bridges] = MEMBERS.map(of);
    let mut choices = Vec::new();
    for polars in &polars {
        for plotters in &plotters {
            for bridge in &bridges {
                choices.push(vec![polars.clone(), plotters.clone(), bridge.clone()]);
            }
        }
    }
    choices
}

fn crates(compiled: &Path, choice: &[PathBuf], library: &Path) -> Crates {
    let mut arguments = vec![format!("-Ldependency={}", compiled.display())];
    for (name, file) in MEMBERS.iter().zip(choice) {
        arguments.extend(["--extern".to_owned(), format!("{name}={}", file.display())]);
    }
    arguments.extend(["--extern".to_owned(), format!("atelier={}", library.display())]);
    Crates { arguments, run_paths: library.parent().map(Path::to_owned).into_iter().collect() }
}

/// Changes with the compiler, the crates and our own source.
fn stamp(toolchain: &Toolchain, choice: &[PathBuf]) -> String {
    let mut hasher = DefaultHasher::new();
    (&toolchain.version, SOURCE).hash(&mut hasher);
    for file in choice {
        let about = std::fs::metadata(file);
        let (size, time) = about.map_or((0, None), |about| (about.len(), about.modified().ok()));
        (file, size, time).hash(&mut hasher);
    }
    format!("{:016x}", hasher.finish())
}

/// Compiles the crates; many minutes, once per machine and compiler.
fn compile(
    toolchain: &Toolchain,
    folder: &Folder,
    progress: Progress,
    is_interrupted: &dyn Fn() -> bool,
) -> Result<(), PackageError> {
    let cargo = toolchain.cargo.as_deref().ok_or(PackageError::NoCargo)?;
    let project = folder.path().join("prelude");
    std::fs::create_dir_all(&project)?;
    std::fs::write(project.join("Cargo.toml"), MANIFEST)?;
    std::fs::write(project.join("Cargo.lock"), LOCK)?;
    std::fs::write(project.join("lib.rs"), "")?;
    for (path, text) in BRIDGE {
        let file = project.join("bridge").join(path);
        std::fs::create_dir_all(file.parent().unwrap_or(&project))?;
        std::fs::write(file, text)?;
    }
    progress("Compiling polars and plotters, once for this machine; it takes some minutes");
    let mut command = Command::new(cargo);
    clean_environment(&mut command)
        .current_dir(&project)
        .args(["build", "--locked", "--target-dir", "target", "--message-format=json-render-diagnostics"])
        .env("RUSTC", &toolchain.rustc);
    super::dependencies::run_cargo(command, progress, is_interrupted).map(drop)
}
