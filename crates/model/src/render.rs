//! How AWS prints a value in an error: as Java's `toString` does. Lists `[a, b]`, maps `{k=v}`, structures
//! `Tag(key=a, value=b)`.

use crate::shape::Shape;
use crate::tables::SHAPES;
use serde_json::Value;

/// A longer value is cut: an error is for a person, and a request may hold megabytes.
const MAX_CHARS: usize = 4096;

pub(crate) fn render(shape: u16, value: &Value) -> String {
    let mut out = String::new();
    write(&mut out, shape, value);
    match out.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => format!("{}…", &out[..end]),
        None => out,
    }
}

/// The name of a member as AWS's paths spell it: `TrainingJobName` as `trainingJobName`.
pub(crate) fn lower_first(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map(|c| c.to_ascii_lowercase()).into_iter().chain(chars).collect()
}

fn write(out: &mut String, shape: u16, value: &Value) {
    if out.len() > 8 * MAX_CHARS {
        return;
    }
    match (&SHAPES[usize::from(shape)], value) {
        (Shape::Structure { name, members }, Value::Object(object)) => {
            let present = members.iter().filter_map(|m| Some((m, object.get(m.name).filter(|v| !v.is_null())?)));
            out.push_str(name);
            separated(out, ('(', ')'), present, |out, (member, value)| {
                out.push_str(&lower_first(member.name));
                out.push('=');
                write(out, member.shape, value);
            });
        }
        (Shape::List { member, .. }, Value::Array(items)) => {
            separated(out, ('[', ']'), items.iter(), |out, item| write(out, *member, item));
        }
        (Shape::Map { value: below, .. }, Value::Object(object)) => {
            separated(out, ('{', '}'), object.iter(), |out, (key, value)| {
                out.push_str(key);
                out.push('=');
                write(out, *below, value);
            });
        }
        (_, Value::String(text)) => out.push_str(text),
        (_, other) => out.push_str(&other.to_string()),
    }
}

fn separated<T>(
    out: &mut String,
    (open, close): (char, char),
    items: impl Iterator<Item = T>,
    mut each: impl FnMut(&mut String, T),
) {
    out.push(open);
    for (i, item) in items.enumerate() {
        if i > 0 {
            out.push_str(", ");
        }
        each(out, item);
    }
    out.push(close);
}
