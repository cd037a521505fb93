//! The way of a job as a timeline: what was, what is, what will be.

use crate::kit::state::word;
use crate::kit::{State, Tone, format};
use leptos::prelude::*;

/// A phase: from when, until when, and what was said about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub name: String,
    pub start: f64,
    pub end: Option<f64>,
    pub message: String,
}

/// Phases of a job that goes well, in order.
pub const TRAINING: [&str; 5] = ["Starting", "Downloading", "Training", "Uploading", "Completed"];

#[derive(Clone, Debug, PartialEq)]
struct Shown {
    name: String,
    tone: Tone,
    class: &'static str,
    /// Start and end; no end while it lasts.
    times: Option<(f64, Option<f64>)>,
    message: String,
}

/// Those that were, then, while the job runs, those of `plan` that are to come.
fn shown(steps: &[Step], plan: &[&str], runs: bool) -> Vec<Shown> {
    let last = steps.len().saturating_sub(1);
    // What was under way when it failed did not get done: the program, if it was started.
    let broke = (steps.last().is_some_and(|step| step.name == "Failed"))
        .then(|| {
            steps.iter().position(|step| step.name == "Training" || step.name == "Transforming").or(last.checked_sub(1))
        })
        .flatten();
    let mut out: Vec<Shown> = steps
        .iter()
        .enumerate()
        .map(|(i, step)| {
            let ends = matches!(
                step.name.as_str(),
                "Completed" | "Failed" | "Stopped" | "MaxRuntimeExceeded" | "MaxWaitTimeExceeded" | "Interrupted"
            );
            let live = i == last && runs && !ends;
            let tone = match step.name.as_str() {
                _ if live => Tone::Live,
                "Failed" | "MaxRuntimeExceeded" => Tone::Bad,
                "Stopped" | "Stopping" => Tone::Stopped,
                _ if broke == Some(i) => Tone::Bad,
                _ => Tone::Ok,
            };
            let class = match tone {
                Tone::Live => "is-live",
                Tone::Ok => "is-done",
                Tone::Bad => "is-bad",
                _ => "is-ended",
            };
            let times = (!ends).then_some((step.start, step.end));
            Shown { name: step.name.clone(), tone, class, times, message: step.message.clone() }
        })
        .collect();
    if runs {
        let reached = steps
            .iter()
            .filter_map(|step| plan.iter().position(|name| *name == step.name))
            .max()
            .map_or(0, |at| at + 1);
        out.extend(plan[reached..].iter().map(|name| Shown {
            name: (*name).to_owned(),
            tone: Tone::Wait,
            class: "is-wait",
            times: None,
            message: String::new(),
        }));
    }
    out
}

/// The timeline. `now` moves while the job runs.
#[component]
pub fn Timeline(
    #[prop(into)] steps: Signal<Vec<Step>>,
    #[prop(into)] plan: Signal<Vec<&'static str>>,
    #[prop(into)] runs: Signal<bool>,
    now: Signal<f64>,
) -> impl IntoView {
    let all = Memo::new(move |_| shown(&steps.get(), &plan.get(), runs.get()));
    view! {
        <ol class="timeline" aria-label="States of the job" data-timeline="">
            {move || all.get().into_iter().map(|step| {
                let message = step.message.clone();
                let times = step.times;
                let lasted = move || match times {
                    None => String::new(),
                    Some((start, Some(end))) => format::duration(end - start),
                    Some((start, None)) => format::duration((now.get() - start).max(0.0)),
                };
                view! {
                    <li class=step.class data-step=step.name.clone() title=message.clone()>
                        <State tone=step.tone label=word(&step.name)/>
                        <p>{lasted}{(!message.is_empty()).then(|| format!("{}{message}", if times.is_some() { " · " } else { "" }))}</p>
                    </li>
                }
            }).collect_view()}
        </ol>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(steps: &[&str], runs: bool, expected: &str) {
        let steps: Vec<Step> = steps
            .iter()
            .map(|name| Step { name: (*name).to_owned(), start: 0.0, end: None, message: String::new() })
            .collect();
        let text: Vec<String> =
            shown(&steps, &TRAINING, runs).iter().map(|step| format!("{}:{}", step.name, step.class)).collect();
        assert_eq!(text.join(" "), expected);
    }

    #[test]
    fn what_is_to_come_waits() {
        check(
            &["Starting"],
            true,
            "Starting:is-live Downloading:is-wait Training:is-wait Uploading:is-wait Completed:is-wait",
        );
        check(&["Starting", "Training"], true, "Starting:is-done Training:is-live Uploading:is-wait Completed:is-wait");
        check(&["Starting", "Training", "Completed"], false, "Starting:is-done Training:is-done Completed:is-done");
        check(&["Starting", "Training", "Failed"], false, "Starting:is-done Training:is-bad Failed:is-bad");
        check(&["Training", "Uploading", "Failed"], false, "Training:is-bad Uploading:is-done Failed:is-bad");
        check(&["Starting", "Failed"], false, "Starting:is-bad Failed:is-bad");
        check(&["Starting", "Stopping", "Stopped"], false, "Starting:is-done Stopping:is-ended Stopped:is-ended");
    }
}
