//! Deploy, remove, and the way of a request.

use crate::{
    activity::Activity,
    plan::{DeployError, EndpointPlan, VariantPlan},
};
use arc_swap::ArcSwap;
use atelier_algorithms::{Scorer, load};
use atelier_wire::studio::deploy::EndpointActivity;
use bytes::Bytes;
use parking_lot::Mutex;
use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Instant, SystemTime, UNIX_EPOCH},
};

/// Bodies up to this size are scored on the calling thread; larger ones would hold up the other requests of that
/// thread, so they go to the blocking pool. 64 KiB of CSV are about a thousand rows and half a millisecond.
const SMALL_BODY: usize = 64 * 1024;

/// A request to an endpoint, as `InvokeEndpoint` carries it.
#[derive(Clone, Debug, Default)]
pub struct InvokeRequest {
    pub content_type: Option<String>,
    pub accept: Option<String>,
    pub target_variant: Option<String>,
    pub body: Bytes,
}

/// The model's answer and the variant that gave it.
#[derive(Clone, Debug, PartialEq)]
pub struct InvokeResponse {
    pub content_type: String,
    pub variant: String,
    pub body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum InvokeError {
    #[error("Endpoint {0} not found")]
    NoEndpoint(String),
    #[error("Variant {variant} not found for Request")]
    NoVariant { variant: String },
    /// The model refused; `status` is what its container answers (400, 406, 415 ...).
    #[error("{message}")]
    Model { variant: String, status: u16, message: String },
}

struct Variant {
    plan: VariantPlan,
    scorer: Arc<dyn Scorer>,
}

struct Endpoint {
    variants: Vec<Variant>,
    /// Running sums of the weights; empty where one variant takes all.
    shares: Vec<f64>,
    activity: Arc<Activity>,
}

type Endpoints = HashMap<String, Arc<Endpoint>>;

/// All endpoints in service. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct Router {
    endpoints: Arc<ArcSwap<Endpoints>>,
    /// Held by whoever builds the next map, so that two deployments do not lose each other.
    change: Arc<Mutex<()>>,
    /// Counts requests; the golden-ratio sequence over it spreads them by weight without a random number.
    turn: Arc<AtomicU64>,
}

impl Default for Router {
    fn default() -> Router {
        Router::new()
    }
}

fn now_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs())
}

/// Running sums of the weights, scaled to 1. All weights zero: equal shares, since a request must go somewhere.
fn shares(variants: &[Variant]) -> Vec<f64> {
    if variants.len() < 2 {
        return Vec::new();
    }
    let total: f64 = variants.iter().map(|v| v.plan.weight).sum();
    let mut sum = 0.0;
    let share = |v: &Variant| if total > 0.0 { v.plan.weight / total } else { 1.0 / variants.len() as f64 };
    variants
        .iter()
        .map(|v| {
            sum += share(v);
            sum
        })
        .collect()
}

fn check(plan: &EndpointPlan) -> Result<(), DeployError> {
    if plan.variants.is_empty() {
        return Err(DeployError::NoVariant);
    }
    for (i, variant) in plan.variants.iter().enumerate() {
        check_weight(&variant.name, variant.weight)?;
        if plan.variants[..i].iter().any(|v| v.name == variant.name) {
            return Err(DeployError::SameName(variant.name.clone()));
        }
    }
    Ok(())
}

fn check_weight(variant: &str, weight: f64) -> Result<(), DeployError> {
    match weight.is_finite() && weight >= 0.0 {
        true => Ok(()),
        false => Err(DeployError::Weight(variant.to_string())),
    }
}

impl Endpoint {
    fn pick(&self, turn: u64) -> &Variant {
        // Multiples of the golden ratio modulo 1 fill the unit interval evenly from the first few on (Weyl's
        // equidistribution; Knuth, The Art of Computer Programming 3, 6.4), so shares hold for short runs as well.
        let point = (turn.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 11) as f64 / (1u64 << 53) as f64;
        let i = self.shares.iter().position(|share| point < *share).unwrap_or(0);
        &self.variants[i]
    }

    fn variant(&self, target: Option<&str>, turn: u64) -> Result<&Variant, InvokeError> {
        match target {
            None => Ok(self.pick(turn)),
            Some(name) => self
                .variants
                .iter()
                .find(|v| v.plan.name == name)
                .ok_or_else(|| InvokeError::NoVariant { variant: name.to_string() }),
        }
    }
}

impl Router {
    pub fn new() -> Router {
        Router { endpoints: Arc::default(), change: Arc::default(), turn: Arc::default() }
    }

