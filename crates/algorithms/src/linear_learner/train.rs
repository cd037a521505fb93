//! A training job of Linear Learner.

use super::{
    ALGORITHM,
    fit::{Fit, Sample, Scale},
    loss::Loss,
    metrics::{Confusion, roc_auc, threshold},
    model::{MODEL_FILE, Model, Predictor},
    settings::Settings,
};
use crate::{
    data::{Rows, Table, channel},
    log,
    opt_ml::{JobError, OptMl, check_channels, replace},
};
use std::collections::BTreeMap;

/// A channel's rows and labels, checked.
struct Set {
    name: &'static str,
    rows: Rows,
    labels: Vec<f32>,
}

/// Runs a training job under `opt_ml`.
pub fn train(opt_ml: &OptMl) -> Result<(), JobError> {
    let given = opt_ml.hyperparameters()?;
    ALGORITHM.validate(&given).map_err(JobError::User)?;
    let settings = Settings::new(&given);
    let channels = opt_ml.channels()?;
    check_channels(&channels, ALGORITHM.channels)?;
    let mut sets = Vec::new();
    for name in ["train", "validation", "test"] {
        if let Some(content_type) = channels.get(name) {
            sets.push(read(opt_ml, name, content_type.as_deref(), &settings)?);
        }
    }
    let width = sets[0].rows.width;
    if let Some(set) = sets.iter().find(|set| set.rows.width != width) {
        let text = format!("The {} channel has {} features, the train channel {width}", set.name, set.rows.width);
        return Err(JobError::User(text));
    }
    if let Some(dim) = settings.feature_dim.filter(|dim| *dim != width) {
        return Err(JobError::User(format!(
            "Mismatch between feature_dim ({dim}) and actual feature dimension ({width})"
        )));
    }
    let model = fit(&sets, &settings)?;
    for set in &sets {
        report(set, &model, &settings);
    }
    let bytes = serde_json::to_vec(&model).map_err(|e| JobError::Algorithm(e.to_string()))?;
    replace(&opt_ml.model().join(MODEL_FILE), &bytes)
}

fn read(opt_ml: &OptMl, name: &'static str, content_type: Option<&str>, settings: &Settings) -> Result<Set, JobError> {
    let format = match content_type.map(str::trim).filter(|t| !t.is_empty()) {
        None => channel::Format::RecordIo,
        Some(named) => channel::format(Some(named))?,
    };
    if format == channel::Format::Libsvm {
        return Err(JobError::User(format!(
            "Content-type {} is not supported. Supported content-types: application/x-recordio-protobuf, text/csv",
            content_type.unwrap_or_default()
        )));
    }
    let path = opt_ml.channel(name);
    let empty = || JobError::User(format!("No data in the {name} channel"));
    let table = channel::read(&path, format, false)?.ok_or_else(empty)?;
    let rows = table.dense(0.0);
    if let Some(row) = rows.iter().position(|row| row.iter().any(|v| !v.is_finite())) {
        return Err(JobError::User(format!("{name} row {}: a value is missing or not finite", row + 1)));
    }
    let Table { labels, .. } = table;
    let allowed = |label: f32| match settings.predictor {
        Predictor::Regressor => label.is_finite(),
        Predictor::BinaryClassifier => label == 0.0 || label == 1.0,
        Predictor::MulticlassClassifier { num_classes } => {
            label.fract() == 0.0 && label >= 0.0 && (label as usize) < num_classes
        }
    };
    match labels.iter().position(|label| !allowed(*label)) {
        Some(row) => Err(JobError::User(format!(
            "{name} row {}: label {} does not fit the predictor type",
            row + 1,
            labels[row]
        ))),
        None => Ok(Set { name, rows, labels }),
    }
}

/// Weights of the rows: the classes balanced or the positive one favoured, as the job asks.
fn row_weights(labels: &[f32], settings: &Settings) -> Vec<f64> {
    let mut counts: BTreeMap<i64, f64> = BTreeMap::new();
    labels.iter().for_each(|l| *counts.entry(*l as i64).or_default() += 1.0);
    let (rows, classes) = (labels.len() as f64, counts.len() as f64);
    let balanced = |label: f32| rows / (classes * counts[&(label as i64)]);
    let weight = |label: &f32| match (settings.predictor, settings.positive_weight) {
        (Predictor::BinaryClassifier, None) => balanced(*label),
        (Predictor::BinaryClassifier, Some(weight)) if *label == 1.0 => weight,
        (Predictor::MulticlassClassifier { .. }, _) if settings.balance_classes => balanced(*label),
        _ => 1.0,
    };
    labels.iter().map(weight).collect()
}

/// A fixed shuffle for each epoch, by SplitMix64 (Steele, Lea and Flood, 2014).
fn shuffled(n: usize, epoch: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    let mut state = epoch as u64;
    for i in (1..n).rev() {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        order.swap(i, ((z ^ (z >> 31)) % (i as u64 + 1)) as usize);
    }
    order
}

