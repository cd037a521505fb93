//! SQL over tables, by Polars' own SQL. Only queries: nothing is written, and no file is reached but by a source's name.

use crate::error::{ExploreError, Result, brief};
use crate::work::{Cancel, guard};
use polars::prelude::*;
use polars::sql::{SQLContext, extract_table_identifiers};
use std::time::Duration;

/// Rows that a join of everything with everything may make.
const MAX_PRODUCT: u64 = 100_000_000;

/// The tables that a query names, in the order of their first mention, each once.
pub(crate) fn tables(query: &str, source: &str) -> Result<Vec<String>> {
    let text = without_texts(query);
    let first = text.trim_start_matches(|c: char| c == '(' || c.is_whitespace()).split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default().to_ascii_lowercase();
    if !matches!(first.as_str(), "select" | "with" | "from" | "values") {
        return Err(ExploreError::refused(source, "only queries are run: begin with SELECT or WITH"));
    }
    let reads = regex::Regex::new(r"(?i)\bread_\w+\s*\(").map_err(|error| ExploreError::refused(source, error.to_string()))?;
    if reads.is_match(&text) {
        return Err(ExploreError::refused(source, "files are not read from within a query: name the source in double quotes instead, as in FROM \"data/a.csv\""));
    }
    guard(source, || extract_table_identifiers(query, false, true).map_err(|error| ExploreError::refused(source, format!("the query cannot be read: {}", brief(&error)))))
}

/// The query without what stands in single quotes.
fn without_texts(query: &str) -> String {
    let mut out = String::with_capacity(query.len());
    let mut inside = false;
    for c in query.chars() {
        if c == '\'' {
            inside = !inside;
        }
        if !inside {
            out.push(c);
        }
    }
    out
}

/// Plans the query over tables of a known height.
pub(crate) fn plan(query: &str, tables: Vec<(String, LazyFrame, u64)>, source: &str) -> Result<LazyFrame> {
    let text = without_texts(query).to_ascii_lowercase();
    let crosses = text.contains("cross join") || regex::Regex::new(r"(?s)\bfrom\s+[\w\x22./]+(\s+(as\s+)?\w+)?\s*,").is_ok_and(|regex| regex.is_match(&text) && !text.contains("where"));
    let product = tables.iter().fold(1u64, |product, (_, _, height)| product.saturating_mul((*height).max(1)));
    if crosses && tables.len() > 1 && product > MAX_PRODUCT {
        return Err(ExploreError::refused(source, format!("joining every row with every row would make {product} rows: join ON a column")));
    }
    guard(source, || {
        let mut context = SQLContext::new();
        for (name, frame, _) in tables {
            context.register(&name, frame);
        }
        context.execute(query).map_err(|error| ExploreError::refused(source, format!("the query cannot be run: {}", brief(&error))))
    })
}

/// Computes a plan on a thread of its own. When it is cancelled the answer comes at once; Polars ends the step that it
/// is in, and what it made is dropped.
pub(crate) fn collect(frame: LazyFrame, source: &str, cancel: &Cancel) -> Result<DataFrame> {
    let (give, take) = std::sync::mpsc::channel();
    let name = source.to_owned();
    let work = move || {
        let made = guard(&name, || frame.collect().map_err(|error| ExploreError::compute(&name, &error)));
        let _ = give.send(made); // nobody waits any more when it was cancelled
    };
    std::thread::Builder::new().name("query".to_owned()).spawn(work).map_err(|error| ExploreError::refused(source, error.to_string()))?;
    loop {
        match take.recv_timeout(Duration::from_millis(20)) {
            Ok(made) => return made,
            Err(std::sync::mpsc::RecvTimeoutError::Timeout) => cancel.check()?,
            Err(error) => return Err(ExploreError::refused(source, error.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_queries() {
        let check = |query: &str, fine: bool| assert_eq!(tables(query, "q").is_ok(), fine, "{query}");
        check("SELECT * FROM a", true);
        check("with t as (select 1 as x) select * from t", true);
        check("DROP TABLE a", false);
        check("DELETE FROM a", false);
        check("SELECT * FROM read_csv('/etc/passwd')", false);
        check("SELECT 'read_csv(' AS x FROM a", true);
        check("SELECT (", false);
    }

    #[test]
    fn tables_are_named() {
        assert_eq!(tables("SELECT * FROM a JOIN \"data/b.csv\" ON a.x = 1", "q").unwrap(), ["a", "data/b.csv"]);
    }

    #[test]
    fn a_join_of_everything_is_refused() {
        let frame = || df!("x" => [1i64]).unwrap().lazy();
        let tables = || vec![("a".to_owned(), frame(), 1_000_000), ("b".to_owned(), frame(), 1_000_000)];
        assert!(plan("SELECT * FROM a CROSS JOIN b", tables(), "q").is_err());
        assert!(plan("SELECT * FROM a, b", tables(), "q").is_err());
        assert!(plan("SELECT * FROM a JOIN b ON a.x = b.x", tables(), "q").is_ok());
    }
}
