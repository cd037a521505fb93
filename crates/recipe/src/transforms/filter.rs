use super::{on, one};
use crate::expression::filter;
use crate::frame::Filter;
use crate::param::Param;
use crate::spec::{Group, Kind, ParamSpec, Transform};

pub const ALL: &[Transform] = &[
    Transform {
        op: "filter",
        title: "Filter rows",
        group: Group::Rows,
        summary: "Keeps rows that meet the conditions. A comparison with a missing value is neither true nor false, so \
                  the row goes.",
        params: &[ParamSpec::new("conditions", "Conditions", Kind::Filter)],
        examples: &[
            on(
                "people",
                r#"{"conditions":{"all":[{"column":"age","is":">=","value":30},{"any":[{"column":"city","is":"in","value":["Bern","Oslo"]},{"column":"name","is":"contains","value":"n."},{"column":"income","is":"between","value":[1000,2500.5]}]}]}}"#,
            ),
            on(
                "people",
                r#"{"conditions":{"all":[{"column":"joined","is":">","value":"2020-06-15","type":"date"},{"column":"joined","is":"!=","value":"2021-02-28","type":"date"},{"column":"city","is":"not in","value":["Rome"]},{"not":{"column":"active","is":"is true"}}]}}"#,
            ),
            on(
                "people",
                r#"{"conditions":{"any":[{"column":"name","is":"matches","value":"^[A-C].*a"},{"column":"age","is":"is null"},{"column":"city","is":"ends with","value":"o"},{"column":"score","is":"<","value":-2}]}}"#,
            ),
            on("people", r#"{"conditions":{"column":"city","is":"does not contain","value":"er"}}"#),
        ],
        plan: |args| {
            one(Filter(filter(args.raw("conditions").unwrap_or(&Param::Null)).map_err(|f| f.param("conditions"))?))
        },
    },
    Transform {
        op: "filter_expression",
        title: "Filter by expression",
        group: Group::Rows,
        summary: "Keeps rows for which an expression is true.",
        params: &[ParamSpec::new("expression", "Expression", Kind::Expression)],
        examples: &[on(
            "people",
            r#"{"expression":"(pl.col(\"age\") > pl.col(\"age\").mean()) & ~pl.col(\"city\").is_null()"}"#,
        )],
        plan: |args| one(Filter(args.expression("expression")?)),
    },
];
