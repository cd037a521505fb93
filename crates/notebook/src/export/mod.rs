//! A notebook in other forms: Python, Rust, one HTML file, PDF.

mod ansi;
mod highlight;
mod html;
mod markdown;
mod math;
mod pdf;
mod python;
mod rust;
mod sanitize;

pub use html::to_html;
pub use pdf::{PdfError, to_pdf};
pub use python::to_python;
pub use rust::to_rust;

use crate::document::{Cell, Document};

/// The language of a code cell: its own kernel's, else the notebook's.
fn language(document: &Document, cell: &Cell) -> String {
    match cell.kernel() {
        Some(kernel) if kernel.contains("rust") => "rust".to_owned(),
        Some(kernel) if kernel.contains("python") => "python".to_owned(),
        Some(kernel) => kernel,
        None => document.language(),
    }
}

/// Every line behind `mark`, with a space between where there is something.
fn comment(text: &str, mark: &str) -> String {
    let line = |line: &str| if line.is_empty() { mark.to_owned() } else { format!("{mark} {line}") };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + text.len() / 8);
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(c),
        }
    }
    escaped
}
