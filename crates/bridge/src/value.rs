//! Plain values: numbers, texts, and lists and maps of them. They cross as JSON, so they should be small; arrays and
//! tables have their own way.

use crate::bridge::{Bridge, Draft, Entry};
use crate::manifest::Kind;
use crate::table::kind;
use crate::{BridgeError, Get, Put, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io::{Read, Write};

/// Carries anything that serde knows: `atelier::put("config", &Value(&config))`,
/// `let Value(config) = atelier::get("config")?`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Value<T>(pub T);

impl<T: Serialize> Put for Value<T> {
    fn put(&self, bridge: &Bridge, name: &str) -> Result<()> {
        put_value(bridge, name, &self.0, "rust.Value")
    }
}

impl<T: DeserializeOwned> Get for Value<T> {
    fn get(entry: &Entry) -> Result<Self> {
        get_value(entry).map(Value)
    }
}

pub(crate) fn put_value<T: Serialize + ?Sized>(bridge: &Bridge, name: &str, value: &T, made_by: &str) -> Result<()> {
    let why = |error: serde_json::Error| BridgeError::Value { name: name.to_owned(), why: error.to_string() };
    let json = serde_json::to_value(value).map_err(why)?;
    put_bytes(bridge, name, json.to_string().as_bytes(), Kind::Value, made_by)
}

pub(crate) fn put_bytes(bridge: &Bridge, name: &str, bytes: &[u8], kind: Kind, made_by: &str) -> Result<()> {
    let num_bytes = bytes.len() as u64;
    let (rows, columns, shape, dtype) = (None, Vec::new(), Vec::new(), String::new());
    let draft = Draft { kind, made_by: made_by.to_owned(), num_bytes, rows, columns, shape, dtype };
    bridge.store(name, draft, |file| file.write_all(bytes).map_err(|error| bridge.no_room(name, num_bytes, error)))
}

pub(crate) fn get_value<T: DeserializeOwned>(entry: &Entry) -> Result<T> {
    if entry.manifest.kind != Kind::Value {
        return Err(kind(entry, "a plain value"));
    }
    serde_json::from_slice(&get_bytes(entry)?).map_err(|error| {
        let found = format!("a plain value ({}) of another shape ({error})", entry.manifest.made_by);
        BridgeError::Kind { name: entry.name.clone(), found, wanted: std::any::type_name::<T>().to_owned() }
    })
}

pub(crate) fn get_bytes(entry: &Entry) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(entry.manifest.num_bytes as usize);
    let failed = BridgeError::io(format!("reading {}", entry.path.display()));
    (&entry.file).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}
