//! All jobs in one table: search, kind and state as filters, sortable, live.

use crate::frame::{Address, use_frame};
use crate::kit::now::use_now;
use crate::kit::state::word;
use crate::kit::table::Sort;
use crate::kit::{Bones, Choice, Column, DataTable, Empty, ErrorNote, Icon, Search, State, Tone, format};
use crate::live::live;
use atelier_wire::aws::types as aws;
use leptos::prelude::*;

#[derive(Clone, PartialEq)]
struct Job {
    kind: &'static str,
    name: String,
    status: String,
    /// The phase a running job is in.
    phase: String,
    created: f64,
    ended: Option<f64>,
}

impl Job {
    fn key(&self) -> String {
        format!("{}/{}", self.kind, self.name)
    }

    fn runs(&self) -> bool {
        matches!(self.status.as_str(), "InProgress" | "Stopping")
    }
}

impl From<aws::TrainingJobSummary> for Job {
    fn from(job: aws::TrainingJobSummary) -> Self {
        let phase = job.secondary_status.map(|status| status.to_string()).unwrap_or_default();
        let status = job.training_job_status.to_string();
        Self {
            kind: "training-job",
            name: job.training_job_name,
            status,
            phase,
            created: job.creation_time.0,
            ended: job.training_end_time.map(|at| at.0),
        }
    }
}

impl From<aws::TransformJobSummary> for Job {
    fn from(job: aws::TransformJobSummary) -> Self {
        let status = job.transform_job_status.to_string();
        Self {
            kind: "transform-job",
            name: job.transform_job_name,
            phase: String::new(),
            status,
            created: job.creation_time.0,
            ended: job.transform_end_time.map(|at| at.0),
        }
    }
}

/// How many of each kind are read. Older ones are found through the palette.
const MOST: i32 = 100;

#[component]
pub fn JobList() -> impl IntoView {
    let frame = use_frame();
    let training = live(
        || Some(aws::ListTrainingJobsRequest { max_results: Some(MOST), ..Default::default() }),
        &["training-job"],
    );
    let transforms = live(
        || Some(aws::ListTransformJobsRequest { max_results: Some(MOST), ..Default::default() }),
        &["transform-job"],
    );
    let all = Memo::new(move |_| {
        let mut jobs: Vec<Job> = Vec::new();
        training.value.with(|list| {
            jobs.extend(list.iter().flat_map(|list| list.training_job_summaries.iter().cloned().map(Job::from)))
        });
        transforms.value.with(|list| {
            jobs.extend(list.iter().flat_map(|list| list.transform_job_summaries.iter().cloned().map(Job::from)))
        });
        jobs
    });
    let (query, kind, state) =
        (RwSignal::new(String::new()), RwSignal::new("all".to_owned()), RwSignal::new("any".to_owned()));
    let rows = Signal::derive(move || {
        let (query, kind, state) = (query.get().to_lowercase(), kind.get(), state.get());
        let mut rows = all.get();
        rows.retain(|job| {
            let of_state = match state.as_str() {
                "any" => true,
                "InProgress" => job.runs(),
                other => job.status == other,
            };
            of_state && (kind == "all" || job.kind == kind) && job.name.to_lowercase().contains(&query)
        });
        rows
    });
    let running = move || all.with(|jobs| jobs.iter().filter(|job| job.runs()).count());
    let now = use_now(move || running() > 0, 1000);
    let selected = RwSignal::new(None::<String>);
    let sort = RwSignal::new(Sort { column: "created", descending: true });
    let open = move |key: String| {
        if let Some((kind, name)) = key.split_once('/') {
            frame.open(Address::new(kind, name))
        }
    };
    let waiting = move || training.waiting() || transforms.waiting();
    let error = move || training.error.get().or_else(|| transforms.error.get());
    let no_jobs = move || all.with(Vec::is_empty);
    view! {
        <main class="work" data-view="jobs">
            <div class="toolbar">
                <h1 class="strong">"Jobs"</h1>
                <span class="hint num">{move || { let (all, running) = (all.with(Vec::len), running()); if running > 0 { format!("{all}, {running} running") } else { all.to_string() } }}</span>
                <span class="toolbar-sep"></span>
                <Choice value=kind name="Kind of job" options=vec![("all", "All kinds"), ("training-job", "Training"), ("transform-job", "Transform")]/>
                <Choice value=state name="State" options=vec![("any", "Any state"), ("InProgress", "Running"), ("Completed", "Completed"), ("Failed", "Failed"), ("Stopped", "Stopped")]/>
                <span class="grow"></span>
                <Search value=query name="Find a job"/>
            </div>
            {move || error().map(|error| view! { <div class="pane-tight"><ErrorNote tried="The jobs could not be listed" code=error.code message=error.message/></div> })}
            {move || {
                if waiting() { return view! { <div class="pane"><Bones lines=5/></div> }.into_any() }
                if no_jobs() {
                    return view! {
                        <Empty icon="jobs" title="No job has run yet" text="A job starts with estimator.fit() or create_training_job in a notebook, and stays in this list with its log, curves and model.">
                            <button type="button" class="btn btn-main" data-action="open-quickstart" on:click=move |_| {
                                if let Some(path) = frame.studio.value.with_untracked(|studio| studio.as_ref().map(|studio| studio.quickstart.clone())) { frame.open(Address::file(path)) }
                            }><Icon name="notebook"/>"Open the quickstart"</button>
                        </Empty>
                    }.into_any();
                }
                view! {
                    <DataTable name="Jobs" rows columns=columns(now) key=Job::key selected sort open=Callback::new(open)/>
                    {move || rows.with(Vec::is_empty).then(|| view! {
                        <Empty icon="filter" title="No job fits" text="None of the jobs matches the search and the filters above.">
                            <button type="button" class="btn" data-action="clear-filters" on:click=move |_| { query.set(String::new()); kind.set("all".into()); state.set("any".into()) }>"Show all jobs"</button>
                        </Empty>
                    })}
                }.into_any()
            }}
        </main>
    }
}

