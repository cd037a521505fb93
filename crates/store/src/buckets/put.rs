//! Writing objects: stream into a file of the staging directory, sync, commit the row with its rename, rename.

use super::{Buckets, ObjectMeta, PutOptions, intents, object, paths, require};
use crate::{StoreError, crash, files, now_ms};
use md5::{Digest as _, Md5};
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use tempfile::TempPath;

/// Takes an object's bytes. Nothing is visible before [`ObjectWriter::finish`]; dropping it leaves nothing behind.
pub struct ObjectWriter {
    buckets: Buckets,
    bucket: String,
    key: String,
    pub options: PutOptions,
    staged: Staged,
}

/// A file of the staging directory on its way to becoming an object or a part.
pub(super) struct Staged {
    file: File,
    path: TempPath,
    md5: Md5,
    size: u64,
}

impl Staged {
    pub fn create(dir: &Path) -> Result<Self, StoreError> {
        let failed = |error| StoreError::io(dir, error);
        let temp = tempfile::Builder::new().prefix("put-").tempfile_in(dir).map_err(failed)?;
        // Objects are for people to look at: the mode of an ordinary file, not the private one of a temporary file.
        set_ordinary_mode(temp.as_file()).map_err(failed)?;
        let (file, path) = temp.into_parts();
        Ok(Self { file, path, md5: Md5::new(), size: 0 })
    }

    pub fn etag(&self) -> String {
        hex::encode(self.md5.clone().finalize())
    }

    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds a file's bytes, copied in the kernel where it can. The MD5 does not follow.
    pub fn append(&mut self, source: &mut File) -> io::Result<()> {
        self.size += io::copy(source, &mut self.file)?;
        Ok(())
    }

    /// Makes the bytes and the file's name durable.
    pub fn sync(&self) -> Result<(), StoreError> {
        self.file.sync_all().map_err(|error| StoreError::io(&self.path, error))?;
        if let Some(dir) = self.path.parent() {
            files::sync_dir(dir).map_err(|error| StoreError::io(dir, error))?;
        }
        crash::point("bucket:after-write");
        Ok(())
    }

    /// Gives up the automatic removal: the file belongs to the index now.
    pub fn keep(self) -> Result<(), StoreError> {
        let path = self.path.to_path_buf();
        self.path.keep().map_err(|error| StoreError::io(&path, error.error))?;
        Ok(())
    }

    /// The file's name below the home, as the index holds it.
    pub fn name(&self, home: &Path) -> String {
        self.path.strip_prefix(home).unwrap_or(&self.path).to_string_lossy().into_owned()
    }
}

impl Write for Staged {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.md5.update(&bytes[..written]);
        self.size += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl ObjectWriter {
    /// The MD5 of what was written so far, in hex.
    pub fn etag(&self) -> String {
        self.staged.etag()
    }

    /// Bytes written so far.
    pub fn size(&self) -> u64 {
        self.staged.size()
    }

    /// Publishes the object, replacing one of the same key in one step. Durable when it returns.
    pub fn finish(self) -> Result<ObjectMeta, StoreError> {
        let etag = self.staged.etag();
        self.buckets.publish(&self.bucket, &self.key, self.options, self.staged, etag, None)
    }
}

impl Write for ObjectWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.staged.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.staged.flush()
    }
}

impl Buckets {
    /// Starts an object.
    pub fn put(&self, bucket: &str, key: &str, options: PutOptions) -> Result<ObjectWriter, StoreError> {
        paths::check_key(key)?;
        self.store.read(|conn| require(conn, bucket))?;
        let staged = Staged::create(&self.store.home().join("staging"))?;
        Ok(ObjectWriter { buckets: self.clone(), bucket: bucket.to_owned(), key: key.to_owned(), options, staged })
    }

    /// Writes a whole object.
    pub fn put_bytes(
        &self,
        bucket: &str,
        key: &str,
        bytes: &[u8],
        options: PutOptions,
    ) -> Result<ObjectMeta, StoreError> {
        let mut writer = self.put(bucket, key, options)?;
        writer.write_all(bytes).map_err(|error| StoreError::io(self.store.home(), error))?;
        writer.finish()
    }

