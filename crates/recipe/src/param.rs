//! A value that a form fills in.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// In the file it is written as plain JSON. Conditions nest: `{"all": [{"column": "a", "is": ">", "value": 3}]}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Param {
    Null,
    Flag(bool),
    Integer(i64),
    Number(f64),
    Text(String),
    List(Vec<Param>),
    Map(BTreeMap<String, Param>),
}

impl Param {
    /// How an error calls it.
    pub fn noun(&self) -> &'static str {
        match self {
            Param::Null => "nothing",
            Param::Flag(_) => "yes or no",
            Param::Integer(_) | Param::Number(_) => "a number",
            Param::Text(_) => "text",
            Param::List(_) => "a list",
            Param::Map(_) => "a group of values",
        }
    }

    pub fn number(&self) -> Option<f64> {
        match self {
            Param::Integer(number) => Some(*number as f64),
            Param::Number(number) => Some(*number),
            _ => None,
        }
    }
}

impl From<&str> for Param {
    fn from(text: &str) -> Param {
        Param::Text(text.into())
    }
}

impl From<f64> for Param {
    fn from(number: f64) -> Param {
        Param::Number(number)
    }
}

impl From<i64> for Param {
    fn from(number: i64) -> Param {
        Param::Integer(number)
    }
}

impl From<bool> for Param {
    fn from(flag: bool) -> Param {
        Param::Flag(flag)
    }
}

impl<T: Into<Param>> From<Vec<T>> for Param {
    fn from(list: Vec<T>) -> Param {
        Param::List(list.into_iter().map(Into::into).collect())
    }
}
