//! How a file is laid out, so that what is new in it looks like the rest.

use super::Object;

#[derive(Clone, Debug, PartialEq)]
pub struct Style {
    /// What one level is indented by; `None` for a file on one line.
    pub indent: Option<String>,
    /// `\n` or `\r\n`.
    pub line_end: &'static str,
    /// Between key and value, `: ` or `:`.
    pub colon: String,
    /// Between the values of a file on one line, `, ` or `,`.
    pub comma: &'static str,
    /// Whether everything beyond ASCII is escaped.
    pub ascii: bool,
}

impl Default for Style {
    /// As Jupyter writes notebooks.
    fn default() -> Style {
        Style { indent: Some(" ".to_owned()), line_end: "\n", colon: ": ".to_owned(), comma: ", ", ascii: false }
    }
}

impl Style {
    /// Learnt from a document's outermost object and its whole text.
    pub fn of(root: &Object, text: &str) -> Style {
        let mut style = Style::default();
        let Some(first) = root.members.first() else { return style };
        let lead = first.lead.as_ref().map_or("", |lead| lead.as_str());
        style.indent = lead.rfind('\n').map(|at| lead[at + 1..].to_owned());
        if lead.contains("\r\n") {
            style.line_end = "\r\n";
        }
        if let Some(colon) = &first.colon {
            style.colon = colon.as_str().to_owned();
        }
        let spaced =
            root.members.get(1).and_then(|second| second.lead.as_ref()).is_some_and(|lead| !lead.as_str().is_empty());
        style.comma = if spaced { ", " } else { "," };
        style.ascii = text.is_ascii() && escapes_beyond_ascii(text);
        style
    }
}

fn escapes_beyond_ascii(text: &str) -> bool {
    let beyond = |at: usize| {
        let escaped = text[..at].bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 0;
        let unit = text.get(at + 2..at + 6).and_then(|hex| u32::from_str_radix(hex, 16).ok());
        escaped && unit.is_some_and(|unit| unit >= 0x80)
    };
    memchr::memmem::find_iter(text.as_bytes(), "\\u").any(beyond)
}
