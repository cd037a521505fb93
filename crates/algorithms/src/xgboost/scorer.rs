//! XGBoost's container as a function: a request's bytes to a response's bytes.

use super::{model::Model, outputs};
use crate::{
    data::{RowError, Rows, channel, csv, libsvm, recordio},
    response::{self, Field, Format, Prediction, push_float, push_json_float, push_list},
    scorer::{ScoreError, Scored, Scorer},
};
use std::collections::BTreeMap;

/// A model ready to answer.
pub struct XgboostScorer {
    model: Model,
    default_accept: Format,
    /// From `SAGEMAKER_INFERENCE_OUTPUT`; empty for the plain score.
    keys: Vec<&'static str>,
}

impl XgboostScorer {
    pub fn new(bytes: &[u8], env: &BTreeMap<String, String>) -> Result<XgboostScorer, String> {
        let accept = env.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT").map(String::as_str);
        Ok(XgboostScorer {
            model: Model::parse(bytes)?,
            default_accept: Format::accepted(accept, Format::Csv).unwrap_or(Format::Csv),
            keys: env.get("SAGEMAKER_INFERENCE_OUTPUT").map(|list| outputs::keys(list)).unwrap_or_default(),
        })
    }

    pub fn model(&self) -> &Model {
        &self.model
    }

    fn rows(&self, content_type: Option<&str>, body: &[u8]) -> Result<Rows, ScoreError> {
        let format = channel::format(content_type).map_err(|e| ScoreError { status: 415, message: e.to_string() })?;
        let width = self.model.num_features;
        let (name, rows) = match format {
            channel::Format::Csv => ("csv", csv_rows(body)),
            channel::Format::Libsvm => ("libsvm", csv::text(body).and_then(|text| libsvm::rows(text, width))),
            channel::Format::RecordIo => ("recordio-protobuf", recordio::rows(body, Some(width), f32::NAN)),
        };
        let rows = rows.map_err(|e| bad_row(name, &e))?;
        // A model trained on one-based libsvm has a column 0 that no CSV row carries; the container allows for it.
        if !rows.is_empty() && rows.width != width && rows.width + 1 != width {
            let message = format!(
                "Unable to evaluate payload provided: row 1: Feature size of {name} inference data {} is not consistent with feature size of trained model {width}.",
                rows.width
            );
            return Err(ScoreError { status: 400, message });
        }
        Ok(rows)
    }

    /// Predictions of all rows, `outputs` for each.
    fn predict(&self, rows: &Rows) -> (usize, Vec<f32>) {
        let groups = self.model.num_groups;
        let outputs = self.model.objective.outputs(groups);
        let mut all = Vec::with_capacity(rows.len() * outputs);
        let mut few = [0.0f32; 8];
        let mut many = Vec::new();
        let margins = if groups <= few.len() {
            &mut few[..groups]
        } else {
            many.resize(groups, 0.0);
            &mut many[..]
        };
        for row in rows.iter() {
            self.model.margins(row, margins);
            let n = self.model.objective.transform(margins);
            all.extend_from_slice(&margins[..n]);
        }
        (outputs, all)
    }
}

fn csv_rows(body: &[u8]) -> Result<Rows, RowError> {
    let text = csv::text(body)?;
    csv::rows(text, csv::delimiter(text).unwrap_or(b','))
}

fn bad_row(format: &str, error: &RowError) -> ScoreError {
    let message =
        format!("Loading {format} data failed with Exception, please ensure data is in {format} format:\n {error}");
    ScoreError { status: 400, message }
}

/// Batch transform: a row on each line, several outputs as Python prints a list, whatever the Accept.
fn batch_lines(outputs: usize, all: &[f32]) -> Vec<u8> {
    let mut out = String::with_capacity(all.len() * 20);
    for row in all.chunks_exact(outputs.max(1)) {
        match row {
            [one] => push_float(&mut out, f64::from(*one)),
            several => push_list(&mut out, several, |out, v| push_float(out, f64::from(*v))),
        }
        out.push('\n');
    }
    out.into_bytes()
}

/// The plain scores as the container writes them; CSV is one line where a row has one output.
fn encode(outputs: usize, all: &[f32], format: Format) -> Scored {
    let mut out = String::with_capacity(all.len() * 32 + 24);
    let rows = all.chunks_exact(outputs.max(1));
    match format {
        Format::Csv => {
            for (i, value) in all.iter().enumerate() {
                if i > 0 {
                    out.push(if outputs > 1 && i % outputs == 0 { '\n' } else { ',' });
                }
                push_float(&mut out, f64::from(*value));
            }
        }
        Format::Json | Format::JsonLines => {
            let lines = format == Format::JsonLines;
            out.push_str(if lines { "" } else { "{\"predictions\": [" });
            for (i, row) in rows.enumerate() {
                out.push_str(if i > 0 && !lines { ", {\"score\": " } else { "{\"score\": " });
                match row {
                    [one] => push_json_float(&mut out, f64::from(*one)),
                    several => push_list(&mut out, several, |out, v| push_json_float(out, f64::from(*v))),
                }
                out.push_str(if lines { "}\n" } else { "}" });
            }
            out.push_str(if lines { "" } else { "]}" });
        }
        Format::RecordIo => {
            let predictions: Vec<Prediction> = rows.map(|row| vec![("score", Field::Floats(row.to_vec()))]).collect();
            return response::encode(&predictions, format);
        }
    }
    Scored { content_type: format.name().into(), body: out.into_bytes() }
}

impl Scorer for XgboostScorer {
    fn num_features(&self) -> Option<usize> {
        Some(self.model.num_features)
    }

    fn feature_names(&self) -> &[String] {
        &self.model.feature_names
    }

    fn invoke(
        &self,
        content_type: Option<&str>,
        accept: Option<&str>,
        body: &[u8],
        batch: bool,
    ) -> Result<Scored, ScoreError> {
        if body.is_empty() {
            return Ok(Scored { content_type: "text/plain".into(), body: Vec::new() });
        }
        let rows = self.rows(content_type, body)?;
        let format = Format::accepted(accept, self.default_accept)?;
        let (outputs, all) = self.predict(&rows);
        if !self.keys.is_empty() {
            let select = |row: &[f32]| outputs::select(&self.model, &self.keys, row);
            let predictions: Vec<Prediction> = all.chunks_exact(outputs.max(1)).map(select).collect();
            let mut scored = response::encode(&predictions, format);
            if batch && format == Format::Csv {
                scored.body.push(b'\n');
            }
            return Ok(scored);
        }
        match batch {
            true => Ok(Scored { content_type: format.name().into(), body: batch_lines(outputs, &all) }),
            false => Ok(encode(outputs, &all, format)),
        }
    }

    fn sample(&self) -> String {
        let cells: Vec<String> = self.model.typical_row().iter().map(|v| format!("{v}")).collect();
        cells.join(",")
    }
}
