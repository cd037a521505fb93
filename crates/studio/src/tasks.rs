//! Long actions that a window follows by [`Event::Task`] and may stop.

use crate::Studio;
use atelier_kernel::KernelError;
use atelier_kernel::environment::Stop;
use atelier_wire::{Event, Task, TaskState};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// Those that run.
#[derive(Debug, Default)]
pub(crate) struct Tasks {
    running: Mutex<HashMap<String, Arc<Stop>>>,
}

impl Tasks {
    /// Runs `work` on a thread of its own and answers at once with the task's id. `work` passes on what it says, line by
    /// line; `after` is called when it ended well, before the windows are told.
    pub(crate) fn start(
        studio: &Studio,
        title: String,
        work: impl FnOnce(&Stop, &dyn Fn(&str)) -> Result<(), KernelError> + Send + 'static,
        after: impl FnOnce(&Studio) + Send + 'static,
    ) -> String {
        let id = uuid::Uuid::new_v4().simple().to_string();
        let stop = Arc::new(Stop::of_task());
        studio.inner.tasks.running.lock().insert(id.clone(), stop.clone());
        let (studio, task) = (studio.clone(), id.clone());
        let tell = move |studio: &Studio, line: &str, state: TaskState, problem: Option<String>| {
            let task = Task { id: task.clone(), title: title.clone(), line: line.to_owned(), fraction: None, state, problem };
            // An error means that nobody listens, which is fine.
            let _ = studio.inner.events.send(Event::Task(task));
        };
        tell(&studio, "", TaskState::Running, None);
        let own = id.clone();
        tokio::task::spawn_blocking(move || {
            let said = |line: &str| tell(&studio, line, TaskState::Running, None);
            let done = catch_unwind(AssertUnwindSafe(|| work(&stop, &said)));
            studio.inner.tasks.running.lock().remove(&own);
            match done {
                Ok(Ok(())) => {
                    after(&studio);
                    tell(&studio, "Done", TaskState::Done, None);
                }
                Ok(Err(_)) if stop.is_stopped() => tell(&studio, "Stopped", TaskState::Failed, Some("Stopped".to_owned())),
                Ok(Err(problem)) => tell(&studio, "Failed", TaskState::Failed, Some(problem.to_string())),
                Err(_) => tell(&studio, "Failed", TaskState::Failed, Some("A defect of this program ended it; see its log.".to_owned())),
            }
        });
        id
    }

    /// One that has ended is left as it is.
    pub(crate) fn stop(&self, id: &str) {
        let stop = self.running.lock().get(id).cloned();
        if let Some(stop) = stop {
            stop.stop();
        }
    }

    /// When the backend stops.
    pub(crate) fn stop_all(&self) {
        let all: Vec<Arc<Stop>> = self.running.lock().values().cloned().collect();
        all.iter().for_each(|stop| stop.stop());
    }
}
