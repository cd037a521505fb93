//! Which cells of two notebooks belong together, and what of them differs.

use atelier_notebook::Document;
use atelier_notebook::diff::{diff, is_same, last_commit};
use atelier_wire::studio::notebook::{CellChange, NotebookDiff};
use serde_json::json;
use std::process::Command;

/// A notebook of code cells, each `id:source`; ids count only in 4.5.
fn notebook(minor: u64, cells: &[&str]) -> Document {
    let cells: Vec<_> = cells
        .iter()
        .map(|cell| {
            let (id, source) = cell.split_once(':').unwrap();
            let mut node = json!({ "cell_type": "code", "metadata": {}, "outputs": [], "execution_count": null, "source": source });
            if minor >= 5 {
                node["id"] = json!(id);
            }
            node
        })
        .collect();
    let file = json!({ "cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": minor });
    Document::parse(file.to_string().as_bytes()).unwrap()
}

/// One word for each cell of the merged reading.
fn told(diff: &NotebookDiff) -> String {
    let word = |change: CellChange| match change {
        CellChange::Same => "=",
        CellChange::Added => "+",
        CellChange::Removed => "-",
        CellChange::Changed => "~",
        CellChange::Moved => ">",
    };
    let cell = |cell: &atelier_wire::studio::notebook::CellDiff| {
        let first = cell.lines.iter().find(|line| line.change != CellChange::Removed).or(cell.lines.first());
        format!("{}{}", word(cell.change), first.map_or("", |line| line.text.as_str()))
    };
    diff.cells.iter().map(cell).collect::<Vec<_>>().join(" ")
}

fn check(minor: u64, old: &[&str], new: &[&str], expected: &str) {
    let found = diff(&notebook(minor, old), &notebook(minor, new), "old");
    assert_eq!(told(&found), expected, "{old:?} {new:?}");
}

#[test]
fn cells_are_matched() {
    for minor in [4, 5] {
        check(minor, &["a:1", "b:2"], &["a:1", "b:2"], "=1 =2");
        check(minor, &["a:1", "b:2"], &["a:1", "n:x", "b:2"], "=1 +x =2");
        check(minor, &["a:1", "b:2", "c:3"], &["a:1", "c:3"], "=1 -2 =3");
        check(minor, &["a:1", "b:2", "c:3"], &["c:3", "a:1", "b:2"], ">3 =1 =2");
        check(minor, &["a:x = 1\nprint(x)"], &["a:x = 2\nprint(x)"], "~x = 2");
        check(minor, &[], &["a:1"], "+1");
    }
    // With ids even what is nothing alike is the same cell; without, it is another one.
    check(5, &["a:one"], &["a:two"], "~two");
    check(4, &["a:one"], &["a:two"], "-one +two");
}

#[test]
fn lines_outputs_and_metadata_are_told() {
    let old = notebook(5, &["a:1\n2\n3"]);
    let mut new = notebook(5, &["a:1\nx\n3"]);
    new.cell_mut("a").unwrap().extend_stream("stdout", "out");
    new.set_kernel("rust", "Rust", "rust");
    let found = diff(&old, &new, "old");
    let lines: Vec<_> = found.cells[0].lines.iter().map(|line| (line.change, line.text.as_str())).collect();
    assert_eq!(
        lines,
        [(CellChange::Same, "1"), (CellChange::Removed, "2"), (CellChange::Added, "x"), (CellChange::Same, "3")]
    );
    assert!(found.cells[0].outputs_differ && !found.cells[0].metadata_differs && !is_same(&found));
    assert!(found.metadata.iter().any(|(path, old, _)| path == "kernelspec" && old.is_none()), "{:?}", found.metadata);
    assert!(is_same(&diff(&old, &old, "old")));
}

#[test]
fn last_commit_is_read_without_running_what_the_repository_wants() {
    let dir = tempfile::tempdir().unwrap();
    let git = |arguments: &[&str]| {
        let author = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"];
        Command::new("git").arg("-C").arg(dir.path()).args(author).args(arguments).output()
    };
    let file = dir.path().join("a b.ipynb");
    std::fs::write(&file, "committed").unwrap();
    assert!(last_commit(&file).is_err());
    let Ok(made) = git(&["init", "-q"]) else { return };
    assert!(made.status.success());
    assert!(last_commit(&file).is_err());
    assert!(git(&["add", "-A"]).unwrap().status.success());
    assert!(git(&["commit", "-q", "-m", "first"]).unwrap().status.success());
    std::fs::write(&file, "edited").unwrap();
    let trap = dir.path().join("trap");
    for (key, value) in
        [("core.fsmonitor", "touch"), ("diff.external", "touch"), ("diff.x.textconv", "touch"), ("core.pager", "touch")]
    {
        git(&["config", key, &format!("{value} {}", trap.display())]).unwrap();
    }
    std::fs::write(dir.path().join(".gitattributes"), "* diff=x\n").unwrap();
    assert_eq!(last_commit(&file).unwrap(), b"committed");
    assert!(!trap.exists());
}
