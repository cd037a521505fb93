//! What is known of the name under the cursor.

use super::analyser::Analyser;
use super::byte_offset;
use crate::compile::Session;
use crate::evaluate::commands::COMMANDS;
use serde_json::{Value, json};

pub async fn inspect(analyser: &Analyser, session: &Session, code: &str, cursor: usize) -> Value {
    let at = byte_offset(code, cursor);
    let (start, end) = word(code, at);
    let name = &code[start..end];
    let line_start = code[..start].rfind('\n').map_or(0, |newline| newline + 1);
    if code[line_start..start] == *":" {
        let command = COMMANDS.iter().find(|(command, _)| command[1..] == *name);
        return command.map_or_else(nothing, |(command, what)| found(format!("{command}: {what}"), None));
    }
    if name.is_empty() {
        return nothing();
    }
    let before = session.preamble();
    if let Some((text, html)) = analyser.explain(format!("{before}{}", &code[..end]), before.len() + end).await {
        return found(text, Some(html));
    }
    let is_member = code[..start].ends_with(['.', ':']);
    match session.variables.get(name).filter(|_| !is_member) {
        Some(variable) => found(format!("{name}: {}", variable.kind), None),
        None => match session.item_texts().find(|(own, _)| *own == Some(name)) {
            Some((_, text)) => found(text.to_owned(), None),
            None => nothing(),
        },
    }
}

/// The name around a byte offset.
fn word(code: &str, at: usize) -> (usize, usize) {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let start = code[..at].char_indices().rev().take_while(|(_, c)| is_name(*c)).last().map_or(at, |(start, _)| start);
    let end = code[at..].char_indices().find(|(_, c)| !is_name(*c)).map_or(code.len(), |(length, _)| at + length);
    (start, end)
}

fn found(text: String, html: Option<String>) -> Value {
    let mut data = json!({"text/plain": text});
    if let Some(html) = html {
        data["text/html"] = html.into();
    }
    json!({"status": "ok", "found": true, "data": data, "metadata": {}})
}

fn nothing() -> Value {
    json!({"status": "ok", "found": false, "data": {}, "metadata": {}})
}

#[cfg(test)]
mod tests {
    use super::word;

    #[test]
    fn the_word_around_the_cursor() {
        for (code, at, expected) in [("let abc = 1", 5, "abc"), ("abc", 3, "abc"), ("a.b(", 4, ""), ("é_1+", 0, "é_1")]
        {
            let (start, end) = word(code, at);
            assert_eq!(&code[start..end], expected, "{code} at {at}");
        }
    }
}
