//! The one way in which lists filter, sort and page.

use crate::{Context, error};
use atelier_store::{ListQuery, Page, Sort};
use atelier_wire::Error;
use atelier_wire::aws::Timestamp;
use serde::de::DeserializeOwned;

/// The parameters that all `List*` operations share; a resource fills in those it has.
#[derive(Default)]
pub struct Listing {
    pub next_token: Option<String>,
    pub max_results: Option<i32>,
    pub name_contains: Option<String>,
    pub status: Option<String>,
    pub created_after: Option<Timestamp>,
    pub created_before: Option<Timestamp>,
    pub modified_after: Option<Timestamp>,
    pub modified_before: Option<Timestamp>,
    /// `Name`, `CreationTime`, `LastModifiedTime` or `Status`.
    pub sort_by: Option<String>,
    /// `Ascending` or `Descending`; the newest come first without it, as AWS answers.
    pub sort_order: Option<String>,
}

/// AWS's page size where the caller names none.
const PAGE: i32 = 10;
const MAX_PAGE: i32 = 100;

impl Listing {
    /// Reads a page of documents. `NextToken` of the answer is `Page::next`.
    pub fn read<T: DeserializeOwned>(self, ctx: &Context, kind: &str) -> Result<Page<T>, Error> {
        let ms = |time: Option<Timestamp>| time.map(millis);
        let query = ListQuery {
            name_contains: self.name_contains,
            status: self.status,
            created_after: ms(self.created_after),
            created_before: ms(self.created_before),
            modified_after: ms(self.modified_after),
            modified_before: ms(self.modified_before),
            sort: match self.sort_by.as_deref() {
                Some("Name") => Sort::Name,
                Some("Status") => Sort::Status,
                Some("LastModifiedTime") => Sort::Modified,
                _ => Sort::Created,
            },
            descending: self.sort_order.as_deref() != Some("Ascending"),
            limit: self.max_results.unwrap_or(PAGE).clamp(1, MAX_PAGE) as usize,
            after: self.next_token,
        };
        ctx.store.list(kind, &query).map_err(error::store)
    }
}

/// A time of the store as AWS writes it.
pub fn timestamp(ms: i64) -> Timestamp {
    Timestamp(ms as f64 / 1000.0)
}

/// A time of AWS as the store keeps it.
pub fn millis(time: Timestamp) -> i64 {
    (time.0 * 1000.0).round() as i64
}
