//! A value as the text of a grid cell: everything that it holds, in the shortest form.

use polars::prelude::*;
use std::fmt::Write as _;

/// Bytes of a binary value that are shown.
const MAX_BYTES: usize = 4096;

/// The values of a window; `None` for a missing one.
pub(crate) fn texts(series: &Series) -> Vec<Option<String>> {
    if let DataType::Datetime(_, zone) = series.dtype() {
        let format = if zone.is_some() { "%Y-%m-%dT%H:%M:%S%.f%:z" } else { "%Y-%m-%d %H:%M:%S%.f" };
        if let Ok(text) = series.datetime().and_then(|times| times.to_string(format)) {
            return text.iter().map(|value| value.map(str::to_owned)).collect();
        }
    }
    series.iter().map(|value| text(&value)).collect()
}

/// `None` for a missing value.
pub(crate) fn text(value: &AnyValue<'_>) -> Option<String> {
    Some(match value {
        AnyValue::Null => return None,
        AnyValue::Float64(number) if number.is_nan() => return None,
        AnyValue::Float32(number) if number.is_nan() => return None,
        AnyValue::Boolean(truth) => truth.to_string(),
        AnyValue::Float32(number) => float(f64::from(*number), number),
        AnyValue::Float64(number) => float(*number, number),
        AnyValue::Binary(bytes) => hex(bytes),
        AnyValue::BinaryOwned(bytes) => hex(bytes),
        AnyValue::List(_) | AnyValue::Array(..) | AnyValue::Struct(..) | AnyValue::StructOwned(_) => {
            let mut out = String::new();
            json(value, &mut out);
            out
        }
        AnyValue::Datetime(..) | AnyValue::DatetimeOwned(..) => {
            let text = value.to_string();
            // The fraction only as far as it goes.
            match text.split_once('.') {
                Some((whole, rest)) if rest.bytes().all(|byte| byte.is_ascii_digit()) => {
                    let rest = rest.trim_end_matches('0');
                    if rest.is_empty() { whole.to_owned() } else { format!("{whole}.{rest}") }
                }
                _ => text,
            }
        }
        other => other.get_str().map_or_else(|| other.to_string(), str::to_owned),
    })
}

/// The shortest digits that read back as the same number; with an exponent where plain digits would be long.
fn float<T: std::fmt::Display + std::fmt::LowerExp>(size: f64, number: &T) -> String {
    let size = size.abs();
    if size.is_finite() && size != 0.0 && !(1e-5..1e16).contains(&size) {
        format!("{number:e}")
    } else {
        number.to_string()
    }
}

fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(2 + 2 * bytes.len().min(MAX_BYTES));
    out.push_str("\\x");
    for byte in bytes.iter().take(MAX_BYTES) {
        let _ = write!(out, "{byte:02x}");
    }
    if bytes.len() > MAX_BYTES {
        let _ = write!(out, "… ({} bytes)", bytes.len());
    }
    out
}

fn json(value: &AnyValue<'_>, out: &mut String) {
    match value {
        AnyValue::List(items) | AnyValue::Array(items, _) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                json(&item, out);
            }
            out.push(']');
        }
        AnyValue::Struct(_, _, fields) => object(fields.iter().zip(value._iter_struct_av()), out),
        AnyValue::StructOwned(payload) => object(payload.1.iter().zip(payload.0.iter().cloned()), out),
        AnyValue::Null => out.push_str("null"),
        AnyValue::Boolean(truth) => out.push_str(&truth.to_string()),
        number if number.is_primitive_numeric() => out.push_str(&text(number).unwrap_or_else(|| "null".to_owned())),
        other => {
            let text = text(other).unwrap_or_default();
            out.push_str(&serde_json::to_string(&text).unwrap_or_default());
        }
    }
}

fn object<'a>(fields: impl Iterator<Item = (&'a Field, AnyValue<'a>)>, out: &mut String) {
    out.push('{');
    for (i, (field, value)) in fields.enumerate() {
        if i > 0 {
            out.push_str(", ");
        }
        out.push_str(&serde_json::to_string(field.name().as_str()).unwrap_or_default());
        out.push_str(": ");
        json(&value, out);
    }
    out.push('}');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(series: Series, expected: &[&str]) {
        let shown: Vec<String> =
            texts(&series).into_iter().map(|text| text.unwrap_or_else(|| "-".to_owned())).collect();
        assert_eq!(shown, expected);
    }

    #[test]
    fn values_are_whole() {
        check(
            Series::new(
                "x".into(),
                [Some(0.1), None, Some(f64::NAN), Some(1e300), Some(3.0), Some(123_456_789_012_345.0)],
            ),
            &["0.1", "-", "-", "1e300", "3", "123456789012345"],
        );
        check(Series::new("x".into(), [0.1f32]), &["0.1"]);
        check(Series::new("x".into(), [i64::MAX]), &["9223372036854775807"]);
        check(Series::new("x".into(), ["a\nb"]), &["a\nb"]);
        check(Series::new("x".into(), [&[0u8, 255][..]]), &["\\x00ff"]);
        let list = Series::new("x".into(), [Series::new("".into(), [Some(1i64), None])]);
        check(list, &["[1, null]"]);
        let times = Series::new("x".into(), [1_714_564_800_500_000i64]);
        check(times.clone().into_datetime(TimeUnit::Microseconds, None), &["2024-05-01 12:00:00.500"]);
        let paris = TimeZone::opt_try_new(Some("Europe/Paris")).unwrap();
        check(times.into_datetime(TimeUnit::Microseconds, paris), &["2024-05-01T14:00:00.500+02:00"]);
        check(Series::new("x".into(), [19_844i32]).into_date(), &["2024-05-01"]);
        let decimal = Series::new("x".into(), ["1.50", "-0.05"]).cast(&DataType::Decimal(38, 2)).unwrap();
        check(decimal, &["1.50", "-0.05"]);
        let frame = df!("a" => [1i64], "b" => ["x\"y"]).unwrap();
        check(frame.into_struct("s".into()).into_series(), &[r#"{"a": 1, "b": "x\"y"}"#]);
    }
}
