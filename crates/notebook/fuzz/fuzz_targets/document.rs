//! Whatever the bytes, reading ends without a panic; what is read is written as it was, edited, exported, read again.

#![no_main]

use atelier_notebook::{Document, History, export, show};
use atelier_wire::studio::notebook::Edit;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(document) = Document::parse(bytes) else { return };
    let mut history = History::new(document.clone());
    if let Some(cell) = document.cells().first() {
        let edit = Edit::SetSource { cell: cell.id().to_owned(), source: cell.source() + "x" };
        let show = |cell: &atelier_notebook::Cell| show::cell(cell, &());
        history.apply(&[edit], "n", &|_, _| None, &show).expect("the cell is there");
        let again = Document::parse(&history.document().to_bytes()).expect("what is written can be read");
        assert_eq!(again.cells().len(), document.cells().len());
    }
    export::to_html(&document, "fuzz");
    export::to_python(&document);
    export::to_rust(&document);
});
