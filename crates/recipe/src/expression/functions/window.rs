//! A value for each row from its neighbours, in the table's order.

use super::{Function, function};
use polars::prelude::*;

pub const ALL: &[Function] = &[
    function!(Window "shift"(x: Expr, n: Int = Integer(1)) x.shift(lit(n)); "{x}.shift({n})"),
    function!(Window "diff"(x: Expr, n: Int = Integer(1)) x.diff(lit(n), NullBehavior::Ignore); "{x}.diff({n})"),
    function!(Window "cum_sum"(x: Expr) x.cum_sum(false); "{x}.cumsum()"),
    function!(Window "cum_prod"(x: Expr) x.cum_prod(false); "{x}.cumprod()"),
    function!(Window "cum_min"(x: Expr) x.cum_min(false); "{x}.cummin()"),
    function!(Window "cum_max"(x: Expr) x.cum_max(false); "{x}.cummax()"),
    function!(Window "cum_count"(x: Expr) x.cum_count(false); "{x}.notna().cumsum()"),
    // nulls get no rank
    function!(Window "rank"(x: Expr, method: Rank = Text("average"), descending: Flag = Flag(false)) x.rank(RankOptions { method, descending }, None); "{x}.rank(method={method}, ascending={!descending})"),
    // fewer values than `min_samples` in the window give null
    function!(Window "rolling_mean"(x: Expr, window_size: Count, min_samples: Count) x.rolling_mean(RollingOptionsFixedWindow { window_size, min_periods: min_samples, ..Default::default() }); "{x}.rolling({window_size}, min_periods={min_samples}).mean()"),
    function!(Window "rolling_sum"(x: Expr, window_size: Count, min_samples: Count) x.rolling_sum(RollingOptionsFixedWindow { window_size, min_periods: min_samples, ..Default::default() }); "{x}.rolling({window_size}, min_periods={min_samples}).sum()"),
    function!(Window "rolling_min"(x: Expr, window_size: Count, min_samples: Count) x.rolling_min(RollingOptionsFixedWindow { window_size, min_periods: min_samples, ..Default::default() }); "{x}.rolling({window_size}, min_periods={min_samples}).min()"),
    function!(Window "rolling_max"(x: Expr, window_size: Count, min_samples: Count) x.rolling_max(RollingOptionsFixedWindow { window_size, min_periods: min_samples, ..Default::default() }); "{x}.rolling({window_size}, min_periods={min_samples}).max()"),
    function!(Window "rolling_median"(x: Expr, window_size: Count, min_samples: Count) x.rolling_median(RollingOptionsFixedWindow { window_size, min_periods: min_samples, ..Default::default() }); "{x}.rolling({window_size}, min_periods={min_samples}).median()"),
    function!(Window "rolling_std"(x: Expr, window_size: Count, min_samples: Count) x.rolling_std(RollingOptionsFixedWindow { window_size, min_periods: min_samples, ..Default::default() }); "{x}.rolling({window_size}, min_periods={min_samples}).std()"),
    function!(Window "forward_fill"(x: Expr) x.fill_null_with_strategy(FillNullStrategy::Forward(None)); "{x}.ffill()"),
    function!(Window "backward_fill"(x: Expr) x.fill_null_with_strategy(FillNullStrategy::Backward(None)); "{x}.bfill()"),
    // along a straight line by row; none outside the first and last value
    function!(Window "interpolate"(x: Expr) x.interpolate(InterpolationMethod::Linear); "{x}.astype(\"float64\").interpolate(limit_area=\"inside\").astype(\"Float64\")"),
    function!(Window "is_duplicated"(x: Expr) x.is_duplicated(); "{x}.duplicated(keep=False)"),
    function!(Window "is_first_distinct"(x: Expr) x.is_first_distinct(); "~{x}.duplicated()"),
];
