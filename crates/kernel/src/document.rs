//! A notebook file (nbformat 4) as the tree that was read, so that writing gives back what this program does not
//! know: unknown fields, the order of keys, the indentation, whether text is one string or a list of lines.
//!
//! Numbers keep their value, not their spelling (`1e5` is written `100000.0`), nor do escapes in strings.

use crate::KernelError;
use crate::output;
use atelier_wire::studio::kernel::CellRun;
use atelier_wire::studio::notebook::{Cell, CellKind, Output};
use serde_json::{Map, Value, json};

/// A notebook larger than this is refused: it would not be usable in a window either.
const MAX_BYTES: usize = 256 << 20;

#[derive(Clone, Debug)]
pub struct Document {
    /// Everything but the cells; holds an empty `cells` at the place where the file has it.
    root: Map<String, Value>,
    pub cells: Vec<CellNode>,
    /// What one level is indented by; `None` for a file on one line.
    indent: Option<String>,
    final_newline: bool,
}

/// A cell: its node of the tree, and what is known about it only while it is open.
#[derive(Clone, Debug)]
pub struct CellNode {
    pub id: String,
    node: Map<String, Value>,
    /// Outputs that arrived in this session hold text as one string; they are written as lists of lines.
    fresh_outputs: bool,
    /// Beside each output: the name under which the kernel may update it.
    display_ids: Vec<Option<String>>,
    pub run: CellRun,
    /// The request that this cell was last run by, to which late output refers.
    pub request: Option<String>,
}

impl Document {
    /// Reads a file. An empty one is a new notebook.
    pub fn parse(path: &str, bytes: &[u8]) -> Result<Document, KernelError> {
        let refuse = |why: String| KernelError::NotANotebook { path: path.to_owned(), why };
        if bytes.len() > MAX_BYTES {
            return Err(refuse(format!("it is larger than {} MiB", MAX_BYTES >> 20)));
        }
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Ok(Document::empty());
        }
        let tree: Value = serde_json::from_slice(bytes).map_err(|error| refuse(format!("it is not JSON ({error})")))?;
        let Value::Object(mut root) = tree else { return Err(refuse("it is not a JSON object".to_owned())) };
        match root.get("nbformat").and_then(Value::as_u64) {
            Some(4) => {}
            Some(other) => return Err(refuse(format!("its format is version {other}; `jupyter nbconvert --to notebook` makes version 4 of it"))),
            None => return Err(refuse("it has no nbformat".to_owned())),
        }
        let Some(Value::Array(nodes)) = root.insert("cells".to_owned(), json!([])) else {
            return Err(refuse("it has no list of cells".to_owned()));
        };
        let mut cells: Vec<CellNode> = Vec::with_capacity(nodes.len());
        for node in nodes {
            let Value::Object(node) = node else { return Err(refuse("a cell is not an object".to_owned())) };
            let wish = node.get("id").and_then(Value::as_str).filter(|id| !id.is_empty() && id.len() <= 64);
            let taken = |id: &str| cells.iter().any(|cell| cell.id == id);
            let id = match wish {
                Some(id) if !taken(id) => id.to_owned(),
                _ => new_id(),
            };
            cells.push(CellNode::of(id, node));
        }
        let text = String::from_utf8_lossy(&bytes[..bytes.len().min(4096)]);
        let indent = text.split_once('\n').map(|(_, rest)| rest.chars().take_while(|c| *c == ' ' || *c == '\t').collect());
        Ok(Document { root, cells, indent, final_newline: bytes.last() == Some(&b'\n') })
    }

    /// A notebook without cells, for the Python of the data-science environment.
    pub fn empty() -> Document {
        let root = json!({
            "cells": [],
            "metadata": {
                "kernelspec": { "display_name": "Python 3 (data science)", "language": "python", "name": "python3" },
                "language_info": { "name": "python" },
            },
            "nbformat": 4,
            "nbformat_minor": 5,
        });
        let Value::Object(root) = root else { unreachable!("the literal above is an object") };
        Document { root, cells: Vec::new(), indent: Some(" ".to_owned()), final_newline: true }
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let minor = self.root.get("nbformat_minor").and_then(Value::as_u64).unwrap_or(0);
        let mut root = self.root.clone();
        root.insert("cells".to_owned(), self.cells.iter().map(|cell| cell.to_node(minor >= 5)).collect());
        let mut bytes = Vec::new();
        use serde::Serialize;
        let written = match &self.indent {
            Some(indent) => {
                let formatter = serde_json::ser::PrettyFormatter::with_indent(indent.as_bytes());
                Value::Object(root).serialize(&mut serde_json::Serializer::with_formatter(&mut bytes, formatter))
            }
            None => serde_json::to_writer(&mut bytes, &root),
        };
        written.expect("a JSON tree can always be written to memory");
        if self.final_newline {
            bytes.push(b'\n');
        }
        bytes
    }

    pub fn kernel_name(&self) -> String {
        self.metadata("/kernelspec/name").unwrap_or("python3").to_owned()
    }

    pub fn language(&self) -> String {
        self.metadata("/kernelspec/language").or_else(|| self.metadata("/language_info/name")).unwrap_or("python").to_owned()
    }

    fn metadata(&self, pointer: &str) -> Option<&str> {
        self.root.get("metadata")?.pointer(pointer)?.as_str()
    }

    /// Notes what the kernel says about its language, as Jupyter does.
    pub fn set_language_info(&mut self, info: Value) {
        if let Some(Value::Object(metadata)) = self.root.get_mut("metadata") {
            metadata.insert("language_info".to_owned(), info);
        }
    }

    pub fn language_info(&self) -> Option<&Value> {
        self.root.get("metadata")?.get("language_info")
    }

    pub fn index(&self, id: &str) -> Option<usize> {
        self.cells.iter().position(|cell| cell.id == id)
    }

    pub fn cell_mut(&mut self, id: &str) -> Option<&mut CellNode> {
        self.cells.iter_mut().find(|cell| cell.id == id)
    }

    pub fn to_wire(&self) -> Vec<Cell> {
        self.cells.iter().map(CellNode::to_wire).collect()
    }
}

