//! The SageMaker-compatible API: a file of operations per resource, and what they share.
//!
//! **Invariant:** operations are plain functions of a [`Context`] and a typed request. No HTTP, no JSON, no panics
//! on user input; validation against the service model has happened before.

pub mod arn;
mod artefact;
mod call;
mod context;
mod deployment;
mod error;
mod generated;
mod job;
mod listing;
mod ops;
mod s3_uri;
mod settings;
mod training;
mod transform;

/// The endpoints' router, for the runtime that invokes them.
pub use atelier_serving as serving;
pub use call::{Answer, call};
pub use context::{Changed, Context, Programs};
pub use deployment::restore;
pub use generated::{OPERATIONS, Operation, dispatch, is_sagemaker, operation};
pub use settings::Settings;
