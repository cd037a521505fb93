use super::group::{FUNCTIONS, aggregate, as_text};
use super::{on, one};
use crate::frame::{GroupBy, Pivot, Unpivot, WithColumns};
use crate::spec::{Default, Group, Kind, ParamSpec, Transform, ask};

pub const ALL: &[Transform] = &[
    Transform {
        op: "pivot",
        title: "Pivot to columns",
        group: Group::Groups,
        summary: "A column for each value of one column, sorted by name; rows by other columns, in their first order; \
                  cells are a statistic of the values that meet, missing where none do.",
        params: &[
            ask::column("on", "Columns from"),
            ask::columns("index", "Rows by"),
            ask::column("values", "Values"),
            ParamSpec::new("function", "Statistic", Kind::Choice(FUNCTIONS)).or(Default::Text("mean")),
        ],
        examples: &[
            on("people", r#"{"on":"city","index":["active"],"values":"income"}"#),
            on("people", r#"{"on":"active","index":["city","label"],"values":"age","function":"max"}"#),
        ],
        plan: |args| {
            let (on, values, mut keys) = (args.text("on"), args.text("values"), args.columns("index"));
            let index = keys.clone();
            if index.contains(&on) {
                return Err(crate::error::Fault::new("A column can't be both rows and columns").param("index"));
            }
            keys.push(on.clone());
            let value = aggregate(&args.text("function"), &values)?;
            // the value column may be one of the keys
            let name = format!("{values} value");
            Ok(vec![
                WithColumns::one(&on, as_text(&on)),
                Box::new(GroupBy { keys, aggregations: vec![(name.clone(), value)] }),
                Box::new(Pivot { on, index, values: name }),
            ])
        },
    },
    Transform {
        op: "unpivot",
        title: "Unpivot to rows",
        group: Group::Groups,
        summary: "Columns become rows: their names in one column, their cells in another, one column's rows after the \
                  other's. Columns that are neither are dropped.",
        params: &[
            ask::columns("on", "Columns"),
            ask::columns("index", "Kept beside").optional(),
            ParamSpec::new("variable", "Name of the names", Kind::NewColumn).or(Default::Text("variable")),
            ParamSpec::new("value", "Name of the values", Kind::NewColumn).or(Default::Text("value")),
        ],
        examples: &[
            on("people", r#"{"on":["age","score"],"index":["id","name"]}"#),
            on("people", r#"{"on":["name","city"],"variable":"what","value":"text"}"#),
        ],
        plan: |args| {
            let (variable, value) = (args.text("variable"), args.text("value"));
            one(Unpivot { on: args.columns("on"), index: args.columns("index"), variable, value })
        },
    },
    Transform {
        op: "transpose",
        title: "Transpose",
        group: Group::Groups,
        summary: "The chosen columns become rows, in the first column by name; each row becomes a column, named by its \
                  key and sorted by name. Of rows with one key the first counts.",
        params: &[ask::column("key", "Key"), ask::columns("columns", "Columns")],
        examples: &[on("cities", r#"{"key":"city","columns":["people","height"]}"#)],
        plan: |args| {
            let key = args.text("key");
            let (variable, value) = ("column".to_string(), "value".to_string());
            let keys = vec![variable.clone(), key.clone()];
            Ok(vec![
                WithColumns::one(&key, as_text(&key)),
                Box::new(Unpivot {
                    on: args.columns("columns"),
                    index: vec![key.clone()],
                    variable: variable.clone(),
                    value: value.clone(),
                }),
                Box::new(GroupBy { keys, aggregations: vec![(value.clone(), aggregate("first", &value)?)] }),
                Box::new(Pivot { on: key, index: vec![variable], values: value }),
            ])
        },
    },
];
