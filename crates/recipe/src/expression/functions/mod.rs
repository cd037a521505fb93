//! Every method an expression may call, once: how it runs, and how it is written. Its Polars call is also its Rust code
//! (the macro keeps the text of the call), so those two can't drift apart.

mod aggregate;
mod number;
mod text;
mod time;
mod window;

use super::tree::{Ex, Lit};
use crate::error::Fault;
use polars::prelude::Expr;
use std::fmt;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// A row's result depends on that row.
    Row,
    /// One value for all rows; broadcast where a column is wanted.
    Aggregate,
    /// A value for each row that depends on others.
    Window,
}

pub struct Function {
    /// As after the receiver's point: `abs`, `str.len_chars`.
    pub name: &'static str,
    pub class: Class,
    /// The first is the receiver.
    pub params: &'static [Param],
    pub(super) build: fn(&[Ex]) -> Result<Expr, Fault>,
    /// The call above as text, with the parameters' names.
    pub(super) rust: &'static str,
    /// `{x}` is the parameter `x`.
    pub(super) pandas: &'static str,
}

pub struct Param {
    pub name: &'static str,
    pub kind: ParamKind,
    pub default: Preset,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamKind {
    Expr,
    Text,
    /// Of the `regex` crate: no look-around, linear in the text.
    Regex,
    /// What a match becomes; `$1` or `${1}` is a group.
    Replacement,
    Int,
    Count,
    Num,
    Flag,
    List,
    /// `average`, `min`, `max`, `dense`, `ordinal`.
    Rank,
    /// `NFC`, `NFKC`, `NFD`, `NFKD`.
    Form,
    /// `linear`; Polars' own default is `nearest`, pandas' and NumPy's is this one.
    Linear,
}

#[derive(Clone, Copy, Debug)]
pub enum Preset {
    Required,
    Null,
    Flag(bool),
    Integer(i64),
    Number(f64),
    Text(&'static str),
}

impl Param {
    pub fn default_value(&self) -> Option<Lit> {
        match self.default {
            Preset::Required => None,
            Preset::Null => Some(Lit::Null),
            Preset::Flag(flag) => Some(Lit::Flag(flag)),
            Preset::Integer(number) => Some(Lit::Integer(number)),
            Preset::Number(number) => Some(Lit::Number(number)),
            Preset::Text(text) => Some(Lit::Text(text.into())),
        }
    }
}

pub(super) const RANKS: &[&str] = &["average", "min", "max", "dense", "ordinal"];
pub(super) const FORMS: &[&str] = &["NFC", "NFKC", "NFD", "NFKD"];

impl ParamKind {
    pub fn noun(self) -> &'static str {
        match self {
            ParamKind::Expr => "an expression",
            ParamKind::Text | ParamKind::Replacement => "a text",
            ParamKind::Regex => "a text that is a regular expression",
            ParamKind::Int => "a whole number",
            ParamKind::Count => "a whole number from 0 to 1,000,000",
            ParamKind::Num => "a number",
            ParamKind::Flag => "True or False",
            ParamKind::List => "a list of values such as [1, 2]",
            ParamKind::Rank => "one of \"average\", \"min\", \"max\", \"dense\", \"ordinal\"",
            ParamKind::Linear => "\"linear\"",
            ParamKind::Form => "one of \"NFC\", \"NFKC\", \"NFD\", \"NFKD\"",
        }
    }

    pub fn takes(self, lit: &Lit) -> bool {
        match (self, lit) {
            (ParamKind::Expr, _) => true,
            (ParamKind::Text | ParamKind::Replacement, Lit::Text(_)) => true,
            (ParamKind::Regex, Lit::Text(_)) => true,
            (ParamKind::Int, Lit::Integer(_)) => true,
            (ParamKind::Count, Lit::Integer(number)) => (0..=1_000_000).contains(number),
            (ParamKind::Num, Lit::Number(_)) => true,
            (ParamKind::Flag, Lit::Flag(_)) => true,
            (ParamKind::List, Lit::List(_)) => true,
            (ParamKind::Rank, Lit::Text(text)) => RANKS.contains(&text.as_str()),
            (ParamKind::Linear, Lit::Text(text)) => text == "linear",
            (ParamKind::Form, Lit::Text(text)) => FORMS.contains(&text.as_str()),
            _ => false,
        }
    }
}

impl Function {
    /// Its call as help: `str.slice(offset, length)`.
    pub fn usage(&self) -> String {
        let params: Vec<&str> = self.params.iter().skip(1).map(|param| param.name).collect();
        format!("It is written .{}({})", self.name, params.join(", "))
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        write!(out, "{}", self.name)
    }
}

impl PartialEq for Function {
    fn eq(&self, other: &Function) -> bool {
        self.name == other.name
    }
}

/// All of them, for help and completion.
pub fn functions() -> impl Iterator<Item = &'static Function> {
    [number::ALL, text::ALL, time::ALL, aggregate::ALL, window::ALL].into_iter().flatten()
}

pub fn function(name: &str) -> Option<&'static Function> {
    functions().find(|function| function.name == name)
}

/// `Class "name" (receiver: kind, argument: kind = Default) call; pandas`.
macro_rules! method {
    ($class:ident $name:literal ($($param:ident: $kind:ident $(= $default:expr)?),*) $call:expr; $pandas:literal) => {
        $crate::expression::functions::Function {
            name: $name,
            class: $crate::expression::functions::Class::$class,
            params: &[$($crate::expression::functions::Param {
                name: stringify!($param),
                kind: $crate::expression::functions::ParamKind::$kind,
                default: $crate::expression::functions::method!(@preset $($default)?),
            }),*],
            build: |args| {
                let mut args = args.iter();
                $(let $param = $crate::expression::build::bind::$kind(args.next())?;)*
                Ok($call)
            },
            rust: stringify!($call),
            pandas: $pandas,
        }
    };
    (@preset) => { $crate::expression::functions::Preset::Required };
    (@preset $default:expr) => {{ use $crate::expression::functions::Preset::*; $default }};
}
pub(crate) use method;
