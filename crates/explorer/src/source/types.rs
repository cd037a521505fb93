//! Types by the names that the window writes.

use atelier_wire::studio::data::view::ColumnKind;
use polars::prelude::*;

/// The type that an override names, if there is one of that name.
pub(crate) fn parse(name: &str) -> Option<DataType> {
    let name = name.trim();
    let lower = name.to_ascii_lowercase();
    let (base, inner) = match lower.split_once(['[', '(']) {
        Some((base, rest)) => (base.trim(), Some(rest.trim_end_matches([']', ')']))),
        None => (lower.as_str(), None),
    };
    Some(match base {
        "i8" => DataType::Int8,
        "i16" => DataType::Int16,
        "i32" => DataType::Int32,
        "i64" | "int" | "integer" => DataType::Int64,
        "u8" => DataType::UInt8,
        "u16" => DataType::UInt16,
        "u32" => DataType::UInt32,
        "u64" => DataType::UInt64,
        "f32" => DataType::Float32,
        "f64" | "float" | "number" => DataType::Float64,
        "str" | "string" | "text" => DataType::String,
        "bool" | "boolean" => DataType::Boolean,
        "date" => DataType::Date,
        "time" => DataType::Time,
        "datetime" => {
            // The zone keeps its capitals.
            let inside = inner.map(|inner| &name[name.len() - inner.len() - 1..name.len() - 1]);
            let mut parts = inside.unwrap_or_default().split(',').map(str::trim).filter(|part| !part.is_empty());
            let (mut unit, mut zone) = (TimeUnit::Microseconds, None);
            for part in parts.by_ref() {
                match part {
                    "ms" => unit = TimeUnit::Milliseconds,
                    "μs" | "us" => unit = TimeUnit::Microseconds,
                    "ns" => unit = TimeUnit::Nanoseconds,
                    other => zone = Some(other.to_owned()),
                }
            }
            let zone = match zone {
                None => None,
                Some(zone) => Some(TimeZone::opt_try_new(Some(zone.as_str())).ok()??),
            };
            DataType::Datetime(unit, zone)
        }
        "decimal" => {
            let numbers: Vec<usize> =
                inner.unwrap_or("2").split(',').filter_map(|part| part.trim().parse().ok()).collect();
            match numbers[..] {
                [scale] if scale <= 38 => DataType::Decimal(38, scale),
                [precision, scale] if (1..=38).contains(&precision) && scale <= precision => {
                    DataType::Decimal(precision, scale)
                }
                _ => return None,
            }
        }
        "category" | "cat" | "categorical" => DataType::from_categories(Categories::global()),
        _ => return None,
    })
}

pub(crate) fn kind(dtype: &DataType) -> ColumnKind {
    match dtype {
        DataType::Boolean => ColumnKind::Boolean,
        DataType::String => ColumnKind::Text,
        DataType::Categorical(..) | DataType::Enum(..) => ColumnKind::Category,
        DataType::Date => ColumnKind::Date,
        DataType::Datetime(..) => ColumnKind::Datetime,
        DataType::Time => ColumnKind::Time,
        DataType::Duration(_) => ColumnKind::Duration,
        DataType::Decimal(..) => ColumnKind::Decimal,
        DataType::Binary | DataType::BinaryOffset => ColumnKind::Binary,
        DataType::List(_) | DataType::Array(..) => ColumnKind::List,
        DataType::Struct(_) => ColumnKind::Struct,
        DataType::Null => ColumnKind::Null,
        dtype if dtype.is_integer() => ColumnKind::Integer,
        dtype if dtype.is_float() => ColumnKind::Float,
        _ => ColumnKind::Text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_by_name() {
        let check = |name: &str, expected: &str| {
            assert_eq!(parse(name).map_or("none".to_owned(), |dtype| dtype.to_string()), expected, "{name}")
        };
        check("i64", "i64");
        check("text", "str");
        check("datetime", "datetime[μs]");
        check("datetime[UTC]", "datetime[μs, UTC]");
        check("datetime[ms, Europe/Paris]", "datetime[ms, Europe/Paris]");
        check("decimal(2)", "decimal[38,2]");
        check("category", "cat");
        check("complex", "none");
        check("decimal(99)", "none");
    }
}
