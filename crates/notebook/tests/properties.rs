//! Any sequence of edits, undo, runs and saves round-trips; cells that nobody touched keep their bytes; no bytes make
//! the parser panic.

use atelier_notebook::{Cell, Document, History, export, show};
use atelier_wire::studio::notebook::{CellKind, Edit};
use proptest::prelude::*;
use serde_json::{Value, json};

const FILE: &str = "{\n  \"cells\": [\n    {\n      \"cell_type\": \"code\",\n      \"id\": \"c0\",\n      \"execution_count\": 1,\n      \"metadata\": {\"deep\": {\"n\": 1e5, \"u\": \"\\u00e9\"}},\n      \"outputs\": [\n        {\"name\": \"stdout\", \"output_type\": \"stream\", \"text\": \"a\\nb\"}\n      ],\n      \"source\": [\n        \"x = 1\\n\",\n        \"y\"\n      ]\n    },\n    {\n      \"cell_type\": \"markdown\",\n      \"id\": \"c1\",\n      \"metadata\": {},\n      \"source\": \"# T\",\n      \"unknown\": [ 1.50 ]\n    },\n    {\n      \"cell_type\": \"raw\",\n      \"id\": \"untouched\",\n      \"metadata\": { \"k\" :1E+2 },\n      \"source\": [\"\\ud83d\\ude00\\/\"],\n      \"x\": NaN\n    }\n  ],\n  \"metadata\": {\"kernelspec\": {\"name\": \"python3\"}},\n  \"nbformat\": 4,\n  \"nbformat_minor\": 5\n}\n";
const UNTOUCHED: &str = "    {\n      \"cell_type\": \"raw\",\n      \"id\": \"untouched\",\n      \"metadata\": { \"k\" :1E+2 },\n      \"source\": [\"\\ud83d\\ude00\\/\"],\n      \"x\": NaN\n    }";

fn shown(cell: &Cell) -> atelier_wire::studio::notebook::Cell {
    show::cell(cell, &())
}

/// What is done next; cells are chosen by number among those that may be touched.
#[derive(Clone, Debug)]
enum Act {
    Set(usize, String),
    Insert(usize, CellKind, String),
    Delete(usize),
    Move(usize, usize),
    Kind(usize, CellKind),
    Split(usize, usize),
    Merge(usize, usize),
    Paste(usize, usize),
    Clear(Option<usize>),
    Tags(usize, Vec<String>),
    Hidden(usize, bool, bool),
    Metadata(usize),
    Run(usize, String),
    Undo,
    Redo,
    SaveAndRead,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let kind = prop_oneof![Just(CellKind::Code), Just(CellKind::Markdown), Just(CellKind::Raw)];
    let text = "[a-zé😀\"\\\\\n\r\t \u{0}\u{2028}]{0,12}";
    let n = 0..8usize;
    let act = prop_oneof![
        4 => (n.clone(), text).prop_map(|(n, text)| Act::Set(n, text)),
        3 => (n.clone(), kind.clone(), text).prop_map(|(n, kind, text)| Act::Insert(n, kind, text)),
        2 => n.clone().prop_map(Act::Delete),
        2 => (n.clone(), n.clone()).prop_map(|(a, b)| Act::Move(a, b)),
        1 => (n.clone(), kind).prop_map(|(n, kind)| Act::Kind(n, kind)),
        2 => (n.clone(), 0..14usize).prop_map(|(n, at)| Act::Split(n, at)),
        1 => (n.clone(), n.clone()).prop_map(|(a, b)| Act::Merge(a, b)),
        1 => (n.clone(), n.clone()).prop_map(|(a, b)| Act::Paste(a, b)),
        1 => proptest::option::of(n.clone()).prop_map(Act::Clear),
        1 => (n.clone(), prop::collection::vec("[a-c]{0,2}", 0..3)).prop_map(|(n, tags)| Act::Tags(n, tags)),
        1 => (n.clone(), any::<bool>(), any::<bool>()).prop_map(|(n, a, b)| Act::Hidden(n, a, b)),
        1 => n.clone().prop_map(Act::Metadata),
        2 => (n, text).prop_map(|(n, text)| Act::Run(n, text)),
        4 => Just(Act::Undo),
        2 => Just(Act::Redo),
        1 => Just(Act::SaveAndRead),
    ];
    prop::collection::vec(act, 0..25)
}

