//! Brings rows into the page: those that stay in view stay as they are, since a browser takes ten times longer to set and
//! measure a new row than to keep one.
//!
//! Rows that are not here yet are drawn after a moment only. Most come within a few milliseconds, and a picture of cells
//! that wait would hold up the one with their values by a whole frame.

use super::body::Rows;
use gloo_timers::callback::Timeout;
use std::cell::RefCell;
use std::rc::Rc;
use web_sys::HtmlTableSectionElement;

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
    let is_as_known = body.child_element_count() as usize == old.len();
    match is_as_known.then(|| Moves::between(old, &new)).flatten() {
        None => body.set_inner_html(new.text(new.from..new.to())),
        Some(moves) => {
            let rows = body.children();
            let remove = |at: u32| {
                if let Some(row) = rows.item(at) {
                    row.remove();
                }
            };
            (0..moves.gone_above).for_each(|_| remove(0));
            (0..moves.gone_below).for_each(|_| remove(rows.length().saturating_sub(1)));
            for row in moves.changed {
                if let Some(element) = rows.item((row - new.from.max(old.from)) as u32) {
                    element.set_outer_html(new.text(row..row + 1));
                }
            }
            // These places exist for any element that is in a page.
            let _ = body.insert_adjacent_html("afterbegin", new.text(new.from..old.from.max(new.from)));
            let _ = body.insert_adjacent_html("beforeend", new.text(old.to().min(new.to())..new.to()));
        }
    }
    *old = new;
}

/// What of some rows changes when others take their place.
#[derive(Debug, PartialEq)]
struct Moves {
    /// Rows that leave at the top and at the bottom.
    gone_above: u64,
    gone_below: u64,
    /// Rows that stay in view and are not as they were.
    changed: Vec<u64>,
}

impl Moves {
    /// `None` where less than half of the rows stays as it is: then all of them are quicker made anew.
    fn between(old: &Rows, new: &Rows) -> Option<Moves> {
        let (from, to) = (old.from.max(new.from), old.to().min(new.to()));
        let changed: Vec<u64> = (from..to).filter(|&row| old.text(row..row + 1) != new.text(row..row + 1)).collect();
        let kept = to.saturating_sub(from) as usize - changed.len();
        (2 * kept >= new.len() && kept > 0).then(|| Moves {
            gone_above: from - old.from,
            gone_below: old.to() - to,
            changed,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(from: u64, texts: &[&str]) -> Rows {
        let mut rows = Rows::beginning_at(from);
        for text in texts {
            rows.push(|out| out.push_str(text));
        }
        rows
    }

    #[test]
    fn what_stays_in_view_is_kept() {
        let old = rows(10, &["a", "b", "c", "d"]);
        let moves =
            |new: &Rows| Moves::between(&old, new).map(|moves| (moves.gone_above, moves.gone_below, moves.changed));
        assert_eq!(moves(&old), Some((0, 0, vec![])));
        assert_eq!(moves(&rows(11, &["b", "c", "d", "e"])), Some((1, 0, vec![])));
        assert_eq!(moves(&rows(9, &["z", "a", "b", "c"])), Some((0, 1, vec![])));
        assert_eq!(moves(&rows(11, &["b", "C", "d"])), Some((1, 0, vec![12])));
        assert_eq!(moves(&rows(11, &["b", "c"])), Some((1, 1, vec![])));
    }

    #[test]
    fn a_jump_and_an_empty_body_are_drawn_anew() {
        let old = rows(10, &["a", "b", "c", "d"]);
        assert_eq!(Moves::between(&old, &rows(20, &["a", "b", "c", "d"])), None);
        assert_eq!(Moves::between(&old, &rows(13, &["d", "e", "f", "g"])), None);
        assert_eq!(Moves::between(&old, &rows(10, &["A", "B", "C", "d"])), None);
        assert_eq!(Moves::between(&Rows::default(), &old), None);
        assert_eq!(Moves::between(&old, &Rows::default()), None);
    }
}
