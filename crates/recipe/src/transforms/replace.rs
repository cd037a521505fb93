use super::on;
use crate::error::Fault;
use crate::expression::{Ex, Op, col, lit};
use crate::frame::WithColumns;
use crate::spec::{ColumnType, Default, Group, Kind, ParamSpec, Transform, ask};

pub const ALL: &[Transform] = &[
    Transform {
        op: "replace_values",
        title: "Replace values",
        group: Group::Text,
        summary: "Puts new values in place of old ones that are equal as a whole; others stay, or become missing.",
        params: &[
            ask::column("column", "Column"),
            ParamSpec::new("old", "Old values", Kind::Values),
            ParamSpec::new("new", "New values", Kind::Values).help("As many, in the same order"),
            ask::choice("others", "Other values", &["keep", "missing"]),
            ask::name("Name"),
        ],
        examples: &[
            on("people", r#"{"column":"city","old":["Bern","Rome"],"new":["CH","IT"]}"#),
            on("people", r#"{"column":"age","old":[41,18],"new":[42,19],"others":"missing","name":"a"}"#),
        ],
        plan: |args| {
            let (old, new) = (args.values("old")?, args.values("new")?);
            if old.len() != new.len() {
                let text = format!("There are {} old values but {} new ones", old.len(), new.len());
                return Err(Fault::new(text).param("new").remedy("Give one new value for each old one"));
            }
            if old.len() > 200 {
                return Err(Fault::new("There are more than 200 values").param("old").remedy("Join a table instead"));
            }
            let column = args.text("column");
            let branches = old
                .into_iter()
                .zip(new)
                .map(|(old, new)| (col(&column).binary(Op::Eq, Ex::Lit(old)), Ex::Lit(new)))
                .collect();
            let others = match args.text("others").as_str() {
                "missing" => Ex::Lit(crate::expression::Lit::Null),
                _ => col(&column),
            };
            Ok(vec![WithColumns::one(&args.name_or(&column), Ex::When(branches, Box::new(others)))])
        },
    },
    Transform {
        op: "replace_text",
        title: "Replace text",
        group: Group::Text,
        summary: "Replaces each match of a text or a regular expression; $1 in the new text is the first group.",
        params: &[
            ask::columns_of("columns", "Columns", ColumnType::Text),
            ask::text("find", "Find"),
            ParamSpec::new("with", "Replace with", Kind::Text).or(Default::Text("")),
            ask::flag("regex", "Regular expression", false),
        ],
        examples: &[
            on("people", r#"{"columns":["city","name"],"find":"n.","with":"$1"}"#),
            on("people", r#"{"columns":["name"],"find":"(\\w)(\\w+)","with":"${2}-$1\\","regex":true}"#),
            on("people", r#"{"columns":["tags"],"find":";"}"#),
        ],
        plan: |args| {
            let (find, with) = (args.text("find"), args.text("with"));
            let (find, with) = match args.flag("regex") {
                true => {
                    crate::expression::check_regex(&find).map_err(|fault| fault.param("find"))?;
                    (find, with)
                }
                false => (regex::escape(&find), with.replace('$', "$$")),
            };
            let replaced = |name: &String| {
                (name.clone(), col(name).call("str.replace_all", [lit(find.clone()), lit(with.clone())]))
            };
            Ok(vec![Box::new(WithColumns(args.columns("columns").iter().map(replaced).collect()))])
        },
    },
];