fn edit_of(act: &Act, history: &History, new: &str) -> Option<Edit> {
    let ids: Vec<String> =
        history.document().cells().iter().map(|cell| cell.id().to_owned()).filter(|id| id != "untouched").collect();
    let cell = |n: &usize| ids.get(n % ids.len().max(1)).cloned();
    let new = new.to_owned();
    Some(match act {
        Act::Set(n, source) => Edit::SetSource { cell: cell(n)?, source: source.clone() },
        Act::Insert(n, kind, source) => Edit::Insert { after: cell(n), id: new, kind: *kind, source: source.clone() },
        Act::Delete(n) => Edit::Delete { cell: cell(n)? },
        Act::Move(n, after) => Edit::Move { cell: cell(n)?, after: cell(after) },
        Act::Kind(n, kind) => Edit::SetKind { cell: cell(n)?, kind: *kind },
        Act::Split(n, at) => Edit::Split { cell: cell(n)?, at: *at, new_id: new },
        Act::Merge(a, b) => Edit::Merge { cells: vec![cell(a)?, cell(b)?] },
        Act::Paste(n, after) => {
            Edit::Paste { after: cell(after), from: String::new(), cells: vec![cell(n)?], new_ids: vec![new] }
        }
        Act::Clear(n) => Edit::ClearOutputs { cell: n.as_ref().and_then(cell) },
        Act::Tags(n, tags) => Edit::SetTags { cell: cell(n)?, tags: tags.clone() },
        Act::Hidden(n, source, outputs) => Edit::SetHidden { cell: cell(n)?, source: *source, outputs: *outputs },
        Act::Metadata(n) => Edit::SetMetadata { cell: cell(n)?, metadata: r#"{"a": [1, {"b": 2.5}]}"#.to_owned() },
        _ => return None,
    })
}

fn tree(document: &Document) -> Vec<(String, String, Value, Vec<Value>)> {
    let cells = document.cells().iter();
    cells.map(|cell| (cell.id().to_owned(), cell.source(), Value::Object(cell.metadata()), cell.outputs())).collect()
}

/// Outputs that arrived hold their text as one string, and lists of lines once they were written.
fn joined(mut cells: Vec<(String, String, Value, Vec<Value>)>) -> Vec<(String, String, Value, Vec<Value>)> {
    for output in cells.iter_mut().flat_map(|cell| &mut cell.3) {
        if let Some(Value::Array(lines)) = output.get("text") {
            output["text"] = lines.iter().filter_map(Value::as_str).collect::<String>().into();
        }
    }
    cells
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_of_edits_round_trips(acts in acts()) {
        let mut history = History::new(Document::parse(FILE.as_bytes()).unwrap());
        for (at, act) in acts.iter().enumerate() {
            match act {
                Act::Undo => drop(history.undo(&shown)),
                Act::Redo => drop(history.redo(&shown)),
                Act::Run(n, text) => {
                    let ids: Vec<String> = history.document().cells().iter().map(|cell| cell.id().to_owned()).collect();
                    let id = ids[n % ids.len()].clone();
                    if id != "untouched" {
                        history.document_mut().cell_mut(&id).unwrap().extend_stream("stdout", text);
                    }
                }
                Act::SaveAndRead => history = History::new(Document::parse(&history.document().to_bytes()).unwrap()),
                act => {
                    let Some(edit) = edit_of(act, &history, &format!("n{at}")) else { continue };
                    let before = history.document().to_bytes();
                    if history.apply(&[edit], "n", &|_, _| None, &shown).is_err() {
                        prop_assert_eq!(history.document().to_bytes(), before);
                    }
                }
            }
            let bytes = history.document().to_bytes();
            let text = String::from_utf8(bytes.clone()).unwrap();
            prop_assert!(text.contains(UNTOUCHED), "the cell that nobody touched was: {}", text);
            let again = Document::parse(&bytes).unwrap();
            prop_assert_eq!(joined(tree(&again)), joined(tree(history.document())));
            prop_assert_eq!(again.to_bytes(), bytes);
        }
    }

    #[test]
    fn undoing_everything_gives_the_file_back(acts in acts()) {
        let mut history = History::new(Document::parse(FILE.as_bytes()).unwrap());
        for (at, act) in acts.iter().enumerate().filter(|(_, act)| !matches!(act, Act::Clear(_))) {
            if let Some(edit) = edit_of(act, &history, &format!("n{at}")) {
                let _ = history.apply(&[edit], "n", &|_, _| None, &shown);
            }
        }
        let done = history.document().to_bytes();
        while history.undo(&shown).is_some() {}
        prop_assert_eq!(String::from_utf8(history.document().to_bytes()).unwrap(), FILE);
        while history.redo(&shown).is_some() {}
        prop_assert_eq!(history.document().to_bytes(), done);
    }

    /// Real documents with bytes changed, cut and doubled.
    #[test]
    fn no_bytes_make_it_panic(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4u8), 1..12)) {
        let mut bytes = FILE.as_bytes().to_vec();
        for (at, byte, how) in changes {
            let at = at.index(bytes.len().max(1)).min(bytes.len().saturating_sub(1));
            match how {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, b"{}[]\",:\\0e-n"[usize::from(byte) % 12]),
                2 => drop(bytes.remove(at)),
                _ => {
                    let piece: Vec<u8> = bytes[at..bytes.len().min(at + usize::from(byte))].to_vec();
                    bytes.splice(at..at, piece);
                }
            }
            if bytes.is_empty() {
                break;
            }
        }
        if let Ok(document) = Document::parse(&bytes) {
            let first = document.cells().first().map(|cell| cell.id().to_owned());
            let mut history = History::new(document.clone());
            if let Some(cell) = first {
                history.apply(&[Edit::SetSource { cell, source: "changed".to_owned() }], "n", &|_, _| None, &shown).unwrap();
            }
            let again = Document::parse(&history.document().to_bytes()).unwrap();
            prop_assert_eq!(again.cells().len(), document.cells().len());
            export::to_html(&document, "t");
            export::to_python(&document);
            export::to_rust(&document);
        }
    }

    #[test]
    fn no_source_makes_an_export_panic(source in "[%!?#'\"\\\\\\[\\](){}<>&;@=$`*|_a-d0-9é\u{1b}\n -]{0,60}", kernel in prop_oneof![Just("python3"), Just("rust")]) {
        let file = json!({
            "cells": [
                { "cell_type": "code", "id": "c", "metadata": {}, "source": source, "execution_count": null, "outputs": [
                    { "output_type": "stream", "name": "stdout", "text": source },
                    { "output_type": "display_data", "metadata": {}, "data": { "text/html": source } },
                    { "output_type": "display_data", "metadata": {}, "data": { "text/latex": source } } ] },
                { "cell_type": "markdown", "id": "m", "metadata": {}, "source": source },
            ],
            "metadata": { "kernelspec": { "name": kernel } }, "nbformat": 4, "nbformat_minor": 5,
        });
        let document = Document::parse(file.to_string().as_bytes()).unwrap();
        // The page has one script at most, its own, for the height of frames.
        let html = export::to_html(&document, "t");
        prop_assert_eq!(html.matches("<script").count(), usize::from(html.contains("<iframe")));
        export::to_python(&document);
        export::to_rust(&document);
    }
}
