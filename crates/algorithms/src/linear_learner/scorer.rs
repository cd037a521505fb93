//! Linear Learner's container as a function.

use super::model::{Model, Predictor};
use crate::{
    data::{RowError, Rows, csv, json, recordio},
    response::{self, Field, Format, Prediction},
    scorer::{ScoreError, Scored, Scorer},
};

/// A model ready to answer.
pub struct LinearScorer {
    model: Model,
}

impl LinearScorer {
    pub fn new(bytes: &[u8]) -> Result<LinearScorer, String> {
        Ok(LinearScorer { model: Model::parse(bytes)? })
    }

    fn rows(&self, content_type: Option<&str>, body: &[u8]) -> Result<Rows, ScoreError> {
        let width = self.model.num_features;
        let named = content_type.unwrap_or("application/json").split(';').next().unwrap_or_default().trim();
        let rows = match named.to_ascii_lowercase().as_str() {
            "text/csv" => csv::text(body).and_then(|text| csv::rows(text, csv::delimiter(text).unwrap_or(b','))),
            "application/json" => json::rows(body, width),
            "application/jsonlines" => json::lines(body, width),
            "application/x-recordio-protobuf" => recordio::rows(body, Some(width), 0.0),
            _ => {
                let message = format!(
                    "Content-type {named} not supported. Supported content-type: text/csv, application/json, application/jsonlines, application/x-recordio-protobuf"
                );
                return Err(ScoreError { status: 415, message });
            }
        };
        let refused =
            |e: RowError| ScoreError { status: 400, message: format!("unable to evaluate payload provided: {e}") };
        let rows = rows.map_err(refused)?;
        if rows.width != width {
            return Err(refused(RowError::new(1, format!("{} features, but the model has {width}", rows.width))));
        }
        match rows.iter().position(|row| row.iter().any(|x| x.is_nan())) {
            Some(row) => Err(refused(RowError::new(row + 1, "a value is missing"))),
            None => Ok(rows),
        }
    }
}

impl Scorer for LinearScorer {
    fn num_features(&self) -> Option<usize> {
        Some(self.model.num_features)
    }

    fn feature_names(&self) -> &[String] {
        &[]
    }

    fn invoke(
        &self,
        content_type: Option<&str>,
        accept: Option<&str>,
        body: &[u8],
        _batch: bool,
    ) -> Result<Scored, ScoreError> {
        let rows = self.rows(content_type, body)?;
        let format = Format::accepted(accept, Format::Json)?;
        let mut scores = vec![0.0; self.model.bias.len()];
        let predict = |row: &[f32]| -> Prediction {
            self.model.scores(row, &mut scores);
            let score = match self.model.predictor {
                Predictor::MulticlassClassifier { .. } => Field::Floats(scores.iter().map(|s| *s as f32).collect()),
                _ => Field::Float(scores[0] as f32),
            };
            let label = self.model.label(&scores).map(|label| ("predicted_label", Field::Integer(label)));
            [Some(("score", score)), label].into_iter().flatten().collect()
        };
        let predictions: Vec<Prediction> = rows.iter().map(predict).collect();
        Ok(response::encode(&predictions, format))
    }

    fn sample(&self) -> String {
        let cells: Vec<String> = self.model.typical_row.iter().map(|v| format!("{}", *v as f32)).collect();
        cells.join(",")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scorer(predictor: Predictor, weights: &[f64], bias: &[f64]) -> LinearScorer {
        let num_features = weights.len() / bias.len();
        let (weights, bias) = (weights.to_vec(), bias.to_vec());
        let model = Model {
            predictor,
            probability: false,
            num_features,
            weights,
            bias,
            threshold: 0.0,
            typical_row: vec![1.0; num_features],
        };
        LinearScorer::new(&serde_json::to_vec(&model).expect("JSON")).expect("a model")
    }

    fn check(scorer: &LinearScorer, content_type: &str, accept: &str, body: &str, expected: Result<&str, u16>) {
        let answer = scorer.invoke(Some(content_type), Some(accept), body.as_bytes(), false);
        let answer = answer.map(|s| String::from_utf8(s.body).expect("text")).map_err(|e| e.status);
        assert_eq!(answer, expected.map(str::to_string), "{content_type} {body}");
    }

    #[test]
    fn requests_and_answers_in_each_shape() {
        let regressor = scorer(Predictor::Regressor, &[1.0, 2.0], &[0.5]);
        check(&regressor, "text/csv", "*/*", "1,2\n0,0", Ok(r#"{"predictions": [{"score": 5.5}, {"score": 0.5}]}"#));
        check(
            &regressor,
            "application/json",
            "application/jsonlines",
            r#"{"instances": [{"features": [1, 1]}]}"#,
            Ok("{\"score\": 3.5}\n"),
        );
        check(
            &regressor,
            "application/jsonlines",
            "text/csv",
            "{\"features\": [1, 1]}\n{\"features\": [2, 1]}",
            Ok("3.5\n4.5"),
        );
        check(&regressor, "text/csv", "*/*", "1,2,3", Err(400));
        check(&regressor, "text/csv", "*/*", "1,", Err(400));
        check(&regressor, "text/csv", "image/png", "1,2", Err(406));
        check(&regressor, "text/libsvm", "*/*", "1,2", Err(415));
        let binary = scorer(Predictor::BinaryClassifier, &[1.0], &[0.0]);
        check(
            &binary,
            "text/csv",
            "*/*",
            "-1\n1",
            Ok(r#"{"predictions": [{"score": -1.0, "predicted_label": 0}, {"score": 1.0, "predicted_label": 1}]}"#),
        );
        let classes = scorer(Predictor::MulticlassClassifier { num_classes: 3 }, &[1.0, 0.0, -1.0], &[0.0, 0.25, 0.0]);
        check(
            &classes,
            "text/csv",
            "*/*",
            "2",
            Ok(r#"{"predictions": [{"score": [2.0, 0.25, -2.0], "predicted_label": 0}]}"#),
        );
    }
}
