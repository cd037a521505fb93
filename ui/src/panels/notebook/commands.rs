//! The notebook's commands, for the palette.

use super::export::{FORMS, export};
use super::keys::{Action, act};
use super::session::Session;
use crate::frame::{Address, Command, use_commands};
use atelier_wire::studio::notebook::{Against, CellKind};
use leptos::prelude::*;

pub(super) fn register(address: &Address, session: Session) {
    let key = |id: &str, icon: &'static str, title: &'static str, keys: &'static str, action: Action| {
        Command::new(format!("notebook.{id}"), icon, title, move || act(session, action)).keys(keys)
    };
    let run = |id: &str, icon: &'static str, title: &'static str, doing: fn(Session)| {
        Command::new(format!("notebook.{id}"), icon, title, move || doing(session))
    };
    let mut all = vec![
        key("run", "play", "Run the cell", "Ctrl Enter", Action::Run),
        key("run-advance", "play", "Run the cell and go on", "Shift Enter", Action::RunAdvance),
        key("run-insert", "play", "Run the cell and insert one below", "Alt Enter", Action::RunInsert),
        run("run-all", "skip", "Run all cells", |session| session.run_all()),
        run("run-above", "up", "Run all cells above", |session| session.run_above()),
        run("run-below", "arrow-down", "Run this cell and all below", |session| session.run_below()),
        run("run-section", "group", "Run the section", |session| session.run_section()),
        run("go-to-running", "live", "Go to the cell that runs", |session| session.go_to_running()),
        run("cancel-queue", "x", "Take all cells out of the queue", |session| session.cancel(Vec::new())),
        key("interrupt", "stop", "Interrupt the kernel", "I I", Action::Interrupt),
        key("restart", "restart", "Restart the kernel", "0 0", Action::Restart),
        run("restart-run-all", "restart", "Restart the kernels and run all cells", |session| session.restart_all(true)),
        run("stop", "stopped", "Stop the kernel", |session| session.stop(None)),
        key("insert-above", "plus", "Insert a cell above", "A", Action::InsertAbove),
        key("insert-below", "plus", "Insert a cell below", "B", Action::InsertBelow),
        run("insert-python", "terminal", "Insert a Python cell", |session| {
            session.insert_with(true, CellKind::Code, session.kernel_for("python"), true)
        }),
        run("insert-rust", "terminal", "Insert a Rust cell", |session| {
            session.insert_with(true, CellKind::Code, session.kernel_for("rust"), true)
        }),
        run("insert-text", "text", "Insert a text cell", |session| session.insert_near(true, CellKind::Markdown, true)),
        run("to-python", "terminal", "Make the cells Python", |session| {
            session.set_language(&session.chosen(), "python")
        }),
        run("to-rust", "terminal", "Make the cells Rust", |session| session.set_language(&session.chosen(), "rust")),
        key("to-code", "terminal", "Make the cells code", "Y", Action::Kind(CellKind::Code)),
        key("to-text", "text", "Make the cells text", "M", Action::Kind(CellKind::Markdown)),
        key("to-raw", "file", "Make the cells raw", "R", Action::Kind(CellKind::Raw)),
        key("cut", "x", "Cut the cells", "X", Action::Cut),
        key("copy", "copy", "Copy the cells", "C", Action::Copy),
        key("paste", "clone", "Paste cells below", "V", Action::Paste),
        key("paste-above", "clone", "Paste cells above", "Shift V", Action::PasteAbove),
        run("duplicate", "clone", "Duplicate the cells", |session| session.duplicate(&session.chosen())),
        key("delete", "trash", "Delete the cells", "D D", Action::Delete),
        key("undo", "undo", "Undo in the notebook", "Z", Action::Undo),
        key("redo", "undo", "Do again in the notebook", "Shift Z", Action::Redo),
        key("join", "group", "Join the cells", "Shift M", Action::Join),
        run("split", "split", "Split the cell at the cursor", |session| {
            if let Some(cell) = session.current() {
                session.split(&cell.id, cell.editor.cursor().unwrap_or_default());
            }
        })
        .keys("Ctrl Shift -"),
        key("move-up", "up", "Move the cells up", "Ctrl Shift ↑", Action::MoveUp),
        key("move-down", "arrow-down", "Move the cells down", "Ctrl Shift ↓", Action::MoveDown),
        key("select-all", "check", "Choose all cells", "Ctrl A", Action::SelectAll),
        run("hide-source", "eye-off", "Hide or show the source", |session| {
            session.toggle_hidden(&session.chosen(), false)
        }),
        key("hide-outputs", "eye-off", "Hide or show the outputs", "O", Action::ToggleOutputs),
        key("scroll-outputs", "sort", "Scroll the outputs in a box, or not", "Shift O", Action::ScrollOutputs),
        run("clear-cell", "x", "Clear the outputs of the cells", |session| {
            session.clear_outputs(Some(&session.chosen()))
        }),
        run("clear", "x", "Clear all outputs", |session| session.clear_outputs(None)),
        key("fold", "right", "Fold the section", "←", Action::Fold),
        key("unfold", "down", "Open the section", "→", Action::Unfold),
        run("fold-all", "right", "Fold all sections", |session| session.fold_all(true)),
        run("unfold-all", "down", "Open all sections", |session| session.fold_all(false)),
        key("line-numbers", "columns", "Show or hide line numbers", "L", Action::LineNumbers),
        key("find", "search", "Find in the notebook", "Ctrl F", Action::Find),
        key("replace", "search", "Find and replace in the notebook", "Ctrl H", Action::Replace),
        key("help", "info", "Keys of the notebook", "H", Action::Help),
        key("save", "download", "Save the notebook", "Ctrl S", Action::Save),
        run("diff-save", "compare", "Compare with the last save", |session| session.diff.set(Some(Against::LastSave))),
        run("diff-disk", "compare", "Compare with the file on disk", |session| session.diff.set(Some(Against::Disk))),
        run("diff-commit", "compare", "Compare with the last commit", |session| {
            session.diff.set(Some(Against::LastCommit))
        }),
        run("diff-file", "compare", "Compare with another notebook…", |session| {
            session.diff.set(Some(Against::File(String::new())))
        }),
    ];
    for level in 1..=6 {
        all.push(key(
            &format!("heading-{level}"),
            "text",
            HEADINGS[level - 1].0,
            HEADINGS[level - 1].1,
            Action::Heading(level),
        ));
    }
    for (form, name, id) in FORMS {
        all.push(Command::new(format!("notebook.export-{id}"), "file", format!("Export as {name}"), move || {
            export(session, form)
        }));
    }
    use_commands(address, all);
}

const HEADINGS: [(&str, &str); 6] = [
    ("Make it a heading of level 1", "1"),
    ("Make it a heading of level 2", "2"),
    ("Make it a heading of level 3", "3"),
    ("Make it a heading of level 4", "4"),
    ("Make it a heading of level 5", "5"),
    ("Make it a heading of level 6", "6"),
];
