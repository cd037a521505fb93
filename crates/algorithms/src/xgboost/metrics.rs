//! The metrics that AWS's container adds to XGBoost's own (it takes them from scikit-learn).

/// Names of the metrics computed here.
pub const CUSTOM: &[&str] = &[
    "accuracy",
    "balanced_accuracy",
    "f1",
    "f1_binary",
    "f1_macro",
    "mse",
    "precision",
    "precision_macro",
    "precision_micro",
    "r2",
    "recall",
    "recall_macro",
    "recall_micro",
];

/// A metric of margins (`groups` for each row) against labels; `predictions` are the margins after the objective's
/// transformation, one for each row, for the metrics of regression.
pub fn metric(name: &str, labels: &[f32], margins: &[f32], predictions: &[f32]) -> f64 {
    match name {
        "mse" => squared_error(labels, predictions) / labels.len().max(1) as f64,
        "r2" => r2(labels, predictions),
        _ => classification(name, labels, &classes(labels.len(), margins)),
    }
}

/// The class that each row's margins mean: the greatest of several, or whether the one is above 0.
fn classes(rows: usize, margins: &[f32]) -> Vec<u32> {
    match margins.len() / rows.max(1) {
        0 | 1 => margins.iter().map(|m| u32::from(*m > 0.0)).collect(),
        groups => margins.chunks_exact(groups).map(|row| super::objective::argmax(row) as u32).collect(),
    }
}

fn squared_error(labels: &[f32], predictions: &[f32]) -> f64 {
    labels.iter().zip(predictions).map(|(l, p)| f64::from(l - p).powi(2)).sum()
}

fn r2(labels: &[f32], predictions: &[f32]) -> f64 {
    let mean = labels.iter().map(|l| f64::from(*l)).sum::<f64>() / labels.len().max(1) as f64;
    let total: f64 = labels.iter().map(|l| (f64::from(*l) - mean).powi(2)).sum();
    1.0 - squared_error(labels, predictions) / total
}

/// Of one class: hits, how often it was said, how often it was so.
struct Tally {
    class: u32,
    hits: f64,
    said: f64,
    real: f64,
}

fn ratio(a: f64, b: f64) -> f64 {
    if b > 0.0 { a / b } else { 0.0 }
}

impl Tally {
    fn precision(&self) -> f64 {
        ratio(self.hits, self.said)
    }

    fn recall(&self) -> f64 {
        ratio(self.hits, self.real)
    }

    fn f1(&self) -> f64 {
        ratio(2.0 * self.hits, self.said + self.real)
    }
}

fn classification(name: &str, labels: &[f32], said: &[u32]) -> f64 {
    let real: Vec<u32> = labels.iter().map(|l| *l as u32).collect();
    let mut classes: Vec<u32> = real.iter().chain(said).copied().collect();
    classes.sort_unstable();
    classes.dedup();
    let tally = |class: u32| Tally {
        class,
        hits: real.iter().zip(said).filter(|(r, s)| **r == class && **s == class).count() as f64,
        said: said.iter().filter(|s| **s == class).count() as f64,
        real: real.iter().filter(|r| **r == class).count() as f64,
    };
    let tallies: Vec<Tally> = classes.into_iter().map(tally).collect();
    let mean = |of: fn(&Tally) -> f64| ratio(tallies.iter().map(of).sum(), tallies.len() as f64);
    let one = |of: fn(&Tally) -> f64| tallies.iter().find(|t| t.class == 1).map_or(0.0, of);
    let hits: f64 = tallies.iter().map(|t| t.hits).sum();
    match name {
        // Micro averages over all classes are the share of hits.
        "accuracy" | "precision_micro" | "recall_micro" => ratio(hits, labels.len() as f64),
        "balanced_accuracy" => {
            let present: Vec<f64> = tallies.iter().filter(|t| t.real > 0.0).map(Tally::recall).collect();
            ratio(present.iter().sum(), present.len() as f64)
        }
        "f1" | "f1_macro" => mean(Tally::f1),
        "f1_binary" => one(Tally::f1),
        "precision" => one(Tally::precision),
        "precision_macro" => mean(Tally::precision),
        "recall" => one(Tally::recall),
        "recall_macro" => mean(Tally::recall),
        _ => f64::NAN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, expected: f64) {
        // Classes said: 1 1 0 0 1 against 1 0 0 1 1. Expected values are scikit-learn's.
        let value = metric(name, &[1., 0., 0., 1., 1.], &[2., 1., -1., -2., 3.], &[1., 1., 0., 0., 1.]);
        assert!((value - expected).abs() < 1e-12, "{name} is {value}");
    }

    #[test]
    fn as_scikit_learn_gives_them() {
        check("accuracy", 0.6);
        check("balanced_accuracy", 7.0 / 12.0);
        check("f1", 7.0 / 12.0);
        check("f1_binary", 2.0 / 3.0);
        check("precision", 2.0 / 3.0);
        check("precision_macro", 7.0 / 12.0);
        check("recall_micro", 0.6);
        check("recall_macro", 7.0 / 12.0);
        check("mse", 0.4);
        check("r2", 1.0 - 2.0 / 1.2);
        assert_eq!(metric("accuracy", &[2., 0.], &[0., 0., 1., 5., 0., 0.], &[]), 1.0);
        assert!(CUSTOM.iter().all(|name| !metric(name, &[1., 0.], &[1., -1.], &[1., 0.]).is_nan()));
    }
}
