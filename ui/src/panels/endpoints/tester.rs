//! Tries an endpoint: a field per feature where the model says what it takes, or the body as text.

use super::activity::milliseconds;
use crate::api;
use crate::kit::{Choice, ErrorNote, Icon, Select, State, Tone, format};
use crate::live::Live;
use atelier_wire as wire;
use atelier_wire::studio::deploy::{EndpointActivity, TestAnswer, TestEndpoint};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

/// Above this many features a form is no help.
const MAX_FIELDS: usize = 64;

/// A label for each feature: the model's own names, or `feature 1` …
fn labels(activity: &EndpointActivity) -> Vec<String> {
    let num = activity.num_features.unwrap_or(activity.feature_names.len());
    if num == 0 || num > MAX_FIELDS {
        return Vec::new();
    }
    (0..num)
        .map(|i| {
            activity
                .feature_names
                .get(i)
                .filter(|name| !name.is_empty())
                .cloned()
                .unwrap_or_else(|| format!("feature {}", i + 1))
        })
        .collect()
}

/// The first row of a sample, as values; missing ones are empty.
fn values(sample: &str, num: usize) -> Vec<String> {
    let mut values: Vec<String> =
        sample.lines().next().unwrap_or_default().split(',').map(|value| value.trim().to_owned()).collect();
    values.resize(num, String::new());
    values
}

/// JSON on several lines; anything else as it is.
fn readable(body: &str) -> String {
    let json = serde_json::from_str::<serde_json::Value>(body).ok().filter(|json| json.is_object() || json.is_array());
    json.and_then(|json| serde_json::to_string_pretty(&json).ok()).unwrap_or_else(|| body.trim_end().to_owned())
}

fn types(all: &[&str]) -> Vec<(String, String)> {
    all.iter()
        .map(|kind| ((*kind).to_owned(), if kind.is_empty() { "any type".to_owned() } else { (*kind).to_owned() }))
        .collect()
}

