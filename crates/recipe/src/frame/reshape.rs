//! Long to wide, wide to long, nested to flat.

use super::{Node, names, python_list, rust_list};
use crate::context::Context;
use crate::error::Fault;
use crate::expression::{column, python_text, rust_text};
use polars::frame::PivotColumnNaming;
use polars::prelude::*;

/// Columns become rows: their names in `variable`, their cells in `value`, a column's rows after the other's.
pub struct Unpivot {
    pub on: Vec<String>,
    pub index: Vec<String>,
    pub variable: String,
    pub value: String,
}

impl Node for Unpivot {
    fn needs(&self) -> Vec<&str> {
        [names(&self.on), names(&self.index)].concat()
    }

    fn apply(&self, frame: LazyFrame, schema: &Schema, _: &Context) -> Result<LazyFrame, Fault> {
        for (position, name) in self.on.iter().enumerate() {
            let (first, own) = (schema.get(&self.on[0]), schema.get(name));
            if position > 0
                && let (Some(first), Some(own)) = (first, own)
                && first != own
                && !(first.is_primitive_numeric() && own.is_primitive_numeric())
            {
                let text = format!("`{}` is {first} but `{name}` is {own}", self.on[0]);
                return Err(Fault::new(text).remedy("Cast them to one type in a step before"));
            }
        }
        Ok(frame.unpivot(UnpivotArgsDSL {
            on: Some(by_name(self.on.iter().map(String::as_str), true, false)),
            index: by_name(self.index.iter().map(String::as_str), true, false),
            variable_name: Some(self.variable.as_str().into()),
            value_name: Some(self.value.as_str().into()),
        }))
    }

    fn polars(&self) -> Vec<String> {
        vec![format!(
            "df = df.unpivot({}, index={}, variable_name={}, value_name={})",
            python_list(&self.on),
            python_list(&self.index),
            python_text(&self.variable),
            python_text(&self.value)
        )]
    }

    fn pandas(&self) -> Vec<String> {
        vec![format!(
            "df = df.melt(id_vars={}, value_vars={}, var_name={}, value_name={})",
            python_list(&self.index),
            python_list(&self.on),
            python_text(&self.variable),
            python_text(&self.value)
        )]
    }

    fn rust(&self) -> Vec<String> {
        vec![format!(
            "let df = df.unpivot(UnpivotArgsDSL {{\n    on: Some(by_name({}, true, false)),\n    index: by_name({}, \
             true, false),\n    variable_name: Some({}.into()),\n    value_name: Some({}.into()),\n}});",
            rust_list(&self.on),
            if self.index.is_empty() { "[] as [&str; 0]".into() } else { rust_list(&self.index) },
            rust_text(&self.variable),
            rust_text(&self.value)
        )]
    }
}

/// Values of the text column `on` become columns, sorted by name; rows of `index` keep their first order. There is at
/// most one row for each pair (a [`super::GroupBy`] before it sees to that); a pair that isn't there is missing.
pub struct Pivot {
    pub on: String,
    pub index: Vec<String>,
    pub values: String,
}

impl Node for Pivot {
    fn needs(&self) -> Vec<&str> {
        let mut all = names(&self.index);
        all.extend([self.on.as_str(), self.values.as_str()]);
        all
    }

    fn apply(&self, frame: LazyFrame, schema: &Schema, context: &Context) -> Result<LazyFrame, Fault> {
        let frame = frame.filter(column(&self.on).is_not_null());
        let values = frame.clone().select([column(&self.on).unique().sort(SortOptions::default())]).collect()?;
        if values.height() > context.limits.max_columns {
            let text = format!("`{}` has {} values, which would be as many columns", self.on, values.height());
            return Err(Fault::new(text).param("on").remedy("Group rare values first, or choose another column"));
        }
        if values.height() == 0 {
            let _ = schema;
            return Ok(frame.select(self.index.iter().map(|name| column(name)).collect::<Vec<_>>()));
        }
        let selected = |name: &String| by_name([name.as_str()], true, false);
        Ok(frame.pivot(
            selected(&self.on),
            std::sync::Arc::new(values),
            by_name(self.index.iter().map(String::as_str), true, false),
            selected(&self.values),
            element().first(),
            true,
            "_".into(),
            PivotColumnNaming::Auto,
        ))
    }

