use super::{on, one};
use crate::args::Args;
use crate::expression::{Ex, Lit, col, lit};
use crate::frame::WithColumns;
use crate::spec::{ColumnType, Default, Group, Kind, ParamSpec, Plan, Transform, ask};

const COLUMNS: ParamSpec = ask::columns_of("columns", "Columns", ColumnType::Text);
const COLUMN: ParamSpec = ask::column_of("column", "Column", ColumnType::Text);

pub const ALL: &[Transform] = &[
    Transform {
        op: "trim",
        title: "Trim text",
        group: Group::Text,
        summary: "Removes white space at both ends.",
        params: &[COLUMNS],
        examples: &[on("people", r#"{"columns":["name","note"]}"#)],
        plan: |args| each(args, |x| x.call("str.replace_all", [lit(r"^\s+|\s+$"), lit("")])),
    },
    Transform {
        op: "change_case",
        title: "Change case",
        group: Group::Text,
        summary: "Writes text in small or capital letters, or with its first letter as a capital.",
        params: &[COLUMNS, ask::choice("case", "Case", &["lower", "upper", "capitalised"])],
        examples: &[
            on("people", r#"{"columns":["name","city"]}"#),
            on("people", r#"{"columns":["name"],"case":"upper"}"#),
            on("people", r#"{"columns":["note"],"case":"capitalised"}"#),
        ],
        plan: |args| match args.text("case").as_str() {
            "upper" => each(args, |x| x.call("str.to_uppercase", [])),
            "capitalised" => each(args, |x| {
                let first = x.clone().call("str.slice", [lit(0), lit(1)]).call("str.to_uppercase", []);
                let rest = x.call("str.slice", [lit(1), lit(1_000_000)]).call("str.to_lowercase", []);
                first.add(rest)
            }),
            _ => each(args, |x| x.call("str.to_lowercase", [])),
        },
    },
    Transform {
        op: "text_length",
        title: "Count characters",
        group: Group::Text,
        summary: "The number of characters (code points).",
        params: &[COLUMN, ask::name("Name")],
        examples: &[on("people", r#"{"column":"name"}"#)],
        plan: |args| made(args, "length", |x| x.call("str.len_chars", [])),
    },
    Transform {
        op: "word_count",
        title: "Count words",
        group: Group::Text,
        summary: "The number of runs of characters between white space.",
        params: &[COLUMN, ask::name("Name")],
        examples: &[on("people", r#"{"column":"note","name":"words"}"#)],
        plan: |args| made(args, "words", |x| x.call("str.count_matches", [lit(r"\S+")])),
    },
    Transform {
        op: "count_matches",
        title: "Count matches",
        group: Group::Text,
        summary: "How often a regular expression matches, without overlaps.",
        params: &[COLUMN, ParamSpec::new("pattern", "Pattern", Kind::Regex), ask::name("Name")],
        examples: &[on("people", r#"{"column":"note","pattern":"[aeiou]"}"#)],
        plan: |args| made(args, "matches", |x| x.call("str.count_matches", [lit(args.text("pattern"))])),
    },
    Transform {
        op: "contains",
        title: "Flag text",
        group: Group::Text,
        summary: "True where text contains, begins with or ends with another, or matches a regular expression.",
        params: &[
            COLUMN,
            ask::choice("how", "How", &["contains", "starts with", "ends with", "matches"]),
            ask::text("text", "Text"),
            ask::name("Name"),
        ],
        examples: &[
            on("people", r#"{"column":"note","text":"a."}"#),
            on("people", r#"{"column":"name","how":"starts with","text":"A","name":"a"}"#),
            on("people", r#"{"column":"name","how":"matches","text":"^.a\\w+"}"#),
        ],
        plan: |args| {
            let text = args.text("text");
            match args.text("how").as_str() {
                "starts with" => made(args, "flag", |x| x.call("str.starts_with", [lit(text)])),
                "ends with" => made(args, "flag", |x| x.call("str.ends_with", [lit(text)])),
                "matches" => {
                    crate::expression::check_regex(&text).map_err(|fault| fault.param("text"))?;
                    made(args, "flag", |x| x.call("str.contains", [lit(text)]))
                }
                _ => made(args, "flag", |x| x.call("str.contains", [lit(regex::escape(&text))])),
            }
        },
    },
    Transform {
        op: "slice_text",
        title: "Cut text",
        group: Group::Text,
        summary: "Keeps a run of characters from a place on; the first is 0.",
        params: &[
            COLUMN,
            ask::integer("from", "From", 0, 1_000_000).or(Default::Number(0.0)),
            ask::integer("length", "Characters", 0, 1_000_000),
            ask::name("Name"),
        ],
        examples: &[on("people", r#"{"column":"name","from":1,"length":3,"name":"cut"}"#)],
        plan: |args| {
            let column = args.text("column");
            let cut = col(&column).call("str.slice", [lit(args.integer("from")), lit(args.integer("length"))]);
            Ok(vec![WithColumns::one(&args.name_or(&column), cut)])
        },
    },
    Transform {
        op: "pad",
        title: "Pad with zeros",
        group: Group::Text,
        summary: "Puts zeros before text until it has a length; a sign stays in front.",
        params: &[COLUMNS, ask::integer("length", "Length", 1, 1000)],
        examples: &[on("people", r#"{"columns":["code"],"length":6}"#)],
        plan: |args| each(args, |x| x.call("str.zfill", [lit(args.integer("length"))])),
    },
    Transform {
        op: "tokenise",
        title: "Split into words",
        group: Group::Text,
        summary: "A list of the words in small letters; what isn't a letter or digit separates them.",
        params: &[COLUMN, ask::name("Name")],
        examples: &[on("people", r#"{"column":"note"}"#)],
        plan: |args| {
            made(args, "words", |x| {
                x.call("str.to_lowercase", [])
                    .call("str.replace_all", [lit(r"[\W_]+"), lit(" ")])
                    .call("str.strip_chars", [lit(" ")])
                    .call("str.split", [lit(" ")])
            })
        },
    },
    Transform {
        op: "concatenate_constant",
        title: "Add prefix or suffix",
        group: Group::Text,
        summary: "Puts text before and after.",
        params: &[
            COLUMNS,
            ParamSpec::new("prefix", "Before", Kind::Text).or(Default::Text("")),
            ParamSpec::new("suffix", "After", Kind::Text).or(Default::Text("")),
        ],
        examples: &[on("people", r#"{"columns":["city"],"prefix":"<","suffix":">\n"}"#)],
        plan: |args| {
            each(args, |x| {
                let x = match args.text("prefix") {
                    prefix if prefix.is_empty() => x,
                    prefix => Ex::Lit(Lit::Text(prefix)).add(x),
                };
                match args.text("suffix") {
                    suffix if suffix.is_empty() => x,
                    suffix => x.add(lit(suffix)),
                }
            })
        },
    },
];

fn each(args: &Args, change: impl Fn(Ex) -> Ex) -> Plan {
    one(WithColumns(args.columns("columns").iter().map(|name| (name.clone(), change(col(name)))).collect()))
}

fn made(args: &Args, suffix: &str, make: impl FnOnce(Ex) -> Ex) -> Plan {
    let column = args.text("column");
    Ok(vec![WithColumns::one(&args.name_or(&format!("{column}_{suffix}")), make(col(&column)))])
}
