//! Python environments: a thin layer over [`atelier_kernel::environment`].

use crate::Studio;
use crate::tasks::Tasks;
use atelier_kernel::environment;
use atelier_wire::Error;
use atelier_wire::studio::environment::{
    CancelTask, ChangePackages, Environments, FindPackage, FoundPackage, ListEnvironments, ListPackages, Packages, Started,
};
use atelier_wire::studio::home::Done;

pub fn list_environments(studio: &Studio, _: ListEnvironments) -> Result<Environments, Error> {
    Ok(environment::list(&studio.inner.workspace, &studio.inner.envs_dir))
}

pub fn list_packages(studio: &Studio, request: ListPackages) -> Result<Packages, Error> {
    Ok(environment::packages(&studio.inner.workspace, &studio.inner.envs_dir, &request.kernel)?)
}

pub fn change_packages(studio: &Studio, request: ChangePackages) -> Result<Started, Error> {
    let change = environment::change(&studio.inner.workspace, &studio.inner.envs_dir, &request)?;
    let title = change.title.clone();
    let work = move |stop: &environment::Stop, progress: &dyn Fn(&str)| change.run(stop, progress);
    let changed = move |studio: &Studio| {
        studio.announce("environment", &request.kernel);
        studio.announce("kernel", &request.kernel);
    };
    Ok(Started { task: Tasks::start(studio, title, work, changed) })
}

pub fn cancel_task(studio: &Studio, request: CancelTask) -> Result<Done, Error> {
    studio.inner.tasks.stop(&request.task);
    Ok(Done {})
}

pub fn find_package(_: &Studio, request: FindPackage) -> Result<FoundPackage, Error> {
    Ok(environment::find_package(&request.module))
}
