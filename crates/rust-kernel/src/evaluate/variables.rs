//! What the variables pane shows, and how a variable gets to the bridge.

use super::{Client, Evaluator, Failure};
use serde_json::{Value, json};

/// Of each value this many bytes of text are shown.
const PREVIEW: usize = 400;

impl Evaluator {
    /// A list of `{name, kind, shape, num_bytes, preview, is_table}`.
    pub fn variables(&mut self) -> Value {
        let previews = self.worker.as_mut().map(|worker| worker.peek(PREVIEW)).unwrap_or_default();
        let variables = self.session.variables.iter().map(|(name, variable)| {
            let preview = previews.get(name).cloned().unwrap_or_default();
            let kind = short(&variable.kind);
            json!({
                "name": name,
                "kind": kind,
                "shape": shape(&kind, &preview),
                "num_bytes": size(&kind),
                "preview": preview,
                "is_table": is_table(&kind),
            })
        });
        Value::Array(variables.collect())
    }

    /// Gives a variable its own name on the bridge.
    pub fn put(&mut self, name: &str, client: &dyn Client) -> Result<(), Failure> {
        let Some(variable) = self.session.variables.get(name) else {
            return Err(Failure::plain("NoSuchVariable", format!("there is no variable `{name}`")));
        };
        // A lazy table is put as the table that it becomes.
        let value =
            if short(&variable.kind) == "LazyFrame" { format!("{name}.clone().collect()?") } else { name.to_owned() };
        self.run_code(0, &format!("atelier::put({name:?}, &{value})?;"), client)
    }
}

pub fn is_table(kind: &str) -> bool {
    matches!(kind, "DataFrame" | "LazyFrame" | "Series" | "Column")
}

/// A type without the paths: `Vec<Option<String>>`.
pub fn short(kind: &str) -> String {
    let mut short = String::with_capacity(kind.len());
    let mut word = 0;
    for c in kind.chars() {
        if c == ':' && !short[word..].ends_with(' ') {
            short.truncate(word);
        } else if c.is_alphanumeric() || c == '_' {
            short.push(c);
        } else {
            short.push(c);
            word = short.len();
        }
    }
    short
}

/// `3 x 4` of a table, as its own text says.
fn shape(kind: &str, preview: &str) -> String {
    if !is_table(kind) {
        return String::new();
    }
    let inside = preview.strip_prefix("shape: (").and_then(|rest| rest.split(')').next()).unwrap_or_default();
    inside.trim_end_matches(',').replace(", ", " × ").replace('_', ",")
}

fn size(kind: &str) -> Option<u64> {
    Some(match kind {
        "u8" | "i8" | "bool" => 1,
        "u16" | "i16" => 2,
        "u32" | "i32" | "f32" | "char" => 4,
        "u64" | "i64" | "f64" | "usize" | "isize" => 8,
        "u128" | "i128" => 16,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_lose_their_paths() {
        for (kind, expected) in [
            ("std::collections::HashMap<std::string::String, std::vec::Vec<u8>>", "HashMap<String, Vec<u8>>"),
            ("&str", "&str"),
            ("(i32, polars::prelude::DataFrame)", "(i32, DataFrame)"),
            ("std::boxed::Box<dyn std::ops::Fn(i32) -> i32>", "Box<dyn Fn(i32) -> i32>"),
        ] {
            assert_eq!(short(kind), expected);
        }
    }

    #[test]
    fn shapes_come_from_the_text() {
        assert_eq!(shape("DataFrame", "shape: (3, 2)\n..."), "3 × 2");
        assert_eq!(shape("Series", "shape: (5,)\n"), "5");
        assert_eq!(shape("i32", "3"), "");
    }
}
