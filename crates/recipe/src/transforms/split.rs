use super::on;
use super::sample::CHANCE;
use crate::args::Args;
use crate::error::Fault;
use crate::expression::{Ex, Op, Type, call, col, lit};
use crate::frame::{Drop, Random, WithColumns};
use crate::spec::{Default, Group, Kind, ParamSpec, Transform, ask};

const TRAIN: ParamSpec = ask::number("train", "Train", 0.0, 1.0).or(Default::Number(0.8));
const VALIDATION: ParamSpec =
    ask::number("validation", "Validation", 0.0, 1.0).or(Default::Number(0.0)).help("The rest is for the test");
const NAME: ParamSpec = ParamSpec::new("name", "Column's name", Kind::NewColumn).or(Default::Text("split"));

pub const ALL: &[Transform] = &[
    Transform {
        op: "split_random",
        title: "Split by chance",
        group: Group::Sampling,
        summary: "A column of train, validation and test, in these shares of the rows, by chance.",
        params: &[TRAIN, VALIDATION, ask::seed(), NAME],
        examples: &[on("people", r#"{}"#), on("people", r#"{"train":0.6,"validation":0.2,"seed":3,"name":"part"}"#)],
        plan: |args| {
            let rank = call("rank", [col(CHANCE), lit("ordinal")]);
            let split = parts(args, rank, Ex::Len)?;
            Ok(vec![
                Box::new(Random { name: CHANCE.into(), of: None, seed: args.integer("seed") }),
                WithColumns::one(&args.text("name"), split),
                Box::new(Drop(vec![CHANCE.into()])),
            ])
        },
    },
    Transform {
        op: "split_stratified",
        title: "Split in groups",
        group: Group::Sampling,
        summary: "As by chance, with the same shares in each group, such as a class.",
        params: &[ask::columns("by", "In each"), TRAIN, VALIDATION, ask::seed(), NAME],
        examples: &[on("people", r#"{"by":["label"],"train":0.5,"validation":0.25}"#)],
        plan: |args| {
            let by = args.columns("by");
            let rank = call("rank", [col(CHANCE), lit("ordinal")]).over(&by);
            let split = parts(args, rank, call("len", [col(CHANCE)]).over(&by))?;
            Ok(vec![
                Box::new(Random { name: CHANCE.into(), of: None, seed: args.integer("seed") }),
                WithColumns::one(&args.text("name"), split),
                Box::new(Drop(vec![CHANCE.into()])),
            ])
        },
    },
    Transform {
        op: "split_time",
        title: "Split by time",
        group: Group::Sampling,
        summary: "The earliest rows for training, the latest for the test, so that no model sees the future. Of equal \
                  times the earlier row counts as earlier; a row without a time gets no part.",
        params: &[ask::column("column", "Time"), TRAIN, VALIDATION, NAME],
        examples: &[on("people", r#"{"column":"joined","train":0.7,"validation":0.1}"#)],
        plan: |args| {
            let time = args.column("column");
            let rank = call("rank", [time.clone(), lit("ordinal")]);
            let split = parts(args, rank, call("count", [time.clone()]))?;
            let known = Ex::Lit(crate::expression::Lit::Null).otherwise(call("is_not_null", [time]), split);
            Ok(vec![WithColumns::one(&args.text("name"), known)])
        },
    },
    Transform {
        op: "split_groups",
        title: "Split whole groups",
        group: Group::Sampling,
        summary: "Each group (such as a customer) as a whole to one part by chance, so that none is in two; the shares are \
                  of groups and hold about. A row without a key gets no part.",
        params: &[ask::column("column", "Group"), TRAIN, VALIDATION, ask::seed(), NAME],
        examples: &[on("people", r#"{"column":"age","train":0.5,"validation":0.2}"#)],
        plan: |args| {
            let key = args.column("column");
            // groups are numbered in sorted order, and a missing key is not a number
            let number = call("rank", [key.clone(), lit("dense")]).call("fill_null", [lit(0)]).cast(Type::Int64);
            let split = parts(args, col(CHANCE), lit(1.0))?;
            let known = Ex::Lit(crate::expression::Lit::Null).otherwise(call("is_not_null", [key]), split);
            Ok(vec![
                WithColumns::one(CHANCE, number),
                Box::new(Random { name: CHANCE.into(), of: Some(CHANCE.into()), seed: args.integer("seed") }),
                WithColumns::one(&args.text("name"), known),
                Box::new(Drop(vec![CHANCE.into()])),
            ])
        },
    },
];

/// By a place from 0 or 1 up to `total`.
fn parts(args: &Args, place: Ex, total: Ex) -> Result<Ex, Fault> {
    let (train, validation) = (args.number("train"), args.number("validation"));
    if train + validation > 1.0 + 1e-9 {
        return Err(Fault::new("Train and validation together are more than 1").param("validation"));
    }
    let up_to = |share: f64| place.clone().binary(Op::Le, total.clone().mul(lit(share)));
    let mut branches = vec![(up_to(train), lit("train"))];
    if validation > 0.0 {
        // 0.6 + 0.2 must be 0.8, not a bit more
        let share = ((train + validation) * 1e12).round() / 1e12;
        branches.push((up_to(share), lit("validation")));
    }
    Ok(Ex::When(branches, Box::new(lit("test"))))
}
