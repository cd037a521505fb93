use super::{on, one};
use crate::args::Args;
use crate::expression::{Ex, call, col, lit};
use crate::frame::WithColumns;
use crate::spec::{ColumnType, Default, Group, ParamSpec, Plan, Transform, ask};

const COLUMN: ParamSpec = ask::column("column", "Column");
const NUMBER: ParamSpec = ask::column_of("column", "Column", ColumnType::Number);
const BY: ParamSpec = ask::columns("by", "In each").optional();

pub const ALL: &[Transform] = &[
    Transform {
        op: "rank",
        title: "Rank",
        group: Group::Windows,
        summary: "Ranks from 1; missing values get none. Equal values share their mean, smallest or largest rank, take \
                  ranks without gaps (dense) or in the order of rows (ordinal).",
        params: &[
            NUMBER,
            ask::choice("method", "Equal values", &["average", "min", "max", "dense", "ordinal"]),
            ask::flag("descending", "Largest first", false),
            BY,
            ask::name("Name"),
        ],
        examples: &[
            on("people", r#"{"column":"age"}"#),
            on("people", r#"{"column":"age","method":"dense","descending":true}"#),
            on("people", r#"{"column":"income","method":"ordinal","by":["city"],"name":"place"}"#),
            on("people", r#"{"column":"age","method":"min","by":["active"]}"#),
            on("people", r#"{"column":"age","method":"max"}"#),
        ],
        plan: |args| made(args, "rank", |x| call("rank", [x, lit(args.text("method")), lit(args.flag("descending"))])),
    },
    Transform {
        op: "number_in_group",
        title: "Number rows in groups",
        group: Group::Windows,
        summary: "Numbers rows from 1 within each group, in the table's order.",
        params: &[
            ask::columns("by", "In each"),
            ParamSpec::new("name", "Name", crate::spec::Kind::NewColumn).or(Default::Text("number")),
        ],
        examples: &[on("people", r#"{"by":["city"]}"#)],
        plan: |args| {
            let by = args.columns("by");
            // every row counts, also where the key is missing
            let one = call(
                "fill_null",
                [call("is_null", [col(&by[0])]).cast(crate::expression::Type::Int64).mul(lit(0)), lit(0)],
            );
            let number = call("cum_count", [one]).over(&by).cast(crate::expression::Type::Int64);
            Ok(vec![WithColumns::one(&args.text("name"), number)])
        },
    },
    Transform {
        op: "shift",
        title: "Lag or lead",
        group: Group::Windows,
        summary: "The value so many rows above, or below for a negative number; missing where there is no such row.",
        params: &[
            COLUMN,
            ask::integer("rows", "Rows", -1_000_000_000, 1_000_000_000).or(Default::Number(1.0)),
            BY,
            ask::name("Name"),
        ],
        examples: &[
            on("people", r#"{"column":"age"}"#),
            on("people", r#"{"column":"city","rows":-2}"#),
            on("people", r#"{"column":"income","by":["city"],"name":"before"}"#),
        ],
        plan: |args| made(args, "shifted", |x| call("shift", [x, lit(args.integer("rows"))])),
    },
    Transform {
        op: "difference",
        title: "Difference to the row before",
        group: Group::Windows,
        summary: "The value minus the one so many rows above.",
        params: &[
            NUMBER,
            ask::integer("rows", "Rows", 1, 1_000_000_000).or(Default::Number(1.0)),
            BY,
            ask::name("Name"),
        ],
        examples: &[
            on("people", r#"{"column":"age"}"#),
            on("people", r#"{"column":"income","rows":2,"by":["active"]}"#),
        ],
        plan: |args| made(args, "difference", |x| call("diff", [x, lit(args.integer("rows"))])),
    },
    Transform {
        op: "percent_change",
        title: "Change to the row before",
        group: Group::Windows,
        summary: "The value divided by the one so many rows above, minus 1: 0.1 is ten percent more.",
        params: &[
            NUMBER,
            ask::integer("rows", "Rows", 1, 1_000_000_000).or(Default::Number(1.0)),
            BY,
            ask::name("Name"),
        ],
        examples: &[on("people", r#"{"column":"income"}"#), on("people", r#"{"column":"income","by":["active"]}"#)],
        plan: |args| {
            let column = args.text("column");
            let before = call("shift", [col(&column), lit(args.integer("rows"))]).over(&args.columns("by"));
            let change = col(&column).div(before).sub(lit(1.0));
            Ok(vec![WithColumns::one(&args.name_or(&format!("{column}_change")), change)])
        },
    },
    Transform {
        op: "cumulative",
        title: "Cumulate",
        group: Group::Windows,
        summary: "The sum, product, smallest, largest or count of the values so far; a missing value is left out and \
                  stays missing (but is counted as none).",
        params: &[
            NUMBER,
            ask::choice("statistic", "Statistic", &["sum", "prod", "min", "max", "count"]),
            BY,
            ask::name("Name"),
        ],
        examples: &[
            on("people", r#"{"column":"income"}"#),
            on("people", r#"{"column":"score","statistic":"prod"}"#),
            on("people", r#"{"column":"age","statistic":"min","by":["city"]}"#),
            on("people", r#"{"column":"age","statistic":"max"}"#),
            on("people", r#"{"column":"age","statistic":"count","by":["active"]}"#),
        ],
        plan: |args| {
            let statistic = args.text("statistic");
            made(args, &format!("cum_{statistic}"), |x| call(&format!("cum_{statistic}"), [x]))
        },
    },
    Transform {
        op: "rolling",
        title: "Rolling statistic",
        group: Group::Windows,
        summary: "A statistic of the row and those above it, so many in all; missing where fewer values than the least \
                  are there.",
        params: &[
            NUMBER,
            ask::choice("statistic", "Statistic", &["mean", "sum", "min", "max", "median", "std"]),
            ask::integer("window", "Rows", 1, 1_000_000).or(Default::Number(7.0)),
            ask::integer("least", "At least so many values", 1, 1_000_000).or(Default::Number(1.0)),
            BY,
            ask::name("Name"),
        ],
        examples: &[
            on("people", r#"{"column":"income","window":3}"#),
            on("people", r#"{"column":"score","statistic":"sum","window":4,"least":2}"#),
            on("people", r#"{"column":"age","statistic":"max","window":3,"by":["city"]}"#),
            on("people", r#"{"column":"age","statistic":"min","window":3}"#),
            on("people", r#"{"column":"income","statistic":"median","window":5,"least":3}"#),
            on("people", r#"{"column":"score","statistic":"std","window":4,"least":2}"#),
        ],
        plan: |args| {
            let (statistic, window, least) = (args.text("statistic"), args.integer("window"), args.integer("least"));
            if least > window {
                return Err(crate::error::Fault::new("More values are asked for than the window has").param("least"));
            }
            made(args, &format!("rolling_{statistic}"), |x| {
                call(&format!("rolling_{statistic}"), [x, lit(window), lit(least)])
            })
        },
    },
];

fn made(args: &Args, suffix: &str, make: impl FnOnce(Ex) -> Ex) -> Plan {
    let column = args.text("column");
    let value = make(col(&column)).over(&args.columns("by"));
    one(WithColumns(vec![(args.name_or(&format!("{column}_{suffix}")), value)]))
}
