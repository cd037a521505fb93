//! A model file as a tree of values, whether it was written as JSON or as UBJSON.
//!
//! `serde_json` will not do: XGBoost writes `NaN` and `Infinity` into its JSON, and a model is mostly long arrays of
//! numbers, which are held flat here.

use super::{json, ubj};

/// A value of a model file.
#[derive(Clone, Debug, PartialEq)]
pub enum Document {
    Null,
    Number(f64),
    Text(String),
    /// An array of numbers or booleans (1 and 0).
    Numbers(Vec<f64>),
    Array(Vec<Document>),
    Object(Vec<(String, Document)>),
}

/// Deepest nesting that is read. XGBoost's own files have eight levels.
pub(super) const MAX_DEPTH: usize = 32;

impl Document {
    /// Reads a model file by its first bytes: UBJSON has a length mark after `{`, JSON a quote or a space.
    pub fn parse(bytes: &[u8]) -> Result<Document, String> {
        match bytes {
            [b'{', b'L' | b'l' | b'I' | b'i' | b'U' | b'$' | b'#' | b'N', ..] => ubj::parse(bytes),
            [b'{', ..] => json::parse(bytes),
            _ if bytes.trim_ascii_start().first() == Some(&b'{') => json::parse(bytes),
            [b'b', b'i', b'n', b'f', ..] | [0x80, ..] => {
                Err("the file is of XGBoost's old binary or of Python's pickle format; save it with save_model as JSON or UBJ"
                    .into())
            }
            _ => Err("the file is neither JSON nor UBJSON".into()),
        }
    }

    /// A member of an object.
    pub fn get(&self, name: &str) -> Option<&Document> {
        match self {
            Document::Object(members) => members.iter().find(|(n, _)| n == name).map(|(_, v)| v),
            _ => None,
        }
    }

    /// A member by its path, with the path as the error.
    pub fn at(&self, path: &str) -> Result<&Document, String> {
        path.split('/').try_fold(self, |at, name| at.get(name)).ok_or_else(|| format!("no member {path}"))
    }

    pub fn text(&self) -> Option<&str> {
        match self {
            Document::Text(text) => Some(text),
            _ => None,
        }
    }

    /// An array of numbers; an empty array counts.
    pub fn numbers(&self) -> Option<&[f64]> {
        match self {
            Document::Numbers(numbers) => Some(numbers),
            Document::Array(items) if items.is_empty() => Some(&[]),
            _ => None,
        }
    }

    pub fn array(&self) -> Option<&[Document]> {
        match self {
            Document::Array(items) => Some(items),
            Document::Numbers(numbers) if numbers.is_empty() => Some(&[]),
            _ => None,
        }
    }

    /// A whole number that is not negative, written as a number or, as XGBoost does with parameters, as text.
    pub fn count(&self) -> Option<usize> {
        let number = match self {
            Document::Number(n) => *n,
            Document::Text(text) => text.parse().ok()?,
            _ => return None,
        };
        (number >= 0.0 && number.fract() == 0.0 && number <= u32::MAX.into()).then_some(number as usize)
    }
}
