//! `atelier notebook save | diff | export`: notebooks as documents, without a backend.

use crate::cli::{ExportTo, NotebookCommand};
use crate::exit::Failure;
use anyhow::Context as _;
use atelier_notebook::Document;
use atelier_notebook::diff::{diff, is_same};
use atelier_notebook::export;
use atelier_studio::wire::studio::notebook::{CellChange, CellDiff, CellKind, NotebookDiff};
use std::fmt::Write as _;
use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// 0 when done; for `diff` 1 when the notebooks differ; 8 when a notebook cannot be read.
pub fn run(command: NotebookCommand) -> anyhow::Result<ExitCode> {
    match command {
        NotebookCommand::Save { file, to } => {
            write(&to, &read(&file)?.to_bytes())?;
            Ok(ExitCode::SUCCESS)
        }
        NotebookCommand::Diff { a, b } => {
            let found = diff(&read(&a)?, &read(&b)?, &a.display().to_string());
            if is_same(&found) {
                return Ok(ExitCode::SUCCESS);
            }
            let colours = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
            let text = told(&found, &b.display().to_string(), colours);
            // Nobody is left to tell it to when the reader has closed its end.
            let _ = std::io::stdout().write_all(text.as_bytes());
            Ok(ExitCode::from(1))
        }
        NotebookCommand::Export { file, to, output } => {
            let document = read(&file)?;
            let output = output.unwrap_or_else(|| file.with_extension(to.extension()));
            write(&output, &exported(&document, &file, to)?)?;
            eprintln!("{}", output.display());
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn exported(document: &Document, file: &Path, to: ExportTo) -> anyhow::Result<Vec<u8>> {
    let title = file.file_stem().unwrap_or_default().to_string_lossy();
    Ok(match to {
        ExportTo::Py => export::to_python(document).into_bytes(),
        ExportTo::Rs => export::to_rust(document).into_bytes(),
        ExportTo::Html => export::to_html(document, &title).into_bytes(),
        ExportTo::Pdf => export::to_pdf(&export::to_html(document, &title), file.parent())?,
    })
}

fn read(file: &Path) -> Result<Document, Failure> {
    let refuse = |why: String| Failure::Notebook { path: file.display().to_string(), why };
    let bytes = std::fs::read(file).map_err(|error| refuse(error.to_string()))?;
    let document = Document::parse(&bytes).map_err(|error| refuse(error.to_string()))?;
    document.notes().iter().for_each(|note| eprintln!("{}: {note}", file.display()));
    Ok(document)
}

fn write(file: &PathBuf, bytes: &[u8]) -> anyhow::Result<()> {
    std::fs::write(file, bytes).with_context(|| format!("writing {}", file.display()))
}

/// Colours of a terminal, or nothing.
struct Ink {
    removed: &'static str,
    added: &'static str,
    head: &'static str,
    end: &'static str,
}

const COLOURED: Ink = Ink { removed: "\u{1b}[31m", added: "\u{1b}[32m", head: "\u{1b}[1;36m", end: "\u{1b}[0m" };
const PLAIN: Ink = Ink { removed: "", added: "", head: "", end: "" };

fn told(diff: &NotebookDiff, new: &str, colours: bool) -> String {
    let ink = if colours { COLOURED } else { PLAIN };
    let mut text =
        format!("{}--- {}{}\n{}+++ {}{}\n", ink.removed, plain(&diff.against), ink.end, ink.added, plain(new), ink.end);
    let shown = diff
        .cells
        .iter()
        .filter(|cell| cell.change != CellChange::Same || cell.outputs_differ || cell.metadata_differs);
    shown.for_each(|cell| tell_cell(cell, &ink, &mut text));
    for (path, old, new) in &diff.metadata {
        let _ = writeln!(text, "{}@@ metadata {}{}", ink.head, plain(path), ink.end);
        for (mark, colour, value) in [('-', ink.removed, old), ('+', ink.added, new)] {
            if let Some(value) = value {
                let _ = writeln!(text, "{colour}{mark}{}{}", plain(value), ink.end);
            }
        }
    }
    text
}

/// Lines around a change that are shown with it.
const AROUND: usize = 3;

fn tell_cell(cell: &CellDiff, ink: &Ink, text: &mut String) {
    let kind = match cell.kind {
        CellKind::Code => "code",
        CellKind::Markdown => "markdown",
        CellKind::Raw => "raw",
    };
    let what = match cell.change {
        CellChange::Added => "added",
        CellChange::Removed => "removed",
        CellChange::Moved => "moved",
        CellChange::Same | CellChange::Changed => "changed",
    };
    let mut also = Vec::new();
    if cell.change != CellChange::Added && cell.change != CellChange::Removed {
        also.extend(cell.outputs_differ.then_some("outputs differ"));
        also.extend(cell.metadata_differs.then_some("metadata differs"));
    }
    let also = if also.is_empty() { String::new() } else { format!(" ({})", also.join(", ")) };
    let id = cell.new.as_ref().or(cell.old.as_ref()).map_or("", String::as_str);
    let _ = writeln!(text, "{}@@ {kind} cell {} {what}{also}{}", ink.head, plain(id), ink.end);
    let is_near = |at: usize| {
        let range = at.saturating_sub(AROUND)..cell.lines.len().min(at + AROUND + 1);
        cell.lines[range].iter().any(|line| line.change != CellChange::Same)
    };
    let mut left_out = false;
    for (at, line) in cell.lines.iter().enumerate() {
        if !is_near(at) {
            left_out = true;
            continue;
        }
        if std::mem::take(&mut left_out) {
            text.push_str(" …\n");
        }
        let (colour, mark) = match line.change {
            CellChange::Removed => (ink.removed, '-'),
            CellChange::Added => (ink.added, '+'),
            _ => ("", ' '),
        };
        let end = if colour.is_empty() { "" } else { ink.end };
        let _ = writeln!(text, "{colour}{mark}{}{end}", plain(&line.text));
    }
}

/// What a notebook holds must not steer the terminal.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\t' { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notebook(source: &str, kernel: &str) -> Document {
        let text = serde_json::json!({
            "cells": [
                { "cell_type": "markdown", "id": "m", "metadata": {}, "source": "same" },
                { "cell_type": "code", "id": "c", "metadata": {}, "source": source, "outputs": [], "execution_count": null },
            ],
            "metadata": { "kernelspec": { "name": kernel } }, "nbformat": 4, "nbformat_minor": 5,
        });
        Document::parse(text.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn differences_are_told_like_a_patch() {
        let found =
            diff(&notebook("1\n2\n3\n4\n5\nold", "a"), &notebook("1\n2\n3\n4\n5\nnew\u{1b}[2J", "b"), "a.ipynb");
        assert_eq!(
            told(&found, "b.ipynb", false),
            "--- a.ipynb\n+++ b.ipynb\n@@ code cell c changed\n …\n 3\n 4\n 5\n-old\n+new\u{fffd}[2J\n@@ metadata kernelspec.name\n-\"a\"\n+\"b\"\n"
        );
        assert!(told(&found, "b.ipynb", true).contains("\u{1b}[32m+new"));
        assert!(is_same(&diff(&notebook("x", "a"), &notebook("x", "a"), "")));
    }
}
