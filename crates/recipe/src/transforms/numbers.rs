use super::{on, one};
use crate::args::Args;
use crate::error::Fault;
use crate::expression::{Ex, Op, Type, call, col, lit};
use crate::frame::WithColumns;
use crate::spec::{ColumnType, Default, Group, ParamSpec, Plan, Transform, ask};

const COLUMNS: ParamSpec = ask::columns_of("columns", "Columns", ColumnType::Number);

pub const ALL: &[Transform] = &[
    Transform {
        op: "round",
        title: "Round",
        group: Group::Numbers,
        summary: "Rounds to a number of decimals; a half goes to the even neighbour. Or up or down to a whole number.",
        params: &[
            COLUMNS,
            ask::integer("decimals", "Decimals", 0, 15).or(Default::Number(0.0)),
            ask::choice("direction", "Direction", &["nearest", "down", "up"]),
        ],
        examples: &[
            on("people", r#"{"columns":["score"],"decimals":1}"#),
            on("people", r#"{"columns":["score","income"],"direction":"up"}"#),
        ],
        plan: |args| {
            let decimals = args.integer("decimals");
            match args.text("direction").as_str() {
                "down" => each(args, |x| x.call("floor", [])),
                "up" => each(args, |x| x.call("ceil", [])),
                _ => each(args, |x| x.call("round", [lit(decimals)])),
            }
        },
    },
    Transform {
        op: "absolute",
        title: "Absolute value",
        group: Group::Numbers,
        summary: "Drops the sign.",
        params: &[COLUMNS],
        examples: &[on("people", r#"{"columns":["score","age"]}"#)],
        plan: |args| each(args, |x| x.call("abs", [])),
    },
    Transform {
        op: "clip",
        title: "Clip",
        group: Group::Numbers,
        summary: "Sets values below the lower bound to it, and above the upper bound to that; missing stays missing.",
        params: &[
            COLUMNS,
            ask::number("lower", "Lower bound", f64::MIN, f64::MAX).optional(),
            ask::number("upper", "Upper bound", f64::MIN, f64::MAX).optional(),
        ],
        examples: &[
            on("people", r#"{"columns":["score"],"lower":-1.5,"upper":1}"#),
            on("people", r#"{"columns":["age"],"lower":30}"#),
        ],
        plan: |args| {
            let bound = |name| {
                let number: f64 = args.number_opt(name)?;
                Some(if number.fract() == 0.0 && number.abs() < 1e15 { lit(number as i64) } else { lit(number) })
            };
            let (lower, upper) = (bound("lower"), bound("upper"));
            if lower.is_none() && upper.is_none() {
                return Err(Fault::new("Give a lower or an upper bound").param("lower"));
            }
            each(args, |x| {
                let low = lower.clone().map(|bound| (x.clone().binary(Op::Lt, bound.clone()), bound));
                let high = upper.clone().map(|bound| (x.clone().binary(Op::Gt, bound.clone()), bound));
                Ex::When(low.into_iter().chain(high).collect(), Box::new(x))
            })
        },
    },
    Transform {
        op: "winsorize",
        title: "Winsorize",
        group: Group::Numbers,
        summary: "Clips to two quantiles of the column; quantiles interpolate linearly.",
        params: &[
            COLUMNS,
            ask::number("lower", "Lower quantile", 0.0, 1.0).or(Default::Number(0.05)),
            ask::number("upper", "Upper quantile", 0.0, 1.0).or(Default::Number(0.95)),
        ],
        examples: &[on("people", r#"{"columns":["income","age"],"lower":0.1,"upper":0.8}"#)],
        plan: |args| {
            let (lower, upper) = (args.number("lower"), args.number("upper"));
            if lower > upper {
                return Err(Fault::new("The lower quantile is above the upper one").param("lower"));
            }
            each(args, |x| {
                let x = x.cast(Type::Float64);
                let at = |q: f64| call("quantile", [x.clone(), lit(q)]);
                call("clip", [x.clone(), at(lower), at(upper)])
            })
        },
    },
    Transform {
        op: "percentile",
        title: "Percentile",
        group: Group::Numbers,
        summary: "Each value's rank as a share of the values that aren't missing: above 0, up to 1. Equal values share \
                  their mean rank.",
        params: &[ask::column_of("column", "Column", ColumnType::Number), ask::name("Name")],
        examples: &[on("people", r#"{"column":"age"}"#)],
        plan: |args| {
            let column = args.text("column");
            let x = col(&column);
            let share = call("rank", [x.clone()]).div(call("count", [x]));
            Ok(vec![WithColumns::one(&args.name_or(&format!("{column}_percentile")), share)])
        },
    },
];

fn each(args: &Args, change: impl Fn(Ex) -> Ex) -> Plan {
    one(WithColumns(args.columns("columns").iter().map(|name| (name.clone(), change(col(name)))).collect()))
}
