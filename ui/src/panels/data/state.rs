//! An open table: where it comes from, how it is read, the steps, the filter and the order, and how it is laid out.

use super::layout::Layout;
use super::plan::Plan;
use crate::kit::grid::Selection;
use crate::kit::toast::{Toasts, use_toasts};
use crate::live::{Live, live_where};
use atelier_wire::studio::data::filter::{Filter, Test};
use atelier_wire::studio::data::view::{ColumnKind, OpenView, ReadOptions, SortBy, ViewColumn, ViewInfo};
use leptos::prelude::*;

/// A handle on the open table.
#[derive(Clone, Copy)]
pub struct OpenedTable {
    pub source: StoredValue<String>,
    pub options: RwSignal<ReadOptions>,
    pub plan: RwSignal<Plan>,
    /// The tests that stand together under "all of these".
    pub tests: RwSignal<Vec<Filter>>,
    pub sort: RwSignal<Vec<SortBy>>,
    /// The table as shown. After an attempt that failed it is the last one that did not.
    pub view: Live<ViewInfo>,
    /// The same table without its filter, for what headers draw behind the filtered shape.
    pub base: Live<ViewInfo>,
    pub layout: RwSignal<Layout>,
    pub picked: RwSignal<Option<String>>,
    pub selection: RwSignal<Option<Selection>>,
    pub reveal: RwSignal<(Option<u64>, Option<usize>)>,
    pub toasts: Toasts,
}

/// Whether a change named by an event touches this source.
fn concerns(source: &str, tag: &str, id: &str) -> bool {
    match (tag, source.split_once(':')) {
        ("table", _) => id == source,
        ("object", Some(("s3", object))) => {
            let object = object.trim_start_matches('/');
            object == id || object.ends_with(&format!("/{id}")) || id.starts_with(object)
        }
        ("file", None) => id == source || id.is_empty(),
        _ => false,
    }
}

impl OpenedTable {
    pub fn open(source: String) -> Self {
        let source = StoredValue::new(source);
        let options = RwSignal::new(ReadOptions::default());
        let plan = RwSignal::new(Plan::default());
        let tests = RwSignal::new(Vec::<Filter>::new());
        let sort = RwSignal::new(Vec::new());
        let request = move |filtered: bool| OpenView {
            source: source.get_value(),
            options: options.get(),
            steps: plan.with(Plan::applied),
            filter: (filtered && tests.with(|tests| !tests.is_empty())).then(|| Filter::All { of: tests.get() }),
            sort: if filtered { sort.get() } else { Vec::new() },
            request: String::new(),
        };
        let hears = move |tag: &str, id: &str| source.with_value(|source| concerns(source, tag, id));
        Self {
            source,
            options,
            plan,
            tests,
            sort,
            view: live_where(move || Some(request(true)), hears),
            base: live_where(move || tests.with(|tests| !tests.is_empty()).then(|| request(false)), hears),
            layout: RwSignal::new(Layout::default()),
            picked: RwSignal::new(None),
            selection: RwSignal::new(None),
            reveal: RwSignal::new((None, None)),
            toasts: use_toasts(),
        }
    }

    /// Columns as they stand in the view, before layout.
    pub fn columns(&self) -> Vec<ViewColumn> {
        self.view.value.with(|view| view.as_ref().map(|view| view.columns.clone()).unwrap_or_default())
    }

    pub fn column(&self, name: &str) -> Option<ViewColumn> {
        self.view
            .value
            .with(|view| view.as_ref().and_then(|view| view.columns.iter().find(|column| column.name == name).cloned()))
    }

    pub fn view_key(&self) -> Option<String> {
        self.view.value.with(|view| view.as_ref().map(|view| view.view.clone()))
    }

    pub fn num_rows(&self) -> u64 {
        self.view.value.with(|view| view.as_ref().map_or(0, |view| view.num_rows.unwrap_or(view.estimated_rows)))
    }

    /// Cycles the order of a column: up, down, none. `add` keeps the other columns' order before it.
    pub fn sort_by(&self, name: String, add: bool) {
        self.sort.update(|sort| {
            let old = sort.iter().position(|by| by.column == name);
            let next = match old.map(|at| sort[at].descending) {
                None => Some(SortBy { column: name, descending: false }),
                Some(false) => Some(SortBy { column: name, descending: true }),
                Some(true) => None,
            };
            match (add, old, next) {
                (true, Some(at), Some(next)) => sort[at] = next,
                (true, Some(at), None) => drop(sort.remove(at)),
                (true, None, Some(next)) => sort.push(next),
                (_, _, next) => *sort = next.into_iter().collect(),
            }
        });
    }

    /// Puts `test` in the place of the tests of this column alone; `None` takes them away.
    pub fn set_test(&self, column: &str, test: Option<Test>) {
        self.tests.update(|tests| {
            tests.retain(|filter| !matches!(filter, Filter::Column { column: own, .. } if own == column));
            tests.extend(test.map(|test| Filter::Column { column: column.to_owned(), test }));
        });
    }

    /// The test of this column that stands alone.
    pub fn test_of(&self, column: &str) -> Option<Test> {
        self.tests.with(|tests| {
            tests.iter().find_map(|filter| match filter {
                Filter::Column { column: own, test } if own == column => Some(test.clone()),
                _ => None,
            })
        })
    }

    /// Adds to, or takes from, the set of values that a column may have.
    pub fn toggle_value(&self, column: &str, value: Option<String>) {
        let mut values = match self.test_of(column) {
            Some(Test::In { values }) => values,
            _ => Vec::new(),
        };
        match values.iter().position(|known| *known == value) {
            Some(at) => drop(values.remove(at)),
            None => values.push(value),
        }
        self.set_test(column, (!values.is_empty()).then_some(Test::In { values }));
    }
}

/// The icon of a kind of column.
pub fn icon(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Integer => "int",
        ColumnKind::Float | ColumnKind::Decimal => "float",
        ColumnKind::Boolean => "check",
        ColumnKind::Date | ColumnKind::Datetime => "date",
        ColumnKind::Time | ColumnKind::Duration => "time",
        ColumnKind::List | ColumnKind::Struct => "group",
        ColumnKind::Binary => "box",
        ColumnKind::Text | ColumnKind::Category | ColumnKind::Null => "text",
    }
}

pub fn is_number(kind: ColumnKind) -> bool {
    matches!(kind, ColumnKind::Integer | ColumnKind::Float | ColumnKind::Decimal)
}

pub fn is_time(kind: ColumnKind) -> bool {
    matches!(kind, ColumnKind::Date | ColumnKind::Datetime | ColumnKind::Time | ColumnKind::Duration)
}

#[cfg(test)]
mod tests {
    use super::concerns;

    #[test]
    fn changes_that_matter() {
        assert!(concerns("a/b.csv", "file", "a/b.csv") && !concerns("a/b.csv", "file", "a/c.csv"));
        assert!(concerns("s3://b/k/", "object", "b/k/part.csv") && concerns("s3://b/k.csv", "object", "b/k.csv"));
        assert!(concerns("bridge:df", "table", "bridge:df") && !concerns("bridge:df", "file", ""));
    }
}
