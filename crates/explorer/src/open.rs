//! Opening views, and what is kept of them.

use crate::error::{ExploreError, Result};
use crate::sql::How;
use crate::table::Table;
use crate::table::base::Base;
use crate::view::View;
use crate::work::Cancel;
use crate::{Explorer, MAX_VIEWS, guard, sql, steps};
use atelier_wire::studio::data::recipe::Step;
use atelier_wire::studio::data::view::{OpenView, ReadOptions, ViewInfo};
use polars::prelude::*;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Where sources are. The explorer knows files; whoever owns it knows buckets, the workspace and kernels.
pub trait Sources: Send + Sync {
    /// The files that a source stands for, in order.
    fn locate(&self, source: &str) -> Result<Vec<PathBuf>>;
}

/// Queries within queries.
const MAX_DEPTH: usize = 8;

impl Explorer {
    /// Opens a view, or finds it opened. Answers as soon as there is something to look at.
    pub fn open_view(&self, request: OpenView, sources: &dyn Sources) -> Result<ViewInfo> {
        let running = self.requests.begin(&request.request);
        let cancel = &running.cancel;
        let table = self.table(&request.source, &request.options, sources, cancel, 0)?;
        let mut request = request;
        request.request = String::new();
        let key = key_of(&(&request.source, table.version, text(&request)));
        if let Some(view) = self.find_view(&key) {
            return Ok(view.info());
        }
        let source = request.source.clone();
        let view = guard(&source, || {
            let changed = self.changed_by_steps(&request, &table, sources, cancel)?;
            View::open(key.clone(), request, table, changed, cancel)
        })?;
        let info = view.info();
        let mut views = self.views.lock();
        if views.len() >= MAX_VIEWS {
            views.remove(0);
        }
        views.push((key, Arc::new(view)));
        drop(views);
        self.let_go();
        Ok(info)
    }

    pub fn drop_view(&self, view: &str) {
        let mut views = self.views.lock();
        let Some(at) = views.iter().position(|(key, _)| key == view) else { return };
        let (_, dropped) = views.remove(at);
        drop(views);
        let table = dropped.table.clone();
        drop(dropped);
        // What is left is the list's own and ours: it was the last view.
        self.tables.lock().retain(|(_, other)| !Arc::ptr_eq(other, &table) || Arc::strong_count(&table) > 2);
    }

    pub(crate) fn view(&self, key: &str) -> Result<Arc<View>> {
        self.find_view(key).ok_or_else(|| ExploreError::NoView(key.to_owned()))
    }

    fn find_view(&self, key: &str) -> Option<Arc<View>> {
        let mut views = self.views.lock();
        let at = views.iter().position(|(its, _)| its == key)?;
        let entry = views.remove(at);
        views.push(entry);
        views.last().map(|(_, view)| view.clone())
    }

    /// A table, opened once as long as its files stay the same.
    pub(crate) fn table(
        &self,
        source: &str,
        options: &ReadOptions,
        sources: &dyn Sources,
        cancel: &Cancel,
        depth: usize,
    ) -> Result<Arc<Table>> {
        if depth > MAX_DEPTH {
            return Err(ExploreError::refused(source, "queries nest too deep"));
        }
        let key = key_of(&(source, text(options)));
        {
            let mut tables = self.tables.lock();
            if let Some(at) = tables.iter().position(|(its, _)| *its == key) {
                let (_, table) = tables.remove(at);
                let failed = matches!(table.state.lock().phase, crate::table::Phase::Failed(..));
                if table.is_current() && !failed && !source.starts_with("sql:") && !source.starts_with("bridge:") {
                    tables.push((key, table.clone()));
                    return Ok(table);
                }
            }
        }
        let version = self.versions.fetch_add(1, Ordering::Relaxed);
        let table = match source.strip_prefix("sql:") {
            Some(query) => {
                Table::of_frame(source, "sql", self.query(query, source, options, sources, cancel, depth)?, version)
            }
            None => {
                let paths = sources.locate(source)?;
                Table::open(source, paths, options, self.budget, version, self.told.clone())?
            }
        };
        self.tables.lock().push((key, table.clone()));
        Ok(table)
    }

