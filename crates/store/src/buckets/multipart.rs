//! Objects that arrive in parts.

use super::put::Staged;
use super::{Buckets, ObjectMeta, PutOptions, paths, require};
use crate::{StoreError, crash, files, now_ms};
use md5::{Digest as _, Md5};
use rusqlite::{Connection, OptionalExtension as _};
use std::fs::{self, File};
use std::io::{self, Write};

/// An unfinished upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    pub id: String,
    pub key: String,
    pub created_ms: i64,
}

/// A part that has arrived; `etag` is its MD5 in hex.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub number: u32,
    pub size: u64,
    pub etag: String,
    pub modified_ms: i64,
}

/// S3's smallest part, the last one excepted.
const SMALLEST: u64 = 5 << 20;

/// Takes a part's bytes; dropping it leaves nothing behind.
pub struct PartWriter {
    buckets: Buckets,
    upload: String,
    number: u32,
    staged: Staged,
}

impl PartWriter {
    /// The MD5 of what was written so far, in hex.
    pub fn etag(&self) -> String {
        self.staged.etag()
    }

    /// Keeps the part, in place of an earlier one of the same number. Durable when it returns.
    pub fn finish(self) -> Result<Part, StoreError> {
        self.staged.sync()?;
        let home = self.buckets.store.home();
        let source = self.staged.name(home);
        let part =
            Part { number: self.number, size: self.staged.size(), etag: self.staged.etag(), modified_ms: now_ms() };
        let (upload, kept) = (self.upload, part.clone());
        let old = self.buckets.store.write(move |conn| {
            find(conn, None, &upload)?;
            let old: Option<String> = conn
                .query_row("SELECT source FROM parts WHERE upload = ? AND number = ?", (&upload, kept.number), |row| {
                    row.get(0)
                })
                .optional()?;
            conn.prepare_cached("INSERT OR REPLACE INTO parts VALUES (?, ?, ?, ?, ?, ?)")?.execute((
                &upload,
                kept.number,
                &source,
                kept.size as i64,
                &kept.etag,
                kept.modified_ms,
            ))?;
            Ok(old)
        })?;
        self.staged.keep()?;
        crash::point("bucket:after-part");
        if let Some(old) = old {
            files::remove(&home.join(old))?;
        }
        Ok(part)
    }
}

impl Write for PartWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.staged.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.staged.flush()
    }
}

impl Buckets {
    /// Starts an upload and returns its id.
    pub fn create_multipart(&self, bucket: &str, key: &str, options: PutOptions) -> Result<String, StoreError> {
        paths::check_key(key)?;
        let id = uuid::Uuid::new_v4().simple().to_string();
        let dir = self.upload_dir(&id);
        fs::create_dir(&dir).map_err(|error| StoreError::io(&dir, error))?;
        let about = serde_json::to_string(&options).unwrap_or_else(|_| "{}".into());
        let (bucket, key, upload) = (bucket.to_owned(), key.to_owned(), id.clone());
        self.store.write(move |conn| {
            require(conn, &bucket)?;
            conn.execute("INSERT INTO uploads VALUES (?, ?, ?, ?, ?)", (&upload, &bucket, &key, now_ms(), &about))?;
            Ok(())
        })?;
        Ok(id)
    }

    /// Starts a part, 1 to 10,000.
    pub fn put_part(&self, bucket: &str, upload: &str, number: u32) -> Result<PartWriter, StoreError> {
        if !(1..=10_000).contains(&number) {
            return Err(StoreError::BadPart(number));
        }
        self.store.read(|conn| find(conn, Some(bucket), upload))?;
        let dir = self.upload_dir(upload);
        // After a restart the directory of an upload without parts is gone.
        fs::create_dir_all(&dir).map_err(|error| StoreError::io(&dir, error))?;
        Ok(PartWriter { buckets: self.clone(), upload: upload.to_owned(), number, staged: Staged::create(&dir)? })
    }

