//! What a kernel's message adds to a cell, in the form of the file.

use atelier_wire::studio::kernel::Diagnostic;
use serde_json::{Value, json};

/// `None` for messages that are no output. Fields that the file's format does not know stay out of it.
pub fn output(kind: &str, content: &Value) -> Option<Value> {
    let field = |name: &str| content.get(name).cloned();
    let object = |name: &str| field(name).filter(Value::is_object).unwrap_or_else(|| json!({}));
    let word = |name: &str| content.get(name).and_then(Value::as_str).unwrap_or_default();
    match kind {
        "display_data" => {
            Some(json!({ "data": object("data"), "metadata": object("metadata"), "output_type": "display_data" }))
        }
        "execute_result" => Some(json!({
            "data": object("data"),
            "execution_count": field("execution_count"),
            "metadata": object("metadata"),
            "output_type": "execute_result",
        })),
        "error" => Some(json!({
            "ename": word("ename"),
            "evalue": word("evalue"),
            "output_type": "error",
            "traceback": field("traceback").filter(Value::is_array).unwrap_or_else(|| json!([])),
        })),
        _ => None,
    }
}

pub fn display_id(content: &Value) -> Option<&str> {
    content.pointer("/transient/display_id").and_then(Value::as_str)
}

/// What our Rust kernel adds to an error: where in the cell the compiler points.
pub fn diagnostics(content: &Value) -> Option<Vec<Diagnostic>> {
    serde_json::from_value(content.get("diagnostics")?.clone()).ok()
}

/// How much memory a message takes, roughly.
pub fn size(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len() + 16,
        Value::Array(items) => items.iter().map(size).sum::<usize>() + 16,
        Value::Object(members) => members.iter().map(|(key, value)| key.len() + size(value)).sum::<usize>() + 16,
        _ => 16,
    }
}
