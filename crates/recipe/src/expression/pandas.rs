//! The tree as pandas code over a frame `df` of nullable types (`Int64`, `Float64`, `boolean`, `string`), whose missing
//! values behave as Polars' nulls do: they spread through arithmetic and comparisons, and a filter drops them.

use super::functions::{Class, Function, ParamKind};
use super::quote::{number, python_text};
use super::tree::{Across, Ex, Lit, Op};

impl Ex {
    pub fn pandas(&self) -> String {
        match self {
            Ex::Col(name) => format!("df[{}]", python_text(name)),
            Ex::Lit(value) => value.pandas(),
            Ex::Len => "len(df)".into(),
            Ex::Neg(inner) => format!("-{}", tight(inner)),
            Ex::Not(inner) => format!("~{}", tight(inner)),
            Ex::Binary(op, left, right) => {
                let text =
                    format!("{} {} {}", self.side(left, op.binds()), op.sign(), self.side(right, op.binds() + 1));
                // times don't know NA: their missing value is unequal to everything
                match (op, left.as_ref(), right.as_ref()) {
                    (Op::Ne, x, Ex::Lit(Lit::Date(..) | Lit::Datetime(..))) => {
                        format!("({text}) & {}.notna()", tight(x))
                    }
                    _ => text,
                }
            }
            Ex::Call(function, args) => call(function, &tight(&args[0]), args),
            Ex::Across(across, args) => {
                let args: Vec<String> = args.iter().map(column_of).collect();
                let args = args.join(", ");
                let rows = |method: &str| format!("pd.concat([{args}], axis=1).{method}(axis=1)");
                match across {
                    Across::Coalesce => format!("coalesce({args})"),
                    Across::Max => rows("max"),
                    Across::Min => rows("min"),
                    Across::Sum => rows("sum"),
                    Across::Mean => rows("mean"),
                    Across::Any => rows("any"),
                    Across::All => rows("all"),
                    Across::Concat { separator, ignore_nulls } => {
                        let skip = if *ignore_nulls { "True" } else { "False" };
                        format!("concat_text([{args}], {}, {skip})", python_text(separator))
                    }
                }
            }
            Ex::When(branches, otherwise) => {
                let branches: Vec<String> =
                    branches.iter().map(|(when, then)| format!("({}, {})", when.pandas(), then.pandas())).collect();
                format!("case(df, [{}], {})", branches.join(", "), otherwise.pandas())
            }
            Ex::Cast(inner, to, strict) => {
                let strict = if *strict { ", strict=True" } else { "" };
                format!("cast({}, \"{}\"{strict})", column_of(inner), to.name())
            }
            Ex::Over(inner, by) => over(inner, by),
        }
    }

    /// Python's operators bind as in the tree, but a comparison beside `&` needs its brackets.
    fn side(&self, inner: &Ex, least: u8) -> String {
        let text = inner.pandas();
        if inner.binds() < least || matches!(inner, Ex::Binary(Op::Ne, ..)) { format!("({text})") } else { text }
    }
}

fn tight(ex: &Ex) -> String {
    if ex.binds() < super::tree::ATOM { format!("({})", ex.pandas()) } else { ex.pandas() }
}

/// A whole column even where the tree has one value.
fn column_of(ex: &Ex) -> String {
    let mut columns = false;
    ex.visit(&mut |ex| columns |= matches!(ex, Ex::Col(_)));
    match ex {
        Ex::Call(function, _) if function.class == Class::Aggregate => columns = false,
        _ => {}
    }
    if columns { ex.pandas() } else { format!("pd.Series({}, index=df.index)", ex.pandas()) }
}

/// Groups keep the rows whose keys are missing; the result stands at the rows' own places.
fn over(inner: &Ex, by: &[String]) -> String {
    let Ex::Call(function, args) = inner else { return inner.pandas() };
    let by: Vec<String> = by.iter().map(|name| format!("df[{}]", python_text(name))).collect();
    let grouped = format!("{}.groupby([{}], dropna=False)", column_of_tight(&args[0]), by.join(", "));
    let text = call(function, "s", args);
    match text.strip_prefix("s.").and_then(|text| text.strip_suffix("()")) {
        Some(method) if function.class == Class::Aggregate && !method.contains('(') => {
            format!("{grouped}.transform(\"{method}\")")
        }
        _ if function.name == "len" => format!("{grouped}.transform(\"size\")"),
        _ => format!("{grouped}.transform(lambda s: {text})"),
    }
}

fn column_of_tight(ex: &Ex) -> String {
    let text = column_of(ex);
    if ex.binds() < super::tree::ATOM { format!("({text})") } else { text }
}

/// `{x}` is a parameter, `{!x}` the opposite of a flag.
fn call(function: &Function, receiver: &str, args: &[Ex]) -> String {
    let mut out = String::new();
    let mut rest = function.pandas;
    while let Some(open) = rest.find('{') {
        out.push_str(&rest[..open]);
        let close = rest[open..].find('}').map_or(rest.len() - 1, |close| open + close);
        let name = &rest[open + 1..close];
        let (opposite, name) = name.strip_prefix('!').map_or((false, name), |name| (true, name));
        if let Some(index) = function.params.iter().position(|param| param.name == name) {
            let text = match index {
                0 => receiver.to_string(),
                _ => argument(function.params[index].kind, &args[index]),
            };
            out.push_str(match (opposite, text.as_str()) {
                (true, "True") => "False",
                (true, _) => "True",
                (false, text) => text,
            });
        }
        rest = &rest[close + 1..];
    }
    out.push_str(rest);
    out
}

fn argument(kind: ParamKind, arg: &Ex) -> String {
    match (kind, arg) {
        (ParamKind::Rank, Ex::Lit(Lit::Text(text))) if text == "ordinal" => "\"first\"".into(),
        (ParamKind::Replacement, Ex::Lit(Lit::Text(text))) => python_text(&replacement(text)),
        _ => arg.pandas(),
    }
}

/// From `$1`, `${name}`, `$$` of the regex crate to `\g<1>`, `\g<name>`, `$` of Python.
fn replacement(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(dollar) = rest.find('$') {
        out.push_str(&rest[..dollar].replace('\\', "\\\\"));
        rest = &rest[dollar + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            out.push('$');
            rest = after;
        } else if let Some((name, after)) = rest.strip_prefix('{').and_then(|inner| inner.split_once('}')) {
            out.push_str(&format!("\\g<{name}>"));
            rest = after;
        } else {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
            if end == 0 {
                out.push('$');
            } else {
                out.push_str(&format!("\\g<{}>", &rest[..end]));
            }
            rest = &rest[end..];
        }
    }
    out.push_str(&rest.replace('\\', "\\\\"));
    out
}

impl Lit {
    pub fn pandas(&self) -> String {
        match self {
            Lit::Null => "pd.NA".into(),
            Lit::Number(value) => number(*value).unwrap_or_else(|| format!("float(\"{value}\")")),
            Lit::Date(year, month, day) => format!("pd.Timestamp({year}, {month}, {day})"),
            Lit::Datetime(year, month, day, hour, minute, second) => {
                format!("pd.Timestamp({year}, {month}, {day}, {hour}, {minute}, {second})")
            }
            Lit::List(list) => {
                let list: Vec<String> = list.iter().map(Lit::pandas).collect();
                format!("[{}]", list.join(", "))
            }
            other => other.python(),
        }
    }
}
