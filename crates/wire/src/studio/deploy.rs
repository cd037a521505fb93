//! Endpoints as the panel shows them: the request tester and what goes through.

use crate::calls;
use serde::{Deserialize, Serialize};

/// Sends a request to an endpoint through the same router as `sagemaker-runtime`'s `InvokeEndpoint`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TestEndpoint {
    pub endpoint: String,
    pub content_type: String,
    pub accept: String,
    pub body: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TestAnswer {
    pub status: u16,
    pub content_type: String,
    pub variant: String,
    pub body: String,
    pub latency_ms: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GetEndpointActivity {
    pub endpoint: String,
}

/// Requests since the endpoint was put in service, and the last 15 minutes in buckets of 5 seconds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EndpointActivity {
    pub invocations: u64,
    pub errors_4xx: u64,
    pub errors_5xx: u64,
    pub buckets: Vec<ActivityBucket>,
    /// What the model takes: the number of features, and their names where the model file has them.
    pub num_features: Option<usize>,
    pub feature_names: Vec<String>,
    /// A request body that the model accepts, for the tester.
    pub sample: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ActivityBucket {
    /// Start, seconds since the epoch.
    pub at: f64,
    pub invocations: u64,
    pub errors: u64,
    pub p50_ms: f64,
    pub p90_ms: f64,
    pub p99_ms: f64,
}

calls! {
    TestEndpoint => TestAnswer,
    GetEndpointActivity => EndpointActivity,
}
