//! What to deploy under an endpoint's name.

use std::{collections::BTreeMap, path::PathBuf};

/// An endpoint with all its variants.
#[derive(Clone, Debug, PartialEq)]
pub struct EndpointPlan {
    pub name: String,
    pub config_name: String,
    pub variants: Vec<VariantPlan>,
}

/// One production variant.
#[derive(Clone, Debug, PartialEq)]
pub struct VariantPlan {
    pub name: String,
    /// Share of the traffic, relative to the sum over the variants. Not negative.
    pub weight: f64,
    /// The unpacked `model.tar.gz`.
    pub model_dir: PathBuf,
    /// The container's environment.
    pub env: BTreeMap<String, String>,
}

/// Why a plan cannot be deployed; what was in service stays.
#[derive(Debug, thiserror::Error)]
pub enum DeployError {
    #[error("the endpoint has no variant")]
    NoVariant,
    #[error("two variants are named {0}")]
    SameName(String),
    #[error("the weight of variant {0} is not a number of 0 or more")]
    Weight(String),
    #[error("the model of variant {variant} cannot be loaded")]
    Model { variant: String, source: atelier_algorithms::LoadError },
    #[error("there is no endpoint {0} in service")]
    NoEndpoint(String),
    #[error("endpoint {endpoint} has no variant {variant}")]
    UnknownVariant { endpoint: String, variant: String },
}
