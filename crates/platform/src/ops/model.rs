//! Models: where an artefact lies and what serves it.

use crate::listing::{Listing, timestamp};
use crate::{Context, error, s3_uri};
use atelier_store::{Doc, StoreError};
use atelier_wire::Error;
use atelier_wire::aws::Empty;
use atelier_wire::aws::types::{
    ContainerDefinition, CreateModelInput, CreateModelOutput, DeleteModelInput, DescribeModelInput,
    DescribeModelOutput, ListModelsInput, ListModelsOutput, ModelSummary,
};
use serde::{Deserialize, Serialize};

pub(crate) const KIND: &str = "model";

/// A model's document: the request that made it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ModelRecord {
    pub request: CreateModelInput,
}

impl ModelRecord {
    /// The one container that serves the model; `None` for a pipeline of several.
    pub fn container(&self) -> Option<&ContainerDefinition> {
        match (&self.request.primary_container, self.request.containers.as_deref()) {
            (Some(primary), _) => Some(primary),
            (None, Some([only])) => Some(only),
            _ => None,
        }
    }
}

pub fn create_model(ctx: &Context, request: CreateModelInput) -> Result<CreateModelOutput, Error> {
    let arn = ctx.arn(KIND, &request.model_name);
    let containers: Vec<&ContainerDefinition> =
        request.primary_container.iter().chain(request.containers.iter().flatten()).collect();
    if containers.is_empty() {
        return Err(error::validation("You must provide either PrimaryContainer or Containers."));
    }
    if request.primary_container.is_some() && request.containers.as_ref().is_some_and(|all| !all.is_empty()) {
        return Err(error::validation("Either PrimaryContainer or Containers can be set, not both."));
    }
    for container in containers {
        check_container(ctx, container)?;
    }
    let name = request.model_name.clone();
    match ctx.store.insert(KIND, &name, "", &ModelRecord { request }) {
        Ok(()) => Ok(CreateModelOutput { model_arn: arn }),
        Err(StoreError::Exists { .. }) => Err(error::exists("model", &arn)),
        Err(other) => Err(error::store(other)),
    }
}

fn check_container(ctx: &Context, container: &ContainerDefinition) -> Result<(), Error> {
    if container.image.is_none() && container.model_package_name.is_none() {
        return Err(error::validation("The container definition must have an Image or a ModelPackageName."));
    }
    let Some(url) = model_data(container) else { return Ok(()) };
    let missing = || error::validation(format!("Could not find model data at {url}."));
    let (bucket, key) = s3_uri::split(url).ok_or_else(missing)?;
    if key.is_empty() || key.ends_with('/') {
        // A prefix: of many models, or of one without compression.
        return s3_uri::check_input(ctx, url, "").map_err(|_| missing());
    }
    match ctx.store.buckets().head_object(bucket, key) {
        Ok(_) => Ok(()),
        Err(
            StoreError::NoSuchBucket(_)
            | StoreError::NoSuchKey { .. }
            | StoreError::BadKey(_)
            | StoreError::BadBucketName(_),
        ) => Err(missing()),
        Err(other) => Err(error::store(other)),
    }
}

/// Where a container's `model.tar.gz` is.
pub(crate) fn model_data(container: &ContainerDefinition) -> Option<&str> {
    let source = container.model_data_source.as_ref().and_then(|source| source.s3_data_source.as_ref());
    container.model_data_url.as_deref().or(source.map(|source| source.s3_uri.as_str()))
}

pub fn describe_model(ctx: &Context, request: DescribeModelInput) -> Result<DescribeModelOutput, Error> {
    let doc = find(ctx, &request.model_name)?;
    let model_arn = ctx.arn(KIND, &doc.name);
    let made = doc.body.request;
    Ok(DescribeModelOutput {
        model_name: made.model_name,
        primary_container: made.primary_container,
        containers: made.containers,
        inference_execution_config: made.inference_execution_config,
        execution_role_arn: made.execution_role_arn,
        vpc_config: made.vpc_config,
        creation_time: timestamp(doc.created_ms),
        model_arn,
        enable_network_isolation: Some(made.enable_network_isolation.unwrap_or(false)),
        deployment_recommendation: None,
    })
}

pub(crate) fn find(ctx: &Context, name: &str) -> Result<Doc<ModelRecord>, Error> {
    let found = ctx.store.get(KIND, name).map_err(error::store)?;
    found.ok_or_else(|| error::could_not_find("model", &ctx.arn(KIND, name)))
}

pub fn list_models(ctx: &Context, request: ListModelsInput) -> Result<ListModelsOutput, Error> {
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
    .read::<ModelRecord>(ctx, KIND)?;
    let models = page.docs.into_iter().map(|doc| ModelSummary {
        model_arn: ctx.arn(KIND, &doc.name),
        creation_time: timestamp(doc.created_ms),
        model_name: doc.name,
    });
    Ok(ListModelsOutput { models: models.collect(), next_token: page.next })
}

pub fn delete_model(ctx: &Context, request: DeleteModelInput) -> Result<Empty, Error> {
    super::tags::delete_tagged(ctx, KIND, "model", request.model_name)
}
