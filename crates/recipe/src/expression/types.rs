//! Types that a column can be cast to, by Polars' names.

use polars::prelude::{DataType, TimeUnit};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    Int8,
    Int16,
    Int32,
    Int64,
    UInt8,
    UInt16,
    UInt32,
    UInt64,
    Float32,
    Float64,
    String,
    Boolean,
    Date,
    Datetime,
    Time,
    Categorical,
}

/// Polars' name (a form's choice), pandas' name.
const NAMES: &[(Type, &str, &str)] = &[
    (Type::Int64, "Int64", "Int64"),
    (Type::Float64, "Float64", "Float64"),
    (Type::String, "String", "string"),
    (Type::Boolean, "Boolean", "boolean"),
    (Type::Date, "Date", "datetime64[us]"),
    (Type::Datetime, "Datetime", "datetime64[us]"),
    (Type::Time, "Time", "object"),
    (Type::Categorical, "Categorical", "category"),
    (Type::Int8, "Int8", "Int8"),
    (Type::Int16, "Int16", "Int16"),
    (Type::Int32, "Int32", "Int32"),
    (Type::UInt8, "UInt8", "UInt8"),
    (Type::UInt16, "UInt16", "UInt16"),
    (Type::UInt32, "UInt32", "UInt32"),
    (Type::UInt64, "UInt64", "UInt64"),
    (Type::Float32, "Float32", "Float32"),
];

impl Type {
    pub fn parse(name: &str) -> Option<Type> {
        match name {
            "Utf8" => Some(Type::String),
            _ => NAMES.iter().find(|(_, polars, _)| *polars == name).map(|(kind, ..)| *kind),
        }
    }

    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(kind, ..)| *kind == self).map_or("", |(_, polars, _)| polars)
    }

    pub fn pandas(self) -> &'static str {
        NAMES.iter().find(|(kind, ..)| *kind == self).map_or("", |(.., pandas)| pandas)
    }

    pub fn all() -> impl Iterator<Item = &'static str> {
        NAMES.iter().map(|(_, polars, _)| *polars)
    }

    pub fn dtype(self) -> DataType {
        match self {
            Type::Int8 => DataType::Int8,
            Type::Int16 => DataType::Int16,
            Type::Int32 => DataType::Int32,
            Type::Int64 => DataType::Int64,
            Type::UInt8 => DataType::UInt8,
            Type::UInt16 => DataType::UInt16,
            Type::UInt32 => DataType::UInt32,
            Type::UInt64 => DataType::UInt64,
            Type::Float32 => DataType::Float32,
            Type::Float64 => DataType::Float64,
            Type::String => DataType::String,
            Type::Boolean => DataType::Boolean,
            Type::Date => DataType::Date,
            Type::Datetime => DataType::Datetime(TimeUnit::Microseconds, None),
            Type::Time => DataType::Time,
            Type::Categorical => DataType::from_categories(polars::prelude::Categories::global()),
        }
    }

    /// As Rust code with Polars' prelude in scope.
    pub fn rust(self) -> String {
        match self {
            Type::Datetime => "DataType::Datetime(TimeUnit::Microseconds, None)".into(),
            Type::Categorical => "DataType::from_categories(Categories::global())".into(),
            _ => format!("DataType::{}", self.name()),
        }
    }
}
