//! SQL over tables, by Polars' own SQL. Only queries: nothing is written, and no file is reached but by a source's name.

use crate::error::{ExploreError, Result, brief};
use crate::table::columns::Columns;
use crate::table::sink::Sink;
use crate::work::{Cancel, guard};
use parking_lot::Mutex;
use polars::prelude::*;
use polars::sql::{SQLContext, extract_table_identifiers};
use std::sync::Arc;
use std::time::Duration;

/// Rows that a join of everything with everything may make.
const MAX_PRODUCT: u64 = 100_000_000;

/// The tables that a query names, in the order of their first mention, each once.
pub(crate) fn tables(query: &str, source: &str) -> Result<Vec<String>> {
    let text = without_texts(query);
    let first = text
        .trim_start_matches(|c: char| c == '(' || c.is_whitespace())
        .split(|c: char| !c.is_ascii_alphabetic())
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    if !matches!(first.as_str(), "select" | "with" | "from" | "values") {
        return Err(ExploreError::refused(source, "only queries are run: begin with SELECT or WITH"));
    }
    let reads =
        regex::Regex::new(r"(?i)\bread_\w+\s*\(").map_err(|error| ExploreError::refused(source, error.to_string()))?;
    if reads.is_match(&text) {
        return Err(ExploreError::refused(
            source,
            "files are not read from within a query: name the source in double quotes instead, as in FROM \"data/a.csv\"",
        ));
    }
    guard(source, || {
        extract_table_identifiers(query, false, true)
            .map_err(|error| ExploreError::refused(source, format!("the query cannot be read: {}", brief(&error))))
    })
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
    let crosses = text.contains("cross join")
        || regex::Regex::new(r"(?s)\bfrom\s+[\w\x22./]+(\s+(as\s+)?\w+)?\s*,")
            .is_ok_and(|regex| regex.is_match(&text) && !text.contains("where"));
    let product = tables.iter().fold(1u64, |product, (_, _, height)| product.saturating_mul((*height).max(1)));
    if crosses && tables.len() > 1 && product > MAX_PRODUCT {
        return Err(ExploreError::refused(
            source,
            format!("joining every row with every row would make {product} rows: join ON a column"),
        ));
    }
    guard(source, || {
        let mut context = SQLContext::new();
        for (name, frame, _) in tables {
            context.register(&name, frame);
        }
        context
            .execute(query)
            .map_err(|error| ExploreError::refused(source, format!("the query cannot be run: {}", brief(&error))))
    })
}

/// The frame, which ends with an error when its rows come by after the work was cancelled: so a plan over it ends within
/// a step, and not only after it.
pub(crate) fn watched(frame: LazyFrame, cancel: &Cancel) -> LazyFrame {
    let cancel = cancel.clone();
    let pass = move |rows: DataFrame| {
        if cancel.is_cancelled() { Err(PolarsError::ComputeError("cancelled".into())) } else { Ok(rows) }
    };
    let allowed = AllowedOptimizations::PREDICATE_PUSHDOWN
        | AllowedOptimizations::PROJECTION_PUSHDOWN
        | AllowedOptimizations::STREAMING;
    frame.map(pass, allowed, None, Some("watched"))
}

/// How a plan is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// At once: what stays as it was is shared and not copied. For plans that make no more rows than there are.
    Whole,
    /// Part by part, so that it can be ended within a step, and what it makes is bounded in memory.
    Parts,
}

/// Computes a plan in memory; a result of more bytes than `most` is refused, by parts before it is whole.
pub(crate) fn collect(plan: LazyFrame, how: How, most: usize, source: &str, cancel: &Cancel) -> Result<DataFrame> {
    let sink = run(plan, how, source, cancel, move |sink, rows, source| {
        sink.push(rows, false, source)?;
        match sink.size() > most {
            true => Err(ExploreError::refused(
                source,
                format!(
                    "its result is larger than the {} MB that one table may take: add a LIMIT or a WHERE",
                    most >> 20
                ),
            )),
            false => Ok(()),
        }
    })?;
    match sink.finish(most, source)? {
        Columns::Resident(frame) => Ok(frame),
        Columns::Parquet(_) => Err(ExploreError::refused(source, "its result is not in memory")),
    }
}

/// Computes a plan into memory, or into a temporary file where it takes more than `budget` bytes.
pub(crate) fn collect_within(
    plan: LazyFrame,
    how: How,
    budget: usize,
    source: &str,
    cancel: &Cancel,
) -> Result<Columns> {
    let sink = run(plan, how, source, cancel, move |sink, rows, source| {
        let large = sink.size() + rows.estimated_size() > budget;
        sink.push(rows, large, source)
    })?;
    sink.finish(budget, source)
}

/// Computes a plan on a thread of its own. When it is cancelled the answer comes at once; what is left
/// ends when its next rows come by, and is dropped.
fn run(
    mut plan: LazyFrame,
    how: How,
    source: &str,
    cancel: &Cancel,
    take: impl Fn(&mut Sink, DataFrame, &str) -> Result<()> + Send + Sync + 'static,
) -> Result<Sink> {
    let (give, answer) = std::sync::mpsc::channel();
    let (name, stop) = (source.to_owned(), cancel.clone());
    let work = move || {
        let made = guard(&name.clone(), move || {
            let compute = |error: PolarsError| ExploreError::compute(&name, &error);
            if how == How::Whole {
                let rows = plan.collect().map_err(compute)?;
                let mut sink = Sink::new((**rows.schema()).clone());
                return take(&mut sink, rows, &name).map(|()| sink);
            }
            let schema = plan.collect_schema().map_err(compute)?;
            let sink = Arc::new(Mutex::new((Sink::new((*schema).clone()), None)));
            let (into, source) = (sink.clone(), name.clone());
            let keep = move |rows: DataFrame| {
                let mut into = into.lock();
                let done =
                    if stop.is_cancelled() { Err(ExploreError::Cancelled) } else { take(&mut into.0, rows, &source) };
                let ended = done.is_err();
                into.1 = done.err();
                Ok(ended)
            };
            plan.sink_batches(PlanCallback::new(keep), true, None)
                .and_then(|plan| plan.collect_with_engine(Engine::Streaming))
                .map_err(compute)?;
            let mut sink = sink.lock();
            match sink.1.take() {
                Some(fault) => Err(fault),
                None => Ok(std::mem::replace(&mut sink.0, Sink::new(Schema::default()))),
            }
        });
        let _ = give.send(made); // nobody waits any more when it was cancelled
    };
    std::thread::Builder::new()
        .name("query".to_owned())
        .spawn(work)
        .map_err(|error| ExploreError::refused(source, error.to_string()))?;
    loop {
        match answer.recv_timeout(Duration::from_millis(20)) {
            Ok(made) => {
                cancel.check()?;
                return made;
            }
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
