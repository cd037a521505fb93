//! Buckets and tables.

use super::files;
use crate::Studio;
use atelier_bridge::Bridge;
use atelier_explorer::{ExploreError, Explorer, Sources};
use atelier_store::StoreError;
use atelier_store::buckets::ListObjects;
use atelier_wire::Error;
use atelier_wire::studio::data::chart::{BuildChart, Chart};
use atelier_wire::studio::data::quality::{Quality, QualityReport};
use atelier_wire::studio::data::recipe::{
    ExportRecipe, ExportedRecipe, ListTransforms, PreviewStep, StepPreview, Transforms,
};
use atelier_wire::studio::data::view::{
    CancelRequest, ColumnStats, DropView, ExportView, ExportedView, FindInView, Found, FullCell, GetCell, GetRows,
    GetStats, GetView, ListValues, OpenView, Rows, Values, ViewInfo,
};
use atelier_wire::studio::data::{BrowseBucket, BucketLevel, ListStores, StoreBucket, StoreObject, Stores};
use atelier_wire::studio::home::Done;
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

/// Where sources are: the workspace, the buckets, the bridge.
struct Places<'a>(&'a Studio);

impl Sources for Places<'_> {
    fn locate(&self, source: &str) -> Result<Vec<PathBuf>, ExploreError> {
        let refuse = |error: Error| match error.code.as_str() {
            "ResourceNotFound" => ExploreError::Missing { source_name: source.to_owned() },
            _ => ExploreError::Refused {
                source_name: source.to_owned(),
                reason: error.message.trim_end_matches('.').to_owned(),
            },
        };
        if let Some(name) = source.strip_prefix("bridge:") {
            let bridge = Bridge::at(atelier_bridge::folder(&self.0.inner.home));
            let entry = bridge
                .entry(name)
                .map_err(|error| ExploreError::Refused { source_name: source.to_owned(), reason: error.to_string() })?;
            return Ok(vec![entry.path]);
        }
        if source.starts_with("s3://") {
            return objects(self.0, source).map_err(refuse);
        }
        let workspace = files::workspace(self.0).map_err(refuse)?;
        if let Some(wild) = source.find(['*', '?']) {
            let (folder, _) = source[..wild].rsplit_once('/').unwrap_or(("", ""));
            let root = workspace.existing(folder).map_err(refuse)?;
            let pattern = source[folder.len()..].trim_start_matches('/');
            return atelier_explorer::matching(&root, pattern, source);
        }
        let path = workspace.existing(source).map_err(refuse)?;
        if path.is_dir() {
            return match atelier_explorer::folder(&path, source)? {
                files if files.is_empty() => Err(ExploreError::Empty { source_name: source.to_owned() }),
                files => Ok(files),
            };
        }
        Ok(vec![path])
    }
}

/// The object of a key, or all below a prefix that ends in `/`.
fn objects(studio: &Studio, source: &str) -> Result<Vec<PathBuf>, Error> {
    let rest = source.strip_prefix("s3://").unwrap_or(source);
    let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
    if !key.is_empty() && !key.ends_with('/') {
        return Ok(vec![studio.buckets().get(bucket, key).map_err(failed)?.path]);
    }
    let (mut paths, mut after) = (Vec::new(), None);
    loop {
        let query = ListObjects { prefix: key, delimiter: None, after: after.as_deref(), max: 1000 };
        let page = studio.buckets().list_objects(bucket, &query).map_err(failed)?;
        for meta in page.objects {
            let hidden = meta.key.rsplit('/').next().is_none_or(|name| name.is_empty() || name.starts_with(['.', '_']));
            if !hidden && paths.len() < MAX_ENTRIES {
                paths.push(studio.buckets().get(bucket, &meta.key).map_err(failed)?.path);
            }
        }
        match page.next {
            Some(next) if paths.len() < MAX_ENTRIES => after = Some(next),
            _ if paths.is_empty() => {
                return Err(Error::new("ResourceNotFound", format!("There is no object below {source}.")));
            }
            _ => return Ok(paths),
        }
    }
}

fn explorer(studio: &Studio) -> &Explorer {
    &studio.inner.explorer
}

pub fn open_view(studio: &Studio, request: OpenView) -> Result<ViewInfo, Error> {
    explorer(studio).open_view(request, &Places(studio)).map_err(unreadable)
}

pub fn get_view(studio: &Studio, request: GetView) -> Result<ViewInfo, Error> {
    explorer(studio).info(&request.view).map_err(unreadable)
}

pub fn drop_view(studio: &Studio, request: DropView) -> Result<Done, Error> {
    explorer(studio).drop_view(&request.view);
    Ok(Done {})
}

pub fn get_rows(studio: &Studio, request: GetRows) -> Result<Rows, Error> {
    explorer(studio).rows(&request).map_err(unreadable)
}

pub fn get_cell(studio: &Studio, request: GetCell) -> Result<FullCell, Error> {
    explorer(studio).cell(&request).map_err(unreadable)
}

pub fn get_stats(studio: &Studio, request: GetStats) -> Result<ColumnStats, Error> {
    explorer(studio).stats(&request).map_err(unreadable)
}

pub fn list_values(studio: &Studio, request: ListValues) -> Result<Values, Error> {
    explorer(studio).values(&request).map_err(unreadable)
}

pub fn find_in_view(studio: &Studio, request: FindInView) -> Result<Found, Error> {
    explorer(studio).find(&request).map_err(unreadable)
}

pub fn export_view(studio: &Studio, request: ExportView) -> Result<ExportedView, Error> {
    let path = files::workspace(studio)?.target(&request.path)?;
    let exported = explorer(studio).export(&request.view, &path, &request.request).map_err(unreadable)?;
    studio.announce("file", &request.path);
    Ok(exported)
}

pub fn cancel_request(studio: &Studio, request: CancelRequest) -> Result<Done, Error> {
    explorer(studio).cancel(&request.request);
    Ok(Done {})
}

pub fn build_chart(studio: &Studio, request: BuildChart) -> Result<Chart, Error> {
    explorer(studio).chart(&request).map_err(unreadable)
}

pub fn quality_report(studio: &Studio, request: QualityReport) -> Result<Quality, Error> {
    explorer(studio).quality(&request).map_err(unreadable)
}

pub fn list_transforms(_studio: &Studio, _request: ListTransforms) -> Result<Transforms, Error> {
    Ok(atelier_explorer::transforms())
}

pub fn preview_step(studio: &Studio, request: PreviewStep) -> Result<StepPreview, Error> {
    explorer(studio).preview(&request, &Places(studio)).map_err(unreadable)
}

pub fn export_recipe(studio: &Studio, request: ExportRecipe) -> Result<ExportedRecipe, Error> {
    explorer(studio).export_recipe(&request, &Places(studio)).map_err(unreadable)
}

fn unreadable(problem: ExploreError) -> Error {
    let code = match () {
        () if problem.is_cancelled() => "Cancelled",
        () if problem.is_missing() => "ResourceNotFound",
        () => "ValidationException",
    };
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
