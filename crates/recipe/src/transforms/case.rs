use super::on;
use crate::args::literal;
use crate::error::Fault;
use crate::expression::{Ex, Lit, col, filter};
use crate::frame::WithColumns;
use crate::param::Param;
use crate::spec::{Group, Kind, ParamSpec, Transform, ask};

pub const ALL: &[Transform] = &[Transform {
    op: "case",
    title: "Conditional column",
    group: Group::Columns,
    summary: "The value of the first case whose conditions are met, else another. A value may be another column: \
              {\"column\": \"name\"}.",
    params: &[
        ask::new_name("Name"),
        ParamSpec::new("cases", "Cases", Kind::Cases),
        ParamSpec::new("otherwise", "Otherwise", Kind::Values).optional(),
    ],
    examples: &[
        on(
            "people",
            r#"{"name":"size","cases":[{"when":{"column":"income","is":">","value":4000},"then":"high"},{"when":{"all":[{"column":"income","is":">","value":2000},{"column":"active","is":"is true"}]},"then":"middle"}],"otherwise":"low"}"#,
        ),
        on(
            "people",
            r#"{"name":"age","cases":[{"when":{"column":"age","is":"is null"},"then":{"column":"id"}}],"otherwise":0}"#,
        ),
    ],
    plan: |args| {
        let Some(Param::List(cases)) = args.raw("cases") else { return Ok(Vec::new()) };
        if cases.len() > 200 {
            return Err(Fault::new("There are more than 200 cases").param("cases").remedy("Join a table instead"));
        }
        let mut branches = Vec::new();
        for case in cases {
            let Param::Map(case) = case else { return Err(Fault::new("A case has `when` and `then`").param("cases")) };
            let (Some(when), Some(then)) = (case.get("when"), case.get("then")) else {
                return Err(Fault::new("A case has `when` and `then`").param("cases"));
            };
            let when = filter(when).map_err(|fault| fault.param("cases"))?;
            branches.push((when, value(then).map_err(|fault| fault.param("cases"))?));
        }
        let otherwise = match args.raw("otherwise") {
            Some(otherwise) => value(otherwise).map_err(|fault| fault.param("otherwise"))?,
            None => Ex::Lit(Lit::Null),
        };
        Ok(vec![WithColumns::one(&args.text("name"), Ex::When(branches, Box::new(otherwise)))])
    },
}];

fn value(value: &Param) -> Result<Ex, Fault> {
    match value {
        Param::Map(map) => match map.get("column") {
            Some(Param::Text(name)) => Ok(col(name)),
            _ => Err(Fault::new("A value is a number, a text or {\"column\": \"name\"}")),
        },
        value => Ok(Ex::Lit(literal(value)?)),
    }
}
