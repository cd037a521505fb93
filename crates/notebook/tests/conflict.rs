//! Another program writes the file while it is open here.

use atelier_notebook::file::{FileError, Look, NotebookFile, Place, Resolved};
use atelier_notebook::{Document, History, show};
use atelier_wire::studio::notebook::{ConflictKind, Edit, Keep};
use std::fs;
use std::path::PathBuf;

const NOTEBOOK: &str = r#"{"cells":[{"cell_type":"raw","id":"a","metadata":{},"source":"old"}],"metadata":{},"nbformat":4,"nbformat_minor":5}"#;
const FOREIGN: &str = r#"{"cells":[],"metadata":{},"nbformat":4,"nbformat_minor":5}"#;

struct Desk {
    _dir: tempfile::TempDir,
    place: Place,
    path: PathBuf,
    file: NotebookFile,
    edited: Document,
}

/// An open notebook with an edit that is not saved.
fn desk() -> Desk {
    let dir = tempfile::tempdir().unwrap();
    let place = Place { workspace: dir.path().to_owned(), journals: dir.path().join("journals") };
    let path = dir.path().join("n.ipynb");
    fs::write(&path, NOTEBOOK).unwrap();
    let opened = NotebookFile::open(&place, "n.ipynb").unwrap();
    let mut history = History::new(opened.document);
    let edit = Edit::SetSource { cell: "a".to_owned(), source: "mine".to_owned() };
    history.apply(&[edit], "n.ipynb", &|_, _| None, &|cell| show::cell(cell, &())).unwrap();
    Desk { _dir: dir, place, path, file: opened.file, edited: history.document().clone() }
}

fn mine() -> String {
    NOTEBOOK.replace("old", "mine")
}

fn check_refused(desk: &mut Desk, kind: ConflictKind) {
    match desk.file.save(&desk.edited) {
        Err(FileError::Conflict { conflict, .. }) => assert_eq!(conflict.kind, kind),
        other => panic!("{other:?}"),
    }
}

#[test]
fn saves_go_on_while_nobody_else_writes() {
    let mut desk = desk();
    desk.file.save(&desk.edited).unwrap();
    assert_eq!(fs::read_to_string(&desk.path).unwrap(), mine());
    desk.file.save(&desk.edited).unwrap();
    assert!(matches!(desk.file.look().unwrap(), Look::Same));
    // Touched, or written again with the same content: no conflict.
    fs::write(&desk.path, mine()).unwrap();
    assert!(matches!(desk.file.look().unwrap(), Look::Same));
}

#[test]
fn foreign_changes_are_never_overwritten() {
    let mut desk = desk();
    fs::write(&desk.path, FOREIGN).unwrap();
    check_refused(&mut desk, ConflictKind::Changed);
    check_refused(&mut desk, ConflictKind::Changed);
    assert_eq!(fs::read_to_string(&desk.path).unwrap(), FOREIGN);
    fs::remove_file(&desk.path).unwrap();
    check_refused(&mut desk, ConflictKind::Deleted);
    assert!(!desk.path.exists());
}

#[test]
fn keeping_mine_writes_over_theirs() {
    let mut desk = desk();
    fs::write(&desk.path, FOREIGN).unwrap();
    assert!(matches!(desk.file.resolve(Keep::Mine, &desk.edited).unwrap(), Resolved::Saved));
    assert_eq!(fs::read_to_string(&desk.path).unwrap(), mine());
    desk.file.save(&desk.edited).unwrap();
}

#[test]
fn keeping_both_puts_theirs_beside() {
    let mut desk = desk();
    for theirs in [FOREIGN.to_owned(), format!("{FOREIGN}\n")] {
        fs::write(&desk.path, &theirs).unwrap();
        assert!(matches!(desk.file.resolve(Keep::Both, &desk.edited).unwrap(), Resolved::Saved));
        assert_eq!(fs::read_to_string(&desk.path).unwrap(), mine());
    }
    assert_eq!(fs::read_to_string(desk.path.with_file_name("n (other version).ipynb")).unwrap(), FOREIGN);
    assert_eq!(
        fs::read_to_string(desk.path.with_file_name("n (other version 2).ipynb")).unwrap(),
        format!("{FOREIGN}\n")
    );
}

#[test]
fn keeping_theirs_reads_it() {
    let mut desk = desk();
    fs::write(&desk.path, FOREIGN).unwrap();
    match desk.file.resolve(Keep::Theirs, &desk.edited).unwrap() {
        Resolved::Reloaded(document) => assert_eq!(document.to_bytes(), FOREIGN.as_bytes()),
        other => panic!("{other:?}"),
    }
    fs::remove_file(&desk.path).unwrap();
    assert!(matches!(desk.file.resolve(Keep::Theirs, &desk.edited).unwrap(), Resolved::Gone));
}

#[test]
fn theirs_that_cannot_be_read_leaves_mine() {
    let mut desk = desk();
    fs::write(&desk.path, "no notebook").unwrap();
    assert!(matches!(desk.file.resolve(Keep::Theirs, &desk.edited), Err(FileError::NotANotebook { .. })));
    assert!(matches!(desk.file.resolve(Keep::Both, &desk.edited).unwrap(), Resolved::Saved));
    assert_eq!(fs::read_to_string(desk.path.with_file_name("n (other version).ipynb")).unwrap(), "no notebook");
}

#[test]
fn unsaved_work_follows_a_rename() {
    let mut desk = desk();
    desk.file.keep(&desk.edited).unwrap();
    fs::rename(&desk.path, desk.path.with_file_name("m.ipynb")).unwrap();
    desk.file.follow("m.ipynb", Some(&desk.edited)).unwrap();
    drop(desk.file);
    let opened = NotebookFile::open(&desk.place, "m.ipynb").unwrap();
    assert!(opened.recovered && opened.conflict.is_none());
    assert_eq!(opened.document.to_bytes(), mine().into_bytes());
}
