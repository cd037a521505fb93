//! How a text file was read, as code: separator, encoding, markers of missing values, and the type of each column, so that
//! exported code finds in the file what the panel showed.

mod pandas;
mod polars;
mod rust;

use ::polars::prelude::{DataType, TimeUnit};

pub use self::{pandas::pandas, polars::polars, rust::rust};

/// The table that exported code reads.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Source {
    /// A path, or an address as the code would use it.
    pub path: String,
    /// For delimited text; without it the code reads by the file's ending.
    pub reading: Option<Reading>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    pub separator: char,
    /// `None`: quotes mean nothing.
    pub quote: Option<char>,
    /// A name of the Encoding Standard in small letters.
    pub encoding: String,
    pub comment: Option<String>,
    pub decimal_comma: bool,
    /// Lines above the header.
    pub skip_rows: usize,
    pub header: bool,
    /// Texts that mean a missing value.
    pub missing: Vec<String>,
    /// Fields beyond the last column are left out.
    pub cut_ragged: bool,
    /// Empty lines among the rows are no rows.
    pub empty_lines: bool,
    pub columns: Vec<Column>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    pub name: String,
    pub dtype: DataType,
    pub how: How,
}

/// From text to a value.
#[derive(Clone, Debug, PartialEq)]
pub enum How {
    /// The reader does it.
    Native,
    /// Blanks around values go first, then what is missing; then a cast.
    Cast,
    /// A date or time in this format of strftime; `None` tries the usual ones.
    Format(Option<String>),
}

/// Texts of a named boolean, in small letters.
const TRUE: [&str; 5] = ["true", "t", "yes", "y", "1"];
const FALSE: [&str; 5] = ["false", "f", "no", "n", "0"];
/// Formats of dates, and of times of a day.
const DATES: [&str; 4] = ["%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%m/%d/%Y"];
const TIMES: [&str; 3] = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M"];

impl From<&str> for Source {
    fn from(path: &str) -> Source {
        Source { path: path.to_owned(), reading: None }
    }
}

impl From<&String> for Source {
    fn from(path: &String) -> Source {
        path.as_str().into()
    }
}

impl Source {
    /// The function that reads it, as exported code calls it.
    pub(super) fn reader(&self) -> &'static str {
        if self.reading.is_some() { "read_source" } else { "read_table" }
    }
}

impl Reading {
    fn is_utf8(&self) -> bool {
        self.encoding == "utf-8"
    }
}

impl Column {
    /// The type that the reader is asked for.
    fn read_as(&self) -> &DataType {
        if self.how == How::Native { &self.dtype } else { &DataType::String }
    }

    /// Formats to try in turn, and whether a format has the time of day.
    fn formats(&self) -> Vec<(&str, bool)> {
        let is_date = self.dtype == DataType::Date;
        match &self.how {
            How::Format(Some(format)) => vec![(format, format.contains("%H"))],
            _ if is_date => DATES.iter().map(|format| (*format, false)).collect(),
            _ => {
                TIMES.iter().map(|format| (*format, true)).chain(DATES.iter().map(|format| (*format, false))).collect()
            }
        }
    }
}

/// A type's name with `prefix` before it: `pl.Int64`, `DataType::Int64`. What has no plain name is kept as text.
fn dtype(of: &DataType, python: bool) -> Option<String> {
    let prefix = if python { "pl." } else { "DataType::" };
    let plain = match of {
        DataType::Int8 => "Int8",
        DataType::Int16 => "Int16",
        DataType::Int32 => "Int32",
        DataType::Int64 => "Int64",
        DataType::UInt8 => "UInt8",
        DataType::UInt16 => "UInt16",
        DataType::UInt32 => "UInt32",
        DataType::UInt64 => "UInt64",
        DataType::Float32 => "Float32",
        DataType::Float64 => "Float64",
        DataType::String => "String",
        DataType::Boolean => "Boolean",
        DataType::Date => "Date",
        DataType::Time => "Time",
        DataType::Datetime(unit, zone) => {
            let zone = zone.as_ref().map(ToString::to_string);
            let (short, long) = match unit {
                TimeUnit::Nanoseconds => ("ns", "Nanoseconds"),
                TimeUnit::Microseconds => ("us", "Microseconds"),
                TimeUnit::Milliseconds => ("ms", "Milliseconds"),
            };
            return Some(match (python, zone) {
                (true, None) => format!("pl.Datetime(\"{short}\")"),
                (true, Some(zone)) => {
                    format!("pl.Datetime(\"{short}\", {})", crate::expression::python_text(&zone))
                }
                (false, zone) => {
                    let zone = match zone.as_deref() {
                        None => "None".to_owned(),
                        Some("UTC") => "Some(TimeZone::UTC)".to_owned(),
                        Some(_) => return None,
                    };
                    format!("DataType::Datetime(TimeUnit::{long}, {zone})")
                }
            });
        }
        DataType::Decimal(precision, scale) => return Some(format!("{prefix}Decimal({precision}, {scale})")),
        DataType::Categorical(..) if python => "Categorical",
        DataType::Categorical(..) => return Some("DataType::from_categories(Categories::global())".to_owned()),
        _ => return None,
    };
    Some(format!("{prefix}{plain}"))
}
