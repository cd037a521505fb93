//! Steps of a recipe over a table: applied, previewed, taken away as code.

use crate::error::{ExploreError, Result};
use crate::functions::Exchange;
use crate::open::Sources;
use crate::source::reading;
use crate::sql::How;
use crate::table::Table;
use crate::work::{Cancel, guard};
use crate::{Explorer, sql};
use atelier_recipe as recipe;
use atelier_wire::studio::data::recipe::{
    ExportRecipe, ExportedRecipe, Field, Param, PreviewStep, Step, StepPreview, Transform, Transforms,
};
use atelier_wire::studio::data::view::{ReadOptions, Rows};
use polars::prelude::*;
use std::sync::Arc;

/// Steps that may make more rows or columns than there are.
const MAY_GROW: &[&str] = &["explode", "join", "one_hot", "tokenise"];
/// Steps whose rows come in another order when they are computed part by part; the recipe's own limits bound them.
const WHOLE_ONLY: &[&str] = &["join_cross", "join_nearest", "pivot", "transpose", "unpivot"];

/// By parts what may grow and what is larger than memory, else at once.
pub(crate) fn how(steps: &[Step], is_large: bool) -> How {
    let any = |ops: &[&str]| steps.iter().any(|step| !step.disabled && ops.contains(&step.op.as_str()));
    if !any(WHOLE_ONLY) && (is_large || any(MAY_GROW)) { How::Parts } else { How::Whole }
}

/// Rows of a preview's sample.
const SAMPLE: usize = 50;

/// The tables that steps name.
struct Others<'a> {
    explorer: &'a Explorer,
    sources: &'a dyn Sources,
    cancel: &'a Cancel,
}

impl Others<'_> {
    /// Steps end when the work is cancelled: before each reading of the data, and within it.
    fn context<'b>(&'b self, custom: &'b Exchange<'b>) -> recipe::Context<'b> {
        recipe::Context { tables: self, custom, cancel: self.cancel.flag().into(), ..recipe::Context::default() }
    }
}

impl recipe::Tables for Others<'_> {
    fn table(&self, source: &str) -> Result<LazyFrame, String> {
        let table = self.explorer.table(source, &ReadOptions::default(), self.sources, self.cancel, 1);
        let base = table.and_then(|table| table.base(self.cancel)).map_err(|error| error.to_string())?;
        let frame = base.columns.lazy(source).map_err(|error| error.to_string())?;
        Ok(sql::watched(frame, self.cancel))
    }
}

fn said(source: &str, error: &recipe::RecipeError) -> ExploreError {
    ExploreError::refused(source, error.to_string())
}

/// As [`said`]; a step that failed because it was cancelled was cancelled.
fn ended(source: &str, error: &recipe::RecipeError, cancel: &Cancel) -> ExploreError {
    if cancel.is_cancelled() { ExploreError::Cancelled } else { said(source, error) }
}

/// The recipe crate's own form of the steps; ids are made where there are none.
fn recipe_of(steps: &[Step], source: &str) -> Result<recipe::Recipe> {
    let mut made = recipe::Recipe::default();
    for (i, step) in steps.iter().enumerate() {
        let value = serde_json::json!({ "id": if step.id.is_empty() { format!("step-{}", i + 1) } else { step.id.clone() }, "op": step.op, "params": step.params, "disabled": step.disabled, "note": step.note.as_deref().unwrap_or_default() });
        made.steps.push(
            serde_json::from_value(value)
                .map_err(|error| ExploreError::refused(source, format!("step {} cannot be read: {error}", i + 1)))?,
        );
    }
    Ok(made)
}

impl Explorer {
    /// The table after the steps, lazily.
    pub(crate) fn apply_steps(
        &self,
        source: &str,
        options: &ReadOptions,
        steps: &[Step],
        table: &Arc<Table>,
        sources: &dyn Sources,
        cancel: &Cancel,
    ) -> Result<LazyFrame> {
        let (recipe, frame) = self.from_computed(source, options, steps, steps.len(), table, cancel)?;
        let others = Others { explorer: self, sources, cancel };
        recipe.apply(frame, &others.context(&Exchange(&*self.functions))).map_err(|error| ended(source, &error, cancel))
    }

