//! A function over a table as a program of its own: `PROGRAM INPUT OUTPUT`, both Arrow files. For the Rust steps of
//! recipes, which run one function once, without a session.

use crate::compile::{Toolchain, clean_environment};
use crate::packages::{Folder, prepare};
use anyhow::{Context as _, bail};
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Stdio};

/// Stands before the person's code on its first line, so that lines are the person's own. `atelier` is the dynamic
/// library that holds polars; naming it keeps the compiler from linking polars once more.
const BEFORE: &str = "#![allow(unused)] extern crate atelier as __atelier; use polars::prelude::*; ";

/// Ends with the parent, which holds the other end of the standard input.
const AFTER: &str = r#"

fn main() -> std::process::ExitCode {
    use std::io::Read as _;
    let _ = std::thread::spawn(|| {
        let _ = std::io::stdin().read(&mut [0]);
        std::process::exit(1);
    });
    let run = || -> PolarsResult<()> {
        let mut paths = std::env::args_os().skip(1);
        let (input, output) = (paths.next().unwrap_or_default(), paths.next().unwrap_or_default());
        let table = IpcReader::new(std::fs::File::open(input)?).finish()?;
        let mut made: DataFrame = transform(table)?;
        IpcWriter::new(std::fs::File::create(output)?).finish(&mut made)
    };
    match run() {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("Error: {error}");
            std::process::ExitCode::FAILURE
        }
    }
}
"#;

/// Compiles the code in `source` to `program`. What the compiler objects to is printed as a line of JSON with the line
/// of the code: `{"kind", "text", "line"}`.
pub fn compile(source: &Path, program: &Path) -> anyhow::Result<()> {
    let code = std::fs::read_to_string(source).with_context(|| format!("cannot read {}", source.display()))?;
    let toolchain = Toolchain::find()?;
    let folder = Folder::find()?;
    let _crates_in_use = folder.use_crates()?;
    let crates = prepare(&toolchain, &folder, &mut |step| eprintln!("{step}"), &|| false)?;
    let place = source.parent().context("the code has no folder")?;
    let written = place.join("draft").join("function.rs");
    std::fs::create_dir_all(place.join("draft"))?;
    std::fs::write(&written, format!("{BEFORE}{code}{AFTER}"))?;
    let mut command = Command::new(&toolchain.rustc);
    clean_environment(&mut command)
        .current_dir(place.join("draft"))
        .args(["--edition", "2024", "--crate-name", "function", "--crate-type", "bin", "-Cprefer-dynamic"])
        .args(["-Cdebuginfo=0", "-Copt-level=1", "-Coverflow-checks=on", "--error-format=json"])
        .args(toolchain.linker())
        .args(crates.run_paths.iter().map(|folder| format!("-Clink-arg=-Wl,-rpath,{}", folder.display())))
        .arg(format!("-Clink-arg=-Wl,-rpath,{}", toolchain.libraries.display()))
        .args(&crates.arguments)
        .arg("-o")
        .arg(program)
        .arg("function.rs")
        .stdin(Stdio::null());
    let output = command.output().context("the compiler could not be started")?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    match said.lines().find_map(|line| objection(&serde_json::from_str(line).ok()?)) {
        Some(objection) => println!("{objection}"),
        None => bail!("{said}"),
    }
    std::process::exit(1)
}

/// The first error that has a place in the code, else the first one.
fn objection(message: &Value) -> Option<Value> {
    if message["level"].as_str() != Some("error") {
        return None;
    }
    let text = message["message"].as_str()?;
    let spans = message["spans"].as_array();
    let primary = spans.into_iter().flatten().find(|span| span["is_primary"].as_bool() == Some(true));
    let line = primary
        .filter(|span| span["file_name"].as_str() == Some("function.rs"))
        .and_then(|span| span["line_start"].as_u64());
    let label =
        primary.and_then(|span| span["label"].as_str()).filter(|label| !label.is_empty() && !text.contains(label));
    let kind = message["code"]["code"].as_str().map_or_else(|| "error".to_owned(), |code| format!("error[{code}]"));
    let text = label.map_or_else(|| text.to_owned(), |label| format!("{text}: {label}"));
    Some(json!({"kind": kind, "text": text, "line": line}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objections_have_their_line() {
        let message = json!({"level": "error", "message": "mismatched types", "code": {"code": "E0308"},
            "spans": [{"is_primary": true, "file_name": "function.rs", "line_start": 2, "label": "expected `DataFrame`"}]});
        let said = json!({"kind": "error[E0308]", "text": "mismatched types: expected `DataFrame`", "line": 2});
        assert_eq!(objection(&message), Some(said));
        assert_eq!(objection(&json!({"level": "warning", "message": "unused"})), None);
        assert_eq!(BEFORE.lines().count(), 1);
    }
}
