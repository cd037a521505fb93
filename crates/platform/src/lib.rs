//! The SageMaker-compatible API: a file of operations per resource, and what they share.
//!
//! **Invariant:** operations are plain functions of a [`Context`] and a typed request. No HTTP, no JSON, no panics
//! on user input; validation against the service model has happened before.

pub mod arn;
pub mod settings;

pub use settings::Settings;
