//! Types of text columns by their values.

use polars::prelude::*;

/// How a column of a text file becomes values.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Fit {
    /// Polars' reader parses it itself: integers, floats, text.
    Native(DataType),
    /// Read as text, then turned into `dtype`; blanks around values go first.
    Then { dtype: DataType, format: Option<&'static str> },
}

impl Fit {
    pub fn text() -> Fit {
        Fit::Native(DataType::String)
    }

    pub fn dtype(&self) -> &DataType {
        match self {
            Fit::Native(dtype) | Fit::Then { dtype, .. } => dtype,
        }
    }

    /// What the reader is asked for.
    pub fn read_as(&self) -> DataType {
        match self {
            Fit::Native(dtype) => dtype.clone(),
            Fit::Then { .. } => DataType::String,
        }
    }

    /// What a named type asks for.
    pub fn named(dtype: DataType) -> Fit {
        match dtype {
            DataType::Int64 | DataType::Float64 | DataType::String => Fit::Native(dtype),
            dtype => Fit::Then { dtype, format: None },
        }
    }
}

const DATES: [&str; 3] = ["%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y"];
const TIMES: [&str; 8] = [
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M:%S%#z",
    "%Y-%m-%dT%H:%M:%S%.f%#z",
    "%Y-%m-%d %H:%M:%S%#z",
];

/// Digits of a number without its sign, if it is an integer that keeps its text when read as a number.
fn integer(value: &str) -> Option<&str> {
    let digits = value.strip_prefix('-').unwrap_or(value);
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    (plain && (digits.len() == 1 || !digits.starts_with('0'))).then_some(digits)
}

fn is_float(value: &str, decimal_comma: bool) -> bool {
    let begins = value.trim_start_matches(['-', '+']);
    if !begins.starts_with(|c: char| c.is_ascii_digit() || c == '.' || (decimal_comma && c == ',')) {
        return false; // `inf`, `nan`, `e5` are words
    }
    // `007` and `0042` are codes.
    if begins.len() > 1 && begins.starts_with('0') && begins.as_bytes()[1].is_ascii_digit() {
        return false;
    }
    match decimal_comma {
        true => !value.contains('.') && value.replacen(',', ".", 1).parse::<f64>().is_ok(),
        false => value.parse::<f64>().is_ok(),
    }
}

/// What all values (missing ones left out) can be read as.
pub(crate) fn infer<'a>(values: impl Iterator<Item = &'a str> + Clone, decimal_comma: bool) -> Fit {
    let mut some = values.clone().peekable();
    if some.peek().is_none() {
        return Fit::text();
    }
    let blank = values.clone().any(|value| value.len() != value.trim().len());
    let trimmed = values.map(str::trim);
    let all = |test: &dyn Fn(&str) -> bool| trimmed.clone().all(test);
    let number = |dtype: DataType| if blank { Fit::Then { dtype, format: None } } else { Fit::Native(dtype) };
    if all(&|value| integer(value).is_some()) {
        if all(&|value| value.parse::<i64>().is_ok()) {
            return number(DataType::Int64);
        }
        if all(&|value| value.parse::<u64>().is_ok()) {
            return Fit::Then { dtype: DataType::UInt64, format: None };
        }
        return if all(&|value| value.len() <= 38) {
            Fit::Then { dtype: DataType::Decimal(38, 0), format: None }
        } else {
            Fit::text()
        };
    }
    if all(&|value| is_float(value, decimal_comma)) {
        return if blank && decimal_comma { Fit::text() } else { number(DataType::Float64) };
    }
    if all(&|value| matches!(value, "true" | "false" | "True" | "False" | "TRUE" | "FALSE")) {
        return Fit::Then { dtype: DataType::Boolean, format: None };
    }
    if let Some(format) = DATES.into_iter().find(|format| all(&|value| has_shape(value, format))) {
        return Fit::Then { dtype: DataType::Date, format: Some(format) };
    }
    if let Some(format) = TIMES.into_iter().find(|format| all(&|value| has_shape(value, format))) {
        let zone = format.ends_with('z').then_some(TimeZone::UTC);
        return Fit::Then { dtype: DataType::Datetime(TimeUnit::Microseconds, zone), format: Some(format) };
    }
    if all(&|value| has_shape(value, "%H:%M:%S")) {
        return Fit::Then { dtype: DataType::Time, format: Some("%H:%M:%S") };
    }
    if blank && all(&|value| !value.is_empty()) && trimmed.clone().count() > 1 {
        return Fit::Then { dtype: DataType::String, format: None };
    }
    Fit::text()
}

