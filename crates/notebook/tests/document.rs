//! Files of every kind: read, written as they were, and changed only where they are edited.

use atelier_notebook::{Document, History, show};
use atelier_wire::studio::notebook::{CellKind, Edit};
use serde_json::{Value, json};

fn parse(text: &str) -> Document {
    Document::parse(text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn text(document: &Document) -> String {
    String::from_utf8(document.to_bytes()).unwrap()
}

fn edit(document: Document, edits: &[Edit]) -> History {
    let mut history = History::new(document);
    history.apply(edits, "n.ipynb", &|_, _| None, &|cell| show::cell(cell, &())).unwrap();
    history
}

fn set(cell: &str, source: &str) -> Edit {
    Edit::SetSource { cell: cell.to_owned(), source: source.to_owned() }
}

/// Opening and saving gives the same bytes, also once the file is put together from its parts.
fn check_kept(text_before: &str) {
    let document = parse(text_before);
    assert_eq!(text(&document), text_before);
    let Some(first) = document.cells().first() else { return };
    let (id, source) = (first.id().to_owned(), first.source());
    let mut history = edit(document, &[set(&id, &format!("{source}x"))]);
    history.undo(&|cell| show::cell(cell, &())).unwrap();
    assert_eq!(text(history.document()), text_before, "after an edit and its undo");
}

#[test]
fn untouched_files_are_written_as_they_were() {
    for layout in [
        "{\n \"cells\": [],\n \"metadata\": {},\n \"nbformat\": 4,\n \"nbformat_minor\": 5\n}\n",
        "{\n  \"nbformat\": 4,\n  \"x-own\": {\n    \"b\": 1e5,\n    \"a\": [\n      2.50\n    ]\n  },\n  \"cells\": [],\n  \"nbformat_minor\": 2\n}",
        r#"{"nbformat":4,"nbformat_minor":5,"metadata":{},"cells":[{"id":"a","cell_type":"code","source":"é\n1","outputs":[{"output_type":"odd","x":[1E+2, 1.0]}],"metadata":{"tags":["z"]},"execution_count":null}]}"#,
        r#"{"nbformat":4,"nbformat_minor":4,"cells":[{"cell_type":"markdown","source":["a\n","b"],"extra":null}]}"#,
        r#" { "nbformat" : 4 , "nbformat_minor" : 3 , "cells" : [ { "cell_type" : "raw" , "source" : [ "a" ] } , { } ] } "#,
        "\u{feff}{\r\n\t\"nbformat\": 4,\r\n\t\"nbformat_minor\": 5,\r\n\t\"cells\": [\r\n\t\t{\r\n\t\t\t\"id\": \"a\",\r\n\t\t\t\"cell_type\": \"raw\",\r\n\t\t\t\"source\": \"\"\r\n\t\t}\r\n\t]\r\n}\r\n",
        r#"{"nbformat":4,"nbformat_minor":5,"cells":[{"id":"a","cell_type":"raw","source":"\u00e9\ud83d\ude00\/","metadata":{"n":NaN,"i":[-Infinity,1e999,123456789012345678901234567890]}}]}"#,
        r#"{"nbformat":4,"nbformat_minor":5,"cells":[{"id":"a","id":"b","cell_type":"raw","source":"\ud83d","metadata":{}}],"cells2":[]}"#,
    ] {
        check_kept(layout);
    }
}

fn check_refused(text: &[u8], why: &str) {
    let error = Document::parse(text).unwrap_err().to_string();
    assert!(error.contains(why), "{error}");
}

#[test]
fn errors_say_where_and_what() {
    check_refused(b"{", "line 1, column 2: the file ends");
    check_refused(b"[]", "a notebook is a JSON object");
    check_refused(b"{}", "no `nbformat`");
    check_refused(b"{\n \"nbformat\": 5}", "line 2, column 14: this version");
    check_refused(br#"{"nbformat":4,"cells":{}}"#, "`cells` is not a list");
    check_refused(
        "{\"nbformat\":4,\n\"cells\":[{\"é\":1}, 1]}".as_bytes(),
        "line 2, column 19: a cell is not an object",
    );
    check_refused("{\n\"ä\": tru}".as_bytes(), "line 2, column 6: a value should be here");
    check_refused(b"{\n\"a\": \"\xff\"}", "not UTF-8 text: line 2, column 7");
    check_refused(br#"{"nbformat":3,"worksheets":[{"cells":[1]}]}"#, "worksheets");
    check_refused("[".repeat(100_000).as_bytes(), "nested");
    check_refused(b"<<<<<<< HEAD\n{}", "line 1, column 1: a value");
}

#[test]
fn empty_file_is_a_new_notebook() {
    let document = parse("\n");
    assert!(document.cells().is_empty());
    assert_eq!(document.kernel_name(), "python3");
    parse(&text(&document));
}

/// What an edit leaves of a file: the lines that differ.
fn check_edit(before: &str, edits: &[Edit], gone: &[&str], new: &[&str]) {
    let after = text(edit(parse(before), edits).document());
    let (mut old, mut fresh): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let (all_old, all_new) = (old.clone(), fresh.clone());
    old.retain(|line| !all_new.contains(line));
    fresh.retain(|line| !all_old.contains(line));
    assert_eq!((old, fresh), (gone.to_vec(), new.to_vec()), "{after}");
    parse(&after);
}

const TWO: &str = "{
  \"nbformat\": 4,
  \"cells\": [
    {
      \"source\": [
        \"one\\n\",
        \"tw\\u006f\\n\",
        \"three\"
      ],
      \"cell_type\": \"code\",
      \"id\": \"a\",
      \"execution_count\": 1e0,
      \"metadata\": {
        \"x\": 1E5
      },
      \"outputs\": []
    },
    {
      \"source\": \"text\",
      \"cell_type\": \"markdown\",
      \"id\": \"b\",
      \"metadata\": {}
    }
  ],
  \"metadata\": { },
  \"nbformat_minor\": 5
}
";

