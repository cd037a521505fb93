use super::{on, one};
use crate::args::Args;
use crate::context::Context;
use crate::error::Fault;
use crate::expression::{Ex, Op, Type, call, col, combine, lit};
use crate::frame::{Filter, Node, WithColumns, python_list, rust_list};
use crate::spec::{ColumnType, Group, Kind, ParamSpec, Plan, Transform, ask};
use polars::prelude::{LazyFrame, Schema, by_name};

const BY: ParamSpec = ask::columns("by", "In each").optional();

pub const ALL: &[Transform] = &[
    Transform {
        op: "fill_constant",
        title: "Fill missing with a value",
        group: Group::Missing,
        summary: "Puts a fixed value where one is missing.",
        params: &[ask::columns("columns", "Columns"), ParamSpec::new("value", "Value", Kind::Values)],
        examples: &[
            on("people", r#"{"columns":["city"],"value":"nowhere"}"#),
            on("people", r#"{"columns":["age","income"],"value":0}"#),
        ],
        plan: |args| {
            let value = Ex::Lit(args.value("value")?);
            each(args, |x| x.call("fill_null", [value.clone()]))
        },
    },
    Transform {
        op: "fill_statistic",
        title: "Fill missing with a statistic",
        group: Group::Missing,
        summary: "Puts the column's mean, median, most frequent, smallest or largest value where one is missing; of \
                  equally frequent values the smallest. In groups, a group without values stays missing.",
        params: &[
            ask::columns("columns", "Columns"),
            ask::choice("statistic", "Statistic", &["mean", "median", "mode", "min", "max"]),
            BY,
        ],
        examples: &[
            on("people", r#"{"columns":["age","income"],"statistic":"mean"}"#),
            on("people", r#"{"columns":["income"],"statistic":"median","by":["active"]}"#),
            on("people", r#"{"columns":["city","age"],"statistic":"mode"}"#),
            on("people", r#"{"columns":["age"],"statistic":"max","by":["city"]}"#),
        ],
        plan: |args| {
            let by = args.columns("by");
            let statistic = args.text("statistic");
            each(args, |x| match statistic.as_str() {
                // a mean of whole numbers is none
                "mean" | "median" => {
                    let x = x.cast(Type::Float64);
                    let value = call(&statistic, [x.clone()]).over(&by);
                    x.call("fill_null", [value])
                }
                "mode" => x.clone().call("fill_null", [call("drop_nulls().mode().min", [x]).over(&by)]),
                _ => x.clone().call("fill_null", [call(&statistic, [x]).over(&by)]),
            })
        },
    },
    Transform {
        op: "fill_forward",
        title: "Fill missing forward",
        group: Group::Missing,
        summary: "Repeats the last value above; rows before the first value stay missing.",
        params: &[ask::columns("columns", "Columns"), BY],
        examples: &[
            on("people", r#"{"columns":["city","age"]}"#),
            on("people", r#"{"columns":["income"],"by":["active"]}"#),
        ],
        plan: |args| each(args, |x| call("forward_fill", [x]).over(&args.columns("by"))),
    },
    Transform {
        op: "fill_backward",
        title: "Fill missing backward",
        group: Group::Missing,
        summary: "Repeats the next value below; rows after the last value stay missing.",
        params: &[ask::columns("columns", "Columns"), BY],
        examples: &[on("people", r#"{"columns":["city","age"]}"#)],
        plan: |args| each(args, |x| call("backward_fill", [x]).over(&args.columns("by"))),
    },
    Transform {
        op: "interpolate",
        title: "Interpolate missing",
        group: Group::Missing,
        summary: "Fills gaps along a straight line from row to row; before the first and after the last value they stay \
                  missing.",
        params: &[ask::columns_of("columns", "Columns", ColumnType::Number), BY],
        examples: &[
            on("people", r#"{"columns":["income","age"]}"#),
            on("people", r#"{"columns":["income"],"by":["active"]}"#),
        ],
        plan: |args| each(args, |x| call("interpolate", [x.cast(Type::Float64)]).over(&args.columns("by"))),
    },
    Transform {
        op: "drop_missing",
        title: "Drop rows with missing values",
        group: Group::Missing,
        summary: "Removes rows where one of the chosen columns (or of all) is missing, or only where all of them are.",
        params: &[
            ask::columns("columns", "Columns").optional().help("None means all columns"),
            ask::choice("how", "Where missing in", &["any", "all"]),
        ],
        examples: &[
            on("people", r#"{}"#),
            on("people", r#"{"columns":["age","city"]}"#),
            on("people", r#"{"columns":["age","city"],"how":"all"}"#),
        ],
        plan: |args| {
            let columns = args.columns("columns");
            if args.text("how") == "any" {
                return one(DropMissing(columns));
            }
            let present = columns.iter().map(|name| call("is_not_null", [col(name)]));
            let any = combine(Op::Or, present.collect());
            one(Filter(any.ok_or_else(|| Fault::new("Choose columns").param("columns"))?))
        },
    },
    Transform {
        op: "flag_missing",
        title: "Flag missing values",
        group: Group::Missing,
        summary: "Adds a column of true and false that says where a value is missing.",
        params: &[ask::columns("columns", "Columns")],
        examples: &[on("people", r#"{"columns":["age","city"]}"#)],
        plan: |args| {
            let flag = |name: &String| (format!("{name}_missing"), call("is_null", [col(name)]));
            one(WithColumns(args.columns("columns").iter().map(flag).collect()))
        },
    },
    Transform {
        op: "make_missing",
        title: "Make values missing",
        group: Group::Missing,
        summary: "Takes values that stand for nothing, such as -999 or n/a, as missing.",
        params: &[ask::columns("columns", "Columns"), ParamSpec::new("values", "Values", Kind::Values)],
        examples: &[
            on("people", r#"{"columns":["city","name"],"values":["Rome","Ann"]}"#),
            on("people", r#"{"columns":["age"],"values":[41,18]}"#),
        ],
        plan: |args| {
            let values = Ex::Lit(crate::expression::Lit::List(args.values("values")?));
            each(args, |x| {
                let hit = x.clone().call("is_in", [values.clone()]);
                x.otherwise(hit, lit(crate::expression::Lit::Null))
            })
        },
    },
];

fn each(args: &Args, change: impl Fn(Ex) -> Ex) -> Plan {
    one(WithColumns(args.columns("columns").iter().map(|name| (name.clone(), change(col(name)))).collect()))
}

/// Rows without a missing value in these columns, or in any.
struct DropMissing(Vec<String>);

impl Node for DropMissing {
    fn needs(&self) -> Vec<&str> {
        self.0.iter().map(String::as_str).collect()
    }

    fn apply(&self, frame: LazyFrame, _: &Schema, _: &Context) -> Result<LazyFrame, Fault> {
        let columns = (!self.0.is_empty()).then(|| by_name(self.0.iter().map(String::as_str), true, false));
        Ok(frame.drop_nulls(columns))
    }

    fn polars(&self) -> Vec<String> {
        let columns = if self.0.is_empty() { String::new() } else { python_list(&self.0) };
        vec![format!("df = df.drop_nulls({columns})")]
    }

    fn pandas(&self) -> Vec<String> {
        let columns = if self.0.is_empty() { String::new() } else { format!("subset={}, ", python_list(&self.0)) };
        vec![format!("df = df.dropna({columns}ignore_index=True)")]
    }

    fn rust(&self) -> Vec<String> {
        let columns = match self.0.is_empty() {
            true => "None".into(),
            false => format!("Some(by_name({}, true, false))", rust_list(&self.0)),
        };
        vec![format!("let df = df.drop_nulls({columns});")]
    }
}
