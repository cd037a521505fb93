//! Real-time predictions: `sagemaker-runtime`'s `InvokeEndpoint` without its HTTP.

use atelier_wire::Error;
use bytes::Bytes;

/// A request to an endpoint. `None` headers are those the caller left out.
#[derive(Clone, Debug, Default)]
pub struct InvokeRequest {
    pub content_type: Option<String>,
    pub accept: Option<String>,
    pub target_variant: Option<String>,
    pub body: Bytes,
}

/// What the model answered.
#[derive(Clone, Debug)]
pub struct InvokeResponse {
    pub content_type: String,
    pub variant: String,
    pub body: Bytes,
}

/// A refusal. `error.status` is the HTTP status: 400 for `ValidationError`, 424 for `ModelError` ...
#[derive(Clone, Debug)]
pub struct InvokeError {
    pub error: Error,
    /// For a `ModelError`: the status and the text that the model's own server would have answered with.
    pub original: Option<(u16, String)>,
    /// For a `ModelError`: where the model's log is.
    pub log_stream_arn: Option<String>,
}
