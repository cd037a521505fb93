//! The operations, a file per resource. Which function answers which operation stands in `operations.toml`.

pub mod endpoint;
pub mod endpoint_config;
pub mod identity;
pub mod log;
pub mod metric;
pub mod model;
pub mod role;
pub mod tags;
pub mod training_job;
pub mod transform_job;
