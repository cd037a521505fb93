//! What an objective makes of the margins: the model's output, and the base score on the margin's scale.
//!
//! Formulas: XGBoost's `src/objective` (`PredTransform` and `ProbToMargin`), in 32-bit floats as there.

/// How margins become predictions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Objective {
    /// Regression, ranking and `binary:logitraw`: the margin itself.
    Identity,
    /// `binary:logistic`, `reg:logistic`.
    Logistic,
    /// `binary:hinge`: 1 above 0.
    Hinge,
    /// `count:poisson`, `reg:gamma`, `reg:tweedie`, `survival:*`.
    Exp,
    /// `multi:softprob`: a probability for each class.
    Softprob,
    /// `multi:softmax`: the class of the greatest margin.
    Softmax,
}

impl Objective {
    pub fn named(name: &str) -> Result<Objective, String> {
        Ok(match name {
            "reg:squarederror"
            | "reg:linear"
            | "reg:squaredlogerror"
            | "reg:pseudohubererror"
            | "reg:absoluteerror"
            | "reg:quantileerror"
            | "reg:expectileerror"
            | "binary:logitraw" => Objective::Identity,
            name if name.starts_with("rank:") => Objective::Identity,
            "reg:logistic" | "binary:logistic" => Objective::Logistic,
            "binary:hinge" => Objective::Hinge,
            "count:poisson" | "reg:gamma" | "reg:tweedie" | "survival:cox" | "survival:aft" => Objective::Exp,
            "multi:softprob" => Objective::Softprob,
            "multi:softmax" => Objective::Softmax,
            other => return Err(format!("objective {other} is not known")),
        })
    }

    /// The base score, which the model file holds on the prediction's scale, as a margin.
    pub fn margin(self, base_score: f32) -> f32 {
        match self {
            Objective::Logistic => -(1.0 / base_score - 1.0).ln(),
            Objective::Exp => base_score.ln(),
            _ => base_score,
        }
    }

    /// Predictions for one row from `num_groups` margins.
    pub fn outputs(self, num_groups: usize) -> usize {
        if self == Objective::Softmax { 1 } else { num_groups }
    }

    /// Turns a row's margins into its predictions, in place; returns how many there are.
    pub fn transform(self, margins: &mut [f32]) -> usize {
        match self {
            Objective::Identity => {}
            Objective::Logistic => margins.iter_mut().for_each(|m| *m = sigmoid(*m)),
            Objective::Hinge => margins.iter_mut().for_each(|m| *m = if *m > 0.0 { 1.0 } else { 0.0 }),
            Objective::Exp => margins.iter_mut().for_each(|m| *m = m.exp()),
            Objective::Softprob => softmax(margins),
            Objective::Softmax => margins[0] = argmax(margins) as f32,
        }
        self.outputs(margins.len())
    }
}

fn sigmoid(x: f32) -> f32 {
    1.0 / ((-x).min(88.7).exp() + 1.0 + 1e-16)
}

/// The first of the greatest.
pub fn argmax(values: &[f32]) -> usize {
    let better = |best: usize, (i, v): (usize, &f32)| if *v > values[best] { i } else { best };
    values.iter().enumerate().fold(0, better)
}

fn softmax(values: &mut [f32]) {
    let most = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0f64;
    for v in values.iter_mut() {
        *v = (*v - most).exp();
        sum += f64::from(*v);
    }
    values.iter_mut().for_each(|v| *v /= sum as f32);
}