#[test]
fn edits_change_only_what_they_touch() {
    check_edit(TWO, &[set("a", "one\ntwo\n3")], &["        \"three\""], &["        \"3\""]);
    check_edit(TWO, &[set("b", "a\nb")], &["      \"source\": \"text\","], &["      \"source\": \"a\\nb\","]);
    let tags = Edit::SetTags { cell: "a".into(), tags: vec!["t".into(), "t".into()] };
    check_edit(TWO, &[tags], &[], &["        \"tags\": [", "          \"t\"", "        ],"]);
    let delete = Edit::Delete { cell: "a".into() };
    let after = text(edit(parse(TWO), &[delete]).document());
    let start = TWO.find("    {\n      \"source\": [").unwrap();
    let end = TWO.find("    {\n      \"source\": \"text\"").unwrap();
    assert_eq!(after, format!("{}{}", &TWO[..start], &TWO[end..]));
}

#[test]
fn new_cells_look_like_the_rest() {
    let insert =
        Edit::Insert { after: Some("a".into()), id: "new".into(), kind: CellKind::Code, source: "x\ny".into() };
    let after = text(edit(parse(TWO), std::slice::from_ref(&insert)).document());
    let new = "    {\n      \"cell_type\": \"code\",\n      \"execution_count\": null,\n      \"id\": \"new\",\n      \"metadata\": {},\n      \"outputs\": [],\n      \"source\": [\n        \"x\\n\",\n        \"y\"\n      ]\n    },\n";
    assert_eq!(
        after,
        TWO.replacen("    {\n      \"source\": \"text\"", &format!("{new}    {{\n      \"source\": \"text\""), 1)
    );
    let one_line = r#"{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}"#;
    let top = Edit::Insert { after: None, id: "n".into(), kind: CellKind::Raw, source: "é".into() };
    let expected = r#"{"cells": [{"cell_type": "raw", "id": "n", "metadata": {}, "source": ["é"]}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}"#;
    assert_eq!(text(edit(parse(one_line), std::slice::from_ref(&top)).document()), expected);
    let ascii = one_line.replace("{}", r#"{"a": "\u00fc"}"#);
    assert!(text(edit(parse(&ascii), &[top]).document()).contains(r#""source": ["\u00e9"]"#));
}

#[test]
fn ids_come_only_where_the_version_has_them() {
    let insert = Edit::Insert { after: None, id: "new".into(), kind: CellKind::Markdown, source: String::new() };
    for (minor, with_id) in [(0, false), (4, false), (5, true), (6, true)] {
        let before = format!(
            r#"{{"cells":[{{"cell_type":"raw","source":""}}],"metadata":{{}},"nbformat":4,"nbformat_minor":{minor}}}"#
        );
        assert_eq!(text(&parse(&before)), before);
        let after = text(edit(parse(&before), std::slice::from_ref(&insert)).document());
        assert_eq!(after.matches("\"id\"").count(), if with_id { 2 } else { 0 }, "{after}");
        assert!(after.contains(&format!("\"nbformat_minor\":{minor}")));
    }
    // Made up, they are the same each time.
    let older = r#"{"cells":[{"source":"a"},{"source":"a"}],"nbformat":4,"nbformat_minor":2}"#;
    let ids = |document: Document| document.cells().iter().map(|cell| cell.id().to_owned()).collect::<Vec<_>>();
    assert_eq!(ids(parse(older)), ids(parse(older)));
    assert_ne!(ids(parse(older))[0], ids(parse(older))[1]);
}

#[test]
fn doubled_ids_are_repaired_with_the_first_edit() {
    let before = r#"{"cells":[{"id":"a","source":""},{"id":"a","source":""},{"id":"no good!"},{}],"nbformat":4,"nbformat_minor":5}"#;
    let document = parse(before);
    assert_eq!(text(&document), before);
    assert!(document.notes().iter().any(|note| note.contains("id of another")));
    let ids: std::collections::HashSet<_> = document.cells().iter().map(|cell| cell.id().to_owned()).collect();
    assert_eq!(ids.len(), 4);
    let after: Value = serde_json::from_str(&text(edit(document, &[set("a", "x")]).document())).unwrap();
    let written: std::collections::HashSet<_> =
        after["cells"].as_array().unwrap().iter().map(|cell| cell["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(written, ids);
}

#[test]
fn format_3_becomes_4_5() {
    let old = json!({
        "metadata": { "name": "old", "x": 1 }, "nbformat": 3, "nbformat_minor": 0,
        "worksheets": [{ "cells": [
            { "cell_type": "heading", "level": 2, "source": ["Two\n", "lines"], "metadata": {} },
            { "cell_type": "code", "collapsed": true, "input": ["1+1"], "language": "python", "prompt_number": 3, "metadata": {},
              "outputs": [
                { "output_type": "pyout", "prompt_number": 3, "text": ["2"], "html": "<b>2</b>", "png": "aGk=", "json": "{\"a\": [1]}" },
                { "output_type": "stream", "stream": "stderr", "text": "warn\n" },
                { "output_type": "pyerr", "ename": "E", "evalue": "v", "traceback": ["t"] },
                { "output_type": "display_data", "svg": ["<svg/>"], "metadata": { "png": { "width": 1 } } } ] },
            { "cell_type": "markdown", "source": "*m*" } ] }],
    });
    let document = parse(&old.to_string());
    assert!(document.notes()[0].contains("format 3"));
    let new: Value = serde_json::from_str(&text(&document)).unwrap();
    assert_eq!((&new["nbformat"], &new["nbformat_minor"], &new["metadata"]["x"]), (&json!(4), &json!(5), &json!(1)));
    let cells = new["cells"].as_array().unwrap();
    assert!(cells.iter().all(|cell| cell["id"].is_string() && cell["metadata"].is_object()));
    assert_eq!((&cells[0]["cell_type"], &cells[0]["source"]), (&json!("markdown"), &json!(["## Two lines"])));
    assert_eq!((&cells[1]["execution_count"], &cells[1]["metadata"]["collapsed"]), (&json!(3), &json!(true)));
    let outputs = cells[1]["outputs"].as_array().unwrap();
    assert_eq!(
        outputs[0]["data"],
        json!({ "application/json": {"a": [1]}, "image/png": "aGk=", "text/html": ["<b>2</b>"], "text/plain": ["2"] })
    );
    assert_eq!(outputs[1], json!({ "name": "stderr", "output_type": "stream", "text": ["warn\n"] }));
    assert_eq!(outputs[2], json!({ "ename": "E", "evalue": "v", "output_type": "error", "traceback": ["t"] }));
    assert_eq!(outputs[3]["metadata"], json!({ "image/png": { "width": 1 } }));
}

#[test]
fn outputs_that_arrive_are_written_as_jupyter_does() {
    let mut document = parse(TWO);
    let cell = document.cell_mut("a").unwrap();
    assert_eq!(cell.extend_stream("stdout", "1\n2"), Some((0, false)));
    assert_eq!(cell.extend_stream("stdout", "3"), Some((0, true)));
    assert_eq!(cell.extend_stream("stderr", "e"), Some((1, false)));
    cell.push_output(
        json!({ "output_type": "display_data", "data": { "text/plain": "a\nb", "image/png": "a\nb" }, "metadata": {} }),
    );
    assert_eq!(cell.stream_text(0), Some("1\n23"));
    let written: Value = serde_json::from_str(&text(&document)).unwrap();
    let outputs = &written["cells"][0]["outputs"];
    assert_eq!((&outputs[0]["text"], &outputs[1]["name"]), (&json!(["1\n", "23"]), &json!("stderr")));
    assert_eq!(outputs[2]["data"], json!({ "text/plain": ["a\n", "b"], "image/png": "a\nb" }));
    assert_eq!(document.cell_mut("b").unwrap().push_output(json!({})), None);
    // Going on with an output that was read from the file.
    let mut again = parse(&text(&document));
    let cell = again.cell_mut("a").unwrap();
    cell.remove_output(2);
    cell.remove_output(1);
    assert_eq!(cell.extend_stream("stdout", "4\n"), Some((0, true)));
    assert_eq!(cell.outputs()[0]["text"], "1\n234\n");
}

#[test]
fn metadata_has_typed_views() {
    let before = r#"{"cells":[{"cell_type":"code","id":"a","metadata":{"collapsed":true,"jupyter":{"source_hidden":true},"tags":["x",1],"vscode":{"languageId":"rust"},"heading_collapsed":true},"outputs":[],"source":""}],"metadata":{"kernelspec":{"name":"conda_python3","language":"Python"}},"nbformat":4,"nbformat_minor":5}"#;
    let document = parse(before);
    assert_eq!((document.kernel_name().as_str(), document.language().as_str()), ("conda_python3", "python"));
    let cell = document.cell("a").unwrap();
    assert!(cell.is_source_hidden() && cell.are_outputs_hidden() && cell.is_collapsed());
    assert_eq!((cell.tags(), cell.kernel()), (vec!["x".to_owned()], Some("rust".to_owned())));
    let id = || "a".to_owned();
    let edits = [
        Edit::SetHidden { cell: id(), source: false, outputs: false },
        Edit::SetTags { cell: id(), tags: vec![] },
        Edit::SetCollapsed { cell: id(), collapsed: false },
        Edit::SetCellKernel { cell: id(), kernel: None },
    ];
    let mut history = edit(document, &edits);
    assert_eq!(Value::Object(history.document().cell("a").unwrap().metadata()), json!({ "collapsed": false }));
    history.document_mut().set_kernel("rust", "Rust", "rust");
    assert_eq!((history.document().kernel_name().as_str(), history.document().language().as_str()), ("rust", "rust"));
}
