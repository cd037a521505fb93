//! Rust with the polars crate.

use super::helpers::RUST;
use super::reading::{self, Source};
use super::{Options, comment, functions, indent::indent};
use crate::context::Language;
use crate::error::RecipeError;
use crate::expression::rust_text;
use crate::recipe::Recipe;

pub fn export(recipe: &Recipe, source: &Source, options: Options) -> Result<String, RecipeError> {
    let mut lines = Vec::new();
    for (number, step, plan) in recipe.plans()? {
        lines.push(comment(number, step, "//"));
        lines.extend(plan.iter().flat_map(|node| node.rust()));
    }
    lines.push("Ok(df)".into());
    let text = indent(&lines, 4, Language::Rust);
    let main = format!(
        "\nfn main() -> PolarsResult<()> {{\n    let df = prepare({}({})?)?.collect()?;\n    \
         println!(\"{{df}}\");\n    Ok(())\n}}\n",
        source.reader(),
        rust_text(&source.path)
    );
    let scope = if options.function_only { text.clone() } else { format!("{text}{main}") };
    let reader = source.reading.as_ref().filter(|_| !options.function_only).map(reading::rust);
    let helpers = functions(RUST, &scope, reader);
    let mut code = String::new();
    if !options.function_only {
        code.push_str(
            "// Needs the polars crate with the features lazy, csv, parquet, json, dtype-full, temporal, strings, regex and \
             those of the methods used.\n",
        );
    }
    code.push_str(&imports(&text));
    code.push_str(&format!("{helpers}pub fn prepare(df: LazyFrame) -> PolarsResult<LazyFrame> {{\n{text}}}\n"));
    if !options.function_only {
        code.push_str(&main);
    }
    Ok(code)
}

/// Names that the prelude lacks, or has twice.
fn imports(code: &str) -> String {
    const ELSEWHERE: &[(&str, &str)] = &[
        ("PivotColumnNaming", "polars::frame::PivotColumnNaming"),
        ("max_horizontal", "polars::lazy::dsl::max_horizontal"),
        ("mean_horizontal", "polars::lazy::dsl::mean_horizontal"),
        ("min_horizontal", "polars::lazy::dsl::min_horizontal"),
        ("sum_horizontal", "polars::lazy::dsl::sum_horizontal"),
        ("NullBehavior", "polars::series::ops::NullBehavior"),
    ];
    let mut lines: Vec<String> =
        ELSEWHERE.iter().filter(|(name, _)| code.contains(name)).map(|(_, path)| format!("use {path};\n")).collect();
    lines.push("use polars::prelude::*;\n".into());
    lines.sort();
    lines.concat() + "\n"
}
