//! The walk over a request: first the JSON types of everything, then every constraint, in the model's order.

use crate::pattern;
use crate::render::{lower_first, render};
use crate::shape::{Range, Shape};
use crate::tables::SHAPES;
use crate::violations::Violations;
use serde_json::{Map, Value};

/// More than a person reads, and a bound on what a hostile request can make us write.
const MAX_SENTENCES: usize = 100;

static NOTHING: Value = Value::Null;

pub(crate) fn check(service: &'static str, shape: Option<u16>, value: &Value) -> Result<(), Violations> {
    let Some(shape) = shape else { return Ok(()) };
    if !value.is_object() {
        return Err(Violations::WrongType("Start of structure expected".to_owned()));
    }
    types(shape, value).map_err(Violations::WrongType)?;
    let mut walk = Walk { sentences: Vec::new() };
    walk.constraints(shape, value, "");
    match walk.sentences.is_empty() {
        true => Ok(()),
        false => Err(Violations::Constraints { service, sentences: walk.sentences }),
    }
}

/// The JSON types. A whole number may stand where a fraction may, not the other way round.
fn types(shape: u16, value: &Value) -> Result<(), String> {
    match (&SHAPES[usize::from(shape)], value) {
        (_, Value::Null) => Ok(()),
        (Shape::Structure { members, .. }, Value::Object(object)) => {
            members.iter().try_for_each(|m| types(m.shape, object.get(m.name).unwrap_or(&NOTHING)))
        }
        (Shape::List { member, .. }, Value::Array(items)) => items.iter().try_for_each(|item| types(*member, item)),
        (Shape::Map { value: below, .. }, Value::Object(object)) => object.values().try_for_each(|v| types(*below, v)),
        (Shape::Text { .. }, Value::String(_)) | (Shape::Boolean, Value::Bool(_)) => Ok(()),
        (Shape::Float { .. } | Shape::Timestamp, Value::Number(_)) => Ok(()),
        (Shape::Integer { long, .. }, Value::Number(number)) => match number.as_i64() {
            Some(n) if *long || i32::try_from(n).is_ok() => Ok(()),
            _ => Err(format!("{number} can not be converted to {}", if *long { "a Long" } else { "an Integer" })),
        },
        (expected, found) => Err(mismatch(expected, found)),
    }
}

fn mismatch(expected: &Shape, found: &Value) -> String {
    let to = match expected {
        Shape::List { .. } => return "Expected list or null".to_owned(),
        Shape::Structure { .. } | Shape::Map { .. } => return "Expected map or null".to_owned(),
        Shape::Text { .. } => "a String",
        Shape::Integer { long: false, .. } => "an Integer",
        Shape::Integer { long: true, .. } => "a Long",
        Shape::Float { .. } => "a Float",
        Shape::Boolean => "a Boolean",
        Shape::Timestamp => "milliseconds since epoch",
    };
    let token = match found {
        Value::Object(_) => return "Start of structure or map found where not expected.".to_owned(),
        Value::Array(_) => return "Start of list found where not expected".to_owned(),
        Value::String(_) => "STRING_VALUE",
        Value::Number(_) => "NUMBER_VALUE",
        Value::Bool(true) => "TRUE_VALUE",
        Value::Bool(false) => "FALSE_VALUE",
        Value::Null => "NULL_VALUE",
    };
    format!("{token} can not be converted to {to}")
}

struct Walk {
    sentences: Vec<String>,
}

impl Walk {
    /// `path` is empty for the request itself, else `tags.1.member`.
    fn constraints(&mut self, shape: u16, value: &Value, path: &str) {
        if self.sentences.len() >= MAX_SENTENCES {
            return;
        }
        match (&SHAPES[usize::from(shape)], value) {
            (Shape::Structure { members, .. }, Value::Object(object)) => {
                for member in *members {
                    let path = if path.is_empty() {
                        lower_first(member.name)
                    } else {
                        format!("{path}.{}", lower_first(member.name))
                    };
                    match object.get(member.name).unwrap_or(&NOTHING) {
                        Value::Null if member.required => self.missing(&path),
                        Value::Null => {}
                        value => self.constraints(member.shape, value, &path),
                    }
                }
            }
            (Shape::List { member, range }, Value::Array(items)) => {
                self.list(shape, value, (*member, items), range, path)
            }
            (Shape::Map { key, value: below, range }, Value::Object(object)) => {
                self.map(shape, value, (*key, *below, object), range, path)
            }
            _ => {
                for demand in violated(shape, value) {
                    self.add(shape, value, path, &demand);
                }
            }
        }
    }

