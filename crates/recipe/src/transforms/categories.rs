use super::on;
use crate::expression::{Op, Type, call, col, lit};
use crate::frame::WithColumns;
use crate::spec::{Default, Group, Kind, ParamSpec, Transform, ask};

pub const ALL: &[Transform] = &[Transform {
    op: "group_rare",
    title: "Group rare values",
    group: Group::Categories,
    summary: "Puts one label in place of values that fewer rows have; missing stays missing.",
    params: &[
        ask::column("column", "Column"),
        ask::integer("min_rows", "At least so many rows", 1, 1_000_000_000).or(Default::Number(10.0)),
        ParamSpec::new("label", "Label", Kind::Text).or(Default::Text("other")),
        ask::name("Name"),
    ],
    examples: &[on("people", r#"{"column":"city","min_rows":8,"label":"elsewhere"}"#)],
    plan: |args| {
        let column = args.text("column");
        let x = col(&column);
        let count = call("len", [x.clone()]).over(&[column.clone()]);
        let rare = count.binary(Op::Lt, lit(args.integer("min_rows"))).and(call("is_not_null", [x.clone()]));
        let text = x.cast(Type::String);
        Ok(vec![WithColumns::one(&args.name_or(&column), text.otherwise(rare, lit(args.text("label"))))])
    },
}];
