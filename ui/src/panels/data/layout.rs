//! Which columns are shown, in which order, how wide, and which stay at the left. Pure.

use super::state::{icon, is_number};
use crate::kit::grid::GridColumn;
use atelier_wire::studio::data::view::{ColumnKind, ViewColumn};
use std::collections::{HashMap, HashSet};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layout {
    /// Names in the order that a person gave them; columns that are not named follow in the table's order.
    order: Vec<String>,
    pub hidden: HashSet<String>,
    pub pinned: HashSet<String>,
    widths: HashMap<String, f64>,
}

impl Layout {
    /// Columns as the grid shows them: pinned ones first.
    pub fn arrange(&self, columns: &[ViewColumn]) -> Vec<GridColumn> {
        let place: HashMap<&str, usize> = self.order.iter().enumerate().map(|(at, name)| (name.as_str(), at)).collect();
        let mut shown: Vec<(usize, &ViewColumn)> =
            columns.iter().enumerate().filter(|(_, column)| !self.hidden.contains(&column.name)).collect();
        shown.sort_by_key(|(at, column)| {
            (!self.pinned.contains(&column.name), place.get(column.name.as_str()).copied().unwrap_or(usize::MAX), *at)
        });
        shown.into_iter().map(|(_, column)| self.grid_column(column)).collect()
    }

    fn grid_column(&self, column: &ViewColumn) -> GridColumn {
        GridColumn {
            name: column.name.clone(),
            icon: icon(column.kind),
            kind: column.dtype.clone(),
            number: is_number(column.kind),
            width: self.widths.get(&column.name).copied().unwrap_or_else(|| usual_width(column)),
            pinned: self.pinned.contains(&column.name),
        }
    }

    /// Zero gives the usual width back.
    pub fn resize(&mut self, name: String, width: f64) {
        if width > 0.0 {
            self.widths.insert(name, width);
        } else {
            self.widths.remove(&name);
        }
    }

    /// Puts `name` before `before`, or at the end. `columns` are all, as they stand now.
    pub fn reorder(&mut self, name: &str, before: Option<&str>, columns: &[ViewColumn]) {
        let shown = Layout { hidden: HashSet::new(), ..self.clone() }.arrange(columns);
        let mut order: Vec<String> =
            shown.into_iter().map(|column| column.name).filter(|other| other != name).collect();
        let at = before.and_then(|before| order.iter().position(|other| other == before)).unwrap_or(order.len());
        order.insert(at, name.to_owned());
        // A column that is put among the pinned ones is pinned.
        let joins = before.is_some_and(|before| self.pinned.contains(before));
        if joins {
            self.pinned.insert(name.to_owned())
        } else {
            self.pinned.remove(name)
        };
        self.order = order;
    }

    pub fn toggle_pin(&mut self, name: &str) {
        if !self.pinned.remove(name) {
            self.pinned.insert(name.to_owned());
        }
    }

    pub fn toggle_hide(&mut self, name: &str) {
        if !self.hidden.remove(name) {
            self.hidden.insert(name.to_owned());
        }
    }
}

fn usual_width(column: &ViewColumn) -> f64 {
    let name = 66.0 + 7.4 * column.name.chars().count() as f64;
    let least: f64 = match column.kind {
        ColumnKind::Text | ColumnKind::Category => 144.0,
        ColumnKind::Datetime | ColumnKind::List | ColumnKind::Struct => 184.0,
        ColumnKind::Date | ColumnKind::Time | ColumnKind::Duration => 168.0,
        _ => 112.0,
    };
    least.max(name).min(280.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(layout: &Layout, columns: &[ViewColumn]) -> String {
        layout.arrange(columns).iter().map(|column| column.name.as_str()).collect()
    }

    #[test]
    fn columns_are_arranged() {
        let columns: Vec<ViewColumn> =
            ["a", "b", "c", "d"].map(|name| ViewColumn { name: name.into(), ..ViewColumn::default() }).to_vec();
        let mut layout = Layout::default();
        layout.reorder("d", Some("b"), &columns);
        assert_eq!(names(&layout, &columns), "adbc");
        layout.toggle_pin("c");
        assert_eq!(names(&layout, &columns), "cadb");
        layout.reorder("b", Some("c"), &columns);
        assert_eq!(names(&layout, &columns), "bcad");
        layout.toggle_hide("a");
        assert_eq!(names(&layout, &columns), "bcd");
        layout.reorder("c", None, &columns);
        layout.toggle_hide("a");
        assert_eq!(names(&layout, &columns), "badc");
    }
}