fn columns(now: Signal<f64>) -> Vec<Column<Job>> {
    let frame = use_frame();
    let lasted = |job: &Job, now: f64| {
        if job.runs() { now - job.created } else { job.ended.unwrap_or(job.created) - job.created }
    };
    vec![
        Column::new("name", "Name", move |job: &Job| {
            let address = Address::new(job.kind, job.name.clone());
            let icon = if job.kind == "training-job" { "jobs" } else { "columns" };
            view! { <span class="row"><Icon name=icon class="hint"/><a href="#" class="job-link cut" data-job=job.key() on:click=move |event| { event.prevent_default(); event.stop_propagation(); frame.open(address.clone()) }>{job.name.clone()}</a></span> }.into_any()
        })
        .order(|a, b| a.name.cmp(&b.name)),
        Column::new("kind", "Kind", |job: &Job| (if job.kind == "training-job" { "Training" } else { "Batch transform" }).into_any()).order(|a, b| a.kind.cmp(b.kind)),
        Column::new("state", "State", |job: &Job| {
            let shown = if job.runs() && !job.phase.is_empty() { word(&job.phase) } else if job.runs() && job.status == "InProgress" { "Running".into() } else { word(&job.status) };
            view! { <State tone=Tone::of(&job.status) label=shown/> }.into_any()
        })
        .order(|a, b| a.status.cmp(&b.status)),
        Column::new("duration", "Duration", move |job: &Job| {
            let job = job.clone();
            if job.runs() { (move || format::duration((now.get() - job.created).max(0.0).floor())).into_any() } else { format::duration(lasted(&job, 0.0)).into_any() }
        })
        .number()
        .order(move |a, b| lasted(a, format::now()).total_cmp(&lasted(b, format::now()))),
        Column::new("created", "Started", |job: &Job| {
            view! { <span title=format::date_time(job.created)>{format::date_time(job.created)}</span> }.into_any()
        })
        .number()
        .order(|a, b| a.created.total_cmp(&b.created)),
    ]
}
