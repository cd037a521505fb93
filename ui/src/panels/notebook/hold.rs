//! What passes before an eye sees it is not drawn. Most cells are done within a few milliseconds; drawing that they wait,
//! that their old output is gone, that they run and that their kernel is busy would cost more time than they take, and
//! flicker. Such changes wait until something stays: an output, an end, or [`UNSEEN_MS`] without either.

use super::session::Session;
use atelier_wire::event::NotebookChange;
use atelier_wire::studio::kernel::RunState;
use gloo_timers::callback::Timeout;
use leptos::prelude::UpdateValue;

/// Below what a person takes for at once, 100 ms, with time to draw.
const UNSEEN_MS: u32 = 80;

#[derive(Default)]
pub struct Held {
    /// In the order in which they came.
    changes: Vec<NotebookChange>,
    later: Option<Timeout>,
}

fn passes(change: &NotebookChange) -> bool {
    match change {
        NotebookChange::Run { run, .. } => matches!(run.state, RunState::Queued | RunState::Running),
        NotebookChange::Clear { .. } | NotebookChange::Kernels { .. } => true,
        _ => false,
    }
}

impl Session {
    /// Takes a change in, now or soon, and all changes in their order.
    pub(super) fn take(self, change: NotebookChange) {
        if !passes(&change) {
            self.draw_held();
            self.change(change);
            return;
        }
        self.held.try_update_value(|held| {
            held.changes.push(change);
            held.later.get_or_insert_with(|| Timeout::new(UNSEEN_MS, move || self.draw_held()));
        });
    }

    pub(super) fn draw_held(&self) {
        let held = self.held.try_update_value(std::mem::take).unwrap_or_default();
        for change in held.changes {
            self.change(change);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::passes;
    use atelier_wire::event::NotebookChange;
    use atelier_wire::studio::kernel::{CellRun, RunState};

    #[test]
    fn what_stays_is_drawn_at_once() {
        let run = |state| NotebookChange::Run { cell: "a".into(), run: CellRun { state, ..CellRun::default() } };
        assert!(passes(&run(RunState::Queued)) && passes(&run(RunState::Running)));
        assert!(!passes(&run(RunState::Done)) && !passes(&run(RunState::Failed)));
        assert!(passes(&NotebookChange::Clear { cell: "a".into() }));
        assert!(!passes(&NotebookChange::Saved { dirty: false }));
        assert!(!passes(&NotebookChange::Append { cell: "a".into(), index: 0, text: "x".into() }));
    }
}
