//! What is behind an endpoint's states: unpack its models, put them into the router, and remember both.
//!
//! A change is written down first (`Creating`, `Updating` with what is to be deployed), then done on a thread of its
//! own, then written down again (`InService`, or why not). After a restart [`restore`] does the same from what is
//! written down, so an endpoint serves again without being asked.

use crate::ops::model;
use crate::{Context, artefact, error, job};
use atelier_serving::{DeployError, EndpointPlan, VariantPlan};
use atelier_store::{ListQuery, StoreError, crash, now_ms};
use atelier_wire::aws::types::{CreateEndpointConfigInput, CreateEndpointInput, DeploymentConfig, EndpointStatus};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

pub(crate) const KIND: &str = "endpoint";

/// An endpoint's document; its state is the document's status.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct EndpointRecord {
    pub request: CreateEndpointInput,
    /// Changes with every deployment, so that a slow one cannot undo a later one.
    pub revision: String,
    /// What serves.
    pub deployed: Option<Deployed>,
    /// What is to serve: a copy of the configuration, which may be deleted meanwhile.
    pub pending: Option<CreateEndpointConfigInput>,
    pub failure_reason: Option<String>,
    pub deployment_config: Option<DeploymentConfig>,
}

/// A configuration in service.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Deployed {
    pub config: CreateEndpointConfigInput,
    pub variants: Vec<VariantRecord>,
    /// Milliseconds since the epoch.
    pub at_ms: i64,
}

/// A variant in service: all that is needed to serve it again, even when its model has been deleted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct VariantRecord {
    pub name: String,
    pub model_name: String,
    pub image: String,
    pub weight: f32,
    pub instance_count: Option<i32>,
    pub model_dir: PathBuf,
    pub env: BTreeMap<String, String>,
}

impl EndpointRecord {
    pub fn new(request: CreateEndpointInput, config: CreateEndpointConfigInput) -> Self {
        EndpointRecord {
            deployment_config: request.deployment_config.clone(),
            request,
            revision: uuid::Uuid::new_v4().to_string(),
            deployed: None,
            pending: Some(config),
            failure_reason: None,
        }
    }

    /// The configuration that serves; before any does, the one that is to.
    pub fn config_name(&self) -> &str {
        let deployed = self.deployed.as_ref().map(|deployed| &deployed.config);
        deployed
            .or(self.pending.as_ref())
            .map_or(&self.request.endpoint_config_name, |config| &config.endpoint_config_name)
    }
}

/// Deploys what is pending on a thread of its own.
pub(crate) fn start(ctx: &Context, name: &str, revision: &str) {
    let (own, endpoint, wanted) = (ctx.clone(), name.to_owned(), revision.to_owned());
    let work = move || {
        deploy_pending(&own, &endpoint, &wanted);
        sweep(&own);
    };
    if let Err(problem) = std::thread::Builder::new().name("deploy".into()).spawn(work) {
        let reason = format!("No thread could be started to load the model: {problem}.");
        finish(ctx, name, revision, Err(reason));
    }
}

fn deploy_pending(ctx: &Context, name: &str, revision: &str) {
    let _unswept = ctx.models.read();
    let record = match ctx.store.get::<EndpointRecord>(KIND, name) {
        Ok(Some(doc)) if doc.body.revision == revision => doc.body,
        Ok(_) => return,
        Err(problem) => {
            tracing::error!(endpoint = name, error = %problem, "an endpoint's document cannot be read");
            return;
        }
    };
    let Some(config) = record.pending else { return };
    let prepare = || variants(ctx, &config);
    let prepared = std::panic::catch_unwind(std::panic::AssertUnwindSafe(prepare))
        .unwrap_or_else(|_| Err("The model could not be loaded: its files made the loader fail.".into()));
    crash::point("endpoint:after-extract");
    let deployed = prepared.map(|variants| Deployed { config, variants, at_ms: now_ms() });
    finish(ctx, name, revision, deployed);
}

/// Looks up and unpacks the models of a configuration. The error is the endpoint's failure reason.
fn variants(ctx: &Context, config: &CreateEndpointConfigInput) -> Result<Vec<VariantRecord>, String> {
    let one = |variant: &atelier_wire::aws::types::ProductionVariant| {
        let model_name = variant.model_name.clone().unwrap_or_default();
        let model = model::find(ctx, &model_name).map_err(|problem| problem.message)?.body;
        let container = model.container().cloned().unwrap_or_default();
        job::server(&container)?;
        Ok(VariantRecord {
            name: variant.variant_name.clone(),
            model_name,
            image: container.image.clone().unwrap_or_default(),
            weight: variant.initial_variant_weight.unwrap_or(1.0),
            instance_count: variant.initial_instance_count,
            model_dir: artefact::unpack(ctx, &model)?,
            env: container.environment.unwrap_or_default(),
        })
    };
    config.production_variants.iter().map(one).collect()
}

