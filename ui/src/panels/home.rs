//! Home: the launcher. Three large choices, what was open last, what runs now, and the quickstart.

use crate::frame::{Address, Frame, use_frame};
use crate::kit::{Icon, State, Tone, format};
use crate::live::{Live, live};
use crate::panels::{files, icon_of};
use atelier_wire::aws::types::{
    EndpointStatus, ListEndpointsInput, ListEndpointsOutput, ListTrainingJobsRequest, ListTrainingJobsResponse,
    ListTransformJobsRequest, ListTransformJobsResponse, SortOrder, TrainingJobStatus,
};
use atelier_wire::studio::files::{FileEntry, FileList, ListFiles};
use atelier_wire::studio::kernel::{KernelState, Kernels, ListKernels};
use leptos::prelude::*;

/// How many lines a list of Home has.
const LINES: usize = 8;

/// What Home shows, each read again by its own event.
#[derive(Clone, Copy)]
struct Seen {
    files: Live<FileList>,
    training: Live<ListTrainingJobsResponse>,
    transforms: Live<ListTransformJobsResponse>,
    endpoints: Live<ListEndpointsOutput>,
    kernels: Live<Kernels>,
}

pub fn open(_address: Address) -> AnyView {
    view! { <Home/> }.into_any()
}

#[component]
fn Home() -> impl IntoView {
    let frame = use_frame();
    let seen = Seen {
        files: live(|| Some(ListFiles::default()), &["file"]),
        training: live(
            || {
                Some(ListTrainingJobsRequest {
                    max_results: Some(50),
                    sort_order: Some(SortOrder::Descending),
                    ..Default::default()
                })
            },
            &["training-job"],
        ),
        transforms: live(
            || {
                Some(ListTransformJobsRequest {
                    max_results: Some(50),
                    sort_order: Some(SortOrder::Descending),
                    ..Default::default()
                })
            },
            &["transform-job"],
        ),
        endpoints: live(|| Some(ListEndpointsInput { max_results: Some(50), ..Default::default() }), &["endpoint"]),
        kernels: live(|| Some(ListKernels {}), &["kernel"]),
    };
    let name = move || {
        frame
            .studio
            .value
            .with(|studio| studio.as_ref().map(|studio| Address::file(studio.workspace.clone()).leaf().to_owned()))
            .unwrap_or_else(|| "Atelier".into())
    };
    view! {
        <main class="work"><div class="scroll"><div class="home">
            <header class="home-head">
                <h1 class="title">{name}</h1>
                <span class="hint">{move || summary(seen)}</span>
                <span class="grow"></span>
                <span class="hint small if-wide code-s cut">{move || frame.studio.value.with(|studio| studio.as_ref().map(|studio| studio.workspace.clone()))}</span>
            </header>
            {choices(frame, seen)}
            <div class="home-cols">
                <div>{recent(frame, seen)} {machine(frame)}</div>
                <div>{running(frame, seen)} {quickstart(frame, seen)} {good_to_know()}</div>
            </div>
        </div></div></main>
    }
}

fn summary(seen: Seen) -> String {
    let notebooks = seen.files.value.with(|files| {
        files.as_ref().map_or(0, |files| files.entries.iter().filter(|entry| entry.name.ends_with(".ipynb")).count())
    });
    let jobs = seen.training.value.with(|jobs| jobs.as_ref().map_or(0, |jobs| jobs.training_job_summaries.len()));
    let endpoints = seen.endpoints.value.with(|list| list.as_ref().map_or(0, |list| list.endpoints.len()));
    let parts = [
        (notebooks, "notebook", "notebooks"),
        (jobs, "training job", "training jobs"),
        (endpoints, "endpoint", "endpoints"),
    ];
    parts
        .iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, one, many)| format::counted(*count as u64, one, many))
        .collect::<Vec<_>>()
        .join(" · ")
}

