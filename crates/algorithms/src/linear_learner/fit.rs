//! One model being trained: its parameters, its optimizer and the data on their normalised scale.

use super::{loss::Loss, optimizer::Optimizer, settings::Settings};
use crate::data::Rows;

/// Features and labels as the optimizer sees them.
#[derive(Debug)]
pub struct Sample {
    pub features: Vec<f64>,
    pub labels: Vec<f64>,
    /// One for each row.
    pub weights: Vec<f64>,
}

/// Means and standard deviations that bring data to mean 0 and deviation 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Scale {
    pub means: Vec<f64>,
    pub deviations: Vec<f64>,
    pub label_mean: f64,
    pub label_deviation: f64,
}

fn mean_and_deviation(values: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let n = values.clone().count().max(1) as f64;
    let mean = values.clone().sum::<f64>() / n;
    let deviation = (values.map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt();
    // A constant column carries nothing; dividing by 1 keeps it at 0.
    (mean, if deviation > 1e-12 { deviation } else { 1.0 })
}

impl Scale {
    pub fn of(rows: &Rows, labels: &[f32], settings: &Settings) -> Scale {
        let column = |j: usize| rows.values.iter().skip(j).step_by(rows.width.max(1)).map(|v| f64::from(*v));
        let (means, deviations) = match settings.normalize_data {
            true => (0..rows.width).map(|j| mean_and_deviation(column(j))).unzip(),
            false => (vec![0.0; rows.width], vec![1.0; rows.width]),
        };
        let (label_mean, label_deviation) = match settings.normalize_label {
            true => mean_and_deviation(labels.iter().map(|l| f64::from(*l))),
            false => (0.0, 1.0),
        };
        Scale { means, deviations, label_mean, label_deviation }
    }

    pub fn apply(&self, rows: &Rows, labels: &[f32], weights: Vec<f64>) -> Sample {
        let scaled = |row: &[f32]| -> Vec<f64> {
            let parts = row.iter().zip(&self.means).zip(&self.deviations);
            parts.map(|((x, mean), deviation)| (f64::from(*x) - mean) / deviation).collect()
        };
        Sample {
            features: rows.iter().flat_map(scaled).collect(),
            labels: labels.iter().map(|l| (f64::from(*l) - self.label_mean) / self.label_deviation).collect(),
            weights,
        }
    }

    /// Weights and bias on the scale of the data: y = d_y (w (x - m) / d + b) + m_y.
    pub fn undo(&self, weights: &[f64], bias: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let width = self.means.len();
        let raw: Vec<f64> =
            weights.iter().enumerate().map(|(i, w)| w / self.deviations[i % width] * self.label_deviation).collect();
        let shift = |(k, b): (usize, &f64)| {
            let moved: f64 = raw[k * width..(k + 1) * width].iter().zip(&self.means).map(|(w, m)| w * m).sum();
            b * self.label_deviation + self.label_mean - moved
        };
        let bias = bias.iter().enumerate().map(shift).collect();
        (raw, bias)
    }
}

/// A model in training.
#[derive(Debug)]
pub struct Fit {
    /// `weights`, then a bias for each output.
    parameters: Vec<f64>,
    outputs: usize,
    width: usize,
    optimizer: Optimizer,
    learning_rate: f64,
    steps: usize,
    /// The least objective yet with its parameters, and how many epochs ago it was.
    pub best: f64,
    best_parameters: Vec<f64>,
    pub stale: usize,
}

impl Fit {
    pub fn new(settings: &Settings, width: usize, learning_rate: f64) -> Fit {
        let outputs = settings.predictor.outputs();
        let n = (width + 1) * outputs;
        Fit {
            // Zero is a good beginning for a convex loss, and two runs agree.
            parameters: vec![0.0; n],
            outputs,
            width,
            optimizer: Optimizer::new(settings.rule, n),
            learning_rate,
            steps: 0,
            best: f64::INFINITY,
            best_parameters: vec![0.0; n],
            stale: 0,
        }
    }

    fn scores(&self, row: &[f64], out: &mut [f64]) {
        let bias = &self.parameters[self.width * self.outputs..];
        for ((score, bias), weights) in out.iter_mut().zip(bias).zip(self.parameters.chunks_exact(self.width)) {
            *score = bias + weights.iter().zip(row).map(|(w, x)| w * x).sum::<f64>();
        }
    }

    /// One pass over the rows in `order`; returns the mean loss seen on the way.
    pub fn epoch(&mut self, sample: &Sample, order: &[usize], settings: &Settings) -> f64 {
        let mut gradient = vec![0.0; self.parameters.len()];
        let mut scores = vec![0.0; self.outputs];
        let (mut total, mut weight) = (0.0, 0.0);
        for batch in order.chunks(settings.mini_batch_size.max(1)) {
            gradient.fill(0.0);
            for &i in batch {
                let row = &sample.features[i * self.width..(i + 1) * self.width];
                self.scores(row, &mut scores);
                total += settings.loss.step(&mut scores, sample.labels[i]) * sample.weights[i];
                weight += sample.weights[i];
                for (k, slope) in scores.iter().enumerate() {
                    let slope = slope * sample.weights[i] / batch.len() as f64;
                    let part = &mut gradient[k * self.width..(k + 1) * self.width];
                    part.iter_mut().zip(row).for_each(|(g, x)| *g += slope * x);
                    if settings.use_bias {
                        gradient[self.width * self.outputs + k] += slope;
                    }
                }
            }
            self.penalise(&mut gradient, settings);
            let rate = self.rate(settings);
            self.optimizer.step(&mut self.parameters, &gradient, rate);
        }
        total / weight.max(f64::MIN_POSITIVE)
    }

    /// Weight decay and the L1 penalty; the bias goes free.
    fn penalise(&self, gradient: &mut [f64], settings: &Settings) {
        let weights = &self.parameters[..self.width * self.outputs];
        for (g, w) in gradient.iter_mut().zip(weights) {
            let side = if *w == 0.0 { 0.0 } else { w.signum() };
            *g += settings.wd * w + settings.l1 * side;
        }
    }

    fn rate(&mut self, settings: &Settings) -> f64 {
        self.steps += 1;
        let Some((every, factor, least)) = settings.schedule else { return self.learning_rate };
        (self.learning_rate * factor.powi((self.steps / every.max(1)) as i32)).max(least.min(self.learning_rate))
    }

    /// The mean loss on a sample.
    pub fn objective(&self, sample: &Sample, loss: Loss) -> f64 {
        let mut scores = vec![0.0; self.outputs];
        let (mut total, mut weight) = (0.0, 0.0);
        for (i, row) in sample.features.chunks_exact(self.width).enumerate() {
            self.scores(row, &mut scores);
            total += loss.step(&mut scores, sample.labels[i]) * sample.weights[i];
            weight += sample.weights[i];
        }
        total / weight.max(f64::MIN_POSITIVE)
    }

    /// Remembers the parameters where the objective is better by more than the tolerance.
    pub fn remember(&mut self, objective: f64, tolerance: f64) {
        let needed = if self.best.is_finite() { self.best - tolerance * self.best.abs() } else { self.best };
        self.stale = if objective < needed { 0 } else { self.stale + 1 };
        if objective < self.best {
            self.best = objective;
            self.best_parameters.copy_from_slice(&self.parameters);
        }
    }

    /// Weights and biases at the best objective.
    pub fn parts(&self) -> (&[f64], &[f64]) {
        self.best_parameters.split_at(self.width * self.outputs)
    }
}