fn plan(name: &str, deployed: &Deployed) -> EndpointPlan {
    let variant = |variant: &VariantRecord| VariantPlan {
        name: variant.name.clone(),
        weight: f64::from(variant.weight),
        model_dir: variant.model_dir.clone(),
        env: variant.env.clone(),
    };
    EndpointPlan {
        name: name.to_owned(),
        config_name: deployed.config.endpoint_config_name.clone(),
        variants: deployed.variants.iter().map(variant).collect(),
    }
}

/// Why a model does not load, down to the cause.
fn reason(problem: DeployError) -> String {
    let mut text = problem.to_string();
    let mut source = std::error::Error::source(&problem);
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    error::sentence(&text)
}

/// Puts a prepared deployment into the router and writes down how it ended. An update that fails leaves what serves.
fn finish(ctx: &Context, name: &str, revision: &str, prepared: Result<Deployed, String>) {
    let _held = ctx.endpoint_change.lock();
    let current = ctx.store.get::<EndpointRecord>(KIND, name);
    if !matches!(&current, Ok(Some(doc)) if doc.body.revision == revision) {
        return;
    }
    let outcome =
        prepared.and_then(|deployed| ctx.router.deploy(plan(name, &deployed)).map(|()| deployed).map_err(reason));
    crash::point("endpoint:after-deploy");
    let written = ctx.store.update::<EndpointRecord, ()>(KIND, name, move |doc| {
        let record = &mut doc.body;
        record.pending = None;
        let status = match outcome {
            Ok(deployed) => {
                record.deployed = Some(deployed);
                record.failure_reason = None;
                EndpointStatus::InService
            }
            Err(reason) => {
                record.failure_reason = Some(reason);
                if record.deployed.is_some() { EndpointStatus::InService } else { EndpointStatus::Failed }
            }
        };
        doc.status = status.as_str().into();
    });
    if let Err(problem) = written {
        tracing::error!(endpoint = name, error = %problem, "an endpoint's state cannot be written");
    }
    crash::point("endpoint:after-in-service");
    (ctx.changed)(KIND, name);
}

/// Deploys everything that was in service when the backend last ended, and takes up deployments that it interrupted.
/// Returns when everything that was in service serves again.
pub fn restore(ctx: &Context) -> Result<(), StoreError> {
    for doc in all(ctx)? {
        let (name, record) = (doc.name, doc.body);
        if let Some(deployed) = &record.deployed
            && let Err(problem) = ctx.router.deploy(plan(&name, deployed))
        {
            let reason = reason(problem);
            tracing::warn!(endpoint = name, reason, "an endpoint cannot serve again");
            ctx.store.update::<EndpointRecord, ()>(KIND, &name, move |doc| {
                doc.body.deployed = None;
                doc.body.failure_reason = Some(reason);
                if doc.body.pending.is_none() {
                    doc.status = EndpointStatus::Failed.as_str().into();
                }
            })?;
        }
        if record.pending.is_some() {
            start(ctx, &name, &record.revision);
        }
    }
    Ok(())
}

fn all(ctx: &Context) -> Result<Vec<atelier_store::Doc<EndpointRecord>>, StoreError> {
    let mut docs = Vec::new();
    let mut query = ListQuery { limit: 1000, ..ListQuery::default() };
    loop {
        let page = ctx.store.list(KIND, &query)?;
        docs.extend(page.docs);
        match page.next {
            Some(next) => query.after = Some(next),
            None => return Ok(docs),
        }
    }
}

/// Removes unpacked models that no endpoint uses any more. While something is being deployed nothing is removed, since
/// its models are unpacked already but stand in no document yet; that deployment sweeps when it is done.
pub(crate) fn sweep(ctx: &Context) {
    let Some(_alone) = ctx.models.try_write() else { return };
    let used: Result<BTreeSet<PathBuf>, StoreError> = all(ctx).map(|docs| {
        let deployed = docs.into_iter().filter_map(|doc| doc.body.deployed);
        deployed.flat_map(|deployed| deployed.variants).map(|variant| variant.model_dir).collect()
    });
    let swept = used.map_err(|problem| problem.to_string());
    let swept = swept.and_then(|used| artefact::sweep(ctx.store.home(), &used).map_err(|problem| problem.to_string()));
    if let Err(problem) = swept {
        tracing::warn!(problem, "unused models stay on disk");
    }
}