fn choices(frame: Frame, seen: Seen) -> impl IntoView {
    let quickstart = move || {
        let path = frame.studio.value.with_untracked(|studio| studio.as_ref().map(|studio| studio.quickstart.clone()));
        if let Some(path) = path {
            frame.open(Address::file(path));
        }
    };
    let others = move || {
        seen.kernels.value.with(|kernels| {
            let kernels = kernels.as_ref().map(|kernels| kernels.available.clone()).unwrap_or_default();
            kernels.into_iter().filter(|kernel| kernel.language != "python").map(|kernel| {
                let name = kernel.name.clone();
                view! { <button type="button" class="btn" on:click=move |_| files::new_notebook_of(frame, &name)>{kernel.display_name}</button> }
            }).collect_view()
        })
    };
    view! {
        <div class="choices">
            <article class="choice">
                <svg class="art" viewBox="0 0 96 80" aria-hidden="true"><rect class="fc" x="24.5" y="12.5" width="50" height="58" rx="3"/><path class="l a" d="M32 23h14M49 23h10"/><path class="h" d="M32 29h34M32 34h26"/><path class="l a" d="M32 59c6-1 8-14 14-15s8 8 20-3"/><path class="h" d="M32 63.5h34"/></svg>
                <div><h2>"New notebook"</h2><p class="quiet">"Code, text and results on one page"</p>
                    <div class="row"><button type="button" class="btn btn-main" data-action="new-notebook" on:click=move |_| files::new_notebook(frame)>"Python"</button>{others}</div></div>
            </article>
            <article class="choice">
                <svg class="art" viewBox="0 0 96 80" aria-hidden="true"><rect class="fc" x="14.5" y="16.5" width="67" height="48" rx="3"/><path class="h" d="M14.5 36.5h67M14.5 46h67M14.5 55.5h67M36.5 16.5v48M59.5 16.5v48"/><g class="fr"><rect x="19" y="29" width="3" height="5"/><rect x="23" y="24" width="3" height="10"/><rect x="27" y="27" width="3" height="7"/><rect x="31" y="31" width="3" height="3"/></g><g class="f"><rect x="41" y="31" width="3" height="3"/><rect x="45" y="26" width="3" height="8"/><rect x="49" y="22" width="3" height="12"/><rect x="53" y="28" width="3" height="6"/></g><g class="fr"><rect x="64" y="23" width="3" height="11"/><rect x="68" y="26" width="3" height="8"/><rect x="72" y="29" width="3" height="5"/></g></svg>
                <div><h2>"Open data"</h2><p class="quiet">"CSV or Parquet, in a bucket or a file"</p>
                    <div class="row"><button type="button" class="btn" data-action="open-data" on:click=move |_| frame.open("data")>"Buckets"</button><button type="button" class="btn" on:click=move |_| frame.open("files")>"Files"</button></div></div>
            </article>
            <article class="choice">
                <svg class="art" viewBox="0 0 96 80" aria-hidden="true"><path class="h" d="M16 64.5h64M16 12v52.5"/><path class="wash" d="M16 22c8 22 16 30 30 33s24 3 34 3v6.5H16z"/><path class="l a" d="M16 22c8 22 16 30 30 33s24 3 34 3"/><path class="l b" stroke-dasharray="4 3" d="M16 24c8 14 14 20 30 22s24-1 34-4"/><circle class="f" cx="58" cy="57" r="3"/></svg>
                <div><h2>"Quickstart"</h2><p class="quiet">"Train, deploy and predict with ordinary SageMaker code"</p>
                    <div class="row"><button type="button" class="btn" data-action="open-quickstart" on:click=move |_| quickstart()>"Open it"</button><span class="hint small">"about a minute"</span></div></div>
            </article>
        </div>
    }
}

fn recent(frame: Frame, seen: Seen) -> impl IntoView {
    let lines = move || {
        let mut entries: Vec<FileEntry> =
            seen.files.value.with(|files| files.as_ref().map(|files| files.entries.clone()).unwrap_or_default());
        entries.retain(|entry| !entry.folder && !entry.name.starts_with('.'));
        entries.sort_by(|a, b| b.modified_at.total_cmp(&a.modified_at));
        entries.truncate(LINES);
        entries
    };
    let running = move |path: &str| {
        seen.kernels.value.with(|kernels| {
            kernels.as_ref().is_some_and(|kernels| {
                kernels.running.iter().any(|(of, kernel)| of == path && kernel.state == KernelState::Busy)
            })
        })
    };
    view! {
        <section aria-label="Recent files">
            <div class="hd"><h2>"Recent"</h2><button type="button" class="link" on:click=move |_| frame.open("files")>"All files"</button></div>
            {move || {
                let lines = lines();
                if lines.is_empty() {
                    let words = if seen.files.waiting() { "" } else { "Files that you make stand here" };
                    return view! { <p class="hint">{words}</p> }.into_any();
                }
                let now = format::now();
                view! { <ul class="list">{lines.into_iter().map(|entry| {
                    let address = Address::file(entry.path.clone());
                    let icon = icon_of(&address);
                    let busy = running(&entry.path);
                    let path = entry.path.clone();
                    view! { <li data-file=path><button type="button" class="line" on:click=move |_| frame.open(address.clone())>
                        <Icon name=icon/><span class="cut">{entry.path}</span><span class="hint small if-wide">{format::bytes(entry.size_bytes)}</span><span class="grow"></span>
                        {busy.then(|| view! { <State tone=Tone::Live label="running"/> })}
                        <span class="hint small num right home-when">{format::ago(entry.modified_at, now)}</span>
                    </button></li> }
                }).collect_view()}</ul> }.into_any()
            }}
        </section>
    }
}

