//! A recipe as code that a person would have written: a step, a comment, a few statements.

mod helpers;
mod indent;
mod notebook;
mod pandas;
mod polars;
pub mod reading;
mod rust;
mod script;

use crate::error::RecipeError;
use crate::recipe::{Recipe, Step};
use reading::Source;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To {
    /// Polars in Python.
    Python,
    Pandas,
    Rust,
    /// Polars in Python as a notebook, nbformat 4.5.
    Notebook,
    /// What a processing job runs on `/opt/ml/processing/input`.
    ProcessingScript,
}

impl To {
    /// The command line's word.
    pub fn parse(word: &str) -> Option<To> {
        Some(match word {
            "python" | "polars" => To::Python,
            "pandas" => To::Pandas,
            "rust" => To::Rust,
            "notebook" => To::Notebook,
            "script" | "processing" => To::ProcessingScript,
            _ => return None,
        })
    }

    pub fn file_suffix(self) -> &'static str {
        match self {
            To::Python | To::Pandas | To::ProcessingScript => ".py",
            To::Rust => ".rs",
            To::Notebook => ".ipynb",
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Only the function and what it needs, without reading and printing a table.
    pub function_only: bool,
}

impl Recipe {
    /// Code for the steps that aren't disabled. `source` is the table it was made on: a path or address, maybe with how
    /// it was read. Ends in a newline. Nothing in it depends on the data: categories, means and quantiles are computed by the code itself.
    pub fn export(&self, to: To, source: impl Into<Source>, options: Options) -> Result<String, RecipeError> {
        let source = &source.into();
        match to {
            To::Python => polars::export(self, source, options),
            To::Pandas => pandas::export(self, source, options),
            To::Rust => rust::export(self, source, options),
            To::Notebook => notebook::export(self, source),
            To::ProcessingScript => script::export(self, source),
        }
    }
}

/// All functions that code in this language may bring along, for the tests that put many recipes into one module.
#[doc(hidden)]
pub fn helpers(to: To) -> String {
    let all = match to {
        To::Pandas => helpers::PANDAS,
        To::Rust => helpers::RUST,
        _ => helpers::POLARS,
    };
    all.iter().map(|(_, source)| format!("{source}\n\n")).collect()
}

/// The functions that the code calls, those that read its table among them.
fn functions(all: &[helpers::Helper], code: &str, reader: Option<String>) -> String {
    match reader {
        None => helpers::needed(all, code),
        Some(reader) => {
            let space = if reader.starts_with("def ") { "\n\n" } else { "\n" };
            format!("{}{reader}{space}", helpers::needed(all, code))
        }
    }
}

/// A step's comment: number, title, and the person's own note, kept on its line.
fn comment(number: usize, step: &Step, sign: &str) -> String {
    let title = crate::transform(&step.op).map_or(step.op.as_str(), |transform| transform.title);
    let plain = |text: &str| -> String {
        text.chars()
            .map(|letter| if letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}') { ' ' } else { letter })
            .collect()
    };
    match step.note.trim() {
        "" => format!("{sign} {number}. {title}"),
        note => format!("{sign} {number}. {title}: {}", plain(note)),
    }
}
