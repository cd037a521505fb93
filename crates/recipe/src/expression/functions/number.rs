//! Numbers and missing values, row by row.

use super::{Function, function};
use polars::prelude::*;

pub const ALL: &[Function] = &[
    function!(Row "abs"(x: Expr) x.abs(); "{x}.abs()"),
    // halves to the even neighbour, as IEEE 754 and NumPy do
    function!(Row "round"(x: Expr, decimals: Count = Integer(0)) x.round(decimals, RoundMode::HalfToEven); "{x}.round({decimals})"),
    function!(Row "floor"(x: Expr) x.floor(); "np.floor({x})"),
    function!(Row "ceil"(x: Expr) x.ceil(); "np.ceil({x})"),
    function!(Row "sign"(x: Expr) x.sign(); "np.sign({x})"),
    function!(Row "sqrt"(x: Expr) x.sqrt(); "np.sqrt({x})"),
    function!(Row "cbrt"(x: Expr) x.cbrt(); "np.cbrt({x})"),
    function!(Row "exp"(x: Expr) x.exp(); "np.exp({x})"),
    function!(Row "log"(x: Expr, base: Num = Number(std::f64::consts::E)) x.log(lit(base)); "(np.log({x}) / np.log({base}))"),
    function!(Row "log1p"(x: Expr) x.log1p(); "np.log1p({x})"),
    function!(Row "sin"(x: Expr) x.sin(); "np.sin({x})"),
    function!(Row "cos"(x: Expr) x.cos(); "np.cos({x})"),
    function!(Row "tan"(x: Expr) x.tan(); "np.tan({x})"),
    function!(Row "arcsin"(x: Expr) x.arcsin(); "np.arcsin({x})"),
    function!(Row "arccos"(x: Expr) x.arccos(); "np.arccos({x})"),
    function!(Row "arctan"(x: Expr) x.arctan(); "np.arctan({x})"),
    function!(Row "sinh"(x: Expr) x.sinh(); "np.sinh({x})"),
    function!(Row "cosh"(x: Expr) x.cosh(); "np.cosh({x})"),
    function!(Row "tanh"(x: Expr) x.tanh(); "np.tanh({x})"),
    function!(Row "clip"(x: Expr, lower_bound: Expr, upper_bound: Expr) x.clip(lower_bound, upper_bound); "{x}.clip({lower_bound}, {upper_bound})"),
    function!(Row "is_null"(x: Expr) x.is_null(); "{x}.isna()"),
    function!(Row "is_not_null"(x: Expr) x.is_not_null(); "{x}.notna()"),
    function!(Row "is_nan"(x: Expr) x.is_nan(); "np.isnan({x})"),
    function!(Row "is_finite"(x: Expr) x.is_finite(); "np.isfinite({x})"),
    function!(Row "fill_null"(x: Expr, value: Expr) x.fill_null(value); "{x}.fillna({value})"),
    function!(Row "fill_nan"(x: Expr, value: Expr) x.fill_nan(value); "{x}.fillna({value})"),
    // a null is neither in nor out of a list
    function!(Row "is_in"(x: Expr, other: List) x.is_in(other, false); "{x}.isin({other}).astype(\"boolean\").mask({x}.isna())"),
    function!(Row "is_between"(x: Expr, lower_bound: Expr, upper_bound: Expr) x.is_between(lower_bound, upper_bound, ClosedInterval::Both); "{x}.between({lower_bound}, {upper_bound})"),
];