/// A line of what runs: icon, name, address, state, and a word below.
struct Running {
    icon: &'static str,
    name: String,
    address: Address,
    tone: Tone,
    word: String,
    below: String,
}

fn running_now(seen: Seen) -> Vec<Running> {
    let now = format::now();
    let mut out = Vec::new();
    seen.training.value.with(|jobs| {
        for job in jobs
            .iter()
            .flat_map(|jobs| &jobs.training_job_summaries)
            .filter(|job| job.training_job_status == TrainingJobStatus::InProgress)
        {
            let below = format!("training job · {}", format::duration(now - job.creation_time.0));
            out.push(Running {
                icon: "jobs",
                name: job.training_job_name.clone(),
                address: Address::new("training-job", job.training_job_name.clone()),
                tone: Tone::Live,
                word: "training".into(),
                below,
            });
        }
    });
    seen.transforms.value.with(|jobs| {
        for job in jobs
            .iter()
            .flat_map(|jobs| &jobs.transform_job_summaries)
            .filter(|job| job.transform_job_status.as_str() == "InProgress")
        {
            let below = format!("transform job · {}", format::duration(now - job.creation_time.0));
            out.push(Running {
                icon: "jobs",
                name: job.transform_job_name.clone(),
                address: Address::new("transform-job", job.transform_job_name.clone()),
                tone: Tone::Live,
                word: "transforming".into(),
                below,
            });
        }
    });
    seen.endpoints.value.with(|list| {
        for endpoint in list.iter().flat_map(|list| &list.endpoints) {
            let status = endpoint.endpoint_status;
            let word = if status == EndpointStatus::InService {
                "in service".to_owned()
            } else {
                crate::kit::state::word(status.as_str()).to_lowercase()
            };
            let below = format!("endpoint · since {}", format::ago(endpoint.creation_time.0, now));
            out.push(Running {
                icon: "endpoints",
                name: endpoint.endpoint_name.clone(),
                address: Address::new("endpoint", endpoint.endpoint_name.clone()),
                tone: Tone::of(status.as_str()),
                word,
                below,
            });
        }
    });
    seen.kernels.value.with(|kernels| {
        for (path, kernel) in kernels.iter().flat_map(|kernels| &kernels.running) {
            let (tone, word) = match kernel.state {
                KernelState::Idle => (Tone::Ok, "idle"),
                KernelState::Dead => (Tone::Bad, "died"),
                _ => (Tone::Live, "running"),
            };
            out.push(Running {
                icon: "notebook",
                name: path.clone(),
                address: Address::file(path.clone()),
                tone,
                word: word.into(),
                below: kernel.display_name.clone(),
            });
        }
    });
    out
}

fn running(frame: Frame, seen: Seen) -> impl IntoView {
    view! {
        <section aria-label="Running now">
            <div class="hd"><h2>"Running now"</h2><button type="button" class="link" on:click=move |_| frame.open("jobs")>"All jobs"</button></div>
            {move || {
                let mut lines = running_now(seen);
                if lines.is_empty() {
                    return view! { <p class="hint home-none">"Nothing runs. Jobs, endpoints and kernels go on when the window closes"</p> }.into_any();
                }
                lines.truncate(6);
                view! { <ul class="list list-two">{lines.into_iter().map(|line| {
                    let address = line.address.clone();
                    view! { <li data-running=line.address.to_string()><button type="button" class="line" on:click=move |_| frame.open(address.clone())>
                        <Icon name=line.icon/>
                        <span class="grow"><span class="row"><span class="cut">{line.name}</span><span class="grow"></span><State tone=line.tone label=line.word/></span>
                            <span class="row small hint num">{line.below}</span></span>
                    </button></li> }
                }).collect_view()}</ul> }.into_any()
            }}
        </section>
    }
}

