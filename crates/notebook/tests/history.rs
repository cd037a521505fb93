//! Edits as steps: patches that bring a window along, undo, redo, and outputs that no undo makes old.

use atelier_notebook::{Cell, Document, EditError, History, show};
use atelier_wire::studio::notebook::{self as wire, CellKind, Edit, Patch};
use serde_json::{Value, json};
use std::sync::Arc;

/// A history and the window that follows its patches.
struct Desk {
    history: History,
    window: Vec<wire::Cell>,
}

fn shown(cell: &Cell) -> wire::Cell {
    show::cell(cell, &())
}

fn all(history: &History) -> Vec<wire::Cell> {
    history.document().cells().iter().map(|cell| shown(cell)).collect()
}

impl Desk {
    fn new(sources: &[&str]) -> Desk {
        let mut history = History::new(Document::empty());
        let mut after = None;
        for (at, source) in sources.iter().enumerate() {
            let id = format!("c{at}");
            let insert = Edit::Insert { after, id: id.clone(), kind: CellKind::Code, source: (*source).to_owned() };
            history.apply(&[insert], "n", &|_, _| None, &shown).unwrap();
            after = Some(id);
        }
        let history = History::new(history.document().clone());
        Desk { window: all(&history), history }
    }

    fn follow(&mut self, patches: Vec<Patch>) {
        for patch in patches {
            let find = |window: &[wire::Cell], id: &str| window.iter().position(|cell| cell.id == id).unwrap();
            match patch {
                Patch::Insert { after, cell } => {
                    let at = after.map_or(0, |after| find(&self.window, &after) + 1);
                    self.window.insert(at, *cell);
                }
                Patch::Remove { cell } => drop(self.window.remove(find(&self.window, &cell))),
                Patch::Move { cell, after } => {
                    let moved = self.window.remove(find(&self.window, &cell));
                    let at = after.map_or(0, |after| find(&self.window, &after) + 1);
                    self.window.insert(at, moved);
                }
                Patch::Source { cell, source } => {
                    let at = find(&self.window, &cell);
                    self.window[at].source = source;
                }
                Patch::Replace { cell } => {
                    let at = find(&self.window, &cell.id);
                    self.window[at] = *cell;
                }
            }
        }
        assert_eq!(self.window, all(&self.history));
    }

    fn try_edit(&mut self, edits: &[Edit]) -> Result<(), EditError> {
        let patches = self.history.apply(edits, "n", &|_, _| None, &shown)?;
        self.follow(patches);
        Ok(())
    }

    fn edit(&mut self, edits: &[Edit]) -> &mut Desk {
        self.try_edit(edits).unwrap();
        self
    }

    fn undo(&mut self) -> Option<String> {
        let (patches, cell) = self.history.undo(&shown).unwrap();
        self.follow(patches);
        cell
    }

    fn redo(&mut self) -> &mut Desk {
        let (patches, _) = self.history.redo(&shown).unwrap();
        self.follow(patches);
        self
    }

    fn sources(&self) -> String {
        self.window.iter().map(|cell| cell.source.as_str()).collect::<Vec<_>>().join("|")
    }

    fn run(&mut self, cell: &str, text: &str) {
        let node = self.history.document_mut().cell_mut(cell).unwrap();
        node.clear_outputs();
        node.push_output(json!({ "output_type": "stream", "name": "stdout", "text": text }));
        self.window = all(&self.history);
    }

    fn outputs(&self, cell: &str) -> String {
        let cell = self.history.document().cell(cell).unwrap();
        // A copy holds its text as the file does, as a list of lines.
        let text = |output: &Value| match &output["text"] {
            Value::Array(lines) => lines.iter().filter_map(Value::as_str).collect(),
            text => text.as_str().unwrap_or_default().to_owned(),
        };
        cell.outputs().iter().map(text).collect()
    }
}

fn id(id: &str) -> String {
    id.to_owned()
}

fn set(cell: &str, source: &str) -> Edit {
    Edit::SetSource { cell: id(cell), source: id(source) }
}

fn move_to(cell: &str, after: Option<&str>) -> Edit {
    Edit::Move { cell: id(cell), after: after.map(id) }
}

/// Does it, undoes it, does it again.
fn check(edits: &[Edit], expected: &str) {
    let mut desk = Desk::new(&["a1\na2", "b", "c", "d"]);
    let before = desk.history.document().to_bytes();
    desk.edit(edits);
    assert_eq!(desk.sources(), expected);
    let done = desk.history.document().to_bytes();
    desk.undo();
    assert_eq!(desk.history.document().to_bytes(), before, "undo of {edits:?}");
    desk.redo();
    assert_eq!(desk.history.document().to_bytes(), done, "redo of {edits:?}");
}

