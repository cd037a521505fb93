//! The tables of the tests.
#![allow(dead_code, reason = "not every test needs all of it")]

use atelier_recipe::{Cancel, Custom, Language};
use polars::prelude::*;
use serde_json::Value;

pub struct Tables;

impl atelier_recipe::Tables for Tables {
    fn table(&self, source: &str) -> Result<LazyFrame, String> {
        Ok(read(source))
    }
}

/// What the two examples of functions of one's own do.
pub struct Functions;

impl Custom for Functions {
    fn run(&self, language: Language, _: &str, table: &DataFrame, _: &Cancel) -> Result<DataFrame, String> {
        let table = table.clone().lazy();
        let made = match language {
            Language::Python => table.select([col("id"), (col("age") * lit(2)).alias("double")]),
            Language::Rust => table.select([col("id"), col("age")]).limit(3),
        };
        made.collect().map_err(|error| error.to_string())
    }
}

/// As exported code reads: only ISO dates become dates.
pub fn read(path: &str) -> LazyFrame {
    if path.ends_with("jsonl") {
        return LazyJsonLineReader::new(path.into()).finish().unwrap();
    }
    let reader = LazyCsvReader::new(path.into()).with_infer_schema_length(None);
    let mut table = reader.finish().unwrap().collect().unwrap();
    for (name, format) in [("joined", "%Y-%m-%d"), ("seen", "%Y-%m-%d %H:%M:%S")] {
        if table.column(name).is_ok() {
            let options = StrptimeOptions { format: Some(format.into()), ..Default::default() };
            let text = col(name).str();
            let made = match name {
                "joined" => text.to_date(options),
                _ => text.to_datetime(Some(TimeUnit::Microseconds), None, options, lit("raise")),
            };
            table = table.lazy().with_columns([made]).collect().unwrap();
        }
    }
    table.lazy()
}

pub fn rows(table: &DataFrame) -> Vec<Value> {
    let mut out = Vec::new();
    JsonWriter::new(&mut out).with_json_format(JsonFormat::JsonLines).finish(&mut table.clone()).unwrap();
    out.split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect()
}
