//! One cell: its members as they stand in the file, typed views on them, and changes in place.

use crate::json::{Array, Item, Node, Object, Style, Text, Writer};
use crate::output;
use atelier_wire::studio::notebook::CellKind;
use serde_json::{Map, Value, json};
use std::sync::atomic::{AtomicU64, Ordering};

#[derive(Clone, Debug)]
pub struct Cell {
    id: String,
    /// The file has this id, or its version has none.
    has_own_id: bool,
    node: Object,
    lead: Option<Text>,
    trail: Option<Text>,
    /// Differs whenever running changed the outputs, so that an undo knows whether they are newer than what it undoes.
    pub(crate) run_version: u64,
}

/// Versions are never used twice: an undo goes back to an old one.
static RUN_VERSION: AtomicU64 = AtomicU64::new(1);

/// What a new cell begins with.
pub struct NewCell<'a> {
    pub id: &'a str,
    pub kind: CellKind,
    pub source: &'a str,
}

impl Cell {
    pub(super) fn read(mut item: Item) -> Option<Cell> {
        let mut node = std::mem::take(item.value.object_mut()?);
        // Parts that change one by one are taken apart now: cloning a cell then copies pointers.
        for key in ["metadata", "outputs"] {
            if let Some(part) = node.get_mut(key) {
                let _ = part.object_mut().is_some() || part.array_mut().is_some();
            }
        }
        Some(Cell { id: String::new(), has_own_id: false, node, lead: item.lead, trail: item.trail, run_version: 0 })
    }

    pub(super) fn new(new: NewCell, with_id: bool) -> Cell {
        let mut cell = Cell {
            id: new.id.to_owned(),
            has_own_id: true,
            node: Object::default(),
            lead: None,
            trail: None,
            run_version: 0,
        };
        if with_id {
            cell.write_id();
        }
        cell.node.set("metadata", Node::New(json!({})));
        cell.node.set("source", Node::New(output::lines(new.source)));
        cell.set_kind(new.kind);
        cell
    }

    pub(super) fn to_item(&self) -> Item {
        Item { lead: self.lead.clone(), value: Node::Object(self.node.clone()), trail: self.trail.clone() }
    }

    pub fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn id_in_file(&self) -> Option<String> {
        self.node.get("id").and_then(|id| id.value().as_str().map(str::to_owned))
    }

    pub(super) fn give_id(&mut self, id: String, own: bool) {
        self.id = id;
        self.has_own_id = own;
    }

    pub(super) fn has_own_id(&self) -> bool {
        self.has_own_id
    }

    pub(super) fn write_id(&mut self) {
        self.node.set("id", Node::New(json!(self.id)));
        self.has_own_id = true;
    }

    /// Forgets where in the file it stood.
    pub(crate) fn unplace(&mut self) {
        self.lead = None;
        self.trail = None;
    }

    /// A copy for another notebook or another place: everything that it holds, each value spelled as it is, in the
    /// layout of the notebook it comes to.
    pub(crate) fn copy(&self, id: &str, with_id: bool) -> Cell {
        let style = Style::default();
        let mut writer = Writer::new(&style);
        writer.object(&self.node, 2);
        let mut copy = Cell::read(Item::new(Node::Loose(Text::new(writer.out)))).expect("an object was just written");
        copy.node.remove("id");
        copy.give_id(id.to_owned(), true);
        if with_id {
            copy.write_id();
        }
        copy
    }

    pub fn kind(&self) -> CellKind {
        match self.node.get("cell_type").map(Node::value).as_ref().and_then(Value::as_str) {
            Some("code") => CellKind::Code,
            Some("markdown") => CellKind::Markdown,
            _ => CellKind::Raw,
        }
    }

