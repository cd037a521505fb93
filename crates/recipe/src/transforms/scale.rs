use super::{on, one};
use crate::args::Args;
use crate::error::Fault;
use crate::expression::{Across, Ex, Op, Type, call, col, lit};
use crate::frame::WithColumns;
use crate::spec::{ColumnType, Default, Group, ParamSpec, Plan, Transform, ask};

const COLUMNS: ParamSpec = ask::columns_of("columns", "Columns", ColumnType::Number);
const BY: ParamSpec = ask::columns("by", "In each").optional();

pub const ALL: &[Transform] = &[
    Transform {
        op: "scale_standard",
        title: "Scale to mean 0, deviation 1",
        group: Group::Numbers,
        summary: "Subtracts the mean and divides by the standard deviation (ddof = 1). A constant column becomes NaN.",
        params: &[COLUMNS, BY],
        examples: &[
            on("people", r#"{"columns":["age","income"]}"#),
            on("people", r#"{"columns":["score"],"by":["active"]}"#),
        ],
        plan: |args| {
            let by = args.columns("by");
            each(args, |x| {
                let mean = call("mean", [x.clone()]).over(&by);
                let deviation = call("std", [x.clone()]).over(&by);
                x.sub(mean).div(deviation)
            })
        },
    },
    Transform {
        op: "scale_min_max",
        title: "Scale to a range",
        group: Group::Numbers,
        summary: "Puts the smallest value at the lower end and the largest at the upper one. A constant column becomes \
                  NaN.",
        params: &[
            COLUMNS,
            ask::number("lower", "Lower end", f64::MIN, f64::MAX).or(Default::Number(0.0)),
            ask::number("upper", "Upper end", f64::MIN, f64::MAX).or(Default::Number(1.0)),
        ],
        examples: &[
            on("people", r#"{"columns":["age","income"]}"#),
            on("people", r#"{"columns":["score"],"lower":-1,"upper":1}"#),
        ],
        plan: |args| {
            let (lower, upper) = (args.number("lower"), args.number("upper"));
            if lower >= upper {
                return Err(Fault::new("The lower end isn't below the upper one").param("lower"));
            }
            each(args, |x| {
                let min = call("min", [x.clone()]);
                let max = call("max", [x.clone()]);
                let share = x.sub(min.clone()).div(max.sub(min));
                match (lower, upper) {
                    (0.0, 1.0) => share,
                    _ => share.mul(lit(upper - lower)).add(lit(lower)),
                }
            })
        },
    },
    Transform {
        op: "scale_robust",
        title: "Scale by median and quartiles",
        group: Group::Numbers,
        summary: "Subtracts the median and divides by the distance of the quartiles, so that outliers weigh little.",
        params: &[COLUMNS],
        examples: &[on("people", r#"{"columns":["age","income"]}"#)],
        plan: |args| {
            each(args, |x| {
                let at = |q: f64| call("quantile", [x.clone(), lit(q)]);
                let median = call("median", [x.clone()]);
                x.clone().sub(median).div(at(0.75).sub(at(0.25)))
            })
        },
    },
    Transform {
        op: "scale_max_abs",
        title: "Scale by largest magnitude",
        group: Group::Numbers,
        summary: "Divides by the largest absolute value: -1 to 1, zero stays zero.",
        params: &[COLUMNS],
        examples: &[on("people", r#"{"columns":["score","income"]}"#)],
        plan: |args| {
            each(args, |x| {
                let largest = call("max", [call("abs", [x.clone()])]);
                x.div(largest)
            })
        },
    },
    Transform {
        op: "normalise_rows",
        title: "Normalise rows",
        group: Group::Numbers,
        summary: "Divides the columns of each row by the row's norm, missing values left out: l2 (root of the sum of \
                  squares), l1 (sum of magnitudes) or the largest magnitude.",
        params: &[COLUMNS, ask::choice("norm", "Norm", &["l2", "l1", "max"])],
        examples: &[
            on("people", r#"{"columns":["age","score"]}"#),
            on("people", r#"{"columns":["age","score","income"],"norm":"l1"}"#),
            on("people", r#"{"columns":["age","score"],"norm":"max"}"#),
        ],
        plan: |args| {
            let columns: Vec<Ex> = args.columns("columns").iter().map(|name| col(name).cast(Type::Float64)).collect();
            let magnitudes = columns.iter().map(|x| call("abs", [x.clone()])).collect();
            let norm = match args.text("norm").as_str() {
                "l1" => Ex::Across(Across::Sum, magnitudes),
                "max" => Ex::Across(Across::Max, magnitudes),
                _ => {
                    let squares = columns.into_iter().map(|x| x.clone().binary(Op::Mul, x)).collect();
                    call("sqrt", [Ex::Across(Across::Sum, squares)])
                }
            };
            each(args, |x| x.div(norm.clone()))
        },
    },
];

fn each(args: &Args, change: impl Fn(Ex) -> Ex) -> Plan {
    one(WithColumns(args.columns("columns").iter().map(|name| (name.clone(), change(col(name)))).collect()))
}
