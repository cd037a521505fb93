//! A training job: channels in, rounds of boosting with a metric line each, `xgboost-model` out.

use super::{
    MODEL_FILE,
    hyperparameters::MAXIMIZE,
    library::{Booster, Library, Matrix, XgboostError},
    metrics::{self, CUSTOM},
    objective::Objective,
};
use crate::{
    data::{Table, channel},
    log,
    opt_ml::{JobError, OptMl, check_channels, replace},
};
use std::{
    collections::BTreeMap,
    path::Path,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
};

/// Hyperparameters that are the container's own, or that XGBoost has dropped since.
const NOT_XGBOOSTS: &[&str] = &[
    "num_round",
    "csv_weights",
    "early_stopping_rounds",
    "save_model_on_termination",
    "eval_metric",
    "_kfold",
    "_num_cv_round",
    "_tuning_objective_metric",
    "use_dask_gpu_training",
    "predictor",
    "dsplit",
    "sketch_eps",
    "deterministic_histogram",
    "prob_buffer_row",
    "silent",
];

/// What XGBoost says when the data or the hyperparameters are at fault.
const USER_ERRORS: &[&str] = &[
    "label must be in [0,1] for logistic regression",
    "label must be in [0, num_class)",
    "feature_names mismatch",
    "preds.size() == info.labels_.size()",
    "AUC: the dataset only contains pos or neg samples",
    "base_score must be in (0,1)",
    "label must be nonnegative",
    "label must be non-negative",
    "label must be positive",
    "reg_lambda should be greater equal to 0",
];

impl From<XgboostError> for JobError {
    fn from(error: XgboostError) -> JobError {
        // The reason stands before the stack trace, which would fill the 1,024 characters of the failure file.
        let text = error.0.split("Stack trace:").next().unwrap_or_default().trim();
        match USER_ERRORS.iter().any(|known| text.contains(known)) {
            true => JobError::User(text.to_string()),
            false => JobError::Algorithm(format!("XGB train call failed with exception:\n {text}")),
        }
    }
}

/// Set by SIGTERM where the job asked for its model then.
static TERMINATED: AtomicBool = AtomicBool::new(false);

extern "C" fn on_sigterm(_: nix::libc::c_int) {
    TERMINATED.store(true, Relaxed);
}

fn catch_sigterm() {
    use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};
    let action = SigAction::new(SigHandler::Handler(on_sigterm), SaFlags::SA_RESTART, SigSet::empty());
    // SAFETY: the handler stores to an atomic and does nothing else.
    if let Err(e) = unsafe { sigaction(Signal::SIGTERM, &action) } {
        log::warning(&format!("cannot save the model on termination: {e}"));
    }
}

/// Runs a training job under `opt_ml` with the library at `library`.
pub fn train(opt_ml: &OptMl, library: &Path) -> Result<(), JobError> {
    log::info("Running XGBoost Sagemaker in algorithm mode");
    let given = opt_ml.hyperparameters()?;
    super::ALGORITHM.validate(&given).map_err(JobError::User)?;
    let given = super::ALGORITHM.without_aliases(&given);
    let channels = opt_ml.channels()?;
    check_channels(&channels, super::ALGORITHM.channels)?;
    let format = channel::format(channels.get("train").and_then(|c| c.as_deref()))?;
    let weighted = given.get("csv_weights").is_some_and(|v| v == "1");
    let read = |name: &str| -> Result<Option<Table>, JobError> {
        if !channels.contains_key(name) {
            return Ok(None);
        }
        let path = opt_ml.channel(name);
        let described = if name == "train" { "training" } else { name };
        let empty = || JobError::User(format!("No data in {described} channel path {}", path.display()));
        Ok(Some(channel::read(&path, format, weighted)?.ok_or_else(empty)?))
    };
    let (train, validation) = (read("train")?.ok_or_else(|| JobError::User("No data".into()))?, read("validation")?);
    for table in [Some(&train), validation.as_ref()].into_iter().flatten() {
        check_labels(table, &given)?;
    }
    let library = Library::open(library).map_err(|e| JobError::Algorithm(e.to_string()))?;
    let bytes =
        Training { library: &library, given: &given, train: &train, validation: validation.as_ref(), opt_ml }.run()?;
    replace(&opt_ml.model().join(MODEL_FILE), &bytes)
}

