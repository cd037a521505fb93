//! An import that found nothing: the package that brings the module, installed by a click.

use super::Spot;
use crate::api;
use crate::kit::Icon;
use crate::panels::packages::{self, Follow};
use atelier_wire::event::TaskState;
use atelier_wire::studio::environment::{ChangePackages, FindPackage};
use atelier_wire::studio::kernel::ListKernels;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

pub fn view(spot: Spot, module: String) -> AnyView {
    let Some((session, state)) = spot.session.zip(spot.state()) else { return ().into_any() };
    let package = RwSignal::new(None::<String>);
    let place = RwSignal::new((String::new(), String::new()));
    let follow = Follow::new();
    let module = StoredValue::new(module);
    spawn_local(async move {
        let kernel = state.kernel.get_untracked().unwrap_or_else(|| session.kernel_name.get_untracked());
        let known = session.kernels.with_untracked(|kernels| {
            kernels.iter().find(|known| known.name == kernel).map(|known| known.environment.clone())
        });
        let environment = match known.filter(|name| !name.is_empty()) {
            Some(name) => name,
            None => {
                let all = api::call(ListKernels {}).await.map(|all| all.available).unwrap_or_default();
                all.into_iter().find(|spec| spec.name == kernel).map(|spec| spec.environment).unwrap_or_default()
            }
        };
        // A module that no package is known to bring is told by the error itself.
        if let Ok(found) = api::call(FindPackage { module: module.get_value() }).await {
            place.try_set((kernel, environment));
            package.try_set(found.package);
        }
    });
    let start = move |_| {
        let Some(package) = package.get_untracked() else { return };
        follow.start(ChangePackages { kernel: place.get_untracked().0, install: vec![package], remove: Vec::new() });
    };
    let again = move |_| session.run(&[spot.cell.get_value()]);
    view! {
        {move || package.get().map(|package| { let name = package.clone(); view! {
            <div class="trace-way" data-install=name>
                {move || match follow.state() {
                    Some(TaskState::Done) => view! {
                        <span class="state is-ok"><Icon name="done"/>{format!("{package} is installed")}</span>
                        <button type="button" class="btn btn-s btn-main" data-action="run-again" on:click=again>"Run again"</button>
                    }.into_any(),
                    Some(TaskState::Running) => packages::progress(follow).into_any(),
                    failed => view! {
                        <button type="button" class="btn btn-s btn-main" data-action="install" on:click=start><Icon name="download"/>{
                            let place = place.get().1;
                            if place.is_empty() { format!("Install {package}") } else { format!("Install {package} into {place}") }
                        }</button>
                        {failed.is_some().then(|| packages::progress(follow))}
                    }.into_any(),
                }}
            </div>
        }})}
    }
    .into_any()
}
