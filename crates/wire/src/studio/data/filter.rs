//! Which rows a view shows: tests of columns under `and`, `or` and `not`.

use serde::{Deserialize, Serialize};

/// A tree of tests. `{"is": "all", "of": [...]}`, `{"is": "column", "column": "age", "test": {"op": "at_least", "value": "18"}}`.
/// The tests that stand alone under the topmost `all` are what crossfiltering takes apart: the statistics of a column
/// leave out those that are about that column alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Filter {
    /// Every part holds; an empty list holds always.
    All {
        of: Vec<Filter>,
    },
    /// One part holds at least; an empty list never holds.
    Any {
        of: Vec<Filter>,
    },
    /// The part does not hold. A test of a missing value holds neither way, as in SQL: only `null` finds it.
    Not {
        of: Box<Filter>,
    },
    Column {
        column: String,
        test: Test,
    },
}

/// A test of one value. Values are text as the grid shows it (`18`, `0.5`, `true`, `2024-05-01`,
/// `2024-05-01 12:30:00`), read as the column's own type; one that cannot be read is refused by name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum Test {
    /// Missing; NaN counts as missing everywhere in the explorer.
    Null,
    NotNull,
    Equals {
        value: String,
    },
    NotEquals {
        value: String,
    },
    Less {
        value: String,
    },
    AtMost {
        value: String,
    },
    More {
        value: String,
    },
    AtLeast {
        value: String,
    },
    /// Both ends belong to it; an open end is `None`. A day without a time as the upper end is that whole day.
    Between {
        low: Option<String>,
        high: Option<String>,
    },
    /// One of the values; `None` among them is the missing value.
    In {
        values: Vec<Option<String>>,
    },
    /// None of the values; a missing value passes unless `None` is among them.
    NotIn {
        values: Vec<Option<String>>,
    },
    Contains {
        text: String,
        #[serde(default)]
        ignore_case: bool,
    },
    StartsWith {
        text: String,
        #[serde(default)]
        ignore_case: bool,
    },
    EndsWith {
        text: String,
        #[serde(default)]
        ignore_case: bool,
    },
    /// A regular expression of the `regex` crate, found anywhere in the text.
    Matches {
        regex: String,
    },
}
