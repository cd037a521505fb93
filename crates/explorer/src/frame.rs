//! A table in memory with what was computed about it so far.

use crate::{ExploreError, profile};
use atelier_wire::studio::data::{Column as WireColumn, ColumnClass, ColumnProfile, Table};
use parking_lot::Mutex;
use polars::prelude::*;
use std::collections::HashMap;
use std::sync::Arc;

pub(crate) struct Frame {
    pub data: DataFrame,
    format: &'static str,
    header: bool,
    size_bytes: u64,
    profiles: Mutex<HashMap<String, ColumnProfile>>,
    /// The last sort order asked for: scrolling a sorted table must not sort again for each page.
    order: Mutex<Option<(String, bool, Arc<IdxCa>)>>,
}

impl Frame {
    pub fn new(parsed: crate::read::Parsed, size_bytes: u64) -> Self {
        let crate::read::Parsed { data, format, header } = parsed;
        Self { data, format, header, size_bytes, profiles: Mutex::default(), order: Mutex::default() }
    }

    pub fn table(&self, source: &str) -> Table {
        let column = |column: &Column| WireColumn {
            name: column.name().to_string(),
            dtype: column.dtype().to_string(),
            class: class(column.dtype()),
        };
        Table {
            source: source.to_owned(),
            format: self.format.to_owned(),
            header: self.header,
            num_rows: self.data.height() as u64,
            size_bytes: self.size_bytes,
            columns: self.data.columns().iter().map(column).collect(),
        }
    }

    pub fn column(&self, source: &str, name: &str) -> Result<&Column, ExploreError> {
        self.data.column(name).map_err(|_| ExploreError::NoColumn {
            source_name: source.to_owned(),
            column: name.to_owned(),
        })
    }

    /// The profile of a column, computed at the first call.
    pub fn profile(&self, source: &str, name: &str) -> Result<ColumnProfile, ExploreError> {
        if let Some(known) = self.profiles.lock().get(name) {
            return Ok(known.clone());
        }
        let computed = profile::profile(self.column(source, name)?)
            .map_err(|error| ExploreError::Compute { source_name: source.to_owned(), reason: error.to_string() })?;
        self.profiles.lock().insert(name.to_owned(), computed.clone());
        Ok(computed)
    }

    /// Row numbers in the order of a column: stable, missing values last in both directions.
    pub fn order(&self, source: &str, name: &str, descending: bool) -> Result<Arc<IdxCa>, ExploreError> {
        let mut kept = self.order.lock();
        if let Some((column, down, order)) = kept.as_ref()
            && column == name
            && *down == descending
        {
            return Ok(order.clone());
        }
        let options = SortOptions::default()
            .with_order_descending(descending)
            .with_nulls_last(true)
            .with_maintain_order(true);
        let order = Arc::new(self.column(source, name)?.arg_sort(options));
        *kept = Some((name.to_owned(), descending, order.clone()));
        Ok(order)
    }
}

pub(crate) fn class(dtype: &DataType) -> ColumnClass {
    match dtype {
        DataType::Boolean => ColumnClass::Boolean,
        DataType::String | DataType::Categorical(..) | DataType::Enum(..) => ColumnClass::Text,
        DataType::Date | DataType::Datetime(..) | DataType::Time => ColumnClass::Time,
        dtype if dtype.is_integer() => ColumnClass::Integer,
        dtype if dtype.is_float() || dtype.is_decimal() => ColumnClass::Float,
        _ => ColumnClass::Other,
    }
}
