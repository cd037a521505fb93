//! Numbers and missing values, row by row.

use super::{Function, method};
use polars::prelude::*;

pub const ALL: &[Function] = &[
    method!(Row "abs"(x: Expr) x.abs(); "{x}.abs()"),
    // halves to the even neighbour, as IEEE 754 and NumPy do
    method!(Row "round"(x: Expr, decimals: Count = Integer(0)) x.round(decimals, RoundMode::HalfToEven); "{x}.round({decimals})"),
    method!(Row "floor"(x: Expr) x.floor(); "np.floor({x})"),
    method!(Row "ceil"(x: Expr) x.ceil(); "np.ceil({x})"),
    method!(Row "sign"(x: Expr) x.sign(); "np.sign({x})"),
    method!(Row "sqrt"(x: Expr) x.sqrt(); "np.sqrt({x})"),
    method!(Row "cbrt"(x: Expr) x.cbrt(); "np.cbrt({x})"),
    method!(Row "exp"(x: Expr) x.exp(); "np.exp({x})"),
    method!(Row "log"(x: Expr, base: Num = Number(std::f64::consts::E)) x.log(lit(base)); "(np.log({x}) / np.log({base}))"),
    method!(Row "log1p"(x: Expr) x.log1p(); "np.log1p({x})"),
    method!(Row "sin"(x: Expr) x.sin(); "np.sin({x})"),
    method!(Row "cos"(x: Expr) x.cos(); "np.cos({x})"),
    method!(Row "tan"(x: Expr) x.tan(); "np.tan({x})"),
    method!(Row "arcsin"(x: Expr) x.arcsin(); "np.arcsin({x})"),
    method!(Row "arccos"(x: Expr) x.arccos(); "np.arccos({x})"),
    method!(Row "arctan"(x: Expr) x.arctan(); "np.arctan({x})"),
    method!(Row "sinh"(x: Expr) x.sinh(); "np.sinh({x})"),
    method!(Row "cosh"(x: Expr) x.cosh(); "np.cosh({x})"),
    method!(Row "tanh"(x: Expr) x.tanh(); "np.tanh({x})"),
    method!(Row "clip"(x: Expr, lower_bound: Expr, upper_bound: Expr) x.clip(lower_bound, upper_bound); "{x}.clip({lower_bound}, {upper_bound})"),
    method!(Row "is_null"(x: Expr) x.is_null(); "{x}.isna()"),
    method!(Row "is_not_null"(x: Expr) x.is_not_null(); "{x}.notna()"),
    method!(Row "is_nan"(x: Expr) x.is_nan(); "np.isnan({x})"),
    method!(Row "is_finite"(x: Expr) x.is_finite(); "np.isfinite({x})"),
    method!(Row "fill_null"(x: Expr, value: Expr) x.fill_null(value); "{x}.fillna({value})"),
    method!(Row "fill_nan"(x: Expr, value: Expr) x.fill_nan(value); "{x}.fillna({value})"),
    // a null is neither in nor out of a list
    method!(Row "is_in"(x: Expr, other: List) x.is_in(other, false); "{x}.isin({other}).astype(\"boolean\").mask({x}.isna())"),
    method!(Row "is_between"(x: Expr, lower_bound: Expr, upper_bound: Expr) x.is_between(lower_bound, upper_bound, ClosedInterval::Both); "{x}.between({lower_bound}, {upper_bound})"),
];
