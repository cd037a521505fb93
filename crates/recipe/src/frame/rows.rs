//! Rows kept, ordered, cut and repeated.

use super::{Node, names, python_list, rust_list};
use crate::context::Context;
use crate::error::Fault;
use crate::expression::{Ex, python_text, rust_text};
use polars::prelude::*;

/// Rows for which the condition is true; not those for which it is null.
pub struct Filter(pub Ex);

impl Node for Filter {
    fn needs(&self) -> Vec<&str> {
        self.0.columns()
    }

    fn apply(&self, frame: LazyFrame, _: &Schema, _: &Context) -> Result<LazyFrame, Fault> {
        Ok(frame.filter(self.0.build()?))
    }

    fn polars(&self) -> Vec<String> {
        vec![format!("df = df.filter({})", self.0.python())]
    }

    fn pandas(&self) -> Vec<String> {
        vec![format!("df = df[{}].reset_index(drop=True)", self.0.pandas())]
    }

    fn rust(&self) -> Vec<String> {
        vec![format!("let df = df.filter({});", self.0.rust())]
    }
}

/// Stable; missing values last in either direction. Columns with whether they descend.
pub struct Sort(pub Vec<(String, bool)>);

impl Sort {
    fn columns(&self) -> Vec<String> {
        self.0.iter().map(|(name, _)| name.clone()).collect()
    }
}

impl Node for Sort {
    fn needs(&self) -> Vec<&str> {
        self.0.iter().map(|(name, _)| name.as_str()).collect()
    }

    fn apply(&self, frame: LazyFrame, _: &Schema, _: &Context) -> Result<LazyFrame, Fault> {
        let options = SortMultipleOptions::default()
            .with_order_descending_multi(self.0.iter().map(|(_, descending)| *descending))
            .with_nulls_last(true)
            .with_maintain_order(true);
        Ok(frame.sort(self.columns(), options))
    }

    fn polars(&self) -> Vec<String> {
        let descending: Vec<&str> = self.0.iter().map(|(_, down)| if *down { "True" } else { "False" }).collect();
        vec![format!(
            "df = df.sort({}, descending=[{}], nulls_last=True, maintain_order=True)",
            python_list(&self.columns()),
            descending.join(", ")
        )]
    }

    fn pandas(&self) -> Vec<String> {
        let ascending: Vec<&str> = self.0.iter().map(|(_, down)| if *down { "False" } else { "True" }).collect();
        vec![format!(
            "df = df.sort_values({}, ascending=[{}], kind=\"stable\", na_position=\"last\", ignore_index=True)",
            python_list(&self.columns()),
            ascending.join(", ")
        )]
    }

    fn rust(&self) -> Vec<String> {
        let descending: Vec<String> = self.0.iter().map(|(_, down)| down.to_string()).collect();
        vec![
            format!(
                "let options = SortMultipleOptions::default().with_order_descending_multi([{}]);",
                descending.join(", ")
            ),
            format!(
                "let df = df.sort({}, options.with_nulls_last(true).with_maintain_order(true));",
                rust_list(&self.columns())
            ),
        ]
    }
}

/// Which of equal rows stays.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    First,
    Last,
    None,
}

/// One of each set of rows that are equal in these columns (none: in all); the order stays.
pub struct Unique {
    pub by: Vec<String>,
    pub keep: Keep,
}

impl Node for Unique {
    fn needs(&self) -> Vec<&str> {
        names(&self.by)
    }

    fn apply(&self, frame: LazyFrame, _: &Schema, _: &Context) -> Result<LazyFrame, Fault> {
        let by = (!self.by.is_empty()).then(|| by_name(self.by.iter().map(String::as_str), true, false));
        let keep = match self.keep {
            Keep::First => UniqueKeepStrategy::First,
            Keep::Last => UniqueKeepStrategy::Last,
            Keep::None => UniqueKeepStrategy::None,
        };
        Ok(frame.unique_stable(by, keep))
    }

    fn polars(&self) -> Vec<String> {
        let keep = match self.keep {
            Keep::First => "first",
            Keep::Last => "last",
            Keep::None => "none",
        };
        let by = if self.by.is_empty() { String::new() } else { format!("{}, ", python_list(&self.by)) };
        vec![format!("df = df.unique({by}keep=\"{keep}\", maintain_order=True)")]
    }

    fn pandas(&self) -> Vec<String> {
        let keep = match self.keep {
            Keep::First => "\"first\"",
            Keep::Last => "\"last\"",
            Keep::None => "False",
        };
        let by = if self.by.is_empty() { String::new() } else { format!("{}, ", python_list(&self.by)) };
        vec![format!("df = df.drop_duplicates({by}keep={keep}, ignore_index=True)")]
    }

    fn rust(&self) -> Vec<String> {
        let keep = match self.keep {
            Keep::First => "First",
            Keep::Last => "Last",
            Keep::None => "None",
        };
        let by = match self.by.is_empty() {
            true => "None".into(),
            false => format!("Some(by_name({}, true, false))", rust_list(&self.by)),
        };
        vec![format!("let df = df.unique_stable({by}, UniqueKeepStrategy::{keep});")]
    }
}

