//! Endpoint configurations: which models share an endpoint's traffic, and how.

use super::model;
use crate::listing::{Listing, timestamp};
use crate::{Context, error};
use atelier_store::{Doc, StoreError};
use atelier_wire::Error;
use atelier_wire::aws::Empty;
use atelier_wire::aws::types::{
    CreateEndpointConfigInput, CreateEndpointConfigOutput, DeleteEndpointConfigInput, DescribeEndpointConfigInput,
    DescribeEndpointConfigOutput, EndpointConfigSummary, ListEndpointConfigsInput, ListEndpointConfigsOutput,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

pub(crate) const KIND: &str = "endpoint-config";
const WHAT: &str = "endpoint configuration";

/// A configuration's document: the request that made it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ConfigRecord {
    pub request: CreateEndpointConfigInput,
}

pub fn create_endpoint_config(
    ctx: &Context,
    request: CreateEndpointConfigInput,
) -> Result<CreateEndpointConfigOutput, Error> {
    let arn = ctx.arn(KIND, &request.endpoint_config_name);
    let mut names = BTreeSet::new();
    for variant in &request.production_variants {
        if !names.insert(variant.variant_name.as_str()) {
            return Err(error::validation(format!(
                "Variant names must be unique: {} appears twice.",
                variant.variant_name
            )));
        }
        let Some(model_name) = &variant.model_name else {
            return Err(error::validation(format!(
                "Variant {} names no model. Inference components are not part of this platform yet: set ModelName.",
                variant.variant_name
            )));
        };
        model::find(ctx, model_name)?;
    }
    let name = request.endpoint_config_name.clone();
    match ctx.store.insert(KIND, &name, "", &ConfigRecord { request }) {
        Ok(()) => Ok(CreateEndpointConfigOutput { endpoint_config_arn: arn }),
        Err(StoreError::Exists { .. }) => Err(error::exists(WHAT, &arn)),
        Err(other) => Err(error::store(other)),
    }
}

pub(crate) fn find(ctx: &Context, name: &str) -> Result<Doc<ConfigRecord>, Error> {
    let found = ctx.store.get(KIND, name).map_err(error::store)?;
    found.ok_or_else(|| error::could_not_find(WHAT, &ctx.arn(KIND, name)))
}

pub fn describe_endpoint_config(
    ctx: &Context,
    request: DescribeEndpointConfigInput,
) -> Result<DescribeEndpointConfigOutput, Error> {
    let doc = find(ctx, &request.endpoint_config_name)?;
    let endpoint_config_arn = ctx.arn(KIND, &doc.name);
    let mut made = doc.body.request;
    for variant in &mut made.production_variants {
        variant.initial_variant_weight.get_or_insert(1.0);
    }
    Ok(DescribeEndpointConfigOutput {
        endpoint_config_name: made.endpoint_config_name,
        endpoint_config_arn,
        production_variants: made.production_variants,
        data_capture_config: made.data_capture_config,
        kms_key_id: made.kms_key_id,
        creation_time: timestamp(doc.created_ms),
        async_inference_config: made.async_inference_config,
        explainer_config: made.explainer_config,
        shadow_production_variants: made.shadow_production_variants,
        execution_role_arn: made.execution_role_arn,
        vpc_config: made.vpc_config,
        enable_network_isolation: Some(made.enable_network_isolation.unwrap_or(false)),
        ..DescribeEndpointConfigOutput::default()
    })
}

pub fn list_endpoint_configs(
    ctx: &Context,
    request: ListEndpointConfigsInput,
) -> Result<ListEndpointConfigsOutput, Error> {
    let page = Listing {
        next_token: request.next_token,
        max_results: request.max_results,
        name_contains: request.name_contains,
        created_after: request.creation_time_after,
        created_before: request.creation_time_before,
        sort_by: request.sort_by.map(|by| by.to_string()),
        sort_order: request.sort_order.map(|order| order.to_string()),
        ..Listing::default()
    }
    .read::<ConfigRecord>(ctx, KIND)?;
    let configs = page.docs.into_iter().map(|doc| EndpointConfigSummary {
        endpoint_config_arn: ctx.arn(KIND, &doc.name),
        creation_time: timestamp(doc.created_ms),
        endpoint_config_name: doc.name,
    });
    Ok(ListEndpointConfigsOutput { endpoint_configs: configs.collect(), next_token: page.next })
}

pub fn delete_endpoint_config(ctx: &Context, request: DeleteEndpointConfigInput) -> Result<Empty, Error> {
    super::tags::delete_tagged(ctx, KIND, WHAT, request.endpoint_config_name)
}