    fn list(&mut self, shape: u16, whole: &Value, (member, items): (u16, &[Value]), range: &Range, path: &str) {
        if !range.admits(items.len()) {
            self.lengths(shape, whole, items.len(), range, path);
        }
        if range.max.is_some_and(|max| items.len() as i64 > max) {
            return; // its items may be many, and it is refused already
        }
        if is_scalar(member) {
            if items.iter().any(|item| item.is_null() || !violated(member, item).is_empty()) {
                self.add(
                    shape,
                    whole,
                    path,
                    &format!("Member must satisfy constraint: [{}]", demands(member).join(", ")),
                );
            }
            return;
        }
        for (i, item) in items.iter().enumerate() {
            let path = format!("{path}.{}.member", i + 1);
            if item.is_null() { self.missing(&path) } else { self.constraints(member, item, &path) }
        }
    }

    fn map(
        &mut self,
        shape: u16,
        whole: &Value,
        (key, below, object): (u16, u16, &Map<String, Value>),
        range: &Range,
        path: &str,
    ) {
        if !range.admits(object.len()) {
            self.lengths(shape, whole, object.len(), range, path);
        }
        if range.max.is_some_and(|max| object.len() as i64 > max) {
            return;
        }
        if object.keys().any(|k| !violated(key, &Value::String(k.clone())).is_empty()) {
            self.add(shape, whole, path, &format!("Map keys must satisfy constraint: [{}]", demands(key).join(", ")));
        }
        if is_scalar(below) {
            if object.values().any(|v| v.is_null() || !violated(below, v).is_empty()) {
                self.add(
                    shape,
                    whole,
                    path,
                    &format!("Map value must satisfy constraint: [{}]", demands(below).join(", ")),
                );
            }
            return;
        }
        for (key, value) in object {
            let path = format!("{path}.{key}.member");
            if value.is_null() { self.missing(&path) } else { self.constraints(below, value, &path) }
        }
    }

    fn lengths(&mut self, shape: u16, value: &Value, count: usize, range: &Range, path: &str) {
        for demand in out_of_range("length", count as f64, range) {
            self.add(shape, value, path, &demand);
        }
    }

    fn missing(&mut self, path: &str) {
        self.sentences.push(format!("Value null at '{path}' failed to satisfy constraint: Member must not be null"));
    }

    fn add(&mut self, shape: u16, value: &Value, path: &str, demand: &str) {
        let value = render(shape, value);
        self.sentences.push(format!("Value '{value}' at '{path}' failed to satisfy constraint: {demand}"));
    }
}

fn is_scalar(shape: u16) -> bool {
    !matches!(SHAPES[usize::from(shape)], Shape::Structure { .. } | Shape::List { .. } | Shape::Map { .. })
}

/// The demands of a scalar's shape that `value` does not meet.
fn violated(shape: u16, value: &Value) -> Vec<String> {
    match (&SHAPES[usize::from(shape)], value) {
        (Shape::Text { range, pattern, values }, Value::String(text)) => {
            let mut found = Vec::new();
            if !values.is_empty() && !values.contains(&text.as_str()) {
                found.push(value_set(values));
            }
            let chars = text.chars().count();
            // A text beyond its bound is not matched: a pattern may take long over megabytes.
            let too_long = range.max.is_some_and(|max| chars as i64 > max);
            if let Some(pattern) = pattern.filter(|p| !too_long && !pattern::admits(shape, p, text)) {
                found.push(matching(pattern));
            }
            found.extend(out_of_range("length", chars as f64, range));
            found
        }
        (Shape::Integer { range, .. } | Shape::Float { range }, Value::Number(number)) => {
            out_of_range("value", number.as_f64().unwrap_or(f64::NAN), range)
        }
        _ => Vec::new(),
    }
}

/// All demands of a scalar's shape, as AWS lists them for the members of a list or map.
fn demands(shape: u16) -> Vec<String> {
    let bounds = |what: &str, range: &Range| {
        let max = range.max.map(|max| format!("Member must have {what} less than or equal to {max}"));
        let min = range.min.map(|min| format!("Member must have {what} greater than or equal to {min}"));
        max.into_iter().chain(min).collect::<Vec<_>>()
    };
    let mut all = match &SHAPES[usize::from(shape)] {
        Shape::Text { range, pattern, values } => {
            let mut all = bounds("length", range);
            all.extend(pattern.map(matching));
            all.extend((!values.is_empty()).then(|| value_set(values)));
            all
        }
        Shape::Integer { range, .. } | Shape::Float { range } => bounds("value", range),
        _ => Vec::new(),
    };
    if all.is_empty() {
        all.push("Member must not be null".to_owned());
    }
    all
}

fn out_of_range(what: &str, found: f64, range: &Range) -> Vec<String> {
    let mut out = Vec::new();
    if let Some(max) = range.max.filter(|max| found > *max as f64) {
        out.push(format!("Member must have {what} less than or equal to {max}"));
    }
    if let Some(min) = range.min.filter(|min| found < *min as f64) {
        out.push(format!("Member must have {what} greater than or equal to {min}"));
    }
    out
}

fn matching(pattern: &str) -> String {
    format!("Member must satisfy regular expression pattern: {pattern}")
}

fn value_set(values: &[&str]) -> String {
    format!("Member must satisfy enum value set: [{}]", values.join(", "))
}
