use super::{on, one};
use crate::args::time_literal;
use crate::error::Fault;
use crate::expression::{Ex, Op, Type, call, col, lit};
use crate::frame::WithColumns;
use crate::spec::{ColumnType, Default, Group, Kind, ParamSpec, Transform, ask};

const COLUMN: ParamSpec = ask::column_of("column", "Column", ColumnType::Time);
const PARTS: &[&str] = &[
    "year",
    "quarter",
    "month",
    "week",
    "day",
    "weekday",
    "day of year",
    "is weekend",
    "is leap year",
    "date",
    "hour",
    "minute",
    "second",
];

/// Part, its method, its first value, how many there are.
const CYCLES: &[(&str, &str, f64, f64)] = &[
    ("month", "dt.month", 1.0, 12.0),
    ("day", "dt.day", 1.0, 31.0),
    ("weekday", "dt.weekday", 1.0, 7.0),
    ("day of year", "dt.ordinal_day", 1.0, 366.0),
    ("hour", "dt.hour", 0.0, 24.0),
    ("minute", "dt.minute", 0.0, 60.0),
];

pub const ALL: &[Transform] = &[
    Transform {
        op: "time_parts",
        title: "Parts of a date",
        group: Group::Time,
        summary: "Columns for parts of a date or time: ISO weeks; Monday is 1; Saturday and Sunday are the weekend.",
        params: &[COLUMN, ParamSpec::new("parts", "Parts", Kind::Choices(PARTS))],
        examples: &[
            on(
                "people",
                r#"{"column":"joined","parts":["year","quarter","month","week","day","weekday","day of year","is weekend","is leap year"]}"#,
            ),
            on("people", r#"{"column":"seen","parts":["date","hour","minute","second"]}"#),
        ],
        plan: |args| {
            let column = args.text("column");
            let x = col(&column);
            let made = args.columns("parts").into_iter().map(|part| {
                let value = match part.as_str() {
                    "is weekend" => call("dt.weekday", [x.clone()]).binary(Op::Ge, lit(6)),
                    "is leap year" => call("dt.is_leap_year", [x.clone()]),
                    "day of year" => call("dt.ordinal_day", [x.clone()]),
                    part => call(&format!("dt.{part}"), [x.clone()]),
                };
                (format!("{column}_{}", part.replace(' ', "_")), value)
            });
            one(WithColumns(made.collect()))
        },
    },
    Transform {
        op: "time_cycle",
        title: "Cyclical date features",
        group: Group::Time,
        summary: "Sine and cosine of a part's place in its cycle, so that December is next to January.",
        params: &[COLUMN, ask::choice("part", "Part", &["month", "day", "weekday", "day of year", "hour", "minute"])],
        examples: &[on("people", r#"{"column":"joined"}"#), on("people", r#"{"column":"seen","part":"hour"}"#)],
        plan: |args| {
            let column = args.text("column");
            let part = args.text("part");
            let cycle = CYCLES.iter().find(|cycle| cycle.0 == part);
            let (_, method, first, length) = cycle.ok_or_else(|| Fault::new("There is no such part").param("part"))?;
            let place = call(method, [col(&column)]).cast(Type::Float64).sub(lit(*first));
            let angle = place.mul(lit(std::f64::consts::TAU / length));
            let name = |what| format!("{column}_{}_{what}", part.replace(' ', "_"));
            one(WithColumns(vec![(name("sin"), call("sin", [angle.clone()])), (name("cos"), call("cos", [angle]))]))
        },
    },
    Transform {
        op: "elapsed",
        title: "Time elapsed",
        group: Group::Time,
        summary: "Whole units between a date and an earlier one: another column or a fixed date. Negative when it is \
                  later.",
        params: &[
            COLUMN,
            ask::column_of("since_column", "Since column", ColumnType::Time).optional(),
            ParamSpec::new("since", "or since", Kind::Text).optional().help("2024-02-29 or 2024-02-29 13:30"),
            ask::choice("unit", "Unit", &["days", "hours", "minutes", "seconds"]),
            ask::name("Name"),
        ],
        examples: &[
            on("people", r#"{"column":"seen","since_column":"joined","name":"waited"}"#),
            on("people", r#"{"column":"seen","since":"2021-01-31 12:00","unit":"hours"}"#),
        ],
        plan: |args| {
            let column = args.text("column");
            let since = match (args.text_opt("since_column"), args.text_opt("since")) {
                (Some(other), None) => col(&other),
                (None, Some(text)) => Ex::Lit(time_literal(&text, true).ok_or_else(|| {
                    Fault::new(format!("`{text}` isn't a date")).param("since").remedy("Write 2024-02-29")
                })?),
                _ => return Err(Fault::new("Choose another column or a date, one of them").param("since")),
            };
            let unit = args.text("unit");
            let span = col(&column).cast(Type::Datetime).sub(since.cast(Type::Datetime));
            let elapsed = call(&format!("dt.total_{unit}"), [span]);
            Ok(vec![WithColumns::one(&args.name_or(&format!("{column}_{unit}")), elapsed)])
        },
    },
    Transform {
        op: "format_date",
        title: "Write dates as text",
        group: Group::Time,
        summary: "Text by a format such as %Y-%m; also the way to group by month.",
        params: &[COLUMN, ParamSpec::new("format", "Format", Kind::Text).or(Default::Text("%Y-%m")), ask::name("Name")],
        examples: &[
            on("people", r#"{"column":"joined"}"#),
            on("people", r#"{"column":"seen","format":"%d.%m.%Y %H:%M:%S","name":"s"}"#),
        ],
        plan: |args| {
            let column = args.text("column");
            let text = call("dt.strftime", [col(&column), lit(args.text("format"))]);
            Ok(vec![WithColumns::one(&args.name_or(&format!("{column}_text")), text)])
        },
    },
];
