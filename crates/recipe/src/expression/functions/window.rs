//! A value for each row from its neighbours, in the table's order.

use super::{Function, method};
use polars::prelude::*;
use polars::series::ops::NullBehavior;

pub const ALL: &[Function] = &[
    method!(Window "shift"(x: Expr, n: Int = Integer(1)) x.shift(lit(n)); "{x}.shift({n})"),
    method!(Window "diff"(x: Expr, n: Int = Integer(1)) x.diff(lit(n), NullBehavior::Ignore); "{x}.diff({n})"),
    method!(Window "cum_sum"(x: Expr) x.cum_sum(false); "{x}.cumsum()"),
    method!(Window "cum_prod"(x: Expr) x.cum_prod(false); "{x}.cumprod()"),
    method!(Window "cum_min"(x: Expr) x.cum_min(false); "{x}.cummin()"),
    method!(Window "cum_max"(x: Expr) x.cum_max(false); "{x}.cummax()"),
    method!(Window "cum_count"(x: Expr) x.cum_count(false); "{x}.notna().cumsum()"),
    // nulls get no rank
    method!(Window "rank"(x: Expr, method: Rank = Text("average"), descending: Flag = Flag(false)) x.rank(RankOptions { method, descending }, None); "{x}.rank(method={method}, ascending={!descending})"),
    // fewer values than `min_samples` in the window give null
    method!(Window "rolling_mean"(x: Expr, window_size: Count, min_samples: Count) x.rolling_mean(RollingOptionsFixedWindow { window_size, min_periods: min_samples, ..Default::default() }); "{x}.rolling({window_size}, min_periods={min_samples}).mean()"),
    method!(Window "rolling_sum"(x: Expr, window_size: Count, min_samples: Count) x.rolling_sum(RollingOptionsFixedWindow { window_size, min_periods: min_samples, ..Default::default() }); "{x}.rolling({window_size}, min_periods={min_samples}).sum()"),
    method!(Window "rolling_min"(x: Expr, window_size: Count, min_samples: Count) x.rolling_min(RollingOptionsFixedWindow { window_size, min_periods: min_samples, ..Default::default() }); "{x}.rolling({window_size}, min_periods={min_samples}).min()"),
    method!(Window "rolling_max"(x: Expr, window_size: Count, min_samples: Count) x.rolling_max(RollingOptionsFixedWindow { window_size, min_periods: min_samples, ..Default::default() }); "{x}.rolling({window_size}, min_periods={min_samples}).max()"),
    method!(Window "rolling_median"(x: Expr, window_size: Count, min_samples: Count) x.rolling_median(RollingOptionsFixedWindow { window_size, min_periods: min_samples, ..Default::default() }); "{x}.rolling({window_size}, min_periods={min_samples}).median()"),
    method!(Window "rolling_std"(x: Expr, window_size: Count, min_samples: Count) x.rolling_std(RollingOptionsFixedWindow { window_size, min_periods: min_samples, ..Default::default() }); "{x}.rolling({window_size}, min_periods={min_samples}).std()"),
    method!(Window "forward_fill"(x: Expr) x.fill_null_with_strategy(FillNullStrategy::Forward(None)); "{x}.ffill()"),
    method!(Window "backward_fill"(x: Expr) x.fill_null_with_strategy(FillNullStrategy::Backward(None)); "{x}.bfill()"),
    // along a straight line by row; none outside the first and last value
    method!(Window "interpolate"(x: Expr) x.interpolate(InterpolationMethod::Linear); "{x}.astype(\"float64\").interpolate(limit_area=\"inside\").astype(\"Float64\")"),
    method!(Window "is_duplicated"(x: Expr) x.is_duplicated(); "{x}.duplicated(keep=False)"),
    method!(Window "is_first_distinct"(x: Expr) x.is_first_distinct(); "~{x}.duplicated()"),
];
