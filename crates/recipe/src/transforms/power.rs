use super::fitted::{Fitted, Power};
use super::{on, one};
use crate::args::Args;
use crate::expression::{Ex, Op, Type, call, col, lit};
use crate::frame::WithColumns;
use crate::spec::{ColumnType, Default, Group, ParamSpec, Plan, Transform, ask};

const COLUMNS: ParamSpec = ask::columns_of("columns", "Columns", ColumnType::Number);
const LAMBDA: ParamSpec = ask::number("lambda", "λ", -10.0, 10.0).optional().help("Left empty, it is fitted");

pub const ALL: &[Transform] = &[
    Transform {
        op: "log",
        title: "Logarithm",
        group: Group::Numbers,
        summary: "The logarithm of the value plus an offset; zero gives minus infinity, below zero NaN.",
        params: &[
            COLUMNS,
            ask::choice("base", "Base", &["e", "2", "10"]),
            ask::number("offset", "Offset", f64::MIN, f64::MAX).or(Default::Number(0.0)),
        ],
        examples: &[
            on("people", r#"{"columns":["age","income"],"offset":1}"#),
            on("people", r#"{"columns":["income"],"base":"10"}"#),
        ],
        plan: |args| {
            let offset = args.number("offset");
            let base = match args.text("base").as_str() {
                "2" => 2.0,
                "10" => 10.0,
                _ => std::f64::consts::E,
            };
            each(args, |x| {
                let x = x.cast(Type::Float64);
                let x = if offset == 0.0 { x } else { x.add(lit(offset)) };
                call("log", [x, lit(base)])
            })
        },
    },
    Transform {
        op: "power",
        title: "Power or root",
        group: Group::Numbers,
        summary: "Raises to a power; 0.5 is the square root. A broken power of a negative number is NaN.",
        params: &[COLUMNS, ask::number("exponent", "Exponent", -100.0, 100.0).or(Default::Number(0.5))],
        examples: &[
            on("people", r#"{"columns":["income"]}"#),
            on("people", r#"{"columns":["score","age"],"exponent":3}"#),
        ],
        plan: |args| {
            let exponent = args.number("exponent");
            each(args, |x| {
                let x = x.cast(Type::Float64);
                if exponent == 0.5 { call("sqrt", [x]) } else { x.binary(Op::Pow, lit(exponent)) }
            })
        },
    },
    Transform {
        op: "box_cox",
        title: "Box-Cox",
        group: Group::Numbers,
        summary: "(x^λ - 1) / λ, or the logarithm for λ = 0, of positive values; others become missing (Box and Cox, \
                  1964). Without λ each column gets the one of maximum likelihood from -5 to 5.",
        params: &[COLUMNS, LAMBDA],
        examples: &[
            on("people", r#"{"columns":["income","score"]}"#),
            on("people", r#"{"columns":["income"],"lambda":0.5}"#),
            on("people", r#"{"columns":["income"],"lambda":0}"#),
        ],
        plan: |args| {
            let Some(lambda) = args.number_opt("lambda") else {
                return one(Fitted { power: Power::BoxCox, columns: args.columns("columns") });
            };
            each(args, |x| {
                let x = x.cast(Type::Float64);
                let value = match lambda {
                    0.0 => call("log", [x.clone()]),
                    _ => x.clone().binary(Op::Pow, lit(lambda)).sub(lit(1.0)).div(lit(lambda)),
                };
                Ex::Lit(crate::expression::Lit::Null).otherwise(x.binary(Op::Gt, lit(0.0)), value)
            })
        },
    },
    Transform {
        op: "yeo_johnson",
        title: "Yeo-Johnson",
        group: Group::Numbers,
        summary: "As Box-Cox, for values of either sign (Yeo and Johnson, 2000). Without λ each column gets the one of \
                  maximum likelihood from -5 to 5; 1 changes nothing.",
        params: &[COLUMNS, LAMBDA],
        examples: &[
            on("people", r#"{"columns":["score","age"]}"#),
            on("people", r#"{"columns":["score"],"lambda":2}"#),
            on("people", r#"{"columns":["score"],"lambda":0.5}"#),
            on("people", r#"{"columns":["score"],"lambda":0}"#),
        ],
        plan: |args| {
            let Some(lambda) = args.number_opt("lambda") else {
                return one(Fitted { power: Power::YeoJohnson, columns: args.columns("columns") });
            };
            each(args, |x| {
                let x = x.cast(Type::Float64);
                // log1p and powers only of magnitudes, so that no branch leaves its domain
                let size = call("abs", [x.clone()]);
                let raised = |power: f64| match power {
                    0.0 => call("log1p", [size.clone()]),
                    _ => size.clone().add(lit(1.0)).binary(Op::Pow, lit(power)).sub(lit(1.0)).div(lit(power)),
                };
                Ex::Neg(Box::new(raised(2.0 - lambda))).otherwise(x.binary(Op::Ge, lit(0.0)), raised(lambda))
            })
        },
    },
];

fn each(args: &Args, change: impl Fn(Ex) -> Ex) -> Plan {
    one(WithColumns(args.columns("columns").iter().map(|name| (name.clone(), change(col(name)))).collect()))
}
