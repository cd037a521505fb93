//! Hyperparameters as typed values, `auto` resolved.

use super::{loss::Loss, model::Predictor, optimizer::Rule};
use std::collections::BTreeMap;

/// How the decision threshold of a binary classifier is chosen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Criterion {
    Accuracy,
    FBeta(f64),
    PrecisionAtRecall(f64),
    RecallAtPrecision(f64),
    LossFunction,
}

#[derive(Clone, Debug)]
pub struct Settings {
    pub predictor: Predictor,
    pub loss: Loss,
    pub rule: Rule,
    /// One model is trained for each.
    pub learning_rates: Vec<f64>,
    pub epochs: usize,
    pub mini_batch_size: usize,
    pub wd: f64,
    pub l1: f64,
    pub use_bias: bool,
    pub normalize_data: bool,
    pub normalize_label: bool,
    /// (steps, factor, minimum); None keeps the learning rate.
    pub schedule: Option<(usize, f64, f64)>,
    pub patience: usize,
    pub tolerance: f64,
    pub criterion: Criterion,
    pub f_beta: f64,
    /// None balances the classes.
    pub positive_weight: Option<f64>,
    pub balance_classes: bool,
    pub feature_dim: Option<usize>,
}

/// Learning rates that are tried when the job names none; data and labels are normalised, so that one list fits all.
const LEARNING_RATES: [f64; 4] = [0.1, 0.02, 0.3, 0.005];

impl Settings {
    /// From validated hyperparameters.
    pub fn new(given: &BTreeMap<String, String>) -> Settings {
        let get = |name: &str| given.get(name).map(|v| v.trim()).filter(|v| *v != "auto");
        let number = |name: &str, default: f64| get(name).and_then(|v| v.parse::<f64>().ok()).unwrap_or(default);
        let flag = |name: &str, default: bool| get(name).map_or(default, |v| v == "true");
        let predictor = match get("predictor_type") {
            Some("binary_classifier") => Predictor::BinaryClassifier,
            Some("multiclass_classifier") => {
                Predictor::MulticlassClassifier { num_classes: number("num_classes", 3.0) as usize }
            }
            _ => Predictor::Regressor,
        };
        let loss = match (get("loss"), predictor) {
            (Some("hinge_loss"), _) => Loss::Hinge(number("margin", 1.0)),
            (Some("absolute_loss"), _) => Loss::Absolute,
            (Some("eps_insensitive_squared_loss"), _) => Loss::EpsSquared(number("loss_insensitivity", 0.01)),
            (Some("eps_insensitive_absolute_loss"), _) => Loss::EpsAbsolute(number("loss_insensitivity", 0.01)),
            (Some("quantile_loss"), _) => Loss::Quantile(number("quantile", 0.5)),
            (Some("huber_loss"), _) => Loss::Huber(number("huber_delta", 1.0)),
            (_, Predictor::BinaryClassifier) => Loss::Logistic,
            (_, Predictor::MulticlassClassifier { .. }) => Loss::Softmax,
            (_, Predictor::Regressor) => Loss::Squared,
        };
        let rule = match get("optimizer") {
            Some("sgd") => Rule::Sgd { momentum: number("momentum", 0.0) },
            Some("rmsprop") => Rule::RmsProp,
            _ => Rule::Adam { beta_1: number("beta_1", 0.9), beta_2: number("beta_2", 0.999) },
        };
        let num_models = (number("num_models", 4.0) as usize).clamp(1, LEARNING_RATES.len());
        let f_beta = number("f_beta", 1.0);
        let criterion = match get("binary_classifier_model_selection_criteria") {
            Some("f_beta") => Criterion::FBeta(f_beta),
            Some("f1") => Criterion::FBeta(1.0),
            Some("precision_at_target_recall") => Criterion::PrecisionAtRecall(number("target_recall", 0.8)),
            Some("recall_at_target_precision") => Criterion::RecallAtPrecision(number("target_precision", 0.8)),
            Some("loss_function") => Criterion::LossFunction,
            _ => Criterion::Accuracy,
        };
        let learning_rate = get("learning_rate").and_then(|v| v.parse().ok());
        Settings {
            predictor,
            loss,
            rule,
            learning_rates: learning_rate.map_or_else(|| LEARNING_RATES[..num_models].to_vec(), |rate| vec![rate]),
            epochs: number("epochs", 15.0) as usize,
            mini_batch_size: number("mini_batch_size", 1000.0) as usize,
            wd: number("wd", 0.0),
            l1: number("l1", 0.0),
            use_bias: flag("use_bias", true),
            normalize_data: flag("normalize_data", true),
            normalize_label: flag("normalize_label", predictor == Predictor::Regressor)
                && predictor == Predictor::Regressor,
            schedule: flag("use_lr_scheduler", true).then(|| {
                (
                    number("lr_scheduler_step", 100.0) as usize,
                    number("lr_scheduler_factor", 0.99),
                    number("lr_scheduler_minimum_lr", 1e-5),
                )
            }),
            patience: number("early_stopping_patience", 3.0) as usize,
            tolerance: number("early_stopping_tolerance", 0.001),
            criterion,
            f_beta,
            positive_weight: match get("positive_example_weight_mult") {
                Some("balanced") => None,
                _ => Some(number("positive_example_weight_mult", 1.0)),
            },
            balance_classes: flag("balance_multiclass_weights", false),
            feature_dim: get("feature_dim").and_then(|v| v.parse().ok()),
        }
    }
}