/// Labels that the objective cannot take, said in XGBoost's words and with the row, which XGBoost does not name.
fn check_labels(table: &Table, given: &BTreeMap<String, String>) -> Result<(), JobError> {
    let num_class: f32 = given.get("num_class").and_then(|n| n.trim().parse().ok()).unwrap_or(0.0);
    let (allowed, rule): (&dyn Fn(f32) -> bool, &str) = match given.get("objective").map(String::as_str) {
        Some("binary:logistic" | "binary:logitraw" | "reg:logistic") => {
            (&|label| (0.0..=1.0).contains(&label), "label must be in [0,1] for logistic regression")
        }
        Some("multi:softmax" | "multi:softprob") => {
            (&|label| label >= 0.0 && label < num_class && label.fract() == 0.0, "label must be in [0, num_class)")
        }
        Some("count:poisson") => (&|label| label >= 0.0, "PoissonRegression: label must be nonnegative"),
        Some("reg:tweedie") => (&|label| label >= 0.0, "TweedieRegression: label must be nonnegative"),
        Some("reg:gamma") => (&|label| label > 0.0, "GammaRegression: label must be positive"),
        _ => return Ok(()),
    };
    match table.labels.iter().position(|label| !allowed(*label)) {
        Some(row) => Err(JobError::User(format!("{rule} (row {} has the label {})", row + 1, table.labels[row]))),
        None => Ok(()),
    }
}

struct Training<'a> {
    library: &'a Library,
    given: &'a BTreeMap<String, String>,
    train: &'a Table,
    validation: Option<&'a Table>,
    opt_ml: &'a OptMl,
}

