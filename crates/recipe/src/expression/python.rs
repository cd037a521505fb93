//! The tree as Polars Python: the syntax that [`super::parse`] reads.

use super::functions::ParamKind;
use super::quote::{number, python_text};
use super::tree::{Across, Ex, Lit};

impl Ex {
    pub fn python(&self) -> String {
        match self {
            Ex::Col(name) => python_column(name),
            Ex::Lit(value) => value.python(),
            Ex::Len => "pl.len()".into(),
            Ex::Neg(inner) => format!("-{}", self.left(inner)),
            Ex::Not(inner) => format!("~{}", self.left(inner)),
            Ex::Binary(op, left, right) => {
                // a literal alone on the left of another one would be computed by Python itself, which is the same
                format!("{} {} {}", self.left(left), op.sign(), self.right(right))
            }
            Ex::Call(function, args) => {
                let mut shown = Vec::new();
                for (index, (param, arg)) in function.params.iter().zip(args).enumerate().skip(1) {
                    let is_default = matches!(arg, Ex::Lit(lit) if param.default_value().as_ref() == Some(lit));
                    if is_default && param.kind != ParamKind::Linear {
                        continue;
                    }
                    let text = arg.python();
                    shown.push(if index == 1 { text } else { format!("{}={text}", param.name) });
                }
                format!("{}.{}({})", receiver(&args[0]), function.name, shown.join(", "))
            }
            Ex::Across(across, args) => {
                let args: Vec<String> = args.iter().map(wrapped).collect();
                let args = args.join(", ");
                match across {
                    Across::Coalesce => format!("pl.coalesce({args})"),
                    Across::Max => format!("pl.max_horizontal({args})"),
                    Across::Min => format!("pl.min_horizontal({args})"),
                    Across::Sum => format!("pl.sum_horizontal({args})"),
                    Across::Mean => format!("pl.mean_horizontal({args})"),
                    Across::Any => format!("pl.any_horizontal({args})"),
                    Across::All => format!("pl.all_horizontal({args})"),
                    Across::Concat { separator, ignore_nulls } => {
                        let skip = if *ignore_nulls { ", ignore_nulls=True" } else { "" };
                        format!("pl.concat_str([{args}], separator={}{skip})", python_text(separator))
                    }
                }
            }
            Ex::When(branches, otherwise) => {
                let mut text = String::from("pl");
                for (when, then) in branches {
                    text.push_str(&format!(".when({}).then({})", when.python(), wrapped(then)));
                }
                format!("{text}.otherwise({})", wrapped(otherwise))
            }
            Ex::Cast(inner, to, strict) => {
                let lax = if *strict { "" } else { ", strict=False" };
                format!("{}.cast(pl.{}{lax})", receiver(inner), to.name())
            }
            Ex::Over(inner, by) => {
                let by: Vec<String> = by.iter().map(|name| python_text(name)).collect();
                format!("{}.over({})", receiver(inner), by.join(", "))
            }
        }
    }

    fn left(&self, inner: &Ex) -> String {
        let text = inner.python();
        if inner.binds() < self.binds() || (inner.binds() == self.binds() && self.binds() % 7 == 1) {
            format!("({text})")
        } else {
            text
        }
    }

    fn right(&self, inner: &Ex) -> String {
        let text = inner.python();
        if inner.binds() <= self.binds() { format!("({text})") } else { text }
    }
}

/// Where Polars would read a bare text as a column.
fn wrapped(ex: &Ex) -> String {
    match ex {
        Ex::Lit(Lit::Text(_)) => format!("pl.lit({})", ex.python()),
        _ => ex.python(),
    }
}

/// What a method is called on: literals become expressions, operators go in brackets.
fn receiver(ex: &Ex) -> String {
    match ex {
        Ex::Lit(Lit::Date(..) | Lit::Datetime(..)) => ex.python(),
        Ex::Lit(_) => format!("pl.lit({})", ex.python()),
        _ if ex.binds() < super::tree::ATOM => format!("({})", ex.python()),
        _ => ex.python(),
    }
}

pub fn python_column(name: &str) -> String {
    if name == "*" || (name.starts_with('^') && name.ends_with('$')) {
        format!("pl.selectors.by_name({})", python_text(name)) // pl.col would read a pattern
    } else {
        format!("pl.col({})", python_text(name))
    }
}

impl Lit {
    pub fn python(&self) -> String {
        match self {
            Lit::Null => "None".into(),
            Lit::Flag(true) => "True".into(),
            Lit::Flag(false) => "False".into(),
            Lit::Integer(number) => number.to_string(),
            Lit::Number(value) => number(*value).unwrap_or_else(|| format!("float(\"{value}\")")),
            Lit::Text(text) => python_text(text),
            Lit::Date(year, month, day) => format!("pl.date({year}, {month}, {day})"),
            Lit::Datetime(year, month, day, hour, minute, second) => {
                format!("pl.datetime({year}, {month}, {day}, {hour}, {minute}, {second})")
            }
            Lit::List(list) => {
                let list: Vec<String> = list.iter().map(Lit::python).collect();
                format!("[{}]", list.join(", "))
            }
        }
    }
}