impl CellNode {
    fn of(id: String, node: Map<String, Value>) -> CellNode {
        let num_outputs = node.get("outputs").and_then(Value::as_array).map_or(0, Vec::len);
        CellNode { id, node, fresh_outputs: false, display_ids: vec![None; num_outputs], run: CellRun::default(), request: None }
    }

    pub fn new(id: String, kind: CellKind, source: &str) -> CellNode {
        let mut cell = CellNode::of(id, Map::new());
        cell.node.insert("id".to_owned(), json!(cell.id));
        cell.node.insert("metadata".to_owned(), json!({}));
        cell.node.insert("source".to_owned(), output::lines(source));
        cell.set_kind(kind);
        cell
    }

    pub fn kind(&self) -> CellKind {
        match self.node.get("cell_type").and_then(Value::as_str) {
            Some("code") => CellKind::Code,
            Some("markdown") => CellKind::Markdown,
            _ => CellKind::Raw,
        }
    }

    /// Only code cells have outputs and a count.
    pub fn set_kind(&mut self, kind: CellKind) {
        let word = match kind {
            CellKind::Code => "code",
            CellKind::Markdown => "markdown",
            CellKind::Raw => "raw",
        };
        self.node.insert("cell_type".to_owned(), json!(word));
        if kind == CellKind::Code {
            self.node.entry("execution_count").or_insert(Value::Null);
            self.node.entry("outputs").or_insert_with(|| json!([]));
        } else {
            self.node.shift_remove("execution_count");
            self.node.shift_remove("outputs");
            self.display_ids.clear();
            self.run = CellRun::default();
        }
    }

    pub fn source(&self) -> String {
        output::text(self.node.get("source"))
    }

