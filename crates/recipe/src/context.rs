//! What a recipe needs from whoever runs it.

use polars::prelude::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Finds the other table of a join or union by the text in the recipe.
pub trait Tables: Send + Sync {
    /// The error is a sentence for the person.
    fn table(&self, source: &str) -> Result<LazyFrame, String>;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    Python,
    Rust,
}

/// Runs a person's own function in another process.
pub trait Custom: Send + Sync {
    /// `code` defines `transform(df)`, a data frame to a data frame. The error is a sentence for the person. Ends soon
    /// after `cancel` is set.
    fn run(&self, language: Language, code: &str, table: &DataFrame, cancel: &Cancel) -> Result<DataFrame, String>;
}

pub struct NoTables;

impl Tables for NoTables {
    fn table(&self, source: &str) -> Result<LazyFrame, String> {
        Err(format!("the table `{source}` can't be opened here"))
    }
}

pub struct NoCustom;

impl Custom for NoCustom {
    fn run(&self, _: Language, _: &str, _: &DataFrame, _: &Cancel) -> Result<DataFrame, String> {
        Err("functions of your own can't run here, only their code can be exported".into())
    }
}

/// Bounds that keep a step from taking the machine with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// A join, explosion or over-sampling that would give more rows is refused before it runs.
    pub max_rows: u64,
    /// A pivot, transposition or one-hot encoding that would give more columns is refused.
    pub max_columns: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { max_rows: 200_000_000, max_columns: 10_000 }
    }
}

/// Set from another thread to stop between steps and before each reading of the data.
#[derive(Clone, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// A flag that somebody else sets.
impl From<Arc<AtomicBool>> for Cancel {
    fn from(flag: Arc<AtomicBool>) -> Cancel {
        Cancel(flag)
    }
}

pub struct Context<'a> {
    pub tables: &'a dyn Tables,
    pub custom: &'a dyn Custom,
    pub limits: Limits,
    pub cancel: Cancel,
}

impl Default for Context<'_> {
    fn default() -> Self {
        Context { tables: &NoTables, custom: &NoCustom, limits: Limits::default(), cancel: Cancel::default() }
    }
}
