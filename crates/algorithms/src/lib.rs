//! The built-in algorithms: what each takes, how it trains and how its model scores.
//!
//! Training and batch transform run in the child process `atelier-algorithm`, under the `/opt/ml` contract. Scoring is a
//! library call ([`load`], [`Scorer`]), so that an endpoint answers without a second process.

pub mod algorithm;
pub mod data;
pub mod hyperparameter;
pub mod linear_learner;
mod log;
pub mod opt_ml;
pub mod response;
pub mod scorer;
pub mod transform;
pub mod xgboost;

pub use algorithm::Algorithm;
pub use hyperparameter::Hyperparameter;
pub use scorer::{LoadError, ScoreError, Scored, Scorer, load};
