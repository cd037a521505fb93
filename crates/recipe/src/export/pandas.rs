//! pandas with nullable types, whose missing values behave as Polars' do.

use super::helpers::PANDAS;
use super::reading::{self, Source};
use super::{Options, comment, functions, indent::indent};
use crate::context::Language;
use crate::error::RecipeError;
use crate::expression::python_text;
use crate::recipe::Recipe;

pub fn export(recipe: &Recipe, source: &Source, options: Options) -> Result<String, RecipeError> {
    let mut lines = vec!["df = df.reset_index(drop=True)".to_string()];
    for (number, step, plan) in recipe.plans()? {
        lines.push(comment(number, step, "#"));
        lines.extend(plan.iter().flat_map(|node| node.pandas()));
    }
    let text = indent(&lines, 4, Language::Python);
    let main = format!(
        "\n\nif __name__ == \"__main__\":\n    df = prepare({}({}))\n    print(df)\n",
        source.reader(),
        python_text(&source.path)
    );
    let scope = if options.function_only { text.clone() } else { format!("{text}{main}") };
    let reader = source.reading.as_ref().filter(|_| !options.function_only).map(reading::pandas);
    let helpers = functions(PANDAS, &scope, reader);
    let mut code = imports(&format!("{helpers}{text}"));
    code.push_str(&format!("\n\n{helpers}def prepare(df: pd.DataFrame) -> pd.DataFrame:\n{text}    return df\n"));
    if !options.function_only {
        code.push_str(&main);
    }
    Ok(code)
}

fn imports(code: &str) -> String {
    let mut lines = String::new();
    for name in ["json", "re"] {
        if code.contains(&format!("{name}.")) {
            lines.push_str(&format!("import {name}\n"));
        }
    }
    if !lines.is_empty() {
        lines.push('\n');
    }
    if code.contains("np.") {
        lines.push_str("import numpy as np\n");
    }
    lines.push_str("import pandas as pd\n");
    if code.contains("pl.") {
        lines.push_str("import polars as pl\n");
    }
    lines
}
