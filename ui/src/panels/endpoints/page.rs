//! The page of an endpoint.

use super::activity::Activity;
use super::code::Snippets;
use super::facts::facts;
use super::tester::Tester;
use crate::api;
use crate::frame::{Address, Frame, TabMark, use_frame, use_tab};
use crate::kit::dialog::Question;
use crate::kit::state::word;
use crate::kit::toast::Toasts;
use crate::kit::{Bones, CopyButton, Empty, ErrorNote, Icon, StateChip, Toast, Tone, use_toasts};
use crate::live::live_where;
use atelier_wire::aws::types as aws;
use atelier_wire::studio::deploy::GetEndpointActivity;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

#[component]
pub fn EndpointPage(name: String) -> impl IntoView {
    let (frame, toasts, tab) = (use_frame(), use_toasts(), use_tab());
    let (asked, concerned) = (name.clone(), name.clone());
    let endpoint = live_where(
        move || Some(aws::DescribeEndpointInput { endpoint_name: asked.clone() }),
        move |tag, id| tag == "endpoint" && id == concerned,
    );
    let config_name = Memo::new(move |_| {
        endpoint.value.with(|endpoint| endpoint.as_ref().and_then(|endpoint| endpoint.endpoint_config_name.clone()))
    });
    let config = live_where(
        move || config_name.get().map(|name| aws::DescribeEndpointConfigInput { endpoint_config_name: name }),
        |tag, _| tag == "endpoint-config",
    );
    let status = Memo::new(move |_| {
        endpoint
            .value
            .with(|endpoint| endpoint.as_ref().map(|endpoint| endpoint.endpoint_status.to_string()).unwrap_or_default())
    });
    // An endpoint that changes serves with what it had; one that is being made does not serve yet.
    let serves = Memo::new(move |_| {
        matches!(status.get().as_str(), "InService" | "Updating" | "SystemUpdating" | "RollingBack")
    });
    let (asked, concerned) = (name.clone(), name.clone());
    let activity = live_where(
        move || serves.get().then(|| GetEndpointActivity { endpoint: asked.clone() }),
        move |tag, id| matches!(tag, "invocation" | "endpoint") && id == concerned,
    );
    let changing = move || Tone::of(&status.get()) == Tone::Live;
    Effect::new(move |_| tab.mark.set(if changing() { TabMark::Live } else { TabMark::None }));
    let known = Memo::new(move |_| endpoint.value.with(Option::is_some));
    let gone = Memo::new(move |_| {
        known.get()
            && endpoint.error.with(|error| error.as_ref().is_some_and(|error| error.message.contains("Could not find")))
    });
    let url = Signal::derive({
        let name = name.clone();
        move || {
            frame
                .studio
                .value
                .with(|studio| {
                    studio
                        .as_ref()
                        .map(|studio| format!("{}/endpoints/{name}/invocations", studio.address.trim_end_matches('/')))
                })
                .unwrap_or_default()
        }
    });
    let (title, deleted, tested, shown_in_code) = (name.clone(), name.clone(), name.clone(), name.clone());
    let own = Address::new("endpoint", name.clone());
    view! {
        <main class="work" data-view="endpoint" data-endpoint=name>
            <header class="head">
                <div class="head-row">
                    <h1 class="title cut">{title}</h1>
                    {move || (known.get() && !gone.get()).then(|| view! { <StateChip tone=Signal::derive(move || Tone::of(&status.get())) label=Signal::derive(move || word(&status.get()))/> })}
                    <span class="grow"></span>
                    {move || { let name = deleted.clone(); (known.get() && !gone.get()).then(|| view! { <button type="button" class="btn btn-stop" data-action="delete" disabled=move || status.get() == "Deleting" on:click=move |_| ask_delete(frame, toasts, name.clone(), config_name.get_untracked())><Icon name="trash"/>"Delete…"</button> }) }}
                </div>
                <div class="head-meta"><span class="row"><span class="code-s cut">{move || url.get()}</span><CopyButton text=url name="Copy the address"/></span></div>
                {move || endpoint.value.with(|endpoint| endpoint.as_ref().and_then(|endpoint| endpoint.failure_reason.clone()).filter(|reason| !reason.is_empty()).map(|reason| {
                    let code = reason.split(':').next().unwrap_or_default().to_owned();
                    view! { <div class="job-failure" data-failure=""><ErrorNote tried="The endpoint could not be put in service" code message=reason/></div> }
                }))}
            </header>
            {move || endpoint.waiting().then(|| view! { <div class="pane"><Bones lines=4/></div> })}
            {move || if gone.get() {
                let own = own.clone();
                Some(view! { <Empty icon="trash" title="This endpoint was deleted" text="Its model and config are kept: it can be made again from them, or from the training job.">
                    <button type="button" class="btn" data-action="close" on:click=move |_| frame.close(&own)>"Close this tab"</button></Empty> }.into_any())
            } else {
                endpoint.error.get().map(|error| view! { <div class="pane-tight"><ErrorNote tried="This endpoint could not be read" code=error.code message=error.message/></div> }.into_any())
            }}
            {move || (known.get() && !gone.get()).then(|| {
                let (tested, shown_in_code) = (tested.clone(), shown_in_code.clone());
                view! {
                    <Activity activity serves/>
                    <div class="cols ep-lower rule">
                        <Tester endpoint=tested activity serves status/>
                        <Snippets endpoint=shown_in_code activity/>
                    </div>
                }
            })}
        </main>
        <aside class="inspector" aria-label="About the endpoint">{move || (!gone.get()).then(|| endpoint.value.get().map(|endpoint| facts(frame, endpoint, config.value.get())))}</aside>
    }
}

fn ask_delete(frame: Frame, toasts: Toasts, name: String, config: Option<String>) {
    let endpoint = name.clone();
    let delete = move || {
        let endpoint = endpoint.clone();
        spawn_local(async move {
            match api::call(aws::DeleteEndpointInput { endpoint_name: endpoint.clone() }).await {
                Ok(_) => toasts.show(Toast::new(Tone::Ok, format!("{endpoint} was deleted"))),
                Err(error) => toasts.fail(format!("{endpoint} could not be deleted"), error.message),
            }
        });
    };
    let mut question = Question::new(format!("Delete {name}?"), "Delete", delete)
        .text("Requests to it fail from now on.")
        .depends("endpoints", name, "deleted");
    if let Some(config) = config {
        question = question.depends("box", config, "config and its model are kept");
    }
    frame.question.set(Some(question));
}
