//! Why a cell did not end well, in the form that Jupyter's error messages have.

use crate::cell::Cell;
use crate::compile::{Diagnostic, Message};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Failure {
    pub ename: String,
    pub evalue: String,
    pub traceback: Vec<String>,
    pub diagnostics: Vec<Diagnostic>,
    /// The text comes with an event of the cell itself: what it panicked with, what `?` returned.
    pub awaits_text: bool,
}

impl Failure {
    pub fn plain(ename: &str, evalue: String) -> Self {
        let traceback = format!("\u{1b}[1m\u{1b}[91m{ename}\u{1b}[0m: {evalue}").lines().map(str::to_owned).collect();
        Self { ename: ename.to_owned(), evalue, traceback, ..Self::default() }
    }

    pub fn interrupted(what: &str) -> Self {
        Self::plain("Interrupted", what.to_owned())
    }

    pub fn compiler(first: &Message, diagnostics: Vec<Diagnostic>, rendered: Vec<String>, cell: &Cell) -> Self {
        let ename = first
            .code
            .clone()
            .unwrap_or_else(|| if cell.problems.is_empty() { "error" } else { "SyntaxError" }.to_owned());
        let evalue = diagnostics.first().map_or(first.text.clone(), |diagnostic| diagnostic.message.clone());
        let traceback = rendered
            .iter()
            .flat_map(|text| text.trim_end().lines().map(str::to_owned).chain([String::new()]))
            .collect();
        Self { ename, evalue, traceback, diagnostics, awaits_text: false }
    }

    /// `place`: the cell, its line and column, where it panicked in a cell.
    pub fn panic(place: Option<(u64, usize, usize)>, count: u64) -> Self {
        let mut failure = Self { ename: "Panic".to_owned(), awaits_text: true, ..Self::default() };
        let Some((cell, line, column)) = place else { return failure };
        let name = if cell == count { "cell".to_owned() } else { format!("cell [{cell}]") };
        failure.traceback = vec![format!("{name}:{line}:{column}")];
        if cell == count {
            failure.diagnostics = vec![Diagnostic {
                line,
                column,
                end_line: line,
                end_column: column + 1,
                level: "error".to_owned(),
                message: "it panicked here".to_owned(),
                code: None,
            }];
        }
        failure
    }

    pub fn user_error() -> Self {
        Self { ename: "Error".to_owned(), awaits_text: true, ..Self::default() }
    }

    /// Fills in what the cell itself said.
    pub fn with_text(mut self, text: &str) -> Self {
        if !self.awaits_text {
            return self;
        }
        let place = self.traceback.first().filter(|place| !place.is_empty()).map(|place| format!("  --> {place}"));
        let diagnostics = std::mem::take(&mut self.diagnostics);
        let mut filled = Self::plain(&self.ename, text.to_owned());
        filled.traceback.extend(place);
        filled.diagnostics = diagnostics;
        filled
    }
}