#[component]
pub fn Tester(
    endpoint: String,
    activity: Live<EndpointActivity>,
    serves: Memo<bool>,
    status: Memo<String>,
) -> impl IntoView {
    let names = Memo::new(move |_| activity.value.with(|activity| activity.as_ref().map(labels).unwrap_or_default()));
    let sample = Memo::new(move |_| {
        activity.value.with(|activity| activity.as_ref().map(|activity| activity.sample.clone()).unwrap_or_default())
    });
    let (body, fields) = (RwSignal::new(String::new()), RwSignal::new(Vec::<RwSignal<String>>::new()));
    let (content_type, accept) = (RwSignal::new("text/csv".to_owned()), RwSignal::new(String::new()));
    let mode = RwSignal::new("form".to_owned());
    let touched = RwSignal::new(false);
    let fill = move || {
        let (sample, num) = (sample.get_untracked(), names.with_untracked(Vec::len));
        body.set(sample.clone());
        fields.set(values(&sample, num).into_iter().map(RwSignal::new).collect());
    };
    // What was typed is never overwritten by a new sample.
    Effect::new(move |_| {
        names.track();
        sample.track();
        if !touched.get_untracked() {
            fill();
        }
    });
    let as_form = move || mode.with(|mode| mode == "form") && names.with(|names| !names.is_empty());
    let answer = RwSignal::new(None::<Result<TestAnswer, wire::Error>>);
    let busy = RwSignal::new(false);
    let can_send = move || serves.get() && !busy.get();
    let send = move || {
        if !can_send() {
            return;
        }
        busy.set(true);
        let typed = fields
            .with_untracked(|fields| fields.iter().map(|field| field.get_untracked()).collect::<Vec<_>>().join(","));
        let request = TestEndpoint {
            endpoint: endpoint.clone(),
            content_type: if as_form() { "text/csv".into() } else { content_type.get_untracked() },
            accept: accept.get_untracked(),
            body: if as_form() { typed } else { body.get_untracked() },
        };
        spawn_local(async move {
            let result = api::call(request).await;
            answer.try_set(Some(result));
            busy.try_set(false);
        });
    };
    let send_key = send.clone();
    view! {
        <form class="pane" data-tester="" on:submit=move |event| { event.prevent_default(); send() }
            on:keydown=move |event| if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) { event.prevent_default(); send_key() }>
            <div class="section-head">
                <h2>"Try it"</h2>
                {move || (!names.with(Vec::is_empty)).then(|| view! { <Choice value=mode name="How to write the request" options=vec![("form", "Form"), ("text", "Text")]/> })}
                <span class="grow"></span>
                <button type="button" class="btn btn-s btn-bare" data-action="fill-sample" on:click=move |_| { touched.set(false); fill() }>"Fill a sample"</button>
                <button type="submit" class="btn btn-s btn-main" data-action="send" title="Send  Ctrl+Enter" disabled=move || !can_send()>
                    <Icon name=Signal::derive(move || if busy.get() { "live" } else { "send" }) class=Signal::derive(move || if busy.get() { "i-s spin" } else { "i-s" })/>"Send"<kbd>"Ctrl ⏎"</kbd>
                </button>
            </div>
            <div class="row ep-types">
                <span class="hint small">"Content type"</span>
                {move || if as_form() { view! { <span class="chip">"text/csv"</span> }.into_any() } else { view! { <Select value=content_type name="Content type" options=types(&["text/csv", "text/libsvm", "application/json", "application/jsonlines"])/> }.into_any() }}
                <span class="hint small">"Accept"</span>
                <Select value=accept name="Accept" options=types(&["", "text/csv", "application/json", "application/jsonlines"])/>
            </div>
            {move || if as_form() {
                view! { <div class="ep-form" data-form="">{
                    let names = names.get();
                    fields.get().into_iter().zip(names).enumerate().map(|(i, (value, name))| {
                        let label = name.clone();
                        view! { <label class="ep-field" title=label><span class="quiet cut">{name.clone()}</span>
                            <span class="field field-s code-s"><input type="text" inputmode="decimal" autocomplete="off" data-feature=i.to_string() aria-label=name prop:value=move || value.get()
                                on:input=move |event| { touched.set(true); value.set(event_target_value(&event)) }/></span></label> }
                    }).collect_view()
                }</div> }.into_any()
            } else {
                view! { <textarea class="well well-edit code-s ep-body" aria-label="Request body" data-body="" spellcheck="false" prop:value=move || body.get()
                    on:input=move |event| { touched.set(true); body.set(event_target_value(&event)) }></textarea> }.into_any()
            }}
            <div class="ep-answer" aria-live="polite" data-answer="">
                {move || match (answer.get(), serves.get()) {
                    (None, true) => view! { <p class="hint small">{move || names.with(|names| if names.is_empty() { String::new() } else { format!("{} per row", format::counted(names.len() as u64, "value", "values")) })}</p> }.into_any(),
                    (None, false) => view! { <p class="hint small">{move || if Tone::of(&status.get()) == Tone::Live { "It answers once it is in service" } else { "It is not in service" }}</p> }.into_any(),
                    (Some(Err(error)), _) => view! { <ErrorNote tried="The request could not be sent" code=error.code message=error.message/> }.into_any(),
                    (Some(Ok(answer)), _) => shown(answer).into_any(),
                }}
            </div>
        </form>
    }
}

fn shown(answer: TestAnswer) -> impl IntoView {
    let good = answer.status < 400;
    let about = [
        format!("{} ms", milliseconds(answer.latency_ms)),
        answer.variant.clone(),
        answer.content_type.clone(),
        format::bytes(answer.body.len() as u64),
    ];
    let about = about.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ");
    view! {
        <div class="section-head"><h3>"Answer"</h3><span data-status=answer.status.to_string()><State tone=if good { Tone::Ok } else { Tone::Bad } label=answer.status.to_string()/></span>
            <span class="grow hint small num" data-latency="">{about}</span></div>
        <pre class="well code ep-answer-body" class:is-bad=!good tabindex="0" data-answer-body="">{readable(&answer.body)}</pre>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_has_a_field_for_each_feature() {
        let activity = |num, names: &[&str]| EndpointActivity {
            num_features: num,
            feature_names: names.iter().map(|name| (*name).to_owned()).collect(),
            ..Default::default()
        };
        assert_eq!(labels(&activity(Some(2), &[])), ["feature 1", "feature 2"]);
        assert_eq!(labels(&activity(Some(2), &["age", "bmi"])), ["age", "bmi"]);
        assert!(labels(&activity(None, &[])).is_empty());
        assert!(labels(&activity(Some(1000), &[])).is_empty());
        assert_eq!(values("1, 2\n3,4", 3), ["1", "2", ""]);
    }

    #[test]
    fn answers_are_readable() {
        assert_eq!(readable("{\"a\":[1]}"), "{\n  \"a\": [\n    1\n  ]\n}");
        assert_eq!(readable("152.5\n"), "152.5");
    }
}
