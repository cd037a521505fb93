//! Every example of every transform as exported code, compiled here and run beside the panel's own way. The code, the
//! Python that `tests/clients/test_recipes.py` runs, and the results are committed; `RECIPE_WRITE=1 cargo test -p
//! atelier-recipe --test exported` writes them anew.

mod tables;

#[rustfmt::skip]
#[path = "exported/code.rs"]
#[allow(unused, clippy::all)]
mod code;

use atelier_recipe::export::reading::{Column, How};
use atelier_recipe::{Context, Options, Recipe, Step, To, catalogue, export::helpers};
use atelier_recipe::{Reading, Source};
use polars::prelude::*;
use serde_json::{Value, json};
use std::path::Path;
use tables::{Functions, Tables, read, rows};

struct Case {
    name: String,
    source: String,
    recipe: Recipe,
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for transform in catalogue() {
        assert!(!transform.examples.is_empty(), "{} has no example", transform.op);
        for (number, example) in transform.examples.iter().enumerate() {
            let params: Value = serde_json::from_str(example.params).unwrap();
            let text = json!({"version": 1, "steps": [{"id": "a", "op": transform.op, "params": params}]}).to_string();
            let suffix = if example.table == "lists" { "jsonl" } else { "csv" };
            cases.push(Case {
                name: format!("{}_{}", transform.op, number + 1),
                source: format!("tests/tables/{}.{suffix}", example.table),
                recipe: Recipe::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", transform.op)),
            });
        }
    }
    cases
}

fn run(case: &Case) -> Result<DataFrame, String> {
    let context = Context { tables: &Tables, custom: &Functions, ..Context::default() };
    let table = case.recipe.apply(read(&case.source), &context).map_err(|error| error.to_string())?;
    table.collect().map_err(|error| error.to_string())
}

fn function(case: &Case, to: To) -> String {
    let code = case.recipe.export(to, &case.source, Options { function_only: true }).unwrap();
    let start = if to == To::Rust { "pub fn prepare(" } else { "def prepare(" };
    let at = code.find(start).unwrap();
    code[at..].replacen("prepare", &case.name, 1)
}

/// Columns whose cells follow from the row's `id` are left out: the reader looks them up in the source.
fn expected(case: &Case, table: &DataFrame) -> Value {
    let (before, after) = (rows(&read(&case.source).collect().unwrap()), rows(table));
    let by_id = |row: &Value| before.iter().find(|other| other["id"] == row["id"]);
    let mut columns = serde_json::Map::new();
    for name in table.get_column_names() {
        let follows = name.as_str() != "id"
            && after.iter().all(|row| {
                row.get("id").is_some()
                    && by_id(row).and_then(|other| other.get(name.as_str())) == row.get(name.as_str())
            });
        let cells: Vec<Value> = after.iter().map(|row| row[name.as_str()].clone()).collect();
        columns.insert(name.to_string(), if follows && table.height() > 0 { Value::Null } else { cells.into() });
    }
    json!({"source": case.source, "num_rows": table.height(), "columns": columns})
}

/// How the explorer reads `odd.csv`; `crates/explorer/tests/reading.rs` proves that it is so.
fn odd() -> Reading {
    let moment = DataType::Datetime(TimeUnit::Microseconds, None);
    let format = |format: &str| How::Format(Some(format.to_owned()));
    let columns = [
        ("Größe", DataType::Int64, How::Native),
        ("Preis", DataType::Float64, How::Native),
        ("tag", DataType::Date, format("%d.%m.%Y")),
        ("ja", DataType::Boolean, How::Cast),
        ("note", DataType::String, How::Cast),
        ("code", DataType::String, How::Native),
        ("wann", moment, format("%Y-%m-%d %H:%M:%S")),
    ];
    Reading {
        separator: ';',
        quote: Some('"'),
        encoding: "windows-1252".into(),
        comment: None,
        decimal_comma: true,
        skip_rows: 0,
        header: true,
        missing: ["", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "?"].map(String::from).to_vec(),
        cut_ragged: false,
        empty_lines: true,
        columns: columns.map(|(name, dtype, how)| Column { name: name.into(), dtype, how }).to_vec(),
    }
}

