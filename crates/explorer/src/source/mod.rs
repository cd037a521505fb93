//! From a source's name to a table: which files, in which format, read how.

pub(crate) mod arrow;
pub(crate) mod csv;
pub(crate) mod dialect;
pub(crate) mod excel;
pub(crate) mod files;
pub(crate) mod format;
pub(crate) mod infer;
pub(crate) mod json;
pub(crate) mod lines;
pub(crate) mod names;
pub(crate) mod parquet;
pub(crate) mod reading;
pub(crate) mod sparse;
pub(crate) mod text;
pub(crate) mod types;
