//! The tree, and short ways for transforms to make one.

use super::functions::{Function, function};
use super::types::Type;

#[derive(Clone, Debug, PartialEq)]
pub enum Ex {
    Col(String),
    Lit(Lit),
    Neg(Box<Ex>),
    Not(Box<Ex>),
    Binary(Op, Box<Ex>, Box<Ex>),
    /// A method: its receiver and all its arguments, defaults filled in.
    Call(&'static Function, Vec<Ex>),
    /// A function over several expressions, row by row.
    Across(Across, Vec<Ex>),
    When(Vec<(Ex, Ex)>, Box<Ex>),
    /// Not strict: what doesn't fit becomes null. Strict: it is an error.
    Cast(Box<Ex>, Type, bool),
    /// Within groups of rows that are equal in these columns; rows keep their order.
    Over(Box<Ex>, Vec<String>),
    /// The number of rows.
    Len,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Lit {
    Null,
    Flag(bool),
    Integer(i64),
    Number(f64),
    Text(String),
    /// Year, month, day.
    Date(i32, u32, u32),
    /// Year, month, day, hour, minute, second; without a zone, in microseconds.
    Datetime(i32, u32, u32, u32, u32, u32),
    List(Vec<Lit>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    Or,
    Xor,
    And,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    Add,
    Sub,
    Mul,
    Div,
    FloorDiv,
    Mod,
    Pow,
}

/// Functions of `pl` that take several expressions.
#[derive(Clone, Debug, PartialEq)]
pub enum Across {
    Coalesce,
    Max,
    Min,
    Sum,
    Mean,
    Any,
    All,
    /// With a separator; a row with a null is null unless nulls are skipped.
    Concat {
        separator: String,
        ignore_nulls: bool,
    },
}

impl Op {
    /// As in Python, where it also says how tightly the operator binds.
    pub fn sign(self) -> &'static str {
        match self {
            Op::Or => "|",
            Op::Xor => "^",
            Op::And => "&",
            Op::Eq => "==",
            Op::Ne => "!=",
            Op::Lt => "<",
            Op::Le => "<=",
            Op::Gt => ">",
            Op::Ge => ">=",
            Op::Add => "+",
            Op::Sub => "-",
            Op::Mul => "*",
            Op::Div => "/",
            Op::FloorDiv => "//",
            Op::Mod => "%",
            Op::Pow => "**",
        }
    }

    pub fn binds(self) -> u8 {
        match self {
            Op::Eq | Op::Ne | Op::Lt | Op::Le | Op::Gt | Op::Ge => 1,
            Op::Or => 2,
            Op::Xor => 3,
            Op::And => 4,
            Op::Add | Op::Sub => 5,
            Op::Mul | Op::Div | Op::FloorDiv | Op::Mod => 6,
            Op::Pow => 8,
        }
    }

    pub fn compares(self) -> bool {
        self.binds() == 1
    }
}

/// How tightly unary minus and `~` bind.
pub const UNARY: u8 = 7;
/// Columns, calls and literals.
pub const ATOM: u8 = 9;

impl Ex {
    pub fn binds(&self) -> u8 {
        match self {
            Ex::Binary(op, ..) => op.binds(),
            Ex::Neg(_) | Ex::Not(_) => UNARY,
            Ex::Lit(Lit::Integer(number)) if *number < 0 => UNARY,
            Ex::Lit(Lit::Number(number)) if number.is_sign_negative() => UNARY,
            _ => ATOM,
        }
    }

    pub fn binary(self, op: Op, right: Ex) -> Ex {
        Ex::Binary(op, Box::new(self), Box::new(right))
    }

    pub fn and(self, right: Ex) -> Ex {
        self.binary(Op::And, right)
    }

    pub fn or(self, right: Ex) -> Ex {
        self.binary(Op::Or, right)
    }

    pub fn add(self, right: Ex) -> Ex {
        self.binary(Op::Add, right)
    }

    pub fn sub(self, right: Ex) -> Ex {
        self.binary(Op::Sub, right)
    }

    pub fn mul(self, right: Ex) -> Ex {
        self.binary(Op::Mul, right)
    }

    pub fn div(self, right: Ex) -> Ex {
        self.binary(Op::Div, right)
    }

    pub fn not(self) -> Ex {
        Ex::Not(Box::new(self))
    }

    pub fn cast(self, to: Type) -> Ex {
        Ex::Cast(Box::new(self), to, false)
    }

    /// The whole column when `by` is empty.
    pub fn over(self, by: &[String]) -> Ex {
        if by.is_empty() { self } else { Ex::Over(Box::new(self), by.to_vec()) }
    }

    /// A method by its name with its arguments after the receiver; what is left out takes its default.
    pub fn call(self, name: &str, args: impl IntoIterator<Item = Ex>) -> Ex {
        call(name, std::iter::once(self).chain(args))
    }

    pub fn otherwise(self, when: Ex, then: Ex) -> Ex {
        Ex::When(vec![(when, then)], Box::new(self))
    }

    /// Names of the columns it reads.
    pub fn columns(&self) -> Vec<&str> {
        let mut names = Vec::new();
        self.visit(&mut |ex| match ex {
            Ex::Col(name) => names.push(name.as_str()),
            Ex::Over(_, by) => names.extend(by.iter().map(String::as_str)),
            _ => {}
        });
        names.sort_unstable();
        names.dedup();
        names
    }

    pub fn visit<'a>(&'a self, see: &mut impl FnMut(&'a Ex)) {
        see(self);
        match self {
            Ex::Col(_) | Ex::Lit(_) | Ex::Len => {}
            Ex::Neg(inner) | Ex::Not(inner) | Ex::Cast(inner, ..) | Ex::Over(inner, _) => inner.visit(see),
            Ex::Binary(_, left, right) => {
                left.visit(see);
                right.visit(see);
            }
            Ex::Call(_, args) | Ex::Across(_, args) => args.iter().for_each(|arg| arg.visit(see)),
            Ex::When(branches, otherwise) => {
                for (when, then) in branches {
                    when.visit(see);
                    then.visit(see);
                }
                otherwise.visit(see);
            }
        }
    }
}

/// `and` or `or` over any number of conditions; many make a flat tree, so that walking it needs little stack.
pub fn combine(op: Op, mut parts: Vec<Ex>) -> Option<Ex> {
    if parts.len() > 64 {
        let rest = parts.split_off(parts.len() / 2);
        return Some(combine(op, parts)?.binary(op, combine(op, rest)?));
    }
    parts.into_iter().reduce(|left, right| left.binary(op, right))
}

pub fn col(name: &str) -> Ex {
    Ex::Col(name.to_string())
}

pub fn lit(value: impl Into<Lit>) -> Ex {
    Ex::Lit(value.into())
}

/// A call that a transform makes; the name and number of arguments are ours, so a mistake is found by its tests.
pub fn call(name: &str, args: impl IntoIterator<Item = Ex>) -> Ex {
    let function = function(name).unwrap_or_else(|| panic!("`{name}` is not in the table of functions"));
    let mut args: Vec<Ex> = args.into_iter().collect();
    for param in function.params.iter().skip(args.len()) {
        args.push(Ex::Lit(param.default_value().unwrap_or_else(|| panic!("`{name}` lacks `{}`", param.name))));
    }
    Ex::Call(function, args)
}

impl From<&str> for Lit {
    fn from(text: &str) -> Lit {
        Lit::Text(text.into())
    }
}

impl From<String> for Lit {
    fn from(text: String) -> Lit {
        Lit::Text(text)
    }
}

impl From<i64> for Lit {
    fn from(number: i64) -> Lit {
        Lit::Integer(number)
    }
}

impl From<f64> for Lit {
    fn from(number: f64) -> Lit {
        Lit::Number(number)
    }
}

impl From<bool> for Lit {
    fn from(flag: bool) -> Lit {
        Lit::Flag(flag)
    }
}
