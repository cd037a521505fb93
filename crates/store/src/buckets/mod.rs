//! Buckets of objects. An object is a plain file below `buckets/<bucket>/`, so that a person can look, and a row in
//! the index, which is what counts: its key, its ETag, and the real place of the file.

mod intents;
mod listing;
mod multipart;
mod object;
mod paths;
mod put;
mod remove;

pub(crate) use intents::{Settler, recover};
pub use listing::{ListObjects, Listing};
pub use multipart::{Part, PartWriter, Upload};
pub use object::{Object, ObjectMeta, PutOptions};
pub use put::ObjectWriter;

use crate::{Store, StoreError, files, now_ms};
use parking_lot::RwLock;
use rusqlite::{Connection, OptionalExtension as _};
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::PathBuf;

/// All buckets of a store.
#[derive(Clone)]
pub struct Buckets {
    pub(crate) store: Store,
}

/// A bucket; `created_ms` in milliseconds since the epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    pub name: String,
    pub created_ms: i64,
}

impl Buckets {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }

    /// Makes a bucket; [`StoreError::BucketExists`] or [`StoreError::BadBucketName`] otherwise.
    pub fn create(&self, bucket: &str) -> Result<(), StoreError> {
        paths::check_bucket(bucket)?;
        let dir = self.dir(bucket);
        fs::create_dir_all(&dir).map_err(|error| StoreError::io(&dir, error))?;
        let name = bucket.to_owned();
        self.store.write(move |conn| {
            let sql = "INSERT INTO buckets (name, created_ms) VALUES (?, ?) ON CONFLICT DO NOTHING";
            match conn.execute(sql, (&name, now_ms()))? {
                0 => Err(StoreError::BucketExists(name)),
                _ => Ok(()),
            }
        })
    }

    /// Removes an empty bucket, with its unfinished uploads.
    pub fn delete(&self, bucket: &str) -> Result<(), StoreError> {
        let name = bucket.to_owned();
        let uploads = self.store.write(move |conn| {
            require(conn, &name)?;
            let used: bool =
                conn.query_row("SELECT EXISTS (SELECT 1 FROM objects WHERE bucket = ?)", [&name], |row| row.get(0))?;
            if used {
                return Err(StoreError::BucketNotEmpty(name));
            }
            let mut statement = conn.prepare("DELETE FROM uploads WHERE bucket = ? RETURNING id")?;
            let uploads = statement.query_map([&name], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
            conn.execute("DELETE FROM buckets WHERE name = ?", [&name])?;
            Ok(uploads)
        })?;
        for upload in uploads {
            files::remove(&self.upload_dir(&upload))?;
        }
        // Only empty directories go: a file that someone put there by hand stays.
        for entry in walkdir::WalkDir::new(self.dir(bucket)).contents_first(true).into_iter().flatten() {
            if entry.file_type().is_dir() {
                let _ = fs::remove_dir(entry.path());
            }
        }
        Ok(())
    }

    /// The bucket, if it exists.
    pub fn head(&self, bucket: &str) -> Result<Option<Bucket>, StoreError> {
        self.store.read(|conn| {
            let sql = "SELECT name, created_ms FROM buckets WHERE name = ?";
            Ok(conn.prepare_cached(sql)?.query_row([bucket], bucket_of).optional()?)
        })
    }

    /// All buckets by name.
    pub fn list(&self) -> Result<Vec<Bucket>, StoreError> {
        self.store.read(|conn| {
            let mut statement = conn.prepare_cached("SELECT name, created_ms FROM buckets ORDER BY name")?;
            Ok(statement.query_map([], bucket_of)?.collect::<Result<_, _>>()?)
        })
    }

    /// The directory that holds a bucket's objects.
    pub fn dir(&self, bucket: &str) -> PathBuf {
        self.store.home().join("buckets").join(bucket)
    }

    fn upload_dir(&self, upload: &str) -> PathBuf {
        self.store.home().join("staging").join(upload)
    }

    fn stripe(&self, bucket: &str, key: &str) -> &RwLock<()> {
        let stripes = &self.store.0.stripes;
        let mut hasher = DefaultHasher::new();
        (bucket, key).hash(&mut hasher);
        &stripes[hasher.finish() as usize % stripes.len()]
    }
}

fn bucket_of(row: &rusqlite::Row<'_>) -> rusqlite::Result<Bucket> {
    Ok(Bucket { name: row.get(0)?, created_ms: row.get(1)? })
}

fn require(conn: &Connection, bucket: &str) -> Result<(), StoreError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM buckets WHERE name = ?)";
    match conn.prepare_cached(sql)?.query_row([bucket], |row| row.get(0))? {
        true => Ok(()),
        false => Err(StoreError::NoSuchBucket(bucket.to_owned())),
    }
}