/// Every way from text to a value, for the compiler and the interpreter to judge.
fn every() -> Reading {
    let (quote, comment, encoding) = (None, Some("#".into()), "utf-8".into());
    let mut reading = Reading {
        quote,
        comment,
        encoding,
        header: false,
        cut_ragged: true,
        empty_lines: false,
        skip_rows: 2,
        ..odd()
    };
    reading.columns[2].how = How::Format(None);
    reading.columns[6].how = How::Format(None);
    for (name, dtype) in
        [("n", DataType::UInt64), ("m", DataType::Float64), ("c", DataType::from_categories(Categories::global()))]
    {
        reading.columns.push(Column { name: name.into(), dtype, how: How::Cast });
    }
    reading
}

/// The function that reads it, under a name of its own.
fn reader(to: To, reading: Reading, name: &str) -> String {
    let source = Source { path: "tests/tables/odd.csv".into(), reading: Some(reading) };
    let code = Recipe::default().export(to, source, Options::default()).unwrap();
    let (start, end) =
        if to == To::Rust { ("fn read_source(", "pub fn prepare(") } else { ("def read_source(", "def prepare(") };
    let helpers = ["/// Text of Windows", "/// The text without", start];
    let start = helpers.iter().find_map(|start| code.find(start)).unwrap();
    let function = &code[start..code.find(end).unwrap()];
    function.replacen("read_source", name, 1)
}

fn generated() -> Vec<(&'static str, String)> {
    let head = "Generated by `RECIPE_WRITE=1 cargo test -p atelier-recipe --test exported`; not edited by hand.";
    let mut rust = format!(
        "// {head}\nuse polars::frame::PivotColumnNaming;\nuse polars::lazy::dsl::{{max_horizontal, mean_horizontal, \
         min_horizontal, sum_horizontal}};\nuse polars::prelude::*;\nuse polars::series::ops::NullBehavior;\n\n{}",
        helpers(To::Rust)
    );
    let mut polars = format!("# {head}\nimport math\nimport re\n\nimport polars as pl\n\n\n{}", helpers(To::Python));
    let mut pandas = format!(
        "# {head}\nimport json\nimport re\n\nimport numpy as np\nimport pandas as pd\nimport polars as pl\n\n\n{}",
        helpers(To::Pandas)
    );
    let mut results = Vec::new();
    let mut table = String::new();
    for case in cases() {
        rust.push_str(&format!("{}\n", function(&case, To::Rust)));
        polars.push_str(&format!("{}\n\n", function(&case, To::Python)));
        pandas.push_str(&format!("{}\n\n", function(&case, To::Pandas)));
        table.push_str(&format!("    (\"{0}\", {0}),\n", case.name));
        if case.name.starts_with("custom_rust") {
            continue; // no Rust runs in Python
        }
        let result = run(&case).unwrap_or_else(|error| panic!("{}: {error}", case.name));
        results.push(format!("{}: {}", json!(case.name), expected(&case, &result)));
    }
    rust.push_str(&reader(To::Rust, odd(), "read_odd").replacen("fn read_odd", "pub fn read_odd", 1));
    polars.push_str(&reader(To::Python, odd(), "read_odd"));
    pandas.push_str(&reader(To::Pandas, odd(), "read_odd"));
    rust.push_str(&reader(To::Rust, every(), "read_every"));
    polars.push_str(reader(To::Python, every(), "read_every").trim_end());
    pandas.push_str(reader(To::Pandas, every(), "read_every").trim_end());
    polars.push('\n');
    pandas.push('\n');
    rust.push_str(&format!("pub type Prepare = fn(LazyFrame) -> PolarsResult<LazyFrame>;\n\npub const ALL: &[(&str, Prepare)] = &[\n{table}];\n"));
    let chain = chain();
    let source = "tests/tables/people.csv";
    vec![
        ("code.rs", rust),
        ("polars_code.py", polars),
        ("pandas_code.py", pandas),
        ("expected.json", format!("{{\n{}\n}}\n", results.join(",\n"))),
        ("chain.recipe.json", chain.to_text()),
        ("chain.py", chain.export(To::Python, source, Options::default()).unwrap()),
        ("chain_pandas.py", chain.export(To::Pandas, source, Options::default()).unwrap()),
        ("chain.rs.txt", chain.export(To::Rust, source, Options::default()).unwrap()),
        ("chain.ipynb", chain.export(To::Notebook, source, Options::default()).unwrap()),
        ("chain_script.py", chain.export(To::ProcessingScript, source, Options::default()).unwrap()),
        ("hostile.py", hostile().export(To::Python, source, Options::default()).unwrap()),
        ("hostile_pandas.py", hostile().export(To::Pandas, source, Options::default()).unwrap()),
    ]
}

