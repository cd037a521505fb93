//! The studio's calls about Python environments, and long work that windows follow.

use super::Kernels;
use crate::{KernelError, environment};
use atelier_wire::event::{Task, TaskState};
use atelier_wire::studio::environment::{
    ChangePackages, Environments, FindPackage, FoundPackage, ListEnvironments, ListPackages, Packages, Started,
};
use atelier_wire::{Error, Event};
use std::path::PathBuf;

impl Kernels {
    fn places(&self) -> (PathBuf, PathBuf) {
        (self.shared.options.workspace.clone(), self.shared.options.envs_dir.clone())
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
        Ok(environment::find_package(&request.module))
    }

    /// Returns once it is known that it can be done; how it goes is told as a task.
    pub async fn change_packages(&self, request: ChangePackages) -> Result<Started, Error> {
        let (workspace, envs) = self.places();
        let kernel = request.kernel.clone();
        let change = blocking(move || environment::change(&workspace, &envs, &request)).await?;
        let (title, events) = (change.title.clone(), self.shared.events.clone());
        let task = self.start_task(title, move |progress| {
            let outcome = change.run(&environment::Stop::of_task(), progress).map_err(|error| error.to_string());
            events(Event::Changed { tag: "environment".to_owned(), id: kernel });
            outcome
        });
        Ok(Started { task })
    }

    /// Does something that blocks for long, telling windows how it goes. Returns the task's id.
    pub(super) fn start_task(&self, title: String, work: impl FnOnce(&dyn Fn(&str)) -> Result<(), String> + Send + 'static) -> String {
        let id = uuid::Uuid::new_v4().to_string();
        let (events, task) = (self.shared.events.clone(), id.clone());
        tokio::task::spawn_blocking(move || {
            let tell = |line: &str, state: TaskState, problem: Option<String>| {
                let (id, title, line) = (task.clone(), title.clone(), line.to_owned());
                events(Event::Task(Task { id, title, line, fraction: None, state, problem }));
            };
            tell("", TaskState::Running, None);
            match work(&|line| tell(line, TaskState::Running, None)) {
                Ok(()) => tell("", TaskState::Done, None),
                Err(problem) => tell("", TaskState::Failed, Some(problem)),
            }
        });
        id
    }
}

/// Work that looks at files.
pub(super) async fn blocking<R: Send + 'static>(work: impl FnOnce() -> Result<R, KernelError> + Send + 'static) -> Result<R, Error> {
    let done = tokio::task::spawn_blocking(work).await;
    Ok(done.map_err(|panic| KernelError::Defect(panic.to_string()))??)
}
