//! What a transform is and what its form asks for. Forms, validation, the command line and the documentation read this.

use crate::args::Args;
use crate::error::Fault;
use crate::frame::Node;

pub type Plan = Result<Vec<Box<dyn Node>>, Fault>;

/// One thing that a recipe can do to a table.
pub struct Transform {
    /// Stands in the file; never renamed.
    pub op: &'static str,
    pub title: &'static str,
    pub group: Group,
    /// One sentence with the numerical rules that matter.
    pub summary: &'static str,
    pub params: &'static [ParamSpec],
    /// Tried by the tests in every language; a form may offer them.
    pub examples: &'static [Example],
    /// From checked parameters to operations. No data is read here.
    pub(crate) plan: fn(&Args) -> Plan,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    Rows,
    Columns,
    Types,
    Missing,
    Text,
    Numbers,
    Categories,
    Time,
    Outliers,
    Windows,
    Groups,
    Tables,
    Sampling,
    Nested,
    Code,
}

impl Group {
    pub fn title(self) -> &'static str {
        match self {
            Group::Rows => "Rows",
            Group::Columns => "Columns",
            Group::Types => "Types",
            Group::Missing => "Missing values",
            Group::Text => "Text",
            Group::Numbers => "Numbers",
            Group::Categories => "Categories",
            Group::Time => "Dates and times",
            Group::Outliers => "Outliers",
            Group::Windows => "Windows",
            Group::Groups => "Groups",
            Group::Tables => "Other tables",
            Group::Sampling => "Samples",
            Group::Nested => "Nested values",
            Group::Code => "Code",
        }
    }
}

/// A table of the tests (`crates/recipe/tests/tables/<table>.csv`) and parameters as JSON.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    pub table: &'static str,
    pub params: &'static str,
}

#[derive(Clone, Copy, Debug)]
pub struct ParamSpec {
    pub name: &'static str,
    pub label: &'static str,
    pub help: &'static str,
    pub kind: Kind,
    pub default: Default,
    pub required: bool,
}

/// What a parameter takes, in JSON: a column is its name, columns a list of names, numbers and flags themselves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    Column,
    ColumnOf(ColumnType),
    Columns,
    ColumnsOf(ColumnType),
    /// A name for a new column.
    NewColumn,
    Number {
        min: f64,
        max: f64,
        integer: bool,
    },
    Text,
    Choice(&'static [&'static str]),
    /// Several of them.
    Choices(&'static [&'static str]),
    Flag,
    /// Polars in Python's syntax, read by our own parser; an editor of one line.
    Expression,
    Sql,
    Regex,
    /// Conditions: `{"all": [..]}` or `{"any": [..]}` of conditions or `{"column", "is", "value"}`.
    Filter,
    /// A list of numbers, texts or flags.
    Values,
    /// From old to new: a map of text to any value.
    Mapping,
    /// A list of `{"column", "function", "name"}`.
    Aggregations,
    /// A list of `{"when": Filter, "then": value}`.
    Cases,
    /// Another source, as the caller's `Tables` finds it.
    Table,
    Code,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    Number,
    Text,
    Time,
    Boolean,
    List,
    Struct,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Default {
    None,
    Flag(bool),
    Number(f64),
    Text(&'static str),
}

impl ParamSpec {
    pub const fn new(name: &'static str, label: &'static str, kind: Kind) -> ParamSpec {
        ParamSpec { name, label, help: "", kind, default: Default::None, required: true }
    }

    pub const fn help(mut self, help: &'static str) -> ParamSpec {
        self.help = help;
        self
    }

    /// May be left out, and then has no value.
    pub const fn optional(mut self) -> ParamSpec {
        self.required = false;
        self
    }

    /// What the form is filled with at first; it must be given all the same.
    pub const fn starts_as(mut self, default: Default) -> ParamSpec {
        self.default = default;
        self
    }

    pub const fn or(mut self, default: Default) -> ParamSpec {
        self.default = default;
        self.required = false;
        self
    }
}

/// Short constructors for the tables of parameters.
pub mod ask {
    use super::{ColumnType, Default, Kind, ParamSpec};

    pub const fn column(name: &'static str, label: &'static str) -> ParamSpec {
        ParamSpec::new(name, label, Kind::Column)
    }

    pub const fn columns(name: &'static str, label: &'static str) -> ParamSpec {
        ParamSpec::new(name, label, Kind::Columns)
    }

    pub const fn column_of(name: &'static str, label: &'static str, of: ColumnType) -> ParamSpec {
        ParamSpec::new(name, label, Kind::ColumnOf(of))
    }

    pub const fn columns_of(name: &'static str, label: &'static str, of: ColumnType) -> ParamSpec {
        ParamSpec::new(name, label, Kind::ColumnsOf(of))
    }

    /// A column's name for the result; left out, the transform chooses one.
    pub const fn name(label: &'static str) -> ParamSpec {
        ParamSpec::new("name", label, Kind::NewColumn).optional()
    }

    pub const fn new_name(label: &'static str) -> ParamSpec {
        ParamSpec::new("name", label, Kind::NewColumn)
    }

    pub const fn flag(name: &'static str, label: &'static str, default: bool) -> ParamSpec {
        ParamSpec::new(name, label, Kind::Flag).or(Default::Flag(default))
    }

    pub const fn choice(name: &'static str, label: &'static str, of: &'static [&'static str]) -> ParamSpec {
        ParamSpec::new(name, label, Kind::Choice(of)).or(Default::Text(of[0]))
    }

    pub const fn number(name: &'static str, label: &'static str, min: f64, max: f64) -> ParamSpec {
        ParamSpec::new(name, label, Kind::Number { min, max, integer: false })
    }

    pub const fn integer(name: &'static str, label: &'static str, min: i64, max: i64) -> ParamSpec {
        ParamSpec::new(name, label, Kind::Number { min: min as f64, max: max as f64, integer: true })
    }

    pub const fn text(name: &'static str, label: &'static str) -> ParamSpec {
        ParamSpec::new(name, label, Kind::Text)
    }

    /// For chance: the same seed gives the same rows in every language.
    pub const fn seed() -> ParamSpec {
        integer("seed", "Seed", 0, i32::MAX as i64).or(Default::Number(42.0))
    }
}
