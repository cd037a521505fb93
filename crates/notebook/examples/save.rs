//! Edits a notebook and saves it; a test lets it die on the way (`ATELIER_CRASH_AT`).
//!
//! `save WORKSPACE JOURNALS PATH SOURCE`: sets the first cell's source, keeps that, then saves.

use atelier_notebook::file::{NotebookFile, Place};
use atelier_notebook::{History, show};
use atelier_wire::studio::notebook::Edit;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [workspace, journals, path, source] = arguments.as_slice() else {
        return Err("four arguments are needed".into());
    };
    let place = Place { workspace: workspace.into(), journals: journals.into() };
    let mut opened = NotebookFile::open(&place, path)?;
    let mut history = History::new(opened.document);
    let cell = history.document().cells().first().ok_or("the notebook has no cell")?.id().to_owned();
    let edit = Edit::SetSource { cell, source: source.clone() };
    history.apply(&[edit], path, &|_, _| None, &|cell| show::cell(cell, &()))?;
    opened.file.keep(history.document())?;
    println!("kept");
    opened.file.save(history.document())?;
    println!("saved");
    Ok(())
}
