//! The tree as Rust code with `polars::prelude::*` in scope: what [`Ex::build`] does, as a person would write it.

use super::functions::{Function, ParamKind};
use super::quote::{number, rust_text};
use super::tree::{Across, Ex, Lit, Op};

impl Ex {
    pub fn rust(&self) -> String {
        match self {
            Ex::Col(name) => rust_column(name),
            Ex::Lit(value) => value.rust(),
            Ex::Len => "len()".into(),
            Ex::Neg(inner) => format!("-{}", receiver(inner)),
            Ex::Not(inner) => format!("{}.not()", receiver(inner)),
            Ex::Binary(op, left, right) => self.binary_rust(*op, left, right),
            Ex::Call(function, args) => call(function, args),
            Ex::Across(across, args) => {
                let args: Vec<String> = args.iter().map(Ex::rust).collect();
                let args = args.join(", ");
                match across {
                    Across::Coalesce => format!("coalesce(&[{args}])"),
                    Across::Max => format!("max_horizontal([{args}])?"),
                    Across::Min => format!("min_horizontal([{args}])?"),
                    Across::Sum => format!("sum_horizontal([{args}], true)?"),
                    Across::Mean => format!("mean_horizontal([{args}], true)?"),
                    Across::Any => format!("any_horizontal([{args}])?"),
                    Across::All => format!("all_horizontal([{args}])?"),
                    Across::Concat { separator, ignore_nulls } => {
                        format!("concat_str([{args}], {}, {ignore_nulls})", rust_text(separator))
                    }
                }
            }
            Ex::When(branches, otherwise) => {
                let mut text = String::new();
                for (index, (when, then)) in branches.iter().enumerate() {
                    let dot = if index == 0 { "" } else { "." };
                    text.push_str(&format!("{dot}when({}).then({})", when.rust(), then.rust()));
                }
                format!("{text}.otherwise({})", otherwise.rust())
            }
            Ex::Cast(inner, to, strict) => {
                let method = if *strict { "strict_cast" } else { "cast" };
                format!("{}.{method}({})", receiver(inner), to.rust())
            }
            Ex::Over(inner, by) => {
                let by: Vec<String> = by.iter().map(|name| rust_column(name)).collect();
                format!("{}.over([{}])?", receiver(inner), by.join(", "))
            }
        }
    }

    fn binary_rust(&self, op: Op, left: &Ex, right: &Ex) -> String {
        let method = match op {
            Op::Add | Op::Sub | Op::Mul | Op::Mod => {
                let side = |inner: &Ex, least: u8| {
                    let plain = matches!(inner, Ex::Binary(Op::Add | Op::Sub | Op::Mul | Op::Mod, ..));
                    let text = inner.rust();
                    if plain && inner.binds() < least { format!("({text})") } else { text }
                };
                return format!("{} {} {}", side(left, op.binds()), op.sign(), side(right, op.binds() + 1));
            }
            Op::Or => "or",
            Op::Xor => "xor",
            Op::And => "and",
            Op::Eq => "eq",
            Op::Ne => "neq",
            Op::Lt => "lt",
            Op::Le => "lt_eq",
            Op::Gt => "gt",
            Op::Ge => "gt_eq",
            Op::Div => "true_div",
            Op::FloorDiv => "floor_div",
            Op::Pow => "pow",
        };
        format!("{}.{method}({})", receiver(left), right.rust())
    }
}

fn receiver(ex: &Ex) -> String {
    match ex {
        Ex::Binary(Op::Add | Op::Sub | Op::Mul | Op::Mod, ..) | Ex::Neg(_) => format!("({})", ex.rust()),
        _ => ex.rust(),
    }
}

pub fn rust_column(name: &str) -> String {
    if name == "*" || (name.starts_with('^') && name.ends_with('$')) {
        format!("Expr::Column({}.into())", rust_text(name)) // `col` would read a pattern
    } else {
        format!("col({})", rust_text(name))
    }
}

impl Lit {
    pub fn rust(&self) -> String {
        match self {
            Lit::Null => "lit(NULL)".into(),
            Lit::Flag(flag) => format!("lit({flag})"),
            Lit::Integer(number) if i32::try_from(*number).is_ok() => format!("lit({number})"),
            Lit::Integer(number) => format!("lit({number}_i64)"),
            Lit::Number(_) => format!("lit({})", self.raw()),
            Lit::Text(text) => format!("lit({})", rust_text(text)),
            Lit::Date(..) => format!("{}.strict_cast(DataType::Date)", self.raw()),
            Lit::Datetime(..) => self.raw(),
            Lit::List(list) => {
                let list: Vec<String> = list.iter().map(Lit::raw).collect();
                format!("lit(Series::new(\"values\".into(), [{}])).implode(true)", list.join(", "))
            }
        }
    }

