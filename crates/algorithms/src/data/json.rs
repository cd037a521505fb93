//! The common JSON requests of the built-in algorithms: `{"instances": [{"features": [..]}]}`, one `{"features": [..]}`
//! a line, and the sparse form `{"data": {"features": {"keys": [..], "shape": [..], "values": [..]}}}`.

use super::{RowError, Rows};
use serde_json::Value;

/// Rows of an `application/json` body.
pub fn rows(body: &[u8], width: usize) -> Result<Rows, RowError> {
    let value: Value = serde_json::from_slice(body).map_err(|e| RowError::new(1, format!("not JSON: {e}")))?;
    let instances = value.get("instances").and_then(Value::as_array);
    let instances = instances.ok_or_else(|| RowError::new(1, "no list named 'instances'"))?;
    let mut rows = Rows { width, values: Vec::with_capacity(width * instances.len()) };
    for (i, instance) in instances.iter().enumerate() {
        push(&mut rows, i + 1, instance)?;
    }
    Ok(rows)
}

/// Rows of an `application/jsonlines` body.
pub fn lines(body: &[u8], width: usize) -> Result<Rows, RowError> {
    let mut rows = Rows { width, values: Vec::new() };
    let lines = body.split(|b| *b == b'\n').filter(|line| !line.trim_ascii().is_empty());
    for (i, line) in lines.enumerate() {
        let value: Value = serde_json::from_slice(line).map_err(|e| RowError::new(i + 1, format!("not JSON: {e}")))?;
        push(&mut rows, i + 1, &value)?;
    }
    Ok(rows)
}

fn numbers(row: usize, value: &Value) -> Result<Vec<f32>, RowError> {
    let wrong = || RowError::new(row, "features are not a list of numbers");
    value.as_array().ok_or_else(wrong)?.iter().map(|v| v.as_f64().map(|v| v as f32).ok_or_else(wrong)).collect()
}

fn push(rows: &mut Rows, row: usize, instance: &Value) -> Result<(), RowError> {
    let features = instance.pointer("/data/features").or_else(|| instance.get("features")).unwrap_or(instance);
    let values = numbers(row, features.get("values").unwrap_or(features))?;
    let Some(keys) = features.get("keys") else {
        if values.len() != rows.width {
            return Err(RowError::new(row, format!("{} features, but the model has {}", values.len(), rows.width)));
        }
        rows.values.extend(values);
        return Ok(());
    };
    let keys: Option<Vec<u64>> = keys.as_array().and_then(|keys| keys.iter().map(Value::as_u64).collect());
    let keys =
        keys.filter(|k| k.len() == values.len()).ok_or_else(|| RowError::new(row, "keys do not go with values"))?;
    let start = rows.values.len();
    rows.values.resize(start + rows.width, 0.0);
    for (key, value) in keys.into_iter().zip(values) {
        let beyond = || RowError::new(row, format!("feature index {key}, but the model has {} features", rows.width));
        let slot = usize::try_from(key).ok().filter(|k| *k < rows.width).ok_or_else(beyond)?;
        rows.values[start + slot] = value;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str, expected: Result<&[f32], &str>) {
        match rows(body.as_bytes(), 2) {
            Ok(rows) => assert_eq!(Ok(&rows.values[..]), expected, "{body}"),
            Err(e) => assert_eq!(Err(e.to_string().as_str()), expected, "{body}"),
        }
    }

    #[test]
    fn dense_and_sparse_instances() {
        check(r#"{"instances": [{"features": [1, 2.5]}, [3, 4]]}"#, Ok(&[1.0, 2.5, 3.0, 4.0]));
        check(
            r#"{"instances": [{"data": {"features": {"values": [9], "keys": [1], "shape": [2]}}}]}"#,
            Ok(&[0.0, 9.0]),
        );
        check(r#"{"instances": [{"data": {"features": {"values": [9, 8]}}}]}"#, Ok(&[9.0, 8.0]));
        check(r#"{"instances": [{"features": [1]}]}"#, Err("row 1: 1 features, but the model has 2"));
        check(r#"{"instances": [{"features": [1, "x"]}]}"#, Err("row 1: features are not a list of numbers"));
        check(r#"{"rows": []}"#, Err("row 1: no list named 'instances'"));
        check(
            r#"{"instances": [{"features": {"values": [1], "keys": [7]}}]}"#,
            Err("row 1: feature index 7, but the model has 2 features"),
        );
        assert_eq!(lines(b"{\"features\": [1, 2]}\n\n{\"features\": [3, 4]}\n", 2).expect("rows").len(), 2);
    }
}
