use super::{on, one};
use crate::context::Context;
use crate::error::Fault;
use crate::expression::{Ex, Lit, column, python_text, rust_text};
use crate::expression::{col, lit};
use crate::frame::Node;
use crate::frame::{Drop, Rename, Select, WithColumns};
use crate::spec::{Group, Kind, ParamSpec, Transform, ask};
use polars::prelude::{LazyFrame, Schema};

pub const ALL: &[Transform] = &[
    Transform {
        op: "select",
        title: "Keep columns",
        group: Group::Columns,
        summary: "Keeps only these columns, in this order.",
        params: &[ask::columns("columns", "Columns")],
        examples: &[on("people", r#"{"columns":["name","id"]}"#)],
        plan: |args| one(Select(args.columns("columns"))),
    },
    Transform {
        op: "drop",
        title: "Drop columns",
        group: Group::Columns,
        summary: "Removes these columns.",
        params: &[ask::columns("columns", "Columns")],
        examples: &[on("people", r#"{"columns":["note","tags"]}"#)],
        plan: |args| one(Drop(args.columns("columns"))),
    },
    Transform {
        op: "rename",
        title: "Rename columns",
        group: Group::Columns,
        summary: "Gives columns other names.",
        params: &[ParamSpec::new("names", "Old and new names", Kind::Mapping)],
        examples: &[on("people", r#"{"names":{"name":"full name","age":"years\")+\"x","id":"age"}}"#)],
        plan: |args| {
            let mut names = Vec::new();
            for (old, new) in args.mapping("names")? {
                match new {
                    Lit::Text(new) if !new.is_empty() => names.push((old, new)),
                    _ => return Err(Fault::new(format!("The new name of `{old}` is missing")).param("names")),
                }
            }
            one(Rename(names))
        },
    },
    Transform {
        op: "reorder",
        title: "Reorder columns",
        group: Group::Columns,
        summary: "Puts these columns first, in this order; the others follow as they were.",
        params: &[ask::columns("columns", "First")],
        examples: &[on("people", r#"{"columns":["city","age"]}"#)],
        plan: |args| one(First(args.columns("columns"))),
    },
    Transform {
        op: "copy_column",
        title: "Copy column",
        group: Group::Columns,
        summary: "Adds a copy of a column under another name.",
        params: &[ask::column("column", "Column"), ask::name("Name")],
        examples: &[on("people", r#"{"column":"age"}"#)],
        plan: |args| {
            let column = args.text("column");
            Ok(vec![WithColumns::one(&args.name_or(&format!("{column}_copy")), col(&column))])
        },
    },
    Transform {
        op: "constant",
        title: "Add constant column",
        group: Group::Columns,
        summary: "Adds a column with the same value in each row.",
        params: &[ask::new_name("Name"), ParamSpec::new("value", "Value", Kind::Values)],
        examples: &[on("people", r#"{"name":"source","value":"it's"}"#), on("people", r#"{"name":"one","value":1}"#)],
        plan: |args| {
            let value = match args.value("value")? {
                Lit::Null => lit(""),
                value => Ex::Lit(value),
            };
            Ok(vec![WithColumns::one(&args.text("name"), value)])
        },
    },
];

/// These columns first.
struct First(Vec<String>);

impl Node for First {
    fn needs(&self) -> Vec<&str> {
        self.0.iter().map(String::as_str).collect()
    }

    fn apply(&self, frame: LazyFrame, schema: &Schema, _: &Context) -> Result<LazyFrame, Fault> {
        let rest = schema.iter_names().map(|name| name.as_str()).filter(|name| !self.0.iter().any(|own| own == name));
        let all: Vec<_> = self.0.iter().map(String::as_str).chain(rest).map(column).collect();
        Ok(frame.select(all))
    }

    fn polars(&self) -> Vec<String> {
        let names: Vec<String> = self.0.iter().map(|name| python_text(name)).collect();
        let names = names.join(", ");
        vec![format!("first = [{names}]"), "df = df[first + [name for name in df.columns if name not in first]]".into()]
    }

    fn pandas(&self) -> Vec<String> {
        self.polars()
    }

    fn rust(&self) -> Vec<String> {
        let names: Vec<String> = self.0.iter().map(|name| rust_text(name)).collect();
        vec![format!(
            "let first = by_name([{}], true, false);\nlet df = df.select([first.clone().as_expr(), (all() - \
             first).as_expr()]);",
            names.join(", ")
        )]
    }
}
