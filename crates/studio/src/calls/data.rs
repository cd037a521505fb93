//! Buckets and tables.

use super::files;
use crate::Studio;
use atelier_explorer::ExploreError;
use atelier_store::StoreError;
use atelier_store::buckets::ListObjects;
use atelier_wire::Error;
use atelier_wire::studio::data::{
    BrowseBucket, BucketLevel, ColumnProfile, GetPage, ListStores, OpenTable, Page, ProfileColumn, StoreBucket, StoreObject, Stores, Table,
};
use std::path::PathBuf;

/// A level of a bucket shows at most this many entries.
const MAX_ENTRIES: usize = 10_000;

pub fn list_stores(studio: &Studio, _request: ListStores) -> Result<Stores, Error> {
    let all = studio.buckets().list().map_err(failed)?;
    let about = |bucket: atelier_store::buckets::Bucket| {
        let (mut num_objects, mut size_bytes, mut after) = (0, 0, None);
        loop {
            let query = ListObjects { prefix: "", delimiter: None, after: after.as_deref(), max: 1000 };
            let page = studio.buckets().list_objects(&bucket.name, &query).map_err(failed)?;
            num_objects += page.objects.len() as u64;
            size_bytes += page.objects.iter().map(|object| object.size).sum::<u64>();
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        Ok(StoreBucket { name: bucket.name, created_at: bucket.created_ms as f64 / 1000.0, num_objects, size_bytes })
    };
    Ok(Stores { buckets: all.into_iter().map(about).collect::<Result<_, Error>>()? })
}

pub fn browse_bucket(studio: &Studio, request: BrowseBucket) -> Result<BucketLevel, Error> {
    let mut level = BucketLevel::default();
    let mut after = None;
    loop {
        let query = ListObjects { prefix: &request.prefix, delimiter: Some("/"), after: after.as_deref(), max: 1000 };
        let page = studio.buckets().list_objects(&request.bucket, &query).map_err(failed)?;
        level.prefixes.extend(page.prefixes);
        let object = |meta: atelier_store::ObjectMeta| StoreObject {
            key: meta.key,
            size_bytes: meta.size,
            modified_at: meta.modified_ms as f64 / 1000.0,
        };
        level.objects.extend(page.objects.into_iter().map(object));
        match page.next {
            Some(next) if level.objects.len() + level.prefixes.len() < MAX_ENTRIES => after = Some(next),
            _ => return Ok(level),
        }
    }
}

pub fn open_table(studio: &Studio, request: OpenTable) -> Result<Table, Error> {
    let path = path(studio, &request.source)?;
    studio.inner.explorer.open(&path, &request.source, request.header).map_err(unreadable)
}

pub fn get_page(studio: &Studio, request: GetPage) -> Result<Page, Error> {
    let path = path(studio, &request.source)?;
    studio.inner.explorer.page(&path, &request).map_err(unreadable)
}

pub fn profile_column(studio: &Studio, request: ProfileColumn) -> Result<ColumnProfile, Error> {
    let path = path(studio, &request.source)?;
    studio.inner.explorer.profile(&path, &request).map_err(unreadable)
}

/// The file behind `s3://bucket/key` or a path of the workspace.
fn path(studio: &Studio, source: &str) -> Result<PathBuf, Error> {
    let Some(rest) = source.strip_prefix("s3://") else {
        return files::workspace(studio)?.existing(source);
    };
    let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
    Ok(studio.buckets().get(bucket, key).map_err(failed)?.path)
}

fn unreadable(problem: ExploreError) -> Error {
    let code = if problem.is_missing() { "ResourceNotFound" } else { "ValidationException" };
    Error::new(code, format!("{problem}."))
}

/// A problem of the store, as the window reads it.
pub(crate) fn failed(problem: StoreError) -> Error {
    use StoreError::*;
    let (code, status) = match problem {
        NoSuchBucket(_) | NoSuchKey { .. } | FileGone { .. } => ("ResourceNotFound", 404),
        BadBucketName(_) | BadKey(_) | BadCursor(_) => ("ValidationException", 400),
        _ => ("InternalFailure", 500),
    };
    if status == 500 {
        tracing::error!(error = %problem, "the store failed");
    }
    let text = problem.to_string();
    let mut chars = text.chars();
    let capital: String = chars.next().into_iter().flat_map(char::to_uppercase).collect();
    Error::new(code, format!("{capital}{}.", chars.as_str())).with_status(status)
}
