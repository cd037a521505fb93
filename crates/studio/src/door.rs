//! The one door: who asks, for what, with which bytes. Tracing, the panic guard, the error shape, change events and
//! the patience with slow pollers exist here and nowhere else.

use crate::{Studio, calls};
use atelier_wire::Error;
use serde_json::Value;
use std::collections::HashMap;
use std::time::{Duration, Instant};
use tokio::sync::broadcast::error::RecvError;

/// Who asks.
#[derive(Clone, Debug, Default)]
pub struct Caller {
    /// The client's own words; SDKs that poll slowly are answered late rather than asked to come again.
    pub user_agent: String,
    pub origin: Origin,
}

/// Through which transport a call came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// A signed AWS request: AWS operations only.
    #[default]
    Aws,
    /// The window or a browser, with the session's token.
    Window,
    /// The command line, in the backend's own process.
    Cli,
}

impl Studio {
    /// Handles one call: `name` is an operation of `operations.toml` or a studio call, `body` its JSON.
    pub async fn call(&self, caller: Caller, name: &str, body: &[u8]) -> Result<Vec<u8>, Error> {
        let started = Instant::now();
        let answer = match caller.origin {
            Origin::Window | Origin::Cli if calls::is_known(name) => calls::call(self, name, body).await,
            _ => self.aws(&caller, name, body).await,
        };
        let ms = started.elapsed().as_secs_f64() * 1000.0;
        match &answer {
            Ok(_) => tracing::debug!(operation = name, ms, "answered"),
            Err(error) => tracing::info!(operation = name, ms, code = error.code, message = error.message, "refused"),
        }
        answer
    }

    async fn aws(&self, caller: &Caller, name: &str, body: &[u8]) -> Result<Vec<u8>, Error> {
        match self.patience(caller, name, body) {
            Some((patience, tag, id)) => self.when_settled(name, body, patience, tag, &id).await,
            None => self.aws_once(name, body).await,
        }
    }

    async fn aws_once(&self, name: &str, body: &[u8]) -> Result<Vec<u8>, Error> {
        let (platform, operation, input) = (self.inner.platform.clone(), name.to_owned(), body.to_vec());
        let answer = blocking(name, move || atelier_platform::call(&platform, &operation, &input)).await?;
        if let Some((tag, id)) = answer.changed {
            self.announce(tag, &id);
        }
        Ok(answer.body)
    }

    /// Repeats a `Describe` until what it describes is no longer on its way, or patience ends.
    async fn when_settled(
        &self,
        name: &str,
        body: &[u8],
        patience: Duration,
        tag: &str,
        id: &str,
    ) -> Result<Vec<u8>, Error> {
        let deadline = tokio::time::Instant::now() + patience;
        let mut events = self.events();
        let mut stopping = self.inner.stopping.subscribe();
        loop {
            let answer = self.aws_once(name, body).await?;
            if !on_its_way(&answer) || *stopping.borrow_and_update() {
                return Ok(answer);
            }
            let changed = async {
                loop {
                    match events.recv().await {
                        Ok(atelier_wire::Event::Changed { tag: its, id: of }) if its == tag && of == id => return,
                        Ok(_) => {}
                        Err(RecvError::Lagged(_) | RecvError::Closed) => return,
                    }
                }
            };
            tokio::select! {
                () = changed => {}
                _ = stopping.changed() => return Ok(answer),
                () = tokio::time::sleep_until(deadline) => return Ok(answer),
            }
        }
    }

    /// How long a `Describe` may be kept waiting, and for whose change. The SageMaker SDK asks first after 5 s and then
    /// only every 30 s, boto3's waiters every 30 to 120 s; an answer that comes when the job ends spares them that.
    /// Both give up on a connection after 60 s. Others are answered at once.
    fn patience(&self, caller: &Caller, name: &str, body: &[u8]) -> Option<(Duration, &'static str, String)> {
        let (tag, member) = match name {
            "DescribeTrainingJob" => ("training-job", "TrainingJobName"),
            "DescribeTransformJob" => ("transform-job", "TransformJobName"),
            "DescribeEndpoint" => ("endpoint", "EndpointName"),
            _ => return None,
        };
        let sdk = caller.user_agent.contains("AWS-SageMaker-Python-SDK");
        let waits = is_waiter(&caller.user_agent);
        // In our environments the SDK asks five times a second, and would show no log while it is kept waiting.
        if !waits && caller.user_agent.contains(BRIDGE) {
            return None;
        }
        if caller.origin != Origin::Aws || !(sdk || waits) {
            return None;
        }
        let input: Value = serde_json::from_slice(body).ok()?;
        let id = input[member].as_str()?.to_owned();
        let patience = match waits {
            true => WAITER,
            false => self.inner.held.patience(&format!("{tag}/{id}")),
        };
        Some((patience, tag, id))
    }
}

