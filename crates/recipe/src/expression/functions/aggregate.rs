//! One value from many. Nulls are left out, except that `n_unique` and `len` count them.

use super::{Function, function};
use polars::prelude::*;

pub const ALL: &[Function] = &[
    function!(Aggregate "sum"(x: Expr) x.sum(); "{x}.sum()"),
    function!(Aggregate "mean"(x: Expr) x.mean(); "{x}.mean()"),
    function!(Aggregate "median"(x: Expr) x.median(); "{x}.median()"),
    function!(Aggregate "min"(x: Expr) x.min(); "{x}.min()"),
    function!(Aggregate "max"(x: Expr) x.max(); "{x}.max()"),
    function!(Aggregate "std"(x: Expr) x.std(1); "{x}.std()"),
    function!(Aggregate "var"(x: Expr) x.var(1); "{x}.var()"),
    function!(Aggregate "count"(x: Expr) x.count(); "{x}.count()"),
    function!(Aggregate "len"(x: Expr) x.len(); "{x}.size"),
    function!(Aggregate "null_count"(x: Expr) x.null_count(); "{x}.isna().sum()"),
    function!(Aggregate "n_unique"(x: Expr) x.n_unique(); "{x}.nunique(dropna=False)"),
    function!(Aggregate "first"(x: Expr) x.first(); "{x}.iloc[0]"),
    function!(Aggregate "last"(x: Expr) x.last(); "{x}.iloc[-1]"),
    function!(Aggregate "product"(x: Expr) x.product(); "{x}.prod()"),
    function!(Aggregate "any"(x: Expr) x.any(true); "{x}.any()"),
    function!(Aggregate "all"(x: Expr) x.all(true); "{x}.all()"),
    // between two values, their mean weighted by distance
    function!(Aggregate "quantile"(x: Expr, quantile: Num, interpolation: Linear = Text("linear")) x.quantile(lit(quantile), interpolation); "{x}.quantile({quantile})"),
    // of equally frequent values the smallest
    function!(Aggregate "drop_nulls().mode().min"(x: Expr) x.drop_nulls().mode(false).min(); "{x}.mode().min()"),
];
