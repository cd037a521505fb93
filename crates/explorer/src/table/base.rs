//! A complete table with what was computed about it: masks of tests, orders, statistics. Views of one table share it.

use super::columns::Columns;
use crate::error::Result;
use atelier_wire::studio::data::view::ColumnStats;
use parking_lot::Mutex;
use polars::prelude::*;
use std::collections::HashMap;
use std::sync::Arc;

/// Masks and orders kept for one table.
const MAX_MASKS: usize = 64;
const MAX_ORDERS: usize = 4;
const MAX_STATS: usize = 4000;

pub(crate) struct Base {
    pub source: String,
    pub columns: Columns,
    /// By the test's JSON. Three-valued: a test of a missing value is null.
    masks: Mutex<Vec<(String, Arc<BooleanChunked>)>>,
    orders: Mutex<Vec<(String, Arc<Vec<IdxSize>>)>>,
    /// By column and the mask's key.
    stats: Mutex<HashMap<String, ColumnStats>>,
}

fn kept<T: Clone, K: PartialEq + Clone>(
    all: &Mutex<Vec<(K, T)>>,
    most: usize,
    key: &K,
    make: impl FnOnce() -> Result<T>,
) -> Result<T> {
    {
        let mut all = all.lock();
        if let Some(at) = all.iter().position(|(its, _)| its == key) {
            let entry = all.remove(at);
            all.push(entry.clone());
            return Ok(entry.1);
        }
    }
    let made = make()?;
    let mut all = all.lock();
    if all.len() >= most {
        all.remove(0);
    }
    all.push((key.clone(), made.clone()));
    Ok(made)
}

impl Base {
    pub fn new(source: &str, columns: Columns) -> Self {
        let (masks, orders, stats) = (Mutex::default(), Mutex::default(), Mutex::default());
        Self { source: source.to_owned(), columns, masks, orders, stats }
    }

    pub fn mask(&self, key: &str, make: impl FnOnce() -> Result<BooleanChunked>) -> Result<Arc<BooleanChunked>> {
        kept(&self.masks, MAX_MASKS, &key.to_owned(), || make().map(Arc::new))
    }

    pub fn order(&self, key: &str, make: impl FnOnce() -> Result<Vec<IdxSize>>) -> Result<Arc<Vec<IdxSize>>> {
        kept(&self.orders, MAX_ORDERS, &key.to_owned(), || make().map(Arc::new))
    }

    pub fn known_stats(&self, key: &str) -> Option<ColumnStats> {
        self.stats.lock().get(key).cloned()
    }

    pub fn keep_stats(&self, key: String, stats: &ColumnStats) {
        let mut all = self.stats.lock();
        if all.len() >= MAX_STATS {
            all.clear();
        }
        all.insert(key, stats.clone());
    }

    pub fn size(&self) -> usize {
        let orders: usize = self.orders.lock().iter().map(|(_, order)| order.len() * size_of::<IdxSize>()).sum();
        let masks: usize = self.masks.lock().iter().map(|(_, mask)| mask.len() / 4).sum();
        self.columns.size() + orders + masks
    }

    pub fn column(&self, name: &str) -> Result<Series> {
        self.columns.column(name, &self.source)
    }
}