/// What `assets/python/atelier_bridge.py` adds to the user agent.
const BRIDGE: &str = "app/atelier-bridge";
/// For a client that only waits.
const WAITER: Duration = Duration::from_secs(50);
/// The SDK's first question about a job; what the job logs meanwhile is shown afterwards.
const FIRST: Duration = Duration::from_secs(25);
/// Its next questions, between which it shows logs.
const NEXT: Duration = Duration::from_secs(5);

/// Whether botocore's list of features in use (`m/A,B`) holds `B`, its letter for waiters.
fn is_waiter(user_agent: &str) -> bool {
    let features = user_agent.split(' ').find_map(|part| part.strip_prefix("m/"));
    features.is_some_and(|list| list.split(',').any(|feature| feature == "B"))
}

/// Whether a description says that something is still being done.
fn on_its_way(description: &[u8]) -> bool {
    #[derive(serde::Deserialize, Default)]
    #[serde(default, rename_all = "PascalCase")]
    struct States {
        training_job_status: Option<String>,
        transform_job_status: Option<String>,
        endpoint_status: Option<String>,
    }
    let states: States = serde_json::from_slice(description).unwrap_or_default();
    let state = states.training_job_status.or(states.transform_job_status).or(states.endpoint_status);
    matches!(state.as_deref(), Some("InProgress" | "Stopping" | "Creating" | "Updating" | "RollingBack" | "Deleting"))
}

/// What SDK clients have asked about before.
#[derive(Default)]
pub(crate) struct Held(parking_lot::Mutex<HashMap<String, Instant>>);

impl Held {
    /// Names are forgotten together once there are this many: the price is one long answer too many.
    const MANY: usize = 10_000;

    fn patience(&self, id: &str) -> Duration {
        let mut held = self.0.lock();
        if held.len() >= Self::MANY {
            held.clear();
        }
        match held.insert(id.to_owned(), Instant::now()) {
            None => FIRST,
            Some(_) => NEXT,
        }
    }
}

/// Runs what blocks on a thread where it may. A panic there is an error of this call and nothing more.
pub(crate) async fn blocking<R: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> Result<R, Error> + Send + 'static,
) -> Result<R, Error> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|problem| Err(broken(name, &problem.to_string())))
}

/// The error of a call whose code failed. The cause goes to the log, not to the caller.
pub(crate) fn broken(name: &str, cause: &str) -> Error {
    tracing::error!(operation = name, cause, "a call panicked");
    let message = format!(
        "{name} failed because of a defect in Atelier. The backend's log says where; nothing else is affected."
    );
    Error::new("InternalFailure", message).with_status(500)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiters_are_known_by_their_feature() {
        let check = |user_agent: &str, expected| assert_eq!(is_waiter(user_agent), expected, "{user_agent}");
        check("Boto3/1.44 md/Botocore#1.44 m/Z,B,b cfg/retry-mode#legacy", true);
        check("Boto3/1.44 m/Z,b,D", false);
        check("aws-cli/2", false);
    }

    #[test]
    fn states_on_their_way() {
        let check =
            |description: &str, expected| assert_eq!(on_its_way(description.as_bytes()), expected, "{description}");
        check(r#"{"TrainingJobStatus":"InProgress"}"#, true);
        check(r#"{"TrainingJobStatus":"Failed"}"#, false);
        check(r#"{"EndpointStatus":"Creating"}"#, true);
        check("{}", false);
    }

    #[test]
    fn only_the_first_question_waits_long() {
        let held = Held::default();
        assert_eq!(held.patience("training-job/a"), FIRST);
        assert_eq!(held.patience("training-job/a"), NEXT);
        assert_eq!(held.patience("training-job/b"), FIRST);
    }
}
