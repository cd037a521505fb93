use super::{on, one};
use crate::error::{Fault, similar};
use crate::expression::{Ex, Type, call, col, lit};
use crate::frame::{GroupBy, WithColumns};
use crate::param::Param;
use crate::spec::{Group, Kind, ParamSpec, Transform, ask};

pub const FUNCTIONS: &[&str] = &[
    "sum",
    "mean",
    "median",
    "min",
    "max",
    "std",
    "var",
    "count",
    "rows",
    "distinct",
    "first",
    "last",
    "mode",
    "quantile 25%",
    "quantile 75%",
    "missing",
    "product",
];

pub const ALL: &[Transform] = &[
    Transform {
        op: "group_by",
        title: "Group and aggregate",
        group: Group::Groups,
        summary: "One row for each group, in the order of their first rows; a missing key makes a group. Missing values \
                  are left out of statistics. Without keys, one row for all.",
        params: &[
            ask::columns("by", "Group by").optional(),
            ParamSpec::new("aggregations", "Aggregations", Kind::Aggregations)
                .help("Functions: sum, mean, median, min, max, std, var, count, rows, distinct, first, last, mode, quantile 25%, quantile 75%, missing, product"),
        ],
        examples: &[
            on("people", r#"{"by":["city"],"aggregations":[{"column":"income","function":"mean"},{"column":"income","function":"sum"},{"column":"age","function":"median"},{"column":"age","function":"min"},{"column":"age","function":"max","name":"oldest"},{"column":"id","function":"rows","name":"n"}]}"#),
            on("people", r#"{"by":["city","active"],"aggregations":[{"column":"income","function":"std"},{"column":"score","function":"var"},{"column":"age","function":"count"},{"column":"age","function":"distinct"},{"column":"name","function":"first"},{"column":"name","function":"last","name":"l"},{"column":"age","function":"missing"}]}"#),
            on("people", r#"{"by":["active"],"aggregations":[{"column":"city","function":"mode"},{"column":"income","function":"quantile 25%"},{"column":"income","function":"quantile 75%"},{"column":"score","function":"product"}]}"#),
            on("people", r#"{"aggregations":[{"column":"income","function":"mean"},{"column":"id","function":"rows"}]}"#),
        ],
        plan: |args| {
            let Some(Param::List(list)) = args.raw("aggregations") else { return Ok(Vec::new()) };
            let mut aggregations: Vec<(String, Ex)> = Vec::new();
            for item in list {
                let (name, ex) = aggregation(item).map_err(|fault| fault.param("aggregations"))?;
                if aggregations.iter().any(|(taken, _)| *taken == name) {
                    let text = format!("Two aggregations are named `{name}`");
                    return Err(Fault::new(text).param("aggregations").remedy("Give one another name"));
                }
                aggregations.push((name, ex));
            }
            one(GroupBy { keys: args.columns("by"), aggregations })
        },
    },
    Transform {
        op: "group_statistic",
        title: "Add a group's statistic",
        group: Group::Groups,
        summary: "A statistic of each group beside each of its rows.",
        params: &[
            ask::column("column", "Column"),
            ParamSpec::new("function", "Statistic", Kind::Choice(FUNCTIONS)),
            ask::columns("by", "In each"),
            ask::name("Name"),
        ],
        examples: &[
            on("people", r#"{"column":"income","function":"mean","by":["city"]}"#),
            on("people", r#"{"column":"age","function":"distinct","by":["city","active"],"name":"d"}"#),
            on("people", r#"{"column":"name","function":"first","by":["city"]}"#),
        ],
        plan: |args| {
            let (column, function) = (args.text("column"), args.text("function"));
            let value = aggregate(&function, &column)?.over(&args.columns("by"));
            Ok(vec![WithColumns::one(&args.name_or(&format!("{column}_{}", short(&function))), value)])
        },
    },
];

fn aggregation(item: &Param) -> Result<(String, Ex), Fault> {
    let Param::Map(map) = item else { return Err(Fault::new("An aggregation has `column` and `function`")) };
    let text = |name: &str| match map.get(name) {
        Some(Param::Text(text)) if !text.is_empty() => Some(text.as_str()),
        _ => None,
    };
    let (Some(column), Some(function)) = (text("column"), text("function")) else {
        return Err(Fault::new("An aggregation has `column` and `function`"));
    };
    let name = text("name").map_or_else(|| format!("{column}_{}", short(function)), str::to_string);
    Ok((name, aggregate(function, column)?))
}

/// Without spaces and signs, for names.
fn short(function: &str) -> String {
    function.replace("quantile ", "q").replace('%', "")
}

pub fn aggregate(function: &str, column: &str) -> Result<Ex, Fault> {
    let x = col(column);
    Ok(match function {
        "sum" | "mean" | "median" | "min" | "max" | "std" | "var" | "count" | "first" | "last" | "product" => {
            call(function, [x])
        }
        "rows" => call("len", [x]),
        "distinct" => call("n_unique", [x]),
        "missing" => call("null_count", [x]),
        "mode" => call("drop_nulls().mode().min", [x]),
        "quantile 25%" => call("quantile", [x, lit(0.25)]),
        "quantile 75%" => call("quantile", [x, lit(0.75)]),
        _ => {
            return Err(Fault::new(format!("There is no function `{function}`"))
                .near(similar(function, FUNCTIONS))
                .remedy(format!("There are {}", FUNCTIONS.join(", "))));
        }
    })
}

/// For names of columns made of values.
pub fn as_text(column: &str) -> Ex {
    col(column).cast(Type::String)
}