    /// Keeps the file's way of holding text.
    pub fn set_source(&mut self, source: &str) {
        let whole = matches!(self.node.get("source"), Some(Value::String(_)));
        self.node.insert("source".to_owned(), if whole { json!(source) } else { output::lines(source) });
    }

    pub fn set_execution_count(&mut self, count: Option<u64>) {
        self.node.insert("execution_count".to_owned(), json!(count));
    }

    fn outputs(&self) -> &[Value] {
        self.node.get("outputs").and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    fn outputs_mut(&mut self) -> &mut Vec<Value> {
        let outputs = self.node.entry("outputs").or_insert_with(|| json!([]));
        if !outputs.is_array() {
            *outputs = json!([]);
        }
        outputs.as_array_mut().expect("made an array just above")
    }

    pub fn has_outputs(&self) -> bool {
        !self.outputs().is_empty()
    }

    pub fn clear_outputs(&mut self) {
        if self.node.contains_key("outputs") {
            self.outputs_mut().clear();
        }
        self.display_ids.clear();
        self.fresh_outputs = true;
    }

    /// Appends text to the last output if that is the same stream. Returns the index of the output that changed.
    pub fn push_stream(&mut self, name: &str, text: &str) -> usize {
        self.loosen_outputs();
        let outputs = self.outputs_mut();
        if let Some(Value::Object(last)) = outputs.last_mut()
            && last.get("output_type").and_then(Value::as_str) == Some("stream")
            && last.get("name").and_then(Value::as_str) == Some(name)
            && let Some(Value::String(so_far)) = last.get_mut("text")
        {
            output::append_stream(so_far, text);
            return outputs.len() - 1;
        }
        let mut whole = String::new();
        output::append_stream(&mut whole, text);
        self.push(json!({ "name": name, "output_type": "stream", "text": whole }), None)
    }

    pub fn push(&mut self, value: Value, display_id: Option<String>) -> usize {
        self.loosen_outputs();
        self.outputs_mut().push(value);
        self.display_ids.push(display_id);
        self.display_ids.len() - 1
    }

    /// Replaces data and metadata of the outputs called `display_id`; returns their indices.
    pub fn update_display(&mut self, display_id: &str, content: &Value) -> Vec<usize> {
        let named: Vec<usize> = (0..self.display_ids.len()).filter(|i| self.display_ids[*i].as_deref() == Some(display_id)).collect();
        for index in &named {
            if let Some(Value::Object(output)) = self.outputs_mut().get_mut(*index) {
                for key in ["data", "metadata"] {
                    output.insert(key.to_owned(), content.get(key).cloned().unwrap_or_else(|| json!({})));
                }
            }
        }
        named
    }

    /// From here on outputs are changed in place: text read from the file becomes one string.
    fn loosen_outputs(&mut self) {
        if !std::mem::replace(&mut self.fresh_outputs, true) {
            self.outputs_mut().iter_mut().for_each(output::join_lines);
        }
    }

    pub fn output(&self, index: usize) -> Option<Output> {
        self.outputs().get(index).map(output::to_wire)
    }

    pub fn stream_len(&self, index: usize) -> usize {
        self.outputs().get(index).and_then(|o| o.get("text")).and_then(Value::as_str).map_or(0, str::len)
    }

    fn to_wire(&self) -> Cell {
        Cell {
            id: self.id.clone(),
            kind: self.kind(),
            source: self.source(),
            outputs: self.outputs().iter().map(output::to_wire).collect(),
            execution_count: self.node.get("execution_count").and_then(Value::as_u64),
            run: self.run.clone(),
            kernel: None,
            num_deferred_outputs: 0,
            tags: Vec::new(),
            source_hidden: false,
            outputs_hidden: false,
            collapsed: false,
            metadata: self.node.get("metadata").map(Value::to_string).unwrap_or_else(|| "{}".to_owned()),
            attachments: Default::default(),
        }
    }

    fn to_node(&self, with_id: bool) -> Value {
        let mut node = self.node.clone();
        if with_id && node.get("id").and_then(Value::as_str) != Some(&self.id) {
            node.insert("id".to_owned(), json!(self.id));
        } else if !with_id {
            node.shift_remove("id");
        }
        if self.fresh_outputs && let Some(Value::Array(outputs)) = node.get_mut("outputs") {
            outputs.iter_mut().for_each(output::split_lines);
        }
        Value::Object(node)
    }
}

/// Eight letters and digits, as Jupyter makes them.
fn new_id() -> String {
    uuid::Uuid::new_v4().simple().to_string()[..8].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_kept(text: &str) {
        let document = Document::parse("n.ipynb", text.as_bytes()).unwrap();
        assert_eq!(String::from_utf8(document.to_bytes()).unwrap(), text);
    }

    #[test]
    fn untouched_files_are_written_as_they_were() {
        check_kept("{\n \"cells\": [],\n \"metadata\": {},\n \"nbformat\": 4,\n \"nbformat_minor\": 5\n}\n");
        check_kept("{\n  \"nbformat\": 4,\n  \"x-own\": {\n    \"b\": 1,\n    \"a\": [\n      2.5\n    ]\n  },\n  \"cells\": [],\n  \"nbformat_minor\": 2\n}");
        check_kept(r#"{"nbformat":4,"nbformat_minor":5,"metadata":{},"cells":[{"id":"a","cell_type":"code","source":"é\n1","outputs":[{"output_type":"odd","x":[1]}],"metadata":{"tags":["z"]},"execution_count":null}]}"#);
        check_kept(r#"{"nbformat":4,"nbformat_minor":4,"cells":[{"cell_type":"markdown","source":["a\n","b"],"extra":null}]}"#);
    }

    fn check_refused(text: &str, why: &str) {
        let error = Document::parse("n.ipynb", text.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }

    #[test]
    fn what_is_no_notebook_is_refused() {
        check_refused("{", "not JSON");
        check_refused("[]", "not a JSON object");
        check_refused("{}", "no nbformat");
        check_refused(r#"{"nbformat":3,"worksheets":[]}"#, "version 3");
        check_refused(r#"{"nbformat":4}"#, "no list of cells");
        check_refused(r#"{"nbformat":4,"cells":[1]}"#, "not an object");
    }

    #[test]
    fn empty_file_is_a_new_notebook() {
        assert!(Document::parse("n.ipynb", b"\n").unwrap().cells.is_empty());
    }

    #[test]
    fn edited_text_keeps_the_way_of_the_file() {
        let mut document =
            Document::parse("n", br#"{"nbformat":4,"nbformat_minor":4,"cells":[{"cell_type":"code","source":"a"},{"cell_type":"raw","source":["b"]}]}"#).unwrap();
        document.cells[0].set_source("x\ny");
        document.cells[1].set_source("x\ny");
        let text = String::from_utf8(document.to_bytes()).unwrap();
        assert!(text.contains(r#""source":"x\ny""#) && text.contains(r#""source":["x\n","y"]"#), "{text}");
    }

    #[test]
    fn doubled_cell_ids_are_made_unique() {
        let document = Document::parse("n", br#"{"nbformat":4,"nbformat_minor":5,"cells":[{"id":"a"},{"id":"a"}]}"#).unwrap();
        assert_ne!(document.cells[0].id, document.cells[1].id);
    }

    #[test]
    fn streams_join_and_are_written_as_lines() {
        let mut cell = CellNode::new("c".to_owned(), CellKind::Code, "");
        assert_eq!((cell.push_stream("stdout", "a\nb"), cell.push_stream("stdout", "c"), cell.push_stream("stderr", "!")), (0, 0, 1));
        let node = cell.to_node(true);
        assert_eq!(node["outputs"][0]["text"], json!(["a\n", "bc"]));
    }
}
