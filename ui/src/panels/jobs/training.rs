//! The page of a training job.

use super::curves::Curves;
use super::deploy::{DeployButton, Plan};
use super::facts::{UriLink, as_boto3};
use super::log::JobLogView;
use super::steps::{Step, TRAINING, Timeline};
use crate::api;
use crate::frame::{Frame, TabMark, use_frame, use_tab};
use crate::kit::dialog::Question;
use crate::kit::now::use_now;
use crate::kit::state::word;
use crate::kit::toast::Toasts;
use crate::kit::{Bones, CopyButton, ErrorNote, Icon, StateChip, Tone, format, use_toasts};
use crate::live::{Live, live_where};
use atelier_wire::aws::types as aws;
use atelier_wire::studio::job::GetJobMetrics;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

type Job = aws::DescribeTrainingJobResponse;

pub fn runs(status: aws::TrainingJobStatus) -> bool {
    matches!(status.as_str(), "InProgress" | "Stopping")
}

#[component]
pub fn TrainingPage(name: String) -> impl IntoView {
    let (asked, concerned) = (name.clone(), name.clone());
    let job = live_where(
        move || Some(aws::DescribeTrainingJobRequest { training_job_name: asked.clone() }),
        move |tag, id| tag == "training-job" && id == concerned,
    );
    let key = format!("training-job/{name}");
    let (asked, concerned) = (key.clone(), key.clone());
    let metrics = live_where(
        move || Some(GetJobMetrics { job: asked.clone() }),
        move |tag, id| tag == "metric" && id == concerned,
    );
    let running =
        Memo::new(move |_| job.value.with(|job| job.as_ref().is_some_and(|job| runs(job.training_job_status))));
    let tab = use_tab();
    Effect::new(move |_| tab.mark.set(if running.get() { TabMark::Live } else { TabMark::None }));
    let now = use_now(move || running.get() && tab.shown.get(), 500);
    let steps = Memo::new(move |_| job.value.with(|job| job.as_ref().map(steps).unwrap_or_default()));
    let known = Memo::new(move |_| job.value.with(Option::is_some));
    let title = name.clone();
    view! {
        <main class="work" data-view="training-job" data-job=name>
            <header class="head">
                <div class="head-row">
                    <h1 class="title cut">{title}</h1>
                    {move || known.get().then(|| { let status = Signal::derive(move || shown_state(job)); view! { <StateChip tone=Signal::derive(move || status.get().0) label=Signal::derive(move || status.get().1)/> } })}
                    <span class="grow"></span>
                    {actions(job)}
                </div>
                <div class="head-meta">{move || job.value.with(|job| job.as_ref().map(meta))}</div>
                {move || known.get().then(|| view! { <div class="job-steps"><Timeline steps plan=Signal::derive(|| TRAINING.to_vec()) runs=running now/></div> })}
                {move || job.value.with(|job| job.as_ref().and_then(failure))}
            </header>
            {move || job.waiting().then(|| view! { <div class="pane"><Bones lines=4/></div> })}
            {move || job.error.get().map(|error| view! { <div class="pane-tight"><ErrorNote tried="This job could not be read" code=error.code message=error.message/></div> })}
            {move || known.get().then(|| view! { <div class="job-main"><Curves metrics runs=running/></div> })}
            {move || known.get().then(|| view! { <JobLogView job=key.clone() runs=running/> })}
        </main>
        <aside class="inspector" aria-label="About the job">{move || job.value.get().map(|job| inspector(&job))}</aside>
    }
}

/// While it runs, the phase says more than `InProgress`.
fn shown_state(job: Live<Job>) -> (Tone, String) {
    job.value.with(|job| {
        let Some(job) = job else { return (Tone::Wait, String::new()) };
        let status = job.training_job_status.to_string();
        let label = if status == "InProgress" { word(job.secondary_status.as_str()) } else { word(&status) };
        (Tone::of(&status), label)
    })
}

fn steps(job: &Job) -> Vec<Step> {
    let all = job.secondary_status_transitions.iter().flatten();
    all.map(|step| Step {
        name: step.status.to_string(),
        start: step.start_time.0,
        end: step.end_time.map(|at| at.0),
        message: step.status_message.clone().unwrap_or_default(),
    })
    .collect()
}

