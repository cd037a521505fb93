//! The values of a table, in memory or by row group from a Parquet file.

use crate::error::{ExploreError, Result};
use crate::source::parquet::ParquetFile;
use parking_lot::{Condvar, Mutex};
use polars::prelude::*;
use std::sync::Arc;

pub(crate) enum Columns {
    Resident(DataFrame),
    Parquet(LazyColumns),
}

/// A Parquet file whose columns are decoded when first needed whole, and kept within a budget.
pub(crate) struct LazyColumns {
    file: Arc<ParquetFile>,
    budget: usize,
    kept: Mutex<Kept>,
    /// Columns that are being decoded: who needs one of them waits for it instead of decoding it again.
    decoding: Mutex<Vec<PlSmallStr>>,
    decoded: Condvar,
    /// A file of ours that goes with the table.
    _temporary: Option<tempfile::TempPath>,
}

#[derive(Default)]
struct Kept {
    columns: Vec<(PlSmallStr, Series)>,
    bytes: usize,
}

impl LazyColumns {
    pub fn new(file: Arc<ParquetFile>, budget: usize, temporary: Option<tempfile::TempPath>) -> Self {
        Self {
            file,
            budget,
            kept: Mutex::default(),
            decoding: Mutex::default(),
            decoded: Condvar::new(),
            _temporary: temporary,
        }
    }

    /// Whether all columns can be kept.
    fn fits(&self) -> bool {
        self.file.estimated_size() as usize <= self.budget / 2
    }

    fn known(&self, name: &str) -> Option<Series> {
        let mut kept = self.kept.lock();
        let at = kept.columns.iter().position(|(its, _)| its == name)?;
        let entry = kept.columns.remove(at);
        kept.columns.push(entry);
        kept.columns.last().map(|(_, series)| series.clone())
    }

    fn column(&self, name: &PlSmallStr) -> Result<Series> {
        {
            let mut decoding = self.decoding.lock();
            loop {
                if let Some(known) = self.known(name) {
                    return Ok(known);
                }
                if !decoding.contains(name) {
                    break;
                }
                self.decoded.wait(&mut decoding);
            }
            decoding.push(name.clone());
        }
        let made = crate::work::guard(self.file.source(), || self.decode(name));
        self.decoding.lock().retain(|other| other != name);
        self.decoded.notify_all();
        made
    }

    fn decode(&self, name: &PlSmallStr) -> Result<Series> {
        let frame = self.file.read(std::slice::from_ref(name), 0, usize::MAX)?;
        let series = frame.columns()[0].as_materialized_series().rechunk();
        drop(frame);
        let size = series.estimated_size();
        let mut kept = self.kept.lock();
        while kept.bytes + size > self.budget && !kept.columns.is_empty() {
            let (_, oldest) = kept.columns.remove(0);
            kept.bytes -= oldest.estimated_size();
        }
        if kept.columns.iter().all(|(its, _)| its != name) {
            kept.bytes += size;
            kept.columns.push((name.clone(), series.clone()));
        }
        Ok(series)
    }
}

impl Columns {
    pub fn schema(&self) -> SchemaRef {
        match self {
            Columns::Resident(frame) => frame.schema().clone(),
            Columns::Parquet(lazy) => lazy.file.schema.clone(),
        }
    }

    pub fn height(&self) -> usize {
        match self {
            Columns::Resident(frame) => frame.height(),
            Columns::Parquet(lazy) => lazy.file.height(),
        }
    }

    /// Whether the rows are too many for the memory that one table may take.
    pub fn is_by_parts(&self) -> bool {
        matches!(self, Columns::Parquet(lazy) if !lazy.fits())
    }

    /// Bytes kept in memory now.
    pub fn size(&self) -> usize {
        match self {
            Columns::Resident(frame) => frame.estimated_size(),
            Columns::Parquet(lazy) => lazy.kept.lock().bytes,
        }
    }

    /// A whole column.
    pub fn column(&self, name: &str, source: &str) -> Result<Series> {
        let missing = || ExploreError::NoColumn { source_name: source.to_owned(), column: name.to_owned() };
        match self {
            Columns::Resident(frame) => {
                frame.column(name).map(|column| column.as_materialized_series().clone()).map_err(|_| missing())
            }
            Columns::Parquet(lazy) if lazy.file.schema.contains(name) => lazy.column(&name.into()),
            Columns::Parquet(_) => Err(missing()),
        }
    }

    /// Consecutive rows of some columns. Runs on the calling thread, so that it never waits for Polars' pool.
    pub fn window(&self, names: &[PlSmallStr], offset: usize, len: usize) -> Result<Vec<Series>> {
        match self {
            Columns::Resident(frame) => {
                let part = |name: &PlSmallStr| {
                    frame.column(name).ok().map(|column| column.as_materialized_series().slice(offset as i64, len))
                };
                Ok(names.iter().filter_map(part).collect())
            }
            Columns::Parquet(lazy) => {
                let known: Vec<Option<Series>> = names.iter().map(|name| lazy.known(name)).collect();
                let unknown: Vec<PlSmallStr> = names
                    .iter()
                    .zip(&known)
                    .filter(|(_, known)| known.is_none())
                    .map(|(name, _)| name.clone())
                    .collect();
                let read = lazy.file.window(&unknown, offset, len)?;
                let mut read = read.columns().iter();
                let part = |known: Option<Series>| match known {
                    Some(series) => Some(series.slice(offset as i64, len)),
                    None => read.next().map(|column| column.as_materialized_series().clone()),
                };
                Ok(known.into_iter().filter_map(part).collect())
            }
        }
    }

    /// Rows by position, in the order given.
    pub fn take(&self, names: &[PlSmallStr], rows: &[IdxSize], source: &str) -> Result<Vec<Series>> {
        let take = |name: &PlSmallStr| {
            self.column(name, source)?.take_slice(rows).map_err(|error| ExploreError::compute(source, &error))
        };
        names.iter().map(take).collect()
    }

    /// For queries and steps: the decoded columns where they fit into memory, else a scan by Polars itself.
    pub fn lazy(&self, source: &str) -> Result<LazyFrame> {
        match self {
            Columns::Resident(frame) => Ok(frame.clone().lazy()),
            Columns::Parquet(lazy) if lazy.fits() => {
                let columns = lazy
                    .file
                    .schema
                    .iter_names()
                    .map(|name| lazy.column(name).map(Series::into_column))
                    .collect::<Result<Vec<_>>>()?;
                let frame = DataFrame::new(lazy.file.height(), columns)
                    .map_err(|error| ExploreError::compute(source, &error))?;
                Ok(frame.lazy())
            }
            Columns::Parquet(lazy) => {
                let path = PlRefPath::try_from_path(lazy.file.path())
                    .map_err(|error| ExploreError::compute(source, &error))?;
                LazyFrame::scan_parquet(path, ScanArgsParquet { glob: false, ..Default::default() })
                    .map_err(|error| ExploreError::compute(source, &error))
            }
        }
    }

    /// Decodes what fits the budget, a column at a time, until told to stop.
    pub fn preload(&self, stop: &crate::work::Cancel) {
        let Columns::Parquet(lazy) = self else { return };
        if !lazy.fits() {
            return;
        }
        for name in lazy.file.schema.iter_names() {
            if stop.is_cancelled() || lazy.column(name).is_err() {
                return;
            }
        }
    }
}