    /// Only code cells have outputs and a count; they alone have no attachments.
    pub(crate) fn set_kind(&mut self, kind: CellKind) {
        let word = match kind {
            CellKind::Code => "code",
            CellKind::Markdown => "markdown",
            CellKind::Raw => "raw",
        };
        self.node.set("cell_type", Node::New(json!(word)));
        if kind == CellKind::Code {
            self.node.remove("attachments");
            if self.node.get("execution_count").is_none() {
                self.node.set("execution_count", Node::New(Value::Null));
            }
            if self.node.get("outputs").is_none() {
                self.node.set("outputs", Node::New(json!([])));
            }
        } else {
            self.node.remove("execution_count");
            self.node.remove("outputs");
        }
    }

    pub fn source(&self) -> String {
        output::text(self.node.get("source").map(Node::value).as_ref())
    }

    /// Keeps the file's way of holding text; of a list of lines, those that stay keep their spelling.
    pub(crate) fn set_source(&mut self, source: &str) {
        match self.node.get_mut("source") {
            Some(text) if text.is_string() => *text = Node::New(json!(source)),
            Some(list) if list.is_array() => {
                if let Some(lines) = list.array_mut() {
                    replace_lines(lines, source);
                }
            }
            _ => self.node.set("source", Node::New(output::lines(source))),
        }
    }

    pub fn metadata(&self) -> Map<String, Value> {
        match self.node.get("metadata").map(Node::value) {
            Some(Value::Object(metadata)) => metadata,
            _ => Map::new(),
        }
    }

    pub(crate) fn metadata_mut(&mut self) -> &mut Object {
        self.node.object_at("metadata")
    }

    /// Whether nothing but the text may differ. Compares what was not touched by its place in the file.
    pub(crate) fn is_same_but_source(&self, other: &Cell) -> bool {
        let members = |cell: &Cell| cell.node.members.len();
        members(self) == members(other)
            && self.run_version == other.run_version
            && self.node.members.iter().zip(&other.node.members).all(|(a, b)| {
                a.key == b.key
                    && (a.key == "source" || a.key == "id" || a.key == "outputs" || a.value.value() == b.value.value())
            })
    }

    /// Puts a member back as it was in another version of this cell.
    pub(crate) fn restore(&mut self, key: &str, from: &Cell) {
        match from.node.get(key) {
            Some(value) => self.node.set(key, value.clone()),
            None => drop(self.node.remove(key)),
        }
    }

    /// By name, each a MIME bundle.
    pub fn attachments(&self) -> Map<String, Value> {
        match self.node.get("attachments").map(Node::value) {
            Some(Value::Object(attachments)) => attachments,
            _ => Map::new(),
        }
    }

    /// `None` takes the attachment away.
    pub(crate) fn set_attachment(&mut self, name: &str, bundle: Option<Value>) {
        let attachments = self.node.object_at("attachments");
        match bundle {
            Some(bundle) => attachments.set(name, Node::New(bundle)),
            None => drop(attachments.remove(name)),
        }
        if attachments.members.is_empty() {
            self.node.remove("attachments");
        }
    }

    fn ran(&mut self) {
        self.run_version = RUN_VERSION.fetch_add(1, Ordering::Relaxed);
    }

    pub fn execution_count(&self) -> Option<u64> {
        self.node.get("execution_count").and_then(|count| count.value().as_u64())
    }

    pub fn set_execution_count(&mut self, count: Option<u64>) {
        if self.kind() == CellKind::Code
            && (self.execution_count() != count || self.node.get("execution_count").is_none())
        {
            self.ran();
            self.node.set("execution_count", Node::New(json!(count)));
        }
    }
}

/// Outputs, in the form of the file.
impl Cell {
    pub(crate) fn output_nodes(&self) -> impl ExactSizeIterator<Item = &Node> {
        let items = match self.node.get("outputs") {
            Some(Node::Array(array)) => array.items.as_slice(),
            _ => &[],
        };
        items.iter().map(|item| &item.value)
    }

    fn outputs_mut(&mut self) -> &mut Vec<Item> {
        self.ran();
        if !self.node.get("outputs").is_some_and(Node::is_array) {
            self.node.set("outputs", Node::New(json!([])));
        }
        let array = self.node.get_mut("outputs").and_then(Node::array_mut);
        &mut array.expect("a list was put there just now").items
    }