/// Several steps, one of them off.
fn chain() -> Recipe {
    let mut steps = vec![
        Step::new("a", "drop_missing", [("columns", vec!["age"].into())]),
        Step::new("b", "filter_expression", [("expression", "pl.col(\"age\") > 20".into())]),
        Step::new("c", "limit", [("n", 1_i64.into())]),
        Step::new("d", "scale_standard", [("columns", vec!["income"].into())]),
        Step::new("e", "split_random", [("train", 0.7.into())]),
    ];
    steps[1].note = "Adults\nonly".into();
    steps[2].disabled = true;
    Recipe { steps, ..Recipe::default() }
}

/// Names and texts that would run if they left their quotes.
fn hostile() -> Recipe {
    let name = "x\"]; raise SystemExit(3) #\\\n'''{0}\u{2028}\u{202e}";
    let mut steps = vec![
        Step::new("a", "constant", [("name", name.into()), ("value", "\\\" + exit(3) + \"".into())]),
        Step::new("b", "copy_column", [("column", name.into()), ("name", "^.*$".into())]),
        Step::new("c", "select", [("columns", vec![name, "^.*$"].into())]),
    ];
    steps[0].note = "x\nraise SystemExit(3)\u{2028}raise SystemExit(4)".into();
    Recipe { steps, ..Recipe::default() }
}

/// Sums of floats depend on how threads share the rows, in their last digits.
fn close(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| close(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|((i, a), (j, b))| i == j && close(a, b))
        }
        (Value::Number(a), Value::Number(b)) => {
            let (a, b) = (a.as_f64().unwrap(), b.as_f64().unwrap());
            (a - b).abs() <= 1e-12 * a.abs().max(b.abs()).max(1.0)
        }
        (a, b) => a == b,
    }
}

#[test]
fn committed_code_and_results_are_fresh() {
    let folder = Path::new("tests/exported");
    for (name, text) in generated() {
        let path = folder.join(name);
        if std::env::var_os("RECIPE_WRITE").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        let there = std::fs::read_to_string(&path).unwrap_or_default();
        if name == "expected.json"
            && !there.is_empty()
            && close(&serde_json::from_str(&there).unwrap(), &serde_json::from_str(&text).unwrap())
        {
            continue;
        }
        let line = there.lines().zip(text.lines()).position(|(a, b)| a != b);
        assert!(
            there == text,
            "{name} is stale at line {:?}: RECIPE_WRITE=1 cargo test -p atelier-recipe --test exported",
            line.map(|line| line + 1)
        );
    }
}

#[test]
fn exported_rust_gives_the_panels_table() {
    let cases = cases();
    assert_eq!(cases.len(), code::ALL.len());
    for (case, (name, prepare)) in cases.iter().zip(code::ALL) {
        assert_eq!(case.name, *name);
        if name.starts_with("custom_python") {
            assert!(prepare(read(&case.source)).is_err(), "Python doesn't run in Rust");
            continue;
        }
        let panel = run(case).unwrap_or_else(|error| panic!("{name}: {error}"));
        let made =
            prepare(read(&case.source)).and_then(LazyFrame::collect).unwrap_or_else(|error| panic!("{name}: {error}"));
        let (a, b) = (rows(&panel), rows(&made));
        assert!(close(&Value::Array(a), &Value::Array(b)), "{name}: {panel} is not {made}");
        assert_eq!(panel.schema(), made.schema(), "{name}");
    }
}

