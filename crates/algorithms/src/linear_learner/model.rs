//! Linear Learner's artefact: weights on the data's own scale, as JSON that a person can read.

use super::loss::{sigmoid, softmax};
use serde::{Deserialize, Serialize};

/// The file in the model directory.
pub const MODEL_FILE: &str = "linear-learner.json";

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Predictor {
    Regressor,
    BinaryClassifier,
    MulticlassClassifier { num_classes: usize },
}

impl Predictor {
    /// Scores for each row.
    pub fn outputs(self) -> usize {
        if let Predictor::MulticlassClassifier { num_classes } = self { num_classes } else { 1 }
    }
}

/// A trained model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Model {
    pub predictor: Predictor,
    /// Whether the score is a probability (logistic and softmax losses) or the plain linear score.
    pub probability: bool,
    pub num_features: usize,
    /// `weights[output * num_features + feature]`.
    pub weights: Vec<f64>,
    /// One for each output.
    pub bias: Vec<f64>,
    /// A binary classifier says 1 from this score on.
    pub threshold: f64,
    /// Means of the features in training, for a sample request.
    pub typical_row: Vec<f64>,
}

impl Model {
    /// Reads the artefact; sizes must agree.
    pub fn parse(bytes: &[u8]) -> Result<Model, String> {
        let model: Model = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
        let outputs = model.predictor.outputs();
        let sizes = outputs > 0 && model.num_features > 0 && model.bias.len() == outputs;
        match sizes && Some(model.weights.len()) == model.num_features.checked_mul(outputs) {
            true => Ok(model),
            false => Err("the number of weights does not fit the features and outputs".into()),
        }
    }

    /// Writes a row's scores, one for each output.
    pub fn scores(&self, row: &[f32], out: &mut [f64]) {
        for ((score, bias), weights) in out.iter_mut().zip(&self.bias).zip(self.weights.chunks_exact(self.num_features))
        {
            *score = bias + weights.iter().zip(row).map(|(w, x)| w * f64::from(*x)).sum::<f64>();
        }
        match self.predictor {
            Predictor::BinaryClassifier if self.probability => out[0] = sigmoid(out[0]),
            Predictor::MulticlassClassifier { .. } if self.probability => softmax(out),
            _ => {}
        }
    }

    /// The class that scores mean; None for a regressor.
    pub fn label(&self, scores: &[f64]) -> Option<i64> {
        match self.predictor {
            Predictor::Regressor => None,
            Predictor::BinaryClassifier => Some(i64::from(scores[0] >= self.threshold)),
            Predictor::MulticlassClassifier { .. } => {
                let better = |best: usize, (i, s): (usize, &f64)| if *s > scores[best] { i } else { best };
                Some(scores.iter().enumerate().fold(0, better) as i64)
            }
        }
    }
}
