//! When rows are drawn that are not here yet. Most come within a few milliseconds: a picture of cells that wait would hold
//! up the one with their values by a whole frame, so the old picture stays for a moment.

use gloo_timers::callback::Timeout;
use web_sys::HtmlTableSectionElement;

/// Two frames and a half.
const PATIENCE_MS: f64 = 40.0;

#[derive(Default)]
pub struct Patience {
    /// Since when the picture is not what it should be.
    since: Option<f64>,
    later: Option<Timeout>,
}

impl Patience {
    /// Draws now, or soon if cells wait. However fast somebody scrolls, no picture is older than [`PATIENCE_MS`].
    pub fn draw(&mut self, body: HtmlTableSectionElement, markup: String, waits: bool) {
        self.later = None;
        let now = js_sys::Date::now();
        let since = *self.since.get_or_insert(now);
        let left = PATIENCE_MS - (now - since);
        if waits && left > 0.0 && body.child_element_count() > 0 {
            self.later = Some(Timeout::new(left as u32, move || body.set_inner_html(&markup)));
            return;
        }
        body.set_inner_html(&markup);
        if !waits {
            self.since = None;
        }
    }
}
