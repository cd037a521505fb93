//! XGBoost's hyperparameters, with the ranges and the rules that AWS's container checks before it trains.

use crate::hyperparameter::{Hyperparameter as H, Kind, closed, open};
use std::collections::BTreeMap;

const BIT: (Option<crate::hyperparameter::Bound>, Option<crate::hyperparameter::Bound>) = (closed(0.0), closed(1.0));

pub const HYPERPARAMETERS: &[H] = &[
    H::integer("num_round", closed(1.0), None).required().tunable(),
    H::one_of(
        "objective",
        &[
            "aft_loss_distribution",
            "binary:logistic",
            "binary:logitraw",
            "binary:hinge",
            "count:poisson",
            "multi:softmax",
            "multi:softprob",
            "rank:pairwise",
            "rank:ndcg",
            "rank:map",
            "reg:linear",
            "reg:squarederror",
            "reg:logistic",
            "reg:gamma",
            "reg:pseudohubererror",
            "reg:squaredlogerror",
            "reg:absoluteerror",
            "reg:tweedie",
            "survival:aft",
            "survival:cox",
        ],
    )
    .or("reg:squarederror"),
    H::integer("num_class", closed(2.0), None),
    H::text("eval_metric", Kind::List),
    H::integer("early_stopping_rounds", closed(1.0), None),
    H::continuous("eta", BIT.0, BIT.1).tunable().or("0.3"),
    H::continuous("gamma", closed(0.0), None).tunable().or("0"),
    H::integer("max_depth", closed(0.0), None).tunable().or("6"),
    H::continuous("min_child_weight", closed(0.0), None).tunable().or("1"),
    H::continuous("max_delta_step", closed(0.0), None).tunable().or("0"),
    H::continuous("subsample", open(0.0), closed(1.0)).tunable().or("1"),
    H::continuous("colsample_bytree", open(0.0), closed(1.0)).tunable().or("1"),
    H::continuous("colsample_bylevel", open(0.0), closed(1.0)).tunable().or("1"),
    H::continuous("colsample_bynode", open(0.0), closed(1.0)).tunable().or("1"),
    H::continuous("lambda", closed(0.0), None).tunable().or("1"),
    H::continuous("alpha", closed(0.0), None).tunable().or("0"),
    H::one_of("booster", &["gbtree", "gblinear", "dart"]).or("gbtree"),
    H::one_of("tree_method", &["auto", "exact", "approx", "hist", "gpu_hist"]).or("auto"),
    H::continuous("sketch_eps", open(0.0), open(1.0)).or("0.03"),
    H::continuous("scale_pos_weight", open(0.0), None).or("1"),
    H::text("updater", Kind::List),
    H::one_of("dsplit", &["row", "col"]),
    H::integer("refresh_leaf", BIT.0, BIT.1).or("1"),
    H::one_of("process_type", &["default", "update"]).or("default"),
    H::one_of("grow_policy", &["depthwise", "lossguide"]).or("depthwise"),
    H::integer("max_leaves", closed(0.0), None).or("0"),
    H::integer("max_bin", closed(0.0), None).or("256"),
    H::one_of("predictor", &["auto", "cpu_predictor", "gpu_predictor"]).or("auto"),
    H::text("monotone_constraints", Kind::Tuple),
    H::text("interaction_constraints", Kind::NestedList),
    H::one_of("sample_type", &["uniform", "weighted"]).or("uniform"),
    H::one_of("normalize_type", &["tree", "forest"]).or("tree"),
    H::continuous("rate_drop", BIT.0, BIT.1).or("0"),
    H::integer("one_drop", BIT.0, BIT.1).or("0"),
    H::continuous("skip_drop", BIT.0, BIT.1).or("0"),
    H::continuous("lambda_bias", BIT.0, BIT.1).or("0"),
    H::continuous("tweedie_variance_power", open(1.0), open(2.0)).or("1.5"),
    H::continuous("base_score", closed(0.0), None),
    H::integer("seed", open(-2147483648.0), open(2147483647.0)).or("0"),
    H::integer("num_parallel_tree", closed(1.0), None).or("1"),
    H::one_of("save_model_on_termination", &["true", "false"]).or("false"),
    H::one_of("aft_loss_distribution", &["normal", "logistic", "extreme"]).or("normal"),
    H::continuous("aft_loss_distribution_scale", closed(0.0), None),
    H::one_of("deterministic_histogram", &["true", "false"]).or("true"),
    H::one_of("sampling_method", &["uniform", "gradient_based"]).or("uniform"),
    H::integer("prob_buffer_row", open(1.0), None),
    H::one_of("use_dask_gpu_training", &["true", "false"]).or("false"),
    H::integer("csv_weights", BIT.0, BIT.1).or("0"),
    H::integer("verbosity", closed(0.0), closed(3.0)).or("1"),
    // The containers before 1.0 (`xgboost:1`, 0.90) have it; `verbosity` took its place.
    H::one_of("silent", &["0", "1", "true", "false"]),
    H::integer("nthread", closed(1.0), None),
    H::integer("_kfold", closed(2.0), None),
    H::integer("_num_cv_round", closed(1.0), None),
    H::text("_tuning_objective_metric", Kind::Categorical),
];

pub const ALIASES: &[(&str, &str)] =
    &[("learning_rate", "eta"), ("min_split_loss", "gamma"), ("reg_lambda", "lambda"), ("reg_alpha", "alpha")];

