//! Endpoints as the panel shows them.

use crate::{InvokeRequest, Studio};
use atelier_wire::Error;
use atelier_wire::studio::deploy::{EndpointActivity, GetEndpointActivity, TestAnswer, TestEndpoint};
use std::time::Instant;

/// Invokes as the runtime does. A refusal by the model is an answer here: the tester shows its status and text.
pub async fn test_endpoint(studio: &Studio, request: TestEndpoint) -> Result<TestAnswer, Error> {
    let given = |text: String| Some(text).filter(|text| !text.trim().is_empty());
    let invoke = InvokeRequest {
        content_type: given(request.content_type),
        accept: given(request.accept),
        target_variant: None,
        body: request.body.into(),
    };
    let started = Instant::now();
    let answer = studio.invoke(&request.endpoint, invoke).await;
    let latency_ms = started.elapsed().as_secs_f64() * 1000.0;
    match answer {
        Ok(answer) => Ok(TestAnswer {
            status: 200,
            content_type: answer.content_type,
            variant: answer.variant,
            body: String::from_utf8_lossy(&answer.body).into_owned(),
            latency_ms,
        }),
        Err(refusal) => match refusal.original {
            Some((status, body)) => {
                Ok(TestAnswer { status, content_type: "text/plain".into(), variant: String::new(), body, latency_ms })
            }
            None => Err(refusal.error),
        },
    }
}

pub fn get_endpoint_activity(studio: &Studio, request: GetEndpointActivity) -> Result<EndpointActivity, Error> {
    let activity = studio.inner.platform.router.activity(&request.endpoint);
    activity.ok_or_else(|| Error::new("ResourceNotFound", format!("No endpoint {} is in service.", request.endpoint)))
}
