//! The bridge: named tables, arrays and values that kernels, notebooks, jobs and the data explorer hand to each other.
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use atelier_bridge as atelier;
//! # use polars::prelude::*;
//! let flights: DataFrame = atelier::get("flights")?; // put by Python: atelier.put("flights", df)
//! atelier::put("delays", &flights.column("delay")?.as_materialized_series().clone())?;
//! # Ok(()) }
//! ```
//!
//! A name is two files in one private folder: `<name>.json`, the [`Manifest`], and the data that it names, an Arrow
//! IPC file without compression for tables and arrays. A putter writes the data once and then replaces the manifest
//! by a rename, so a reader sees the old entry or the new one, never half of one; a reader that holds the old data
//! keeps it for as long as it likes. Reading maps the file: what a table costs to read does not grow with the table.
//! `assets/python/atelier` is the same in Python.
//!
//! **Invariants:** data is never changed in place. A name is never a path. Only the user's own folder is touched.

mod bridge;
mod error;
mod folder;
mod manifest;
mod table;
mod transfer;
mod value;

pub use bridge::{Bridge, Entry};
pub use error::BridgeError;
pub use folder::{FOLDER_VARIABLE, folder};
pub use manifest::{Column, Kind, Manifest, Producer, VERSION};
pub use transfer::{Array, Bytes, Element, Get, Mismatch, Put};
pub use value::Value;

/// What this crate needs of polars, for those who compile it elsewhere.
pub const POLARS_FEATURES: [&str; 2] = ["ipc", "dtype-full"];

pub type Result<T> = std::result::Result<T, BridgeError>;

/// Gives a name to a table, an array or a value, for every other kernel, job and notebook of this studio.
/// What had the name before is replaced; those who read it keep it.
pub fn put<T: Put + ?Sized>(name: &str, thing: &T) -> Result<()> {
    Bridge::from_env()?.put(name, thing)
}

/// What has this name now. Tables and arrays are mapped, not read.
pub fn get<T: Get>(name: &str) -> Result<T> {
    Bridge::from_env()?.get(name)
}

/// All names, sorted.
pub fn names() -> Result<Vec<String>> {
    Bridge::from_env()?.names()
}

/// Forgets a name. Those who read it keep what they have.
pub fn delete(name: &str) -> Result<()> {
    Bridge::from_env()?.delete(name)
}