#[test]
fn every_edit_is_undone_and_redone() {
    check(&[set("c1", "x")], "a1\na2|x|c|d");
    check(&[Edit::Insert { after: None, id: id("n"), kind: CellKind::Raw, source: id("n") }], "n|a1\na2|b|c|d");
    check(&[Edit::Delete { cell: id("c1") }, Edit::Delete { cell: id("c2") }], "a1\na2|d");
    check(&[move_to("c0", Some("c3"))], "b|c|d|a1\na2");
    check(&[move_to("c3", None), move_to("c1", None)], "b|d|a1\na2|c");
    check(&[move_to("c1", Some("c2")), set("c1", "y")], "a1\na2|c|y|d");
    check(&[Edit::SetKind { cell: id("c1"), kind: CellKind::Markdown }], "a1\na2|b|c|d");
    check(&[Edit::Split { cell: id("c0"), at: 3, new_id: id("n") }], "a1|a2|b|c|d");
    check(&[Edit::Split { cell: id("c0"), at: 1, new_id: id("n") }], "a|1\na2|b|c|d");
    check(&[Edit::Merge { cells: vec![id("c2"), id("c0"), id("c1")] }], "a1\na2\nb\nc|d");
    check(
        &[Edit::Paste {
            after: Some(id("c3")),
            from: id("n"),
            cells: vec![id("c0"), id("c1")],
            new_ids: vec![id("x"), id("y")],
        }],
        "a1\na2|b|c|d|a1\na2|b",
    );
    check(&[Edit::SetTags { cell: id("c0"), tags: vec![id("t")] }], "a1\na2|b|c|d");
    check(&[Edit::SetMetadata { cell: id("c0"), metadata: id(r#"{"b": 1e5, "a": {}}"#) }], "a1\na2|b|c|d");
    check(&[Edit::SetHidden { cell: id("c0"), source: true, outputs: true }], "a1\na2|b|c|d");
    check(&[Edit::SetCollapsed { cell: id("c0"), collapsed: true }], "a1\na2|b|c|d");
    check(&[Edit::SetCellKernel { cell: id("c0"), kernel: Some(id("rust")) }], "a1\na2|b|c|d");
    check(
        &[
            Edit::SetKind { cell: id("c0"), kind: CellKind::Markdown },
            Edit::Attach { cell: id("c0"), name: id("p.png"), mime: id("image/png"), base64: id("aGk=") },
        ],
        "a1\na2|b|c|d",
    );
}

fn check_refused(edit: Edit, error: EditError) {
    let mut desk = Desk::new(&["a", "b"]);
    let before = desk.history.document().to_bytes();
    assert_eq!(desk.try_edit(&[set("c0", "changed"), edit]), Err(error));
    assert_eq!(desk.history.document().to_bytes(), before);
    assert!(!desk.history.can_undo());
}

#[test]
fn all_or_nothing() {
    check_refused(set("zz", ""), EditError::NoSuchCell(id("zz")));
    check_refused(move_to("c0", Some("zz")), EditError::NoSuchCell(id("zz")));
    let insert = |new: &str| Edit::Insert { after: None, id: id(new), kind: CellKind::Code, source: id("") };
    check_refused(insert("c1"), EditError::CellExists(id("c1")));
    check_refused(insert("a b"), EditError::BadId(id("a b")));
    check_refused(Edit::Split { cell: id("c1"), at: 2, new_id: id("n") }, EditError::SplitOutside { at: 2, length: 1 });
    check_refused(
        Edit::Paste { after: None, from: id(""), cells: vec![id("c0")], new_ids: vec![] },
        EditError::IdCount(1, 0),
    );
    check_refused(
        Edit::SetMetadata { cell: id("c0"), metadata: id("[]") },
        EditError::BadMetadata(id("it must stand in braces")),
    );
    check_refused(
        Edit::Attach { cell: id("c0"), name: id("n"), mime: id("a/b"), base64: id("") },
        EditError::NoAttachments,
    );
}

#[test]
fn typing_on_is_one_step() {
    let mut desk = Desk::new(&["", "b"]);
    for text in ["x", "x ", "x =", "x = 1"] {
        desk.edit(&[set("c0", text)]);
    }
    desk.edit(&[set("c0", "x = 1\n")]).edit(&[set("c0", "x = 1\ny")]);
    assert_eq!(desk.undo().as_deref(), Some("c0"));
    assert_eq!(desk.sources(), "x = 1\n|b");
    desk.undo();
    assert_eq!(desk.sources(), "x = 1|b");
    desk.undo();
    assert_eq!(desk.sources(), "|b");
    assert!(!desk.history.can_undo());
    desk.redo();
    assert_eq!(desk.sources(), "x = 1|b");
    // Another cell, and taking away, are steps of their own.
    desk.edit(&[set("c0", "x = 12")]).edit(&[set("c1", "bc")]).edit(&[set("c1", "b")]).edit(&[set("c1", "")]);
    desk.undo();
    assert_eq!(desk.sources(), "x = 12|bc");
    desk.undo();
    desk.undo();
    assert_eq!(desk.sources(), "x = 1|b");
}

#[test]
fn undo_never_brings_back_old_outputs() {
    let mut desk = Desk::new(&["a", "b"]);
    desk.run("c0", "first");
    desk.edit(&[set("c0", "a!"), Edit::SetTags { cell: id("c0"), tags: vec![id("t")] }]);
    desk.run("c0", "second");
    desk.undo();
    assert_eq!((desk.sources().as_str(), desk.outputs("c0").as_str()), ("a|b", "second"));
    desk.run("c0", "third");
    desk.redo();
    assert_eq!((desk.sources().as_str(), desk.outputs("c0").as_str()), ("a!|b", "third"));
}

#[test]
fn cleared_outputs_come_back_unless_it_ran_since() {
    let mut desk = Desk::new(&["a", "b"]);
    desk.run("c0", "kept");
    desk.run("c1", "old");
    desk.edit(&[Edit::ClearOutputs { cell: None }]);
    assert_eq!(desk.outputs("c0"), "");
    desk.run("c1", "new");
    desk.undo();
    assert_eq!((desk.outputs("c0").as_str(), desk.outputs("c1").as_str()), ("kept", "new"));
    desk.redo();
    assert_eq!((desk.outputs("c0").as_str(), desk.outputs("c1").as_str()), ("", "new"));
}

#[test]
fn deleted_cells_come_back_whole() {
    let mut desk = Desk::new(&["a", "b"]);
    desk.run("c1", "out");
    desk.edit(&[Edit::SetTags { cell: id("c1"), tags: vec![id("t")] }, Edit::Delete { cell: id("c1") }]);
    assert_eq!(desk.undo().as_deref(), Some("c1"));
    assert_eq!(desk.outputs("c1"), "out");
    // What ran after it came is there when the insertion is done again.
    desk.edit(&[Edit::Insert { after: None, id: id("n"), kind: CellKind::Code, source: id("n") }]);
    desk.run("n", "fresh");
    desk.undo();
    desk.redo();
    assert_eq!(desk.outputs("n"), "fresh");
}

#[test]
fn cut_cells_can_be_pasted_here_and_elsewhere() {
    let mut desk = Desk::new(&["a", "b"]);
    desk.run("c0", "out");
    desk.edit(&[Edit::Delete { cell: id("c0") }]);
    desk.edit(&[Edit::Paste { after: Some(id("c1")), from: id("n"), cells: vec![id("c0")], new_ids: vec![id("x")] }]);
    assert_eq!((desk.sources().as_str(), desk.outputs("x").as_str()), ("b|a", "out"));
    let mut other = Desk::new(&["z"]);
    let from: Arc<Cell> = desk.history.cell_ever("x").unwrap();
    let paste = Edit::Paste { after: None, from: id("elsewhere"), cells: vec![id("x")], new_ids: vec![id("y")] };
    let find = |path: &str, cell: &str| (path == "elsewhere" && cell == "x").then(|| from.clone());
    let patches = other.history.apply(&[paste], "n", &find, &shown).unwrap();
    other.follow(patches);
    assert_eq!((other.sources().as_str(), other.outputs("y").as_str()), ("a|z", "out"));
    // Undone to the end and done again, the outputs are still there.
    desk.undo();
    desk.undo();
    assert_eq!((desk.sources().as_str(), desk.outputs("c0").as_str()), ("a|b", "out"));
    desk.redo();
    desk.redo();
    assert_eq!((desk.sources().as_str(), desk.outputs("x").as_str()), ("b|a", "out"));
}

#[test]
fn what_was_copied_can_be_pasted_after_its_making_was_undone() {
    let mut desk = Desk::new(&["a"]);
    desk.edit(&[Edit::Insert { after: None, id: id("n"), kind: CellKind::Code, source: id("new") }]);
    desk.run("n", "out");
    desk.undo();
    assert_eq!(desk.sources(), "a");
    desk.edit(&[Edit::Paste { after: Some(id("c0")), from: id("n"), cells: vec![id("n")], new_ids: vec![id("x")] }]);
    assert_eq!((desk.sources().as_str(), desk.outputs("x").as_str()), ("a|new", "out"));
}

#[test]
fn another_version_is_a_step() {
    let mut desk = Desk::new(&["a", "b"]);
    let theirs = Desk::new(&["other"]);
    desk.history.replace(theirs.history.document().clone());
    desk.window = all(&desk.history);
    assert_eq!(desk.sources(), "other");
    desk.undo();
    assert_eq!(desk.sources(), "a|b");
}
