//! Expressions over columns: one tree that a person writes in Polars' Python syntax, that runs in Polars, and that is
//! written as code in Polars Python, pandas and Rust. Nothing is evaluated as Python.

mod build;
mod filter;
mod functions;
mod lexer;
mod pandas;
mod parse;
mod python;
mod quote;
mod rust;
mod tree;
mod types;

pub use filter::{COMPARISONS, filter};
pub use functions::{Class, Function, functions};
pub use parse::parse;
pub use quote::{python_text, rust_text};
pub use tree::{Across, Ex, Lit, Op};
pub use types::Type;

pub(crate) use build::{check_regex, column};
pub(crate) use python::python_column;
pub(crate) use rust::rust_column;
pub(crate) use tree::{call, col, combine, lit};
