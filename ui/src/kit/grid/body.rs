//! The rows in view: what their cells show, and that as markup.

use super::{CellAt, GridColumn, Selection, Shown, window};
use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Range;

pub struct Plan<'a> {
    pub columns: &'a [GridColumn],
    /// Places of the columns that exist, pinned ones first.
    pub drawn: &'a [usize],
    pub rows: (u64, u64),
    pub selection: Option<Selection>,
    pub picked: Option<String>,
}

/// A title that shows the whole is set above this many characters.
const NARROW: usize = 11;

/// A column as its cells need it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    at: usize,
    number: bool,
    pinned: bool,
}

/// What a cell shows, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    shown: Shown,
    picked: bool,
    chosen: bool,
}

impl Cell {
    pub fn class(&self, place: &Place) -> String {
        let kind = match self.shown {
            Shown::Missing => "none",
            Shown::Waits => "waits",
            Shown::Text(_) if place.number => "",
            Shown::Text(_) => "l",
        };
        let when = |is: bool, class: &'static str| if is { class } else { "" };
        [kind, when(self.picked, " is-on"), when(self.chosen, " is-chosen"), when(place.pinned, " is-pinned")].concat()
    }

    pub fn text(&self, place: &Place) -> Cow<'_, str> {
        match &self.shown {
            Shown::Waits => Cow::Borrowed("·"),
            Shown::Missing => Cow::Borrowed("missing"),
            Shown::Text(text) if place.number && is_long(text) => Cow::Owned(window::shortened(text.clone())),
            Shown::Text(text) => one_line(text),
        }
    }

    /// The whole, where the cell may cut it off.
    pub fn title(&self) -> Option<Cow<'_, str>> {
        match &self.shown {
            Shown::Text(text) if is_long(text) => Some(one_line(text)),
            _ => None,
        }
    }

    fn waits(&self) -> bool {
        matches!(self.shown, Shown::Waits)
    }

    fn markup(&self, out: &mut String, place: &Place) {
        // Writing to a string cannot fail.
        let _ = write!(out, "<td role=\"gridcell\" data-c=\"{}\" class=\"{}\"", place.at, self.class(place));
        if let Some(title) = self.title() {
            out.push_str(" title=\"");
            escaped(out, &title);
            out.push('"');
        }
        out.push('>');
        escaped(out, &self.text(place));
        out.push_str("</td>");
    }
}

fn is_long(text: &str) -> bool {
    text.chars().nth(NARROW).is_some()
}

/// Breaks of lines as a sign, and what no document may hold as its replacement.
fn one_line(text: &str) -> Cow<'_, str> {
    if text.contains(['\n', '\0']) {
        Cow::Owned(text.replace('\n', "⏎").replace('\0', "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Consecutive rows.
#[derive(Default)]
pub struct Rows {
    /// The first one's number, and the number after the last one's.
    pub from: u64,
    pub to: u64,
    /// The columns, left to right.
    pub places: Vec<Place>,
    /// Row by row.
    cells: Vec<Cell>,
    /// Whether some cell waits for its value.
    pub waits: bool,
}

impl Rows {
    pub fn new(plan: &Plan, cell: &CellAt) -> Self {
        let (from, to) = plan.rows;
        let column = |at: &usize| plan.columns.get(*at).map(|column| (*at, column));
        let columns: Vec<_> = plan.drawn.iter().filter_map(column).collect();
        let is_picked = |column: &GridColumn| plan.picked.as_deref() == Some(&column.name);
        let is_chosen = |row, at| plan.selection.is_some_and(|selection| selection.holds(row, at));
        let mut cells = Vec::with_capacity((to - from) as usize * columns.len());
        for row in from..to {
            cells.extend(columns.iter().map(|&(at, column)| Cell {
                shown: cell(row, at),
                picked: is_picked(column),
                chosen: is_chosen(row, at),
            }));
        }
        let place = |&(at, column): &(usize, &GridColumn)| Place { at, number: column.number, pinned: column.pinned };
        let places = columns.iter().map(place).collect();
        Self { from, to, places, waits: cells.iter().any(Cell::waits), cells }
    }

    pub fn len(&self) -> u64 {
        self.to - self.from
    }

    /// The cells of the row with this number, which is one of these.
    pub fn cells(&self, row: u64) -> &[Cell] {
        let from = (row - self.from) as usize * self.places.len();
        &self.cells[from..from + self.places.len()]
    }

    pub fn markup(&self, rows: Range<u64>) -> String {
        let mut out =
            String::with_capacity((rows.end.saturating_sub(rows.start)) as usize * (self.places.len() + 2) * 64);
        for row in rows {
            let _ = write!(out, "<tr data-row=\"{row}\" aria-rowindex=\"{0}\"><td class=\"idx\">{0}</td>", row + 1);
            for (cell, place) in self.cells(row).iter().zip(&self.places) {
                cell.markup(&mut out, place);
            }
            out.push_str("<td class=\"grid-rest\"></td></tr>");
        }
        out
    }
}

/// Appends `text` so that it is text and nothing else, in an element and in a quoted attribute.
fn escaped(out: &mut String, text: &str) {
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
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
        let plan = Plan { columns: &columns, drawn: &[0], rows: (0, 1), selection: None, picked: None };
        let cell: CellAt = Arc::new(|_, _| Shown::Text("<img src=x onerror=\"alert('1')\">\n\0".into()));
        let rows = Rows::new(&plan, &cell);
        let markup = rows.markup(0..1);
        assert!(!rows.waits && !markup.contains("<img"), "{markup}");
        assert!(markup.contains("&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;⏎\u{fffd}</td>"), "{markup}");
    }

    #[test]
    fn a_row_is_its_number_and_a_cell_for_each_column() {
        let columns = [column("a", true, true), column("b", true, false), column("c", true, false)];
        let plan = Plan {
            columns: &columns,
            drawn: &[0, 2],
            rows: (7, 9),
            selection: Some(Selection::cell(8, 2)),
            picked: Some("a".into()),
        };
        let cell: CellAt = Arc::new(|row, at| if at == 0 { Shown::Missing } else { Shown::Text(row.to_string()) });
        let expected = "<tr data-row=\"8\" aria-rowindex=\"9\"><td class=\"idx\">9</td>\
            <td role=\"gridcell\" data-c=\"0\" class=\"none is-on is-pinned\">missing</td>\
            <td role=\"gridcell\" data-c=\"2\" class=\" is-chosen\">8</td><td class=\"grid-rest\"></td></tr>";
        let rows = Rows::new(&plan, &cell);
        assert_eq!((rows.markup(8..9).as_str(), rows.waits), (expected, false));
        assert!(rows.cells(7)[0] == rows.cells(8)[0] && rows.cells(7)[1] != rows.cells(8)[1]);
        let one_waits: CellAt = Arc::new(|_, at| if at == 2 { Shown::Waits } else { Shown::Missing });
        assert!(Rows::new(&plan, &one_waits).waits);
    }

    #[test]
    fn long_values_have_a_title_with_the_whole() {
        let place = |number| Place { at: 0, number, pinned: false };
        let cell = |text: &str| Cell { shown: Shown::Text(text.into()), picked: false, chosen: false };
        let number = cell("-0.0926954778032799");
        assert_eq!(number.text(&place(true)), "-0.0926955");
        assert_eq!(number.title().unwrap(), "-0.0926954778032799");
        assert_eq!(cell("a long\ntext of two lines").text(&place(false)), "a long⏎text of two lines");
        assert_eq!(cell("short").title(), None);
    }
}
