//! RecordIO framing and the `aialgs.data.Record` protobuf message, read and written by hand: three messages of numbers
//! need no generator.
//!
//! A frame is the magic number, the length, the record and zeros up to a multiple of four, all little endian. A record
//! has maps `features` (field 1) and `label` (field 2) from names to tensors of `values`, `keys` (sparse) and `shape`.

use super::{Features, RowError, Rows, Table, libsvm::SparseTable};

const MAGIC: u32 = 0xCED7_230A;

/// Values with their positions where sparse, and the length of the full row where the record says it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tensor {
    pub values: Vec<f32>,
    pub keys: Vec<u64>,
    pub shape: Option<u64>,
    pub sparse: bool,
}

/// One record: named tensors.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    pub features: Vec<(String, Tensor)>,
    pub labels: Vec<(String, Tensor)>,
}

impl Record {
    /// The feature tensor: the one named `values`, as the SDK writes it.
    pub fn values(&self) -> Option<&Tensor> {
        self.features.iter().find(|(name, _)| name == "values").map(|(_, t)| t)
    }

    pub fn label(&self, name: &str) -> Option<&[f32]> {
        self.labels.iter().find(|(n, _)| n == name).map(|(_, t)| &t.values[..])
    }
}

/// The records' bytes in a body, without decoding them.
pub fn frames(mut body: &[u8]) -> Result<Vec<&[u8]>, RowError> {
    let mut frames = Vec::new();
    while !body.is_empty() {
        let row = frames.len() + 1;
        let truncated = || RowError::new(row, "the RecordIO frame is cut short");
        let (head, rest) = body.split_at_checked(8).ok_or_else(truncated)?;
        if u32::from_le_bytes([head[0], head[1], head[2], head[3]]) != MAGIC {
            return Err(RowError::new(row, "no RecordIO magic number"));
        }
        let length = u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize;
        let (record, rest) = rest.split_at_checked(length).ok_or_else(truncated)?;
        frames.push(record);
        body = rest.get(length.next_multiple_of(4) - length..).unwrap_or_default();
    }
    Ok(frames)
}

/// All records of a body.
pub fn records(body: &[u8]) -> Result<Vec<Record>, RowError> {
    let decode = |(i, frame): (usize, &[u8])| record(frame).ok_or_else(|| RowError::new(i + 1, "not a Record message"));
    frames(body)?.into_iter().enumerate().map(decode).collect()
}

/// A protobuf message as (field number, value); None when it is malformed.
struct Fields<'a>(&'a [u8]);

enum Wire<'a> {
    Varint(u64),
    Fixed32([u8; 4]),
    Fixed64([u8; 8]),
    Bytes(&'a [u8]),
}

impl<'a> Fields<'a> {
    fn varint(&mut self) -> Option<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(head)
    }

    /// The next field; `Ok(None)` at the end.
    fn field(&mut self) -> Option<Option<(u64, Wire<'a>)>> {
        if self.0.is_empty() {
            return Some(None);
        }
        let tag = self.varint()?;
        let value = match tag & 7 {
            0 => Wire::Varint(self.varint()?),
            1 => Wire::Fixed64(self.take(8)?.try_into().ok()?),
            2 => {
                let length = usize::try_from(self.varint()?).ok()?;
                Wire::Bytes(self.take(length)?)
            }
            5 => Wire::Fixed32(self.take(4)?.try_into().ok()?),
            _ => return None,
        };
        Some(Some((tag >> 3, value)))
    }
}

fn record(bytes: &[u8]) -> Option<Record> {
    let mut record = Record::default();
    let mut fields = Fields(bytes);
    while let Some((number, value)) = fields.field()? {
        if let (1 | 2, Wire::Bytes(entry)) = (number, value) {
            let map = if number == 1 { &mut record.features } else { &mut record.labels };
            map.push(map_entry(entry)?);
        }
    }
    Some(record)
}

fn map_entry(bytes: &[u8]) -> Option<(String, Tensor)> {
    let (mut name, mut tensor) = (String::new(), Tensor::default());
    let mut fields = Fields(bytes);
    while let Some((number, value)) = fields.field()? {
        match (number, value) {
            (1, Wire::Bytes(key)) => name = String::from_utf8(key.to_vec()).ok()?,
            (2, Wire::Bytes(value)) => tensor = any_tensor(value)?,
            _ => {}
        }
    }
    Some((name, tensor))
}