    /// Joins the named parts (number, ETag) into the object. Parts not named are dropped.
    pub fn complete_multipart(
        &self,
        bucket: &str,
        key: &str,
        upload: &str,
        parts: &[(u32, String)],
    ) -> Result<ObjectMeta, StoreError> {
        let (found, options) = self.store.read(|conn| find(conn, Some(bucket), upload))?;
        if found.key != key {
            return Err(StoreError::NoSuchUpload(upload.to_owned()));
        }
        if parts.is_empty() {
            return Err(StoreError::BadPart(1));
        }
        if parts.windows(2).any(|pair| pair[0].0 >= pair[1].0) {
            return Err(StoreError::BadPartOrder);
        }
        let mut joined = Staged::create(&self.store.home().join("staging"))?;
        let mut digests = Md5::new();
        for (index, (number, etag)) in parts.iter().enumerate() {
            let row = self.store.read(|conn| {
                let sql = "SELECT source, etag, size FROM parts WHERE upload = ? AND number = ?";
                let row = conn.query_row(sql, (upload, number), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
                Ok(row.optional()?)
            })?;
            let (source, stored, size): (String, String, i64) = row.ok_or(StoreError::BadPart(*number))?;
            if stored != etag.trim_matches('"') {
                return Err(StoreError::BadPart(*number));
            }
            let size = size as u64;
            if size < SMALLEST && index + 1 < parts.len() {
                return Err(StoreError::PartTooSmall { number: *number, size });
            }
            digests.update(hex::decode(&stored).unwrap_or_default());
            let path = self.store.home().join(source);
            let copied = File::open(&path).and_then(|mut part| joined.append(&mut part));
            copied.map_err(|error| StoreError::io(&path, error))?;
        }
        crash::point("bucket:after-join");
        let etag = format!("{}-{}", hex::encode(digests.finalize()), parts.len());
        let meta = self.publish(bucket, key, options, joined, etag, Some(upload.to_owned()))?;
        files::remove(&self.upload_dir(upload))?;
        Ok(meta)
    }

    /// Drops an upload and its parts.
    pub fn abort_multipart(&self, bucket: &str, upload: &str) -> Result<(), StoreError> {
        let (name, id) = (bucket.to_owned(), upload.to_owned());
        self.store.write(move |conn| {
            find(conn, Some(&name), &id)?;
            conn.execute("DELETE FROM uploads WHERE id = ?", [&id])?;
            Ok(())
        })?;
        files::remove(&self.upload_dir(upload))
    }

    /// Unfinished uploads of keys with a prefix, by key.
    pub fn list_uploads(&self, bucket: &str, prefix: &str) -> Result<Vec<Upload>, StoreError> {
        self.store.read(|conn| {
            require(conn, bucket)?;
            let sql = "SELECT id, key, created_ms FROM uploads WHERE bucket = ? AND key >= ? ORDER BY key, id";
            let mut statement = conn.prepare_cached(sql)?;
            let uploads = statement.query_map((bucket, prefix), upload_of)?.collect::<Result<Vec<_>, _>>()?;
            Ok(uploads.into_iter().take_while(|upload| upload.key.starts_with(prefix)).collect())
        })
    }

    /// The upload, if it exists in this bucket.
    pub fn head_upload(&self, bucket: &str, upload: &str) -> Result<Upload, StoreError> {
        self.store.read(|conn| Ok(find(conn, Some(bucket), upload)?.0))
    }

    /// The parts that have arrived, by number, from the one after `after` on.
    pub fn list_parts(&self, bucket: &str, upload: &str, after: u32, max: usize) -> Result<Vec<Part>, StoreError> {
        self.store.read(|conn| {
            find(conn, Some(bucket), upload)?;
            let sql = "SELECT number, size, etag, modified_ms FROM parts WHERE upload = ? AND number > ?
                       ORDER BY number LIMIT ?";
            let mut statement = conn.prepare_cached(sql)?;
            let parts = statement.query_map((upload, after, max as i64), |row| {
                Ok(Part {
                    number: row.get(0)?,
                    size: row.get::<_, i64>(1)? as u64,
                    etag: row.get(2)?,
                    modified_ms: row.get(3)?,
                })
            })?;
            Ok(parts.collect::<Result<_, _>>()?)
        })
    }
}

fn upload_of(row: &rusqlite::Row<'_>) -> rusqlite::Result<Upload> {
    Ok(Upload { id: row.get(0)?, key: row.get(1)?, created_ms: row.get(2)? })
}

fn find(conn: &Connection, bucket: Option<&str>, upload: &str) -> Result<(Upload, PutOptions), StoreError> {
    let sql = "SELECT id, key, created_ms, about FROM uploads WHERE id = ?1 AND (?2 IS NULL OR bucket = ?2)";
    let found = conn
        .prepare_cached(sql)?
        .query_row((upload, bucket), |row| Ok((upload_of(row)?, row.get::<_, String>(3)?)))
        .optional()?;
    let (found, about) = found.ok_or_else(|| StoreError::NoSuchUpload(upload.to_owned()))?;
    Ok((found, serde_json::from_str(&about).unwrap_or_default()))
}
