//! What a step changes, shown before it is kept.

use crate::context::Context;
use crate::error::RecipeError;
use crate::recipe::Recipe;
use polars::prelude::*;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Preview {
    pub rows_before: u64,
    pub rows_after: u64,
    pub columns_added: Vec<String>,
    pub columns_removed: Vec<String>,
    /// Name, type before, type after.
    pub columns_retyped: Vec<(String, String, String)>,
    /// How many cells differ in each column that both tables have; only where the step keeps every row in its place.
    pub cells_changed: Vec<(String, u64)>,
    /// Whether rows could be compared one by one.
    pub rows_aligned: bool,
    /// The first rows that differ, up to the number asked for.
    pub sample: Vec<ChangedRow>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChangedRow {
    /// From 0, in the table before.
    pub row: u64,
    /// Column, text before (`None`: missing, or no such column), text after.
    pub cells: Vec<(String, Option<String>, Option<String>)>,
}

impl Recipe {
    /// What the step at `index` (from 0) does to the table that the steps before it make of `frame`. Both tables are
    /// computed whole: give a slice of a large one, and say so.
    pub fn preview(
        &self,
        index: usize,
        frame: LazyFrame,
        context: &Context,
        num_samples: usize,
    ) -> Result<Preview, RecipeError> {
        self.preview_and_table(index, frame, context, num_samples).map(|(preview, _)| preview)
    }

    /// The same with the table after the step.
    pub fn preview_and_table(
        &self,
        index: usize,
        frame: LazyFrame,
        context: &Context,
        num_samples: usize,
    ) -> Result<(Preview, DataFrame), RecipeError> {
        if index >= self.steps.len() {
            return Err(RecipeError::whole(format!("There is no step {}", index + 1), "Choose one of the recipe's"));
        }
        let number = index + 1;
        let failed = |error: PolarsError| {
            let step = &self.steps[index];
            let title = crate::transform(&step.op).map_or("", |transform| transform.title);
            RecipeError::of_step(Some(number), &step.id, &step.op, title, error.into())
        };
        let before = self.apply_until(index, frame, context)?.collect().map_err(failed)?;
        let only = Recipe { steps: vec![self.steps[index].clone()], ..Recipe::default() };
        let after = only
            .apply(before.clone().lazy(), context)
            .map_err(|error| RecipeError { step: Some(number), ..error })?
            .collect()
            .map_err(failed)?;
        let preview = compare(&before, &after, num_samples).map_err(failed)?;
        Ok((preview, after))
    }
}

fn compare(before: &DataFrame, after: &DataFrame, num_samples: usize) -> PolarsResult<Preview> {
    let mut preview = Preview {
        rows_before: before.height() as u64,
        rows_after: after.height() as u64,
        rows_aligned: before.height() == after.height(),
        ..Preview::default()
    };
    let has = |table: &DataFrame, name: &str| table.column(name).is_ok();
    for column in after.columns().iter().filter(|column| !has(before, column.name())) {
        preview.columns_added.push(column.name().to_string());
    }
    let mut changed: Vec<(String, BooleanChunked)> = Vec::new();
    for column in before.columns() {
        let name = column.name().to_string();
        let Ok(other) = after.column(&name) else {
            preview.columns_removed.push(name);
            continue;
        };
        if column.dtype() != other.dtype() {
            preview.columns_retyped.push((name.clone(), column.dtype().to_string(), other.dtype().to_string()));
        }
        if preview.rows_aligned
            && let Some(mask) = differs(column, other)?
        {
            let count = mask.sum().unwrap_or(0);
            if count > 0 {
                preview.cells_changed.push((name.clone(), u64::from(count)));
                changed.push((name, mask));
            }
        }
    }
    if preview.rows_aligned {
        sample(before, after, &changed, num_samples, &mut preview)?;
    }
    Ok(preview)
}

/// Where two columns differ; `None` where they are the same memory. Types that can't be compared count as text.
fn differs(before: &Column, after: &Column) -> PolarsResult<Option<BooleanChunked>> {
    let (left, right) = (before.as_materialized_series(), after.as_materialized_series());
    if left.dtype() == right.dtype() && !left.dtype().is_nested() {
        return left.not_equal_missing(right).map(Some);
    }
    if left.dtype().is_nested() || right.dtype().is_nested() {
        let same = left.dtype() == right.dtype() && left.equals_missing(right);
        return Ok((!same).then(|| {
            let rows = (0..left.len()).map(|row| {
                let (a, b) = (left.get(row).ok(), right.get(row).ok());
                a.map(|a| a.to_string()) != b.map(|b| b.to_string())
            });
            BooleanChunked::from_iter_values("differs".into(), rows)
        }));
    }
    let (left, right) = (left.cast(&DataType::String)?, right.cast(&DataType::String)?);
    left.not_equal_missing(&right).map(Some)
}

fn sample(
    before: &DataFrame,
    after: &DataFrame,
    changed: &[(String, BooleanChunked)],
    num_samples: usize,
    preview: &mut Preview,
) -> PolarsResult<()> {
    let any = changed.iter().fold(None, |all: Option<BooleanChunked>, (_, mask)| match all {
        Some(all) => Some(&all | mask),
        None => Some(mask.clone()),
    });
    let rows: Vec<usize> = match any {
        Some(mask) => {
            mask.iter().enumerate().filter(|(_, is)| *is == Some(true)).map(|(row, _)| row).take(num_samples).collect()
        }
        None if preview.columns_added.is_empty() => Vec::new(),
        None => (0..after.height().min(num_samples)).collect(),
    };
    for row in rows {
        let mut cells = Vec::new();
        let here = |mask: &BooleanChunked| mask.get(row) == Some(true);
        for (name, _) in changed.iter().filter(|(_, mask)| here(mask)) {
            cells.push((name.clone(), text(before, name, row)?, text(after, name, row)?));
        }
        for name in &preview.columns_added {
            cells.push((name.clone(), None, text(after, name, row)?));
        }
        preview.sample.push(ChangedRow { row: row as u64, cells });
    }
    Ok(())
}

fn text(table: &DataFrame, name: &str, row: usize) -> PolarsResult<Option<String>> {
    let value = table.column(name)?.get(row)?;
    Ok(match value {
        AnyValue::Null => None,
        AnyValue::String(text) => Some(text.chars().take(200).collect()),
        other => Some(other.to_string().chars().take(200).collect()),
    })
}
