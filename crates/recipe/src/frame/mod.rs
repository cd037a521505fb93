//! Operations on whole tables that transforms are made of: each runs lazily where Polars can, and is written in three
//! languages. In the code a table is called `df`.

pub(crate) mod as_of;
mod columns;
mod group;
mod join;
pub(crate) mod random;
mod reshape;
mod rows;
mod union;

use crate::context::Context;
use crate::error::Fault;
use crate::expression::{python_text, rust_text};
use polars::prelude::{LazyFrame, Schema};

pub(crate) use as_of as as_of_code;
pub use columns::{Drop, Rename, Select, WithColumns};
pub use group::GroupBy;
pub use join::{How, Join};
pub(crate) use random as random_code;
pub use random::Random;
pub use reshape::{Explode, Pivot, Unnest, Unpivot};
pub use rows::{Filter, Keep, RepeatRows, RowIndex, Slice, Sort, Tail, Unique};
pub use union::Union;

pub trait Node {
    /// Columns that must be there, so that a missing one is named with its neighbours.
    fn needs(&self) -> Vec<&str> {
        Vec::new()
    }

    fn apply(&self, frame: LazyFrame, schema: &Schema, context: &Context) -> Result<LazyFrame, Fault>;

    /// Statements in Polars Python over `df: pl.DataFrame`.
    fn polars(&self) -> Vec<String>;

    /// Statements in pandas over `df: pd.DataFrame`, whose index is 0, 1, 2 … before and after.
    fn pandas(&self) -> Vec<String>;

    /// Statements in Rust over `df: LazyFrame`, in a function that returns a `PolarsResult`.
    fn rust(&self) -> Vec<String>;
}

pub(crate) fn names(names: &[String]) -> Vec<&str> {
    names.iter().map(String::as_str).collect()
}

/// `["a", "b"]` in Python.
pub(crate) fn python_list(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| python_text(name)).collect();
    format!("[{}]", names.join(", "))
}

/// `["a", "b"]` in Rust.
pub(crate) fn rust_list(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| rust_text(name)).collect();
    format!("[{}]", names.join(", "))
}

/// Items on their own lines between brackets when they are many or long.
pub(crate) fn spread(open: &str, items: &[String], close: &str) -> String {
    let length: usize = items.iter().map(|item| item.len() + 2).sum();
    if length <= 90 {
        format!("{open}{}{close}", items.join(", "))
    } else {
        let items: Vec<String> = items.iter().map(|item| format!("    {item},")).collect();
        format!("{open}\n{}\n{close}", items.join("\n"))
    }
}
