//! Deleting objects.

use super::{Buckets, intents, object, require};
use crate::{StoreError, crash};

impl Buckets {
    /// Removes an object; false if there was none, which S3 counts as success. [`StoreError::NoSuchBucket`] otherwise.
    pub fn remove(&self, bucket: &str, key: &str) -> Result<bool, StoreError> {
        let _exclusive = self.stripe(bucket, key).write();
        let (name, wanted) = (bucket.to_owned(), key.to_owned());
        let removed = self.store.write(move |conn| {
            require(conn, &name)?;
            let Some((_, path)) = object::find(conn, &name, &wanted)? else { return Ok(None) };
            conn.prepare_cached("DELETE FROM objects WHERE bucket = ? AND key = ?")?.execute((&name, &wanted))?;
            Ok(Some((intents::record(conn, &name, &path, None)?, path)))
        })?;
        let Some((intent, path)) = removed else { return Ok(false) };
        crash::point("bucket:after-remove-index");
        let dirs = intents::discard(&self.dir(bucket), &path)?;
        crash::point("bucket:after-remove");
        self.store.0.settler.done(intents::Done { intent, dirs });
        Ok(true)
    }
}
