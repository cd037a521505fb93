//! Everything durable: documents in SQLite, objects as plain files. No HTTP, no AWS.
//!
//! *Acknowledged means durable.* Every call that changes something returns after the change survives a power cut:
//! rows by a WAL commit with `synchronous=FULL`, files by write, fsync and a rename whose intent stands in the same
//! transaction as the row that names the file.
//!
//! *Architecture invariant:* nothing else opens the database, and nothing here knows what a document means.
//!
//! Start at [`Store::open`]; documents are in `documents.rs`, buckets in `buckets/`.

pub mod buckets;
pub mod crash;
mod documents;
mod error;
pub mod files;
mod list;
mod readers;
mod schema;
mod store;
mod writer;

pub use buckets::{Buckets, ObjectMeta, PutOptions};
pub use documents::{Doc, Transaction};
pub use error::StoreError;
pub use list::{ListQuery, Page, Sort};
pub use store::Store;

/// Milliseconds since the epoch by the system's clock. The one clock of the platform, so that times compare.
pub fn now_ms() -> i64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64)
}
