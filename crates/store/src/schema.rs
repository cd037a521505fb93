//! The database file: tables, their migrations, and how a connection is set up.

use crate::StoreError;
use rusqlite::{Connection, OpenFlags};
use rusqlite_migration::{M, Migrations};
use std::path::Path;
use std::time::Duration;

pub const FILE: &str = "atelier.db";

/// The format's versions, oldest first. Append only: a released line never changes.
const MIGRATIONS: &[M<'_>] = &[M::up(
    "CREATE TABLE documents (
        id INTEGER PRIMARY KEY,
        kind TEXT NOT NULL,
        name TEXT NOT NULL,
        status TEXT NOT NULL,
        created_ms INTEGER NOT NULL,
        modified_ms INTEGER NOT NULL,
        body TEXT NOT NULL,
        UNIQUE (kind, name)
     );
     CREATE INDEX documents_created ON documents (kind, created_ms, name);
     CREATE INDEX documents_modified ON documents (kind, modified_ms, name);
     CREATE INDEX documents_status ON documents (kind, status, name);

     CREATE TABLE buckets (name TEXT PRIMARY KEY, created_ms INTEGER NOT NULL) WITHOUT ROWID;

     -- `path` is the file's place below the bucket's directory: the key itself, unless that is no usable file name.
     CREATE TABLE objects (
        bucket TEXT NOT NULL REFERENCES buckets (name),
        key TEXT NOT NULL,
        path TEXT NOT NULL,
        size INTEGER NOT NULL,
        etag TEXT NOT NULL,
        modified_ms INTEGER NOT NULL,
        about TEXT NOT NULL,
        PRIMARY KEY (bucket, key)
     ) WITHOUT ROWID;
     CREATE UNIQUE INDEX objects_path ON objects (bucket, path);

     -- A file operation that a committed row counts on and that may not have happened yet.
     -- `source` (below the home) moves to `path`; without a source, `path` goes away.
     CREATE TABLE intents (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        bucket TEXT NOT NULL,
        path TEXT NOT NULL,
        source TEXT
     );

     CREATE TABLE uploads (
        id TEXT PRIMARY KEY,
        bucket TEXT NOT NULL REFERENCES buckets (name),
        key TEXT NOT NULL,
        created_ms INTEGER NOT NULL,
        about TEXT NOT NULL
     ) WITHOUT ROWID;
     CREATE INDEX uploads_key ON uploads (bucket, key, id);
     CREATE TABLE parts (
        upload TEXT NOT NULL REFERENCES uploads (id) ON DELETE CASCADE,
        number INTEGER NOT NULL,
        source TEXT NOT NULL,
        size INTEGER NOT NULL,
        etag TEXT NOT NULL,
        modified_ms INTEGER NOT NULL,
        PRIMARY KEY (upload, number)
     ) WITHOUT ROWID;",
)];

/// Opens the one connection that writes, and brings the format up to date.
pub fn open_writer(home: &Path) -> Result<Connection, StoreError> {
    let failed = |source| StoreError::sql(home, source);
    let mut conn = Connection::open(home.join(FILE)).map_err(failed)?;
    conn.busy_timeout(Duration::from_secs(5)).map_err(failed)?;
    conn.pragma_update(None, "journal_mode", "WAL").map_err(failed)?;
    conn.pragma_update(None, "synchronous", "FULL").map_err(failed)?;
    conn.pragma_update(None, "foreign_keys", true).map_err(failed)?;
    let found: i64 = conn.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(failed)?;
    let supported = MIGRATIONS.len() as i64;
    if found > supported {
        return Err(StoreError::Newer { path: home.to_owned(), found, supported });
    }
    Migrations::from_slice(MIGRATIONS).to_latest(&mut conn).map_err(|error| match error {
        rusqlite_migration::Error::RusqliteError { err, .. } => failed(err),
        other => StoreError::Unusable { path: home.join(FILE), source: std::io::Error::other(other).into() },
    })?;
    conn.set_prepared_statement_cache_capacity(64);
    Ok(conn)
}

/// Opens a connection that only reads. The writer has made the file by then.
pub fn open_reader(home: &Path) -> Result<Connection, StoreError> {
    let failed = |source| StoreError::sql(home, source);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(home.join(FILE), flags).map_err(failed)?;
    conn.busy_timeout(Duration::from_secs(5)).map_err(failed)?;
    conn.set_prepared_statement_cache_capacity(64);
    Ok(conn)
}
