//! Numbers and rows as the containers write them.

use crate::{
    data::recordio,
    scorer::{ScoreError, Scored},
};
use std::fmt::Write;

/// Appends a float as Python's `str` gives it: shortest digits that read back, `.0` on whole numbers, an exponent of
/// two digits below 1e-4 and from 1e16 on. Clients compare these texts.
pub fn push_float(out: &mut String, value: f64) {
    let size = value.abs();
    if value.is_nan() {
        out.push_str("nan");
    } else if value.is_infinite() {
        out.push_str(if value > 0.0 { "inf" } else { "-inf" });
    } else if size == 0.0 || (1e-4..1e16).contains(&size) {
        let _ = write!(out, "{value:?}");
    } else {
        let text = format!("{value:e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let exponent: i32 = exponent.parse().unwrap_or(0);
        let _ = write!(out, "{digits}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs());
    }
}

/// Appends a float as Python's `json.dumps` does: as above, but `NaN` and `Infinity`.
pub fn push_json_float(out: &mut String, value: f64) {
    match value {
        v if v.is_nan() => out.push_str("NaN"),
        v if v == f64::INFINITY => out.push_str("Infinity"),
        v if v == f64::NEG_INFINITY => out.push_str("-Infinity"),
        v => push_float(out, v),
    }
}

/// One value of a prediction.
#[derive(Clone, Debug, PartialEq)]
pub enum Field {
    Float(f32),
    Integer(i64),
    Floats(Vec<f32>),
    Integers(Vec<i64>),
}

impl Field {
    pub fn push_json(&self, out: &mut String) {
        match self {
            Field::Float(v) => push_json_float(out, f64::from(*v)),
            Field::Integer(v) => push_integer(out, v),
            Field::Floats(v) => push_list(out, v, |out, v| push_json_float(out, f64::from(*v))),
            Field::Integers(v) => push_list(out, v, push_integer),
        }
    }

    fn push_csv(&self, out: &mut String) {
        match self {
            Field::Floats(v) => push_joined(out, v, ",", |out, v| push_float(out, f64::from(*v))),
            Field::Integers(v) => push_joined(out, v, ",", push_integer),
            one => one.push_json(out),
        }
    }

    fn floats(&self) -> Vec<f32> {
        match self {
            Field::Float(v) => vec![*v],
            Field::Integer(v) => vec![*v as f32],
            Field::Floats(v) => v.clone(),
            Field::Integers(v) => v.iter().map(|v| *v as f32).collect(),
        }
    }
}

fn push_integer(out: &mut String, value: &i64) {
    // Writing to a string cannot fail.
    let _ = write!(out, "{value}");
}

fn push_joined<T>(out: &mut String, items: &[T], separator: &str, push: impl Fn(&mut String, &T)) {
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            out.push_str(separator);
        }
        push(out, item);
    }
}

/// Appends `[a, b]` with Python's spaces.
pub fn push_list<T>(out: &mut String, items: &[T], push: impl Fn(&mut String, &T)) {
    out.push('[');
    push_joined(out, items, ", ", push);
    out.push(']');
}

/// One prediction: named values in the order in which they are written.
pub type Prediction = Vec<(&'static str, Field)>;

fn push_object(out: &mut String, prediction: &Prediction) {
    out.push('{');
    push_joined(out, prediction, ", ", |out, (name, field)| {
        let _ = write!(out, "\"{name}\": ");
        field.push_json(out);
    });
    out.push('}');
}

/// The media types an answer can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Csv,
    Json,
    JsonLines,
    RecordIo,
}

const ACCEPTS: [(&str, Format); 4] = [
    ("application/json", Format::Json),
    ("application/jsonlines", Format::JsonLines),
    ("application/x-recordio-protobuf", Format::RecordIo),
    ("text/csv", Format::Csv),
];

