//! Selectable inference: the values that `SAGEMAKER_INFERENCE_OUTPUT` asks for, by objective.

use super::{model::Model, objective::argmax};
use crate::response::{Field, Prediction};

const KEYS: [&str; 7] =
    ["predicted_label", "labels", "probability", "probabilities", "raw_score", "raw_scores", "predicted_score"];

/// The keys of a comma separated list; unknown ones are kept out, as nothing could be written under them.
pub fn keys(list: &str) -> Vec<&'static str> {
    let wanted = list.to_ascii_lowercase().replace(' ', "");
    wanted.split(',').filter_map(|name| KEYS.iter().copied().find(|key| *key == name)).collect()
}

/// One row's values. What an objective cannot give is NaN, as the container writes it.
pub fn select(model: &Model, keys: &[&'static str], outputs: &[f32]) -> Prediction {
    keys.iter().map(|key| (*key, field(model, key, outputs))).collect()
}

fn field(model: &Model, key: &str, outputs: &[f32]) -> Field {
    let first = outputs.first().copied().unwrap_or(f32::NAN);
    let objective = model.objective_name.as_str();
    let (binary, multi) = (objective.starts_with("binary:"), objective.starts_with("multi:"));
    match (key, objective) {
        ("predicted_label", "binary:logistic") => Field::Integer(i64::from(first > 0.5)),
        ("predicted_label", "binary:logitraw") => Field::Integer(i64::from(first > 0.0)),
        ("predicted_label", "binary:hinge" | "multi:softmax") => Field::Float(first),
        ("predicted_label", "multi:softprob") => Field::Integer(argmax(outputs) as i64),
        ("labels", _) if binary => Field::Integers(vec![0, 1]),
        ("labels", _) if multi => Field::Integers((0..model.num_class as i64).collect()),
        ("probability", "binary:logistic") => Field::Float(first),
        ("probability", "multi:softprob") => Field::Float(outputs[argmax(outputs)]),
        ("probabilities", "binary:logistic") => Field::Floats(vec![1.0 - first, first]),
        ("probabilities", "multi:softprob") => Field::Floats(outputs.to_vec()),
        ("raw_score", "multi:softprob") => Field::Float(outputs[argmax(outputs)]),
        ("raw_score", _) if binary || multi => Field::Float(first),
        ("raw_scores", "binary:logistic") => Field::Floats(vec![1.0 - first, first]),
        ("raw_scores", "binary:logitraw") => Field::Floats(vec![-first, first]),
        ("raw_scores", "binary:hinge") => Field::Floats(if first > 0.5 { vec![0.0, 1.0] } else { vec![1.0, 0.0] }),
        ("raw_scores", _) if multi => Field::Floats(outputs.to_vec()),
        ("predicted_score", _) if !binary && !multi => Field::Float(first),
        _ => Field::Float(f32::NAN),
    }
}
