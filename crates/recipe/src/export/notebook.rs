//! A notebook of nbformat 4.5: a cell to read the table, a cell for each step.

use super::helpers::POLARS;
use super::reading::{self, Source};
use super::{comment, functions, polars};
use crate::error::RecipeError;
use crate::expression::python_text;
use crate::recipe::Recipe;
use serde_json::{Value, json};

pub fn export(recipe: &Recipe, source: &Source) -> Result<String, RecipeError> {
    let mut steps = Vec::new();
    let mut all = format!("{}({})", source.reader(), python_text(&source.path));
    for (number, step, plan) in recipe.plans()? {
        let lines: Vec<String> = plan.iter().flat_map(|node| node.polars()).collect();
        let text = format!("{}\n{}", comment(number, step, "#"), lines.join("\n"));
        all.push_str(&text);
        steps.push(text);
    }
    let helpers = functions(POLARS, &all, source.reading.as_ref().map(reading::polars));
    let imports = polars::imports(&format!("{helpers}{all}"));
    let first = format!("{imports}\n\n{}", helpers.trim_end());
    let mut cells = vec![
        cell("markdown", "title", "# Data preparation"),
        cell("code", "imports", first.trim_end()),
        cell("code", "read", &format!("df = {}({})\ndf", source.reader(), python_text(&source.path))),
    ];
    for (index, text) in steps.iter().enumerate() {
        cells.push(cell("code", &format!("step-{}", index + 1), text));
    }
    cells.push(cell("code", "result", "df"));
    let notebook = json!({
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    });
    let mut text = serde_json::to_string_pretty(&notebook).expect("values of JSON");
    text.push('\n');
    Ok(text)
}

fn cell(kind: &str, id: &str, source: &str) -> Value {
    let lines: Vec<&str> = source.split_inclusive('\n').collect();
    match kind {
        "code" => json!({
            "cell_type": kind, "execution_count": null, "id": id, "metadata": {}, "outputs": [], "source": lines,
        }),
        _ => json!({"cell_type": kind, "id": id, "metadata": {}, "source": lines}),
    }
}
