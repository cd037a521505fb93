use super::on;
use crate::expression::{Across, Ex, Op, call, col, lit};
use crate::frame::WithColumns;
use crate::spec::{ColumnType, Default, Group, Kind, ParamSpec, Transform, ask};

pub const ALL: &[Transform] = &[
    Transform {
        op: "concatenate",
        title: "Concatenate columns",
        group: Group::Columns,
        summary: "Joins columns as text with a separator. A row with a missing value is missing unless those are left \
                  out.",
        params: &[
            ask::columns("columns", "Columns"),
            ask::new_name("Name"),
            ParamSpec::new("separator", "Separator", Kind::Text).or(Default::Text(" ")),
            ask::flag("skip_missing", "Leave missing values out", false),
        ],
        examples: &[
            on("people", r#"{"columns":["city","name"],"name":"both","separator":", "}"#),
            on("people", r#"{"columns":["city","age","active"],"name":"both","skip_missing":true}"#),
        ],
        plan: |args| {
            let columns = args.columns("columns").iter().map(|name| col(name)).collect();
            let across = Across::Concat { separator: args.text("separator"), ignore_nulls: args.flag("skip_missing") };
            Ok(vec![WithColumns::one(&args.text("name"), Ex::Across(across, columns))])
        },
    },
    Transform {
        op: "split_column",
        title: "Split column",
        group: Group::Columns,
        summary: "Cuts text at a separator into a number of new columns; parts that aren't there are missing, further \
                  ones are left out.",
        params: &[
            ask::column_of("column", "Column", ColumnType::Text),
            ask::text("separator", "Separator"),
            ask::integer("parts", "Parts", 1, 100).or(Default::Number(2.0)),
        ],
        examples: &[on("people", r#"{"column":"tags","separator":";","parts":3}"#)],
        plan: |args| {
            let column = args.text("column");
            let parts = col(&column).call("str.split", [lit(args.text("separator"))]);
            let part = |index: i64| {
                (format!("{column}_{}", index + 1), parts.clone().call("list.get", [lit(index), lit(true)]))
            };
            Ok(vec![Box::new(WithColumns((0..args.integer("parts")).map(part).collect()))])
        },
    },
    Transform {
        op: "arithmetic",
        title: "Calculate with two columns",
        group: Group::Columns,
        summary: "Adds, subtracts, multiplies, divides, or takes the remainder or power of two columns, or a column and \
                  a number. Division gives a float; by zero it gives infinity.",
        params: &[
            ask::column_of("left", "Column", ColumnType::Number),
            ask::choice("operator", "Operator", &["+", "-", "*", "/", "//", "%", "**"]),
            ask::column_of("right", "Other column", ColumnType::Number).optional(),
            ask::number("number", "or number", f64::MIN, f64::MAX).optional(),
            ask::name("Name"),
        ],
        examples: &[
            on("people", r#"{"left":"income","operator":"/","right":"age","name":"per year"}"#),
            on("people", r#"{"left":"score","operator":"*","number":-2.5}"#),
            on("people", r#"{"left":"age","operator":"%","number":7,"name":"rest"}"#),
        ],
        plan: |args| {
            let op = match args.text("operator").as_str() {
                "-" => Op::Sub,
                "*" => Op::Mul,
                "/" => Op::Div,
                "//" => Op::FloorDiv,
                "%" => Op::Mod,
                "**" => Op::Pow,
                _ => Op::Add,
            };
            let right = match (args.text_opt("right"), args.number_opt("number")) {
                (Some(column), None) => col(&column),
                (None, Some(number)) if number.fract() == 0.0 && number.abs() < 1e15 => lit(number as i64),
                (None, Some(number)) => lit(number),
                _ => {
                    return Err(
                        crate::error::Fault::new("Choose another column or a number, one of them").param("right")
                    );
                }
            };
            let left = args.text("left");
            Ok(vec![WithColumns::one(&args.name_or(&left), col(&left).binary(op, right))])
        },
    },
    Transform {
        op: "row_statistic",
        title: "Calculate across columns",
        group: Group::Columns,
        summary: "The sum, mean, smallest or largest of several columns in each row; missing values are left out.",
        params: &[
            ask::columns_of("columns", "Columns", ColumnType::Number),
            ask::choice("statistic", "Statistic", &["sum", "mean", "min", "max", "missing"]),
            ask::new_name("Name"),
        ],
        examples: &[
            on("people", r#"{"columns":["age","score"],"name":"s"}"#),
            on("people", r#"{"columns":["age","score","income"],"statistic":"mean","name":"s"}"#),
            on("people", r#"{"columns":["age","income"],"statistic":"missing","name":"s"}"#),
        ],
        plan: |args| {
            let columns: Vec<Ex> = args.columns("columns").iter().map(|name| col(name)).collect();
            let one = crate::expression::Type::Int64;
            let ex = match args.text("statistic").as_str() {
                "mean" => Ex::Across(Across::Mean, columns),
                "min" => Ex::Across(Across::Min, columns),
                "max" => Ex::Across(Across::Max, columns),
                "missing" => {
                    Ex::Across(Across::Sum, columns.into_iter().map(|x| call("is_null", [x]).cast(one)).collect())
                }
                _ => Ex::Across(Across::Sum, columns),
            };
            Ok(vec![WithColumns::one(&args.text("name"), ex)])
        },
    },
];
