//! The inspector of an endpoint: variants, their models and machines, the config.

use crate::api;
use crate::frame::{Address, Frame};
use crate::kit::{CopyButton, Icon, State, Tone, format};
use crate::panels::jobs::as_boto3;
use atelier_wire::aws::types as aws;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

pub fn facts(
    frame: Frame,
    endpoint: aws::DescribeEndpointOutput,
    config: Option<aws::DescribeEndpointConfigOutput>,
) -> impl IntoView {
    let planned = config.as_ref().map(|config| config.production_variants.clone()).unwrap_or_default();
    let current = endpoint.production_variants.clone().unwrap_or_default();
    let total: f32 = planned.iter().map(|variant| weight(variant, &current)).sum();
    let config_name = endpoint.endpoint_config_name.clone().unwrap_or_default();
    let code = config.as_ref().map(|config| python(&endpoint.endpoint_name, config)).unwrap_or_default();
    let (arn, whole_config) = (endpoint.endpoint_arn.clone(), config_name.clone());
    view! {
        <div class="inspector-head"><h2>"Details"</h2></div>
        <div class="scroll">
            {planned.into_iter().map(|variant| {
                let share = if total > 0.0 { weight(&variant, &current) / total * 100.0 } else { 0.0 };
                let now = current.iter().find(|now| now.variant_name == variant.variant_name).cloned();
                view! { <Variant variant now share frame/> }
            }).collect_view()}
            <section class="section"><dl class="kv">
                <dt>"Config"</dt><dd class="code-s" title=whole_config>{config_name}</dd>
                <dt>"Created"</dt><dd>{format::date_time(endpoint.creation_time.0)}</dd>
                <dt>"Changed"</dt><dd>{format::date_time(endpoint.last_modified_time.0)}</dd>
                <dt>"ARN"</dt><dd class="code-s" title=arn>{endpoint.endpoint_arn}</dd>
            </dl></section>
        </div>
        <div class="inspector-foot"><CopyButton text=code name="Copy the calls that make this endpoint" label="Copy as Python" class="btn"/><span class="hint small">"boto3"</span></div>
    }
}

/// The weight in use, else the one of the config.
fn weight(variant: &aws::ProductionVariant, current: &[aws::ProductionVariantSummary]) -> f32 {
    let now = current.iter().find(|now| now.variant_name == variant.variant_name).and_then(|now| now.current_weight);
    now.or(variant.initial_variant_weight).unwrap_or(1.0)
}

#[component]
fn Variant(
    variant: aws::ProductionVariant,
    now: Option<aws::ProductionVariantSummary>,
    share: f32,
    frame: Frame,
) -> impl IntoView {
    let model = RwSignal::new(None::<aws::ContainerDefinition>);
    let model_name = variant.model_name.clone().unwrap_or_default();
    let asked = model_name.clone();
    spawn_local(async move {
        // A model that was deleted meanwhile is shown by its name alone.
        if let Ok(found) = api::call(aws::DescribeModelInput { model_name: asked }).await {
            model.try_set(found.primary_container);
        }
    });
    let count = now.as_ref().and_then(|now| now.current_instance_count).or(variant.initial_instance_count).unwrap_or(0);
    let whole = model_name.clone();
    view! {
        <section class="section" data-variant=variant.variant_name.clone()>
            <div class="section-head"><h3>{variant.variant_name.clone()}</h3><span class="grow"></span>{now.map(|_| view! { <State tone=Tone::Ok label="serving"/> })}</div>
            <dl class="kv">
                <dt>"Traffic"</dt><dd>{format!("{share:.0} %")}</dd>
                <dt>"Model"</dt><dd title=whole>{model_name}</dd>
                <dt>"Instances"</dt><dd>{format!("{count} × {}", variant.instance_type.clone().unwrap_or_default())}</dd>
                {move || model.get().and_then(|model| model.image).map(|image| { let whole = image.clone(); view! { <dt>"Image"</dt><dd title=whole>{image.rsplit('/').next().unwrap_or_default().to_owned()}</dd> } })}
            </dl>
            {move || model.get().and_then(|model| model.model_data_url).map(|uri| {
                let folder = uri.strip_prefix("s3://").and_then(|rest| rest.rsplit_once('/')).map(|(folder, _)| Address::new("bucket", folder));
                let (shown, whole) = (uri.rsplit('/').take(2).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join("/"), uri.clone());
                view! { <span class="row uri" title=whole><Icon name="models" class="hint"/>
                    <a href="#" class="cut" on:click=move |event| { event.prevent_default(); if let Some(folder) = folder.clone() { frame.open(folder) } }>{shown}</a></span> }
            })}
        </section>
    }
}

fn python(endpoint: &str, config: &aws::DescribeEndpointConfigOutput) -> String {
    let request = aws::CreateEndpointConfigInput {
        endpoint_config_name: config.endpoint_config_name.clone(),
        production_variants: config.production_variants.clone(),
        ..Default::default()
    };
    let code = as_boto3("sagemaker", "create_endpoint_config", &serde_json::to_value(&request).unwrap_or_default());
    format!(
        "{code}client.create_endpoint(EndpointName=\"{endpoint}\", EndpointConfigName=\"{}\")\n",
        config.endpoint_config_name
    )
}
