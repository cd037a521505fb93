//! From a finished training job to an endpoint: model, endpoint config, endpoint, in one click.

use crate::api;
use crate::frame::{Address, Frame, use_frame};
use crate::kit::toast::Toasts;
use crate::kit::{Dialog, FormLine, Icon, State, TextField, Toast, Tone, use_toasts};
use atelier_wire::{self as wire, aws::types as aws};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

/// What is to be deployed, and under which names.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    pub job: String,
    pub image: String,
    pub artifacts: String,
    pub role: String,
    pub endpoint: String,
    pub instance_type: String,
    pub num_instances: i32,
}

/// How far it is: the number of the step under way, and how it ended.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Progress {
    step: usize,
    error: Option<(String, wire::Error)>,
}

const STEPS: [&str; 3] = ["Model", "Endpoint config", "Endpoint"];

/// A name that AWS allows, of at most `most` letters: letters, digits and single hyphens inside.
fn legal(name: &str, most: usize) -> String {
    let mut out = String::new();
    for letter in name.chars() {
        let letter = if letter.is_ascii_alphanumeric() { letter } else { '-' };
        if letter != '-' || !(out.is_empty() || out.ends_with('-')) {
            out.push(letter);
        }
    }
    out.truncate(most);
    out.trim_end_matches('-').to_owned()
}

/// The job's name, with a number where an endpoint of that name exists.
fn free_name(job: &str, taken: &[String]) -> String {
    let base = legal(job, 58);
    let names = std::iter::once(base.clone()).chain((2..).map(|number| format!("{base}-{number}")));
    names.into_iter().find(|name| !taken.contains(name)).unwrap_or(base)
}

async fn taken_names(job: &str) -> Result<Vec<String>, wire::Error> {
    let list = api::call(aws::ListEndpointsInput {
        name_contains: Some(legal(job, 58)),
        max_results: Some(100),
        ..Default::default()
    })
    .await?;
    Ok(list.endpoints.into_iter().map(|endpoint| endpoint.endpoint_name).collect())
}

/// Models and configs outlive their endpoints, so that their names carry the time.
fn stamped(endpoint: &str) -> String {
    let now = String::from(js_sys::Date::new_0().to_iso_string());
    let digits: String = now.chars().filter(char::is_ascii_digit).skip(2).take(12).collect();
    format!("{}-{digits}", legal(endpoint, 50))
}

/// Makes the three things. What was made before a failure stays: it costs nothing, and the message names it.
async fn deploy(plan: &Plan, progress: RwSignal<Option<Progress>>) -> Result<(), (String, wire::Error)> {
    let at = |step: usize| {
        progress.try_set(Some(Progress { step, error: None }));
    };
    let name = stamped(&plan.endpoint);
    at(0);
    let container = aws::ContainerDefinition {
        image: Some(plan.image.clone()),
        model_data_url: Some(plan.artifacts.clone()),
        ..Default::default()
    };
    let model = aws::CreateModelInput {
        model_name: name.clone(),
        primary_container: Some(container),
        execution_role_arn: Some(plan.role.clone()),
        ..Default::default()
    };
    api::call(model).await.map_err(|error| (format!("The model {name} could not be made"), error))?;
    at(1);
    let variant = aws::ProductionVariant {
        variant_name: "AllTraffic".into(),
        model_name: Some(name.clone()),
        initial_instance_count: Some(plan.num_instances),
        instance_type: Some(plan.instance_type.clone()),
        initial_variant_weight: Some(1.0),
        ..Default::default()
    };
    let config = aws::CreateEndpointConfigInput {
        endpoint_config_name: name.clone(),
        production_variants: vec![variant],
        ..Default::default()
    };
    api::call(config).await.map_err(|error| (format!("The endpoint config {name} could not be made"), error))?;
    at(2);
    let endpoint = aws::CreateEndpointInput {
        endpoint_name: plan.endpoint.clone(),
        endpoint_config_name: name,
        ..Default::default()
    };
    api::call(endpoint).await.map_err(|error| (format!("The endpoint {} could not be made", plan.endpoint), error))?;
    at(3);
    Ok(())
}

fn run(plan: Plan, progress: RwSignal<Option<Progress>>, open: RwSignal<bool>, frame: Frame, toasts: Toasts) {
    progress.set(Some(Progress::default()));
    spawn_local(async move {
        match deploy(&plan, progress).await {
            Ok(()) => {
                progress.try_set(None);
                open.try_set(false);
                toasts.show(
                    Toast::new(Tone::Ok, format!("Endpoint {} is being created", plan.endpoint))
                        .text(format!("It serves the model of {}.", plan.job)),
                );
                frame.open(Address::new("endpoint", plan.endpoint));
            }
            Err((tried, error)) => {
                let seen = progress.try_update(|progress| {
                    if let Some(progress) = progress {
                        progress.error = Some((tried.clone(), error.clone()));
                    }
                });
                if seen.is_none() || !open.try_get_untracked().unwrap_or(false) {
                    progress.try_set(None);
                    toasts.fail(tried, error.message);
                }
            }
        }
    });
}

