//! Buckets and tables. A table travels by page; a histogram is drawn where the data is.
//!
//! [`view`] has what the grid asks for, [`filter`] how rows are chosen, [`chart`] and [`quality`] what is drawn and
//! judged, [`recipe`] the steps that change a table.

pub mod chart;
pub mod filter;
pub mod quality;
pub mod recipe;
pub mod view;

use crate::calls;
use chart::{BuildChart, Chart};
use quality::{Quality, QualityReport};
use recipe::{ExportRecipe, ExportedRecipe, ListTransforms, PreviewStep, StepPreview, Transforms};
use serde::{Deserialize, Serialize};
use view::{
    CancelRequest, ColumnStats, DropView, ExportView, ExportedView, FindInView, Found, FullCell, GetCell, GetRows,
    GetStats, GetView, ListValues, OpenView, Rows, Values, ViewInfo,
};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListStores {}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Stores {
    pub buckets: Vec<StoreBucket>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoreBucket {
    pub name: String,
    pub created_at: f64,
    pub num_objects: u64,
    pub size_bytes: u64,
}

/// One level of a bucket, split at `/`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BrowseBucket {
    pub bucket: String,
    pub prefix: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BucketLevel {
    /// Prefixes below, each ending in `/`.
    pub prefixes: Vec<String>,
    pub objects: Vec<StoreObject>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoreObject {
    pub key: String,
    pub size_bytes: u64,
    pub modified_at: f64,
}

calls! {
    ListStores => Stores,
    BrowseBucket => BucketLevel,

    OpenView => ViewInfo,
    GetView => ViewInfo,
    DropView => super::home::Done,
    GetRows => Rows,
    GetCell => FullCell,
    GetStats => ColumnStats,
    ListValues => Values,
    FindInView => Found,
    ExportView => ExportedView,
    CancelRequest => super::home::Done,
    BuildChart => Chart,
    QualityReport => Quality,
    ListTransforms => Transforms,
    PreviewStep => StepPreview,
    ExportRecipe => ExportedRecipe,
}