    fn polars(&self) -> Vec<String> {
        vec![format!(
            "df = df.filter(pl.col({on}).is_not_null()).pivot({on}, index={}, values={}, sort_columns=True)",
            python_list(&self.index),
            python_text(&self.values),
            on = python_text(&self.on),
        )]
    }

    fn pandas(&self) -> Vec<String> {
        vec![format!(
            "df = pivot(df, on={}, index={}, values={})",
            python_text(&self.on),
            python_list(&self.index),
            python_text(&self.values)
        )]
    }

    fn rust(&self) -> Vec<String> {
        let (on, values) = (rust_text(&self.on), rust_text(&self.values));
        vec![
            format!("let df = df.filter(col({on}).is_not_null());"),
            format!("let columns = df.clone().select([col({on}).unique().sort(SortOptions::default())]).collect()?;"),
            format!(
                "let df = df.pivot(\n    by_name([{on}], true, false),\n    std::sync::Arc::new(columns),\n    \
                 by_name({}, true, false),\n    by_name([{values}], true, false),\n    element().first(),\n    true,\n    \
                 \"_\".into(),\n    PivotColumnNaming::Auto,\n);",
                rust_list(&self.index)
            ),
        ]
    }
}

/// A row for each item of a list; an empty list and a missing one give one row without a value.
pub struct Explode(pub String);

impl Node for Explode {
    fn needs(&self) -> Vec<&str> {
        vec![&self.0]
    }

    fn apply(&self, mut frame: LazyFrame, schema: &Schema, context: &Context) -> Result<LazyFrame, Fault> {
        match schema.get(&self.0) {
            Some(DataType::List(_)) => {}
            Some(other) => {
                return Err(Fault::new(format!("`{}` is {other}, not a list", self.0)).remedy("Split the text first"));
            }
            None => {}
        }
        let rows = column(&self.0).list().len().fill_null(lit(1)).clip_min(lit(1)).cast(DataType::UInt64).sum();
        let total = frame.clone().select([rows]).collect()?.columns()[0].get(0)?.try_extract::<u64>()?;
        if total > context.limits.max_rows {
            let text = format!("This would make {total} rows, more than the {} allowed", context.limits.max_rows);
            return Err(Fault::new(text).remedy("Filter first"));
        }
        let options = ExplodeOptions { empty_as_null: true, keep_nulls: true };
        frame = frame.explode(by_name([self.0.as_str()], true, false), options);
        Ok(frame)
    }

    fn polars(&self) -> Vec<String> {
        vec![format!("df = df.explode({})", python_text(&self.0))]
    }

    fn pandas(&self) -> Vec<String> {
        vec![format!("df = df.explode({}, ignore_index=True)", python_text(&self.0))]
    }

    fn rust(&self) -> Vec<String> {
        vec![
            "let options = ExplodeOptions { empty_as_null: true, keep_nulls: true };".into(),
            format!("let df = df.explode(by_name([{}], true, false), options);", rust_text(&self.0)),
        ]
    }
}

/// A struct's fields as columns in its place; in pandas a struct is a dictionary.
pub struct Unnest(pub String);

impl Node for Unnest {
    fn needs(&self) -> Vec<&str> {
        vec![&self.0]
    }

    fn apply(&self, frame: LazyFrame, schema: &Schema, _: &Context) -> Result<LazyFrame, Fault> {
        match schema.get(&self.0) {
            Some(DataType::Struct(fields)) => {
                if let Some(taken) = fields.iter().find(|f| f.name().as_str() != self.0 && schema.contains(f.name())) {
                    let text = format!("There is a column `{}` already", taken.name());
                    return Err(Fault::new(text).remedy("Rename it in a step before"));
                }
            }
            Some(other) => return Err(Fault::new(format!("`{}` is {other}, not a struct", self.0))),
            None => {}
        }
        Ok(frame.unnest(by_name([self.0.as_str()], true, false), None))
    }

    fn polars(&self) -> Vec<String> {
        vec![format!("df = df.unnest({})", python_text(&self.0))]
    }

    fn pandas(&self) -> Vec<String> {
        vec![format!("df = unnest(df, {})", python_text(&self.0))]
    }

    fn rust(&self) -> Vec<String> {
        vec![format!("let df = df.unnest(by_name([{}], true, false), None);", rust_text(&self.0))]
    }
}