    /// Writes an object from a reader.
    pub fn put_from(
        &self,
        bucket: &str,
        key: &str,
        source: &mut dyn io::Read,
        options: PutOptions,
    ) -> Result<ObjectMeta, StoreError> {
        let mut writer = self.put(bucket, key, options)?;
        let mut buffer = vec![0; 1 << 18];
        loop {
            let failed = |error| StoreError::io(self.store.home(), error);
            match source.read(&mut buffer) {
                Ok(0) => return writer.finish(),
                Ok(count) => writer.write_all(&buffer[..count]).map_err(failed)?,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(failed(error)),
            }
        }
    }

    /// Copies an object, with its ETag; `options` replace its description if given.
    pub fn copy(
        &self,
        from: (&str, &str),
        to: (&str, &str),
        options: Option<PutOptions>,
    ) -> Result<ObjectMeta, StoreError> {
        paths::check_key(to.1)?;
        self.store.read(|conn| require(conn, to.0))?;
        let source = self.get(from.0, from.1)?;
        let staged = Staged::create(&self.store.home().join("staging"))?;
        let size = files::copy(&source.path, &staged.path).map_err(|error| StoreError::io(&staged.path, error))?;
        let meta = source.meta;
        let options = options.unwrap_or_else(|| PutOptions {
            content_type: meta.content_type,
            user: meta.user,
            headers: meta.headers,
            checksums: meta.checksums,
            ..PutOptions::default()
        });
        self.publish(to.0, to.1, options, Staged { size, ..staged }, meta.etag, None)
    }

    /// The one way in which an object comes to be. `upload` is finished in the same transaction.
    pub(super) fn publish(
        &self,
        bucket: &str,
        key: &str,
        options: PutOptions,
        staged: Staged,
        etag: String,
        upload: Option<String>,
    ) -> Result<ObjectMeta, StoreError> {
        staged.sync()?;
        let dir = self.dir(bucket);
        let (size, source) = (staged.size, staged.name(self.store.home()));
        let source_path = staged.path.to_path_buf();
        let about = serde_json::to_string(&options).unwrap_or_else(|_| "{}".into());
        let _exclusive = self.stripe(bucket, key).write();
        let work = {
            let (bucket, key, dir) = (bucket.to_owned(), key.to_owned(), dir.clone());
            let (etag, only_if_absent, only_if_etag) =
                (etag.clone(), options.only_if_absent, options.only_if_etag.clone());
            move |conn: &rusqlite::Connection| {
                require(conn, &bucket)?;
                let old = object::find(conn, &bucket, &key)?;
                match (&old, only_if_etag) {
                    (Some(_), _) if only_if_absent => return Err(StoreError::KeyExists { bucket, key }),
                    (None, Some(_)) => return Err(StoreError::NoSuchKey { bucket, key }),
                    (Some((meta, _)), Some(wanted)) if meta.etag != wanted => {
                        return Err(StoreError::EtagDiffers { bucket, key });
                    }
                    _ => {}
                }
                if let Some(upload) = upload
                    && conn.execute("DELETE FROM uploads WHERE id = ?", [&upload])? == 0
                {
                    return Err(StoreError::NoSuchUpload(upload));
                }
                let path = match old {
                    Some((_, path)) => path,
                    None => paths::choose(conn, &bucket, &dir, &key)?,
                };
                let modified_ms = now_ms();
                conn.prepare_cached(
                    "INSERT OR REPLACE INTO objects (bucket, key, path, size, etag, modified_ms, about)
                     VALUES (?, ?, ?, ?, ?, ?, ?)",
                )?
                .execute((&bucket, &key, &path, size as i64, &etag, modified_ms, &about))?;
                let intent = intents::record(conn, &bucket, &path, Some(&source))?;
                Ok((intent, path, modified_ms))
            }
        };
        let (intent, path, modified_ms) = self.store.write(work)?;
        // From here on the file belongs to the index: if the rename fails, the next start tries again.
        staged.keep()?;
        crash::point("bucket:after-index");
        let dirs = intents::place(&source_path, &dir, &path)?;
        self.store.0.settler.done(intents::Done { intent, dirs });
        Ok(ObjectMeta {
            key: key.to_owned(),
            size,
            etag,
            modified_ms,
            content_type: options.content_type,
            user: options.user,
            headers: options.headers,
            checksums: options.checksums,
        })
    }
}

#[cfg(unix)]
fn set_ordinary_mode(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn set_ordinary_mode(_file: &File) -> io::Result<()> {
    Ok(())
}
