//! Real-time predictions: `sagemaker-runtime`'s `InvokeEndpoint` without its HTTP.

use crate::Studio;
use atelier_platform::serving;
use atelier_wire::Error;
use bytes::Bytes;
use std::collections::HashMap;
use std::time::Duration;

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

impl Studio {
    /// A real-time prediction. The hot path: no JSON, no store, no lock.
    pub async fn invoke(&self, endpoint: &str, request: InvokeRequest) -> Result<InvokeResponse, InvokeError> {
        let InvokeRequest { content_type, accept, target_variant, body } = request;
        let request = serving::InvokeRequest { content_type, accept, target_variant, body };
        match self.inner.platform.router.invoke(endpoint, request).await {
            Ok(answer) => Ok(InvokeResponse {
                content_type: answer.content_type,
                variant: answer.variant,
                body: answer.body.into(),
            }),
            Err(refusal) => Err(self.refusal(endpoint, refusal)),
        }
    }

    /// In the words of SageMaker's runtime.
    fn refusal(&self, endpoint: &str, refusal: serving::InvokeError) -> InvokeError {
        let settings = &self.inner.settings;
        let plain = |code: &str, message: String| InvokeError {
            error: Error::new(code, message),
            original: None,
            log_stream_arn: None,
        };
        match refusal {
            serving::InvokeError::NoEndpoint(_) => {
                plain("ValidationError", format!("Endpoint {endpoint} of account {} not found.", settings.account))
            }
            serving::InvokeError::NoVariant { variant } => {
                plain("ValidationError", format!("Variant {variant} not found for Request."))
            }
            serving::InvokeError::Model { variant, status, message } => {
                let side = if status < 500 { "client" } else { "server" };
                let group = format!("/aws/sagemaker/Endpoints/{endpoint}");
                let text = format!(
                    "Received {side} error ({status}) from primary with message \"{message}\". See the log group {group} in account \
                     {} for more information.",
                    settings.account
                );
                InvokeError {
                    error: Error::new("ModelError", text).with_status(424),
                    original: Some((status, message)),
                    log_stream_arn: Some(format!(
                        "arn:aws:logs:{}:{}:log-group:{group}:log-stream:{variant}",
                        settings.region, settings.account
                    )),
                }
            }
        }
    }
}

/// Tells windows once a second which endpoints were invoked. Counting per request would cost the hot path more than
/// looking at the counters does, and without a window nothing is looked at.
pub(crate) fn announce_invocations(studio: &Studio) {
    let inner = std::sync::Arc::downgrade(&studio.inner);
    tokio::spawn(async move {
        let mut seen: HashMap<String, u64> = HashMap::new();
        let mut tick = tokio::time::interval(Duration::from_secs(1));
        loop {
            tick.tick().await;
            let Some(inner) = inner.upgrade() else { return };
            if inner.events.receiver_count() == 0 {
                continue;
            }
            let studio = Studio { inner };
            let names = studio.inner.platform.router.endpoints();
            seen.retain(|name, _| names.contains(name));
            for name in names {
                let count = studio.inner.platform.router.activity(&name).map_or(0, |activity| activity.invocations);
                if seen.insert(name.clone(), count).unwrap_or(0) != count {
                    studio.announce("invocation", &name);
                }
            }
        }
    });
}
