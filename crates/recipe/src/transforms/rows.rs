use super::{on, one};
use crate::frame::{Keep, RowIndex, Slice, Tail, Unique};
use crate::spec::{Default, Group, Kind, ParamSpec, Transform, ask};

pub const ALL: &[Transform] = &[
    Transform {
        op: "limit",
        title: "Keep first rows",
        group: Group::Rows,
        summary: "Keeps a run of rows from a place on.",
        params: &[
            ask::integer("n", "Rows", 0, u32::MAX as i64),
            ask::integer("offset", "After", 0, u32::MAX as i64).or(Default::Number(0.0)),
        ],
        examples: &[on("people", r#"{"n":7}"#), on("people", r#"{"n":7,"offset":30}"#)],
        plan: |args| one(Slice { offset: args.integer("offset") as u32, num_rows: args.integer("n") as u32 }),
    },
    Transform {
        op: "last_rows",
        title: "Keep last rows",
        group: Group::Rows,
        summary: "Keeps the rows at the end.",
        params: &[ask::integer("n", "Rows", 0, u32::MAX as i64)],
        examples: &[on("people", r#"{"n":4}"#)],
        plan: |args| one(Tail(args.integer("n") as u32)),
    },
    Transform {
        op: "deduplicate",
        title: "Remove duplicate rows",
        group: Group::Rows,
        summary: "Keeps one of rows that are equal in the chosen columns, or in all; missing values equal each other.",
        params: &[
            ask::columns("columns", "Equal in").optional().help("None means all columns"),
            ask::choice("keep", "Keep", &["first", "last", "none"]),
        ],
        examples: &[
            on("people", r#"{"columns":["city","active"]}"#),
            on("people", r#"{"columns":["city"],"keep":"last"}"#),
            on("people", r#"{"columns":["age"],"keep":"none"}"#),
            on("people", r#"{}"#),
        ],
        plan: |args| {
            let keep = match args.text("keep").as_str() {
                "last" => Keep::Last,
                "none" => Keep::None,
                _ => Keep::First,
            };
            one(Unique { by: args.columns("columns"), keep })
        },
    },
    Transform {
        op: "row_number",
        title: "Add row numbers",
        group: Group::Rows,
        summary: "Numbers the rows in a new first column.",
        params: &[
            ParamSpec::new("name", "Column's name", Kind::NewColumn).or(Default::Text("row")),
            ask::integer("from", "From", 0, u32::MAX as i64 / 2).or(Default::Number(1.0)),
        ],
        examples: &[on("people", r#"{}"#), on("people", r#"{"name":"n \"x\"","from":0}"#)],
        plan: |args| one(RowIndex { name: args.text("name"), from: args.integer("from") as u32 }),
    },
];
