//! The process dies at every step of a save; the work is there afterwards.

use atelier_notebook::file::{NotebookFile, Place, crash, unsaved};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const NOTEBOOK: &str = r#"{
 "cells": [
  {
   "cell_type": "code",
   "execution_count": null,
   "id": "a",
   "metadata": {},
   "outputs": [],
   "source": ["old"]
  }
 ],
 "metadata": {},
 "nbformat": 4,
 "nbformat_minor": 5
}
"#;

/// The example beside this test: cargo builds examples for tests.
fn program() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let folder = test.parent().and_then(Path::parent).unwrap();
    folder.join("examples").join(format!("save{}", std::env::consts::EXE_SUFFIX))
}

fn place(dir: &Path) -> Place {
    let workspace = dir.join("w");
    std::fs::create_dir_all(&workspace).unwrap();
    Place { workspace, journals: dir.join("j") }
}

/// Runs the save until it dies at `point`; what it told before.
fn die_at(place: &Place, point: &str) -> String {
    let output = Command::new(program())
        .args([place.workspace.as_os_str(), place.journals.as_os_str(), "n.ipynb".as_ref(), "new".as_ref()])
        .env("ATELIER_CRASH_AT", point)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(!output.status.success(), "{point} was not reached: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn files(place: &Place) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(&place.workspace)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn nothing_is_lost_wherever_a_save_dies() {
    for point in crash::POINTS {
        let dir = tempfile::tempdir().unwrap();
        let place = place(dir.path());
        let file = place.workspace.join("n.ipynb");
        std::fs::write(&file, NOTEBOOK).unwrap();
        assert_eq!(die_at(&place, point), "kept\n", "{point}");
        let on_disk = std::fs::read_to_string(&file).unwrap();
        let new = NOTEBOOK.replace("\"old\"", "\"new\"");
        assert!(on_disk == NOTEBOOK || on_disk.contains("\"new\""), "{point}: the file is torn: {on_disk}");
        let committed = *point == "notebook:after-commit";
        assert_eq!(unsaved(&place).is_empty(), committed, "{point}");

        let mut opened = NotebookFile::open(&place, "n.ipynb").unwrap();
        assert_eq!(opened.document.cells()[0].source(), "new", "{point}");
        assert!(opened.conflict.is_none(), "{point}");
        assert_eq!(opened.recovered, on_disk == NOTEBOOK, "{point}");
        opened.file.save(&opened.document).unwrap();
        let saved = std::fs::read_to_string(&file).unwrap();
        let tree = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(tree(&saved), tree(&new), "{point}");
        assert_eq!(files(&place), ["n.ipynb"], "{point}");
        assert!(unsaved(&place).is_empty(), "{point}");
    }
}

#[test]
fn foreign_change_after_the_crash_is_a_conflict() {
    let dir = tempfile::tempdir().unwrap();
    let place = place(dir.path());
    let file = place.workspace.join("n.ipynb");
    std::fs::write(&file, NOTEBOOK).unwrap();
    die_at(&place, "notebook:after-sync");
    let foreign = NOTEBOOK.replace("old", "foreign");
    std::fs::write(&file, &foreign).unwrap();
    let mut opened = NotebookFile::open(&place, "n.ipynb").unwrap();
    assert!(opened.recovered && opened.conflict.is_some());
    assert_eq!(opened.document.cells()[0].source(), "new");
    assert!(opened.file.save(&opened.document).is_err());
    assert_eq!(std::fs::read_to_string(&file).unwrap(), foreign);
}

/// A journal that was cut off anywhere gives back a state that was kept, never an error.
#[test]
fn torn_journals_give_what_was_whole() {
    let dir = tempfile::tempdir().unwrap();
    let place = place(dir.path());
    std::fs::write(place.workspace.join("n.ipynb"), NOTEBOOK).unwrap();
    die_at(&place, "notebook:after-journal");
    let journal = std::fs::read_dir(&place.journals).unwrap().next().unwrap().unwrap().path();
    let whole = std::fs::read(&journal).unwrap();
    for cut in (0..whole.len()).step_by(7) {
        std::fs::write(&journal, &whole[..cut]).unwrap();
        let opened = NotebookFile::open(&place, "n.ipynb").unwrap();
        assert_eq!(opened.document.cells()[0].source(), "old", "{cut}");
        std::fs::write(&journal, &whole).unwrap();
    }
    for flip in (0..whole.len()).step_by(11) {
        let mut bytes = whole.clone();
        bytes[flip] ^= 0x55;
        std::fs::write(&journal, &bytes).unwrap();
        assert!(NotebookFile::open(&place, "n.ipynb").is_ok(), "{flip}");
    }
}
