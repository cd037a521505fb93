//! Lists of documents by page, in any of four orders. Pages follow a key, not an offset: what is inserted or deleted
//! between two pages makes no document appear twice or vanish.

use crate::{Doc, StoreError};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rusqlite::Connection;
use rusqlite::types::Value;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// Which documents, in which order. Times are milliseconds since the epoch and exclusive, as AWS's `...After` are.
#[derive(Clone, Debug, Default)]
pub struct ListQuery {
    pub name_contains: Option<String>,
    pub status: Option<String>,
    pub created_after: Option<i64>,
    pub created_before: Option<i64>,
    pub modified_after: Option<i64>,
    pub modified_before: Option<i64>,
    pub sort: Sort,
    pub descending: bool,
    /// 0 means 100.
    pub limit: usize,
    /// `next` of the page before.
    pub after: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sort {
    #[default]
    Created,
    Modified,
    Name,
    Status,
}

/// Some documents, and where the next page starts if there is one.
#[derive(Clone, Debug)]
pub struct Page<T> {
    pub docs: Vec<Doc<T>>,
    pub next: Option<String>,
}

/// The last document of a page: its value in the order, then its name.
#[derive(Serialize, Deserialize)]
struct Cursor(Sort, bool, serde_json::Value, String);

impl Sort {
    fn column(self) -> &'static str {
        match self {
            Self::Created => "created_ms",
            Self::Modified => "modified_ms",
            Self::Name => "name",
            Self::Status => "status",
        }
    }

    fn of<T>(self, doc: &Doc<T>) -> serde_json::Value {
        match self {
            Self::Created => doc.created_ms.into(),
            Self::Modified => doc.modified_ms.into(),
            Self::Name => doc.name.clone().into(),
            Self::Status => doc.status.clone().into(),
        }
    }
}

pub fn list<T: DeserializeOwned>(conn: &Connection, kind: &str, query: &ListQuery) -> Result<Page<T>, StoreError> {
    let limit = if query.limit == 0 { 100 } else { query.limit };
    let (sql, values) = select(kind, query, limit + 1)?;
    let mut statement = conn.prepare_cached(&sql)?;
    let mut rows = statement.query(rusqlite::params_from_iter(values))?;
    let mut docs = Vec::new();
    let mut more = false;
    while let Some(row) = rows.next()? {
        if docs.len() == limit {
            more = true;
            break;
        }
        docs.push(crate::documents::decode(row)?);
    }
    let next = docs.last().filter(|_| more).map(|last| encode(query, last));
    Ok(Page { docs, next })
}

fn select(kind: &str, query: &ListQuery, limit: usize) -> Result<(String, Vec<Value>), StoreError> {
    let mut sql = format!("SELECT {} FROM documents WHERE kind = ?", crate::documents::COLUMNS);
    let mut values = vec![Value::from(kind.to_owned())];
    let texts = [("instr(name, ?) > 0", &query.name_contains), ("status = ?", &query.status)];
    for (condition, value) in texts {
        if let Some(value) = value {
            sql.push_str(&format!(" AND {condition}"));
            values.push(value.clone().into());
        }
    }
    let times = [
        ("created_ms > ?", query.created_after),
        ("created_ms < ?", query.created_before),
        ("modified_ms > ?", query.modified_after),
        ("modified_ms < ?", query.modified_before),
    ];
    for (condition, value) in times {
        if let Some(value) = value {
            sql.push_str(&format!(" AND {condition}"));
            values.push(value.into());
        }
    }
    let column = query.sort.column();
    let (than, order) = if query.descending { ("<", "DESC") } else { (">", "ASC") };
    if let Some(after) = &query.after {
        let (value, name) = decode(query, after)?;
        sql.push_str(&format!(" AND ({column}, name) {than} (?, ?)"));
        values.extend([value, name.into()]);
    }
    sql.push_str(&format!(" ORDER BY {column} {order}, name {order} LIMIT {limit}"));
    Ok((sql, values))
}

fn encode<T>(query: &ListQuery, last: &Doc<T>) -> String {
    let cursor = Cursor(query.sort, query.descending, query.sort.of(last), last.name.clone());
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(&cursor).unwrap_or_default())
}

fn decode(query: &ListQuery, text: &str) -> Result<(Value, String), StoreError> {
    let bad = || StoreError::BadCursor(text.to_owned());
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| bad())?;
    let Cursor(sort, descending, value, name) = serde_json::from_slice(&bytes).map_err(|_| bad())?;
    if sort != query.sort || descending != query.descending {
        return Err(bad());
    }
    let value = match (sort, value) {
        (Sort::Created | Sort::Modified, serde_json::Value::Number(at)) => at.as_i64().ok_or_else(bad)?.into(),
        (Sort::Name | Sort::Status, serde_json::Value::String(text)) => text.into(),
        _ => return Err(bad()),
    };
    Ok((value, name))
}