/// The last part of the image: `xgboost:1` of `…/xgboost:1`.
fn algorithm(job: &Job) -> String {
    let image = job.algorithm_specification.as_ref().and_then(|spec| spec.training_image.clone()).unwrap_or_default();
    image.rsplit('/').next().unwrap_or_default().to_owned()
}

fn meta(job: &Job) -> impl IntoView + use<> {
    let resources = job.resource_config.as_ref();
    let machine = resources
        .and_then(|r| r.instance_type.clone())
        .map(|kind| format!("{} × {kind}", resources.and_then(|r| r.instance_count).unwrap_or(1)));
    let trained =
        job.training_time_in_seconds.map(|seconds| format!("trained {}", format::duration(f64::from(seconds))));
    view! {
        <span>{algorithm(job)}</span>
        {machine.map(|machine| view! { <span>{machine}</span> })}
        <span>{format!("started {}", format::date_time(job.creation_time.0))}</span>
        {trained.map(|trained| view! { <span>{trained}</span> })}
    }
}

fn failure(job: &Job) -> Option<impl IntoView + use<>> {
    let reason = job.failure_reason.clone().filter(|reason| !reason.is_empty())?;
    let code = reason.split(':').next().unwrap_or_default().to_owned();
    let tried = if job.training_job_status.as_str() == "Failed" { "The job failed" } else { "The job ended early" };
    Some(view! { <div class="job-failure" data-failure=""><ErrorNote tried code message=reason/></div> })
}

fn actions(job: Live<Job>) -> impl IntoView {
    let (frame, toasts) = (use_frame(), use_toasts());
    let status = Memo::new(move |_| {
        job.value.with(|job| job.as_ref().map(|job| job.training_job_status.to_string()).unwrap_or_default())
    });
    let plan = Signal::derive(move || {
        job.value.with(|job| {
            let Some(job) = job.as_ref() else { return None };
            Some(Plan {
                job: job.training_job_name.clone(),
                image: job.algorithm_specification.as_ref().and_then(|spec| spec.training_image.clone())?,
                artifacts: job.model_artifacts.s3_model_artifacts.clone(),
                role: job.role_arn.clone().unwrap_or_default(),
                endpoint: String::new(),
                instance_type: "ml.m5.large".into(),
                num_instances: 1,
            })
        })
    });
    let deployable = Memo::new(move |_| status.get() == "Completed" && plan.with(Option::is_some));
    let name = move || {
        job.value.with_untracked(|job| job.as_ref().map(|job| job.training_job_name.clone()).unwrap_or_default())
    };
    move || {
        if status.get() == "InProgress" {
            return view! { <button type="button" class="btn btn-stop" data-action="stop" on:click=move |_| ask_stop(frame, toasts, name())><Icon name="stop"/>"Stop…"</button> }.into_any();
        }
        if deployable.get()
            && let Some(first) = plan.get_untracked()
        {
            let plan = Signal::derive(move || plan.get().unwrap_or_else(|| first.clone()));
            return view! { <DeployButton plan/> }.into_any();
        }
        ().into_any()
    }
}

fn ask_stop(frame: Frame, toasts: Toasts, name: String) {
    let job = name.clone();
    let stop = move || {
        let job = job.clone();
        spawn_local(async move {
            if let Err(error) = api::call(aws::StopTrainingJobRequest { training_job_name: job.clone() }).await {
                toasts.fail(format!("{job} could not be stopped"), error.message);
            }
        });
    };
    let text = "The program gets two minutes to write what it has; its model so far is kept if it saves one.";
    frame.question.set(Some(Question::new(format!("Stop {name}?"), "Stop", stop).text(text)));
}