fn quickstart(frame: Frame, seen: Seen) -> impl IntoView {
    let trained = move || {
        seen.training.value.with(|jobs| {
            jobs.as_ref().and_then(|jobs| {
                jobs.training_job_summaries
                    .iter()
                    .find(|job| job.training_job_status == TrainingJobStatus::Completed)
                    .map(|job| job.training_job_name.clone())
            })
        })
    };
    let deployed = move || {
        seen.endpoints.value.with(|list| {
            list.as_ref().and_then(|list| list.endpoints.first().map(|endpoint| endpoint.endpoint_name.clone()))
        })
    };
    let step = move |done: bool, next: bool, words: &'static str, act: &'static str, to: Option<Address>| {
        let to = StoredValue::new(to);
        let go = move |_| {
            if let Some(to) = to.get_value() {
                frame.open(to)
            }
        };
        view! {
            <li class:is-on=next>
                <Icon name={if done { "done" } else { "wait" }}/>
                <span class={if done { "hint" } else if next { "medium" } else { "" }}>{words}</span><span class="grow"></span>
                {next.then(|| view! { <button type="button" class="btn btn-s btn-main" on:click=go>{act}</button> })}
            </li>
        }
    };
    view! {
        <section aria-label="First steps">
            <div class="hd"><h2>"First steps"</h2></div>
            {move || {
                let notebook = frame.studio.value.with(|studio| studio.as_ref().map(|studio| Address::file(studio.quickstart.clone())));
                let (trained, deployed) = (trained(), deployed());
                let (a, b) = (trained.is_some(), deployed.is_some());
                let job = trained.map(|name| Address::new("training-job", name));
                let endpoint = deployed.map(|name| Address::new("endpoint", name));
                view! { <ul class="list">
                    {step(a, !a, "Train XGBoost in the quickstart notebook", "Open", notebook)}
                    {step(b, a && !b, "Deploy the trained model as an endpoint", "Deploy…", job)}
                    {step(false, b, "Ask the endpoint for a prediction", "Try it", endpoint)}
                </ul> }
            }}
        </section>
    }
}

fn machine(frame: Frame) -> impl IntoView {
    let meter = |share: f64| view! { <span class="progress grow home-meter"><i style:width=format!("{:.0}%", share.clamp(0.0, 1.0) * 100.0)></i></span> };
    view! {
        <section aria-label="This machine">
            <div class="hd"><h2>"This machine"</h2><span class="count">{move || frame.machine.value.with(|machine| machine.as_ref().map(|machine| format::counted(machine.num_cores as u64, "core", "cores")))}</span></div>
            {move || frame.machine.value.with(|machine| machine.as_ref().map(|machine| {
                let memory = machine.memory_used_bytes as f64 / machine.memory_total_bytes.max(1) as f64;
                view! { <ul class="list home-machine">
                    <li><Icon name="cpu"/><span class="home-what">"Processor"</span>{meter(f64::from(machine.cpu_percent) / 100.0)}<span class="small num right home-value">{format!("{:.0} %", machine.cpu_percent)}</span></li>
                    <li><Icon name="columns"/><span class="home-what">"Memory"</span>{meter(memory)}<span class="small num right home-value">{format!("{} of {}", format::bytes(machine.memory_used_bytes), format::bytes(machine.memory_total_bytes))}</span></li>
                    <li><Icon name="box"/><span class="home-what">"Disk"</span><span class="grow"></span><span class="small num right home-value">{format!("{} free", format::bytes(machine.disk_free_bytes))}</span></li>
                </ul> }
            }))}
        </section>
    }
}

fn good_to_know() -> impl IntoView {
    view! {
        <section aria-label="Good to know">
            <div class="hd"><h2>"Good to know"</h2></div>
            <p class="quiet home-note">"Everything has a name and an address; "<span class="kbd"><b>"Ctrl"</b><b>"P"</b></span>" opens it, "<span class="kbd"><b>"Ctrl"</b><b>"Shift"</b><b>"P"</b></span>" runs any command. Any script on this machine reaches the platform with the variables that Settings shows."</p>
        </section>
    }
}