/// Whether the digits stand where a format has them; whether the day exists is for the reader to say.
fn has_shape(value: &str, format: &str) -> bool {
    let mut bytes = value.bytes().peekable();
    let digits = |bytes: &mut std::iter::Peekable<std::str::Bytes>, least: usize, most: usize| {
        let mut n = 0;
        while n < most && bytes.peek().is_some_and(u8::is_ascii_digit) {
            bytes.next();
            n += 1;
        }
        n >= least
    };
    let mut format = format.bytes().peekable();
    while let Some(byte) = format.next() {
        if byte != b'%' {
            if bytes.next() != Some(byte) {
                return false;
            }
            continue;
        }
        let fits = match format.next() {
            Some(b'Y') => digits(&mut bytes, 4, 4),
            Some(b'.') => {
                format.next();
                bytes.next() == Some(b'.') && digits(&mut bytes, 1, 9)
            }
            Some(b'#') => {
                format.next();
                match bytes.next() {
                    Some(b'Z') => true,
                    Some(b'+' | b'-') => {
                        digits(&mut bytes, 2, 2) && {
                            if bytes.peek() == Some(&b':') {
                                bytes.next();
                            }
                            digits(&mut bytes, 0, 2)
                        }
                    }
                    _ => false,
                }
            }
            _ => digits(&mut bytes, 2, 2),
        };
        if !fits {
            return false;
        }
    }
    bytes.next().is_none()
}

/// The narrowest type that holds values of both.
pub(crate) fn widen(a: &Fit, b: &Fit) -> Fit {
    use DataType::{Float64, Int64};
    if a == b {
        return a.clone();
    }
    let numeric = |fit: &Fit| matches!(fit.dtype(), Int64 | Float64);
    match (a, b) {
        (Fit::Native(_), Fit::Native(_)) if numeric(a) && numeric(b) => Fit::Native(Float64),
        _ if numeric(a) && numeric(b) => {
            Fit::Then { dtype: if a.dtype() == b.dtype() { a.dtype().clone() } else { Float64 }, format: None }
        }
        (
            Fit::Then { dtype: DataType::Datetime(_, one), format: Some(_) },
            Fit::Then { dtype: DataType::Datetime(_, two), format: Some(_) },
        ) if one == two && one.is_none() => Fit::Then { dtype: a.dtype().clone(), format: None },
        _ => Fit::text(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_of_values() {
        let check = |values: &[&str], expected: &str| {
            assert_eq!(infer(values.iter().copied(), false).dtype().to_string(), expected, "{values:?}")
        };
        check(&["1", "-2"], "i64");
        check(&["1", "2.5", "1e3"], "f64");
        check(&["007", "42"], "str");
        check(&["0", "0.5"], "f64");
        check(&["18446744073709551615"], "u64");
        check(&["123456789012345678901234567890"], "decimal[38,0]");
        check(&["true", "false"], "bool");
        check(&["2024-05-01"], "date");
        check(&["01.05.2024"], "date");
        check(&["2024-05-01 12:00:00"], "datetime[μs]");
        check(&["2024-05-01T12:00:00Z", "2024-05-01T12:00:00+02:00"], "datetime[μs, UTC]");
        check(&["12:30:00"], "time");
        check(&[" 1", " 2"], "i64");
        check(&["inf", "1"], "str");
        check(&[], "str");
    }
}
