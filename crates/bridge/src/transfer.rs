//! What can be put and what can be got, type by type.

use crate::bridge::{Bridge, Entry};
use crate::manifest::{Kind, Manifest};
use crate::table::{kind, put_array, put_table, read, read_array};
use crate::value::{get_bytes, get_value, put_bytes, put_value};
use crate::{BridgeError, Result};
use polars::prelude::*;
use std::collections::{BTreeMap, HashMap};

/// What can be given a name.
pub trait Put {
    fn put(&self, bridge: &Bridge, name: &str) -> Result<()>;
}

/// What can be asked for by name.
pub trait Get: Sized {
    fn get(entry: &Entry) -> Result<Self>;
}

impl Entry {
    /// The table, or the array as a table: one of two dimensions has a column for each of its own. Mapped: its cost does
    /// not grow with its size, but for arrays of two dimensions in C order, whose columns are gathered.
    pub fn table(&self) -> Result<DataFrame> {
        let [rows, columns] = self.manifest.shape[..] else { return read(self) };
        let (rows, columns) = (rows as usize, columns as usize);
        let values = natural(self, read_array(self)?)?;
        if values.len() != rows.saturating_mul(columns) || columns > MOST_COLUMNS {
            return read(self);
        }
        let failed = |error: PolarsError| BridgeError::Table { name: self.name.clone(), why: error.to_string() };
        let column = |index: usize| {
            let values = if self.manifest.fortran {
                values.slice((index * rows) as i64, rows)
            } else {
                values.gather_every(columns, index).map_err(failed)?
            };
            Ok(values.with_name(index.to_string().into()).into())
        };
        DataFrame::new(rows, (0..columns).map(column).collect::<Result<_>>()?).map_err(failed)
    }
}

/// A wider array is shown as one column.
const MOST_COLUMNS: usize = 4096;

impl Put for DataFrame {
    fn put(&self, bridge: &Bridge, name: &str) -> Result<()> {
        put_table(bridge, name, self, "rust.DataFrame")
    }
}

impl Get for DataFrame {
    fn get(entry: &Entry) -> Result<Self> {
        read(entry)
    }
}

impl Put for Series {
    fn put(&self, bridge: &Bridge, name: &str) -> Result<()> {
        let len = self.len();
        let table = DataFrame::new(len, vec![self.clone().into()])
            .map_err(|error| BridgeError::Table { name: name.to_owned(), why: error.to_string() })?;
        put_table(bridge, name, &table, "rust.Series")
    }
}

impl Get for Series {
    fn get(entry: &Entry) -> Result<Self> {
        read_array(entry)
    }
}

impl Put for Column {
    fn put(&self, bridge: &Bridge, name: &str) -> Result<()> {
        self.as_materialized_series().put(bridge, name)
    }
}

/// What a vector may hold, `Option` of it for missing values.
pub trait Element: Sized {
    fn series(values: &[Self]) -> Series;
    /// `Err`: how many values are missing, or which type the column has instead.
    fn from_series(series: &Series) -> std::result::Result<Vec<Self>, Mismatch>;
    /// numpy's name of the type; empty where it has none.
    fn dtype() -> &'static str;
}

/// Why a column is not a vector of what was asked for.
pub enum Mismatch {
    Missing(usize),
    Type,
}

macro_rules! element {
    ($($rust:ty, $polars:ident, $read:ident, $dtype:literal;)*) => {$(
        impl Element for $rust {
            fn series(values: &[Self]) -> Series {
                Series::new("value".into(), values)
            }

            fn from_series(series: &Series) -> std::result::Result<Vec<Self>, Mismatch> {
                let series = widened(series, &DataType::$polars).ok_or(Mismatch::Type)?;
                let found = series.$read().map_err(|_| Mismatch::Type)?;
                if found.null_count() > 0 {
                    return Err(Mismatch::Missing(found.null_count()));
                }
                Ok(found.iter().flatten().map(Into::into).collect())
            }

            fn dtype() -> &'static str {
                $dtype
            }
        }

        impl Element for Option<$rust> {
            fn series(values: &[Self]) -> Series {
                Series::new("value".into(), values)
            }

            fn from_series(series: &Series) -> std::result::Result<Vec<Self>, Mismatch> {
                let series = widened(series, &DataType::$polars).ok_or(Mismatch::Type)?;
                let found = series.$read().map_err(|_| Mismatch::Type)?;
                Ok(found.iter().map(|value| value.map(Into::into)).collect())
            }

            fn dtype() -> &'static str {
                ""
            }
        }
    )*};
}

element! {
    f64, Float64, f64, "<f8";
    f32, Float32, f32, "<f4";
    i64, Int64, i64, "<i8";
    i32, Int32, i32, "<i4";
    i16, Int16, i16, "<i2";
    i8, Int8, i8, "|i1";
    u64, UInt64, u64, "<u8";
    u32, UInt32, u32, "<u4";
    u16, UInt16, u16, "<u2";
    u8, UInt8, u8, "|u1";
    bool, Boolean, bool, "";
    String, String, str, "";
}

