//! Many files as one table: columns by name, missing ones null, numbers widened where files differ.

use super::Table;
use super::columns::Columns;
use super::sink::Sink;
use crate::error::{ExploreError, Result};
use crate::sql::{self, How};
use crate::work::Cancel;
use atelier_wire::studio::data::view::ReadOptions;
use polars::prelude::*;
use std::path::PathBuf;
use std::sync::Arc;

fn union() -> UnionArgs {
    UnionArgs { diagonal: true, to_supertypes: true, rechunk: true, ..UnionArgs::default() }
}

fn failed(source: &str) -> impl Fn(PolarsError) -> ExploreError {
    move |error| {
        let reason = format!(
            "its files do not fit together: {}. Choose those of one kind with a pattern",
            crate::error::brief(&error)
        );
        ExploreError::refused(source, reason)
    }
}

/// Frames below each other in memory.
pub(crate) fn together(frames: Vec<DataFrame>, source: &str) -> Result<DataFrame> {
    concat(frames.into_iter().map(IntoLazy::lazy).collect::<Vec<_>>(), union())
        .and_then(LazyFrame::collect)
        .map_err(failed(source))
}

/// The columns of frames below each other.
pub(crate) fn merged(schemas: &[SchemaRef], source: &str) -> Result<SchemaRef> {
    let empty: Vec<LazyFrame> = schemas.iter().map(|schema| DataFrame::empty_with_schema(schema).lazy()).collect();
    concat(empty, union()).and_then(|mut plan| plan.collect_schema()).map_err(failed(source))
}

/// Reads the files one after the other. What does not fit into memory together goes to temporary files, and from there,
/// row group by row group, into one.
pub(crate) fn all_of(
    paths: &[PathBuf],
    options: &ReadOptions,
    budget: usize,
    source: &str,
    stop: &Cancel,
) -> Result<Columns> {
    let mut parts = Parts { kept: Vec::new(), pending: Vec::new(), bytes: 0, most: budget / 2, source };
    for path in paths {
        stop.check()?;
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or(source).to_owned();
        let table = Table::open(&name, vec![path.clone()], options, budget / 2, 0, Arc::new(|_| {}))?;
        let base = table.base(stop)?;
        if base.columns.is_by_parts() {
            parts.put_down()?;
            parts.kept.push(base);
        } else {
            let frame = base.columns.lazy(source)?.collect().map_err(|error| ExploreError::compute(source, &error))?;
            parts.add(frame)?;
        }
    }
    if parts.kept.is_empty() {
        return Ok(Columns::Resident(together(parts.pending, source)?));
    }
    parts.put_down()?;
    let plans = parts
        .kept
        .iter()
        .map(|base| base.columns.lazy(source).map(|plan| sql::watched(plan, stop)))
        .collect::<Result<Vec<_>>>()?;
    let plan = concat(plans, union()).map_err(failed(source))?;
    sql::collect_within(plan, How::Parts, budget, source, stop)
}

struct Parts<'a> {
    /// In the order of the files.
    kept: Vec<Arc<super::base::Base>>,
    /// The files after these, in memory.
    pending: Vec<DataFrame>,
    bytes: usize,
    most: usize,
    source: &'a str,
}

impl Parts<'_> {
    fn add(&mut self, frame: DataFrame) -> Result<()> {
        self.bytes += frame.estimated_size();
        self.pending.push(frame);
        if self.bytes > self.most { self.put_down() } else { Ok(()) }
    }

    /// Moves what is in memory to a temporary file.
    fn put_down(&mut self) -> Result<()> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let frame = together(std::mem::take(&mut self.pending), self.source)?;
        self.bytes = 0;
        let mut sink = Sink::new((**frame.schema()).clone());
        sink.push(frame, true, self.source)?;
        self.kept.push(Arc::new(super::base::Base::new(self.source, sink.finish(0, self.source)?)));
        Ok(())
    }
}
