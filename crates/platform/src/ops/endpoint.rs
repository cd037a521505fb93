//! Endpoints: create, describe, list, update, set weights, delete. The work behind them is in `deployment.rs`.

use super::endpoint_config;
use crate::deployment::{self, EndpointRecord, KIND, VariantRecord};
use crate::listing::{Listing, timestamp};
use crate::{Context, error, job};
use atelier_store::{Doc, StoreError, crash};
use atelier_wire::Error;
use atelier_wire::aws::Empty;
use atelier_wire::aws::types::{
    CaptureStatus, CreateEndpointInput, CreateEndpointOutput, DataCaptureConfigSummary, DeleteEndpointInput,
    DeployedImage, DescribeEndpointInput, DescribeEndpointOutput, EndpointStatus, EndpointSummary, ListEndpointsInput,
    ListEndpointsOutput, ProductionVariantSummary, UpdateEndpointInput, UpdateEndpointOutput,
    UpdateEndpointWeightsAndCapacitiesInput, UpdateEndpointWeightsAndCapacitiesOutput, VariantPropertyType,
};

pub fn create_endpoint(ctx: &Context, request: CreateEndpointInput) -> Result<CreateEndpointOutput, Error> {
    let name = request.endpoint_name.clone();
    let arn = ctx.arn(KIND, &name);
    let config = endpoint_config::find(ctx, &request.endpoint_config_name)?;
    let record = EndpointRecord::new(request, config.body.request);
    let revision = record.revision.clone();
    match ctx.store.insert(KIND, &name, EndpointStatus::Creating.as_str(), &record) {
        Ok(()) => {}
        Err(StoreError::Exists { .. }) => return Err(error::exists("endpoint", &arn)),
        Err(other) => return Err(error::store(other)),
    }
    crash::point("endpoint:after-insert");
    deployment::start(ctx, &name, &revision);
    Ok(CreateEndpointOutput { endpoint_arn: arn })
}

pub(crate) fn find(ctx: &Context, name: &str) -> Result<Doc<EndpointRecord>, Error> {
    let found = ctx.store.get(KIND, name).map_err(error::store)?;
    found.ok_or_else(|| missing(ctx, name))
}

fn missing(ctx: &Context, name: &str) -> Error {
    error::could_not_find("endpoint", &ctx.arn(KIND, name))
}

pub fn describe_endpoint(ctx: &Context, request: DescribeEndpointInput) -> Result<DescribeEndpointOutput, Error> {
    let doc = find(ctx, &request.endpoint_name)?;
    let record = doc.body;
    let deployed = record.deployed.as_ref();
    let capture = deployed.and_then(|deployed| deployed.config.data_capture_config.clone());
    Ok(DescribeEndpointOutput {
        endpoint_arn: ctx.arn(KIND, &doc.name),
        endpoint_config_name: Some(record.config_name().to_owned()),
        production_variants: deployed.map(|deployed| {
            let resolved_ms = deployed.at_ms;
            deployed.variants.iter().map(|variant| summary(variant, resolved_ms)).collect()
        }),
        data_capture_config: capture.map(|capture| {
            let enabled = capture.enable_capture.unwrap_or(false);
            DataCaptureConfigSummary {
                enable_capture: enabled,
                capture_status: if enabled { CaptureStatus::Started } else { CaptureStatus::Stopped },
                current_sampling_percentage: capture.initial_sampling_percentage,
                destination_s3_uri: capture.destination_s3_uri,
                kms_key_id: capture.kms_key_id.unwrap_or_default(),
            }
        }),
        endpoint_status: job::named(&doc.status)?,
        failure_reason: record.failure_reason,
        creation_time: timestamp(doc.created_ms),
        last_modified_time: timestamp(doc.modified_ms),
        last_deployment_config: record.deployment_config,
        async_inference_config: record.deployed.and_then(|deployed| deployed.config.async_inference_config),
        endpoint_name: doc.name,
        ..DescribeEndpointOutput::default()
    })
}

fn summary(variant: &VariantRecord, resolved_ms: i64) -> ProductionVariantSummary {
    ProductionVariantSummary {
        variant_name: variant.name.clone(),
        deployed_images: Some(vec![DeployedImage {
            specified_image: Some(variant.image.clone()),
            resolved_image: Some(variant.image.clone()),
            resolution_time: Some(timestamp(resolved_ms)),
        }]),
        current_weight: Some(variant.weight),
        desired_weight: Some(variant.weight),
        current_instance_count: variant.instance_count,
        desired_instance_count: variant.instance_count,
        ..ProductionVariantSummary::default()
    }
}

pub fn list_endpoints(ctx: &Context, request: ListEndpointsInput) -> Result<ListEndpointsOutput, Error> {
    let page = Listing {
        next_token: request.next_token,
        max_results: request.max_results,
        name_contains: request.name_contains,
        status: request.status_equals.map(|status| status.to_string()),
        created_after: request.creation_time_after,
        created_before: request.creation_time_before,
        modified_after: request.last_modified_time_after,
        modified_before: request.last_modified_time_before,
        sort_by: request.sort_by.map(|by| by.to_string()),
        sort_order: request.sort_order.map(|order| order.to_string()),
    }
    .read::<EndpointRecord>(ctx, KIND)?;
    let line = |doc: Doc<EndpointRecord>| {
        Ok(EndpointSummary {
            endpoint_arn: ctx.arn(KIND, &doc.name),
            creation_time: timestamp(doc.created_ms),
            last_modified_time: timestamp(doc.modified_ms),
            endpoint_status: job::named(&doc.status)?,
            endpoint_name: doc.name,
        })
    };
    let endpoints = page.docs.into_iter().map(line).collect::<Result<_, Error>>()?;
    Ok(ListEndpointsOutput { endpoints, next_token: page.next })
}

