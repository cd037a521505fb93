use super::{on, one};
use crate::error::Fault;
use crate::expression::{Lit, Op, call, col, lit};
use crate::frame::{Filter, Sort};
use crate::spec::{ColumnType, Default, Group, Kind, ParamSpec, Transform, ask};

pub const ALL: &[Transform] = &[
    Transform {
        op: "sort",
        title: "Sort rows",
        group: Group::Rows,
        summary: "Orders rows by one or more columns; equal rows keep their order, missing values come last. Text is \
                  ordered by code point.",
        params: &[
            ask::columns("by", "Columns"),
            ParamSpec::new("descending", "Descending", Kind::Values)
                .optional()
                .help("true or false for each column, or one for all"),
        ],
        examples: &[
            on("people", r#"{"by":["city","age"],"descending":[true,false]}"#),
            on("people", r#"{"by":["income"],"descending":true}"#),
        ],
        plan: |args| {
            let by = args.columns("by");
            let flags = args.values("descending")?;
            if !flags.iter().all(|flag| matches!(flag, Lit::Flag(_))) || (flags.len() > 1 && flags.len() != by.len()) {
                return Err(Fault::new("Descending takes true or false for each column").param("descending"));
            }
            let flag = |index: usize| {
                let flag = if flags.len() == 1 { flags.first() } else { flags.get(index) };
                flag == Some(&Lit::Flag(true))
            };
            one(Sort(by.into_iter().enumerate().map(|(index, name)| (name, flag(index))).collect()))
        },
    },
    Transform {
        op: "top_rows",
        title: "Keep top or bottom rows",
        group: Group::Rows,
        summary: "Keeps the rows with the largest or smallest values, in each group if one is chosen; of equal values \
                  the earlier row. Rows keep their order.",
        params: &[
            ask::column_of("column", "By column", ColumnType::Number),
            ask::integer("n", "Rows", 1, 1_000_000_000).or(Default::Number(10.0)),
            ask::choice("which", "Which", &["top", "bottom"]),
            ask::columns("by", "In each").optional(),
        ],
        examples: &[
            on("people", r#"{"column":"income","n":5}"#),
            on("people", r#"{"column":"age","n":2,"which":"bottom","by":["city"]}"#),
        ],
        plan: |args| {
            let descending = args.text("which") == "top";
            let rank = call("rank", [col(&args.text("column")), lit("ordinal"), lit(descending)]);
            one(Filter(rank.over(&args.columns("by")).binary(Op::Le, lit(args.integer("n")))))
        },
    },
];
