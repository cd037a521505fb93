//! A document as the journal keeps it: whole once, then what changed. Ids stand beside the text, since a file older
//! than nbformat 4.5 has none.

use super::{Cell, Document};
use crate::json::{self, Item, Node, Text, Writer};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;

impl Document {
    /// The ids of the cells, and the bytes of the file.
    pub(crate) fn snapshot(&self) -> (Vec<&str>, Vec<u8>) {
        (self.ids(), self.to_bytes())
    }

    fn ids(&self) -> Vec<&str> {
        self.cells.iter().map(|cell| cell.id()).collect()
    }

    /// Gives the cells the ids that they had when the snapshot was made.
    pub(crate) fn give_ids(&mut self, ids: &[String]) {
        if ids.len() == self.cells.len() {
            for (cell, id) in self.cells.iter_mut().zip(ids).filter(|(cell, id)| cell.id() != *id) {
                let own = cell.has_own_id();
                Arc::make_mut(cell).give_id(id.clone(), own);
            }
        }
    }

    /// What makes this document of `old`, as JSON text; `None` if nothing does.
    pub(crate) fn delta(&self, old: &Document) -> Option<String> {
        let known: HashMap<&str, &Arc<Cell>> = old.cells.iter().map(|cell| (cell.id(), cell)).collect();
        let is_new = |cell: &&Arc<Cell>| !known.get(cell.id()).is_some_and(|other| Arc::ptr_eq(cell, other));
        let cells: Vec<Value> =
            self.cells.iter().filter(is_new).map(|cell| json!([cell.id(), self.cell_text(cell)])).collect();
        let order = (self.ids() != old.ids()).then(|| self.ids());
        let root = (self.root_text() != old.root_text()).then(|| self.root_text());
        if cells.is_empty() && order.is_none() && root.is_none() {
            return None;
        }
        Some(json!({ "cells": cells, "order": order, "root": root }).to_string())
    }

    /// Goes on from the document that [`Document::delta`] was given. `None` if the text is none of its.
    pub(crate) fn go_on(&mut self, delta: &str) -> Option<()> {
        json::check(delta).ok()?;
        let delta = json::decode(delta);
        self.touch();
        if let Some(root) = delta["root"].as_str() {
            json::check(root).ok()?;
            self.root = std::mem::take(Node::read(Text::new(root)).object_mut()?);
        }
        for cell in delta["cells"].as_array()? {
            let (id, text) = (cell[0].as_str()?, cell[1].as_str()?);
            json::check(text).ok()?;
            let at = self.index(id);
            let mut item = Item::new(Node::read(Text::new(text)));
            if let Some(at) = at {
                let old = self.cells[at].to_item();
                (item.lead, item.trail) = (old.lead, old.trail);
            }
            let mut cell = Cell::read(item)?;
            cell.give_id(id.to_owned(), true);
            match at {
                Some(at) => self.cells[at] = Arc::new(cell),
                None => self.cells.push(Arc::new(cell)),
            }
        }
        if let Some(order) = delta["order"].as_array() {
            let rank: HashMap<&str, usize> =
                order.iter().enumerate().filter_map(|(at, id)| Some((id.as_str()?, at))).collect();
            self.cells.retain(|cell| rank.contains_key(cell.id()));
            self.cells.sort_by_key(|cell| rank[cell.id()]);
        }
        Some(())
    }

    fn cell_text(&self, cell: &Cell) -> String {
        let mut writer = Writer::new(&self.style);
        writer.node(&cell.to_item().value, 2);
        writer.out
    }

    /// Everything but the cells.
    fn root_text(&self) -> String {
        let mut writer = Writer::new(&self.style);
        writer.object(&self.root, 0);
        writer.out
    }
}
