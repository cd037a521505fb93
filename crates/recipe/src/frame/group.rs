//! One row for each group.

use super::columns::{python_alias, rust_alias};
use super::{Node, names, python_list, spread};
use crate::context::Context;
use crate::error::Fault;
use crate::expression::{Ex, column, python_text, rust_column};
use polars::prelude::*;

/// Groups stand in the order of their first row; rows with missing keys make groups too.
pub struct GroupBy {
    pub keys: Vec<String>,
    /// Names and aggregations: a call of an aggregation on one column.
    pub aggregations: Vec<(String, Ex)>,
}

impl Node for GroupBy {
    fn needs(&self) -> Vec<&str> {
        let mut all = names(&self.keys);
        all.extend(self.aggregations.iter().flat_map(|(_, ex)| ex.columns()));
        all
    }

    fn apply(&self, frame: LazyFrame, _: &Schema, _: &Context) -> Result<LazyFrame, Fault> {
        let columns: Result<Vec<Expr>, Fault> =
            self.aggregations.iter().map(|(name, ex)| Ok(ex.build()?.alias(name.as_str()))).collect();
        let keys: Vec<Expr> = self.keys.iter().map(|name| column(name)).collect();
        Ok(if keys.is_empty() { frame.select(columns?) } else { frame.group_by_stable(keys).agg(columns?) })
    }

    fn polars(&self) -> Vec<String> {
        let columns: Vec<String> = self.aggregations.iter().map(python_alias).collect();
        vec![match self.keys.is_empty() {
            true => spread("df = df.select(", &columns, ")"),
            false => {
                let open = format!("df = df.group_by({}, maintain_order=True).agg(", python_list(&self.keys));
                spread(&open, &columns, ")")
            }
        }]
    }

    fn pandas(&self) -> Vec<String> {
        if self.keys.is_empty() {
            let columns: Vec<String> = self
                .aggregations
                .iter()
                .map(|(name, ex)| format!("{}: [{}]", python_text(name), ex.pandas()))
                .collect();
            return vec![spread("df = pd.DataFrame({", &columns, "})")];
        }
        let columns: Vec<String> = self
            .aggregations
            .iter()
            .map(|(name, ex)| {
                let (column, how) = self.pandas_aggregation(ex);
                format!("{}: ({}, {how})", python_text(name), python_text(column))
            })
            .collect();
        let open = format!("df = df.groupby({}, sort=False, dropna=False).agg(**{{", python_list(&self.keys));
        vec![spread(&open, &columns, "}).reset_index()")]
    }

    fn rust(&self) -> Vec<String> {
        let columns: Vec<String> = self.aggregations.iter().map(rust_alias).collect();
        vec![match self.keys.is_empty() {
            true => spread("let df = df.select([", &columns, "]);"),
            false => {
                let keys: Vec<String> = self.keys.iter().map(|name| rust_column(name)).collect();
                spread(&format!("let df = df.group_by_stable([{}]).agg([", keys.join(", ")), &columns, "]);")
            }
        }]
    }
}

impl GroupBy {
    /// The column and pandas' name of the aggregation, or a function where pandas' own differs.
    fn pandas_aggregation<'a>(&'a self, ex: &'a Ex) -> (&'a str, String) {
        let Ex::Call(function, args) = ex else { return (&self.keys[0], "\"size\"".into()) };
        let Some(Ex::Col(column)) = args.first() else { return (&self.keys[0], "\"size\"".into()) };
        let how = match function.name {
            "sum" | "mean" | "median" | "min" | "max" | "std" | "var" | "count" => format!("\"{}\"", function.name),
            "product" => "\"prod\"".into(),
            "len" => "\"size\"".into(),
            _ => {
                let alone = Ex::Call(function, [&[Ex::Col("s".into())], &args[1..]].concat());
                format!("lambda s: {}", alone.pandas().replacen("df[\"s\"]", "s", usize::MAX))
            }
        };
        (column, how)
    }
}
