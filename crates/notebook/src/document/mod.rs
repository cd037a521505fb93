//! A notebook file as the tree that was read.

mod cell;
mod ids;
mod metadata;
mod snapshot;
mod upgrade;

pub use cell::{Cell, NewCell};
pub(crate) use ids::is_valid as is_valid_id;

use crate::error::{DocumentError, place};
use crate::json::{self, Array, Fault, Item, Node, Object, Style, Text, Writer};
use serde_json::{Value, json};
use std::sync::Arc;

/// A larger notebook is refused: it would not be usable in a window either.
pub const MAX_BYTES: usize = 256 << 20;

/// A notebook. Cloning it copies pointers to its cells.
#[derive(Clone, Debug)]
pub struct Document {
    /// Whether the file begins with a byte order mark.
    bom: bool,
    /// The space around the outermost braces.
    head: Text,
    foot: Text,
    /// Everything but the cells; holds an empty `cells` at the place where the file has it.
    root: Object,
    pub(crate) cells: Vec<Arc<Cell>>,
    /// The brackets around the cells, with nothing in them.
    cells_frame: Array,
    style: Style,
    minor: u64,
    notes: Vec<String>,
    /// Ids that are missing or doubled in the file are put in with the first change.
    ids_written: bool,
    /// The file as it was read, while nothing was changed.
    original: Option<Text>,
}

