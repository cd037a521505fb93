//! Brings rows into the page: those that stay in view stay as they are, and after a jump those that are there take other
//! values, since a browser takes twice as long to style and measure a new row.
//!
//! Rows that are not here yet are drawn after a moment only. Most come within a few milliseconds, and a picture of cells
//! that wait would hold up the one with their values by a whole frame.

use super::body::Rows;
use gloo_timers::callback::Timeout;
use std::cell::RefCell;
use std::rc::Rc;
use web_sys::{Element, HtmlTableSectionElement};

/// Two frames and a half.
const PATIENCE_MS: f64 = 40.0;

#[derive(Default)]
pub struct Painter {
    /// What is in the page.
    drawn: Rc<RefCell<Rows>>,
    /// Since when the picture is not what it should be.
    since: Option<f64>,
    later: Option<Timeout>,
}

impl Painter {
    /// Draws now, or soon if cells wait. However fast somebody scrolls, no picture is older than [`PATIENCE_MS`].
    pub fn draw(&mut self, body: HtmlTableSectionElement, rows: Rows) {
        self.later = None;
        let now = js_sys::Date::now();
        let since = *self.since.get_or_insert(now);
        let left = PATIENCE_MS - (now - since);
        if rows.waits && left > 0.0 && body.child_element_count() > 0 {
            let drawn = self.drawn.clone();
            self.later = Some(Timeout::new(left as u32, move || put(&body, &mut drawn.borrow_mut(), rows)));
            return;
        }
        if !rows.waits {
            self.since = None;
        }
        put(&body, &mut self.drawn.borrow_mut(), rows);
    }
}

/// Makes the page hold `new` where it holds `old`.
fn put(body: &HtmlTableSectionElement, old: &mut Rows, new: Rows) {
    let is_as_known = u64::from(body.child_element_count()) == old.len() && old.places == new.places;
    match is_as_known.then(|| Kept::between(old, &new)) {
        None => body.set_inner_html(&new.markup(new.from..new.to)),
        Some(kept) => {
            let rows = body.children();
            let remove = |at: u32| {
                if let Some(row) = rows.item(at) {
                    row.remove();
                }
            };
            (old.from..kept.old).for_each(|_| remove(0));
            (kept.old + kept.count..old.to).for_each(|_| remove(rows.length().saturating_sub(1)));
            for number in 0..kept.count {
                if let Some(row) = rows.item(number as u32) {
                    change(&row, old, kept.old + number, &new, kept.new + number);
                }
            }
            // These places exist for any element that is in a page.
            let _ = body.insert_adjacent_html("afterbegin", &new.markup(new.from..kept.new));
            let _ = body.insert_adjacent_html("beforeend", &new.markup(kept.new + kept.count..new.to));
            if kept.old != kept.new {
                // Measured now, while most of a frame is left, and not when the next one is due.
                let _ = body.offset_height();
            }
        }
    }
    *old = new;
}

/// Makes the row `before` of `old` into the row `after` of `new`, which has the same columns.
fn change(row: &Element, old: &Rows, before: u64, new: &Rows, after: u64) {
    let parts = row.children();
    if before != after {
        // No attribute here has a name that could be refused.
        let _ = row.set_attribute("data-row", &after.to_string());
        let _ = row.set_attribute("aria-rowindex", &(after + 1).to_string());
        if let Some(number) = parts.item(0) {
            set_text(&number, &(after + 1).to_string());
        }
    }
    let pairs = old.cells(before).iter().zip(new.cells(after));
    for (at, ((was, is), place)) in pairs.zip(&new.places).enumerate() {
        if was == is {
            continue;
        }
        let Some(cell) = parts.item(at as u32 + 1) else { return };
        set_text(&cell, &is.text(place));
        let class = is.class(place);
        if class != was.class(place) {
            cell.set_class_name(&class);
        }
        match is.title() {
            Some(title) => drop(cell.set_attribute("title", &title)),
            None if was.title().is_some() => drop(cell.remove_attribute("title")),
            None => {}
        }
    }
}

/// A text node that stays takes a browser less than a new one.
fn set_text(cell: &Element, text: &str) {
    match cell.first_child() {
        Some(node) => node.set_node_value(Some(text)),
        None => cell.set_text_content(Some(text)),
    }
}

/// The rows in the page that stay there: so many, which begin with `old` now and are to be those that begin with `new`.
#[derive(Debug, PartialEq)]
struct Kept {
    old: u64,
    new: u64,
    count: u64,
}

impl Kept {
    /// Where most rows stay in view, these keep their places. After a jump the first takes the first one's values, and so on.
    fn between(old: &Rows, new: &Rows) -> Kept {
        let (from, to) = (old.from.max(new.from), old.to.min(new.to));
        let count = to.saturating_sub(from);
        if 2 * count >= new.len() && count > 0 {
            Kept { old: from, new: from, count }
        } else {
            Kept { old: old.from, new: new.from, count: old.len().min(new.len()) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(from: u64, to: u64) -> Rows {
        let mut rows = Rows::default();
        (rows.from, rows.to) = (from, to);
        rows
    }

    #[test]
    fn what_stays_in_view_keeps_its_place() {
        let kept = |new: Rows| Kept::between(&rows(10, 14), &new);
        assert_eq!(kept(rows(10, 14)), Kept { old: 10, new: 10, count: 4 });
        assert_eq!(kept(rows(11, 15)), Kept { old: 11, new: 11, count: 3 });
        assert_eq!(kept(rows(9, 13)), Kept { old: 10, new: 10, count: 3 });
        assert_eq!(kept(rows(11, 13)), Kept { old: 11, new: 11, count: 2 });
    }

    #[test]
    fn after_a_jump_rows_take_new_values_where_they_stand() {
        let kept = |new: Rows| Kept::between(&rows(10, 14), &new);
        assert_eq!(kept(rows(20, 24)), Kept { old: 10, new: 20, count: 4 });
        assert_eq!(kept(rows(13, 17)), Kept { old: 10, new: 13, count: 4 });
        assert_eq!(kept(rows(0, 2)), Kept { old: 10, new: 0, count: 2 });
        assert_eq!(Kept::between(&Rows::default(), &rows(3, 5)), Kept { old: 0, new: 3, count: 0 });
        assert_eq!(kept(Rows::default()), Kept { old: 10, new: 0, count: 0 });
    }
}