    /// Runs a query over sources.
    fn query(
        &self,
        query: &str,
        source: &str,
        options: &ReadOptions,
        sources: &dyn Sources,
        cancel: &Cancel,
        depth: usize,
    ) -> Result<DataFrame> {
        let (mut tables, mut is_large) = (Vec::new(), false);
        for name in sql::tables(query, source)? {
            let of = options.tables.get(&name).map_or(name.as_str(), String::as_str);
            // A name that is no source may be one that the query defines itself.
            let table = match self.table(of, &ReadOptions::default(), sources, cancel, depth + 1) {
                Err(error) if error.is_missing() && defines(query, &name) => continue,
                table => table?,
            };
            let base = table.base(cancel)?;
            let frame = sql::watched(base.columns.lazy(of)?, cancel);
            is_large |= base.columns.is_by_parts();
            tables.push((name.clone(), frame, base.columns.height() as u64));
        }
        let is_simple = tables.len() == 1 && !is_large && !query.to_ascii_lowercase().contains("unnest");
        let plan = sql::plan(query, tables, source)?;
        let how = if is_simple { How::Whole } else { How::Parts };
        sql::collect(plan, how, self.budget, source, cancel)
    }

    /// Runs a query over tables by name, each of some files (for the command line).
    pub fn sql(&self, query: &str, tables: Vec<(String, Vec<PathBuf>)>) -> Result<DataFrame> {
        struct Named(Vec<(String, Vec<PathBuf>)>);
        impl Sources for Named {
            fn locate(&self, source: &str) -> Result<Vec<PathBuf>> {
                let found = self.0.iter().find(|(name, _)| name == source).map(|(_, paths)| paths.clone());
                found.ok_or_else(|| ExploreError::Missing { source_name: source.to_owned() })
            }
        }
        self.query(query, "the query", &ReadOptions::default(), &Named(tables), &Cancel::default(), 0)
    }

    fn changed_by_steps(
        &self,
        request: &OpenView,
        table: &Arc<Table>,
        sources: &dyn Sources,
        cancel: &Cancel,
    ) -> Result<Option<Arc<Base>>> {
        if request.steps.iter().all(|step| step.disabled) {
            return Ok(None);
        }
        let key = steps_key(&request.source, &request.options, &request.steps, table);
        if let Some((_, base)) = self.changed.lock().iter().find(|(its, _)| *its == key) {
            return Ok(Some(base.clone()));
        }
        let frame = self.apply_steps(&request.source, &request.options, &request.steps, table, sources, cancel)?;
        let how = steps::how(&request.steps, table.base(cancel)?.columns.is_by_parts());
        let made = sql::collect_within(frame, how, self.budget, &request.source, cancel)?;
        let base = Arc::new(Base::new(&request.source, made));
        let mut changed = self.changed.lock();
        changed.push((key, base.clone()));
        while changed.len() > 1
            && (changed.len() > 8 || changed.iter().map(|(_, base)| base.size()).sum::<usize>() > self.budget)
        {
            changed.remove(0);
        }
        Ok(Some(base))
    }

    /// How many of the first steps have been computed for a view, and the table that they made.
    pub(crate) fn computed(
        &self,
        source: &str,
        options: &ReadOptions,
        steps: &[Step],
        table: &Table,
    ) -> Option<(usize, Arc<Base>)> {
        (1..=steps.len()).rev().find_map(|count| {
            let key = steps_key(source, options, &steps[..count], table);
            let changed = self.changed.lock();
            changed.iter().find(|(its, _)| *its == key).map(|(_, base)| (count, base.clone()))
        })
    }

    /// Lets tables go that no view holds, the least recently used first, until the budget holds.
    fn let_go(&self) {
        let mut tables = self.tables.lock();
        while tables.len() > 1 && tables.iter().map(|(_, table)| table.size()).sum::<usize>() > self.budget {
            let Some(at) = tables[..tables.len() - 1].iter().position(|(_, table)| Arc::strong_count(table) == 1)
            else {
                // All are shown: the views used longest ago go.
                let mut views = self.views.lock();
                if views.len() <= 1 {
                    return;
                }
                views.remove(0);
                continue;
            };
            tables.remove(at);
        }
    }
}

fn text<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn steps_key(source: &str, options: &ReadOptions, steps: &[Step], table: &Table) -> String {
    key_of(&(source, table.version, text(options), serde_json::to_string(steps).unwrap_or_default()))
}

fn key_of(parts: &impl Hash) -> String {
    let mut hasher = DefaultHasher::new();
    parts.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// Whether a query has a `WITH name AS`.
fn defines(query: &str, name: &str) -> bool {
    let lower = query.to_ascii_lowercase();
    let name = name.to_ascii_lowercase();
    lower.contains("with") && (lower.contains(&format!("{name} as")) || lower.contains(&format!("{name}\" as")))
}
