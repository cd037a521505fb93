//! All endpoints in one table.

use crate::frame::{Address, use_frame};
use crate::kit::state::word;
use crate::kit::table::Sort;
use crate::kit::{Bones, Choice, Column, DataTable, Empty, ErrorNote, Icon, Search, State, Tone, format};
use crate::live::live;
use atelier_wire::aws::types as aws;
use leptos::prelude::*;

type Endpoint = aws::EndpointSummary;

#[component]
pub fn EndpointList() -> impl IntoView {
    let frame = use_frame();
    let list = live(|| Some(aws::ListEndpointsInput { max_results: Some(100), ..Default::default() }), &["endpoint"]);
    let all = Memo::new(move |_| {
        list.value.with(|list| list.as_ref().map(|list| list.endpoints.clone()).unwrap_or_default())
    });
    let (query, state) = (RwSignal::new(String::new()), RwSignal::new("any".to_owned()));
    let rows = Signal::derive(move || {
        let (query, state) = (query.get().to_lowercase(), state.get());
        let mut rows = all.get();
        rows.retain(|endpoint| {
            let status = endpoint.endpoint_status.as_str();
            let of_state = match state.as_str() {
                "any" => true,
                "Changing" => Tone::of(status) == Tone::Live,
                other => status == other,
            };
            of_state && endpoint.endpoint_name.to_lowercase().contains(&query)
        });
        rows
    });
    let selected = RwSignal::new(None::<String>);
    let sort = RwSignal::new(Sort { column: "created", descending: true });
    let open = move |name: String| frame.open(Address::new("endpoint", name));
    let in_service =
        move || all.with(|all| all.iter().filter(|endpoint| endpoint.endpoint_status.as_str() == "InService").count());
    view! {
        <main class="work" data-view="endpoints">
            <div class="toolbar">
                <h1 class="strong">"Endpoints"</h1>
                <span class="hint num">{move || format!("{}, {} in service", all.with(Vec::len), in_service())}</span>
                <span class="toolbar-sep"></span>
                <Choice value=state name="State" options=vec![("any", "Any state"), ("InService", "In service"), ("Changing", "Changing"), ("Failed", "Failed")]/>
                <span class="grow"></span>
                <Search value=query name="Find an endpoint"/>
            </div>
            {move || list.error.get().map(|error| view! { <div class="pane-tight"><ErrorNote tried="The endpoints could not be listed" code=error.code message=error.message/></div> })}
            {move || {
                if list.waiting() { return view! { <div class="pane"><Bones lines=4/></div> }.into_any() }
                if all.with(Vec::is_empty) {
                    return view! {
                        <Empty icon="endpoints" title="No endpoint yet" text="An endpoint answers requests with a model's predictions. Any completed training job becomes one with a click on Deploy.">
                            <button type="button" class="btn btn-main" data-action="open-jobs" on:click=move |_| frame.open("jobs")><Icon name="jobs"/>"Go to the jobs"</button>
                        </Empty>
                    }.into_any();
                }
                view! {
                    <DataTable name="Endpoints" rows columns=columns() key=name_of selected sort open=Callback::new(open)/>
                    {move || rows.with(Vec::is_empty).then(|| view! {
                        <Empty icon="filter" title="No endpoint fits" text="None of the endpoints matches the search and the filters above.">
                            <button type="button" class="btn" data-action="clear-filters" on:click=move |_| { query.set(String::new()); state.set("any".into()) }>"Show all endpoints"</button>
                        </Empty>
                    })}
                }.into_any()
            }}
        </main>
    }
}

fn columns() -> Vec<Column<Endpoint>> {
    let frame = use_frame();
    vec![
        Column::new("name", "Name", move |endpoint: &Endpoint| {
            let (name, shown) = (endpoint.endpoint_name.clone(), endpoint.endpoint_name.clone());
            let id = name.clone();
            view! { <span class="row"><Icon name="endpoints" class="hint"/><a href="#" class="job-link cut" data-endpoint=id on:click=move |event| { event.prevent_default(); event.stop_propagation(); frame.open(Address::new("endpoint", name.clone())) }>{shown}</a></span> }.into_any()
        })
        .order(|a, b| a.endpoint_name.cmp(&b.endpoint_name)),
        Column::new("state", "State", |endpoint: &Endpoint| {
            let status = endpoint.endpoint_status.as_str();
            view! { <State tone=Tone::of(status) label=word(status)/> }.into_any()
        })
        .order(|a, b| a.endpoint_status.cmp(&b.endpoint_status)),
        Column::new("created", "Created", |endpoint: &Endpoint| format::date_time(endpoint.creation_time.0).into_any())
            .number()
            .order(|a, b| a.creation_time.0.total_cmp(&b.creation_time.0)),
        Column::new("modified", "Changed", |endpoint: &Endpoint| format::date_time(endpoint.last_modified_time.0).into_any())
            .number()
            .if_wide()
            .order(|a, b| a.last_modified_time.0.total_cmp(&b.last_modified_time.0)),
    ]
}

fn name_of(endpoint: &Endpoint) -> String {
    endpoint.endpoint_name.clone()
}
