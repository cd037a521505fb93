//! A value as the text of a grid cell.

use polars::prelude::AnyValue;

/// Longer texts are cut, with an ellipsis: a page is for looking, and a cell may hold a whole document.
const MAX_CHARS: usize = 1000;

/// `None` for a missing value.
pub(crate) fn text(value: &AnyValue<'_>) -> Option<String> {
    let text = match value {
        AnyValue::Null => return None,
        AnyValue::String(text) => (*text).to_owned(),
        AnyValue::StringOwned(text) => text.to_string(),
        AnyValue::Boolean(truth) => truth.to_string(),
        AnyValue::Float32(number) => number_text(f64::from(*number), || number.to_string()),
        AnyValue::Float64(number) => number_text(*number, || number.to_string()),
        AnyValue::Binary(bytes) => format!("{} bytes", bytes.len()),
        other => other.to_string(),
    };
    Some(if text.chars().nth(MAX_CHARS).is_some() {
        text.chars().take(MAX_CHARS).chain(['…']).collect()
    } else {
        text
    })
}

/// The shortest digits that read back as the same number; with an exponent where plain digits would be long.
fn number_text(number: f64, plain: impl Fn() -> String) -> String {
    let size = number.abs();
    if number.is_finite() && size != 0.0 && !(1e-5..1e16).contains(&size) { format!("{number:e}") } else { plain() }
}
