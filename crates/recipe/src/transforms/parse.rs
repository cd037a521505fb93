use super::on;
use crate::expression::{Type, call, col, lit};
use crate::frame::WithColumns;
use crate::spec::{ColumnType, Default, Group, Kind, ParamSpec, Transform, ask};

pub const ALL: &[Transform] = &[
    Transform {
        op: "parse_dates",
        title: "Parse dates",
        group: Group::Types,
        summary: "Reads text as dates or times by a format such as %d.%m.%Y %H:%M; what doesn't match becomes missing.",
        params: &[
            ask::columns_of("columns", "Columns", ColumnType::Text),
            ParamSpec::new("format", "Format", Kind::Text).or(Default::Text("%Y-%m-%d")),
            ask::choice("type", "Type", &["Date", "Datetime"]),
        ],
        examples: &[
            on("people", r#"{"columns":["day"],"format":"%d/%m/%Y"}"#),
            on("people", r#"{"columns":["moment"],"format":"%d.%m.%y %H:%M","type":"Datetime"}"#),
        ],
        plan: |args| {
            let method = if args.text("type") == "Date" { "str.to_date" } else { "str.to_datetime" };
            let parsed =
                |name: &String| (name.clone(), call(method, [col(name), lit(args.text("format")), lit(false)]));
            Ok(vec![Box::new(WithColumns(args.columns("columns").iter().map(parsed).collect()))])
        },
    },
    Transform {
        op: "parse_numbers",
        title: "Parse numbers",
        group: Group::Types,
        summary: "Reads the first number in text such as 1.234,50 € or 12%: units and signs around it are left out; \
                  text without one becomes missing.",
        params: &[
            ask::columns_of("columns", "Columns", ColumnType::Text),
            ask::choice("decimal", "Decimal mark", &[".", ","]),
            ask::number("divide_by", "Divide by", f64::MIN_POSITIVE, f64::MAX).optional().help("100 for percent"),
        ],
        examples: &[
            on("people", r#"{"columns":["price"],"decimal":","}"#),
            on("people", r#"{"columns":["code"],"divide_by":100}"#),
        ],
        plan: |args| {
            let comma = args.text("decimal") == ",";
            let parsed = |name: &String| {
                // first what groups thousands: the other mark, spaces of all kinds, apostrophes
                let groups = if comma { r"[.\s'’]" } else { r"[,\s'’]" };
                let mut text = col(name).call("str.replace_all", [lit(groups), lit("")]);
                if comma {
                    text = text.call("str.replace_all", [lit(","), lit(".")]);
                }
                let number = r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?";
                let value = text.call("str.extract", [lit(number), lit(0)]).cast(Type::Float64);
                let value = match args.number_opt("divide_by") {
                    Some(by) => value.div(lit(by)),
                    None => value,
                };
                (name.clone(), value)
            };
            Ok(vec![Box::new(WithColumns(args.columns("columns").iter().map(parsed).collect()))])
        },
    },
];
