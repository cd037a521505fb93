//! The page of a batch transform job.

use super::facts::{UriLink, as_boto3};
use super::log::JobLogView;
use super::steps::{Step, Timeline};
use crate::api;
use crate::frame::{Frame, TabMark, use_frame, use_tab};
use crate::kit::dialog::Question;
use crate::kit::now::use_now;
use crate::kit::state::word;
use crate::kit::toast::Toasts;
use crate::kit::{Bones, CopyButton, ErrorNote, Icon, StateChip, Tone, format, use_toasts};
use crate::live::live_where;
use atelier_wire::aws::types as aws;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

type Job = aws::DescribeTransformJobResponse;

#[component]
pub fn TransformPage(name: String) -> impl IntoView {
    let (frame, toasts, tab) = (use_frame(), use_toasts(), use_tab());
    let (asked, concerned) = (name.clone(), name.clone());
    let job = live_where(
        move || Some(aws::DescribeTransformJobRequest { transform_job_name: asked.clone() }),
        move |tag, id| tag == "transform-job" && id == concerned,
    );
    let status = Memo::new(move |_| {
        job.value.with(|job| job.as_ref().map(|job| job.transform_job_status.to_string()).unwrap_or_default())
    });
    let running = Memo::new(move |_| matches!(status.get().as_str(), "InProgress" | "Stopping"));
    Effect::new(move |_| tab.mark.set(if running.get() { TabMark::Live } else { TabMark::None }));
    let now = use_now(move || running.get() && tab.shown.get(), 500);
    let steps = Memo::new(move |_| job.value.with(|job| job.as_ref().map(steps).unwrap_or_default()));
    let known = Memo::new(move |_| job.value.with(Option::is_some));
    let key = format!("transform-job/{name}");
    let (title, stopped) = (name.clone(), name.clone());
    view! {
        <main class="work" data-view="transform-job" data-job=name>
            <header class="head">
                <div class="head-row">
                    <h1 class="title cut">{title}</h1>
                    {move || known.get().then(|| view! { <StateChip tone=Signal::derive(move || Tone::of(&status.get())) label=Signal::derive(move || { let status = status.get(); if status == "InProgress" { "Running".into() } else { word(&status) } })/> })}
                    <span class="grow"></span>
                    {move || { let name = stopped.clone(); (status.get() == "InProgress").then(|| view! { <button type="button" class="btn btn-stop" data-action="stop" on:click=move |_| ask_stop(frame, toasts, name.clone())><Icon name="stop"/>"Stop…"</button> }) }}
                </div>
                <div class="head-meta">{move || job.value.with(|job| job.as_ref().map(meta))}</div>
                {move || known.get().then(|| view! { <div class="job-steps"><Timeline steps plan=Signal::derive(|| vec!["Created", "Transforming", "Completed"]) runs=running now/></div> })}
                {move || job.value.with(|job| job.as_ref().and_then(|job| job.failure_reason.clone()).filter(|reason| !reason.is_empty()).map(|reason| { let code = reason.split(':').next().unwrap_or_default().to_owned(); view! { <div class="job-failure" data-failure=""><ErrorNote tried="The transform failed" code message=reason/></div> } }))}
            </header>
            {move || job.waiting().then(|| view! { <div class="pane"><Bones lines=4/></div> })}
            {move || job.error.get().map(|error| view! { <div class="pane-tight"><ErrorNote tried="This job could not be read" code=error.code message=error.message/></div> })}
            {move || job.value.with(|job| job.as_ref().map(data))}
            {move || known.get().then(|| view! { <JobLogView job=key.clone() runs=running/> })}
        </main>
        <aside class="inspector" aria-label="About the job">{move || job.value.get().map(|job| inspector(&job))}</aside>
    }
}

/// AWS names no phases of a transform; what is known are three times.
fn steps(job: &Job) -> Vec<Step> {
    let step =
        |name: &str, start: f64, end: Option<f64>| Step { name: name.to_owned(), start, end, message: String::new() };
    let (start, end) = (job.transform_start_time.map(|at| at.0), job.transform_end_time.map(|at| at.0));
    let mut out = vec![step("Created", job.creation_time.0, start.or(end))];
    if let Some(start) = start {
        out.push(step("Transforming", start, end));
    }
    let status = job.transform_job_status.to_string();
    if status != "InProgress" {
        out.push(step(&status, end.unwrap_or(job.creation_time.0), None));
    }
    out
}

