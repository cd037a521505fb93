//! A person's own function as a step: the table goes out as an Arrow file, the function's table comes back as one.
//!
//! Who runs the function, and how it is bounded, is the business of whoever owns the explorer; here nothing of a
//! person's code is run.

use atelier_recipe::{Cancel, Custom, Language};
use polars::prelude::*;
use std::fs::File;
use std::path::Path;

/// Runs functions in processes of their own.
pub trait Functions: Send + Sync {
    /// Gives the table of the Arrow file `input` to the `transform` that `code` defines, and writes what it returns to
    /// `output` as an Arrow file. Ends soon after `is_cancelled` says so. The error is a sentence for the person.
    fn run(
        &self,
        language: Language,
        code: &str,
        input: &Path,
        output: &Path,
        is_cancelled: &dyn Fn() -> bool,
    ) -> Result<(), String>;
}

/// Functions that are given and given back as files.
pub(crate) struct Exchange<'a>(pub &'a dyn Functions);

/// For an explorer that was given nobody to run them.
pub(crate) struct NoFunctions;

impl Functions for NoFunctions {
    fn run(&self, _: Language, _: &str, _: &Path, _: &Path, _: &dyn Fn() -> bool) -> Result<(), String> {
        Err("functions of your own can't run here, only their code can be exported".to_owned())
    }
}

impl Custom for Exchange<'_> {
    fn run(&self, language: Language, code: &str, table: &DataFrame, cancel: &Cancel) -> Result<DataFrame, String> {
        let unusable =
            |what: &str, error: &dyn std::fmt::Display| format!("The table could not be {what} the function: {error}");
        let folder =
            tempfile::Builder::new().prefix("atelier-step-").tempdir().map_err(|error| unusable("given to", &error))?;
        let (input, output) = (folder.path().join("input.arrow"), folder.path().join("output.arrow"));
        let file = File::create(&input).map_err(|error| unusable("given to", &error))?;
        // The oldest layout is read by every version of every library.
        IpcWriter::new(file)
            .with_compat_level(CompatLevel::oldest())
            .finish(&mut table.clone())
            .map_err(|error| unusable("given to", &error))?;
        self.0.run(language, code, &input, &output, &|| cancel.is_cancelled())?;
        let file = File::open(&output).map_err(|error| unusable("taken back from", &error))?;
        IpcReader::new(file).finish().map_err(|error| unusable("taken back from", &error))
    }
}
