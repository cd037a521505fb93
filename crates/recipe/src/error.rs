//! One error for whatever a step can get wrong, with what a person needs to mend it.

use polars::prelude::PolarsError;
use std::fmt;

/// `Display` is one or two sentences: which step, what is wrong, what to do.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub struct RecipeError {
    /// From 1; `None` when the recipe as a whole is at fault.
    pub step: Option<usize>,
    pub id: String,
    pub op: String,
    pub title: String,
    /// The field of the form.
    pub param: Option<String>,
    /// Characters from the start of that field's text.
    pub position: Option<usize>,
    /// Columns, transforms or choices with a similar name.
    pub near: Vec<String>,
    pub text: String,
    pub remedy: String,
}

impl RecipeError {
    pub(crate) fn whole(text: impl Into<String>, remedy: impl Into<String>) -> RecipeError {
        RecipeError::of_step(None, "", "", "", Fault::new(text).remedy(remedy))
    }

    pub(crate) fn of_step(step: Option<usize>, id: &str, op: &str, title: &str, fault: Fault) -> RecipeError {
        let Fault { param, position, near, text, remedy } = fault;
        RecipeError { step, id: id.into(), op: op.into(), title: title.into(), param, position, near, text, remedy }
    }
}

impl fmt::Display for RecipeError {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        match (self.step, self.title.is_empty()) {
            (Some(step), false) => write!(out, "Step {step} ({}): ", self.title)?,
            (Some(step), true) => write!(out, "Step {step}: ")?,
            _ => {}
        }
        write!(out, "{}", self.text)?;
        if let Some(position) = self.position {
            write!(out, " (at character {})", position + 1)?;
        }
        if !self.near.is_empty() {
            write!(out, ". Did you mean {}?", self.near.join(" or "))?;
        }
        if !self.remedy.is_empty() {
            write!(out, "{}{}", if self.near.is_empty() { ". " } else { " " }, self.remedy)?;
        }
        Ok(())
    }
}

/// An error that doesn't know yet in which step it happened.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fault {
    pub param: Option<String>,
    pub position: Option<usize>,
    pub near: Vec<String>,
    pub text: String,
    pub remedy: String,
}

impl Fault {
    pub fn new(text: impl Into<String>) -> Fault {
        Fault { text: text.into(), ..Fault::default() }
    }

    pub fn at(mut self, position: usize) -> Fault {
        self.position = Some(position);
        self
    }

    pub fn param(mut self, name: &str) -> Fault {
        self.param.get_or_insert_with(|| name.into());
        self
    }

    pub fn near(mut self, near: Vec<String>) -> Fault {
        self.near = near;
        self
    }

    pub fn remedy(mut self, remedy: impl Into<String>) -> Fault {
        self.remedy = remedy.into();
        self
    }

    pub(crate) fn missing_column(name: &str, columns: &[String]) -> Fault {
        let remedy = match columns.len() {
            0 => "The table has no columns here".to_string(),
            1..=12 => format!("The columns here are {}", columns.join(", ")),
            more => format!("There are {more} columns here"),
        };
        Fault::new(format!("There is no column `{name}`")).near(similar(name, columns)).remedy(remedy)
    }
}

impl From<PolarsError> for Fault {
    fn from(error: PolarsError) -> Fault {
        let remedy = match &error {
            PolarsError::ColumnNotFound(_) => "Choose a column that is there at this step",
            PolarsError::Duplicate(_) => "Give the new column a name that isn't taken",
            PolarsError::SchemaMismatch(_) | PolarsError::InvalidOperation(_) => {
                "Cast the column to a fitting type in a step before this one"
            }
            PolarsError::ShapeMismatch(_) => "Aggregate, or give as many values as there are rows",
            _ => "",
        };
        let text = error.to_string();
        // Polars appends the plan it was resolving; that is of no use to a person
        let text = text.split("\n\nResolved plan").next().unwrap_or_default();
        let text: String = text.trim().chars().take(600).collect();
        Fault::new(text).remedy(remedy)
    }
}

/// Up to three names that differ from `name` by little.
pub(crate) fn similar<S: AsRef<str>>(name: &str, names: &[S]) -> Vec<String> {
    let wanted = name.to_lowercase();
    let mut near: Vec<(usize, &str)> = names
        .iter()
        .map(AsRef::as_ref)
        .filter_map(|other| {
            let lower = other.to_lowercase();
            let far = distance(&wanted, &lower);
            let most = 1 + wanted.chars().count().min(60) / 3;
            let within = wanted.len() > 2 && lower.contains(&wanted);
            (far <= most || within).then_some((far, other))
        })
        .collect();
    near.sort();
    near.into_iter().take(3).map(|(_, other)| other.to_string()).collect()
}

/// Levenshtein's distance over the first 60 characters.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().take(60).collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.chars().take(60).enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, b) in right.iter().enumerate() {
            let cost = if a == *b { corner } else { 1 + corner.min(row[j]).min(row[j + 1]) };
            corner = row[j + 1];
            row[j + 1] = cost;
        }
    }
    row[right.len()]
}