fn meta(job: &Job) -> impl IntoView + use<> {
    let resources = &job.transform_resources;
    view! {
        <span>{format!("model {}", job.model_name)}</span>
        <span>{format!("{} × {}", resources.instance_count, resources.instance_type)}</span>
        <span>{format!("started {}", format::date_time(job.creation_time.0))}</span>
    }
}

/// Where the rows come from and where the answers go: what one looks for on this page.
fn data(job: &Job) -> impl IntoView + use<> {
    let (input, output) = (job.transform_input.clone(), job.transform_output.clone());
    let shape = [input.content_type.clone(), input.split_type.map(|split| format!("split by {split}"))];
    let shape = shape.into_iter().flatten().collect::<Vec<_>>().join(", ");
    let answer = output
        .as_ref()
        .map(|output| {
            [output.accept.clone(), output.assemble_with.map(|with| format!("assembled by {with}"))]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(", ")
        })
        .unwrap_or_default();
    view! {
        <div class="cols job-io">
            <div class="pane" data-section="inputs"><h2 class="label">"Input"</h2><UriLink uri=input.data_source.s3_data_source.s3_uri icon="data"/><p class="hint small">{shape}</p></div>
            <div class="pane" data-section="outputs"><h2 class="label">"Output"</h2>{output.map(|output| view! { <UriLink uri=output.s3_output_path icon="data"/> })}<p class="hint small">{answer}</p></div>
        </div>
    }
}

fn ask_stop(frame: Frame, toasts: Toasts, name: String) {
    let job = name.clone();
    let stop = move || {
        let job = job.clone();
        spawn_local(async move {
            if let Err(error) = api::call(aws::StopTransformJobRequest { transform_job_name: job.clone() }).await {
                toasts.fail(format!("{job} could not be stopped"), error.message);
            }
        });
    };
    frame
        .question
        .set(Some(Question::new(format!("Stop {name}?"), "Stop", stop).text("Nothing of its output is kept.")));
}

fn inspector(job: &Job) -> impl IntoView + use<> {
    let strategy = job.batch_strategy.map(|strategy| strategy.to_string());
    let environment: Vec<(String, String)> =
        job.environment.iter().flatten().map(|(name, value)| (name.clone(), value.clone())).collect();
    view! {
        <div class="inspector-head"><h2>"Details"</h2></div>
        <div class="scroll">
            <section class="section"><dl class="kv">
                <dt>"Model"</dt><dd title=job.model_name.clone()>{job.model_name.clone()}</dd>
                {strategy.map(|strategy| view! { <dt>"Strategy"</dt><dd>{strategy}</dd> })}
                {job.max_payload_in_mb.map(|size| view! { <dt>"Largest payload"</dt><dd>{format!("{size} MB")}</dd> })}
                {job.max_concurrent_transforms.map(|count| view! { <dt>"At a time"</dt><dd>{count}</dd> })}
                <dt>"ARN"</dt><dd class="code-s" title=job.transform_job_arn.clone()>{job.transform_job_arn.clone()}</dd>
            </dl></section>
            {(!environment.is_empty()).then(|| view! { <section class="section"><div class="section-head"><h3>"Environment"</h3></div>
                <dl class="kv">{environment.into_iter().map(|(name, value)| view! { <dt>{name}</dt><dd>{value}</dd> }).collect_view()}</dl></section> })}
        </div>
        <div class="inspector-foot">
            <CopyButton text=python(job) name="Copy the call that makes this job" label="Copy as Python" class="btn"/><span class="hint small">"boto3"</span>
        </div>
    }
}

fn python(job: &Job) -> String {
    let request = aws::CreateTransformJobRequest {
        transform_job_name: job.transform_job_name.clone(),
        model_name: job.model_name.clone(),
        batch_strategy: job.batch_strategy,
        environment: job.environment.clone().filter(|all| !all.is_empty()),
        max_payload_in_mb: job.max_payload_in_mb,
        max_concurrent_transforms: job.max_concurrent_transforms,
        transform_input: job.transform_input.clone(),
        transform_output: job.transform_output.clone().unwrap_or_default(),
        transform_resources: job.transform_resources.clone(),
        ..Default::default()
    };
    as_boto3("sagemaker", "create_transform_job", &serde_json::to_value(&request).unwrap_or_default())
}