    /// The steps with those of the first `most` switched off that a view has computed already, and the table that these
    /// made: a function of a person's own or a join runs once, not for each step after it.
    fn from_computed(
        &self,
        source: &str,
        options: &ReadOptions,
        steps: &[Step],
        most: usize,
        table: &Arc<Table>,
        cancel: &Cancel,
    ) -> Result<(recipe::Recipe, LazyFrame)> {
        let mut recipe = recipe_of(steps, source)?;
        let (count, base) = match self.computed(source, options, &steps[..most], table) {
            Some(computed) => computed,
            None => (0, table.base(cancel)?),
        };
        recipe.steps.iter_mut().take(count).for_each(|step| step.disabled = true);
        Ok((recipe, sql::watched(base.columns.lazy(source)?, cancel)))
    }

    /// What the last of the steps changes.
    pub fn preview(&self, request: &PreviewStep, sources: &dyn Sources) -> Result<StepPreview> {
        let running = self.requests.begin(&request.request);
        let cancel = &running.cancel;
        let source = request.source.as_str();
        let table = self.table(source, &request.options, sources, cancel, 0)?;
        table.base(cancel)?;
        let _slot = self.slots.enter(cancel)?;
        guard(source, || {
            let count = request.steps.len();
            let index =
                count.checked_sub(1).ok_or_else(|| ExploreError::refused(source, "there is no step to preview"))?;
            let (recipe, frame) =
                self.from_computed(source, &request.options, &request.steps, index, &table, cancel)?;
            let others = Others { explorer: self, sources, cancel };
            let (seen, after) = recipe
                .preview_and_table(index, frame, &others.context(&Exchange(&*self.functions)), SAMPLE)
                .map_err(|error| ended(source, &error, cancel))?;
            Ok(preview(seen, &after.head(Some(SAMPLE))))
        })
    }

    /// The steps as code.
    pub fn export_recipe(&self, request: &ExportRecipe, sources: &dyn Sources) -> Result<ExportedRecipe> {
        let recipe = recipe_of(&request.steps, &request.source)?;
        export_recipe(&recipe, &self.described(&request.source, &request.options, sources), &request.to)
    }

    /// The source with how it was read. One that can't be read now is named alone: the code reads it by its ending.
    fn described(&self, source: &str, options: &ReadOptions, sources: &dyn Sources) -> recipe::Source {
        let cancel = Cancel::default();
        let table = self.table(source, options, sources, &cancel, 0);
        // Types hold once all has been read.
        let read = table.and_then(|table| table.base(&cancel).map(|_| table));
        let reading = read.and_then(|table| reading::reading(&table)).unwrap_or_else(|error| {
            tracing::debug!(%error, source, "exported without how it is read");
            None
        });
        recipe::Source { path: source.to_owned(), reading }
    }
}

/// What a recipe's file does to a file: the whole table.
pub fn apply_recipe(explorer: &Explorer, text: &str, source: &str, sources: &dyn Sources) -> Result<DataFrame> {
    let recipe = recipe::Recipe::parse(text).map_err(|error| said("the recipe", &error))?;
    let cancel = Cancel::default();
    let table = explorer.table(source, &ReadOptions::default(), sources, &cancel, 0)?;
    let others = Others { explorer, sources, cancel: &cancel };
    let frame = table.base(&cancel)?.columns.lazy(source)?;
    let plan = guard(source, || {
        recipe.apply(frame, &others.context(&Exchange(&*explorer.functions))).map_err(|error| said(source, &error))
    })?;
    sql::collect(plan, How::Whole, usize::MAX, source, &cancel)
}

/// A recipe's file as code: `python`, `pandas`, `rust`, `notebook`, `script`. Where `source` is there, the code reads it
/// as it is read here.
pub fn export_recipe_file(
    explorer: &Explorer,
    text: &str,
    source: &str,
    to: &str,
    sources: &dyn Sources,
) -> Result<String> {
    let recipe = recipe::Recipe::parse(text).map_err(|error| said("the recipe", &error))?;
    let described = explorer.described(source, &ReadOptions::default(), sources);
    Ok(export_recipe(&recipe, &described, to)?.text)
}

