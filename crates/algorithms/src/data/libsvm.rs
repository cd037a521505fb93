//! libsvm lines: `<label>[:<weight>] <index>:<value> ...`, what is not named is missing.
//!
//! Indices are taken as they are written. XGBoost's own reader does so in training, and scoring must agree with it.

use super::{Features, RowError, Rows, Table};

/// Indices above this are refused: a typing mistake there would ask for gigabytes.
const MAX_COLUMNS: u32 = 1 << 24;

fn pair(row: usize, token: &str) -> Result<(u32, f32), RowError> {
    let shown: String = token.chars().take(40).collect();
    let bad = || RowError::new(row, format!("'{shown}' is not <index>:<value>"));
    let (index, value) = token.split_once(':').ok_or_else(bad)?;
    let (index, value) = (index.parse::<u32>().map_err(|_| bad())?, value.parse::<f64>().map_err(|_| bad())?);
    match index < MAX_COLUMNS {
        true => Ok((index, value as f32)),
        false => Err(RowError::new(row, format!("index {index} is too large"))),
    }
}

/// Rows of a request, `width` wide; an index beyond is an error. A leading label is allowed and ignored.
pub fn rows(text: &str, width: usize) -> Result<Rows, RowError> {
    let mut rows = Rows { width, values: Vec::new() };
    for (i, line) in text.trim_end().split('\n').enumerate() {
        let start = rows.values.len();
        rows.values.resize(start + width, f32::NAN);
        for (position, token) in line.split_ascii_whitespace().enumerate() {
            if position == 0 && token.parse::<f64>().is_ok() {
                continue;
            }
            let (index, value) = pair(i + 1, token)?;
            let slot = rows.values[start..].get_mut(index as usize);
            let beyond = || RowError::new(i + 1, format!("feature index {index}, but the model has {width} features"));
            *slot.ok_or_else(beyond)? = value;
        }
    }
    Ok(rows)
}

/// A training file appended to `table`'s rows.
pub fn append(text: &str, table: &mut SparseTable) -> Result<(), RowError> {
    for (i, line) in text.split('\n').enumerate() {
        let mut tokens = line.split_ascii_whitespace();
        let Some(first) = tokens.next() else { continue };
        let (label, weight) = first.split_once(':').unwrap_or((first, "1"));
        let shown: String = first.chars().take(40).collect();
        let bad = |_| RowError::new(i + 1, format!("'{shown}' is not a label"));
        table.labels.push(label.parse::<f64>().map_err(bad)? as f32);
        table.weights.push(weight.parse::<f64>().map_err(bad)? as f32);
        for token in tokens.filter(|t| !t.starts_with("qid:")) {
            let (index, value) = pair(i + 1, token)?;
            table.columns.push(index);
            table.values.push(value);
        }
        table.starts.push(table.columns.len() as u64);
    }
    Ok(())
}

/// A sparse training set that grows.
#[derive(Debug)]
pub struct SparseTable {
    pub labels: Vec<f32>,
    pub weights: Vec<f32>,
    pub starts: Vec<u64>,
    pub columns: Vec<u32>,
    pub values: Vec<f32>,
}

impl Default for SparseTable {
    fn default() -> SparseTable {
        SparseTable { labels: vec![], weights: vec![], starts: vec![0], columns: vec![], values: vec![] }
    }
}

impl SparseTable {
    /// As a table, at least `num_columns` wide.
    pub fn finish(self, num_columns: usize) -> Table {
        let widest = self.columns.iter().max().map_or(0, |m| *m as usize + 1);
        let weighted = self.weights.iter().any(|w| *w != 1.0);
        Table {
            num_columns: widest.max(num_columns),
            labels: self.labels,
            weights: if weighted { self.weights } else { Vec::new() },
            features: Features::Sparse { starts: self.starts, columns: self.columns, values: self.values },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_training_file() {
        let mut table = SparseTable::default();
        append("1 0:0.5 3:2\n0:2.5 1:1\n\n-1\n", &mut table).expect("a table");
        let table = table.finish(0);
        assert_eq!(
            (table.num_columns, &table.labels[..], &table.weights[..]),
            (4, &[1., 0., -1.][..], &[1., 2.5, 1.][..])
        );
        assert_eq!(table.dense(0.0).values, [0.5, 0., 0., 2., 0., 1., 0., 0., 0., 0., 0., 0.]);
    }

    fn check(text: &str, message: &str) {
        assert_eq!(append(text, &mut SparseTable::default()).expect_err(text).to_string(), message);
    }

    #[test]
    fn errors_name_the_row() {
        check("1 0:1\nx 1:2", "row 2: 'x' is not a label");
        check("1 1,2", "row 1: '1,2' is not <index>:<value>");
        check("1 99999999:1", "row 1: index 99999999 is too large");
        assert_eq!(
            rows("0:1 5:2", 3).expect_err("beyond").to_string(),
            "row 1: feature index 5, but the model has 3 features"
        );
        assert_eq!(rows("1 0:4\n2:6", 3).expect("rows").values.iter().filter(|v| !v.is_nan()).count(), 2);
    }
}
