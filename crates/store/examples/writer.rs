//! Writes to a store step by step and says what is acknowledged: the process that the crash test kills.

use atelier_store::{PutOptions, Store, StoreError};
use std::io::Write as _;
use std::path::PathBuf;

fn main() -> Result<(), StoreError> {
    let home = std::env::args_os().nth(1).map(PathBuf::from).unwrap_or_default();
    let store = Store::open(&home)?;
    let buckets = store.buckets();
    buckets.create("bucket")?;
    let put = |key: &str, content: &str| {
        buckets.put_bytes("bucket", key, content.as_bytes(), PutOptions::default())?;
        println!("put {key} {content}");
        Ok::<_, StoreError>(())
    };
    put("a/b", "one")?;
    put("a/b", "two")?;
    put("a", "three")?;
    buckets.remove("bucket", "a/b")?;
    println!("remove a/b");
    put("a/b", "four")?;
    buckets.remove("bucket", "a")?;
    println!("remove a");
    let upload = buckets.create_multipart("bucket", "parts", PutOptions::default())?;
    let mut part = buckets.put_part("bucket", &upload, 1)?;
    part.write_all(b"five").map_err(|error| StoreError::io(&home, error))?;
    let part = part.finish()?;
    buckets.complete_multipart("bucket", "parts", &upload, &[(1, part.etag)])?;
    println!("put parts five");
    put("last", "six")
}