/// `Value`: float32_tensor (2), float64_tensor (3), int32_tensor (7).
fn any_tensor(bytes: &[u8]) -> Option<Tensor> {
    let mut fields = Fields(bytes);
    let mut tensor = Tensor::default();
    while let Some((number, value)) = fields.field()? {
        if let (2 | 3 | 7, Wire::Bytes(body)) = (number, value) {
            tensor = self::tensor(body, number)?;
        }
    }
    Some(tensor)
}

fn tensor(bytes: &[u8], kind: u64) -> Option<Tensor> {
    let mut tensor = Tensor::default();
    let mut fields = Fields(bytes);
    while let Some((number, value)) = fields.field()? {
        match (number, value) {
            (1, value) => push_values(&mut tensor.values, value, kind)?,
            (2, value) => {
                tensor.sparse = true;
                push_varints(&mut tensor.keys, value)?;
            }
            (3, value) => {
                let mut shape = Vec::new();
                push_varints(&mut shape, value)?;
                tensor.shape = shape.last().copied().or(tensor.shape);
            }
            _ => {}
        }
    }
    // A record with a shape and no values is a row of nothing but missing values.
    tensor.sparse |= tensor.values.is_empty() && tensor.shape.is_some();
    (!tensor.sparse || tensor.keys.len() == tensor.values.len()).then_some(tensor)
}

fn push_values(out: &mut Vec<f32>, value: Wire<'_>, kind: u64) -> Option<()> {
    match (kind, value) {
        (2, Wire::Fixed32(b)) => out.push(f32::from_le_bytes(b)),
        (2, Wire::Bytes(b)) if b.len() % 4 == 0 => {
            out.extend(b.chunks_exact(4).map(|c| f32::from_le_bytes([c[0], c[1], c[2], c[3]])));
        }
        (3, Wire::Fixed64(b)) => out.push(f64::from_le_bytes(b) as f32),
        (3, Wire::Bytes(b)) if b.len() % 8 == 0 => {
            out.extend(
                b.chunks_exact(8).map(|c| f64::from_le_bytes([c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7]]) as f32),
            );
        }
        (7, value) => {
            let mut integers = Vec::new();
            push_varints(&mut integers, value)?;
            out.extend(integers.iter().map(|v| *v as i32 as f32));
        }
        _ => return None,
    }
    Some(())
}

fn push_varints(out: &mut Vec<u64>, value: Wire<'_>) -> Option<()> {
    match value {
        Wire::Varint(v) => out.push(v),
        Wire::Bytes(b) => {
            let mut fields = Fields(b);
            while !fields.0.is_empty() {
                out.push(fields.varint()?);
            }
        }
        _ => return None,
    }
    Some(())
}

/// Rows of a request. Sparse records are laid out to `width`, where the model fixes it; absent values become `absent`.
pub fn rows(body: &[u8], width: Option<usize>, absent: f32) -> Result<Rows, RowError> {
    let mut rows = Rows::default();
    for (i, record) in records(body)?.into_iter().enumerate() {
        let tensor = record.values().ok_or_else(|| RowError::new(i + 1, "no features named 'values'"))?;
        let row = dense_row(tensor, width, absent).map_err(|reason| RowError::new(i + 1, reason))?;
        if i > 0 && row.len() != rows.width {
            return Err(RowError::new(i + 1, format!("{} features where row 1 has {}", row.len(), rows.width)));
        }
        rows.width = row.len();
        rows.values.extend(row);
    }
    Ok(rows)
}

/// Widest row that a sparse record may claim; beyond, its shape is taken for an attack on memory.
const MAX_WIDTH: u64 = 1 << 24;

fn dense_row(tensor: &Tensor, width: Option<usize>, absent: f32) -> Result<Vec<f32>, String> {
    if !tensor.sparse {
        return Ok(tensor.values.clone());
    }
    let needed = tensor.keys.iter().max().map_or(0, |k| k.saturating_add(1));
    let claimed = width.map(|w| w as u64).or(tensor.shape).unwrap_or(needed);
    if needed > claimed || claimed > MAX_WIDTH {
        return Err(format!("feature index {}, but a row has {claimed} features", needed.saturating_sub(1)));
    }
    let mut row = vec![absent; claimed as usize];
    for (key, value) in tensor.keys.iter().zip(&tensor.values) {
        row[*key as usize] = *value;
    }
    Ok(row)
}