/// **Deploy**, which acts at once, and beside it the same with names and instances to choose.
#[component]
pub fn DeployButton(#[prop(into)] plan: Signal<Plan>) -> impl IntoView {
    let (frame, toasts) = (use_frame(), use_toasts());
    let (open, progress) = (RwSignal::new(false), RwSignal::new(None::<Progress>));
    let busy = move || progress.with(|progress| progress.as_ref().is_some_and(|progress| progress.error.is_none()));
    let at_once = move |_| {
        let mut plan = plan.get_untracked();
        progress.set(Some(Progress::default()));
        spawn_local(async move {
            match taken_names(&plan.job).await {
                Ok(taken) => {
                    plan.endpoint = free_name(&plan.job, &taken);
                    run(plan, progress, open, frame, toasts);
                }
                Err(error) => {
                    progress.try_set(None);
                    toasts.fail("The endpoints could not be listed", error.message);
                }
            }
        });
    };
    view! {
        <span class="btn-join">
            <button type="button" class="btn btn-main" data-action="deploy" title="Make an endpoint that serves this job's model" disabled=busy on:click=at_once>
                <Icon name=Signal::derive(move || if busy() { "live" } else { "deploy" }) class=Signal::derive(move || if busy() { "spin" } else { "" })/>
                {move || match progress.get() { Some(Progress { step, error: None }) => format!("Creating {}…", STEPS[step.min(2)].to_lowercase()), _ => "Deploy".to_owned() }}
            </button>
            <button type="button" class="btn btn-main btn-icon" data-action="deploy-options" aria-label="Deploy with options…" title="Deploy with options…" disabled=busy on:click=move |_| { progress.set(None); open.set(true) }><Icon name="down"/></button>
        </span>
        <Dialog open title="Deploy" text=Signal::derive(move || format!("An endpoint that serves the model of {}", plan.get().job))>
            <Options plan=plan.get_untracked() open progress/>
        </Dialog>
    }
}

#[component]
fn Options(plan: Plan, open: RwSignal<bool>, progress: RwSignal<Option<Progress>>) -> impl IntoView {
    let (frame, toasts) = (use_frame(), use_toasts());
    let name = RwSignal::new(legal(&plan.job, 58));
    let instance = RwSignal::new(plan.instance_type.clone());
    let instances = RwSignal::new(plan.num_instances.to_string());
    let job = plan.job.clone();
    spawn_local(async move {
        // Without the list the job's own name is offered, and AWS's error says if it is taken.
        if let Ok(taken) = taken_names(&job).await {
            name.try_set(free_name(&job, &taken));
        }
    });
    let name_error = Signal::derive(move || {
        name.with(|name| {
            (legal(name, 63) != *name || name.is_empty())
                .then(|| "Letters, digits and single hyphens inside, at most 63".to_owned())
        })
    });
    let count = move || instances.with(|count| count.parse::<i32>().ok().filter(|count| (1..=64).contains(count)));
    let count_error = Signal::derive(move || count().is_none().then(|| "A number from 1 to 64".to_owned()));
    let busy = move || progress.with(|progress| progress.as_ref().is_some_and(|progress| progress.error.is_none()));
    let ready = move || name_error.get().is_none() && count().is_some() && !busy();
    let source = plan.artifacts.clone();
    let go = move || {
        if !ready() {
            return;
        }
        let plan = Plan {
            endpoint: name.get_untracked(),
            instance_type: instance.get_untracked(),
            num_instances: count().unwrap_or(1),
            ..plan.clone()
        };
        run(plan, progress, open, frame, toasts);
    };
    view! {
        <form class="dialog-form" on:submit=move |event| { event.prevent_default(); go() }>
            <div class="dialog-body form">
                <FormLine label="Endpoint name" error=name_error><TextField value=name name="endpoint-name" bad=Signal::derive(move || name_error.get().is_some()) code=true/></FormLine>
                <FormLine label="Instance type" hint="Recorded as AWS would; this machine serves it"><TextField value=instance name="instance-type" code=true/></FormLine>
                <FormLine label="Instances" error=count_error><TextField value=instances name="instance-count" kind="number"/></FormLine>
                <FormLine label="Model artifacts"><span class="code-s cut" title=source.clone()>{source.clone()}</span></FormLine>
                {move || progress.get().map(|now| view! {
                    <ol class="steps" aria-label="Progress">{STEPS.iter().enumerate().map(|(i, step)| {
                        let tone = if i < now.step { Tone::Ok } else if i > now.step { Tone::Wait } else if now.error.is_some() { Tone::Bad } else { Tone::Live };
                        view! { <li><State tone label=*step/></li> }
                    }).collect_view()}</ol>
                    {now.error.map(|(tried, error)| view! { <crate::kit::ErrorNote tried code=error.code message=error.message/> })}
                })}
            </div>
            <div class="dialog-foot">
                <span class="grow"></span>
                <button type="button" class="btn" on:click=move |_| open.set(false)>"Cancel"</button>
                <button type="submit" class="btn btn-main" data-action="deploy-confirm" disabled=move || !ready()><Icon name="deploy"/>"Deploy"</button>
            </div>
        </form>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_legal_and_free() {
        assert_eq!(legal("my_job.v2--x-", 63), "my-job-v2-x");
        assert_eq!(legal("abc-def", 4), "abc");
        assert_eq!(free_name("xgb", &[]), "xgb");
        assert_eq!(free_name("xgb", &["xgb".into(), "xgb-2".into()]), "xgb-3");
    }
}
