//! XGBoost: trained by the real library, scored in Rust.
//!
//! Training loads `libxgboost` at run time (`ATELIER_XGBOOST_LIB`), so that trees, metrics and hyperparameters are
//! XGBoost's own and building this crate needs no C++ compiler. Scoring reads the model file by itself: an endpoint
//! carries no 17 MB library, and a row costs microseconds.

pub mod document;
pub mod hyperparameters;
mod json;
mod library;
mod metrics;
pub mod model;
pub mod objective;
mod outputs;
pub mod scorer;
mod train;
mod tree;
mod ubj;

pub use library::Library;
pub use train::train;

use crate::algorithm::{Algorithm, Channel};

/// The file in the model directory.
pub const MODEL_FILE: &str = "xgboost-model";

const CONTENT_TYPES: &[&str] = &[
    "csv",
    "libsvm",
    "recordio-protobuf",
    "text/csv",
    "text/libsvm",
    "text/x-libsvm",
    "application/x-recordio-protobuf",
];

/// A number and no more: the next metric follows on the same line without a space.
macro_rules! number {
    () => {
        r":([-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?)"
    };
}

macro_rules! metric {
    ($name:literal) => {
        (concat!("validation:", $name), concat!(r".*\[[0-9]+\].*#011validation-", $name, number!()))
    };
    (train $name:literal) => {
        (concat!("train:", $name), concat!(r".*\[[0-9]+\].*#011train-", $name, number!()))
    };
}

pub const ALGORITHM: Algorithm = Algorithm {
    name: "xgboost",
    title: "XGBoost",
    hyperparameters: hyperparameters::HYPERPARAMETERS,
    aliases: hyperparameters::ALIASES,
    metrics: &[
        metric!(train "rmse"),
        metric!(train "mae"),
        metric!(train "logloss"),
        metric!(train "error"),
        metric!(train "auc"),
        metric!(train "merror"),
        metric!(train "mlogloss"),
        metric!("accuracy"),
        metric!("auc"),
        metric!("aucpr"),
        metric!("balanced_accuracy"),
        metric!("f1"),
        metric!("f1_binary"),
        metric!("f1_macro"),
        metric!("map"),
        metric!("ndcg"),
        metric!("precision"),
        metric!("r2"),
        metric!("recall"),
        metric!("precision_macro"),
        metric!("precision_micro"),
        metric!("recall_macro"),
        metric!("recall_micro"),
        metric!("aft-nloglik"),
        metric!("cox-nloglik"),
        metric!("error"),
        metric!("gamma-deviance"),
        metric!("gamma-nloglik"),
        metric!("interval-regression-accuracy"),
        metric!("logloss"),
        metric!("mae"),
        metric!("mape"),
        metric!("merror"),
        metric!("mlogloss"),
        metric!("mphe"),
        metric!("mse"),
        metric!("poisson-nloglik"),
        metric!("rmse"),
        metric!("rmsle"),
        metric!("tweedie-nloglik"),
    ],
    channels: &[
        Channel { name: "train", required: true, content_types: CONTENT_TYPES },
        Channel { name: "validation", required: false, content_types: CONTENT_TYPES },
    ],
    rules: hyperparameters::rules,
};
