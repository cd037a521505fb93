//! The endpoint router: from an endpoint's name to a scored answer. The hot path.
//!
//! What is deployed is one immutable map behind an [`arc_swap::ArcSwap`]: a request loads a pointer, picks a variant and
//! scores, and holds no lock meanwhile; a deployment builds the next map and swaps it in, so that a request sees the old
//! endpoint or the new one, never half of each.

mod activity;
mod plan;
mod router;

pub use plan::{DeployError, EndpointPlan, VariantPlan};
pub use router::{InvokeError, InvokeRequest, InvokeResponse, Router};
