use super::on;
use crate::args::Args;
use crate::error::Fault;
use crate::expression::{Ex, Lit, Op, Type, call, col, combine, lit};
use crate::frame::{Filter, Node, WithColumns};
use crate::spec::{ColumnType, Default, Group, Kind, ParamSpec, Plan, Transform, ask};

const COLUMNS: ParamSpec = ask::columns_of("columns", "Columns", ColumnType::Number);
const ACTION: ParamSpec = ParamSpec::new("action", "What to do", Kind::Choice(&["remove", "clip", "missing", "flag"]))
    .or(Default::Text("remove"));

pub const ALL: &[Transform] = &[
    Transform {
        op: "outliers_rstd",
        title: "Outliers by robust deviation",
        group: Group::Outliers,
        summary: "Values further from the median than so many robust standard deviations (RSTD: the distance of the \
                  quartiles divided by 1.349). Rows with a missing value stay.",
        params: &[COLUMNS, ask::number("deviations", "Deviations", 0.1, 100.0).or(Default::Number(3.0)), ACTION],
        examples: &[
            on("people", r#"{"columns":["income","age"],"deviations":1.2}"#),
            on("people", r#"{"columns":["income"],"action":"flag"}"#),
        ],
        plan: |args| {
            let factor = args.number("deviations") / 1.349;
            treat(args, |x| {
                let median = call("median", [x.clone()]);
                let reach = call("quantile", [x.clone(), lit(0.75)]).sub(call("quantile", [x.clone(), lit(0.25)]));
                let reach = reach.mul(lit(factor));
                (median.clone().sub(reach.clone()), median.add(reach))
            })
        },
    },
    Transform {
        op: "outliers_iqr",
        title: "Outliers by quartiles",
        group: Group::Outliers,
        summary: "Values further outside the quartiles than so many times their distance (Tukey's fences).",
        params: &[COLUMNS, ask::number("factor", "Times", 0.0, 100.0).or(Default::Number(1.5)), ACTION],
        examples: &[
            on("people", r#"{"columns":["income"],"factor":0.5,"action":"clip"}"#),
            on("people", r#"{"columns":["income","score"],"factor":0.3}"#),
        ],
        plan: |args| {
            let factor = args.number("factor");
            treat(args, |x| {
                let (low, high) = (call("quantile", [x.clone(), lit(0.25)]), call("quantile", [x.clone(), lit(0.75)]));
                let reach = high.clone().sub(low.clone()).mul(lit(factor));
                (low.sub(reach.clone()), high.add(reach))
            })
        },
    },
    Transform {
        op: "outliers_quantile",
        title: "Outliers by quantiles",
        group: Group::Outliers,
        summary: "Values below one quantile or above another.",
        params: &[
            COLUMNS,
            ask::number("lower", "Lower quantile", 0.0, 1.0).or(Default::Number(0.01)),
            ask::number("upper", "Upper quantile", 0.0, 1.0).or(Default::Number(0.99)),
            ACTION,
        ],
        examples: &[on("people", r#"{"columns":["income","age"],"lower":0.1,"upper":0.9,"action":"missing"}"#)],
        plan: |args| {
            let (low, high) = (args.number("lower"), args.number("upper"));
            if low > high {
                return Err(Fault::new("The lower quantile is above the upper one").param("lower"));
            }
            treat(args, |x| (call("quantile", [x.clone(), lit(low)]), call("quantile", [x.clone(), lit(high)])))
        },
    },
];

/// All bounds come from the table as it was, also where several columns drop rows.
fn treat(args: &Args, bounds: impl Fn(&Ex) -> (Ex, Ex)) -> Plan {
    let columns = args.columns("columns");
    let action = args.text("action");
    let outside = |x: &Ex| {
        let (low, high) = bounds(x);
        x.clone().binary(Op::Lt, low).or(x.clone().binary(Op::Gt, high))
    };
    if action == "remove" {
        let inside = columns.iter().map(|name| outside(&col(name)).call("fill_null", [lit(false)]).not());
        let kept = combine(Op::And, inside.collect()).unwrap_or(lit(true));
        return Ok(vec![Box::new(Filter(kept)) as Box<dyn Node>]);
    }
    let changed = columns.iter().map(|name| {
        let x = col(name);
        match action.as_str() {
            "flag" => (format!("{name}_outlier"), outside(&x)),
            "missing" => (name.clone(), x.clone().otherwise(outside(&x), Ex::Lit(Lit::Null))),
            _ => {
                let (low, high) = bounds(&x);
                (name.clone(), call("clip", [x.cast(Type::Float64), low, high]))
            }
        }
    });
    Ok(vec![Box::new(WithColumns(changed.collect()))])
}
