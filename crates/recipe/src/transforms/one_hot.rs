use super::{on, one};
use crate::context::Context;
use crate::error::Fault;
use crate::expression::{column, python_text, rust_text};
use crate::frame::Node;
use crate::spec::{Group, Transform, ask};
use polars::prelude::*;

pub const ALL: &[Transform] = &[Transform {
    op: "one_hot",
    title: "One-hot encode",
    group: Group::Categories,
    summary: "A column of 0 and 1 for each value, named column_value and sorted by the value as text; a missing value is \
              0 in all of them.",
    params: &[
        ask::column("column", "Column"),
        ask::flag("drop_first", "Leave the first value out", false),
        ask::flag("keep", "Keep the column", false),
    ],
    examples: &[
        on("people", r#"{"column":"city"}"#),
        on("people", r#"{"column":"active","drop_first":true,"keep":true}"#),
    ],
    plan: |args| {
        let (drop_first, keep) = (args.flag("drop_first"), args.flag("keep"));
        one(OneHot { column: args.text("column"), drop_first, keep })
    },
}];

struct OneHot {
    column: String,
    drop_first: bool,
    keep: bool,
}

impl Node for OneHot {
    fn needs(&self) -> Vec<&str> {
        vec![&self.column]
    }

    fn apply(&self, frame: LazyFrame, schema: &Schema, context: &Context) -> Result<LazyFrame, Fault> {
        let text = column(&self.column).cast(DataType::String);
        let values =
            frame.clone().select([text.clone().drop_nulls().unique().sort(SortOptions::default())]).collect()?;
        let values = values.columns()[0].as_materialized_series().clone();
        let most = context.limits.max_columns;
        if values.len() > most {
            let text = format!("`{}` has {} values, more than the {most} columns allowed", self.column, values.len());
            return Err(Fault::new(text)
                .param("column")
                .remedy("Group rare values first, or use a hash or target encoding"));
        }
        let mut made = Vec::new();
        for value in values.str()?.iter().flatten().skip(usize::from(self.drop_first)) {
            let name = format!("{}_{value}", self.column);
            if schema.contains(&name) {
                return Err(Fault::new(format!("There is a column `{name}` already")).remedy("Rename or drop it first"));
            }
            made.push(text.clone().eq(lit(value)).fill_null(lit(false)).cast(DataType::Int64).alias(name));
        }
        let frame = frame.with_columns(made);
        Ok(if self.keep { frame } else { frame.drop(by_name([self.column.as_str()], true, false)) })
    }

    fn polars(&self) -> Vec<String> {
        let column = python_text(&self.column);
        let prefix = python_text(&format!("{}_", self.column));
        let rest = if self.drop_first { "[1:]" } else { "" };
        let mut lines = vec![
            format!("text = pl.col({column}).cast(pl.String)"),
            format!("values = df.select(text.drop_nulls().unique().sort()).to_series().to_list(){rest}"),
            format!(
                "df = df.with_columns((text == value).fill_null(False).cast(pl.Int64).alias({prefix} + value) for value in \
                 values)"
            ),
        ];
        if !self.keep {
            lines.push(format!("df = df.drop({column})"));
        }
        lines
    }

    fn pandas(&self) -> Vec<String> {
        let column = python_text(&self.column);
        let prefix = python_text(&format!("{}_", self.column));
        let rest = if self.drop_first { "[1:]" } else { "" };
        let mut lines = vec![
            format!("text = cast(df[{column}], \"String\")"),
            format!("for value in sorted(text.dropna().unique()){rest}:"),
            format!("    df[{prefix} + value] = (text == value).fillna(False).astype(\"Int64\")"),
        ];
        if !self.keep {
            lines.push(format!("df = df.drop(columns=[{column}])"));
        }
        lines
    }

    fn rust(&self) -> Vec<String> {
        let column = rust_text(&self.column);
        let rest = if self.drop_first { ".skip(1)" } else { "" };
        let mut lines = vec![
            format!("let text = col({column}).cast(DataType::String);"),
            "let values = df.clone().select([text.clone().drop_nulls().unique().sort(SortOptions::default())]).collect()?;"
                .into(),
            "let mut made = Vec::new();".into(),
            format!("for value in values.columns()[0].str()?.iter().flatten(){rest} {{"),
            "    let flag = text.clone().eq(lit(value)).fill_null(lit(false)).cast(DataType::Int64);".into(),
            format!("    made.push(flag.alias(format!(\"{{}}_{{value}}\", {column})));"),
            "}".into(),
            "let df = df.with_columns(made);".into(),
        ];
        if !self.keep {
            lines.push(format!("let df = df.drop(by_name([{column}], true, false));"));
        }
        lines
    }
}
