//! Documents: a JSON body under a kind and a name, with the columns that lists filter and sort by.

use crate::{ListQuery, Page, Store, StoreError, now_ms};
use rusqlite::{Connection, OptionalExtension as _, Row};
use serde::{Serialize, de::DeserializeOwned};
use std::sync::Arc;

/// One document. `created_ms` and `modified_ms` are milliseconds since the epoch, kept by the store.
#[derive(Clone, Debug, PartialEq)]
pub struct Doc<T> {
    pub kind: String,
    pub name: String,
    /// What lists filter by; empty where a kind has no states.
    pub status: String,
    pub created_ms: i64,
    pub modified_ms: i64,
    pub body: T,
}

pub(crate) const COLUMNS: &str = "kind, name, status, created_ms, modified_ms, body";

/// Several changes that happen together or not at all. See [`Store::transaction`].
pub struct Transaction<'a> {
    conn: &'a Connection,
}

impl Transaction<'_> {
    pub fn insert<T: Serialize>(&self, kind: &str, name: &str, status: &str, body: &T) -> Result<(), StoreError> {
        insert(self.conn, kind, name, status, &encode(kind, name, body)?)
    }

    pub fn get<T: DeserializeOwned>(&self, kind: &str, name: &str) -> Result<Option<Doc<T>>, StoreError> {
        get(self.conn, kind, name)
    }

    pub fn update<T, R>(
        &self,
        kind: &str,
        name: &str,
        f: impl FnOnce(&mut Doc<T>) -> R,
    ) -> Result<Option<R>, StoreError>
    where
        T: Serialize + DeserializeOwned,
    {
        update(self.conn, kind, name, f)
    }

    pub fn delete(&self, kind: &str, name: &str) -> Result<bool, StoreError> {
        delete(self.conn, kind, name)
    }

    pub fn list<T: DeserializeOwned>(&self, kind: &str, query: &ListQuery) -> Result<Page<T>, StoreError> {
        crate::list::list(self.conn, kind, query)
    }
}

impl Store {
    /// Adds a document; [`StoreError::Exists`] if the name is taken.
    pub fn insert<T: Serialize>(&self, kind: &str, name: &str, status: &str, body: &T) -> Result<(), StoreError> {
        let body = encode(kind, name, body)?;
        let (kind, name, status) = (kind.to_owned(), name.to_owned(), status.to_owned());
        self.write(move |conn| insert(conn, &kind, &name, &status, &body))
    }

    pub fn get<T: DeserializeOwned>(&self, kind: &str, name: &str) -> Result<Option<Doc<T>>, StoreError> {
        self.read(|conn| get(conn, kind, name))
    }

    /// Changes a document in one transaction. `None` if it does not exist. `f` may change `status` and `body`; if it
    /// changes neither, nothing is written and `modified_ms` stays.
    pub fn update<T, R>(
        &self,
        kind: &str,
        name: &str,
        f: impl FnOnce(&mut Doc<T>) -> R + Send + 'static,
    ) -> Result<Option<R>, StoreError>
    where
        T: Serialize + DeserializeOwned,
        R: Send + 'static,
    {
        let (kind, name) = (kind.to_owned(), name.to_owned());
        self.write(move |conn| update(conn, &kind, &name, f))
    }

    /// Removes a document; false if there was none.
    pub fn delete(&self, kind: &str, name: &str) -> Result<bool, StoreError> {
        let (kind, name) = (kind.to_owned(), name.to_owned());
        self.write(move |conn| delete(conn, &kind, &name))
    }

    pub fn list<T: DeserializeOwned>(&self, kind: &str, query: &ListQuery) -> Result<Page<T>, StoreError> {
        self.read(|conn| crate::list::list(conn, kind, query))
    }

    /// Several changes at once; an error of `f` undoes them all.
    pub fn transaction<R: Send + 'static>(
        &self,
        f: impl FnOnce(&Transaction<'_>) -> Result<R, StoreError> + Send + 'static,
    ) -> Result<R, StoreError> {
        self.write(move |conn| f(&Transaction { conn }))
    }
}

fn encode<T: Serialize>(kind: &str, name: &str, body: &T) -> Result<String, StoreError> {
    serde_json::to_string(body).map_err(|error| undecodable(kind, name, error))
}

fn undecodable(kind: &str, name: &str, source: serde_json::Error) -> StoreError {
    StoreError::Undecodable { kind: kind.to_owned(), name: name.to_owned(), source: Arc::new(source) }
}

/// Reads a row of [`COLUMNS`].
pub(crate) fn decode<T: DeserializeOwned>(row: &Row<'_>) -> Result<Doc<T>, StoreError> {
    let (kind, name): (String, String) = (row.get(0)?, row.get(1)?);
    let body = serde_json::from_str(row.get_ref(5)?.as_str().map_err(rusqlite::Error::from)?)
        .map_err(|error| undecodable(&kind, &name, error))?;
    Ok(Doc { kind, name, status: row.get(2)?, created_ms: row.get(3)?, modified_ms: row.get(4)?, body })
}

fn insert(conn: &Connection, kind: &str, name: &str, status: &str, body: &str) -> Result<(), StoreError> {
    let sql =
        "INSERT INTO documents (kind, name, status, created_ms, modified_ms, body) VALUES (?1, ?2, ?3, ?4, ?4, ?5)
               ON CONFLICT DO NOTHING";
    match conn.prepare_cached(sql)?.execute((kind, name, status, now_ms(), body))? {
        0 => Err(StoreError::Exists { kind: kind.to_owned(), name: name.to_owned() }),
        _ => Ok(()),
    }
}

fn get<T: DeserializeOwned>(conn: &Connection, kind: &str, name: &str) -> Result<Option<Doc<T>>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM documents WHERE kind = ? AND name = ?");
    conn.prepare_cached(&sql)?.query_row((kind, name), |row| Ok(decode(row))).optional()?.transpose()
}

fn update<T, R>(
    conn: &Connection,
    kind: &str,
    name: &str,
    f: impl FnOnce(&mut Doc<T>) -> R,
) -> Result<Option<R>, StoreError>
where
    T: Serialize + DeserializeOwned,
{
    let Some(mut doc) = get::<T>(conn, kind, name)? else { return Ok(None) };
    let (status, body) = (doc.status.clone(), encode(kind, name, &doc.body)?);
    let result = f(&mut doc);
    let new_body = encode(kind, name, &doc.body)?;
    if new_body != body || doc.status != status {
        // Never backwards, whatever the clock does: lists by modification time rely on it.
        let modified_ms = now_ms().max(doc.modified_ms);
        conn.prepare_cached("UPDATE documents SET status = ?, modified_ms = ?, body = ? WHERE kind = ? AND name = ?")?
            .execute((&doc.status, modified_ms, &new_body, kind, name))?;
    }
    Ok(Some(result))
}

fn delete(conn: &Connection, kind: &str, name: &str) -> Result<bool, StoreError> {
    let removed = conn.prepare_cached("DELETE FROM documents WHERE kind = ? AND name = ?")?.execute((kind, name))?;
    Ok(removed > 0)
}