/// The column as `wanted` where every value of its type is one of that too.
fn widened(series: &Series, wanted: &DataType) -> Option<Series> {
    use DataType as T;
    let found = series.dtype();
    let fits = match (found, wanted) {
        (found, wanted) if found == wanted => return Some(series.clone()),
        (T::Float32, T::Float64) | (T::Categorical(..) | T::Enum(..), T::String) => true,
        (T::Int8 | T::Int16 | T::Int32 | T::UInt8 | T::UInt16 | T::UInt32, T::Float64) => true,
        (T::Int8 | T::Int16 | T::UInt8 | T::UInt16, T::Float32) => true,
        (found, T::Int64) => matches!(found, T::Int8 | T::Int16 | T::Int32 | T::UInt8 | T::UInt16 | T::UInt32),
        (found, T::Int32) => matches!(found, T::Int8 | T::Int16 | T::UInt8 | T::UInt16),
        (found, T::UInt64) => matches!(found, T::UInt8 | T::UInt16 | T::UInt32),
        (found, T::UInt32) => matches!(found, T::UInt8 | T::UInt16),
        _ => false,
    };
    fits.then(|| series.cast(wanted).ok()).flatten()
}

impl<T: Element> Put for [T] {
    fn put(&self, bridge: &Bridge, name: &str) -> Result<()> {
        put_array(bridge, name, T::series(self), "rust.Vec", T::dtype())
    }
}

impl<T: Element> Put for Vec<T> {
    fn put(&self, bridge: &Bridge, name: &str) -> Result<()> {
        self.as_slice().put(bridge, name)
    }
}

impl<T: Element, const N: usize> Put for [T; N] {
    fn put(&self, bridge: &Bridge, name: &str) -> Result<()> {
        self.as_slice().put(bridge, name)
    }
}

impl<T: Element> Get for Vec<T> {
    /// An array of any dimensions comes flat, in its order in memory; see [`Array`].
    fn get(entry: &Entry) -> Result<Self> {
        if entry.manifest.kind == Kind::Bytes {
            let bytes: Vec<u8> = get_bytes(entry)?;
            return vector(entry, &Series::new("value".into(), bytes));
        }
        if entry.manifest.kind == Kind::Value {
            // A list of plain values, which Python put as it was.
            let list: Vec<serde_json::Value> = get_value(entry)?;
            let series = from_json(&list).ok_or_else(|| kind(entry, std::any::type_name::<Self>()))?;
            return vector(entry, &series);
        }
        vector(entry, &natural(entry, read_array(entry)?)?)
    }
}

fn vector<T: Element>(entry: &Entry, series: &Series) -> Result<Vec<T>> {
    let wanted = std::any::type_name::<T>();
    T::from_series(series).map_err(|mismatch| match mismatch {
        Mismatch::Missing(count) => BridgeError::Kind {
            name: entry.name.clone(),
            found: format!("a column with {count} missing values"),
            wanted: format!("Vec<{wanted}>: ask for Vec<Option<{wanted}>>"),
        },
        Mismatch::Type => BridgeError::Kind {
            name: entry.name.clone(),
            found: format!("a column of {}", series.dtype()),
            wanted: format!("Vec<{wanted}>"),
        },
    })
}

/// An array's column in its own type: numpy's booleans are stored a byte each.
fn natural(entry: &Entry, series: Series) -> Result<Series> {
    let refused = |hint: &str| BridgeError::Type {
        name: entry.name.clone(),
        column: "value".to_owned(),
        found: entry.manifest.dtype.clone(),
        hint: hint.to_owned(),
    };
    match entry.manifest.dtype.as_str() {
        "|b1" => series.cast(&DataType::Boolean).map_err(|error| refused(&error.to_string())),
        "<f2" => Err(refused("Put it as float32: array.astype(\"f4\").")),
        "<c8" | "<c16" => Err(refused("Put its real and imaginary parts as two arrays.")),
        _ => Ok(series),
    }
}

/// A list of JSON as a column, where all its values are of one type.
fn from_json(list: &[serde_json::Value]) -> Option<Series> {
    use serde_json::Value as Json;
    let all = |is: fn(&Json) -> bool| list.iter().all(|value| value.is_null() || is(value));
    let name = PlSmallStr::from_static("value");
    if all(Json::is_i64) {
        return Some(Series::new(name, list.iter().map(Json::as_i64).collect::<Vec<_>>()));
    }
    if all(Json::is_u64) {
        return Some(Series::new(name, list.iter().map(Json::as_u64).collect::<Vec<_>>()));
    }
    if all(Json::is_number) {
        return Some(Series::new(name, list.iter().map(Json::as_f64).collect::<Vec<_>>()));
    }
    if all(Json::is_boolean) {
        return Some(Series::new(name, list.iter().map(Json::as_bool).collect::<Vec<_>>()));
    }
    all(Json::is_string).then(|| Series::new(name, list.iter().map(Json::as_str).collect::<Vec<_>>()))
}

