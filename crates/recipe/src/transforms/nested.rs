use super::{on, one};
use crate::error::Fault;
use crate::expression::{col, lit};
use crate::frame::{Explode, Unnest, WithColumns};
use crate::spec::{ColumnType, Group, Kind, ParamSpec, Transform, ask};

pub const ALL: &[Transform] = &[
    Transform {
        op: "explode",
        title: "Explode list",
        group: Group::Nested,
        summary: "A row for each item of a list; an empty or missing list keeps one row without a value. Text is split \
                  at a separator first, if one is given.",
        params: &[
            ask::column("column", "Column"),
            ParamSpec::new("separator", "Separator of text", Kind::Text).optional(),
        ],
        examples: &[on("people", r#"{"column":"tags","separator":";"}"#)],
        plan: |args| {
            let column = args.text("column");
            match args.text_opt("separator") {
                None => one(Explode(column)),
                Some(separator) => Ok(vec![
                    WithColumns::one(&column, col(&column).call("str.split", [lit(separator)])),
                    Box::new(Explode(column)),
                ]),
            }
        },
    },
    Transform {
        op: "list_length",
        title: "Count list items",
        group: Group::Nested,
        summary: "The number of items of a list; missing for a missing list.",
        params: &[ask::column_of("column", "Column", ColumnType::List), ask::name("Name")],
        examples: &[on("lists", r#"{"column":"items"}"#)],
        plan: |args| {
            let column = args.text("column");
            let length = col(&column).call("list.len", []);
            Ok(vec![WithColumns::one(&args.name_or(&format!("{column}_length")), length)])
        },
    },
    Transform {
        op: "unnest",
        title: "Unnest struct",
        group: Group::Nested,
        summary: "A struct's fields as columns in its place.",
        params: &[ask::column_of("column", "Column", ColumnType::Struct)],
        examples: &[on("lists", r#"{"column":"place"}"#)],
        plan: |args| one(Unnest(args.text("column"))),
    },
    Transform {
        op: "json_path",
        title: "Read JSON",
        group: Group::Nested,
        summary: "The value at a path such as $.address.streets[0] of text that is JSON, as text; missing where there is \
                  none or the text isn't JSON.",
        params: &[
            ask::column_of("column", "Column", ColumnType::Text),
            ask::text("path", "Path"),
            ask::new_name("Name"),
        ],
        examples: &[
            on("people", r#"{"column":"payload","path":"$.a","name":"a"}"#),
            on("people", r#"{"column":"payload","path":"$.b.c[1]","name":"c"}"#),
        ],
        plan: |args| {
            let path = args.text("path");
            let simple = regex::Regex::new(r"^\$(\.[A-Za-z_][A-Za-z0-9_]*|\[[0-9]{1,6}\])*$").expect("a fixed pattern");
            if !simple.is_match(&path) {
                return Err(Fault::new(format!("`{path}` isn't a path"))
                    .param("path")
                    .remedy("Write $, then .name or [number] as often as needed"));
            }
            let value = col(&args.text("column")).call("str.json_path_match", [lit(path)]);
            Ok(vec![WithColumns::one(&args.text("name"), value)])
        },
    },
];
