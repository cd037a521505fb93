//! Packages: which Python environments there are, what is in each, and how to change that.

mod follow;
mod list;

pub use follow::{Follow, progress};

use crate::frame::Address;
use crate::kit::{Bones, Empty, ErrorNote, Icon};
use crate::live::live;
use atelier_wire::studio::environment::{Environment, EnvironmentKind, ListEnvironments};
use leptos::prelude::*;

pub fn open(address: Address) -> AnyView {
    view! { <Packages kernel=address.name/> }.into_any()
}

/// Environments on the left, the packages of the chosen one on the right. `kernel`: the kernelspec of the one to show.
#[component]
fn Packages(kernel: String) -> impl IntoView {
    let known = live(|| Some(ListEnvironments {}), &["environment"]);
    let chosen = RwSignal::new(kernel);
    let shown = Memo::new(move |_| {
        let all = known.get()?.environments;
        let wanted = chosen.with(|chosen| all.iter().position(|environment| environment.kernel == *chosen));
        let at = wanted.or_else(|| all.iter().position(|environment| environment.is_ready)).unwrap_or(0);
        all.get(at).cloned()
    });
    view! {
        <main class="work" data-packages="">
            <div class="pkg">
                <nav class="pkg-side" aria-label="Environments">
                    <h2 class="strong">"Environments"</h2>
                    {move || known.waiting().then(|| view! { <Bones lines=4/> })}
                    {move || known.error.get().map(|error| view! { <ErrorNote tried="The environments could not be listed" code=error.code.clone() message=error.message.clone()/> })}
                    <ul class="list list-two">
                        <For each=move || known.get().map(|all| all.environments).unwrap_or_default() key=|environment| (environment.kernel.clone(), environment.is_ready, environment.python.clone(), environment.name.clone())
                            children=move |environment| side_row(environment, shown, chosen)/>
                    </ul>
                </nav>
                {move || match shown.get() {
                    Some(environment) => list::view(environment).into_any(),
                    None if known.value.with(Option::is_some) => view! { <Empty icon="box" title="No environment was found" text="A pyproject.toml or requirements.txt in the workspace makes one, and so does uv venv"/> }.into_any(),
                    None => ().into_any(),
                }}
            </div>
        </main>
    }
}

fn side_row(environment: Environment, shown: Memo<Option<Environment>>, chosen: RwSignal<String>) -> impl IntoView {
    let kernel = environment.kernel.clone();
    let on = move || shown.with(|shown| shown.as_ref().is_some_and(|shown| shown.kernel == kernel));
    let to = environment.kernel.clone();
    let about = about(&environment);
    view! {
        <li class:is-on=on data-environment=environment.name.clone()>
            <button type="button" class="pkg-env" title=environment.origin.clone() on:click=move |_| chosen.set(to.clone())>
                <Icon name=if environment.is_ready { "box" } else { "wait" }/>
                <span class="pkg-env-text"><span class="cut medium">{environment.name.clone()}</span><span class="cut small hint">{about}</span></span>
            </button>
        </li>
    }
}

/// `Python 3.11.7 · shipped with the studio`
fn about(environment: &Environment) -> String {
    let kind = match environment.kind {
        EnvironmentKind::Bundled => "shipped with the studio",
        EnvironmentKind::Project => "from the project's file",
        EnvironmentKind::Venv => "virtual environment",
        EnvironmentKind::Conda => "conda",
        EnvironmentKind::System => "of the system",
    };
    let python = if environment.python.is_empty() {
        "not made yet".to_owned()
    } else {
        format!("Python {}", environment.python)
    };
    format!("{python} · {kind}")
}