/// An array of any number of dimensions, its values in C order (the last index runs fastest).
#[derive(Clone, Debug, PartialEq)]
pub struct Array<T> {
    pub shape: Vec<usize>,
    pub values: Vec<T>,
}

impl<T: Element> Put for Array<T> {
    fn put(&self, bridge: &Bridge, name: &str) -> Result<()> {
        let count: usize = self.shape.iter().product();
        if count != self.values.len() {
            let why = format!("its shape {:?} holds {count} values, not {}", self.shape, self.values.len());
            return Err(BridgeError::Value { name: name.to_owned(), why });
        }
        let shape = self.shape.iter().map(|length| *length as u64).collect();
        crate::table::put_shaped(bridge, name, T::series(&self.values), "rust.Array", T::dtype(), shape)
    }
}

impl<T: Element + Clone> Get for Array<T> {
    fn get(entry: &Entry) -> Result<Self> {
        let values = Vec::<T>::get(entry)?;
        let Manifest { shape, fortran, .. } = &entry.manifest;
        let shape: Vec<usize> = if shape.is_empty() && entry.manifest.kind != Kind::Array {
            vec![values.len()]
        } else {
            shape.iter().map(|length| *length as usize).collect()
        };
        if shape.iter().product::<usize>() != values.len() {
            return Err(kind(entry, "an array whose shape fits its values"));
        }
        Ok(Array { values: if *fortran { c_order(&shape, values) } else { values }, shape })
    }
}

/// From the order in which the first index runs fastest to that in which the last does.
fn c_order<T: Clone>(shape: &[usize], values: Vec<T>) -> Vec<T> {
    let mut steps = Vec::with_capacity(shape.len());
    let mut step = 1;
    for length in shape {
        steps.push(step);
        step *= length;
    }
    let mut index = vec![0; shape.len()];
    let mut ordered = Vec::with_capacity(values.len());
    for _ in 0..values.len() {
        ordered.push(values[index.iter().zip(&steps).map(|(i, step)| i * step).sum::<usize>()].clone());
        for axis in (0..shape.len()).rev() {
            index[axis] += 1;
            if index[axis] < shape[axis] {
                break;
            }
            index[axis] = 0;
        }
    }
    ordered
}

macro_rules! plain {
    ($($rust:ty, $made_by:literal;)*) => {$(
        impl Put for $rust {
            fn put(&self, bridge: &Bridge, name: &str) -> Result<()> {
                put_value(bridge, name, self, $made_by)
            }
        }

        impl Get for $rust {
            fn get(entry: &Entry) -> Result<Self> {
                get_value(entry)
            }
        }
    )*};
}

plain! {
    bool, "bool";
    i8, "int"; i16, "int"; i32, "int"; i64, "int"; isize, "int";
    u8, "int"; u16, "int"; u32, "int"; u64, "int"; usize, "int";
    String, "str";
    serde_json::Value, "rust.Value";
}

macro_rules! float {
    ($($rust:ty),*) => {$(
        impl Put for $rust {
            /// JSON has no infinities: a number crosses as an array without dimensions.
            fn put(&self, bridge: &Bridge, name: &str) -> Result<()> {
                crate::table::put_shaped(bridge, name, <$rust>::series(&[*self]), "float", <$rust>::dtype(), Vec::new())
            }
        }

        impl Get for $rust {
            fn get(entry: &Entry) -> Result<Self> {
                if entry.manifest.kind == Kind::Value {
                    return get_value(entry);
                }
                match Vec::<$rust>::get(entry)?.as_slice() {
                    [value] => Ok(*value),
                    values => Err(kind(entry, &format!("one number, but {}", values.len()))),
                }
            }
        }
    )*};
}

float!(f64, f32);

impl Put for str {
    fn put(&self, bridge: &Bridge, name: &str) -> Result<()> {
        put_value(bridge, name, self, "str")
    }
}

impl Put for &str {
    fn put(&self, bridge: &Bridge, name: &str) -> Result<()> {
        (**self).put(bridge, name)
    }
}

macro_rules! map {
    ($($map:ident),*) => {$(
        impl<V: serde::Serialize> Put for $map<String, V> {
            fn put(&self, bridge: &Bridge, name: &str) -> Result<()> {
                put_value(bridge, name, self, "dict")
            }
        }

        impl<V: serde::de::DeserializeOwned> Get for $map<String, V> {
            fn get(entry: &Entry) -> Result<Self> {
                get_value(entry)
            }
        }
    )*};
}

map!(HashMap, BTreeMap);

/// Bytes as they are, which Python gets as `bytes`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bytes(pub Vec<u8>);

impl Put for Bytes {
    fn put(&self, bridge: &Bridge, name: &str) -> Result<()> {
        put_bytes(bridge, name, &self.0, Kind::Bytes, "bytes")
    }
}

impl Get for Bytes {
    fn get(entry: &Entry) -> Result<Self> {
        match entry.manifest.kind {
            Kind::Bytes => get_bytes(entry).map(Bytes),
            _ => Err(kind(entry, "bytes")),
        }
    }
}