/// Trains all models side by side, prints the best one's objective at each epoch, and returns the best.
fn fit(sets: &[Set], settings: &Settings) -> Result<Model, JobError> {
    let train = &sets[0];
    let scale = Scale::of(&train.rows, &train.labels, settings);
    let sample = |set: &Set| scale.apply(&set.rows, &set.labels, row_weights(&set.labels, settings));
    let samples: Vec<Sample> = sets.iter().filter(|s| s.name != "test").map(sample).collect();
    let mut fits: Vec<Fit> =
        settings.learning_rates.iter().map(|rate| Fit::new(settings, train.rows.width, *rate)).collect();
    let objective = settings.loss.objective();
    for epoch in 0..settings.epochs {
        let order = shuffled(train.labels.len(), epoch);
        // Losses of the live models: in training, and where they are chosen by.
        let mut seen: Vec<(f64, f64)> = Vec::new();
        for fit in fits.iter_mut().filter(|fit| fit.stale < settings.patience) {
            let training = fit.epoch(&samples[0], &order, settings);
            let chosen = fit.objective(samples.last().unwrap_or(&samples[0]), settings.loss);
            fit.remember(chosen, settings.tolerance);
            seen.push((training, chosen));
        }
        let Some((training, chosen)) = seen.into_iter().min_by(|a, b| a.1.total_cmp(&b.1)) else { break };
        log::raw(&format!("#quality_metric: host=algo-1, epoch={epoch}, train {objective} <loss>={training}"));
        if samples.len() > 1 {
            log::raw(&format!("#quality_metric: host=algo-1, epoch={epoch}, validation {objective} <loss>={chosen}"));
        }
        log::raw(&format!(
            "#early_stopping_criteria_metric: host=algo-1, epoch={epoch}, criteria={objective}, value={chosen}"
        ));
        let done = 100.0 * (epoch + 1) as f64 / settings.epochs as f64;
        log::raw(&format!("#progress_metric: host=algo-1, completed {done:.2} % of epochs"));
    }
    let best = fits.iter().min_by(|a, b| a.best.total_cmp(&b.best));
    let best = best.filter(|fit| fit.best.is_finite());
    let best =
        best.ok_or_else(|| JobError::User("The loss did not stay finite; a smaller learning_rate may help".into()))?;
    let (weights, bias) = best.parts();
    let (weights, bias) = scale.undo(weights, bias);
    let width = train.rows.width;
    let means =
        (0..width).map(|j| train.rows.iter().map(|row| f64::from(row[j])).sum::<f64>() / train.labels.len() as f64);
    let mut model = Model {
        predictor: settings.predictor,
        probability: matches!(settings.loss, Loss::Logistic | Loss::Softmax),
        num_features: width,
        weights,
        bias,
        threshold: 0.0,
        typical_row: means.collect(),
    };
    let usual = if model.probability { 0.5 } else { 0.0 };
    let calibration = sets.iter().rfind(|set| set.name != "test").unwrap_or(train);
    model.threshold = match settings.predictor {
        Predictor::BinaryClassifier => {
            threshold(&scores(calibration, &model), &calibration.labels, settings.criterion, usual)
        }
        _ => usual,
    };
    Ok(model)
}

/// The first score of each row.
fn scores(set: &Set, model: &Model) -> Vec<f64> {
    let mut out = vec![0.0; model.bias.len()];
    let first = |row: &[f32]| {
        model.scores(row, &mut out);
        out[0]
    };
    set.rows.iter().map(first).collect()
}

/// Prints the final metrics of a channel.
fn report(set: &Set, model: &Model, settings: &Settings) {
    let line = |name: &str, kind: &str, value: f64| {
        log::raw(&format!("#quality_metric: host=algo-1, {} {name} <{kind}>={value}", set.name));
    };
    let n = set.labels.len().max(1) as f64;
    match settings.predictor {
        Predictor::Regressor => {
            let errors: Vec<f64> = scores(set, model).iter().zip(&set.labels).map(|(s, l)| s - f64::from(*l)).collect();
            let mse = errors.iter().map(|e| e * e).sum::<f64>() / n;
            line("mse", "loss", mse);
            line("rmse", "loss", mse.sqrt());
            line("absolute_loss", "loss", errors.iter().map(|e| e.abs()).sum::<f64>() / n);
        }
        Predictor::BinaryClassifier => {
            let scores = scores(set, model);
            let confusion = Confusion::at(&scores, &set.labels, model.threshold);
            line("binary_classification_accuracy", "score", confusion.accuracy());
            line("precision", "score", confusion.precision());
            line("recall", "score", confusion.recall());
            line("binary_f_beta", "score", confusion.f_beta(settings.f_beta));
            line("roc_auc_score", "score", roc_auc(&scores, &set.labels));
        }
        Predictor::MulticlassClassifier { .. } => {
            let mut out = vec![0.0; model.bias.len()];
            let right = |(row, label): (&[f32], &f32)| {
                model.scores(row, &mut out);
                model.label(&out) == Some(*label as i64)
            };
            let hits = set.rows.iter().zip(&set.labels).map(right).filter(|hit| *hit).count();
            line("multiclass_accuracy", "score", hits as f64 / n);
        }
    }
}
