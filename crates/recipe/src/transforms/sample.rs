use super::on;
use crate::expression::{Op, call, col, lit};
use crate::frame::{Drop, Filter, Random};
use crate::spec::{Default, Group, ParamSpec, Plan, Transform, ask};

/// A column that only lives within a step.
pub const CHANCE: &str = "__random";
const FRACTION: ParamSpec = ask::number("fraction", "Fraction", 0.0, 1.0).or(Default::Number(0.1));

pub const ALL: &[Transform] = &[
    Transform {
        op: "sample_rows",
        title: "Sample rows",
        group: Group::Sampling,
        summary: "So many rows by chance, in their order. The same seed chooses the same rows in every language.",
        params: &[ask::integer("n", "Rows", 0, u32::MAX as i64), ask::seed()],
        examples: &[on("people", r#"{"n":9}"#), on("people", r#"{"n":5,"seed":7}"#)],
        plan: |args| {
            let rank = call("rank", [col(CHANCE), lit("ordinal")]);
            by_chance(args.integer("seed"), Filter(rank.binary(Op::Le, lit(args.integer("n")))))
        },
    },
    Transform {
        op: "sample_fraction",
        title: "Sample a fraction",
        group: Group::Sampling,
        summary: "Each row with the same chance, so that about that fraction stays.",
        params: &[FRACTION, ask::seed()],
        examples: &[on("people", r#"{"fraction":0.4}"#)],
        plan: |args| by_chance(args.integer("seed"), Filter(col(CHANCE).binary(Op::Lt, lit(args.number("fraction"))))),
    },
    Transform {
        op: "sample_stratified",
        title: "Sample in groups",
        group: Group::Sampling,
        summary: "The same fraction of each group by chance, rounded down; a missing key is a group.",
        params: &[ask::columns("by", "In each"), FRACTION, ask::seed()],
        examples: &[on("people", r#"{"by":["city"],"fraction":0.5}"#)],
        plan: |args| {
            let by = args.columns("by");
            let rank = call("rank", [col(CHANCE), lit("ordinal")]).over(&by);
            let most = call("len", [col(CHANCE)]).over(&by).mul(lit(args.number("fraction")));
            by_chance(args.integer("seed"), Filter(rank.binary(Op::Le, most)))
        },
    },
];

fn by_chance(seed: i64, filter: Filter) -> Plan {
    Ok(vec![
        Box::new(Random { name: CHANCE.into(), of: None, seed }),
        Box::new(filter),
        Box::new(Drop(vec![CHANCE.into()])),
    ])
}
