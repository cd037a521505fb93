//! A table as it is looked at: changed by steps, filtered, in an order.

pub(crate) mod cell;
pub(crate) mod export;
pub(crate) mod find;
pub(crate) mod order;
pub(crate) mod rows;
pub(crate) mod values;

use crate::error::{ExploreError, Result};
use crate::filter;
use crate::table::base::Base;
use crate::table::{Phase, Table};
use crate::work::Cancel;
use atelier_wire::studio::data::filter::Filter;
use atelier_wire::studio::data::view::{OpenView, ViewColumn, ViewInfo};
use parking_lot::Mutex;
use polars::prelude::*;
use std::sync::Arc;

pub(crate) struct View {
    pub key: String,
    pub request: OpenView,
    pub table: Arc<Table>,
    /// The table after the steps; `None` while there are none and the file is still being read.
    changed: Option<Arc<Base>>,
    /// Rows shown, in order; `None` is all of them in the file's.
    rows: Mutex<Option<Arc<Vec<IdxSize>>>>,
}

/// A base and the rows of it that a view shows.
pub(crate) struct Shown {
    pub base: Arc<Base>,
    pub rows: Option<Arc<Vec<IdxSize>>>,
}

impl Shown {
    pub fn len(&self) -> usize {
        self.rows.as_ref().map_or_else(|| self.base.columns.height(), |rows| rows.len())
    }

    /// A column's values in the view's order.
    pub fn column(&self, name: &str) -> Result<Series> {
        let series = self.base.column(name)?;
        match &self.rows {
            None => Ok(series),
            Some(rows) => series.take_slice(rows).map_err(|error| ExploreError::compute(&self.base.source, &error)),
        }
    }

    /// The rows of the view as a lazy frame of some columns.
    pub fn frame(&self, names: &[PlSmallStr]) -> Result<DataFrame> {
        let columns =
            names.iter().map(|name| self.column(name).map(Series::into_column)).collect::<Result<Vec<_>>>()?;
        DataFrame::new(self.len(), columns).map_err(|error| ExploreError::compute(&self.base.source, &error))
    }

    pub fn schema(&self) -> SchemaRef {
        self.base.columns.schema()
    }

    pub fn names(&self) -> Vec<PlSmallStr> {
        self.schema().iter_names().cloned().collect()
    }

    pub fn dtype(&self, name: &str) -> Result<DataType> {
        self.schema()
            .get(name)
            .cloned()
            .ok_or_else(|| ExploreError::NoColumn { source_name: self.base.source.clone(), column: name.to_owned() })
    }
}

impl View {
    /// Computes the filter and the order. `changed` is the table after the steps, where there are any.
    pub fn open(
        key: String,
        request: OpenView,
        table: Arc<Table>,
        changed: Option<Arc<Base>>,
        cancel: &Cancel,
    ) -> Result<View> {
        let view = View { key, request, table, changed, rows: Mutex::new(None) };
        if view.request.filter.is_some() || !view.request.sort.is_empty() {
            let base = view.base(cancel)?;
            *view.rows.lock() = view.order(&base, view.request.filter.as_ref(), cancel)?;
        }
        Ok(view)
    }

    fn order(&self, base: &Arc<Base>, filter: Option<&Filter>, cancel: &Cancel) -> Result<Option<Arc<Vec<IdxSize>>>> {
        let chosen = match filter {
            None => None,
            Some(filter) => filter::rows(base, filter, cancel)?,
        };
        if self.request.sort.is_empty() {
            return Ok(chosen.map(Arc::new));
        }
        let order = order::order(base, &self.request.sort, cancel)?;
        let Some(chosen) = chosen else { return Ok(Some(order)) };
        let mut keep = vec![false; base.columns.height()];
        chosen.iter().for_each(|&row| keep[row as usize] = true);
        let mut rows = Vec::with_capacity(chosen.len());
        rows.extend(order.iter().copied().filter(|&row| keep[row as usize]));
        Ok(Some(Arc::new(rows)))
    }

    /// The whole table that the view is over; waits for it to be read.
    pub fn base(&self, cancel: &Cancel) -> Result<Arc<Base>> {
        self.changed.clone().map_or_else(|| self.table.base(cancel), Ok)
    }

    fn ready(&self) -> Option<Arc<Base>> {
        self.changed.clone().or_else(|| self.table.ready())
    }

    /// All rows of the view; waits for the table to be read.
    pub fn shown(&self, cancel: &Cancel) -> Result<Shown> {
        Ok(Shown { base: self.base(cancel)?, rows: self.rows.lock().clone() })
    }

    /// The rows that the filter's tests of other columns leave.
    pub fn shown_across(&self, column: &str, cancel: &Cancel) -> Result<Shown> {
        let base = self.base(cancel)?;
        let rows = match self.request.filter.as_ref().and_then(|filter| filter::without(filter, column)) {
            None => None,
            Some(filter) => filter::rows(&base, &filter, cancel)?.map(Arc::new),
        };
        Ok(Shown { base, rows })
    }

    pub fn rows_if_any(&self) -> Option<Arc<Vec<IdxSize>>> {
        self.rows.lock().clone()
    }

    pub fn schema(&self) -> SchemaRef {
        self.changed.as_ref().map_or_else(|| self.table.schema(), |base| base.columns.schema())
    }

    pub fn info(&self) -> ViewInfo {
        let schema = self.schema();
        let columns = schema.iter().map(|(name, dtype)| ViewColumn {
            name: name.to_string(),
            dtype: dtype.to_string(),
            kind: crate::source::types::kind(dtype),
        });
        let base = self.ready();
        let rows = self.rows.lock().as_ref().map(|rows| rows.len() as u64);
        let notices = self.table.notices();
        let state = self.table.state.lock();
        let (counted, estimated, complete) = match &state.phase {
            Phase::Ready(base) => (Some(base.columns.height() as u64), base.columns.height() as u64, true),
            Phase::Loading(loading) => (loading.num_rows, loading.num_rows.unwrap_or(loading.estimated_rows), false),
            Phase::Failed(loading, _) => {
                (loading.num_rows.or(Some(loading.head.height() as u64)), loading.head.height() as u64, true)
            }
        };
        let fraction = if complete { 1.0 } else { state.fraction };
        drop(state);
        let before = base.as_ref().map(|base| base.columns.height() as u64).or(counted);
        ViewInfo {
            view: self.key.clone(),
            source: self.request.source.clone(),
            format: self.table.format.clone(),
            size_bytes: self.table.size_bytes,
            num_rows: rows.or(before),
            num_source_rows: before,
            estimated_rows: before.unwrap_or(estimated),
            complete,
            fraction,
            columns: columns.collect(),
            options: self.table.options.clone(),
            sheets: self.table.sheets.clone(),
            notices,
            version: self.version(),
        }
    }

    /// Twice the table's, and one more when it is complete: types may differ then.
    pub fn version(&self) -> u64 {
        self.table.version * 2 + u64::from(self.ready().is_some())
    }
}
