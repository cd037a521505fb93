//! Lists of keys, as S3 orders and groups them.

use super::{Buckets, ObjectMeta, object, paths, require};
use crate::StoreError;
use rusqlite::Connection;

/// Which keys of a bucket.
#[derive(Clone, Debug, Default)]
pub struct ListObjects<'a> {
    pub prefix: &'a str,
    /// Keys that contain this after the prefix are given together, as one common prefix up to and including it.
    pub delimiter: Option<&'a str>,
    /// `next` of the page before, or S3's `marker` or `start-after`: only what sorts after it.
    pub after: Option<&'a str>,
    /// At most this many objects and prefixes together; 0 means 1,000.
    pub max: usize,
}

/// A page of a bucket.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Listing {
    pub objects: Vec<ObjectMeta>,
    pub prefixes: Vec<String>,
    /// The last object or prefix of this page, if there are more.
    pub next: Option<String>,
}

/// Where to go on reading the index.
enum From {
    At(String),
    After(String),
}

impl Buckets {
    /// Lists a page. A common prefix costs one look-up in the index, however many keys it stands for.
    pub fn list_objects(&self, bucket: &str, query: &ListObjects<'_>) -> Result<Listing, StoreError> {
        self.store.read(|conn| {
            require(conn, bucket)?;
            list(conn, bucket, query)
        })
    }
}

fn list(conn: &Connection, bucket: &str, query: &ListObjects<'_>) -> Result<Listing, StoreError> {
    let max = if query.max == 0 { 1000 } else { query.max };
    let delimiter = query.delimiter.filter(|delimiter| !delimiter.is_empty());
    let mut page = Listing::default();
    let mut last = None;
    let Some(mut from) = start(query, delimiter) else { return Ok(page) };
    loop {
        let mut skip = None;
        let wanted = max - page.objects.len() - page.prefixes.len();
        let (than, key) = match &from {
            From::At(key) => (">=", key),
            From::After(key) => (">", key),
        };
        let columns = object::COLUMNS;
        let sql = format!("SELECT {columns} FROM objects WHERE bucket = ? AND key {than} ? ORDER BY key LIMIT ?");
        let mut statement = conn.prepare_cached(&sql)?;
        let mut rows = statement.query((bucket, key, wanted as i64 + 1))?;
        while let Some(row) = rows.next()? {
            let key = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
            let Some(rest) = key.strip_prefix(query.prefix) else { return Ok(page) };
            if page.objects.len() + page.prefixes.len() == max {
                page.next = last;
                return Ok(page);
            }
            match delimiter.and_then(|delimiter| Some(rest.find(delimiter)? + delimiter.len())) {
                Some(end) => {
                    let common = &key[..query.prefix.len() + end];
                    skip = Some(common.to_owned());
                    page.prefixes.push(common.to_owned());
                    last = skip.clone();
                    break;
                }
                None => {
                    let meta = object::decode(row)?;
                    last = Some(meta.key.clone());
                    page.objects.push(meta);
                }
            }
        }
        match skip.as_deref().map(paths::after_prefix) {
            Some(Some(next)) => from = From::At(next),
            // Without a common prefix the rows ended by themselves; above the last prefix there is nothing.
            Some(None) | None => return Ok(page),
        }
    }
}

/// The first key to look at; `None` if there can be none.
fn start(query: &ListObjects<'_>, delimiter: Option<&str>) -> Option<From> {
    let Some(after) = query.after.filter(|after| *after >= query.prefix) else {
        return Some(From::At(query.prefix.to_owned()));
    };
    let rest = after.strip_prefix(query.prefix);
    match (rest, delimiter) {
        // A page ended with this common prefix: on with what follows all of it.
        (Some(rest), Some(delimiter)) if rest.find(delimiter).is_some_and(|at| at + delimiter.len() == rest.len()) => {
            paths::after_prefix(after).map(From::At)
        }
        _ => Some(From::After(after.to_owned())),
    }
}