/// No row, one row, nothing but nulls, NaN and negative zero, the largest numbers: both ways agree, also in refusing.
#[test]
fn exported_rust_follows_the_panel_to_the_edges() {
    let people = read("tests/tables/people.csv");
    let floats = |value: f64| [lit(value).alias("income"), lit(value).alias("score")];
    let edges: Vec<(&str, LazyFrame)> = vec![
        ("no row", people.clone().limit(0)),
        ("one row", people.clone().slice(7, 1)),
        ("nulls", people.clone().limit(4).with_columns([all().as_expr().shift(lit(9))])),
        ("NaN", people.clone().limit(5).with_columns(floats(f64::NAN))),
        ("negative zero", people.clone().limit(5).with_columns(floats(-0.0))),
        ("large", people.clone().limit(5).with_columns([lit(i64::MAX).alias("age"), lit(f64::MAX).alias("income")])),
    ];
    for (case, (name, prepare)) in cases().iter().zip(code::ALL) {
        if name.starts_with("custom") || !case.source.contains("people") {
            continue;
        }
        for (edge, table) in &edges {
            let table = table.clone().collect().unwrap().lazy();
            let context = Context { tables: &Tables, ..Context::default() };
            let panel = case.recipe.apply(table.clone(), &context).map_err(|error| error.to_string());
            let panel = panel.and_then(|table| table.collect().map_err(|error| error.to_string()));
            let made = prepare(table).and_then(LazyFrame::collect);
            match (panel, made) {
                (Ok(a), Ok(b)) => {
                    let (left, right) = (Value::Array(rows(&a)), Value::Array(rows(&b)));
                    assert!(close(&left, &right), "{name}, {edge}: {a} is not {b}");
                }
                (Err(_), _) => {} // the panel may refuse what the code would only fail at later
                (Ok(a), Err(error)) => panic!("{name}, {edge}: {error}, but the panel has {a}"),
            }
        }
    }
}

#[test]
fn exported_rust_reads_what_was_read() {
    let table = code::read_odd("tests/tables/odd.csv").unwrap().collect().unwrap();
    let expected = json!([
        {"Größe": 1, "Preis": 1.5, "tag": "2024-02-03", "ja": true, "note": "a", "code": "007", "wann": "2024-05-01 10:00:00"},
        {"Größe": 2, "Preis": null, "tag": "2024-02-04", "ja": false, "note": "café", "code": "0042", "wann": null},
        {"Größe": null, "Preis": -2.25, "tag": null, "ja": true, "note": null, "code": "100", "wann": "2024-05-02 11:30:00"},
        {"Größe": 4, "Preis": 1000.0, "tag": "2024-02-29", "ja": null, "note": "x;y", "code": null, "wann": "2024-05-03 00:00:00"},
        {"Größe": 5, "Preis": null, "tag": "2024-03-01", "ja": false, "note": "-", "code": "1", "wann": "2024-06-01 23:59:59"},
    ]);
    let mut found = Value::Array(rows(&table));
    for row in found.as_array_mut().unwrap() {
        let wann =
            row["wann"].as_str().map(|text| text.replace('T', " ").split('.').next().unwrap_or_default().to_owned());
        row["wann"] = wann.into();
    }
    assert_eq!(found, expected);
}

#[test]
fn readers_of_every_kind_are_written() {
    for (to, parts) in [
        (To::Python, ["quote_char=None", "comment_prefix=\"#\"", "pl.coalesce(", "truncate_ragged_lines=True"]),
        (To::Pandas, ["quoting=3", "comment=\"#\"", ".fillna(pd.to_datetime", "on_bad_lines="]),
        (
            To::Rust,
            [
                "with_quote_char(None)",
                "with_comment_prefix(Some(\"#\"))",
                "coalesce(&[",
                "with_truncate_ragged_lines(true)",
            ],
        ),
    ] {
        let code = reader(to, every(), "read_every");
        for part in parts {
            assert!(code.contains(part), "{part} is not in\n{code}");
        }
    }
}

#[test]
fn there_are_at_least_sixty_transforms_with_forms() {
    assert!(catalogue().len() >= 60, "{}", catalogue().len());
    let mut ops: Vec<&str> = catalogue().iter().map(|transform| transform.op).collect();
    ops.sort_unstable();
    ops.dedup();
    assert_eq!(ops.len(), catalogue().len(), "an op is there twice");
    for transform in catalogue() {
        assert!(transform.summary.ends_with('.') && !transform.title.is_empty(), "{}", transform.op);
        for param in transform.params {
            assert!(!param.label.is_empty(), "{} {}", transform.op, param.name);
        }
    }
}
