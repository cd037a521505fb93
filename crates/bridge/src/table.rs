//! Tables and columns as Arrow IPC files: written in one pass, mapped when read.

use crate::bridge::{Bridge, Draft, Entry};
use crate::manifest::{Column, Kind};
use crate::{BridgeError, Result};
use polars::prelude::*;
use std::fs::File;

/// polars copies a batch before it writes it, so that a table is written in batches of about this size. It is large,
/// because a reader that wants a column in one piece has to join the batches.
const BATCH_BYTES: usize = 256 << 20;

pub(crate) fn put_table(bridge: &Bridge, name: &str, table: &DataFrame, made_by: &str) -> Result<()> {
    let mut draft = draft(table, Kind::Table, made_by);
    draft.rows = Some(table.height() as u64);
    bridge.store(name, draft, |file| write(bridge, name, table, file))
}

/// An array of one dimension, a column called `value`.
pub(crate) fn put_array(bridge: &Bridge, name: &str, column: Series, made_by: &str, dtype: &str) -> Result<()> {
    let shape = vec![column.len() as u64];
    put_shaped(bridge, name, column, made_by, dtype, shape)
}

/// An array of any dimensions, flat.
pub(crate) fn put_shaped(
    bridge: &Bridge,
    name: &str,
    column: Series,
    made_by: &str,
    dtype: &str,
    shape: Vec<u64>,
) -> Result<()> {
    let len = column.len();
    let table = DataFrame::new(len, vec![column.with_name("value".into()).into()]).map_err(refused(name))?;
    let mut draft = draft(&table, Kind::Array, made_by);
    (draft.shape, draft.rows, draft.dtype) = (shape, Some(len as u64), dtype.to_owned());
    bridge.store(name, draft, |file| write(bridge, name, &table, file))
}

fn draft(table: &DataFrame, kind: Kind, made_by: &str) -> Draft {
    let column =
        |column: &polars::prelude::Column| Column { name: column.name().to_string(), kind: column.dtype().to_string() };
    Draft {
        kind,
        made_by: made_by.to_owned(),
        num_bytes: table.estimated_size() as u64 + 4096,
        rows: None,
        columns: table.columns().iter().map(column).collect(),
        shape: Vec::new(),
        dtype: String::new(),
    }
}

fn write(bridge: &Bridge, name: &str, table: &DataFrame, file: &mut File) -> Result<()> {
    let size = table.estimated_size();
    let failed = |error: PolarsError| match error {
        PolarsError::IO { error, .. } => {
            bridge.no_room(name, size as u64, std::io::Error::new(error.kind(), error.to_string()))
        }
        other => refused(name)(other),
    };
    let mut batches = in_batches(table, size).map_err(failed)?;
    IpcWriter::new(file).finish(&mut batches).map_err(failed)
}

/// The same table in pieces of a bounded size; nothing is copied.
fn in_batches(table: &DataFrame, size: usize) -> PolarsResult<DataFrame> {
    let rows = table.height() / (size / BATCH_BYTES + 1) + 1;
    let mut batches = table.slice(0, rows);
    for offset in (rows..table.height()).step_by(rows) {
        batches.vstack_mut(&table.slice(offset as i64, rows))?;
    }
    Ok(batches)
}

/// The table of an entry, mapped. What has no mapped form (some empty columns) is read instead.
pub(crate) fn read(entry: &Entry) -> Result<DataFrame> {
    if !matches!(entry.manifest.kind, Kind::Table | Kind::Array) {
        return Err(kind(entry, "a table"));
    }
    let open = || entry.file.try_clone().map_err(BridgeError::io(format!("opening {}", entry.path.display())));
    let mut reader = IpcReader::new(open()?);
    let schema = reader.schema().map_err(refused(&entry.name))?;
    for (column, field) in schema.iter() {
        check(&field.dtype).map_err(|hint| BridgeError::Type {
            name: entry.name.clone(),
            column: column.to_string(),
            found: entry
                .manifest
                .columns
                .iter()
                .find(|known| known.name == column.as_str())
                .map_or_else(|| format!("{:?}", field.dtype), |known| known.kind.clone()),
            hint: hint.to_owned(),
        })?;
    }
    // SAFETY: only putters write these files, with a writer of Arrow IPC, and nothing changes them afterwards; their
    // length was compared with the manifest's. The folder is private to this user.
    let mapped = unsafe { reader.memory_mapped(Some(entry.path.clone())) }.finish();
    match mapped {
        Ok(table) => Ok(table),
        Err(_) => IpcReader::new(open()?).finish().map_err(refused(&entry.name)),
    }
}

/// Refuses what polars has no type for, with what to cast it to.
fn check(dtype: &ArrowDataType) -> std::result::Result<(), &'static str> {
    use ArrowDataType as T;
    match dtype {
        T::Union(_) => Err("Put one column for each of its types, or a struct."),
        T::Interval(_) => Err("Cast it to a duration, or put its months, days and nanoseconds as numbers."),
        T::Decimal256(..) => Err("Cast it to decimal128 (38 digits) or to text."),
        T::Unknown => Err("Cast it to numbers or to text."),
        T::List(inner) | T::LargeList(inner) | T::FixedSizeList(inner, _) | T::Map(inner, _) => check(&inner.dtype),
        T::Struct(fields) => fields.iter().try_for_each(|field| check(&field.dtype)),
        T::Dictionary(_, values, _) => check(values),
        T::Extension(extension) => check(&extension.inner),
        _ => Ok(()),
    }
}

/// The only column of an array, or of a table that has one.
pub(crate) fn read_array(entry: &Entry) -> Result<Series> {
    let table = read(entry)?;
    match table.columns() {
        [column] => Ok(column.as_materialized_series().clone()),
        columns => {
            let found = format!("a table with {} columns", columns.len());
            Err(BridgeError::Kind { name: entry.name.clone(), found, wanted: "one column".to_owned() })
        }
    }
}

pub(crate) fn kind(entry: &Entry, wanted: &str) -> BridgeError {
    let found = format!("{} ({})", entry.manifest.kind.words(), entry.manifest.made_by);
    BridgeError::Kind { name: entry.name.clone(), found, wanted: wanted.to_owned() }
}

fn refused(name: &str) -> impl FnOnce(PolarsError) -> BridgeError + use<> {
    let name = name.to_owned();
    move |error| BridgeError::Table { name, why: error.to_string() }
}
