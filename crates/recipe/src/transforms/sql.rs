use super::{on, one};
use crate::context::Context;
use crate::error::Fault;
use crate::expression::{python_text, rust_text};
use crate::frame::Node;
use crate::spec::{Group, Kind, ParamSpec, Transform, ask};
use polars::prelude::*;
use polars::sql::sql_expr;

pub const ALL: &[Transform] = &[Transform {
    op: "derive_sql",
    title: "Derive by SQL",
    group: Group::Columns,
    summary: "A column from a SQL expression, such as CASE WHEN a > 1 THEN 'big' ELSE 'small' END. It runs in Polars in \
              every language; the pandas code hands this step to Polars.",
    params: &[ask::new_name("Name"), ParamSpec::new("expression", "SQL expression", Kind::Sql)],
    examples: &[on("people", r#"{"name":"x","expression":"CASE WHEN age >= 40 THEN UPPER(city) ELSE 'young' END"}"#)],
    plan: |args| {
        let expression = args.text("expression");
        if expression.len() > 20_000 {
            return Err(Fault::new("The expression is too long").param("expression"));
        }
        let node = Sql { name: args.text("name"), expression };
        let _checked = node.build()?;
        one(node)
    },
}];

struct Sql {
    name: String,
    expression: String,
}

impl Sql {
    fn build(&self) -> Result<Expr, Fault> {
        let mut deepest = 0_usize;
        self.expression.bytes().fold(0_usize, |depth, byte| {
            let depth = if byte == b'(' {
                depth + 1
            } else if byte == b')' {
                depth.saturating_sub(1)
            } else {
                depth
            };
            deepest = deepest.max(depth);
            depth
        });
        if deepest > 48 {
            return Err(Fault::new("The expression is nested more than 48 deep").param("expression"));
        }
        sql_expr(&self.expression).map_err(|error| {
            let text = error.to_string();
            // the parser says `at Line: 1, Column: 9`
            let number = |mark: &str| {
                let digits = text.split(mark).nth(1)?.chars().take_while(char::is_ascii_digit).collect::<String>();
                digits.parse::<usize>().ok()
            };
            let place = match (number("Line: "), number("Column: ")) {
                (Some(line), Some(column)) => {
                    let before: usize =
                        self.expression.lines().take(line - 1).map(|line| line.chars().count() + 1).sum();
                    Some(before + column - 1)
                }
                _ => None,
            };
            let fault = Fault { position: place, ..Fault::from(error) };
            fault.param("expression").remedy("A column is its name or \"its name\", a text is in single quotes")
        })
    }
}

impl Node for Sql {
    fn apply(&self, frame: LazyFrame, _: &Schema, _: &Context) -> Result<LazyFrame, Fault> {
        Ok(frame.with_columns([self.build()?.alias(self.name.as_str())]))
    }

    fn polars(&self) -> Vec<String> {
        let (name, expression) = (python_text(&self.name), python_text(&self.expression));
        vec![format!("df = df.with_columns(pl.sql_expr({expression}).alias({name}))")]
    }

    fn pandas(&self) -> Vec<String> {
        let (name, expression) = (python_text(&self.name), python_text(&self.expression));
        vec![format!("df[{name}] = from_polars(to_polars(df).select(pl.sql_expr({expression}).alias({name})))[{name}]")]
    }

    fn rust(&self) -> Vec<String> {
        let (name, expression) = (rust_text(&self.name), rust_text(&self.expression));
        vec![format!("let df = df.with_columns([polars::sql::sql_expr({expression})?.alias({name})]);")]
    }
}
