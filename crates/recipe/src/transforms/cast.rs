use super::on;
use crate::error::Fault;
use crate::expression::{Ex, Type, col};
use crate::frame::WithColumns;
use crate::spec::{Group, Kind, ParamSpec, Transform, ask};

const TYPES: &[&str] = &[
    "Int64",
    "Float64",
    "String",
    "Boolean",
    "Date",
    "Datetime",
    "Categorical",
    "Int8",
    "Int16",
    "Int32",
    "UInt8",
    "UInt16",
    "UInt32",
    "UInt64",
    "Float32",
];

pub const ALL: &[Transform] = &[Transform {
    op: "cast",
    title: "Change type",
    group: Group::Types,
    summary: "Casts columns. A value that doesn't fit becomes missing, or stops the recipe when strict; fractions are \
              cut off, not rounded.",
    params: &[
        ask::columns("columns", "Columns"),
        ParamSpec::new("type", "Type", Kind::Choice(TYPES)),
        ask::flag("strict", "Stop at a value that doesn't fit", false),
    ],
    examples: &[
        on("people", r#"{"columns":["score","income"],"type":"Int64"}"#),
        on("people", r#"{"columns":["age"],"type":"Float64"}"#),
        on("people", r#"{"columns":["age","active"],"type":"String"}"#),
        on("people", r#"{"columns":["code","name"],"type":"Float64"}"#),
        on("people", r#"{"columns":["code"],"type":"Int64"}"#),
        on("people", r#"{"columns":["age"],"type":"Int8","strict":true}"#),
        on("people", r#"{"columns":["id"],"type":"Boolean"}"#),
        on("people", r#"{"columns":["joined"],"type":"Datetime"}"#),
    ],
    plan: |args| {
        let name = args.text("type");
        let to = Type::parse(&name).ok_or_else(|| Fault::new(format!("There is no type `{name}`")).param("type"))?;
        let strict = args.flag("strict");
        let columns = args.columns("columns");
        let cast = |name: &String| (name.clone(), Ex::Cast(Box::new(col(name)), to, strict));
        Ok(vec![Box::new(WithColumns(columns.iter().map(cast).collect()))])
    },
}];
