//! One value from many. Nulls are left out, except that `n_unique` and `len` count them.

use super::{Function, method};
use polars::prelude::*;

pub const ALL: &[Function] = &[
    method!(Aggregate "sum"(x: Expr) x.sum(); "{x}.sum()"),
    method!(Aggregate "mean"(x: Expr) x.mean(); "{x}.mean()"),
    method!(Aggregate "median"(x: Expr) x.median(); "{x}.median()"),
    method!(Aggregate "min"(x: Expr) x.min(); "{x}.min()"),
    method!(Aggregate "max"(x: Expr) x.max(); "{x}.max()"),
    method!(Aggregate "std"(x: Expr) x.std(1); "{x}.std()"),
    method!(Aggregate "var"(x: Expr) x.var(1); "{x}.var()"),
    method!(Aggregate "count"(x: Expr) x.count(); "{x}.count()"),
    method!(Aggregate "len"(x: Expr) x.len(); "{x}.size"),
    method!(Aggregate "null_count"(x: Expr) x.null_count(); "{x}.isna().sum()"),
    method!(Aggregate "n_unique"(x: Expr) x.n_unique(); "{x}.nunique(dropna=False)"),
    method!(Aggregate "first"(x: Expr) x.first(); "{x}.iloc[0]"),
    method!(Aggregate "last"(x: Expr) x.last(); "{x}.iloc[-1]"),
    method!(Aggregate "product"(x: Expr) x.product(); "{x}.prod()"),
    method!(Aggregate "any"(x: Expr) x.any(true); "{x}.any()"),
    method!(Aggregate "all"(x: Expr) x.all(true); "{x}.all()"),
    // between two values, their mean weighted by distance
    method!(Aggregate "quantile"(x: Expr, quantile: Num, interpolation: Linear = Text("linear")) x.quantile(lit(quantile), interpolation); "{x}.quantile({quantile})"),
    // of equally frequent values the smallest
    method!(Aggregate "drop_nulls().mode().min"(x: Expr) x.drop_nulls().mode(false).min(); "{x}.mode().min()"),
];
