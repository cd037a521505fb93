//! `recipe apply RECIPE TABLE OUT.parquet|.csv|.jsonl`, `recipe export RECIPE TABLE python|pandas|rust|notebook|script`
//! and `recipe examples FOLDER`, which writes what the client tests compare: for each example of each transform the
//! recipe, its code, and the panel's result as JSON lines.

use atelier_recipe::{Context, Options, Recipe, Tables, To, catalogue};
use polars::prelude::*;
use std::path::Path;

struct Files;

impl Tables for Files {
    fn table(&self, source: &str) -> Result<LazyFrame, String> {
        read(source).map_err(|error| error.to_string())
    }
}

fn read(path: &str) -> PolarsResult<LazyFrame> {
    match path.rsplit('.').next().unwrap_or_default() {
        "parquet" => LazyFrame::scan_parquet(path.into(), Default::default()),
        "jsonl" | "ndjson" => LazyJsonLineReader::new(path.into()).finish(),
        "arrow" | "feather" | "ipc" => LazyFrame::scan_ipc(path.into(), Default::default(), Default::default()),
        suffix => {
            let separator = if suffix == "tsv" { b'\t' } else { b',' };
            let table = LazyCsvReader::new(path.into()).with_separator(separator).with_infer_schema_length(None).finish()?;
            iso_dates(table.collect()?)
        }
    }
}

/// Text that is an ISO date or time in every row becomes one.
fn iso_dates(mut df: DataFrame) -> PolarsResult<LazyFrame> {
    for name in df.get_column_names_owned() {
        let missing = df.column(&name)?.null_count();
        if df.column(&name)?.dtype() != &DataType::String || missing == df.height() {
            continue;
        }
        let options = |format: &str| StrptimeOptions { format: Some(format.into()), strict: false, ..Default::default() };
        let time = |format| col(name.clone()).str().to_datetime(Some(TimeUnit::Microseconds), None, options(format), lit("raise"));
        let date = col(name.clone()).str().to_date(options("%Y-%m-%d"));
        for parsed in [date, time("%Y-%m-%d %H:%M:%S"), time("%Y-%m-%dT%H:%M:%S")] {
            let made = df.clone().lazy().with_columns([parsed]).collect()?;
            if made.column(&name)?.null_count() == missing {
                df = made;
                break;
            }
        }
    }
    Ok(df.lazy())
}

fn write(mut table: DataFrame, path: &str) -> PolarsResult<()> {
    let file = std::fs::File::create(path)?;
    match path.rsplit('.').next().unwrap_or_default() {
        "parquet" => ParquetWriter::new(file).finish(&mut table).map(|_| ()),
        "csv" => CsvWriter::new(file).finish(&mut table),
        _ => JsonWriter::new(file).with_json_format(JsonFormat::JsonLines).finish(&mut table),
    }
}

fn examples(folder: &Path) -> Result<(), Box<dyn std::error::Error>> {
    for transform in catalogue() {
        for (number, example) in transform.examples.iter().enumerate() {
            let params: serde_json::Value = serde_json::from_str(example.params)?;
            let step = serde_json::json!({"id": "a", "op": transform.op, "params": params});
            let recipe = Recipe::parse(&serde_json::json!({"version": 1, "steps": [step]}).to_string())?;
            let suffix = if example.table == "lists" { "jsonl" } else { "csv" };
            let source = format!("tests/tables/{}.{suffix}", example.table);
            let name = format!("{}_{}", transform.op, number + 1);
            let options = Options { function_only: true };
            let at = |suffix: &str| folder.join(format!("{name}{suffix}"));
            std::fs::write(at(".recipe.json"), recipe.to_text())?;
            std::fs::write(at(".source"), &source)?;
            std::fs::write(at(".polars.py"), recipe.export(To::Python, &source, options)?)?;
            std::fs::write(at(".pandas.py"), recipe.export(To::Pandas, &source, options)?)?;
            if transform.op.starts_with("custom_") {
                continue; // runs in another process, which this program doesn't have
            }
            let context = Context { tables: &Files, ..Context::default() };
            let table = match recipe.apply(read(&source)?, &context) {
                Ok(table) => table.collect().map_err(|error| error.to_string()),
                Err(error) => Err(error.to_string()),
            };
            let table = match table {
                Ok(table) => table,
                Err(error) => {
                    eprintln!("{name}: {}", error.lines().next().unwrap_or_default());
                    continue;
                }
            };
            let names: Vec<&str> = table.get_column_names().iter().map(|name| name.as_str()).collect();
            std::fs::write(at(".columns"), serde_json::to_string(&names)?)?;
            write(table, &at(".jsonl").to_string_lossy())?;
        }
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args.as_slice() {
        ["apply", recipe, table, out] => {
            let recipe = Recipe::parse(&std::fs::read_to_string(recipe)?)?;
            let context = Context { tables: &Files, ..Context::default() };
            write(recipe.apply(read(table)?, &context)?.collect()?, out)?;
        }
        ["export", recipe, table, to] => {
            let recipe = Recipe::parse(&std::fs::read_to_string(recipe)?)?;
            let to = To::parse(to).ok_or("python, pandas, rust, notebook or script")?;
            print!("{}", recipe.export(to, table, Options::default())?);
        }
        ["examples", folder] => {
            std::fs::create_dir_all(folder)?;
            examples(Path::new(folder))?;
        }
        _ => return Err("recipe apply|export|examples ...".into()),
    }
    Ok(())
}