/// The states in which an endpoint is being changed and refuses to be changed again.
fn in_progress(status: &str) -> bool {
    matches!(status, "Creating" | "Updating" | "SystemUpdating" | "RollingBack" | "Deleting")
}

fn refuse_in_progress(ctx: &Context, name: &str) -> Error {
    error::validation(format!("Cannot update in-progress endpoint \"{}\".", ctx.arn(KIND, name)))
}

pub fn update_endpoint(ctx: &Context, request: UpdateEndpointInput) -> Result<UpdateEndpointOutput, Error> {
    let name = request.endpoint_name.clone();
    let mut config = endpoint_config::find(ctx, &request.endpoint_config_name)?.body.request;
    let old = find(ctx, &name)?;
    if request.retain_all_variant_properties == Some(true) {
        let excluded = |kind| {
            let all = request.exclude_retained_variant_properties.as_deref().unwrap_or_default();
            all.iter().any(|property| property.variant_property_type == kind)
        };
        for variant in &mut config.production_variants {
            let before =
                old.body.deployed.iter().flat_map(|it| &it.variants).find(|before| before.name == variant.variant_name);
            let Some(before) = before else { continue };
            if !excluded(VariantPropertyType::DesiredWeight) {
                variant.initial_variant_weight = Some(before.weight);
            }
            if !excluded(VariantPropertyType::DesiredInstanceCount) {
                variant.initial_instance_count = before.instance_count;
            }
        }
    }
    let revision = uuid::Uuid::new_v4().to_string();
    let mine = revision.clone();
    let changed = ctx.store.update::<EndpointRecord, bool>(KIND, &name, move |doc| {
        if in_progress(&doc.status) {
            return false;
        }
        doc.status = EndpointStatus::Updating.as_str().into();
        let record = &mut doc.body;
        record.revision = mine;
        record.pending = Some(config);
        record.failure_reason = None;
        if request.retain_deployment_config != Some(true) {
            record.deployment_config = request.deployment_config;
        }
        true
    });
    match changed.map_err(error::store)? {
        None => return Err(missing(ctx, &name)),
        Some(false) => return Err(refuse_in_progress(ctx, &name)),
        Some(true) => {}
    }
    crash::point("endpoint:after-update");
    deployment::start(ctx, &name, &revision);
    Ok(UpdateEndpointOutput { endpoint_arn: ctx.arn(KIND, &name) })
}

pub fn update_endpoint_weights_and_capacities(
    ctx: &Context,
    request: UpdateEndpointWeightsAndCapacitiesInput,
) -> Result<UpdateEndpointWeightsAndCapacitiesOutput, Error> {
    let name = request.endpoint_name;
    let desired = request.desired_weights_and_capacities;
    let held = ctx.endpoint_change.lock();
    let doc = find(ctx, &name)?;
    if doc.status != EndpointStatus::InService.as_str() {
        return Err(refuse_in_progress(ctx, &name));
    }
    let variants = doc.body.deployed.as_ref().map(|deployed| deployed.variants.as_slice()).unwrap_or_default();
    if let Some(unknown) = desired.iter().find(|wish| !variants.iter().any(|variant| variant.name == wish.variant_name))
    {
        return Err(error::validation(format!(
            "The variant name(s) \"{}\" is/are not present within endpoint configuration \"{}\".",
            unknown.variant_name,
            doc.body.config_name()
        )));
    }
    let weights: Vec<(String, f64)> =
        desired.iter().filter_map(|wish| Some((wish.variant_name.clone(), f64::from(wish.desired_weight?)))).collect();
    ctx.router
        .set_weights(&name, &weights)
        .map_err(|problem| error::validation(error::sentence(&problem.to_string())))?;
    ctx.store
        .update::<EndpointRecord, ()>(KIND, &name, move |doc| {
            for variant in doc.body.deployed.iter_mut().flat_map(|deployed| &mut deployed.variants) {
                for wish in desired.iter().filter(|wish| wish.variant_name == variant.name) {
                    variant.weight = wish.desired_weight.unwrap_or(variant.weight);
                    variant.instance_count = wish.desired_instance_count.or(variant.instance_count);
                }
            }
        })
        .map_err(error::store)?;
    drop(held);
    Ok(UpdateEndpointWeightsAndCapacitiesOutput { endpoint_arn: ctx.arn(KIND, &name) })
}

pub fn delete_endpoint(ctx: &Context, request: DeleteEndpointInput) -> Result<Empty, Error> {
    let name = request.endpoint_name;
    let arn = ctx.arn(KIND, &name);
    let _held = ctx.endpoint_change.lock();
    let doc = find(ctx, &name)?;
    if in_progress(&doc.status) {
        return Err(refuse_in_progress(ctx, &name));
    }
    let gone = name.clone();
    ctx.store
        .transaction(move |transaction| {
            super::tags::forget(transaction, &arn)?;
            transaction.delete(KIND, &gone)
        })
        .map_err(error::store)?;
    crash::point("endpoint:after-delete");
    ctx.router.remove(&name);
    deployment::sweep(ctx);
    Ok(Empty {})
}