impl Format {
    /// The format that an Accept header asks for; `default` where it is absent or `*/*`.
    pub fn accepted(accept: Option<&str>, default: Format) -> Result<Format, ScoreError> {
        let wanted = accept.unwrap_or_default().split(';').next().unwrap_or_default().trim();
        if wanted.is_empty() || wanted == "*/*" {
            return Ok(default);
        }
        let found = ACCEPTS.iter().find(|(name, _)| wanted.eq_ignore_ascii_case(name));
        found.map(|(_, format)| *format).ok_or_else(|| {
            let names: Vec<String> = ACCEPTS.iter().map(|(name, _)| format!("'{name}'")).collect();
            let message = format!(
                "Accept type {wanted} is not supported. Please use supported accept types: [{}].",
                names.join(", ")
            );
            ScoreError { status: 406, message }
        })
    }

    pub fn name(self) -> &'static str {
        ACCEPTS.iter().find(|(_, f)| *f == self).map_or("text/csv", |(name, _)| name)
    }
}

/// Writes predictions in a format. CSV is a line each, without an end of line after the last.
pub fn encode(predictions: &[Prediction], format: Format) -> Scored {
    let mut out = String::with_capacity(predictions.len() * 48 + 24);
    match format {
        Format::Json => {
            out.push_str("{\"predictions\": ");
            push_list(&mut out, predictions, push_object);
            out.push('}');
        }
        Format::JsonLines => predictions.iter().for_each(|p| {
            push_object(&mut out, p);
            out.push('\n');
        }),
        Format::Csv => push_joined(&mut out, predictions, "\n", |out, p| {
            push_joined(out, p, ",", |out, (_, field)| field.push_csv(out));
        }),
        Format::RecordIo => {
            let mut bytes = Vec::new();
            for prediction in predictions {
                let labels: Vec<(&str, Vec<f32>)> = prediction.iter().map(|(n, f)| (*n, f.floats())).collect();
                recordio::write_record(&mut bytes, &[], &labels);
            }
            return Scored { content_type: format.name().into(), body: bytes };
        }
    }
    Scored { content_type: format.name().into(), body: out.into_bytes() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: f64, expected: &str) {
        let mut text = String::new();
        push_float(&mut text, value);
        assert_eq!(text, expected);
    }

    #[test]
    fn floats_are_pythons() {
        check(0.0, "0.0");
        check(3.0, "3.0");
        check(-0.1, "-0.1");
        check(f64::from(0.438_619_08_f32), "0.43861907720565796");
        check(0.0001, "0.0001");
        check(0.00001, "1e-05");
        check(1.5e-7, "1.5e-07");
        check(1e15, "1000000000000000.0");
        check(1e16, "1e+16");
        check(1.25e300, "1.25e+300");
        check(f64::NAN, "nan");
        check(f64::NEG_INFINITY, "-inf");
    }

    #[test]
    fn predictions_in_each_format() {
        let rows = vec![
            vec![("score", Field::Float(0.5)), ("predicted_label", Field::Integer(1))],
            vec![("score", Field::Float(0.25)), ("predicted_label", Field::Integer(0))],
        ];
        let text = |format| String::from_utf8(encode(&rows, format).body).expect("text");
        assert_eq!(
            text(Format::Json),
            r#"{"predictions": [{"score": 0.5, "predicted_label": 1}, {"score": 0.25, "predicted_label": 0}]}"#
        );
        assert_eq!(
            text(Format::JsonLines),
            "{\"score\": 0.5, \"predicted_label\": 1}\n{\"score\": 0.25, \"predicted_label\": 0}\n"
        );
        assert_eq!(text(Format::Csv), "0.5,1\n0.25,0");
        let records = recordio::records(&encode(&rows, Format::RecordIo).body).expect("records");
        assert_eq!(records[0].label("predicted_label"), Some(&[1.0][..]));
        assert_eq!(Format::accepted(Some("text/csv; x=1"), Format::Json).ok(), Some(Format::Csv));
        assert_eq!(Format::accepted(Some("*/*"), Format::Json).ok(), Some(Format::Json));
        assert_eq!(Format::accepted(Some("image/png"), Format::Json).expect_err("refused").status, 406);
    }
}
