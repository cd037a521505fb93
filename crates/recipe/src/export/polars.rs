//! Polars in Python.

use super::helpers::POLARS;
use super::reading::{self, Source};
use super::{Options, comment, functions, indent::indent};
use crate::context::Language;
use crate::error::RecipeError;
use crate::expression::python_text;
use crate::recipe::Recipe;

pub fn export(recipe: &Recipe, source: &Source, options: Options) -> Result<String, RecipeError> {
    let body = body(recipe)?;
    let text = indent(&body, 4, Language::Python);
    let main = format!(
        "\n\nif __name__ == \"__main__\":\n    df = prepare({}({}))\n    print(df)\n",
        source.reader(),
        python_text(&source.path)
    );
    let scope = if options.function_only { text.clone() } else { format!("{text}{main}") };
    let reader = source.reading.as_ref().filter(|_| !options.function_only).map(reading::polars);
    let helpers = functions(POLARS, &scope, reader);
    let mut code = imports(&format!("{helpers}{text}"));
    code.push_str(&format!("\n\n{helpers}def prepare(df: pl.DataFrame) -> pl.DataFrame:\n{text}    return df\n"));
    if !options.function_only {
        code.push_str(&main);
    }
    Ok(code)
}

pub(super) fn imports(code: &str) -> String {
    let mut lines = String::new();
    for name in ["json", "math", "re"] {
        if code.contains(&format!("{name}.")) {
            lines.push_str(&format!("import {name}\n"));
        }
    }
    lines.push_str(if lines.is_empty() { "import polars as pl\n" } else { "\nimport polars as pl\n" });
    lines
}

pub(super) fn body(recipe: &Recipe) -> Result<Vec<String>, RecipeError> {
    let mut lines = Vec::new();
    for (number, step, plan) in recipe.plans()? {
        lines.push(comment(number, step, "#"));
        lines.extend(plan.iter().flat_map(|node| node.polars()));
    }
    Ok(lines)
}
