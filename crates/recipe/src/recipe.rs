//! A recipe and how it runs.

use crate::args::Args;
use crate::context::Context;
use crate::error::{Fault, RecipeError, similar};
use crate::frame::Node;
use crate::param::Param;
use crate::{catalogue, transform};
use polars::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// More would be a program, not a recipe.
const MAX_STEPS: usize = 1_000;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recipe {
    pub version: u32,
    #[serde(default)]
    pub steps: Vec<Step>,
    /// Fields that this version doesn't know, kept for the one that wrote them.
    #[serde(flatten)]
    pub more: serde_json::Map<String, Value>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Unique in the recipe; survives moves and edits.
    pub id: String,
    pub op: String,
    #[serde(default)]
    pub params: BTreeMap<String, Param>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub disabled: bool,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    #[serde(flatten)]
    pub more: serde_json::Map<String, Value>,
}

fn is_false(flag: &bool) -> bool {
    !flag
}

impl Default for Recipe {
    fn default() -> Recipe {
        Recipe { version: crate::VERSION, steps: Vec::new(), more: serde_json::Map::new() }
    }
}

impl Step {
    pub fn new(id: &str, op: &str, params: impl IntoIterator<Item = (&'static str, Param)>) -> Step {
        let params = params.into_iter().map(|(name, value)| (name.to_string(), value)).collect();
        Step { id: id.into(), op: op.into(), params, ..Step::default() }
    }

    /// The operations this step stands for; parameters are checked here, without data.
    pub(crate) fn plan(&self) -> Result<Vec<Box<dyn Node>>, Fault> {
        let Some(transform) = transform(&self.op) else {
            let ops: Vec<&str> = catalogue().iter().map(|transform| transform.op).collect();
            return Err(Fault::new(format!("There is no transform `{}`", self.op)).near(similar(&self.op, &ops)));
        };
        (transform.plan)(&Args::check(transform, &self.params)?)
    }

    fn locate(&self, number: usize, fault: Fault) -> RecipeError {
        let title = transform(&self.op).map_or("", |transform| transform.title);
        RecipeError::of_step(Some(number), &self.id, &self.op, title, fault)
    }
}

impl Recipe {
    /// Steps that run, with their number from 1 among all.
    pub(crate) fn active(&self) -> impl Iterator<Item = (usize, &Step)> {
        self.steps.iter().enumerate().map(|(index, step)| (index + 1, step)).filter(|(_, step)| !step.disabled)
    }

    /// All steps over `frame`. Most stay lazy; a step whose result's columns depend on the data (one-hot, pivot ...)
    /// reads what it needs here. Nothing of `frame` is changed.
    pub fn apply(&self, frame: LazyFrame, context: &Context) -> Result<LazyFrame, RecipeError> {
        self.apply_until(self.steps.len(), frame, context)
    }

    /// The first `num_steps` steps.
    pub fn apply_until(
        &self,
        num_steps: usize,
        mut frame: LazyFrame,
        context: &Context,
    ) -> Result<LazyFrame, RecipeError> {
        if self.steps.len() > MAX_STEPS {
            let text = format!("The recipe has {} steps, more than the {MAX_STEPS} allowed", self.steps.len());
            return Err(RecipeError::whole(text, "Split it into several recipes"));
        }
        for (number, step) in self.active().take_while(|(number, _)| *number <= num_steps) {
            frame = apply_step(step, frame, context).map_err(|fault| step.locate(number, fault))?;
        }
        Ok(frame)
    }

    /// Checks parameters without data; the first error.
    pub fn check(&self) -> Result<(), RecipeError> {
        for (number, step) in self.active() {
            step.plan().map_err(|fault| step.locate(number, fault))?;
        }
        Ok(())
    }

    pub(crate) fn plans(&self) -> Result<Vec<(usize, &Step, Vec<Box<dyn Node>>)>, RecipeError> {
        self.active()
            .map(|(number, step)| match step.plan() {
                Ok(plan) => Ok((number, step, plan)),
                Err(fault) => Err(step.locate(number, fault)),
            })
            .collect()
    }
}

fn apply_step(step: &Step, mut frame: LazyFrame, context: &Context) -> Result<LazyFrame, Fault> {
    if context.cancel.is_cancelled() {
        return Err(Fault::new("Cancelled"));
    }
    for node in step.plan()? {
        let schema = frame.collect_schema()?;
        let columns: Vec<String> = schema.iter_names().map(|name| name.to_string()).collect();
        for name in node.needs() {
            if !schema.contains(name) {
                return Err(Fault::missing_column(name, &columns));
            }
        }
        frame = node.apply(frame, &schema, context)?;
    }
    frame.collect_schema()?; // a wrong type is found here, in the step that made it
    Ok(frame)
}
