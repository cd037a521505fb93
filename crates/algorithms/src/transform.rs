//! Batch transform: every file under the input channel through the model, to `<path>.out`.
//!
//! A file that fails gets no output; the others go on, and the job fails in the end, as AWS describes it.

use crate::{
    data::{channel, recordio},
    log,
    opt_ml::{JobError, OptMl, replace},
    scorer::{self, ScoreError, Scorer},
};
use serde::Deserialize;
use std::{
    borrow::Cow,
    collections::BTreeMap,
    io::Read,
    path::{Path, PathBuf},
};

/// `ATELIER_TRANSFORM`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Plan {
    pub content_type: Option<String>,
    pub accept: Option<String>,
    pub split: Split,
    pub assemble: Assemble,
    pub strategy: Strategy,
    /// Most bytes in a request; 0 has no limit. None is AWS's default of 6.
    pub max_payload_mb: Option<u32>,
    /// `Gzip` for compressed input.
    pub compression: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum Split {
    #[default]
    None,
    Line,
    RecordIO,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum Assemble {
    #[default]
    None,
    Line,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum Strategy {
    #[default]
    MultiRecord,
    SingleRecord,
}

/// Runs a transform job: model in `model`, input in `input/data/input`, output in `output/transform`.
pub fn transform(opt_ml: &OptMl, plan: &Plan, env: &BTreeMap<String, String>) -> Result<(), JobError> {
    let model = opt_ml.model();
    let scorer = scorer::load(&model, env).map_err(|e| JobError::User(format!("Unable to load model: {e}")))?;
    let input = opt_ml.channel("input");
    let output = opt_ml.base.join("output/transform");
    let files = channel::files(&input, &[])?;
    if files.is_empty() {
        return Err(JobError::User("No S3 objects found under the transform input".into()));
    }
    let mut failures = Vec::new();
    for file in &files {
        let path = file.strip_prefix(&input).unwrap_or(file);
        log::info(&format!("Transforming {}", path.display()));
        match one_file(file, plan, scorer.as_ref()) {
            Ok(bytes) => replace(&out_path(&output, path), &bytes)?,
            Err(e) => {
                log::raw(&format!(
                    "[sagemaker logs]: {}: Bad HTTP status received from algorithm: {}",
                    path.display(),
                    e.status
                ));
                log::raw(&format!("[sagemaker logs]: {}: {}", path.display(), e.message));
                failures.push(format!(
                    "{}: Bad HTTP status received from algorithm: {}. {}",
                    path.display(),
                    e.status,
                    e.message
                ));
            }
        }
    }
    match failures.is_empty() {
        true => Ok(()),
        false => Err(JobError::User(failures.join("\n"))),
    }
}

fn out_path(output: &Path, path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_os_string();
    name.push(".out");
    output.join(name)
}

fn one_file(file: &Path, plan: &Plan, scorer: &dyn Scorer) -> Result<Vec<u8>, ScoreError> {
    let unreadable = |e: std::io::Error| ScoreError { status: 400, message: format!("cannot read the input: {e}") };
    let mut bytes = std::fs::read(file).map_err(unreadable)?;
    if plan.compression.as_deref() == Some("Gzip") && bytes.starts_with(&[0x1f, 0x8b]) {
        let mut plain = Vec::new();
        flate2::read::MultiGzDecoder::new(&bytes[..]).read_to_end(&mut plain).map_err(unreadable)?;
        bytes = plain;
    }
    let mut out = Vec::new();
    for request in requests(&bytes, plan)? {
        let scored = scorer.invoke(plan.content_type.as_deref(), plan.accept.as_deref(), &request.body, true);
        let mut scored = scored.map_err(|e| request.blame(e))?;
        if plan.assemble == Assemble::Line && scored.body.last() == Some(&b'\n') {
            scored.body.pop();
        }
        out.extend(scored.body);
        if plan.assemble == Assemble::Line {
            out.push(b'\n');
        }
    }
    Ok(out)
}

/// One request's body and the record of the file that it begins with (from 0).
struct Request<'a> {
    body: Cow<'a, [u8]>,
    first: usize,
}

impl Request<'_> {
    /// Rows are counted within a request; for a file they are counted from its beginning.
    fn blame(&self, error: ScoreError) -> ScoreError {
        match self.first {
            0 => error,
            first => ScoreError {
                message: format!("in the request that begins with record {}: {}", first + 1, error.message),
                ..error
            },
        }
    }
}