/// `num_rows` rows from `offset` on.
pub struct Slice {
    pub offset: u32,
    pub num_rows: u32,
}

impl Node for Slice {
    fn apply(&self, frame: LazyFrame, _: &Schema, _: &Context) -> Result<LazyFrame, Fault> {
        Ok(frame.slice(i64::from(self.offset), self.num_rows as IdxSize))
    }

    fn polars(&self) -> Vec<String> {
        vec![format!("df = df.slice({}, {})", self.offset, self.num_rows)]
    }

    fn pandas(&self) -> Vec<String> {
        let end = u64::from(self.offset) + u64::from(self.num_rows);
        vec![format!("df = df.iloc[{}:{end}].reset_index(drop=True)", self.offset)]
    }

    fn rust(&self) -> Vec<String> {
        vec![format!("let df = df.slice({}, {});", self.offset, self.num_rows)]
    }
}

/// The last rows.
pub struct Tail(pub u32);

impl Node for Tail {
    fn apply(&self, frame: LazyFrame, _: &Schema, _: &Context) -> Result<LazyFrame, Fault> {
        Ok(frame.tail(self.0 as IdxSize))
    }

    fn polars(&self) -> Vec<String> {
        vec![format!("df = df.tail({})", self.0)]
    }

    fn pandas(&self) -> Vec<String> {
        vec![format!("df = df.tail({}).reset_index(drop=True)", self.0)]
    }

    fn rust(&self) -> Vec<String> {
        vec![format!("let df = df.tail({});", self.0)]
    }
}

/// Row numbers as the first column.
pub struct RowIndex {
    pub name: String,
    pub from: u32,
}

impl Node for RowIndex {
    fn apply(&self, frame: LazyFrame, schema: &Schema, _: &Context) -> Result<LazyFrame, Fault> {
        if schema.contains(&self.name) {
            return Err(Fault::new(format!("There is a column `{}` already", self.name)).remedy("Choose another name"));
        }
        Ok(frame.with_row_index(self.name.as_str(), Some(self.from as IdxSize)))
    }

    fn polars(&self) -> Vec<String> {
        vec![format!("df = df.with_row_index({}, offset={})", python_text(&self.name), self.from)]
    }

    fn pandas(&self) -> Vec<String> {
        vec![format!("df.insert(0, {}, np.arange({}, len(df) + {}))", python_text(&self.name), self.from, self.from)]
    }

    fn rust(&self) -> Vec<String> {
        vec![format!("let df = df.with_row_index({}, Some({}));", rust_text(&self.name), self.from)]
    }
}

/// Each row as often as the whole number in `times` says, copies beside each other. `times` is dropped.
pub struct RepeatRows {
    pub times: String,
}

impl Node for RepeatRows {
    fn needs(&self) -> Vec<&str> {
        vec![&self.times]
    }

    fn apply(&self, frame: LazyFrame, _: &Schema, context: &Context) -> Result<LazyFrame, Fault> {
        let times = col(self.times.as_str());
        let total = frame.clone().select([times.clone().cast(DataType::Int64).sum()]).collect()?;
        let total = total.columns()[0].get(0)?.try_extract::<i64>().unwrap_or(0);
        if total as u64 > context.limits.max_rows {
            return Err(Fault::new(format!("This would make {total} rows, more than {}", context.limits.max_rows))
                .remedy("Take a sample first"));
        }
        let repeated = times.clone().repeat_by(times).alias(self.times.as_str());
        let options = ExplodeOptions { empty_as_null: false, keep_nulls: false };
        Ok(frame.with_columns([repeated]).explode(by_name([self.times.as_str()], true, false), options).drop(by_name(
            [self.times.as_str()],
            true,
            false,
        )))
    }

    fn polars(&self) -> Vec<String> {
        let times = python_text(&self.times);
        vec![
            format!("df = df.filter(pl.col({times}) > 0).with_columns(pl.col({times}).repeat_by(pl.col({times})))"),
            format!("df = df.explode({times}).drop({times})"),
        ]
    }

    fn pandas(&self) -> Vec<String> {
        let times = python_text(&self.times);
        vec![
            format!("df = df.loc[df.index.repeat(df[{times}].astype(\"int64\"))]"),
            format!("df = df.drop(columns={times}).reset_index(drop=True)"),
        ]
    }

    fn rust(&self) -> Vec<String> {
        let times = rust_text(&self.times);
        vec![
            format!("let df = df.with_columns([col({times}).repeat_by(col({times}))]);"),
            "let options = ExplodeOptions { empty_as_null: false, keep_nulls: false };".into(),
            format!(
                "let df = df.explode(by_name([{times}], true, false), options).drop(by_name([{times}], true, false));"
            ),
        ]
    }
}