    /// Puts an endpoint in service or replaces the one of that name, all variants at once. Models are loaded before
    /// anything changes; an unchanged variant keeps its loaded model, and the endpoint keeps its counts.
    pub fn deploy(&self, plan: EndpointPlan) -> Result<(), DeployError> {
        check(&plan)?;
        let _held = self.change.lock();
        let old = self.endpoints.load().get(&plan.name).cloned();
        let mut variants = Vec::with_capacity(plan.variants.len());
        for variant in plan.variants {
            let loaded = old.iter().flat_map(|e| &e.variants);
            let same = |v: &&Variant| v.plan.model_dir == variant.model_dir && v.plan.env == variant.env;
            let scorer = match loaded.into_iter().find(same) {
                Some(v) => v.scorer.clone(),
                None => load(&variant.model_dir, &variant.env)
                    .map_err(|source| DeployError::Model { variant: variant.name.clone(), source })?,
            };
            variants.push(Variant { plan: variant, scorer });
        }
        let activity = old.map_or_else(|| Arc::new(Activity::new()), |e| e.activity.clone());
        tracing::info!(endpoint = plan.name, config = plan.config_name, variants = variants.len(), "deployed");
        self.put(plan.name, Endpoint { shares: shares(&variants), variants, activity });
        Ok(())
    }

    /// Takes an endpoint out of service. Requests that run already end as they would have. False: there was none.
    pub fn remove(&self, name: &str) -> bool {
        let _held = self.change.lock();
        let mut next = Endpoints::clone(&self.endpoints.load());
        let found = next.remove(name).is_some();
        self.endpoints.store(Arc::new(next));
        found
    }

    /// Sets weights by variant name; variants not named keep theirs.
    pub fn set_weights(&self, name: &str, weights: &[(String, f64)]) -> Result<(), DeployError> {
        let _held = self.change.lock();
        let old = self.endpoints.load().get(name).cloned().ok_or_else(|| DeployError::NoEndpoint(name.to_string()))?;
        let mut variants: Vec<Variant> =
            old.variants.iter().map(|v| Variant { plan: v.plan.clone(), scorer: v.scorer.clone() }).collect();
        for (variant, weight) in weights {
            check_weight(variant, *weight)?;
            let unknown = || DeployError::UnknownVariant { endpoint: name.to_string(), variant: variant.clone() };
            variants.iter_mut().find(|v| &v.plan.name == variant).ok_or_else(unknown)?.plan.weight = *weight;
        }
        self.put(name.to_string(), Endpoint { shares: shares(&variants), variants, activity: old.activity.clone() });
        Ok(())
    }

    fn put(&self, name: String, endpoint: Endpoint) {
        let mut next = Endpoints::clone(&self.endpoints.load());
        next.insert(name, Arc::new(endpoint));
        self.endpoints.store(Arc::new(next));
    }

    /// Names in service, in no order.
    pub fn endpoints(&self) -> Vec<String> {
        self.endpoints.load().keys().cloned().collect()
    }

    /// Scores one request. Small bodies on the calling thread, large ones on tokio's blocking pool.
    pub async fn invoke(&self, endpoint: &str, request: InvokeRequest) -> Result<InvokeResponse, InvokeError> {
        let started = Instant::now();
        let Some(found) = self.endpoints.load().get(endpoint).cloned() else {
            return Err(InvokeError::NoEndpoint(endpoint.to_string()));
        };
        let turn = self.turn.fetch_add(1, Relaxed);
        let activity = found.activity.clone();
        let answer = if request.body.len() <= SMALL_BODY {
            answer(&found, turn, &request)
        } else {
            let run = move || answer(&found, turn, &request);
            tokio::task::spawn_blocking(run).await.unwrap_or_else(|e| {
                Err(InvokeError::Model { variant: String::new(), status: 500, message: e.to_string() })
            })
        };
        let status = match &answer {
            Ok(_) => 200,
            Err(InvokeError::Model { status, .. }) => *status,
            Err(_) => 400,
        };
        activity.add(now_s(), started.elapsed().as_micros() as u64, status);
        answer
    }

    /// Counts of an endpoint and what its first variant's model takes. None: not in service.
    pub fn activity(&self, name: &str) -> Option<EndpointActivity> {
        let endpoint = self.endpoints.load().get(name).cloned()?;
        let scorer = &endpoint.variants.first()?.scorer;
        Some(EndpointActivity {
            invocations: endpoint.activity.invocations.load(Relaxed),
            errors_4xx: endpoint.activity.errors_4xx.load(Relaxed),
            errors_5xx: endpoint.activity.errors_5xx.load(Relaxed),
            buckets: endpoint.activity.buckets(now_s()),
            num_features: scorer.num_features(),
            feature_names: scorer.feature_names().to_vec(),
            sample: scorer.sample(),
        })
    }
}

fn answer(endpoint: &Endpoint, turn: u64, request: &InvokeRequest) -> Result<InvokeResponse, InvokeError> {
    let variant = endpoint.variant(request.target_variant.as_deref(), turn)?;
    let (content_type, accept) = (request.content_type.as_deref(), request.accept.as_deref());
    let score = || variant.scorer.invoke(content_type, accept, &request.body, false);
    // A scorer must not panic; if one does after all, that request fails and the endpoint lives on.
    let scored = std::panic::catch_unwind(std::panic::AssertUnwindSafe(score))
        .unwrap_or_else(|_| Err(atelier_algorithms::ScoreError { status: 500, message: "the scorer failed".into() }));
    match scored {
        Ok(scored) => Ok(InvokeResponse {
            content_type: scored.content_type,
            variant: variant.plan.name.clone(),
            body: scored.body,
        }),
        Err(e) => Err(InvokeError::Model { variant: variant.plan.name.clone(), status: e.status, message: e.message }),
    }
}