/// Cuts a file into requests by split type, strategy and size.
fn requests<'a>(bytes: &'a [u8], plan: &Plan) -> Result<Vec<Request<'a>>, ScoreError> {
    let most = match plan.max_payload_mb.unwrap_or(6) {
        0 => usize::MAX,
        mb => mb as usize * 1024 * 1024,
    };
    let records: Vec<&[u8]> = match plan.split {
        Split::None => vec![bytes],
        Split::Line => bytes.split_inclusive(|b| *b == b'\n').collect(),
        Split::RecordIO => {
            // Each frame with its head and padding, so that several joined are again a RecordIO body.
            let start = bytes.as_ptr() as usize;
            let frames = recordio::frames(bytes).map_err(|e| ScoreError { status: 400, message: e.to_string() })?;
            let whole = |f: &[u8]| {
                let at = f.as_ptr() as usize - start - 8;
                &bytes[at..bytes.len().min(at + 8 + f.len().next_multiple_of(4))]
            };
            frames.into_iter().map(whole).collect()
        }
    };
    let mut requests: Vec<Request<'a>> = Vec::new();
    for (i, record) in
        records.into_iter().enumerate().filter(|(_, r)| plan.split != Split::Line || !r.trim_ascii().is_empty())
    {
        if record.len() > most {
            let message = format!("record {} has {} bytes, more than MaxPayloadInMB allows", i + 1, record.len());
            return Err(ScoreError { status: 413, message });
        }
        match requests.last_mut() {
            Some(last) if plan.strategy == Strategy::MultiRecord && last.body.len() + record.len() <= most => {
                last.body.to_mut().extend_from_slice(record);
            }
            _ => requests.push(Request { body: Cow::Borrowed(record), first: i }),
        }
    }
    Ok(requests)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(split: Split, strategy: Strategy, max_payload_mb: u32) -> Plan {
        Plan { split, strategy, max_payload_mb: Some(max_payload_mb), ..Plan::default() }
    }

    fn check(bytes: &[u8], plan: &Plan, expected: &[(usize, usize)]) {
        let cut: Vec<(usize, usize)> =
            requests(bytes, plan).expect("requests").iter().map(|r| (r.first, r.body.len())).collect();
        assert_eq!(cut, expected);
    }

    #[test]
    fn files_are_cut_by_line_record_and_size() {
        check(b"1\n2\n3", &plan(Split::None, Strategy::MultiRecord, 6), &[(0, 5)]);
        check(b"1\n2\n3", &plan(Split::Line, Strategy::MultiRecord, 6), &[(0, 5)]);
        check(b"1\n22\n\n3\n", &plan(Split::Line, Strategy::SingleRecord, 6), &[(0, 2), (1, 3), (3, 2)]);
        let long = [vec![b'1'; 600 * 1024], vec![b'\n'], vec![b'2'; 600 * 1024], vec![b'\n']].concat();
        check(&long, &plan(Split::Line, Strategy::MultiRecord, 1), &[(0, 614_401), (1, 614_401)]);
        check(&long, &plan(Split::Line, Strategy::MultiRecord, 0), &[(0, 1_228_802)]);
        let mut records = Vec::new();
        recordio::write_record(&mut records, &[("values", vec![1.0])], &[]);
        let size = records.len();
        recordio::write_record(&mut records, &[("values", vec![2.0])], &[]);
        check(&records, &plan(Split::RecordIO, Strategy::SingleRecord, 6), &[(0, size), (1, size)]);
        check(&records, &plan(Split::RecordIO, Strategy::MultiRecord, 6), &[(0, size * 2)]);
        assert_eq!(
            requests(&vec![b'1'; 2 << 20], &plan(Split::None, Strategy::MultiRecord, 1)).err().map(|e| e.status),
            Some(413)
        );
    }

    #[test]
    fn the_plan_is_read_from_json() {
        let plan: Plan = serde_json::from_str(
            r#"{"content_type": "text/csv", "split": "Line", "assemble": "Line", "strategy": "SingleRecord"}"#,
        )
        .expect("a plan");
        assert_eq!(
            (plan.split, plan.assemble, plan.strategy, plan.max_payload_mb),
            (Split::Line, Assemble::Line, Strategy::SingleRecord, None)
        );
    }
}
