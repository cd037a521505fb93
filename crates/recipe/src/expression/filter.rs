//! Typed conditions with and/or, as a form builds them: `{"all": [..]}`, `{"any": [..]}`, or one condition
//! `{"column": "price", "is": ">=", "value": 3}`. `"type": "date"` or `"datetime"` reads the value as a time.

use super::tree::{Ex, Lit, Op, call, col, combine, lit};
use crate::args::{literal, time_literal};
use crate::error::{Fault, similar};
use crate::param::Param;
use std::collections::BTreeMap;

pub const COMPARISONS: &[&str] = &[
    "==",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "between",
    "not between",
    "in",
    "not in",
    "contains",
    "does not contain",
    "starts with",
    "ends with",
    "matches",
    "does not match",
    "is null",
    "is not null",
    "is true",
    "is false",
    "is duplicated",
    "is unique",
];

const MAX_DEPTH: usize = 16;

pub fn filter(conditions: &Param) -> Result<Ex, Fault> {
    nested(conditions, 0)
}

fn nested(conditions: &Param, depth: usize) -> Result<Ex, Fault> {
    let Param::Map(map) = conditions else {
        return Err(Fault::new(format!("A condition is a group of values, not {}", conditions.noun())));
    };
    if depth > MAX_DEPTH {
        return Err(Fault::new(format!("Conditions are nested more than {MAX_DEPTH} deep")));
    }
    for (key, op) in [("all", Op::And), ("any", Op::Or)] {
        match map.get(key) {
            Some(Param::List(list)) => {
                let parts: Result<Vec<Ex>, Fault> = list.iter().map(|part| nested(part, depth + 1)).collect();
                return Ok(combine(op, parts?).unwrap_or(lit(true)));
            }
            Some(_) => return Err(Fault::new(format!("`{key}` takes a list of conditions"))),
            None => {}
        }
    }
    match map.get("not") {
        Some(inner) => Ok(nested(inner, depth + 1)?.not()),
        None => condition(map),
    }
}

fn condition(map: &BTreeMap<String, Param>) -> Result<Ex, Fault> {
    let (Some(Param::Text(column)), Some(Param::Text(is))) = (map.get("column"), map.get("is")) else {
        return Err(Fault::new("A condition needs `column` and `is`").remedy("Choose a column and a comparison"));
    };
    let x = col(column);
    let text = || match map.get("value") {
        Some(Param::Text(text)) => Ok(text.clone()),
        _ => Err(Fault::new(format!("`{is}` on `{column}` needs a text"))),
    };
    let value = || value(map, map.get("value").unwrap_or(&Param::Null), column);
    let list = || match map.get("value") {
        Some(Param::List(list)) => list.iter().map(|item| self::value(map, item, column)).collect(),
        _ => Err(Fault::new(format!("`{is}` on `{column}` needs a list of values"))),
    };
    let pattern = |pattern: String| {
        super::check_regex(&pattern)?;
        Ok::<_, Fault>(x.clone().call("str.contains", [lit(pattern)]))
    };
    let compared = |op| Ok(x.clone().binary(op, Ex::Lit(value()?)));
    let between = || match <[Lit; 2]>::try_from(list()?) {
        Ok([low, high]) => Ok(call("is_between", [x.clone(), Ex::Lit(low), Ex::Lit(high)])),
        Err(_) => Err(Fault::new(format!("`{is}` on `{column}` needs two values"))),
    };
    match is.as_str() {
        "==" => compared(Op::Eq),
        "!=" => compared(Op::Ne),
        "<" => compared(Op::Lt),
        "<=" => compared(Op::Le),
        ">" => compared(Op::Gt),
        ">=" => compared(Op::Ge),
        "between" => between(),
        "not between" => Ok(between()?.not()),
        "in" => Ok(x.clone().call("is_in", [Ex::Lit(Lit::List(list()?))])),
        "not in" => Ok(x.clone().call("is_in", [Ex::Lit(Lit::List(list()?))]).not()),
        "contains" => pattern(regex::escape(&text()?)),
        "does not contain" => Ok(pattern(regex::escape(&text()?))?.not()),
        "starts with" => Ok(x.clone().call("str.starts_with", [lit(text()?)])),
        "ends with" => Ok(x.clone().call("str.ends_with", [lit(text()?)])),
        "matches" => pattern(text()?),
        "does not match" => Ok(pattern(text()?)?.not()),
        "is null" => Ok(x.clone().call("is_null", [])),
        "is not null" => Ok(x.clone().call("is_not_null", [])),
        "is true" => Ok(x.clone()),
        "is false" => Ok(x.clone().not()),
        "is duplicated" => Ok(x.clone().call("is_duplicated", [])),
        "is unique" => Ok(x.clone().call("is_duplicated", []).not()),
        _ => Err(Fault::new(format!("There is no comparison `{is}`"))
            .near(similar(is, COMPARISONS))
            .remedy(format!("There are {}", COMPARISONS.join(", ")))),
    }
}

fn value(map: &BTreeMap<String, Param>, value: &Param, column: &str) -> Result<Lit, Fault> {
    let kind = match map.get("type") {
        Some(Param::Text(kind)) => kind.as_str(),
        _ => "",
    };
    match (kind, value) {
        ("date" | "datetime", Param::Text(text)) => time_literal(text, kind == "datetime").ok_or_else(|| {
            Fault::new(format!("`{text}` isn't a {kind} for `{column}`")).remedy("Write 2024-02-29 or 2024-02-29 13:30")
        }),
        (_, Param::Null) => Err(Fault::new(format!("The condition on `{column}` has no value")).remedy("Give one")),
        _ => literal(value),
    }
}
