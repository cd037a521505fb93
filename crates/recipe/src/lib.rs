//! Recipes: what a person did to a table, as steps that can be edited, moved, switched off, kept in a file and taken
//! away as code.
//!
//! A step names a transform of the [`catalogue`] and its parameters. A transform says in one file what its form asks,
//! and which [`frame`] operations and [`expression`]s it stands for; those know how to run lazily in Polars and how a
//! person would write them in Polars Python, pandas and Rust. So a panel's result and the exported code have one source.
//!
//! What is the same everywhere: missing values are null (pandas: NA; a NaN that was read counts as missing there),
//! text is compared by code point, sorting is stable with missing values last, standard deviations have one degree of
//! freedom less (`ddof = 1`), quantiles interpolate linearly, and chance comes from SplitMix64 of row number and seed.

mod args;
mod catalogue;
mod context;
mod error;
pub mod export;
pub mod expression;
mod file;
pub mod frame;
mod param;
mod preview;
mod recipe;
mod spec;
mod transforms;

pub use catalogue::{catalogue, transform};
pub use context::{Cancel, Context, Custom, Language, Limits, NoCustom, NoTables, Tables};
pub use error::RecipeError;
pub use export::reading::{Reading, Source};
pub use export::{Options, To};
pub use file::{FILE_SUFFIX, VERSION};
pub use param::Param;
pub use preview::{ChangedRow, Preview};
pub use recipe::{Recipe, Step};
pub use spec::{ColumnType, Default, Example, Group, Kind, ParamSpec, Transform};
