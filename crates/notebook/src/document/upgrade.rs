//! Formats 2 and 3, of before 2015: cells lay in worksheets, and many things had other names. Upgraded as Jupyter
//! does it.

use super::cell::Cell;
use super::{Document, ids};
use crate::json::{Item, Node, Object, Style};
use crate::output;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// `None` if the worksheets are no lists of objects.
pub fn from_3(root: &Object, style: Style) -> Option<Document> {
    let number = root.get("nbformat").map(Node::value)?;
    let mut cells = Vec::new();
    let sheets = root.get("worksheets").map_or_else(|| json!([]), Node::value);
    for sheet in sheets.as_array()? {
        let of_sheet = sheet.get("cells").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        for cell in of_sheet {
            let upgraded = upgrade_cell(cell.as_object()?.clone());
            cells.push(Cell::read(Item::new(Node::New(sorted(upgraded))))?);
        }
    }
    let mut metadata = match root.get("metadata").map(Node::value) {
        Some(Value::Object(metadata)) => metadata,
        _ => Map::new(),
    };
    metadata.insert("orig_nbformat".to_owned(), number.clone());
    let metadata = sorted(metadata);
    let mut document =
        Document::with_root(json!({ "cells": [], "metadata": metadata, "nbformat": 4, "nbformat_minor": 5 }));
    document.style = style;
    ids::give(&mut cells, 5, &mut document.notes);
    cells.iter_mut().for_each(Cell::write_id);
    document.cells = cells.into_iter().map(Arc::new).collect();
    document.notes.push(format!("The file is of format {number}; the first save makes it format 4.5."));
    Some(document)
}

/// New text stands in the order of the alphabet, as Jupyter writes it.
fn sorted(map: Map<String, Value>) -> Value {
    let mut members: Vec<(String, Value)> = map.into_iter().collect();
    members.sort_by(|a, b| a.0.cmp(&b.0));
    Value::Object(members.into_iter().collect())
}

fn upgrade_cell(mut cell: Map<String, Value>) -> Map<String, Value> {
    let source = output::text(cell.shift_remove("input").or_else(|| cell.shift_remove("source")).as_ref());
    let level = cell.shift_remove("level").and_then(|level| level.as_u64()).unwrap_or(1).clamp(1, 6);
    let count = cell.shift_remove("prompt_number");
    let outputs = cell.shift_remove("outputs");
    let collapsed = cell.shift_remove("collapsed");
    let mut metadata = match cell.shift_remove("metadata") {
        Some(Value::Object(metadata)) => metadata,
        _ => Map::new(),
    };
    for key in ["language", "rendered"] {
        cell.shift_remove(key);
    }
    let kind = cell.get("cell_type").and_then(Value::as_str).unwrap_or("raw").to_owned();
    let (kind, source) = match kind.as_str() {
        "heading" => {
            ("markdown", format!("{} {}", "#".repeat(level as usize), source.lines().collect::<Vec<_>>().join(" ")))
        }
        "code" => ("code", source),
        "markdown" | "html" | "text" => ("markdown", source),
        _ => ("raw", source),
    };
    if kind == "code" {
        let outputs = outputs.as_ref().and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let outputs = outputs.iter().filter_map(Value::as_object).map(|output| sorted(upgrade_output(output.clone())));
        cell.insert("outputs".to_owned(), outputs.collect());
        cell.insert("execution_count".to_owned(), count.filter(Value::is_u64).unwrap_or(Value::Null));
        if let Some(collapsed @ Value::Bool(_)) = collapsed {
            metadata.insert("collapsed".to_owned(), collapsed);
        }
    }
    cell.insert("cell_type".to_owned(), json!(kind));
    cell.insert("metadata".to_owned(), Value::Object(metadata));
    cell.insert("source".to_owned(), output::lines(&source));
    cell
}

fn upgrade_output(mut output: Map<String, Value>) -> Map<String, Value> {
    let kind = output.get("output_type").and_then(Value::as_str).unwrap_or("display_data").to_owned();
    let text = |value: Option<Value>| json!(output::text(value.as_ref()));
    match kind.as_str() {
        "stream" => {
            let name = output.shift_remove("stream").filter(Value::is_string).unwrap_or_else(|| json!("stdout"));
            let whole = output::lines(&output::text(output.get("text")));
            output.insert("name".to_owned(), name);
            output.insert("text".to_owned(), whole);
            output.shift_remove("metadata");
            output
        }
        "pyerr" | "error" => {
            let mut error = Map::new();
            error.insert("output_type".to_owned(), json!("error"));
            for key in ["ename", "evalue"] {
                error.insert(key.to_owned(), text(output.shift_remove(key)));
            }
            let traceback = output.shift_remove("traceback").filter(Value::is_array);
            error.insert("traceback".to_owned(), traceback.unwrap_or_else(|| json!([])));
            error
        }
        _ => upgrade_display(&kind, output),
    }
}

fn upgrade_display(kind: &str, mut output: Map<String, Value>) -> Map<String, Value> {
    let mut new = Map::new();
    let count = output.shift_remove("prompt_number");
    output.shift_remove("output_type");
    if kind == "pyout" || kind == "execute_result" {
        new.insert("output_type".to_owned(), json!("execute_result"));
        new.insert("execution_count".to_owned(), count.filter(Value::is_u64).unwrap_or(Value::Null));
    } else {
        new.insert("output_type".to_owned(), json!("display_data"));
    }
    let metadata = match output.shift_remove("metadata") {
        Some(Value::Object(metadata)) => metadata.into_iter().map(|(key, value)| (mime(&key), value)).collect(),
        _ => Map::new(),
    };
    new.insert("metadata".to_owned(), sorted(metadata));
    let data = output.into_iter().map(|(key, value)| {
        let mime = mime(&key);
        let value = match mime.as_str() {
            // It was JSON within a text.
            "application/json" => crate::json::check(&output::text(Some(&value)))
                .map_or(value.clone(), |()| crate::json::decode(&output::text(Some(&value)))),
            _ => value,
        };
        (mime, value)
    });
    let mut shell = json!({ "data": sorted(data.collect()) });
    output::split_lines(&mut shell);
    if let Value::Object(shell) = shell {
        new.extend(shell);
    }
    new
}

/// The short names that data had.
fn mime(key: &str) -> String {
    let long = match key {
        "text" => "text/plain",
        "html" => "text/html",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpeg" => "image/jpeg",
        "latex" => "text/latex",
        "json" => "application/json",
        "javascript" => "application/javascript",
        other => other,
    };
    long.to_owned()
}
