//! Linear Learner's hyperparameters and the rules between them.

use crate::hyperparameter::{Hyperparameter as H, closed, open};
use std::collections::BTreeMap;

const FLAG: &[&str] = &["true", "false"];
const FLAG_OR_AUTO: &[&str] = &["true", "false", "auto"];

pub const HYPERPARAMETERS: &[H] = &[
    H::one_of("predictor_type", &["binary_classifier", "multiclass_classifier", "regressor"]).required(),
    H::integer("num_classes", closed(3.0), closed(1_000_000.0)),
    H::auto("feature_dim", closed(1.0), None),
    H::integer("mini_batch_size", closed(1.0), None).or("1000").tunable(),
    H::integer("epochs", closed(1.0), None).or("15"),
    H::one_of(
        "loss",
        &[
            "auto",
            "logistic",
            "hinge_loss",
            "squared_loss",
            "absolute_loss",
            "eps_insensitive_squared_loss",
            "eps_insensitive_absolute_loss",
            "quantile_loss",
            "huber_loss",
            "softmax_loss",
        ],
    )
    .or("auto"),
    H::one_of("optimizer", &["auto", "adam", "sgd", "rmsprop"]).or("auto"),
    H::auto("learning_rate", open(0.0), None).tunable(),
    H::auto("wd", closed(0.0), None).tunable(),
    H::auto("l1", closed(0.0), None).tunable(),
    H::one_of("use_bias", FLAG).or("true").tunable(),
    H::auto("num_models", closed(1.0), None),
    H::one_of("normalize_data", FLAG_OR_AUTO).or("true"),
    H::one_of("normalize_label", FLAG_OR_AUTO).or("auto"),
    H::one_of("unbias_data", FLAG_OR_AUTO).or("auto"),
    H::one_of("unbias_label", FLAG_OR_AUTO).or("auto"),
    H::continuous("momentum", closed(0.0), open(1.0)).or("0"),
    H::auto("beta_1", closed(0.0), open(1.0)),
    H::auto("beta_2", closed(0.0), open(1.0)),
    H::auto("bias_lr_mult", open(0.0), None),
    H::auto("bias_wd_mult", closed(0.0), None),
    H::one_of("use_lr_scheduler", FLAG).or("true"),
    H::auto("lr_scheduler_step", closed(1.0), None),
    H::auto("lr_scheduler_factor", open(0.0), open(1.0)),
    H::auto("lr_scheduler_minimum_lr", open(0.0), None),
    H::integer("early_stopping_patience", closed(1.0), None).or("3"),
    H::continuous("early_stopping_tolerance", open(0.0), None).or("0.001"),
    H::continuous("margin", closed(0.0), None).or("1.0"),
    H::continuous("quantile", open(0.0), open(1.0)).or("0.5"),
    H::continuous("loss_insensitivity", open(0.0), None).or("0.01"),
    H::continuous("huber_delta", closed(0.0), None).or("1.0"),
    H::one_of(
        "binary_classifier_model_selection_criteria",
        &["accuracy", "f_beta", "f1", "precision_at_target_recall", "recall_at_target_precision", "loss_function"],
    )
    .or("accuracy"),
    H::continuous("target_recall", open(0.0), open(1.0)).or("0.8"),
    H::continuous("target_precision", open(0.0), open(1.0)).or("0.8"),
    H::continuous("f_beta", open(0.0), None).or("1.0"),
    H::text("positive_example_weight_mult", crate::hyperparameter::Kind::Categorical).or("1.0").tunable(),
    H::one_of("balance_multiclass_weights", FLAG).or("false"),
    H::one_of("init_method", &["uniform", "normal"]).or("uniform"),
    H::continuous("init_scale", open(0.0), None).or("0.07"),
    H::continuous("init_sigma", open(0.0), None).or("0.01"),
    H::continuous("init_bias", None, None).or("0"),
    H::integer("num_calibration_samples", closed(1.0), None).or("10000000"),
    H::integer("num_point_for_scaler", closed(1.0), None).or("10000"),
    H::integer("accuracy_top_k", closed(1.0), None).or("3"),
];

pub fn rules(given: &BTreeMap<String, String>) -> Result<(), String> {
    let get = |name: &str| given.get(name).map(String::as_str);
    let predictor = get("predictor_type").unwrap_or_default();
    if predictor == "multiclass_classifier" && get("num_classes").is_none() {
        return Err("num_classes must be set for predictor_type multiclass_classifier".into());
    }
    if predictor != "multiclass_classifier" && get("num_classes").is_some() {
        return Err(format!("num_classes must not be set for predictor_type {predictor}"));
    }
    let loss = get("loss").unwrap_or("auto");
    let fits = match predictor {
        "binary_classifier" => matches!(loss, "auto" | "logistic" | "hinge_loss"),
        "multiclass_classifier" => matches!(loss, "auto" | "softmax_loss"),
        _ => !matches!(loss, "logistic" | "hinge_loss" | "softmax_loss"),
    };
    if !fits {
        return Err(format!("loss {loss} cannot be used with predictor_type {predictor}"));
    }
    let weight = get("positive_example_weight_mult").unwrap_or("1.0");
    match weight == "balanced" || weight.parse::<f64>().is_ok_and(|w| w > 0.0 && w.is_finite()) {
        true => Ok(()),
        false => {
            Err("Hyperparameter positive_example_weight_mult: could not parse value (caused by ValueError)".into())
        }
    }
}
