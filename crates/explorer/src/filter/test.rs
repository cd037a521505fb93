//! A test of one column as an expression over `x`.

use crate::error::{ExploreError, Result};
use crate::source::csv::times;
use atelier_wire::studio::data::filter::Test;
use polars::prelude::*;

/// True, false, or null for a missing value.
pub(super) fn expression(dtype: &DataType, column: &str, test: &Test, source: &str) -> Result<Expr> {
    let value = |text: &str| literal(dtype, column, text, source);
    let x = operand(dtype);
    let not_null = || operand(dtype).is_not_null();
    Ok(match test {
        Test::Null => x.is_null(),
        Test::NotNull => x.is_not_null(),
        Test::Equals { value: text } => x.eq(value(text)?),
        Test::NotEquals { value: text } => x.neq(value(text)?),
        Test::Less { value: text } => x.lt(value(text)?),
        Test::AtMost { value: text } => x.lt_eq(value(text)?),
        Test::More { value: text } => x.gt(value(text)?),
        Test::AtLeast { value: text } => x.gt_eq(value(text)?),
        Test::Between { low, high } => {
            let low = low.as_deref().map(|text| value(text).map(|low| operand(dtype).gt_eq(low))).transpose()?;
            let high = high.as_deref().map(|text| upper(dtype, column, text, source)).transpose()?;
            match (low, high) {
                (Some(low), Some(high)) => low.and(high),
                (Some(one), None) | (None, Some(one)) => one,
                (None, None) => not_null(),
            }
        }
        Test::In { values } => within(dtype, column, values, source)?,
        Test::NotIn { values } => within(dtype, column, values, source)?.not(),
        Test::Contains { text, ignore_case: false } => as_text(dtype).str().contains_literal(lit(text.clone())),
        Test::StartsWith { text, ignore_case: false } => as_text(dtype).str().starts_with(lit(text.clone())),
        Test::EndsWith { text, ignore_case: false } => as_text(dtype).str().ends_with(lit(text.clone())),
        Test::Contains { text, .. } => found(dtype, format!("(?i){}", regex::escape(text))),
        Test::StartsWith { text, .. } => found(dtype, format!("(?is)^{}", regex::escape(text))),
        Test::EndsWith { text, .. } => found(dtype, format!("(?is){}$", regex::escape(text))),
        Test::Matches { regex } => {
            regex::Regex::new(regex).map_err(|error| {
                let text = error.to_string();
                let last = text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
                ExploreError::refused(source, format!("`{regex}` is no regular expression: {last}"))
            })?;
            found(dtype, regex.clone())
        }
    })
}

/// The column; NaN is a missing value.
fn operand(dtype: &DataType) -> Expr {
    match dtype {
        DataType::Float32 | DataType::Float64 => col("x").fill_nan(lit(NULL)),
        DataType::Categorical(..) | DataType::Enum(..) => col("x").cast(DataType::String),
        _ => col("x"),
    }
}

fn as_text(dtype: &DataType) -> Expr {
    if *dtype == DataType::String { col("x") } else { operand(dtype).cast(DataType::String) }
}

fn found(dtype: &DataType, regex: String) -> Expr {
    as_text(dtype).str().contains(lit(regex), true)
}

fn within(dtype: &DataType, column: &str, values: &[Option<String>], source: &str) -> Result<Expr> {
    let null = values.iter().any(Option::is_none);
    let texts: Vec<&str> = values.iter().flatten().map(String::as_str).collect();
    let listed = match texts.len() {
        0 => lit(false),
        _ => {
            let mut parts = Vec::with_capacity(texts.len());
            for text in texts {
                parts.push(scalar(dtype, column, text, source)?);
            }
            let target = if matches!(dtype, DataType::Categorical(..) | DataType::Enum(..)) {
                DataType::String
            } else {
                dtype.clone()
            };
            let compute = |error: PolarsError| ExploreError::compute(source, &error);
            let mut list: Option<Series> = None;
            for part in &parts {
                let part = part.cast(&target).map_err(compute)?;
                match &mut list {
                    None => list = Some(part),
                    Some(list) => drop(list.append(&part).map_err(compute)?),
                }
            }
            let list = list.unwrap_or_default().implode().map_err(compute)?.into_series();
            operand(dtype).is_in(lit(list), false)
        }
    };
    Ok(listed.fill_null(lit(false)).or(if null { operand(dtype).is_null() } else { lit(false) }))
}

/// `x <= text`, where a day means the whole day.
fn upper(dtype: &DataType, column: &str, text: &str, source: &str) -> Result<Expr> {
    let text = text.trim();
    if matches!(dtype, DataType::Datetime(..)) && text.len() == 10 {
        let start = scalar(dtype, column, text, source)?;
        let day = match dtype {
            DataType::Datetime(TimeUnit::Milliseconds, _) => 86_400_000,
            DataType::Datetime(TimeUnit::Microseconds, _) => 86_400_000_000,
            _ => 86_400_000_000_000i64,
        };
        let compute = |error: PolarsError| ExploreError::compute(source, &error);
        let next = (start.to_physical_repr().into_owned() + day).cast(dtype).map_err(compute)?;
        return Ok(operand(dtype).lt(lit(next)));
    }
    Ok(operand(dtype).lt_eq(literal(dtype, column, text, source)?))
}

fn literal(dtype: &DataType, column: &str, text: &str, source: &str) -> Result<Expr> {
    Ok(lit(scalar(dtype, column, text, source)?).first())
}

/// The text as a value of the column's type, in a series of one.
fn scalar(dtype: &DataType, column: &str, text: &str, source: &str) -> Result<Series> {
    let trimmed = text.trim();
    let refuse = || ExploreError::refused(source, format!("column `{column}` holds {dtype}, and `{text}` is none"));
    let one = Series::new("".into(), [trimmed]);
    let made = match dtype {
        DataType::String | DataType::Categorical(..) | DataType::Enum(..) => return Ok(Series::new("".into(), [text])),
        DataType::Boolean => match trimmed.to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" => Series::new("".into(), [true]),
            "false" | "0" | "no" => Series::new("".into(), [false]),
            _ => return Err(refuse()),
        },
        // A bound between two integers is a bound all the same.
        dtype if dtype.is_integer() => match trimmed.parse::<i64>() {
            Ok(number) => Series::new("".into(), [number]),
            Err(_) => match trimmed.parse::<u64>() {
                Ok(number) => Series::new("".into(), [number]),
                Err(_) => Series::new("".into(), [trimmed.parse::<f64>().map_err(|_| refuse())?]),
            },
        },
        dtype if dtype.is_float() => Series::new("".into(), [trimmed.parse::<f64>().map_err(|_| refuse())?]),
        DataType::Date | DataType::Datetime(..) => {
            times(&one, dtype).map_err(|error| ExploreError::compute(source, &error))?
        }
        dtype => one.cast(dtype).map_err(|_| refuse())?,
    };
    if made.null_count() > 0 { Err(refuse()) } else { Ok(made) }
}
