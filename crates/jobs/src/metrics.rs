//! Curves read out of a job's log by the regexes of its metric definitions.

use crate::{JobError, logs};
use fancy_regex::Regex;
use std::path::PathBuf;

/// A curve; the index of a point is its step.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// `validation:rmse`
    pub name: String,
    /// Time of the log line in seconds since the epoch, and the value.
    pub points: Vec<(f64, f64)>,
}

/// Reads one job's log as it grows.
pub struct Meter {
    log: PathBuf,
    single_host: bool,
    offset: u64,
    expressions: Vec<Regex>,
    curves: Vec<Curve>,
}

pub type Compiled = Vec<(String, Regex)>;

/// Compiles metric definitions; AWS's are Python's, look-around included.
pub fn compile(metrics: &[(String, String)]) -> Result<Compiled, JobError> {
    let compile = |(name, text): &(String, String)| match Regex::new(text) {
        Ok(expression) => Ok((name.clone(), expression)),
        Err(error) => Err(JobError::BadMetric { name: name.clone(), reason: error.to_string() }),
    };
    metrics.iter().map(compile).collect()
}

impl Meter {
    pub fn new(log: PathBuf, single_host: bool, metrics: Compiled) -> Self {
        let (names, expressions): (Vec<_>, _) = metrics.into_iter().unzip();
        let curves = names.into_iter().map(|name| Curve { name, points: Vec::new() }).collect();
        Self { log, single_host, offset: 0, expressions, curves }
    }

    /// Reads what the log has got since the last time; true if a curve has grown.
    pub fn read_on(&mut self) -> Result<bool, JobError> {
        let mut grew = false;
        if self.expressions.is_empty() {
            return Ok(false);
        }
        loop {
            let chunk = logs::read(&self.log, self.single_host.then_some("algo-1"), self.offset, 10_000)?;
            if chunk.next == self.offset {
                return Ok(grew);
            }
            self.offset = chunk.next;
            for line in &chunk.lines {
                for (expression, curve) in self.expressions.iter().zip(&mut self.curves) {
                    if let Some(value) = value(expression, &line.text) {
                        curve.points.push((line.at_ms as f64 / 1000.0, value));
                        grew = true;
                    }
                }
            }
        }
    }

    pub fn curves(&self) -> &[Curve] {
        &self.curves
    }
}

/// The number in the first group. An expression that backtracks too long on a line does not match it.
fn value(expression: &Regex, line: &str) -> Option<f64> {
    let captures = expression.captures(line).ok()??;
    captures.get(1)?.as_str().trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values() {
        let check = |expression: &str, line: &str, expected: Option<f64>| {
            assert_eq!(value(&Regex::new(expression).unwrap(), line), expected, "{expression} in {line}");
        };
        check(
            r".*\[[0-9]+\].*#011validation-rmse:([-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?).*",
            "[3]#011train-rmse:2#011validation-rmse:1.5e-2",
            Some(0.015),
        );
        check(r"loss=(\S+);", "loss=nan-ish;", None);
        check(r"(?<=loss: )([0-9.]+)", "loss: 0.25", Some(0.25));
        check("no group 1", "no group 1", None);
    }
}
