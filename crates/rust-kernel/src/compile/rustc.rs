//! One run of the compiler.

use super::diagnostics::Message;
use super::session::Variable;
use super::source::{Origin, Source};
use super::toolchain::{Toolchain, clean_environment};
use nix::libc;
use std::collections::BTreeMap;
use std::io::Read;
use std::os::fd::AsRawFd;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// How often `watch` is asked while the compiler says nothing.
const TICK_MS: i32 = 40;

/// What every cell of a session is compiled with.
#[derive(Clone, Debug)]
pub struct Flags {
    pub optimisation: String,
    /// `--extern`, `-L` and their like, for the crates that the session uses.
    pub crates: Vec<String>,
    /// Folders that the cell's library is searched for its dynamic libraries at run time.
    pub run_paths: Vec<PathBuf>,
    pub folder: PathBuf,
}

#[derive(Debug)]
pub enum Compiled {
    Library(Library),
    Rejected(Vec<Message>),
}

#[derive(Debug)]
pub struct Library {
    pub path: PathBuf,
    /// The types of the cell's variables.
    pub kinds: BTreeMap<String, String>,
}

#[derive(Debug, thiserror::Error)]
pub enum CompileError {
    #[error("the compiler could not be started: {0}")]
    Start(std::io::Error),
    #[error("the cell's source could not be written: {0}")]
    Write(std::io::Error),
    #[error("interrupted")]
    Interrupted,
}

/// Compiles a source to `cell_<number>.so`; `watch` is asked many times a second whether to give up.
pub fn compile(
    toolchain: &Toolchain,
    flags: &Flags,
    source: &Source,
    number: u64,
    watch: &dyn Fn() -> bool,
) -> Result<Compiled, CompileError> {
    let file = flags.folder.join(format!("cell_{number}.rs"));
    let library = flags.folder.join(format!("cell_{number}.so"));
    std::fs::write(&file, &source.text).map_err(CompileError::Write)?;
    let mut command = Command::new(&toolchain.rustc);
    clean_environment(&mut command)
        // Types are printed with full paths by an option that the stable compiler hides.
        .env("RUSTC_BOOTSTRAP", "1")
        .current_dir(&flags.folder)
        .args([
            "--edition",
            "2024",
            "--crate-name",
            "cell",
            "--crate-type",
            "cdylib",
            "-Cprefer-dynamic",
            "-Cpanic=unwind",
        ])
        .args(["-Cdebuginfo=0", "-Cstrip=none", "-Cdebug-assertions=on", "-Coverflow-checks=on", "-Cembed-bitcode=no"])
        .args([
            "-Ztrim-diagnostic-paths=no",
            "--error-format=json",
            "--json=diagnostic-rendered-ansi",
            "--diagnostic-width=110",
        ])
        .arg(format!("-Copt-level={}", flags.optimisation))
        .args(toolchain.linker())
        .args(flags.run_paths.iter().map(|folder| format!("-Clink-arg=-Wl,-rpath,{}", folder.display())))
        .arg(format!("-Clink-arg=-Wl,-rpath,{}", toolchain.libraries.display()))
        .args(&flags.crates)
        .arg("-o")
        .arg(&library)
        .arg(file.file_name().unwrap_or_default())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let child = command.spawn().map_err(CompileError::Start)?;
    let (success, said) = listen(child, watch)?;
    let messages: Vec<Message> = said.lines().filter_map(Message::read).collect();
    let _ = std::fs::remove_file(&file);
    if !success {
        let mut errors: Vec<Message> = messages.into_iter().filter(|message| message.level == "error").collect();
        if errors.is_empty() {
            errors.push(Message::plain(said));
        }
        return Ok(Compiled::Rejected(errors));
    }
    Ok(Compiled::Library(Library { path: library, kinds: kinds(source, &messages) }))
}

/// Reads what the compiler says until it ends.
fn listen(mut child: Child, watch: &dyn Fn() -> bool) -> Result<(bool, String), CompileError> {
    let mut said = Vec::new();
    if let Some(mut pipe) = child.stderr.take() {
        let mut bytes = [0; 1 << 14];
        loop {
            let mut end = libc::pollfd { fd: pipe.as_raw_fd(), events: libc::POLLIN, revents: 0 };
            // SAFETY: one descriptor, which is open.
            if unsafe { libc::poll(&mut end, 1, TICK_MS) } > 0 {
                match pipe.read(&mut bytes) {
                    Ok(0) => break,
                    Ok(length) => said.extend_from_slice(&bytes[..length]),
                    Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                    Err(_) => break,
                }
            }
            if watch() {
                let _ = child.kill();
                let _ = child.wait();
                return Err(CompileError::Interrupted);
            }
        }
    }
    let status = child.wait().map_err(CompileError::Start)?;
    Ok((status.success(), String::from_utf8_lossy(&said).into_owned()))
}

/// Types, from the notes on the lines that were written to provoke them.
fn kinds(source: &Source, messages: &[Message]) -> BTreeMap<String, String> {
    let mut kinds = BTreeMap::new();
    for message in messages.iter().filter(|message| message.code.as_deref() == Some("dropping_references")) {
        for span in &message.spans {
            let Origin::TypeOf(name) = source.origin(span.line) else { continue };
            let kind = span.label.strip_prefix("argument has type `&").and_then(|label| label.strip_suffix('`'));
            if let Some(kind) = kind {
                kinds.insert(name.clone(), kind.to_owned());
            }
        }
    }
    kinds
}

impl Variable {
    /// Why a variable of this type cannot be used by a later cell.
    pub fn obstacle(kind: &str) -> Option<&'static str> {
        if kind.contains("{closure") {
            return Some(
                "it is a closure, whose type has no name. Box it: `let f: Box<dyn Fn(i32) -> i32> = Box::new(|x| x + 1);`",
            );
        }
        if kind.contains("{async") {
            return Some("it is a future, whose type has no name. Await it in the cell that makes it, or box it");
        }
        if kind.contains(" {") && kind.contains("fn(") {
            return Some(
                "it is a function, whose own type has no name. Give it a pointer's type: `let f: fn(i32) -> i32 = g;`",
            );
        }
        if kind.contains("impl ") || kind.contains("{") {
            return Some("its type has no name. Box it as a `Box<dyn Trait>`, or collect it");
        }
        None
    }
}

pub use CompileError as Error;
