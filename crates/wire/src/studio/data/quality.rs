//! What is wrong with a table, and which step mends it.

use super::recipe::Step;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QualityReport {
    pub view: String,
    /// The column to be predicted: leakage, class balance and the quick model's score need one.
    #[serde(default)]
    pub target: Option<String>,
    /// A name for [`super::view::CancelRequest`].
    #[serde(default)]
    pub request: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Quality {
    pub num_rows: u64,
    pub num_columns: u64,
    /// The gravest first.
    pub findings: Vec<Finding>,
    pub model: Option<QuickModel>,
    /// What was computed on a sample, and on how many rows.
    pub notes: Vec<String>,
    /// The report as a page that stands alone.
    pub html: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    pub severity: Severity,
    /// `missing`, `constant`, `duplicate_rows`, `high_cardinality`, `leakage`, `class_balance`, `collinear`,
    /// `correlated`, `outliers`, `skew`, `mixed_types`.
    pub kind: String,
    pub column: Option<String>,
    /// One sentence with the number that matters.
    pub message: String,
    /// The numbers by name.
    pub numbers: Vec<(String, f64)>,
    /// The step that mends it.
    pub step: Option<Step>,
    /// What the step does, in words.
    pub remedy: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    High,
    Medium,
    Low,
}

/// A small decision tree, three-fold cross-validated: what little effort reaches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QuickModel {
    /// `accuracy` or `r2`.
    pub metric: String,
    pub score: f64,
    /// What always answering the commonest class, or the mean, scores.
    pub baseline: f64,
    /// Share of the gain by column, the largest first.
    pub importance: Vec<(String, f64)>,
    pub num_rows: u64,
}