/// A labelled training set from the bodies of all files.
pub fn table(bodies: &[Vec<u8>]) -> Result<Table, RowError> {
    let mut all = SparseTable::default();
    let (mut width, mut dense) = (0u64, true);
    for body in bodies {
        for (i, record) in records(body)?.into_iter().enumerate() {
            let tensor = record.values().ok_or_else(|| RowError::new(i + 1, "no features named 'values'"))?;
            let label = record.label("values").and_then(|l| l.first().copied());
            all.labels.push(label.ok_or_else(|| RowError::new(i + 1, "no label named 'values'"))?);
            all.weights.push(1.0);
            let keys: Vec<u64> =
                if tensor.sparse { tensor.keys.clone() } else { (0..tensor.values.len() as u64).collect() };
            let row_width = tensor
                .shape
                .filter(|_| tensor.sparse)
                .unwrap_or(keys.len() as u64)
                .max(keys.iter().max().map_or(0, |k| k.saturating_add(1)));
            if row_width > MAX_WIDTH {
                return Err(RowError::new(i + 1, format!("a row of {row_width} features is too wide")));
            }
            dense &= !tensor.sparse && (width == 0 || width == row_width);
            width = width.max(row_width);
            all.columns.extend(keys.iter().map(|k| *k as u32));
            all.values.extend(&tensor.values);
            all.starts.push(all.columns.len() as u64);
        }
    }
    let mut table = all.finish(width as usize);
    if dense && let Features::Sparse { values, .. } = table.features {
        table.features = Features::Dense(values);
    }
    Ok(table)
}

fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn put_bytes(out: &mut Vec<u8>, number: u64, bytes: &[u8]) {
    put_varint(out, number << 3 | 2);
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Appends one framed record with dense float32 tensors.
pub fn write_record(out: &mut Vec<u8>, features: &[(&str, Vec<f32>)], labels: &[(&str, Vec<f32>)]) {
    let mut message = Vec::new();
    for (number, map) in [(1, features), (2, labels)] {
        for (name, values) in map {
            let packed: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
            let (mut tensor, mut value, mut entry) = (Vec::new(), Vec::new(), Vec::new());
            put_bytes(&mut tensor, 1, &packed);
            put_bytes(&mut value, 2, &tensor);
            put_bytes(&mut entry, 1, name.as_bytes());
            put_bytes(&mut entry, 2, &value);
            put_bytes(&mut message, number, &entry);
        }
    }
    out.extend(MAGIC.to_le_bytes());
    out.extend((message.len() as u32).to_le_bytes());
    out.extend(&message);
    out.resize(out.len().next_multiple_of(4), 0);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_written_is_read_back() {
        let mut body = Vec::new();
        write_record(&mut body, &[("values", vec![1.0, 2.5])], &[("values", vec![3.0])]);
        write_record(&mut body, &[("values", vec![-1.0, 0.0])], &[("values", vec![4.0])]);
        let table = table(&[body.clone()]).expect("a table");
        assert_eq!((table.num_columns, &table.labels[..]), (2, &[3.0, 4.0][..]));
        assert_eq!(table.features, Features::Dense(vec![1.0, 2.5, -1.0, 0.0]));
        assert_eq!(rows(&body, Some(2), f32::NAN).expect("rows").values, [1.0, 2.5, -1.0, 0.0]);
        assert_eq!(
            rows(&body[..body.len() - 1], None, 0.0).expect_err("cut").to_string(),
            "row 2: the RecordIO frame is cut short"
        );
        assert_eq!(rows(b"12345678", None, 0.0).expect_err("no magic").to_string(), "row 1: no RecordIO magic number");
    }

    #[test]
    fn a_sparse_record_fills_up_to_its_shape() {
        // features {"values": float32_tensor {values [7], keys [2], shape [4]}}
        let tensor = [0x0a, 4, 0, 0, 0xe0, 0x40, 0x12, 1, 2, 0x1a, 1, 4];
        let (mut value, mut entry, mut message) = (vec![], vec![], vec![]);
        put_bytes(&mut value, 2, &tensor);
        put_bytes(&mut entry, 1, b"values");
        put_bytes(&mut entry, 2, &value);
        put_bytes(&mut message, 1, &entry);
        let mut body = MAGIC.to_le_bytes().to_vec();
        body.extend((message.len() as u32).to_le_bytes());
        body.extend(&message);
        body.resize(body.len().next_multiple_of(4), 0);
        assert_eq!(rows(&body, None, 0.0).expect("rows").values, [0.0, 0.0, 7.0, 0.0]);
        assert!(rows(&body, Some(2), 0.0).is_err());
    }

    proptest! {
        #[test]
        fn hostile_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), framed: bool) {
            let mut body = Vec::new();
            if framed {
                body.extend(MAGIC.to_le_bytes());
                body.extend((bytes.len() as u32).to_le_bytes());
            }
            body.extend(&bytes);
            body.resize(body.len().next_multiple_of(4), 0);
            let _ = rows(&body, Some(4), 0.0);
            let _ = table(&[body]);
        }
    }
}