impl Document {
    /// Reads a file of nbformat 4 in any minor version, or of 2 and 3, which are upgraded to 4.5. An empty one is a
    /// new notebook.
    pub fn parse(bytes: &[u8]) -> Result<Document, DocumentError> {
        if bytes.len() > MAX_BYTES {
            return Err(DocumentError::TooLarge(MAX_BYTES >> 20));
        }
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let (line, column) = place(bytes, error.valid_up_to());
            DocumentError::NotText { line, column }
        })?;
        let (bom, text) = text.strip_prefix('\u{feff}').map_or((false, text), |rest| (true, rest));
        if text.trim().is_empty() {
            return Ok(Document::empty());
        }
        let refuse = |fault| DocumentError::at(text, fault);
        json::check(text).map_err(refuse)?;
        Document::read(bom, Text::new(text)).map_err(refuse)
    }

    fn read(bom: bool, text: Text) -> Result<Document, Fault> {
        let mut node = Node::read(text.clone());
        let start = node.start();
        let end = start + node.raw().map_or(0, str::len);
        let fault = |at: usize, what: &str| Fault { at, what: what.to_owned() };
        let Some(root) = node.object_mut() else { return Err(fault(start, "a notebook is a JSON object")) };
        let mut root = std::mem::take(root);
        let style = Style::of(&root, text.as_str());
        let major =
            root.get("nbformat").ok_or_else(|| fault(start, "it has no `nbformat`: this is some other JSON file"))?;
        match major.value().as_u64() {
            Some(4) => {}
            Some(2 | 3) => {
                return upgrade::from_3(&root, style).ok_or_else(|| fault(start, "its worksheets cannot be read"));
            }
            _ => return Err(fault(major.start(), "this version of the notebook format is not known: 2, 3 and 4 are")),
        }
        let minor = root.get("nbformat_minor").and_then(|minor| minor.value().as_u64()).unwrap_or(0);
        let mut notes = Vec::new();
        let mut array = match root.get_mut("cells") {
            Some(cells) if cells.is_array() => std::mem::replace(cells, Node::New(json!([]))),
            Some(other) => return Err(fault(other.start(), "`cells` is not a list")),
            None => {
                notes.push("The file has no list of cells.".to_owned());
                Node::New(json!([]))
            }
        };
        let mut frame = array.array_mut().map(std::mem::take).unwrap_or_default();
        let items = std::mem::take(&mut frame.items);
        let mut cells = Vec::with_capacity(items.len());
        for item in items {
            let at = item.value.start();
            cells.push(Cell::read(item).ok_or_else(|| fault(at, "a cell is not an object"))?);
        }
        let ids_written = ids::give(&mut cells, minor, &mut notes);
        Ok(Document {
            bom,
            head: text.piece(0, start),
            foot: text.piece(end, text.as_str().len()),
            root,
            cells: cells.into_iter().map(Arc::new).collect(),
            cells_frame: frame,
            style,
            minor,
            notes,
            ids_written,
            original: Some(text),
        })
    }

    /// A notebook without cells, for the Python of the data-science environment.
    pub fn empty() -> Document {
        Document::with_root(json!({
            "cells": [],
            "metadata": {
                "kernelspec": { "display_name": "Python 3 (data science)", "language": "python", "name": "python3" },
                "language_info": { "name": "python" },
            },
            "nbformat": 4,
            "nbformat_minor": 5,
        }))
    }

    /// A new notebook in Jupyter's layout. `root` must be an object.
    fn with_root(root: Value) -> Document {
        let mut root = Node::New(root);
        Document {
            bom: false,
            head: Text::new(""),
            foot: Text::new("\n"),
            root: root.object_mut().map(std::mem::take).unwrap_or_default(),
            cells: Vec::new(),
            cells_frame: Array::default(),
            style: Style::default(),
            minor: 5,
            notes: Vec::new(),
            ids_written: true,
            original: None,
        }
    }

    /// What a save writes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer::new(&self.style);
        if self.bom {
            writer.out.push('\u{feff}');
        }
        match &self.original {
            Some(original) => writer.out.push_str(original.as_str()),
            None => self.write(&mut writer),
        }
        writer.out.into_bytes()
    }

    fn write(&self, writer: &mut Writer) {
        writer.out.push_str(self.head.as_str());
        writer.object_with(&self.root, 0, |writer, key, value| {
            if key != "cells" {
                return writer.node(value, 1);
            }
            // A cell's members are shared, so the items are put together only here.
            let items: Vec<Item> = self.cells.iter().map(|cell| cell.to_item()).collect();
            writer.items(items.iter(), items.len(), &self.cells_frame, 1);
        });
        writer.out.push_str(self.foot.as_str());
    }

    /// Must be called before anything is changed: from here on the file is put together from its parts.
    pub(crate) fn touch(&mut self) {
        self.original = None;
        if self.root.get("cells").is_none() {
            self.root.set("cells", Node::New(json!([])));
        }
        if !std::mem::replace(&mut self.ids_written, true) {
            for cell in &mut self.cells {
                if !cell.has_own_id() {
                    Arc::make_mut(cell).write_id();
                }
            }
        }
    }

    /// Whether the file's format gives its cells ids.
    pub fn has_ids(&self) -> bool {
        self.minor >= 5
    }

    pub fn minor(&self) -> u64 {
        self.minor
    }

    /// What a person should know about the file.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    pub fn cells(&self) -> &[Arc<Cell>] {
        &self.cells
    }

    pub fn index(&self, id: &str) -> Option<usize> {
        self.cells.iter().position(|cell| cell.id() == id)
    }

    pub fn cell(&self, id: &str) -> Option<&Arc<Cell>> {
        self.cells.iter().find(|cell| cell.id() == id)
    }

    /// For those who run cells; edits go through [`crate::History`].
    pub fn cell_mut(&mut self, id: &str) -> Option<&mut Cell> {
        let at = self.index(id)?;
        self.touch();
        Some(Arc::make_mut(&mut self.cells[at]))
    }

    /// A new cell in this notebook's layout and version; it is not in the notebook yet.
    pub(crate) fn make_cell(&self, new: NewCell) -> Cell {
        Cell::new(new, self.has_ids())
    }

    /// Cells that were touched and are the same all the same become those of `before` again, so that comparing
    /// pointers tells what changed. Where the first place of a file on one line changed hands, the space before the
    /// cells is made anew.
    pub(crate) fn keep_unchanged(&mut self, before: &Document) {
        if self.style.indent.is_none()
            && self.cells.first().map(|cell| cell.id()) != before.cells.first().map(|cell| cell.id())
        {
            let first = before.cells.first().map(|cell| cell.id().to_owned());
            let moved = |(at, cell): &(usize, &mut Arc<Cell>)| *at == 0 || Some(cell.id()) == first.as_deref();
            self.cells.iter_mut().enumerate().filter(moved).for_each(|(_, cell)| Arc::make_mut(cell).unplace());
        }
    }
}
