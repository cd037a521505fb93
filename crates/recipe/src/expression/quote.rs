//! Text as a literal of another language. Whatever a column is called, it stays inside the quotes.

/// Python: double quotes, escapes for all that isn't printable ASCII or a common letter.
pub fn python_text(text: &str) -> String {
    quote(text, |code| match code {
        0..=0xff => format!("\\x{code:02x}"),
        0x100..=0xffff => format!("\\u{code:04x}"),
        _ => format!("\\U{code:08x}"),
    })
}

/// Rust: the same with its own escapes.
pub fn rust_text(text: &str) -> String {
    quote(text, |code| format!("\\u{{{code:x}}}"))
}

fn quote(text: &str, escape: impl Fn(u32) -> String) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            ' '..='~' => out.push(letter),
            // letters read well as themselves; marks, controls, bidirectional signs and spaces don't
            _ if letter.is_alphanumeric() => out.push(letter),
            _ => out.push_str(&escape(letter as u32)),
        }
    }
    out.push('"');
    out
}

/// A finite float as both languages read it; always with a point or an exponent.
pub fn number(value: f64) -> Option<String> {
    value.is_finite().then(|| format!("{value:?}"))
}
