//! What the compiler says, in the cell's own lines and columns.

use super::source::{Origin, Source};
use serde::Serialize;
use serde_json::Value;
use std::fmt::Write as _;

/// A message of the compiler, in the source's lines.
#[derive(Clone, Debug, Default)]
pub struct Message {
    pub level: String,
    pub text: String,
    pub code: Option<String>,
    /// As the compiler prints it, with colours.
    pub rendered: String,
    pub spans: Vec<Span>,
}

#[derive(Clone, Debug, Default)]
pub struct Span {
    pub line: usize,
    pub column: usize,
    pub end_line: usize,
    pub end_column: usize,
    pub is_primary: bool,
    pub label: String,
}

/// Lines and columns count from 1, columns in characters; the end is exclusive.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    pub line: usize,
    pub column: usize,
    pub end_line: usize,
    pub end_column: usize,
    pub level: String,
    pub message: String,
    pub code: Option<String>,
}

impl Message {
    /// A line of the compiler's JSON; `None` for what is no message about the code.
    pub fn read(line: &str) -> Option<Self> {
        let json: Value = serde_json::from_str(line).ok()?;
        let text = json["message"].as_str()?.to_owned();
        if text.starts_with("aborting due to")
            || text.starts_with("For more information about")
            || text.starts_with("Some errors have")
        {
            return None;
        }
        Some(Self {
            level: json["level"].as_str().unwrap_or("error").replace("failure-note", "note"),
            text,
            code: json["code"]["code"].as_str().map(str::to_owned),
            rendered: json["rendered"].as_str().unwrap_or_default().to_owned(),
            spans: json["spans"].as_array().into_iter().flatten().map(|span| Span::read(span)).collect(),
        })
    }

    pub fn plain(text: String) -> Self {
        Self { level: "error".to_owned(), rendered: text.clone(), text, ..Self::default() }
    }

    /// The origins of the lines that it is about.
    pub fn origins<'a>(&'a self, source: &'a Source) -> impl Iterator<Item = &'a Origin> {
        self.spans.iter().map(|span| source.origin(span.line))
    }
}

impl Span {
    /// Where a macro of another crate is to blame, its call in our source is meant.
    fn read(json: &Value) -> Self {
        let mut place = json;
        while place["file_name"].as_str().is_some_and(|name| !is_ours(name)) && place["expansion"].is_object() {
            place = &place["expansion"]["span"];
        }
        let number = |name: &str| place[name].as_u64().unwrap_or_default() as usize;
        let is_ours = place["file_name"].as_str().is_some_and(is_ours);
        Self {
            line: if is_ours { number("line_start") } else { 0 },
            column: number("column_start"),
            end_line: number("line_end"),
            end_column: number("column_end"),
            is_primary: json["is_primary"].as_bool().unwrap_or_default(),
            label: json["label"].as_str().unwrap_or_default().to_owned(),
        }
    }
}

fn is_ours(file: &str) -> bool {
    file.starts_with("cell_") && file.ends_with(".rs")
}

/// The message as a diagnostic of cell `count`; `None` where it is about no line of it.
pub fn place(message: &Message, source: &Source, count: u64) -> Option<Diagnostic> {
    let line_of = |line: usize| match source.origin(line) {
        Origin::Cell { count: from, line } if *from == count => Some(line + 1),
        _ => None,
    };
    let here = |span: &&Span| line_of(span.line).is_some();
    let primary = message.spans.iter().find(|span| span.is_primary && here(span));
    let span = primary.or_else(|| message.spans.iter().find(here))?;
    let line = line_of(span.line)?;
    let (end_line, end_column) = match line_of(span.end_line) {
        Some(end_line) => (end_line, span.end_column),
        None => (line, span.column + 1),
    };
    let mut text = message.text.clone();
    if !span.label.is_empty() && !text.contains(&span.label) {
        let _ = write!(text, ": {}", span.label);
    }
    if let Some(hint) = explain(message, source) {
        let _ = write!(text, "\n{hint}");
    }
    Some(Diagnostic {
        line,
        column: span.column,
        end_line,
        end_column,
        level: message.level.clone(),
        message: text,
        code: message.code.clone(),
    })
}

