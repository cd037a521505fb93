//! The rows in view as markup.

use super::{CellAt, GridColumn, Selection, Shown, window};
use std::fmt::Write as _;
use std::ops::Range;

pub struct Plan<'a> {
    pub columns: &'a [GridColumn],
    /// Places of the columns that exist, pinned ones first.
    pub drawn: &'a [usize],
    pub rows: (u64, u64),
    pub selection: Option<Selection>,
    pub picked: Option<String>,
    /// Where each pinned column stands, in pixels from the left.
    pub lefts: &'a [f64],
}

/// A title that shows the whole is set above this many characters.
const NARROW: usize = 11;

/// Consecutive rows as markup.
#[derive(Default)]
pub struct Rows {
    /// The first one's number.
    pub from: u64,
    all: String,
    /// Where each ends.
    ends: Vec<usize>,
    /// Whether some cell waits for its value.
    pub waits: bool,
}

impl Rows {
    pub fn beginning_at(from: u64) -> Self {
        Self { from, ..Self::default() }
    }

    pub fn push(&mut self, write: impl FnOnce(&mut String)) {
        write(&mut self.all);
        self.ends.push(self.all.len());
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// The number after the last one's.
    pub fn to(&self) -> u64 {
        self.from + self.len() as u64
    }

    /// Of the rows with these numbers, as far as they are here.
    pub fn text(&self, rows: Range<u64>) -> &str {
        let place = |row: u64| {
            let at = row.saturating_sub(self.from).min(self.len() as u64) as usize;
            at.checked_sub(1).map_or(0, |before| self.ends[before])
        };
        self.all.get(place(rows.start)..place(rows.end)).unwrap_or_default()
    }
}

pub fn markup(plan: &Plan, cell: &CellAt) -> Rows {
    let (from, to) = plan.rows;
    let mut waits = false;
    let mut rows = Rows::beginning_at(from);
    rows.all.reserve((to - from) as usize * (plan.drawn.len() + 2) * 64);
    for row in from..to {
        rows.push(|out| {
            // Writing to a string cannot fail.
            let _ =
                write!(out, "<tr data-row=\"{row}\" aria-rowindex=\"{}\"><td class=\"idx\">{}</td>", row + 1, row + 1);
            for (number, &at) in plan.drawn.iter().enumerate() {
                if number == plan.lefts.len() {
                    out.push_str("<td class=\"grid-lead\"></td>");
                }
                let shown = cell(row, at);
                waits |= matches!(shown, Shown::Waits);
                cell_markup(out, plan, row, at, shown);
            }
            if plan.drawn.len() <= plan.lefts.len() {
                out.push_str("<td class=\"grid-lead\"></td>");
            }
            out.push_str("<td class=\"grid-rest\"></td></tr>");
        });
    }
    rows.waits = waits;
    rows
}

fn cell_markup(out: &mut String, plan: &Plan, row: u64, at: usize, shown: Shown) {
    let Some(column) = plan.columns.get(at) else { return };
    let kind = match &shown {
        Shown::Missing => "none",
        Shown::Waits => "waits",
        Shown::Text(_) if column.number => "",
        Shown::Text(_) => "l",
    };
    let picked = if plan.picked.as_deref() == Some(&column.name) { " is-on" } else { "" };
    let chosen = if plan.selection.is_some_and(|selection| selection.holds(row, at)) { " is-chosen" } else { "" };
    let _ = write!(out, "<td role=\"gridcell\" data-c=\"{at}\" class=\"{kind}{picked}{chosen}");
    match plan.lefts.get(at).filter(|_| column.pinned) {
        Some(left) => drop(write!(out, " is-pinned\" style=\"left:{left}px\"")),
        None => out.push('"'),
    }
    match shown {
        Shown::Waits => out.push_str(">·</td>"),
        Shown::Missing => out.push_str(">missing</td>"),
        Shown::Text(text) => {
            let long = text.chars().nth(NARROW).is_some();
            if long {
                out.push_str(" title=\"");
                escaped(out, &text);
                out.push('"');
            }
            out.push('>');
            escaped(out, &if long && column.number { window::shortened(text) } else { text });
            out.push_str("</td>");
        }
    }
}

/// Appends `text` so that it is text and nothing else, in an element and in a quoted attribute.
pub fn escaped(out: &mut String, text: &str) {
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' => out.push('⏎'),
            '\0' => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
}

/// The row of an element of the body, and the column unless it is the row's number.
pub fn cell_of(element: web_sys::Element) -> Option<(u64, Option<usize>)> {
    let cell = element.closest("td").ok()??;
    let row = cell.closest("tr").ok()??.get_attribute("data-row")?.parse().ok()?;
    let column = cell.get_attribute("data-c").and_then(|at| at.parse().ok());
    (column.is_some() || cell.class_name() == "idx").then_some((row, column))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn column(name: &str, number: bool, pinned: bool) -> GridColumn {
        GridColumn { name: name.into(), icon: "int", kind: "i64".into(), number, width: 100.0, pinned }
    }

    #[test]
    fn a_cell_is_text_and_nothing_else() {
        let columns = [column("a", false, false)];
        let plan = Plan { columns: &columns, drawn: &[0], rows: (0, 1), selection: None, picked: None, lefts: &[] };
        let cell: CellAt = Arc::new(|_, _| Shown::Text("<img src=x onerror=\"alert('1')\">".into()));
        let rows = markup(&plan, &cell);
        let markup = rows.text(0..1);
        assert!(!rows.waits && !markup.contains("<img"), "{markup}");
        assert!(markup.contains("&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;"), "{markup}");
    }

    #[test]
    fn pinned_columns_stand_before_the_room_of_the_hidden_ones() {
        let columns = [column("a", true, true), column("b", true, false), column("c", true, false)];
        let plan = Plan {
            columns: &columns,
            drawn: &[0, 2],
            rows: (7, 8),
            selection: Some(Selection::cell(7, 2)),
            picked: Some("a".into()),
            lefts: &[40.0],
        };
        let cell: CellAt = Arc::new(|row, at| if at == 0 { Shown::Missing } else { Shown::Text(row.to_string()) });
        let expected = "<tr data-row=\"7\" aria-rowindex=\"8\"><td class=\"idx\">8</td>\
            <td role=\"gridcell\" data-c=\"0\" class=\"none is-on is-pinned\" style=\"left:40px\">missing</td><td class=\"grid-lead\"></td>\
            <td role=\"gridcell\" data-c=\"2\" class=\" is-chosen\">7</td><td class=\"grid-rest\"></td></tr>";
        let rows = markup(&plan, &cell);
        assert_eq!((rows.text(7..8), rows.waits), (expected, false));
        let one_waits: CellAt = Arc::new(|_, at| if at == 2 { Shown::Waits } else { Shown::Missing });
        assert!(markup(&plan, &one_waits).waits);
    }
}
