//! Data: buckets to walk through, and tables of buckets, of the workspace, of kernels and of queries.

mod browse;
mod cells;
mod charts;
mod clip;
mod export;
mod filter;
mod form;
mod head;
mod inspector;
mod layout;
mod picture;
mod plan;
mod quality;
mod reading;
mod recipe;
mod rows;
mod state;
mod step;
mod table;
mod words;

use crate::frame::Address;
use leptos::prelude::*;

/// Endings of files that open as a table.
const TABLES: [&str; 15] = [
    "csv", "tsv", "psv", "parquet", "pq", "json", "jsonl", "ndjson", "arrow", "feather", "ipc", "xlsx", "xls", "xlsb",
    "ods",
];

/// Whether an object or a file holds rows, by its name. `.out` is what batch transform writes.
fn is_table(name: &str) -> bool {
    let leaf = name.rsplit('/').next().unwrap_or(name).to_ascii_lowercase();
    let leaf = leaf.strip_suffix(".gz").or_else(|| leaf.strip_suffix(".zst")).unwrap_or(&leaf);
    // A recipe is about a table, and none itself.
    if leaf.ends_with(".recipe.json") {
        return false;
    }
    let leaf = leaf.strip_suffix(".out").unwrap_or(leaf);
    leaf.rsplit_once('.').is_some_and(|(_, ending)| TABLES.contains(&ending))
}

/// Buckets, and tables: of the workspace (`file/path`), and whatever else is a source (`table/s3://bucket/key`,
/// `table/bridge:NAME`, `table/sql:SELECT …`).
pub fn opens(thing: &Address) -> bool {
    match thing.kind.as_str() {
        "bucket" | "table" => true,
        "file" => is_table(&thing.name),
        _ => false,
    }
}

pub fn open(address: Address) -> AnyView {
    match address.kind.as_str() {
        "table" | "file" if address.is_thing() => {
            view! { <table::TablePage source=address.name.clone() address/> }.into_any()
        }
        "bucket" => {
            let (bucket, prefix) =
                address.name.split_once('/').map_or((address.name.as_str(), String::new()), |(bucket, prefix)| {
                    (bucket, format!("{}/", prefix.trim_end_matches('/')))
                });
            let prefix = if prefix == "/" { String::new() } else { prefix };
            view! { <browse::Browse bucket=Some(bucket.to_owned()) prefix/> }.into_any()
        }
        _ => view! { <browse::Browse bucket=None prefix=String::new()/> }.into_any(),
    }
}

#[cfg(test)]
mod tests {
    use super::is_table;

    #[test]
    fn tables_by_name() {
        for name in ["a.feather", "b.xlsx", "a.csv.zst", "a.csv", "x/y.parquet", "test.csv.out", "a.CSV", "a.csv.gz"] {
            assert!(is_table(name), "{name}");
        }
        for name in ["a.recipe.json", "model.tar.gz", "notebook.ipynb", "csv", "a.csv/b"] {
            assert!(!is_table(name), "{name}");
        }
    }
}