fn inspector(job: &Job) -> impl IntoView + use<> {
    let parameters: Vec<(String, String)> =
        job.hyper_parameters.iter().flatten().map(|(name, value)| (name.clone(), value.clone())).collect();
    let finals: Vec<(String, f32)> = job
        .final_metric_data_list
        .iter()
        .flatten()
        .filter_map(|metric| Some((metric.metric_name.clone()?, metric.value?)))
        .collect();
    let inputs: Vec<(String, String, String)> = job
        .input_data_config
        .iter()
        .flatten()
        .map(|channel| {
            let uri =
                channel.data_source.s3_data_source.as_ref().map(|source| source.s3_uri.clone()).unwrap_or_default();
            (channel.channel_name.clone(), uri, channel.content_type.clone().unwrap_or_default())
        })
        .collect();
    let done = job.training_job_status.as_str() == "Completed";
    let (artifacts, output) = (
        job.model_artifacts.s3_model_artifacts.clone(),
        job.output_data_config.as_ref().map(|output| output.s3_output_path.clone()),
    );
    let limit = job.stopping_condition.max_runtime_in_seconds.map(|seconds| format::duration(f64::from(seconds)));
    view! {
        <div class="inspector-head"><h2>"Details"</h2></div>
        <div class="scroll">
            <section class="section" data-section="parameters">
                <div class="section-head"><h3>"Hyperparameters"</h3><span class="grow hint small">{parameters.len()}</span></div>
                {if parameters.is_empty() { view! { <p class="hint">"None were set"</p> }.into_any() } else {
                    view! { <dl class="kv">{parameters.into_iter().map(|(name, value)| { let (label, whole) = (name.clone(), value.clone()); view! { <dt title=label>{name}</dt><dd title=whole>{value}</dd> } }).collect_view()}</dl> }.into_any()
                }}
            </section>
            {(!finals.is_empty()).then(|| view! {
                <section class="section" data-section="metrics"><div class="section-head"><h3>"Final metrics"</h3></div>
                    <dl class="kv">{finals.into_iter().map(|(name, value)| view! { <dt>{name}</dt><dd>{format::figure(f64::from(value))}</dd> }).collect_view()}</dl></section>
            })}
            <section class="section" data-section="inputs">
                <div class="section-head"><h3>"Inputs"</h3></div>
                {inputs.into_iter().map(|(channel, uri, kind)| view! {
                    <div class="job-input"><span class="row"><span class="medium">{channel}</span><span class="hint small grow right">{kind}</span></span><UriLink uri icon="data"/></div>
                }).collect_view()}
                <div class="section-head"><h3>"Output"</h3>{(!done).then(|| view! { <span class="grow hint small">"when done"</span> })}</div>
                {if done { view! { <UriLink uri=artifacts icon="models"/> }.into_any() } else { output.map(|uri| view! { <UriLink uri icon="models"/> }).into_any() }}
            </section>
            <section class="section">
                <dl class="kv">
                    {limit.map(|limit| view! { <dt>"Stops after"</dt><dd>{limit}</dd> })}
                    {job.role_arn.clone().map(|role| { let whole = role.clone(); view! { <dt>"Role"</dt><dd class="code-s" title=whole>{role.rsplit('/').next().unwrap_or_default().to_owned()}</dd> } })}
                    <dt>"ARN"</dt><dd class="code-s" title=job.training_job_arn.clone()>{job.training_job_arn.clone()}</dd>
                </dl>
            </section>
        </div>
        <div class="inspector-foot">
            <CopyButton text=python(job) name="Copy the call that makes this job" label="Copy as Python" class="btn"/><span class="hint small">"boto3"</span>
        </div>
    }
}

/// The request that would make this job again.
fn python(job: &Job) -> String {
    let request = aws::CreateTrainingJobRequest {
        training_job_name: job.training_job_name.clone(),
        hyper_parameters: job.hyper_parameters.clone().filter(|all| !all.is_empty()),
        algorithm_specification: job.algorithm_specification.clone(),
        role_arn: job.role_arn.clone().unwrap_or_default(),
        input_data_config: job.input_data_config.clone(),
        output_data_config: job.output_data_config.clone().unwrap_or_default(),
        resource_config: job.resource_config.clone(),
        stopping_condition: Some(job.stopping_condition.clone()),
        environment: job.environment.clone().filter(|all| !all.is_empty()),
        ..Default::default()
    };
    as_boto3("sagemaker", "create_training_job", &serde_json::to_value(&request).unwrap_or_default())
}
