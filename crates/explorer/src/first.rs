//! The first panel's calls, over the same engine.

use crate::error::{ExploreError, Result};
use crate::open::Sources;
use crate::profile::spark;
use crate::{Cancel, Explorer};
use atelier_wire::studio::data::view::{ColumnKind, GetRows, GetStats, OpenView, ReadOptions, SortBy};
use atelier_wire::studio::data::{Column, ColumnClass, ColumnProfile, GetPage, OpenTable, Page, ProfileColumn, Table};

impl Explorer {
    /// Opens a table and waits until it has been read.
    pub fn open_table(&self, request: &OpenTable, sources: &dyn Sources) -> Result<Table> {
        let view = self.whole(&request.source, request.header, Vec::new(), sources)?;
        let info = self.info(&view)?;
        Ok(Table {
            source: info.source,
            format: info.format,
            header: info.options.header.unwrap_or(true),
            num_rows: info.num_rows.unwrap_or(info.estimated_rows),
            size_bytes: info.size_bytes,
            columns: info.columns.into_iter().map(|column| Column { class: class(column.kind), name: column.name, dtype: column.dtype }).collect(),
        })
    }

    pub fn page(&self, request: &GetPage, sources: &dyn Sources) -> Result<Page> {
        let sort = request.sort.iter().map(|sort| SortBy { column: sort.column.clone(), descending: sort.descending }).collect();
        let view = self.whole(&request.source, request.header, sort, sources)?;
        let rows = self.rows(&GetRows { view, offset: request.offset, limit: request.limit, columns: None, names: Vec::new() })?;
        Ok(Page { offset: request.offset, rows: rows.cells })
    }

    pub fn profile(&self, request: &ProfileColumn, sources: &dyn Sources) -> Result<ColumnProfile> {
        let view = self.whole(&request.source, request.header, Vec::new(), sources)?;
        let kind = self.info(&view)?.columns.into_iter().find(|column| column.name == request.column).map(|column| class(column.kind));
        let Some(class) = kind else { return Err(ExploreError::NoColumn { source_name: request.source.clone(), column: request.column.clone() }) };
        let stats = self.stats(&GetStats { view, column: request.column.clone(), ..GetStats::default() })?;
        let mut profile = ColumnProfile {
            column: request.column.clone(),
            num_rows: stats.num_rows,
            num_missing: stats.num_missing,
            num_distinct: stats.num_distinct.unwrap_or(0),
            min: stats.low,
            max: stats.high,
            mean: stats.mean,
            std: stats.std,
            median: stats.quantiles.get(2).copied(),
            top: stats.top.into_iter().take(5).collect(),
            ..ColumnProfile::default()
        };
        if !stats.bins.is_empty() {
            profile.spark_svg = spark::spark(&stats.bins);
            profile.chart_svg = spark::histogram(&stats.bins, profile.min.unwrap_or(0.0), profile.max.unwrap_or(0.0), class);
            profile.bins = stats.bins;
        } else if !profile.top.is_empty() {
            profile.spark_svg = spark::spark(&profile.top.iter().map(|(_, count)| *count).collect::<Vec<_>>());
        }
        Ok(profile)
    }

    fn whole(&self, source: &str, header: Option<bool>, sort: Vec<SortBy>, sources: &dyn Sources) -> Result<String> {
        let options = ReadOptions { header, ..ReadOptions::default() };
        let info = self.open_view(OpenView { source: source.to_owned(), options, sort, ..OpenView::default() }, sources)?;
        self.view(&info.view)?.base(&Cancel::default())?;
        Ok(info.view)
    }
}

fn class(kind: ColumnKind) -> ColumnClass {
    match kind {
        ColumnKind::Integer => ColumnClass::Integer,
        ColumnKind::Float | ColumnKind::Decimal => ColumnClass::Float,
        ColumnKind::Text | ColumnKind::Category => ColumnClass::Text,
        ColumnKind::Boolean => ColumnClass::Boolean,
        ColumnKind::Date | ColumnKind::Datetime | ColumnKind::Time => ColumnClass::Time,
        _ => ColumnClass::Other,
    }
}
