//! Rows of numbers in the formats that the containers read: CSV, libsvm and RecordIO-protobuf.

pub mod channel;
pub mod csv;
pub mod json;
pub mod libsvm;
pub mod recordio;

/// Why a body or a file is unreadable: the row (from 1) and the reason.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("row {row}: {reason}")]
pub struct RowError {
    pub row: usize,
    pub reason: String,
}

impl RowError {
    pub fn new(row: usize, reason: impl Into<String>) -> RowError {
        RowError { row, reason: reason.into() }
    }
}

/// Dense rows of one width, row after row. NaN stands for a missing value.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    pub width: usize,
    pub values: Vec<f32>,
}

impl Rows {
    pub fn len(&self) -> usize {
        if self.width == 0 { 0 } else { self.values.len() / self.width }
    }

    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    pub fn iter(&self) -> std::slice::ChunksExact<'_, f32> {
        self.values.chunks_exact(self.width.max(1))
    }
}

/// The features of a training set.
#[derive(Clone, Debug, PartialEq)]
pub enum Features {
    /// Row after row; NaN stands for a missing value.
    Dense(Vec<f32>),
    /// Compressed sparse rows: row `i` is `starts[i]..starts[i + 1]`.
    Sparse { starts: Vec<u64>, columns: Vec<u32>, values: Vec<f32> },
}

/// A labelled training set.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    pub num_columns: usize,
    pub labels: Vec<f32>,
    /// One for each row, or empty.
    pub weights: Vec<f32>,
    pub features: Features,
}

impl Table {
    pub fn num_rows(&self) -> usize {
        self.labels.len()
    }

    /// The features as dense rows; what a sparse row does not name becomes `absent`.
    pub fn dense(&self, absent: f32) -> Rows {
        let width = self.num_columns;
        match &self.features {
            Features::Dense(values) => Rows { width, values: values.clone() },
            Features::Sparse { starts, columns, values } => {
                let mut all = vec![absent; width * self.num_rows()];
                for (row, ends) in starts.windows(2).enumerate() {
                    for at in ends[0] as usize..ends[1] as usize {
                        all[row * width + columns[at] as usize] = values[at];
                    }
                }
                Rows { width, values: all }
            }
        }
    }
}
