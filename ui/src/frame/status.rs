//! The status bar tells the truth: connection, kernels, jobs, endpoints, machine.

use super::use_frame;
use crate::api::Link;
use crate::kit::{Icon, format};
use leptos::prelude::*;

#[component]
pub fn StatusBar() -> impl IntoView {
    let frame = use_frame();
    let machine = move || frame.machine.value.get().unwrap_or_default();
    let known = move || frame.machine.value.with(Option::is_some);
    let jobs = move || machine().jobs_running;
    let endpoints = move || machine().endpoints_in_service;
    let kernels = move || machine().kernels_running;
    let live = move |on: bool| if on { "live" } else { "wait" };
    let spin = move |on: bool| if on { "spin" } else { "" };
    let address = move || {
        frame
            .studio
            .value
            .with(|studio| studio.as_ref().map(|studio| studio.address.trim_start_matches("http://").to_owned()))
            .unwrap_or_default()
    };
    view! {
        <footer class="statusbar" aria-label="Status">
            {move || match frame.link.get() {
                Link::Up => None,
                Link::Connecting => Some(view! { <span class="status-link" data-link="connecting"><Icon name="live" class="spin"/>"connecting"</span> }),
                Link::Down => Some(view! { <span class="status-link is-bad" role="alert" data-link="down"><Icon name="warn"/>"no answer from the platform, connecting again"</span> }),
            }}
            {move || known().then(|| view! {
                <button type="button" data-status="kernels" on:click=move |_| frame.open("files")>
                    <Icon name={if kernels() == 0 { "wait" } else { "done" }}/>{format::counted(kernels() as u64, "kernel", "kernels")}
                </button>
                <button type="button" data-status="jobs" class:is-live={jobs() > 0} on:click=move |_| frame.open("jobs")>
                    <Icon name={live(jobs() > 0)} class={spin(jobs() > 0)}/>{if jobs() == 0 { "no jobs running".to_owned() } else { format!("{} running", format::counted(jobs() as u64, "job", "jobs")) }}
                </button>
                <button type="button" data-status="endpoints" on:click=move |_| frame.open("endpoints")>
                    <Icon name="endpoints"/>{if endpoints() == 0 { "no endpoints".to_owned() } else { format!("{} in service", format::counted(endpoints() as u64, "endpoint", "endpoints")) }}
                </button>
            })}
            <span class="grow"></span>
            {move || known().then(|| {
                let machine = machine();
                let of = format!("{} cores, backend {}", machine.num_cores, format::bytes(machine.backend_memory_bytes));
                view! {
                    <button type="button" data-status="cpu" title=of on:click=move |_| frame.open("settings")>{format!("cpu {:.0} %", machine.cpu_percent)}</button>
                    <button type="button" data-status="memory" title="Memory in use on this machine" on:click=move |_| frame.open("settings")>
                        {format!("mem {} of {}", format::bytes(machine.memory_used_bytes), format::bytes(machine.memory_total_bytes))}
                    </button>
                }
            })}
            {move || (!address().is_empty()).then(|| view! { <button type="button" class="if-wide" data-status="address" title="Where boto3 and the SDK reach the platform" on:click=move |_| frame.open("settings")>{address()}</button> })}
        </footer>
    }
}