/// What a person who writes cells should know about an error that comes of cells.
pub fn explain(message: &Message, source: &Source) -> Option<&'static str> {
    let code = message.code.as_deref()?;
    let outlives = message.origins(source).any(|origin| matches!(origin, Origin::Keep(_) | Origin::PutBack(_)));
    match code {
        "E0597" | "E0716" | "E0521" | "E0505" | "E0506" | "E0515" | "E0310" | "E0700"
            if outlives || message.rendered.contains("'static") =>
        {
            Some(
                "A variable at the top level of a cell stays for later cells, so it cannot borrow from another one.\n\
             Keep an owned value instead (`.to_owned()`, `.clone()`, `.to_vec()`, `.collect()`), or use the reference \
             within braces: `{ let r = &x; ... }`.",
            )
        }
        "E0384" | "E0594" | "E0596" => Some("A variable of an earlier cell is made mutable by `let mut x = x;`."),
        "E0425" | "E0433"
            if message.text.contains("polars")
                || message.text.contains("plotters")
                || message.text.contains("atelier") =>
        {
            Some("polars, plotters and atelier are compiled once per machine; `:prepare` shows how far that is.")
        }
        "E0433" | "E0432" => Some("Other crates are added by a line before the code: `:dep NAME = \"VERSION\"`."),
        "E0282" | "E0283" => None,
        _ => None,
    }
}

/// The compiler's text with the cell's line numbers in place of the source's.
pub fn render(message: &Message, source: &Source, count: u64) -> String {
    let mut text = String::with_capacity(message.rendered.len());
    // Lines that were added around the cell say nothing to who wrote it, nor do the marks below them.
    let mut is_added = false;
    for line in message.rendered.split_inclusive('\n') {
        let shown = renumber(line, source, count);
        let visible = without_colours(&shown);
        let begins_with_number = visible.starts_with(|c: char| c.is_ascii_digit() || c == '·');
        if begins_with_number || !visible.trim_start().starts_with(['|', '.']) {
            is_added = visible.starts_with('·');
        }
        if !is_added {
            text.push_str(&shown);
        }
    }
    if let Some(hint) = explain(message, source) {
        let _ = writeln!(text, "\u{1b}[1m\u{1b}[36mhelp\u{1b}[0m: {}", hint.replace('\n', "\n      "));
    }
    text
}

fn renumber(line: &str, source: &Source, count: u64) -> String {
    if let Some((before, after)) = line.split_once("cell_") {
        // `--> cell_12.rs:34:5`
        let mut parts = after.split(':');
        if let (Some(file), Some(number), Some(rest)) = (parts.next(), parts.next(), parts.next())
            && file.ends_with(".rs")
            && let Ok(number) = number.parse()
        {
            return match source.origin(number) {
                Origin::Cell { count: from, line } if *from == count => format!("{before}cell:{}:{rest}", line + 1),
                Origin::Cell { count: from, line } => format!("{before}cell [{from}]:{}:{rest}", line + 1),
                _ => format!("{before}(added around the cell)\n"),
            };
        }
    }
    // `12 |   let x = ...`, perhaps with colours before and after the number
    let (prefix, rest) = skip_colours(line);
    let digits = rest.trim_start_matches(' ').chars().take_while(char::is_ascii_digit).count();
    let spaces = rest.len() - rest.trim_start_matches(' ').len();
    if digits == 0 || digits + spaces > 8 {
        return line.to_owned();
    }
    let (number, after) = rest.split_at(spaces + digits);
    let (_, visible) = skip_colours(after.trim_start_matches(' '));
    let (_, visible) = skip_colours(visible.trim_start_matches(' '));
    if !visible.trim_start().starts_with(['|', '~', '+', '-', '.']) {
        return line.to_owned();
    }
    let Ok(source_line) = number.trim().parse::<usize>() else { return line.to_owned() };
    match source.origin(source_line) {
        Origin::Cell { line, .. } => format!("{prefix}{:<width$}{after}", line + 1, width = number.len()),
        _ => format!("{prefix}{:<width$}{after}", "·", width = number.len()),
    }
}