/// Metrics of which more is better; the others want less.
pub const MAXIMIZE: &[&str] = &[
    "accuracy",
    "auc",
    "aucpr",
    "balanced_accuracy",
    "f1",
    "f1_binary",
    "f1_macro",
    "map",
    "ndcg",
    "precision",
    "r2",
    "recall",
    "precision_macro",
    "precision_micro",
    "recall_macro",
    "recall_micro",
];
const MINIMIZE: &[&str] = &[
    "aft-nloglik",
    "cox-nloglik",
    "error",
    "gamma-deviance",
    "gamma-nloglik",
    "interval-regression-accuracy",
    "logloss",
    "mae",
    "mape",
    "merror",
    "mlogloss",
    "mphe",
    "mse",
    "poisson-nloglik",
    "rmse",
    "rmsle",
    "tweedie-nloglik",
];

/// The rules between hyperparameters.
pub fn rules(given: &BTreeMap<String, String>) -> Result<(), String> {
    let get = |name: &str| given.get(name).map(String::as_str);
    let objective = get("objective").unwrap_or("reg:squarederror");
    if matches!(objective, "multi:softmax" | "multi:softprob") && get("num_class").is_none() {
        return Err("Require input for parameter 'num_class' for multi-classification".into());
    }
    for metric in get("eval_metric").unwrap_or_default().split(',').filter(|m| !m.is_empty()) {
        eval_metric(metric, objective)?;
    }
    if let Some(metric) = get("_tuning_objective_metric") {
        eval_metric(metric.rsplit(':').next().unwrap_or(metric), objective)?;
    }
    if get("monotone_constraints").is_some() && !matches!(get("tree_method"), Some("exact" | "hist")) {
        return Err(
            "monotone_constraints can be used only when the tree_method parameter is set to either 'exact' or 'hist'."
                .into(),
        );
    }
    if get("interaction_constraints").is_some() && !matches!(get("tree_method"), Some("exact" | "hist" | "approx")) {
        return Err("interaction_constraints can be used only when the tree_method parameter is set to either 'exact', 'hist' or 'approx'.".into());
    }
    if get("_kfold").is_some() {
        return Err("Hyperparameter _kfold: cross validation inside a training job is not available here".into());
    }
    if get("use_dask_gpu_training") == Some("true") {
        return Err(
            "Some configurations unsuitable for Dask GPU training were found: this machine trains on its processor"
                .into(),
        );
    }
    updater(get("updater").unwrap_or_default(), get("booster"), get("process_type"))
}

fn eval_metric(metric: &str, objective: &str) -> Result<(), String> {
    if let Some((name, threshold)) = metric.split_once('@') {
        if !matches!(name.trim(), "error" | "ndcg" | "map") {
            return Err(format!(
                "Metric '{metric}' is not supported. Parameter 'eval_metric' with customized threshold should be one of these options: 'error', 'ndcg', 'map'."
            ));
        }
        return match threshold.trim().trim_end_matches('-').parse::<f64>() {
            Ok(_) => Ok(()),
            Err(_) => Err(format!("Threshold value 't' in '{}@t' expects float input.", name.trim())),
        };
    }
    if !MAXIMIZE.contains(&metric) && !MINIMIZE.contains(&metric) {
        let all: Vec<String> = MAXIMIZE.iter().chain(MINIMIZE).map(|m| format!("'{m}'")).collect();
        return Err(format!("Hyperparameter eval_metric: value ['{metric}'] not in range [{}]", all.join(", ")));
    }
    if metric == "auc" && !objective.starts_with("binary:") && !objective.starts_with("rank:") {
        return Err("Metric 'auc' can only be applied for classification and ranking problems.".into());
    }
    if metric == "aft-nloglik" && objective != "survival:aft" {
        return Err("Metric 'aft-nloglik' can only be applied for 'survival:aft' objective.".into());
    }
    Ok(())
}

fn updater(value: &str, booster: Option<&str>, process_type: Option<&str>) -> Result<(), String> {
    let names: Vec<&str> = value.split(',').filter(|n| !n.is_empty()).collect();
    const LINEAR: &[&str] = &["shotgun", "coord_descent"];
    const GROW: &[&str] = &["grow_colmaker", "distcol", "grow_histmaker", "grow_quantile_histmaker"];
    const TREE: &[&str] = &["grow_skmaker", "sync", "refresh", "prune"];
    if names.is_empty() {
        return Ok(());
    }
    if booster == Some("gblinear") {
        return match names.len() == 1 && LINEAR.contains(&names[0]) {
            true => Ok(()),
            false => Err("Linear updater should be one of these options: 'shotgun', 'coord_descent'.".into()),
        };
    }
    if process_type == Some("update") {
        return match names.iter().all(|n| matches!(*n, "refresh" | "prune")) {
            true => Ok(()),
            false => Err("process_type 'update' can only be used with updater 'refresh' and 'prune'".into()),
        };
    }
    if !names.iter().all(|n| GROW.contains(n) || TREE.contains(n)) {
        return Err("Tree updater should be selected from these options: 'grow_colmaker', 'distcol', 'grow_histmaker', 'grow_skmaker', 'grow_quantile_histmaker', 'sync', 'refresh', 'prune', 'shortgun', 'coord_descent'.".into());
    }
    match names.iter().filter(|n| GROW.contains(n)).count() > 1 {
        true => Err("Only one tree grow plugin can be selected. Choose one from thefollowing: 'grow_colmaker', 'distcol', 'grow_histmaker', 'grow_skmaker'".into()),
        false => Ok(()),
    }
}
