//! The studio's calls about Python environments, and long work that windows follow.

use super::Kernels;
use crate::environment::Stop;
use crate::{KernelError, environment};
use atelier_wire::event::{Task, TaskState};
use atelier_wire::studio::environment::{
    CancelTask, ChangePackages, Environments, FindPackage, FoundPackage, ListEnvironments, ListPackages, Packages,
    Started,
};
use atelier_wire::studio::home::Done;
use atelier_wire::{Error, Event};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;

impl Kernels {
    fn places(&self) -> (PathBuf, PathBuf) {
        (self.shared.options.projects_dir().to_owned(), self.shared.options.envs_dir.clone())
    }

    pub async fn list_environments(&self, _: ListEnvironments) -> Result<Environments, Error> {
        let (workspace, envs) = self.places();
        blocking(move || Ok(environment::list(&workspace, &envs))).await
    }

    pub async fn list_packages(&self, request: ListPackages) -> Result<Packages, Error> {
        let (workspace, envs) = self.places();
        blocking(move || environment::packages(&workspace, &envs, &request.kernel)).await
    }

    pub async fn find_package(&self, request: FindPackage) -> Result<FoundPackage, Error> {
        // It may ask the index.
        blocking(move || Ok(environment::find_package(&request.module))).await
    }

    /// Makes the Python environment that a notebook's own kernel runs on if it is missing. For the command line, where
    /// nobody looks at a panel.
    pub async fn prepare(&self, path: &str, progress: impl Fn(&str) + Copy + Send + 'static) -> Result<(), Error> {
        let (name, language) = self.session(path).await?.own_kernel();
        self.prepare_project(&name, progress).await?;
        let (shared, (_, envs)) = (self.shared.clone(), self.places());
        blocking(move || match shared.launcher(&name, &language) {
            Some(launcher) if launcher.argv.is_none() => environment::ensure(&envs, &progress).map(drop),
            _ => Ok(()),
        })
        .await
    }

    /// Makes the environment of the project that goes by this kernelspec's name if it is missing.
    pub async fn prepare_project(&self, kernel: &str, progress: impl Fn(&str) + Send + 'static) -> Result<(), Error> {
        let ((projects, envs), kernel) = (self.places(), kernel.to_owned());
        blocking(move || environment::ensure_project(&projects, &envs, &kernel, &progress)).await
    }

    /// Returns once it is known that it can be done; how it goes is told as a task.
    pub async fn change_packages(&self, request: ChangePackages) -> Result<Started, Error> {
        let (workspace, envs) = self.places();
        let kernel = request.kernel.clone();
        let change = blocking(move || environment::change(&workspace, &envs, &request)).await?;
        let (title, events) = (change.title.clone(), self.shared.events.clone());
        let task = self.start_task(title, move |stop, progress| {
            let outcome = change.run(stop, progress).map_err(|error| error.to_string());
            for tag in ["environment", "kernel"] {
                events(Event::Changed { tag: tag.to_owned(), id: kernel.clone() });
            }
            outcome
        });
        Ok(Started { task })
    }

    /// One that has ended is left as it is.
    pub async fn cancel_task(&self, request: CancelTask) -> Result<Done, Error> {
        let stop = self.shared.tasks.lock().get(&request.task).cloned();
        if let Some(stop) = stop {
            stop.stop();
        }
        Ok(Done {})
    }

    /// Does something that blocks for long, telling windows how it goes. Returns the task's id.
    pub(super) fn start_task(
        &self,
        title: String,
        work: impl FnOnce(&Stop, &dyn Fn(&str)) -> Result<(), String> + Send + 'static,
    ) -> String {
        let id = uuid::Uuid::new_v4().to_string();
        let stop = Arc::new(Stop::of_task());
        self.shared.tasks.lock().insert(id.clone(), stop.clone());
        let (shared, task) = (self.shared.clone(), id.clone());
        tokio::task::spawn_blocking(move || {
            let tell = |line: &str, state: TaskState, problem: Option<String>| {
                let (id, title, line) = (task.clone(), title.clone(), line.to_owned());
                (shared.events)(Event::Task(Task { id, title, line, fraction: None, state, problem }));
            };
            tell("", TaskState::Running, None);
            let done = catch_unwind(AssertUnwindSafe(|| work(&stop, &|line| tell(line, TaskState::Running, None))));
            shared.tasks.lock().remove(&task);
            match done {
                Ok(Ok(())) => tell("", TaskState::Done, None),
                Ok(Err(_)) if stop.is_stopped() => tell("", TaskState::Failed, Some("Stopped".to_owned())),
                Ok(Err(problem)) => tell("", TaskState::Failed, Some(problem)),
                Err(_) => {
                    tell("", TaskState::Failed, Some("A defect of this program ended it; see its log.".to_owned()))
                }
            }
        });
        id
    }

    /// Stops what windows follow: when the backend stops.
    pub(super) fn stop_tasks(&self) {
        let all: Vec<Arc<Stop>> = self.shared.tasks.lock().values().cloned().collect();
        all.iter().for_each(|stop| stop.stop());
    }
}

/// Work that looks at files.
pub(super) async fn blocking<R: Send + 'static>(
    work: impl FnOnce() -> Result<R, KernelError> + Send + 'static,
) -> Result<R, Error> {
    let done = tokio::task::spawn_blocking(work).await;
    Ok(done.map_err(|panic| KernelError::Defect(panic.to_string()))??)
}
