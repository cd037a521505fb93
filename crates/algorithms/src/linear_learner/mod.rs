//! Linear Learner: regression, binary and multiclass classification by stochastic gradient descent.
//!
//! As in AWS's algorithm, several models are trained side by side (here they differ in their learning rate) and the best
//! on the validation channel is kept; data are normalised and the weights brought back to the data's scale in the end.

mod fit;
mod hyperparameters;
mod loss;
mod metrics;
mod model;
mod optimizer;
mod scorer;
mod settings;
mod train;

pub use model::{MODEL_FILE, Model};
pub use scorer::LinearScorer;
pub use train::train;

use crate::algorithm::{Algorithm, Channel};

const CONTENT_TYPES: &[&str] = &["application/x-recordio-protobuf", "text/csv"];

macro_rules! metric {
    ($set:literal, $name:literal, $kind:literal) => {
        (concat!($set, ":", $name), concat!("#quality_metric: host=\\S+, ", $set, " ", $name, " <", $kind, ">=(\\S+)"))
    };
    ($set:literal) => {
        (
            concat!($set, ":objective_loss"),
            concat!("#quality_metric: host=\\S+, epoch=\\S+, ", $set, " \\S+_objective <loss>=(\\S+)"),
        )
    };
}

pub const ALGORITHM: Algorithm = Algorithm {
    name: "linear-learner",
    title: "Linear Learner",
    hyperparameters: hyperparameters::HYPERPARAMETERS,
    aliases: &[],
    metrics: &[
        metric!("train"),
        metric!("validation"),
        ("train:progress", "#progress_metric: host=\\S+, completed (\\S+) %"),
        metric!("validation", "mse", "loss"),
        metric!("validation", "rmse", "loss"),
        metric!("validation", "absolute_loss", "loss"),
        metric!("validation", "binary_classification_accuracy", "score"),
        metric!("validation", "precision", "score"),
        metric!("validation", "recall", "score"),
        metric!("validation", "binary_f_beta", "score"),
        metric!("validation", "roc_auc_score", "score"),
        metric!("validation", "multiclass_accuracy", "score"),
        metric!("test", "mse", "loss"),
        metric!("test", "absolute_loss", "loss"),
        metric!("test", "binary_classification_accuracy", "score"),
        metric!("test", "precision", "score"),
        metric!("test", "recall", "score"),
        metric!("test", "binary_f_beta", "score"),
        metric!("test", "roc_auc_score", "score"),
        metric!("test", "multiclass_accuracy", "score"),
    ],
    channels: &[
        Channel { name: "train", required: true, content_types: CONTENT_TYPES },
        Channel { name: "validation", required: false, content_types: CONTENT_TYPES },
        Channel { name: "test", required: false, content_types: CONTENT_TYPES },
    ],
    rules: hyperparameters::rules,
};
