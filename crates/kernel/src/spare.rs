//! Kernels that were started before anybody asked, so that a notebook gets one at once: one for each way to start
//! that is worth it. `ATELIER_SPARE_KERNELS=0` turns them off.

use crate::connection::Speaking;
use crate::launch::{self, Desk, Plan, Process};
use parking_lot::Mutex;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::timeout;

type Ready = (Process, Speaking);

/// Cheap to clone; all clones are one stock.
#[derive(Clone)]
pub struct Spares(Arc<Stock>);

struct Stock {
    enabled: bool,
    /// A spare is used for a start that differs in its desk only.
    spares: Mutex<Vec<Spare>>,
}

struct Spare {
    plan: Plan,
    /// Somebody waits: no more delay.
    hurry: Arc<Notify>,
    ready: JoinHandle<Option<Ready>>,
}

/// Whoever starts a kernel wants the processors for that one first.
const DELAY: Duration = Duration::from_secs(2);

/// More ways to start than this are not kept ready at once.
const MAX_SPARES: usize = 2;

impl Spares {
    pub fn new(enabled: bool) -> Spares {
        let enabled = enabled && std::env::var_os("ATELIER_SPARE_KERNELS").is_none_or(|value| value != "0");
        Spares(Arc::new(Stock { enabled, spares: Mutex::new(Vec::new()) }))
    }

    /// The spare for this start if there is one; one that is still starting is waited for, which is quicker than
    /// another start.
    pub async fn take(&self, plan: &Plan) -> Option<Ready> {
        let found = {
            let mut spares = self.0.spares.lock();
            let at = spares.iter().position(|spare| spare.plan.argv == plan.argv && spare.plan.env == plan.env)?;
            spares.remove(at)
        };
        found.hurry.notify_one();
        let (mut process, speaking) = found.ready.await.ok().flatten()?;
        // It may have died since.
        matches!(process.child.try_wait(), Ok(None)).then_some((process, speaking))
    }

    /// Starts a spare for the next one who starts like this, unless there is one.
    pub fn refill(&self, plan: Plan) {
        if !self.0.enabled {
            return;
        }
        let mut spares = self.0.spares.lock();
        // One with another environment than notebooks get now is of no use any more.
        spares.retain(|spare| spare.plan.argv != plan.argv || spare.plan.env == plan.env);
        if spares.iter().any(|spare| spare.plan.argv == plan.argv) {
            return;
        }
        if spares.len() >= MAX_SPARES {
            spares.remove(0);
        }
        let plan = Plan { desk: Desk::of_nobody(), ..plan };
        let hurry = Arc::new(Notify::new());
        let ready = tokio::spawn(start(plan.clone(), hurry.clone()));
        spares.push(Spare { plan, hurry, ready });
    }

    /// Ends them all.
    pub fn clear(&self) {
        for spare in self.0.spares.lock().drain(..) {
            // One that is ready is dropped, and with it its process.
            spare.ready.abort();
        }
    }
}

async fn start(plan: Plan, hurry: Arc<Notify>) -> Option<Ready> {
    // Either way it is time.
    let _ = timeout(DELAY, hurry.notified()).await;
    let mut process = launch::start(&plan).inspect_err(|error| tracing::info!(%error, "no spare kernel")).ok()?;
    match Speaking::open(&mut process).await {
        Ok(speaking) => Some((process, speaking)),
        Err(error) => {
            tracing::info!(%error, "no spare kernel");
            None
        }
    }
}
