use super::on;
use crate::error::Fault;
use crate::expression::{Ex, Lit, Op, Type, call, col, lit};
use crate::frame::WithColumns;
use crate::spec::{ColumnType, Default, Group, Kind, ParamSpec, Transform, ask};

const COLUMN: ParamSpec = ask::column_of("column", "Column", ColumnType::Number);

pub const ALL: &[Transform] = &[
    Transform {
        op: "bin_equal_width",
        title: "Bin by equal widths",
        group: Group::Numbers,
        summary: "Numbers from 0 for bins of one width from the smallest to the largest value, which is in the last bin.",
        params: &[COLUMN, ask::integer("bins", "Bins", 1, 10_000).or(Default::Number(10.0)), ask::name("Name")],
        examples: &[on("people", r#"{"column":"income","bins":4}"#)],
        plan: |args| {
            let column = args.text("column");
            let bins = args.integer("bins");
            let x = col(&column);
            let (min, max) = (call("min", [x.clone()]), call("max", [x.clone()]));
            let place = x.sub(min.clone()).div(max.sub(min)).mul(lit(bins));
            let bin = call("clip", [call("floor", [place]), lit(0), lit(bins - 1)]).cast(Type::Int64);
            Ok(vec![WithColumns::one(&args.name_or(&format!("{column}_bin")), bin)])
        },
    },
    Transform {
        op: "bin_quantile",
        title: "Bin by quantiles",
        group: Group::Numbers,
        summary: "Numbers from 0 for bins of about equally many rows: a value on a quantile belongs to the bin below it.",
        params: &[COLUMN, ask::integer("bins", "Bins", 2, 100).or(Default::Number(4.0)), ask::name("Name")],
        examples: &[
            on("people", r#"{"column":"income"}"#),
            on("people", r#"{"column":"age","bins":3,"name":"third"}"#),
        ],
        plan: |args| {
            let column = args.text("column");
            let bins = args.integer("bins");
            let x = col(&column);
            let mut branches: Vec<(Ex, Ex)> = (1..bins)
                .map(|bin| {
                    let edge = call("quantile", [x.clone(), lit(bin as f64 / bins as f64)]);
                    (x.clone().binary(Op::Le, edge), lit(bin - 1))
                })
                .collect();
            branches.push((call("is_not_null", [x]), lit(bins - 1)));
            let bin = Ex::When(branches, Box::new(Ex::Lit(Lit::Null)));
            Ok(vec![WithColumns::one(&args.name_or(&format!("{column}_bin")), bin)])
        },
    },
    Transform {
        op: "bin_edges",
        title: "Bin by edges",
        group: Group::Numbers,
        summary: "A label or number for each bin between edges of your own; a value on an edge belongs to the bin above.",
        params: &[
            COLUMN,
            ParamSpec::new("edges", "Edges", Kind::Values).help("Rising numbers"),
            ParamSpec::new("labels", "Labels", Kind::Values).optional().help("One more than edges"),
            ask::name("Name"),
        ],
        examples: &[
            on("people", r#"{"column":"age","edges":[30,50]}"#),
            on(
                "people",
                r#"{"column":"score","edges":[-1.5,0,1],"labels":["low","minus","plus","high"],"name":"level"}"#,
            ),
        ],
        plan: |args| {
            let column = args.text("column");
            let (edges, labels) = (args.values("edges")?, args.values("labels")?);
            let mut before = f64::NEG_INFINITY;
            for edge in &edges {
                let number = match edge {
                    Lit::Integer(number) => *number as f64,
                    Lit::Number(number) => *number,
                    _ => return Err(Fault::new("Edges are numbers").param("edges")),
                };
                if number <= before {
                    return Err(Fault::new("The edges don't rise").param("edges").remedy("Order them"));
                }
                before = number;
            }
            if edges.len() > 200 {
                return Err(Fault::new("There are more than 200 edges").param("edges"));
            }
            if !labels.is_empty() && labels.len() != edges.len() + 1 {
                let text = format!(
                    "{} edges make {} bins, but there are {} labels",
                    edges.len(),
                    edges.len() + 1,
                    labels.len()
                );
                return Err(Fault::new(text).param("labels"));
            }
            let label = |bin: usize| Ex::Lit(labels.get(bin).cloned().unwrap_or(Lit::Integer(bin as i64)));
            let x = col(&column);
            let num_edges = edges.len();
            let below = |(bin, edge): (usize, Lit)| (x.clone().binary(Op::Lt, Ex::Lit(edge)), label(bin));
            let mut branches: Vec<(Ex, Ex)> = edges.into_iter().enumerate().map(below).collect();
            branches.push((call("is_not_null", [x]), label(num_edges)));
            let bin = Ex::When(branches, Box::new(Ex::Lit(Lit::Null)));
            Ok(vec![WithColumns::one(&args.name_or(&format!("{column}_bin")), bin)])
        },
    },
];