fn without_colours(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        plain.push_str(before);
        rest = after.split_once('m').map_or("", |(_, rest)| rest);
    }
    plain + rest
}

fn skip_colours(line: &str) -> (&str, &str) {
    let mut at = 0;
    while line[at..].starts_with("\u{1b}[") {
        match line[at..].find('m') {
            Some(end) => at += end + 1,
            None => break,
        }
    }
    line.split_at(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::Piece;
    use serde_json::json;

    fn source() -> Source {
        let mut source = Source::default();
        (0..9).for_each(|_| source.generated("// generated"));
        source.piece(4, &Piece { text: "let x: i32 = \"a\";\nlet y = x;".to_owned(), line: 2, column: 0 });
        source.line("__store.put(x);", Origin::Keep("x".to_owned()));
        source
    }

    fn message(line: usize, rendered: &str) -> Message {
        let span = json!({"file_name": "cell_4.rs", "line_start": line, "line_end": line, "column_start": 14, "column_end": 17, "is_primary": true, "label": "expected `i32`"});
        let json = json!({"message": "mismatched types", "level": "error", "code": {"code": "E0308"}, "spans": [span], "children": [], "rendered": rendered});
        Message::read(&json.to_string()).expect("a message")
    }

    #[test]
    fn an_error_has_its_place_in_the_cell() {
        let found = place(&message(10, ""), &source(), 4).expect("a place");
        let expected = Diagnostic {
            line: 3,
            column: 14,
            end_line: 3,
            end_column: 17,
            level: "error".to_owned(),
            message: "mismatched types: expected `i32`".to_owned(),
            code: Some("E0308".to_owned()),
        };
        assert_eq!(found, expected);
        assert_eq!(place(&message(1, ""), &source(), 4), None);
        assert_eq!(place(&message(10, ""), &source(), 5), None);
    }

    #[test]
    fn the_text_has_the_lines_of_the_cell() {
        let text = "error[E0308]: mismatched types\n  --> cell_4.rs:10:14\n   |\n10 | let x: i32 = \"a\";\n   |              ^^^ expected `i32`\n";
        let expected = "error[E0308]: mismatched types\n  --> cell:3:14\n   |\n3  | let x: i32 = \"a\";\n   |              ^^^ expected `i32`\n";
        assert_eq!(render(&message(10, text), &source(), 4), expected);
    }

    #[test]
    fn colours_do_not_hide_a_line_number() {
        let text = "\u{1b}[1m\u{1b}[94m11\u{1b}[0m \u{1b}[1m\u{1b}[94m|\u{1b}[0m let y = x;\n";
        let expected = "\u{1b}[1m\u{1b}[94m4 \u{1b}[0m \u{1b}[1m\u{1b}[94m|\u{1b}[0m let y = x;\n";
        assert_eq!(render(&message(11, text), &source(), 4), expected);
    }

    #[test]
    fn lines_around_the_cell_are_not_shown() {
        let text = "error\n9  | // generated\n   | -- here\n10 | let x: i32 = \"a\";\n   | ^ there\n12 | __store.put(x);\n   | --\nhelp: so\n";
        assert_eq!(
            render(&message(10, text), &source(), 4),
            "error\n3  | let x: i32 = \"a\";\n   | ^ there\nhelp: so\n"
        );
    }

    #[test]
    fn what_is_no_message_is_skipped() {
        for line in ["", "{}", "warning: plain text", "{\"message\": \"aborting due to 1 previous error\"}"] {
            assert!(Message::read(line).is_none(), "{line}");
        }
    }
}
