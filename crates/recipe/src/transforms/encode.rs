use super::on;
use crate::error::Fault;
use crate::expression::{Ex, Lit, Op, Type, call, col, lit};
use crate::frame::WithColumns;
use crate::spec::{ColumnType, Default, Group, Kind, ParamSpec, Transform, ask};

pub const ALL: &[Transform] = &[
    Transform {
        op: "ordinal_encode",
        title: "Ordinal encode",
        group: Group::Categories,
        summary: "Numbers from 0 in an order of your own, others missing; or without one in the sorted order of the \
                  values.",
        params: &[
            ask::column("column", "Column"),
            ParamSpec::new("order", "Order", Kind::Values).optional(),
            ask::name("Name"),
        ],
        examples: &[
            on("people", r#"{"column":"city"}"#),
            on("people", r#"{"column":"city","order":["Rome","Bern"],"name":"c"}"#),
        ],
        plan: |args| {
            let column = args.text("column");
            let order = args.values("order")?;
            if order.len() > 200 {
                return Err(Fault::new("There are more than 200 values").param("order").remedy("Leave the order out"));
            }
            let x = col(&column);
            let number = match order.is_empty() {
                true => call("rank", [x, lit("dense")]).cast(Type::Int64).sub(lit(1)),
                false => {
                    let branch =
                        |(place, value): (usize, Lit)| (x.clone().binary(Op::Eq, Ex::Lit(value)), lit(place as i64));
                    Ex::When(order.into_iter().enumerate().map(branch).collect(), Box::new(Ex::Lit(Lit::Null)))
                }
            };
            Ok(vec![WithColumns::one(&args.name_or(&format!("{column}_code")), number)])
        },
    },
    Transform {
        op: "frequency_encode",
        title: "Frequency encode",
        group: Group::Categories,
        summary: "How often each value occurs, as a share of all rows or as a count; missing is a value too.",
        params: &[ask::column("column", "Column"), ask::choice("as", "As", &["share", "count"]), ask::name("Name")],
        examples: &[on("people", r#"{"column":"city"}"#), on("people", r#"{"column":"age","as":"count"}"#)],
        plan: |args| {
            let column = args.text("column");
            let count = call("len", [col(&column)]).over(&[column.clone()]).cast(Type::Int64);
            let value = if args.text("as") == "count" { count } else { count.div(Ex::Len) };
            Ok(vec![WithColumns::one(&args.name_or(&format!("{column}_frequency")), value)])
        },
    },
    Transform {
        op: "target_encode",
        title: "Target encode",
        group: Group::Categories,
        summary: "The target's mean for each value, drawn to the mean of all as if so many more rows had it. It uses the \
                  target: fit it on training rows only.",
        params: &[
            ask::column("column", "Column"),
            ask::column_of("target", "Target", ColumnType::Number),
            ask::number("smoothing", "Smoothing rows", 0.0, 1e12).or(Default::Number(10.0)),
            ask::name("Name"),
        ],
        examples: &[on("people", r#"{"column":"city","target":"income","smoothing":2.5}"#)],
        plan: |args| {
            let column = args.text("column");
            let by = [column.clone()];
            let target = args.column("target").cast(Type::Float64);
            let weight = args.number("smoothing");
            let prior = call("mean", [target.clone()]).mul(lit(weight));
            let sum = call("sum", [target.clone()]).over(&by);
            let count = call("count", [target]).over(&by);
            let value = sum.add(prior).div(count.add(lit(weight)));
            Ok(vec![WithColumns::one(&args.name_or(&format!("{column}_target")), value)])
        },
    },
];
