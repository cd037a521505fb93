//! Recipes: the steps that make the table shown out of the table read.

use super::view::{ReadOptions, Rows, ViewColumn};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One step. `op` names a transform of the catalogue ([`ListTransforms`]), `params` fill its form.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Unique in the recipe; survives moves and edits. Made by the backend where it is empty.
    #[serde(default)]
    pub id: String,
    pub op: String,
    #[serde(default)]
    pub params: BTreeMap<String, Param>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub disabled: bool,
    /// What a person noted beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A JSON value.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Param {
    #[default]
    Null,
    Bool(bool),
    Integer(i64),
    Number(f64),
    Text(String),
    List(Vec<Param>),
    Map(BTreeMap<String, Param>),
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListTransforms {}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Transforms {
    pub transforms: Vec<Transform>,
}

/// A transform and its form.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Transform {
    pub op: String,
    pub title: String,
    /// `Rows`, `Columns`, `Missing values`, `Text` ...: the menu it stands in.
    pub group: String,
    /// One sentence.
    pub summary: String,
    pub fields: Vec<Field>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Field {
    pub name: String,
    pub label: String,
    /// `column`, `columns`, `text`, `number`, `integer`, `bool`, `choice`, `choices`, `expression`, `sql`, `code`, `source`,
    /// `list`, `map`, `filter`, `aggregations`, `cases`. One that the window does not know is edited as JSON.
    pub kind: String,
    pub required: bool,
    /// For `choice` and `choices`.
    pub choices: Vec<String>,
    pub default: Option<Param>,
    /// One sentence, where the label does not say it.
    pub hint: String,
}

/// What the last of `steps` changes, compared with the table before it. The whole table is computed; only the sample
/// of rows is small.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PreviewStep {
    pub source: String,
    #[serde(default)]
    pub options: ReadOptions,
    pub steps: Vec<Step>,
    /// A name for [`super::view::CancelRequest`].
    #[serde(default)]
    pub request: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StepPreview {
    pub rows_before: u64,
    pub rows_after: u64,
    pub columns_added: Vec<String>,
    pub columns_removed: Vec<String>,
    /// Columns whose type changed: name, before, after.
    pub columns_cast: Vec<(String, String, String)>,
    /// Cells that differ in columns of both tables, by column; `None` where the rows of the two cannot be told to be
    /// the same ones (after a sort, a grouping, a join).
    pub cells_changed: Option<Vec<(String, u64)>>,
    /// The schema afterwards and its first rows.
    pub columns: Vec<ViewColumn>,
    pub sample: Rows,
    /// Of the sample: (row, column) that the step changed or made.
    pub changed: Vec<(u32, u32)>,
}

/// The steps as code that gives the same table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExportRecipe {
    pub source: String,
    #[serde(default)]
    pub options: ReadOptions,
    pub steps: Vec<Step>,
    /// `python` (Polars), `pandas`, `rust`, `notebook`, `script` (a processing job's) or `recipe` (the file itself).
    pub to: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ExportedRecipe {
    pub text: String,
    /// What the file would be called.
    pub file_name: String,
}
