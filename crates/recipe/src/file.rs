//! A recipe as a file: fields in a fixed order, a parameter a line, so that a difference shows what was changed.

use crate::error::RecipeError;
use crate::recipe::Recipe;
use serde_json::Value;

pub const FILE_SUFFIX: &str = ".recipe.json";

/// Raised when an older version would misread a newer file.
pub const VERSION: u32 = 1;

/// A recipe is written by hand or by clicks; more is something else.
const MAX_BYTES: usize = 8 << 20;

impl Recipe {
    pub fn parse(text: &str) -> Result<Recipe, RecipeError> {
        if text.len() > MAX_BYTES {
            return Err(RecipeError::whole("The recipe is larger than 8 MiB", "Check that this is a recipe"));
        }
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let value: Value = serde_json::from_str(text).map_err(|error| {
            RecipeError::whole(format!("The recipe isn't valid JSON: {error}"), "Mend that line, or undo the last edit")
        })?;
        let version = value.get("version").and_then(Value::as_u64).ok_or_else(|| {
            RecipeError::whole("The recipe has no version", format!("Add \"version\": {VERSION} at the top"))
        })?;
        if version > u64::from(VERSION) {
            let text = format!("The recipe is of version {version}; this Atelier reads up to version {VERSION}");
            return Err(RecipeError::whole(text, "Update Atelier to open it"));
        }
        let recipe: Recipe = serde_json::from_value(value).map_err(|error| {
            RecipeError::whole(format!("The recipe can't be read: {error}"), "A step has `id`, `op` and `params`")
        })?;
        let mut seen = std::collections::HashSet::new();
        if let Some(step) = recipe.steps.iter().find(|step| !seen.insert(step.id.as_str())) {
            let text = format!("Two steps have the id `{}`", step.id);
            return Err(RecipeError::whole(text, "Give each step an id of its own"));
        }
        Ok(recipe)
    }

    /// What [`Recipe::parse`] reads; ends in a newline.
    pub fn to_text(&self) -> String {
        let value = serde_json::to_value(self).expect("a recipe has only text keys");
        let mut text = String::new();
        write(&value, 0, &mut text);
        text.push('\n');
        text
    }
}

/// Pretty JSON, but a step's parameter stays on its line however deep it is.
fn write(value: &Value, depth: usize, out: &mut String) {
    const STEP_PARAMS: usize = 4; // recipe, steps, step, params
    let indent = "  ".repeat(depth + 1);
    let (open, close, items): (char, char, Vec<(Option<&String>, &Value)>) = match value {
        Value::Object(map) if !map.is_empty() && depth < STEP_PARAMS => {
            ('{', '}', map.iter().map(|(key, value)| (Some(key), value)).collect())
        }
        Value::Array(list) if !list.is_empty() && depth < STEP_PARAMS => {
            ('[', ']', list.iter().map(|value| (None, value)).collect())
        }
        _ => return out.push_str(&value.to_string()),
    };
    out.push(open);
    for (index, (key, value)) in items.into_iter().enumerate() {
        out.push_str(if index == 0 { "\n" } else { ",\n" });
        out.push_str(&indent);
        if let Some(key) = key {
            out.push_str(&format!("{}: ", Value::String(key.clone())));
        }
        write(value, depth + 1, out);
    }
    out.push('\n');
    out.push_str(&"  ".repeat(depth));
    out.push(close);
}
