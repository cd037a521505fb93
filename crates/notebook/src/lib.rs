//! The notebook document: read, edited, compared, exported and saved without losing anything.
//!
//! - [`Document`]: a notebook file as the tree that was read. `parse` and `to_bytes` give the same bytes back; an edit
//!   changes only the text that it touches. [`Cell`] is one cell of it, cheap to clone.
//! - [`History`]: a document with undo and redo of text and structure. Takes the window's edits, gives patches.
//! - [`show`]: what a window is told of cells and outputs; binary and long content goes through [`Blobs`].
//! - [`diff`]: what differs between two notebooks, and a notebook as of the last commit.
//! - [`export`]: Python, Rust, HTML, PDF.
//! - [`file`]: the file on disk: journal, atomic replacement, recovery, foreign changes.
//!
//! **Invariants:** no thread that outlives a call, no network; only [`file`], [`diff::last_commit`] and
//! [`export::to_pdf`] touch the system. Every input is hostile: its size and nesting are bounded, and
//! nothing in it makes this crate panic.

pub mod diff;
mod document;
mod edit;
mod error;
pub mod export;
pub mod file;
mod history;
mod json;
mod output;
pub mod show;

pub use document::{Cell, Document, NewCell};
pub use error::{DocumentError, EditError};
pub use history::History;
pub use output::append_stream;
pub use show::Blobs;
