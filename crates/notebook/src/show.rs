//! What a window is told of cells and outputs. Binary and long content goes by path instead.

use crate::document::Cell;
use crate::output;
use atelier_wire::studio::notebook::{self as wire, Content, Output, SHOWN_BYTES, cut_at};
use base64::Engine as _;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Where content is kept by what it is. Called for the same bytes again and again.
pub trait Blobs {
    /// Keeps the bytes; returns the path of the backend at which they can be read.
    fn put(&self, mime: &str, bytes: &[u8]) -> String;
}

/// Keeps nothing, for those who look at no content.
impl Blobs for () {
    fn put(&self, _mime: &str, _bytes: &[u8]) -> String {
        String::new()
    }
}

/// The cell with all its outputs. `run` and `num_deferred_outputs` are for the caller to fill in.
pub fn cell(cell: &Cell, blobs: &dyn Blobs) -> wire::Cell {
    let outputs = cell.output_nodes().map(|node| output(&node.value(), blobs)).collect();
    wire::Cell { outputs, ..without_outputs(cell, blobs) }
}

/// The cell as [`cell`] gives it, but with `outputs` empty and `num_deferred_outputs` telling how many there are.
pub fn without_outputs(cell: &Cell, blobs: &dyn Blobs) -> wire::Cell {
    let attachments = cell.attachments().into_iter().filter_map(|(name, bundle)| {
        let (mime, data) = bundle.as_object()?.iter().next()?;
        Some((name, content(mime, data, blobs)))
    });
    wire::Cell {
        id: cell.id().to_owned(),
        kind: cell.kind(),
        source: cell.source(),
        kernel: cell.kernel(),
        outputs: Vec::new(),
        num_deferred_outputs: cell.num_outputs(),
        execution_count: cell.execution_count(),
        run: Default::default(),
        tags: cell.tags(),
        source_hidden: cell.is_source_hidden(),
        outputs_hidden: cell.are_outputs_hidden(),
        collapsed: cell.is_collapsed(),
        metadata: Value::Object(cell.metadata()).to_string(),
        attachments: attachments.collect(),
    }
}

/// An output, of a long stream only the end.
pub fn output(value: &Value, blobs: &dyn Blobs) -> Output {
    output_up_to(value, SHOWN_BYTES, blobs)
}

/// An output, whole.
pub fn whole_output(value: &Value, blobs: &dyn Blobs) -> Output {
    output_up_to(value, usize::MAX, blobs)
}

fn output_up_to(value: &Value, shown: usize, blobs: &dyn Blobs) -> Output {
    match value.get("output_type").and_then(Value::as_str) {
        Some("stream") => {
            let text = output::text(value.get("text"));
            let above = text.len().saturating_sub(shown);
            let cut = if above > 0 { cut_at(&text, above) } else { 0 };
            Output::Stream {
                stderr: value.get("name").and_then(Value::as_str) == Some("stderr"),
                text: text[cut..].to_owned(),
                num_left_out: cut as u64,
            }
        }
        Some("error") => Output::Error {
            name: output::text(value.get("ename")),
            message: output::text(value.get("evalue")),
            traceback: match value.get("traceback") {
                Some(Value::Array(lines)) => lines.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
                _ => Vec::new(),
            },
        },
        _ => Output::Display {
            data: data(value, blobs),
            execution_count: value.get("execution_count").and_then(Value::as_u64),
            display_id: value.pointer("/transient/display_id").and_then(Value::as_str).map(str::to_owned),
        },
    }
}

fn data(value: &Value, blobs: &dyn Blobs) -> BTreeMap<String, Content> {
    static NONE: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
    let bundle = value.get("data").and_then(Value::as_object).unwrap_or(&NONE);
    bundle.iter().map(|(mime, data)| (mime.clone(), content(mime, data, blobs))).collect()
}

/// One representation. What should be base64 and is not stays text.
pub fn content(mime: &str, data: &Value, blobs: &dyn Blobs) -> Content {
    let blob = |bytes: &[u8]| Content::Blob { path: blobs.put(mime, bytes), num_bytes: bytes.len() as u64 };
    if let (true, Some(bytes)) = (is_binary(mime), from_base64(data)) {
        return blob(&bytes);
    }
    let text = text_of(mime, data);
    if text.len() > SHOWN_BYTES { blob(text.as_bytes()) } else { Content::Text(text) }
}

/// Text types as they are, JSON as its text.
pub fn text_of(mime: &str, data: &Value) -> String {
    match data {
        Value::String(_) | Value::Array(_) if !output::is_json(mime) => output::text(Some(data)),
        other => other.to_string(),
    }
}

/// Types that stand in notebooks as base64.
pub fn is_binary(mime: &str) -> bool {
    let (kind, sub) = mime.split_once('/').unwrap_or((mime, ""));
    match kind {
        "image" => sub != "svg+xml" && !sub.ends_with("+xml"),
        "audio" | "video" | "font" => true,
        "application" => {
            matches!(sub, "pdf" | "octet-stream" | "zip" | "vnd.apache.arrow.stream" | "vnd.apache.arrow.file")
        }
        _ => false,
    }
}

pub fn from_base64(data: &Value) -> Option<Vec<u8>> {
    let mut text = output::text(Some(data));
    text.retain(|c| !c.is_ascii_whitespace());
    if text.is_empty() {
        return None;
    }
    base64::engine::general_purpose::STANDARD.decode(text).ok()
}
