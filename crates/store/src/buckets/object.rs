//! An object's description, and reading it.

use super::{Buckets, require};
use crate::StoreError;
use rusqlite::{Connection, OptionalExtension as _, Row};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::PathBuf;

/// What is known of an object without opening it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ObjectMeta {
    pub key: String,
    pub size: u64,
    /// Without quotes: the MD5 in hex, or `<md5 of the parts' md5s>-<number of parts>`.
    pub etag: String,
    pub modified_ms: i64,
    pub content_type: Option<String>,
    /// `x-amz-meta-...` without that prefix.
    pub user: BTreeMap<String, String>,
    /// Other headers kept as they came: `cache-control`, `content-encoding` ...
    pub headers: BTreeMap<String, String>,
    /// By name as AWS writes it (`CRC32`, `SHA256` ...), base64.
    pub checksums: BTreeMap<String, String>,
}

/// What a writer of an object says about it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PutOptions {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub user: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub checksums: BTreeMap<String, String>,
    /// `If-None-Match: *`: fail with [`StoreError::KeyExists`] if the object exists.
    #[serde(skip)]
    pub only_if_absent: bool,
    /// `If-Match`: fail with [`StoreError::EtagDiffers`] unless the object has this ETag.
    #[serde(skip)]
    pub only_if_etag: Option<String>,
}

/// An object opened for reading. The file stays readable, and the same, whatever happens to the key meanwhile.
#[derive(Debug)]
pub struct Object {
    pub meta: ObjectMeta,
    pub file: File,
    pub path: PathBuf,
}

impl Buckets {
    /// Opens an object; [`StoreError::NoSuchBucket`] or [`StoreError::NoSuchKey`] otherwise.
    pub fn get(&self, bucket: &str, key: &str) -> Result<Object, StoreError> {
        let _whole = self.stripe(bucket, key).read();
        let (meta, path) = self.find(bucket, key)?;
        let path = self.dir(bucket).join(path);
        let file = File::open(&path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => {
                StoreError::FileGone { bucket: bucket.to_owned(), key: key.to_owned(), path: path.clone() }
            }
            _ => StoreError::io(&path, error),
        })?;
        Ok(Object { meta, file, path })
    }

    /// Describes an object; the errors of [`Buckets::get`].
    pub fn head_object(&self, bucket: &str, key: &str) -> Result<ObjectMeta, StoreError> {
        Ok(self.find(bucket, key)?.0)
    }

    fn find(&self, bucket: &str, key: &str) -> Result<(ObjectMeta, String), StoreError> {
        self.store.read(|conn| match find(conn, bucket, key)? {
            Some(found) => Ok(found),
            None => {
                require(conn, bucket)?;
                Err(StoreError::NoSuchKey { bucket: bucket.to_owned(), key: key.to_owned() })
            }
        })
    }
}

pub(super) const COLUMNS: &str = "key, size, etag, modified_ms, about";

pub(super) fn find(conn: &Connection, bucket: &str, key: &str) -> Result<Option<(ObjectMeta, String)>, StoreError> {
    let sql = format!("SELECT {COLUMNS}, path FROM objects WHERE bucket = ? AND key = ?");
    Ok(conn.prepare_cached(&sql)?.query_row((bucket, key), |row| Ok((decode(row)?, row.get(5)?))).optional()?)
}

/// Reads a row of [`COLUMNS`].
pub(super) fn decode(row: &Row<'_>) -> rusqlite::Result<ObjectMeta> {
    let about = row.get_ref(4)?.as_str()?;
    // Most objects say nothing; and a description that cannot be read must not hide the object.
    let about: PutOptions =
        if about == "{}" { PutOptions::default() } else { serde_json::from_str(about).unwrap_or_default() };
    Ok(ObjectMeta {
        key: row.get(0)?,
        size: row.get::<_, i64>(1)? as u64,
        etag: row.get(2)?,
        modified_ms: row.get(3)?,
        content_type: about.content_type,
        user: about.user,
        headers: about.headers,
        checksums: about.checksums,
    })
}
