//! The as-of join from sorting and filling. Polars has one, compiled once more for every pair of number types: three
//! fifths of `polars-ops`, ten minutes of a build that has thirty.

use polars::prelude::*;

include!("as_of.in.rs");

/// The same for exported programs.
pub const RUST: &str = include_str!("as_of.in.rs");

/// See the function.
pub fn join(
    df: LazyFrame,
    other: LazyFrame,
    near: &str,
    by: &[&str],
    strategy: &str,
    suffix: &str,
) -> PolarsResult<LazyFrame> {
    as_of(df, other, near, by, strategy, suffix)
}