    /// The value itself, not yet an expression.
    fn raw(&self) -> String {
        match self {
            Lit::Null => "None".into(),
            Lit::Flag(flag) => flag.to_string(),
            Lit::Integer(number) => format!("{number}_i64"),
            Lit::Number(value) => match number(*value) {
                Some(text) => text,
                None if value.is_nan() => "f64::NAN".into(),
                None if *value > 0.0 => "f64::INFINITY".into(),
                None => "f64::NEG_INFINITY".into(),
            },
            Lit::Text(text) => rust_text(text),
            Lit::Date(year, month, day) => {
                format!("datetime(DatetimeArgs::new(lit({year}), lit({month}), lit({day})))")
            }
            Lit::Datetime(year, month, day, hour, minute, second) => format!(
                "datetime(DatetimeArgs::new(lit({year}), lit({month}), lit({day})).with_hms(lit({hour}), lit({minute}), \
                 lit({second})))"
            ),
            Lit::List(_) => self.rust(),
        }
    }
}

fn call(function: &Function, args: &[Ex]) -> String {
    let values: Vec<(&str, String)> =
        function.params.iter().zip(args).map(|(param, arg)| (param.name, argument(param.kind, arg))).collect();
    fill(function.rust, &values)
}

fn argument(kind: ParamKind, arg: &Ex) -> String {
    match (kind, arg) {
        (ParamKind::Expr, _) => receiver(arg),
        (ParamKind::Rank, Ex::Lit(Lit::Text(text))) => {
            let (first, rest) = text.split_at(1);
            format!("RankMethod::{}{rest}", first.to_uppercase())
        }
        (ParamKind::Form, Ex::Lit(Lit::Text(text))) => format!("UnicodeForm::{text}"),
        (ParamKind::Linear, _) => "QuantileMethod::Linear".into(),
        (ParamKind::Int | ParamKind::Count, Ex::Lit(Lit::Integer(number))) if i32::try_from(*number).is_ok() => {
            number.to_string()
        }
        (ParamKind::List, Ex::Lit(list)) => list.rust(),
        (_, Ex::Lit(lit)) => lit.raw(),
        _ => arg.rust(),
    }
}

/// Puts values in place of parameters in the text of a Rust call. A name after a point is a method, one before a colon
/// a field; a field written short (`{ strict }`) is written out.
fn fill(template: &str, values: &[(&str, String)]) -> String {
    let chars: Vec<char> = template.chars().collect();
    let mut out = String::new();
    let mut open = Vec::new();
    let mut at = 0;
    let mut before = ' ';
    while at < chars.len() {
        let letter = chars[at];
        if letter.is_alphabetic() || letter == '_' {
            let start = at;
            while at < chars.len() && (chars[at].is_alphanumeric() || chars[at] == '_') {
                at += 1;
            }
            let word: String = chars[start..at].iter().collect();
            let after = chars[at..].iter().copied().find(|letter| !letter.is_whitespace()).unwrap_or(' ');
            match values.iter().find(|(name, _)| *name == word) {
                Some((name, value)) if before != '.' && after != ':' => {
                    let field = open.last() == Some(&'{') && matches!(before, '{' | ',') && matches!(after, '}' | ',');
                    if field {
                        out.push_str(&format!("{name}: "));
                    }
                    out.push_str(value);
                }
                _ => out.push_str(&word),
            }
            before = 'a';
            continue;
        }
        if letter == '"' {
            let end = chars[at + 1..].iter().position(|letter| *letter == '"').map_or(chars.len(), |end| at + end + 2);
            out.extend(&chars[at..end]);
            at = end;
            before = '"';
            continue;
        }
        match letter {
            '(' | '{' | '[' => open.push(letter),
            ')' | '}' | ']' => {
                open.pop();
            }
            _ => {}
        }
        out.push(if letter == '\n' { ' ' } else { letter });
        if !letter.is_whitespace() {
            before = letter;
        }
        at += 1;
    }
    out
}
