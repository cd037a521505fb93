//! Rust cells as they stand; everything else as comments.

use super::{comment, language};
use crate::document::Document;
use atelier_wire::studio::notebook::CellKind;

pub fn to_rust(document: &Document) -> String {
    let mut parts = Vec::new();
    for cell in document.cells() {
        let source = cell.source();
        let text = match cell.kind() {
            CellKind::Markdown => comment(&source, "//"),
            CellKind::Raw => format!("// [raw]\n{}", comment(&source, "//")),
            CellKind::Code => match language(document, cell).as_str() {
                "rust" => without_commands(&source),
                other => format!("// [{other}]\n{}", comment(&source, "//")),
            },
        };
        parts.push(text.trim_end().to_owned());
    }
    parts.retain(|part| !part.is_empty());
    parts.join("\n\n") + "\n"
}

/// Lines like `:dep serde = "1"` are for the kernel.
fn without_commands(source: &str) -> String {
    let is_command =
        |line: &str| line.strip_prefix(':').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic()));
    let line = |line: &str| if is_command(line) { format!("// {line}") } else { line.to_owned() };
    source.lines().map(line).collect::<Vec<_>>().join("\n")
}