impl Training<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        self.given.get(name).map(String::as_str)
    }

    /// Trains and returns the model file.
    fn run(&self) -> Result<Vec<u8>, JobError> {
        log::info("Single node training.");
        let train = self.library.matrix(self.train)?;
        let validation = self.validation.map(|table| self.library.matrix(table)).transpose()?;
        log::info(&format!("Train matrix has {} rows and {} columns", self.train.num_rows(), self.train.num_columns));
        let mut sets = vec![("train", &train, self.train)];
        if let (Some(matrix), Some(table)) = (&validation, self.validation) {
            log::info(&format!("Validation matrix has {} rows", table.num_rows()));
            sets.push(("validation", matrix, table));
        }
        let matrices: Vec<&Matrix<'_>> = sets.iter().map(|(_, matrix, _)| *matrix).collect();
        let booster = self.library.booster(&matrices)?;
        let custom = self.configure(&booster)?;
        let rounds: i32 = self.get("num_round").and_then(|n| n.trim().parse().ok()).unwrap_or(1);
        let keeps = self.get("save_model_on_termination") == Some("true");
        if keeps {
            catch_sigterm();
        }
        let mut stop = self.early_stop(validation.is_some());
        for round in 0..rounds {
            booster.update(round, &train)?;
            let line = self.evaluate(&booster, round, &sets, &custom)?;
            if keeps && TERMINATED.load(Relaxed) {
                log::info("Stopped by SIGTERM; the model has the rounds up to here");
                break;
            }
            if stop.as_mut().map(|stop| stop.see(round, &line)).transpose()?.unwrap_or(false) {
                break;
            }
        }
        self.finish(booster, stop)
    }

    /// The best rounds only where the job stopped early, as the container's `save_best` does.
    fn finish(&self, booster: Booster<'_>, stop: Option<EarlyStop>) -> Result<Vec<u8>, JobError> {
        let best = stop.filter(|_| self.get("booster") != Some("gblinear"));
        let model = match &best {
            Some(stop) => {
                let model = booster.first_rounds(stop.best_round + 1)?;
                model.set_attribute("best_iteration", &stop.best_round.to_string())?;
                model.set_attribute("best_score", &stop.best.to_string())?;
                model
            }
            None => booster,
        };
        let bytes = model.save("ubj")?;
        log::info(&format!("Stored trained model at {}", self.opt_ml.model().join(MODEL_FILE).display()));
        Ok(bytes)
    }

    fn metrics(&self) -> Vec<String> {
        let tuned = self.get("_tuning_objective_metric").map(|m| m.rsplit(':').next().unwrap_or(m).to_string());
        let mut names: Vec<String> =
            self.get("eval_metric").unwrap_or_default().split(',').map(|m| m.trim().to_string()).collect();
        names.extend(tuned);
        names.retain(|name| !name.is_empty());
        let mut seen = Vec::new();
        names.retain(|name| {
            !seen.contains(name) && {
                seen.push(name.clone());
                true
            }
        });
        names
    }

    /// Hands the hyperparameters on; returns the metrics that XGBoost does not know.
    fn configure(&self, booster: &Booster<'_>) -> Result<Vec<String>, JobError> {
        for (name, value) in self.given.iter().filter(|(name, _)| !NOT_XGBOOSTS.contains(&name.as_str())) {
            let value = match (name.as_str(), value.as_str()) {
                ("objective", "reg:linear") => "reg:squarederror",
                ("tree_method", "gpu_hist") => {
                    log::warning("This machine trains on its processor: tree_method gpu_hist becomes hist");
                    "hist"
                }
                (_, value) => value,
            };
            booster.set_param(name, value)?;
        }
        let (custom, own): (Vec<String>, Vec<String>) =
            self.metrics().into_iter().partition(|m| CUSTOM.contains(&m.as_str()));
        for metric in &own {
            booster.set_param("eval_metric", metric)?;
        }
        Ok(custom)
    }

    /// Evaluates a round and prints its line; the values in the order of the line.
    fn evaluate(
        &self,
        booster: &Booster<'_>,
        round: i32,
        sets: &[(&str, &Matrix<'_>, &Table)],
        custom: &[String],
    ) -> Result<Vec<(String, f64)>, JobError> {
        let named: Vec<(&str, &Matrix<'_>)> = sets.iter().map(|(name, matrix, _)| (*name, *matrix)).collect();
        let mut values = booster.evaluate(round, &named)?;
        if !custom.is_empty() {
            let objective = Objective::named(self.get("objective").unwrap_or("reg:squarederror"));
            for (name, matrix, table) in sets {
                let margins = booster.predict(matrix, true)?;
                let mut predictions = margins.clone();
                if let Ok(objective) = objective
                    && margins.len() == table.num_rows()
                {
                    for prediction in predictions.iter_mut() {
                        objective.transform(std::slice::from_mut(prediction));
                    }
                }
                let value =
                    |m: &String| (format!("{name}-{m}"), metrics::metric(m, &table.labels, &margins, &predictions));
                values.extend(custom.iter().map(value));
            }
        }
        // CloudWatch takes a tab in as #011, and the metrics' regular expressions are written for that.
        let shown: Vec<String> = values.iter().map(|(name, value)| format!("#011{name}:{value:.5}")).collect();
        log::raw(&format!("[{round}]{}", shown.concat()));
        Ok(values)
    }

    /// Early stopping needs rounds, a validation channel and a metric by name, as in the container.
    fn early_stop(&self, validated: bool) -> Option<EarlyStop> {
        let patience = self.get("early_stopping_rounds")?.trim().parse().ok()?;
        let tuned = self.get("_tuning_objective_metric").map(|m| m.rsplit(':').next().unwrap_or(m).to_string());
        let metric = tuned.or_else(|| self.get("eval_metric")?.split(',').next_back().map(str::to_string))?;
        let maximize = MAXIMIZE.contains(&metric.split('@').next().unwrap_or_default());
        validated.then(|| EarlyStop {
            metric: format!("validation-{metric}"),
            maximize,
            patience,
            best_round: 0,
            best: f64::NAN,
        })
    }
}

/// Stops after so many rounds without a better value on the validation channel.
struct EarlyStop {
    metric: String,
    maximize: bool,
    patience: i32,
    best_round: i32,
    best: f64,
}

impl EarlyStop {
    /// Whether to stop after this round.
    fn see(&mut self, round: i32, values: &[(String, f64)]) -> Result<bool, JobError> {
        let found = values.iter().find(|(name, _)| *name == self.metric);
        let missing = || JobError::User(format!("early stopping has no metric {} to watch", self.metric));
        let value = found.ok_or_else(missing)?.1;
        let better = if self.maximize { value > self.best } else { value < self.best };
        if better || self.best.is_nan() {
            (self.best, self.best_round) = (value, round);
        }
        Ok(round - self.best_round >= self.patience)
    }
}
