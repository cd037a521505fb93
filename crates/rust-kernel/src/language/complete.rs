//! Completion: what the analyser finds, and what the session knows while the analyser is not ready.

use super::analyser::{Analyser, Completions, Found};
use super::{byte_offset, characters};
use crate::compile::Session;
use crate::evaluate::commands::COMMANDS;
use serde_json::{Value, json};

const KEYWORDS: &[&str] = &[
    "as", "async", "await", "break", "const", "continue", "crate", "dyn", "else", "enum", "extern", "false", "fn",
    "for", "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub", "ref", "return", "self", "static",
    "struct", "super", "trait", "true", "type", "union", "unsafe", "use", "where", "while",
];

const MACROS: &[&str] = &[
    "assert!",
    "assert_eq!",
    "dbg!",
    "eprintln!",
    "format!",
    "matches!",
    "panic!",
    "print!",
    "println!",
    "todo!",
    "vec!",
    "write!",
];

const TYPES: &[&str] = &[
    "Box", "HashMap", "None", "Ok", "Option", "Result", "Some", "String", "Vec", "bool", "char", "f32", "f64", "i32",
    "i64", "str", "u8", "u32", "u64", "usize",
];

pub async fn complete(analyser: &Analyser, session: &Session, code: &str, cursor: usize) -> Value {
    let at = byte_offset(code, cursor);
    let line_start = code[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let line = &code[line_start..at];
    if line.starts_with(':') && !line.contains(' ') {
        let found =
            COMMANDS.iter().filter(|(name, _)| name.starts_with(line)).map(|(name, _)| piece(name, "magic")).collect();
        return reply(code, Completions { found, start: line_start, end: at });
    }
    let before = session.preamble();
    let asked = analyser.complete(format!("{before}{code}"), before.len() + at).await;
    let found = asked.filter(|found| !found.found.is_empty() && found.start >= before.len());
    reply(
        code,
        match found {
            Some(found) => {
                Completions { start: found.start - before.len(), end: (found.end - before.len()).max(at), ..found }
            }
            None => names(session, code, at),
        },
    )
}

fn piece(text: &str, kind: &str) -> Found {
    Found { text: text.to_owned(), kind: kind.to_owned() }
}

/// Names that begin like the word before the cursor.
fn names(session: &Session, code: &str, at: usize) -> Completions {
    let start = code[..at]
        .rfind(|c: char| !(c.is_alphanumeric() || c == '_'))
        .map_or(0, |before| before + code[before..].chars().next().map_or(1, char::len_utf8));
    let word = &code[start..at];
    // After a dot or a path only the analyser knows.
    if code[..start].ends_with(['.', ':']) {
        return Completions { found: Vec::new(), start: at, end: at };
    }
    let variables = session.variables.keys().map(|name| (name.as_str(), "instance"));
    let items = session.item_names().map(|name| (name, "class"));
    let known = [(KEYWORDS, "keyword"), (MACROS, "function"), (TYPES, "class")];
    let known = known.into_iter().flat_map(|(names, kind)| names.iter().map(move |name| (*name, kind)));
    let mut found: Vec<Found> = Vec::new();
    for (name, kind) in variables.chain(items).chain(known).filter(|(name, _)| name.starts_with(word)) {
        if !found.iter().any(|other| other.text == name) {
            found.push(piece(name, kind));
        }
    }
    Completions { found, start, end: at }
}

fn reply(code: &str, mut completions: Completions) -> Value {
    let (start, end) = (characters(code, completions.start), characters(code, completions.end));
    let mut seen = std::collections::BTreeSet::new();
    completions.found.retain(|found| !found.text.is_empty() && seen.insert(found.text.clone()));
    let matches: Vec<&str> = completions.found.iter().map(|found| found.text.as_str()).collect();
    let types: Vec<Value> = completions
        .found
        .iter()
        .map(|found| json!({"start": start, "end": end, "text": found.text, "type": found.kind}))
        .collect();
    json!({
        "status": "ok",
        "matches": matches,
        "cursor_start": start,
        "cursor_end": end,
        "metadata": {"_jupyter_types_experimental": types},
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compile::Variable;

    fn check(code: &str, expected: &[&str], start: usize) {
        let mut session = Session::default();
        session.variables.insert("länge".to_owned(), Variable { kind: "i32".to_owned(), mutable: false });
        let found = names(&session, code, code.len());
        let texts: Vec<&str> = found.found.iter().map(|found| found.text.as_str()).collect();
        assert_eq!(texts, expected, "{code}");
        assert_eq!(reply(code, found)["cursor_start"], start, "{code}");
    }

    #[test]
    fn names_that_begin_so() {
        check("1 + län", &["länge"], 4);
        check("printl", &["println!"], 0);
        check("x.le", &[], 4);
        check("ä; el", &["else"], 3);
    }
}
