use super::on;
use super::sample::CHANCE;
use crate::expression::{Ex, Op, Type, call, col, lit};
use crate::frame::{Drop, Filter, Random, RepeatRows, WithColumns};
use crate::spec::{Group, Transform, ask};

pub const ALL: &[Transform] = &[
    Transform {
        op: "balance_down",
        title: "Balance classes by leaving rows out",
        group: Group::Sampling,
        summary: "As many rows of each class as the rarest has, by chance, in their order.",
        params: &[ask::column("column", "Class"), ask::seed()],
        examples: &[on("people", r#"{"column":"label"}"#)],
        plan: |args| {
            let column = args.text("column");
            let by = [column.clone()];
            let rank = call("rank", [col(CHANCE), lit("ordinal")]).over(&by);
            let count = call("len", [col(&column)]).over(&by);
            Ok(vec![
                Box::new(Random { name: CHANCE.into(), of: None, seed: args.integer("seed") }),
                Box::new(Filter(rank.binary(Op::Le, call("min", [count])))),
                Box::new(Drop(vec![CHANCE.into()])),
            ])
        },
    },
    Transform {
        op: "balance_up",
        title: "Balance classes by repeating rows",
        group: Group::Sampling,
        summary: "As many rows of each class as the most frequent has: each row as often as it goes, the rest by chance; \
                  copies stand beside each other. No rows are invented.",
        params: &[ask::column("column", "Class"), ask::seed()],
        examples: &[on("people", r#"{"column":"label","seed":5}"#)],
        plan: |args| {
            let column = args.text("column");
            let by = [column.clone()];
            let rank = call("rank", [col(CHANCE), lit("ordinal")]).over(&by);
            let count = call("len", [col(&column)]).over(&by).cast(Type::Int64);
            let most = call("max", [count.clone()]);
            let rest = most.clone().binary(Op::Mod, count.clone());
            let once_more = lit(0).otherwise(rank.binary(Op::Le, rest), lit(1));
            let times: Ex = most.binary(Op::FloorDiv, count).add(once_more).cast(Type::Int64);
            Ok(vec![
                Box::new(Random { name: CHANCE.into(), of: None, seed: args.integer("seed") }),
                WithColumns::one(CHANCE, times),
                Box::new(RepeatRows { times: CHANCE.into() }),
            ])
        },
    },
];
