//! Parts of dates and times. Weeks are ISO weeks; Monday is 1. The types are Polars' narrow ones in every language, so
//! that arithmetic on them overflows alike.

use super::{Function, method};

pub const ALL: &[Function] = &[
    method!(Row "dt.year"(x: Expr) x.dt().year(); "{x}.dt.year.astype(\"Int32\")"),
    method!(Row "dt.quarter"(x: Expr) x.dt().quarter(); "{x}.dt.quarter.astype(\"Int8\")"),
    method!(Row "dt.month"(x: Expr) x.dt().month(); "{x}.dt.month.astype(\"Int8\")"),
    method!(Row "dt.week"(x: Expr) x.dt().week(); "{x}.dt.isocalendar().week.astype(\"Int8\")"),
    method!(Row "dt.day"(x: Expr) x.dt().day(); "{x}.dt.day.astype(\"Int8\")"),
    method!(Row "dt.ordinal_day"(x: Expr) x.dt().ordinal_day(); "{x}.dt.day_of_year.astype(\"Int16\")"),
    method!(Row "dt.weekday"(x: Expr) x.dt().weekday(); "({x}.dt.day_of_week.astype(\"Int8\") + 1)"),
    method!(Row "dt.hour"(x: Expr) x.dt().hour(); "{x}.dt.hour.astype(\"Int8\")"),
    method!(Row "dt.minute"(x: Expr) x.dt().minute(); "{x}.dt.minute.astype(\"Int8\")"),
    method!(Row "dt.second"(x: Expr) x.dt().second(); "{x}.dt.second.astype(\"Int8\")"),
    method!(Row "dt.is_leap_year"(x: Expr) x.dt().is_leap_year(); "{x}.dt.is_leap_year.astype(\"boolean\").mask({x}.isna())"),
    method!(Row "dt.date"(x: Expr) x.dt().date(); "{x}.dt.normalize()"),
    method!(Row "dt.strftime"(x: Expr, format: Text) x.dt().strftime(&format); "{x}.dt.strftime({format})"),
    method!(Row "dt.total_seconds"(x: Expr) x.dt().total_seconds(false); "np.trunc({x} / pd.Timedelta(seconds=1)).astype(\"Int64\")"),
    method!(Row "dt.total_minutes"(x: Expr) x.dt().total_minutes(false); "np.trunc({x} / pd.Timedelta(minutes=1)).astype(\"Int64\")"),
    method!(Row "dt.total_hours"(x: Expr) x.dt().total_hours(false); "np.trunc({x} / pd.Timedelta(hours=1)).astype(\"Int64\")"),
    method!(Row "dt.total_days"(x: Expr) x.dt().total_days(false); "np.trunc({x} / pd.Timedelta(days=1)).astype(\"Int64\")"),
];