fn export_recipe(recipe: &recipe::Recipe, described: &recipe::Source, to: &str) -> Result<ExportedRecipe> {
    let source = described.path.as_str();
    let stem = source
        .rsplit('/')
        .next()
        .unwrap_or("table")
        .split('.')
        .next()
        .filter(|stem| !stem.is_empty())
        .unwrap_or("table");
    if to == "recipe" {
        let text =
            serde_json::to_string_pretty(recipe).map_err(|error| ExploreError::refused(source, error.to_string()))?;
        return Ok(ExportedRecipe { text: text + "\n", file_name: format!("{stem}{}", recipe::FILE_SUFFIX) });
    }
    let to = recipe::To::parse(to).ok_or_else(|| {
        ExploreError::refused(
            source,
            format!("`{to}` is nothing that a recipe can become: use python, pandas, rust, notebook or script"),
        )
    })?;
    let text =
        recipe.export(to, described.clone(), recipe::Options::default()).map_err(|error| said(source, &error))?;
    Ok(ExportedRecipe { text, file_name: format!("{stem}{}", to.file_suffix()) })
}

fn preview(seen: recipe::Preview, after: &DataFrame) -> StepPreview {
    let (columns, mut cells) = crate::view::rows::texts(after);
    cells.iter_mut().flatten().flatten().for_each(|text| *text = text.chars().take(500).collect());
    let sample = Rows {
        ids: (0..after.height() as u64).collect(),
        columns: (0..columns.len()).collect(),
        cells,
        ..Rows::default()
    };
    let place = |name: &str| columns.iter().position(|column| column.name == name);
    let mut changed = Vec::new();
    for row in seen.sample.iter().filter(|row| row.row < after.height() as u64) {
        changed.extend(row.cells.iter().filter_map(|(name, _, _)| Some((row.row as u32, place(name)? as u32))));
    }
    StepPreview {
        rows_before: seen.rows_before,
        rows_after: seen.rows_after,
        columns_added: seen.columns_added,
        columns_removed: seen.columns_removed,
        columns_cast: seen.columns_retyped,
        cells_changed: seen.rows_aligned.then_some(seen.cells_changed),
        columns,
        sample,
        changed,
    }
}

/// Every transform with its form.
pub fn transforms() -> Transforms {
    let transform = |transform: &&recipe::Transform| Transform {
        op: transform.op.to_owned(),
        title: transform.title.to_owned(),
        group: transform.group.title().to_owned(),
        summary: transform.summary.to_owned(),
        fields: transform.params.iter().map(field).collect(),
    };
    Transforms { transforms: recipe::catalogue().iter().map(transform).collect() }
}

fn field(spec: &recipe::ParamSpec) -> Field {
    use recipe::Kind;
    let kind = match spec.kind {
        Kind::Column | Kind::ColumnOf(_) => "column",
        Kind::Columns | Kind::ColumnsOf(_) => "columns",
        Kind::NewColumn | Kind::Text | Kind::Regex => "text",
        Kind::Number { integer: true, .. } => "integer",
        Kind::Number { .. } => "number",
        Kind::Choice(_) => "choice",
        Kind::Choices(_) => "choices",
        Kind::Flag => "bool",
        Kind::Expression => "expression",
        Kind::Sql => "sql",
        Kind::Filter => "filter",
        Kind::Values => "list",
        Kind::Mapping => "map",
        Kind::Aggregations => "aggregations",
        Kind::Cases => "cases",
        Kind::Table => "source",
        Kind::Code => "code",
    };
    let choices = match spec.kind {
        Kind::Choice(choices) | Kind::Choices(choices) => choices.iter().map(|choice| (*choice).to_owned()).collect(),
        _ => Vec::new(),
    };
    let default = match spec.default {
        recipe::Default::None => None,
        recipe::Default::Flag(flag) => Some(Param::Bool(flag)),
        recipe::Default::Number(number) if number.fract() == 0.0 && number.abs() < 1e15 => {
            Some(Param::Integer(number as i64))
        }
        recipe::Default::Number(number) => Some(Param::Number(number)),
        recipe::Default::Text(text) => Some(Param::Text(text.to_owned())),
    };
    Field {
        name: spec.name.to_owned(),
        label: spec.label.to_owned(),
        kind: kind.to_owned(),
        required: spec.required,
        choices,
        default,
        hint: spec.help.to_owned(),
    }
}
