//! A cell's text taken apart: commands, items, statements, the value at its end. Every piece remembers where it stood.

mod complete;
mod imports;
mod parse;
mod words;

pub use complete::{Completeness, completeness};
pub use imports::{Import, imports};
pub use parse::parse;
pub use words::words;

/// Text of the cell and where it begins: lines and columns count from 0, columns in characters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Piece {
    pub text: String,
    pub line: usize,
    pub column: usize,
}

/// What may stand outside a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    pub kind: ItemKind,
    pub piece: Piece,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ItemKind {
    /// `use`, with what each leaf brings in.
    Use(Vec<Import>),
    Macro(String),
    /// Anything with a name: a later item of that name takes its place.
    Named(String),
    /// The text before the brace, and what is defined within.
    Impl {
        header: String,
        members: Vec<String>,
    },
    Other,
}

/// A variable that the cell defines at its top level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    pub name: String,
    pub mutable: bool,
}

/// A line such as `:dep serde = "1"` or `!ls`, before the Rust code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    pub line: usize,
    pub text: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    pub commands: Vec<Command>,
    /// `#![feature(...)]` and the like.
    pub attributes: Vec<Piece>,
    pub items: Vec<Item>,
    pub statements: Vec<Piece>,
    /// The expression without a semicolon at the end, whose value is shown.
    pub tail: Option<Piece>,
    pub bindings: Vec<Binding>,
    /// A `?` stands outside of any function or closure.
    pub tries: bool,
    /// An `.await` stands outside of any function or async block.
    pub awaits: bool,
    /// What the parser objected to, with the range it meant.
    pub problems: Vec<Problem>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub message: String,
    /// Byte offsets into the cell.
    pub start: usize,
    pub end: usize,
}

impl Cell {
    pub fn has_code(&self) -> bool {
        !(self.items.is_empty() && self.statements.is_empty() && self.tail.is_none() && self.attributes.is_empty())
    }
}