    pub fn num_outputs(&self) -> usize {
        self.output_nodes().len()
    }

    pub fn outputs(&self) -> Vec<Value> {
        self.output_nodes().map(Node::value).collect()
    }

    pub fn output(&self, index: usize) -> Option<Value> {
        self.output_nodes().nth(index).map(Node::value)
    }

    /// The text so far if the output is a stream that grew here.
    pub fn stream_text(&self, index: usize) -> Option<&str> {
        match self.output_nodes().nth(index)? {
            Node::NewOutput(value) => value.get("text")?.as_str(),
            _ => None,
        }
    }

    /// How much memory and file an output takes, roughly.
    pub fn output_bytes(&self, index: usize) -> usize {
        match self.output_nodes().nth(index) {
            Some(Node::Raw(text)) => text.as_str().len(),
            Some(node) => size(&node.value()),
            None => 0,
        }
    }

    pub fn clear_outputs(&mut self) {
        if self.num_outputs() > 0 {
            self.outputs_mut().clear();
        }
    }

    /// Returns the index of the new output. Cells that are not code have none: `None`.
    pub fn push_output(&mut self, mut value: Value) -> Option<usize> {
        if self.kind() != CellKind::Code {
            return None;
        }
        output::join_lines(&mut value);
        let outputs = self.outputs_mut();
        outputs.push(Item::new(Node::NewOutput(value)));
        Some(outputs.len() - 1)
    }

    /// Replaces an output; nothing happens where there is none.
    pub fn set_output(&mut self, index: usize, mut value: Value) {
        output::join_lines(&mut value);
        if let Some(item) = self.outputs_mut().get_mut(index) {
            item.value = Node::NewOutput(value);
        }
    }

    pub fn remove_output(&mut self, index: usize) {
        if index < self.num_outputs() {
            self.outputs_mut().remove(index);
        }
    }

    /// Appends text to the last output if that is the same stream, else begins a new output. Returns its index, and
    /// whether the text was only appended (see [`output::append_stream`]).
    pub fn extend_stream(&mut self, name: &str, text: &str) -> Option<(usize, bool)> {
        if self.kind() != CellKind::Code {
            return None;
        }
        let is_same = |value: &Value| value["output_type"] == "stream" && value["name"] == name;
        let outputs = self.outputs_mut();
        let at = outputs.len();
        if let Some(last) = outputs.last_mut() {
            if matches!(&last.value, Node::Raw(_) | Node::Object(_) | Node::New(_)) {
                let mut value = last.value.value();
                if is_same(&value) {
                    output::join_lines(&mut value);
                    last.value = Node::NewOutput(value);
                }
            }
            if let Node::NewOutput(value) = &mut last.value
                && is_same(value)
                && let Some(Value::String(so_far)) = value.get_mut("text")
            {
                return Some((at - 1, output::append_stream(so_far, text)));
            }
        }
        let mut whole = String::new();
        output::append_stream(&mut whole, text);
        outputs.push(Item::new(Node::NewOutput(json!({ "name": name, "output_type": "stream", "text": whole }))));
        Some((at, false))
    }
}

fn replace_lines(lines: &mut Array, source: &str) {
    let new: Vec<&str> = source.split_inclusive('\n').collect();
    let old: Vec<Value> = lines.items.iter().map(|item| item.value.value()).collect();
    let same = |(old, new): &(&Value, &&str)| old.as_str() == Some(**new);
    let ahead = old.iter().zip(&new).take_while(same).count();
    let rest = old.len().min(new.len()) - ahead;
    let behind = old.iter().rev().zip(new.iter().rev()).take(rest).take_while(same).count();
    let middle = new[ahead..new.len() - behind].iter().map(|line| Item::new(Node::New(json!(line))));
    lines.items.splice(ahead..old.len() - behind, middle);
}

fn size(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(size).sum::<usize>() + items.len(),
        Value::Object(members) => members.iter().map(|(key, value)| key.len() + size(value)).sum(),
        _ => 8,
    }
}
