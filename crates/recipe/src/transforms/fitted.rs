//! The power of Box-Cox and Yeo-Johnson by maximum likelihood.

use crate::context::Context;
use crate::error::Fault;
use crate::expression::{column, python_text, rust_text};
use crate::frame::Node;
use polars::prelude::*;

/// Where λ is looked for; beyond, a column is better served by another transform.
const SPAN: (f64, f64) = (-5.0, 5.0);
/// Of golden section: 10 · 0.618^36 is far below the four places that are kept.
const ROUNDS: usize = 36;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Power {
    BoxCox,
    YeoJohnson,
}

/// The columns, each with a λ of its own.
pub struct Fitted {
    pub power: Power,
    pub columns: Vec<String>,
}

impl Power {
    fn name(self) -> &'static str {
        match self {
            Power::BoxCox => "box_cox",
            Power::YeoJohnson => "yeo_johnson",
        }
    }
}

impl Node for Fitted {
    fn needs(&self) -> Vec<&str> {
        self.columns.iter().map(String::as_str).collect()
    }

    fn apply(&self, frame: LazyFrame, _: &Schema, context: &Context) -> Result<LazyFrame, Fault> {
        let wanted: Vec<Expr> = self.columns.iter().map(|name| column(name).cast(DataType::Float64)).collect();
        let table = frame.clone().select(wanted).collect()?;
        let mut made = Vec::new();
        for name in &self.columns {
            if context.cancel.is_cancelled() {
                return Err(Fault::new("Cancelled"));
            }
            let values: Vec<f64> = table.column(name)?.f64()?.iter().flatten().collect();
            let lambda = fit(self.power, values);
            let values = column(name).cast(DataType::Float64);
            let raised = match self.power {
                Power::BoxCox => box_cox(values, lambda),
                Power::YeoJohnson => yeo_johnson(values, lambda),
            };
            made.push(raised.alias(name.as_str()));
        }
        Ok(frame.with_columns(made))
    }

    fn polars(&self) -> Vec<String> {
        let power = self.power.name();
        let line = |name: &String| {
            let name = python_text(name);
            format!("df = df.with_columns({power}(pl.col({name}), fit_lambda(df[{name}], {power})))")
        };
        self.columns.iter().map(line).collect()
    }

    fn pandas(&self) -> Vec<String> {
        let power = self.power.name();
        let line = |name: &String| {
            let name = python_text(name);
            format!("df[{name}] = {power}(df[{name}], fit_lambda(df[{name}], {power}))")
        };
        self.columns.iter().map(line).collect()
    }

    fn rust(&self) -> Vec<String> {
        let (power, signed) = (self.power.name(), self.power == Power::YeoJohnson);
        let lines = |name: &String| {
            let name = rust_text(name);
            [
                format!("let lambda = fit_lambda(&df, {name}, {signed})?;"),
                format!(
                    "let df = df.with_columns([{power}(col({name}).cast(DataType::Float64), lambda).alias({name})]);"
                ),
            ]
        };
        self.columns.iter().flat_map(lines).collect()
    }
}

fn box_cox(values: Expr, lambda: f64) -> Expr {
    let made = match lambda {
        0.0 => values.clone().log(lit(std::f64::consts::E)),
        _ => (values.clone().pow(lit(lambda)) - lit(1.0)) / lit(lambda),
    };
    when(values.gt(lit(0.0))).then(made).otherwise(lit(NULL))
}

fn yeo_johnson(values: Expr, lambda: f64) -> Expr {
    let size = values.clone().abs();
    let raised = |power: f64| match power {
        0.0 => size.clone().log1p(),
        _ => ((size.clone() + lit(1.0)).pow(lit(power)) - lit(1.0)) / lit(power),
    };
    when(values.gt_eq(lit(0.0))).then(raised(lambda)).otherwise(-raised(2.0 - lambda))
}

/// λ to four places, so that rounding in the sums of another language does not show. For Box-Cox the values are divided
/// by their geometric mean, which changes no λ and keeps powers within bounds.
fn fit(power: Power, values: Vec<f64>) -> f64 {
    let finite = values.into_iter().filter(|value| value.is_finite());
    let (values, logs): (Vec<f64>, f64) = match power {
        Power::BoxCox => {
            let values: Vec<f64> = finite.filter(|value| *value > 0.0).collect();
            let mean = values.iter().map(|value| value.ln()).sum::<f64>() / values.len() as f64;
            (values.iter().map(|value| value / mean.exp()).collect(), 0.0)
        }
        Power::YeoJohnson => {
            let values: Vec<f64> = finite.collect();
            let logs = values.iter().map(|value| value.abs().ln_1p().copysign(*value)).sum();
            (values, logs)
        }
    };
    let n = values.len() as f64;
    if !values.iter().any(|value| *value != values[0]) {
        return 1.0;
    }
    let mut made = values.clone();
    let mut cost = |lambda: f64| {
        for (made, value) in made.iter_mut().zip(&values) {
            *made = raised(power, *value, lambda);
        }
        let mean = made.iter().sum::<f64>() / n;
        let variance = made.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n;
        let cost = n / 2.0 * variance.ln() - (lambda - 1.0) * logs;
        if cost.is_finite() { cost } else { f64::INFINITY }
    };
    golden(&mut cost)
}

fn raised(power: Power, value: f64, lambda: f64) -> f64 {
    let of = |size: f64, power: f64| if power == 0.0 { size.ln() } else { (size.powf(power) - 1.0) / power };
    match power {
        Power::BoxCox => of(value, lambda),
        Power::YeoJohnson if value >= 0.0 => of(1.0 + value, lambda),
        Power::YeoJohnson => -of(1.0 - value, 2.0 - lambda),
    }
}

/// The least of a function with one valley (Kiefer, 1953).
fn golden(cost: &mut dyn FnMut(f64) -> f64) -> f64 {
    let ratio = (5.0_f64.sqrt() - 1.0) / 2.0;
    let (mut low, mut high) = SPAN;
    let (mut left, mut right) = (high - ratio * (high - low), low + ratio * (high - low));
    let (mut at_left, mut at_right) = (cost(left), cost(right));
    for _ in 0..ROUNDS {
        if at_left < at_right {
            (high, right, at_right) = (right, left, at_left);
            left = high - ratio * (high - low);
            at_left = cost(left);
        } else {
            (low, left, at_left) = (left, right, at_right);
            right = low + ratio * (high - low);
            at_right = cost(right);
        }
    }
    ((low + high) / 2.0 * 1e4).round() / 1e4
}

/// The same for exported code.
pub mod code {
    pub const PYTHON_BOX_COX: &str = r#"def box_cox(values: pl.Expr, lam: float) -> pl.Expr:
    """Box and Cox (1964); what isn't positive becomes missing."""
    values = values.cast(pl.Float64)
    return pl.when(values > 0).then(values.log() if lam == 0 else (values**lam - 1) / lam)
"#;

    pub const PYTHON_YEO_JOHNSON: &str = r#"def yeo_johnson(values: pl.Expr, lam: float) -> pl.Expr:
    """Yeo and Johnson (2000)."""
    values = values.cast(pl.Float64)
    size = values.abs()
    def raised(power: float) -> pl.Expr:
        return size.log1p() if power == 0 else ((size + 1) ** power - 1) / power
    return pl.when(values >= 0).then(raised(lam)).otherwise(-raised(2 - lam))
"#;

    pub const PYTHON_FIT: &str = r#"def fit_lambda(values: pl.Series, power) -> float:
    """The power of maximum likelihood from -5 to 5, by golden section, to four places."""
    values = values.cast(pl.Float64).drop_nulls()
    values = values.filter(values.is_finite()).alias("x")
    if power.__name__ == "box_cox":
        values, logs = values.filter(values > 0), 0.0
        values = values / math.exp(values.log().mean() or 0.0)  # changes no power, and keeps numbers small
    else:
        logs = (values.sign() * values.abs().log1p()).sum()
    if values.n_unique() < 2:
        return 1.0
    def cost(lam: float) -> float:
        variance = values.to_frame().select(power(pl.col("x"), lam).var(ddof=0)).item()
        return len(values) / 2 * math.log(variance) - (lam - 1) * logs if 0 < variance < math.inf else math.inf
    ratio, low, high = (math.sqrt(5) - 1) / 2, -5.0, 5.0
    left, right = high - ratio * (high - low), low + ratio * (high - low)
    at_left, at_right = cost(left), cost(right)
    for _ in range(36):
        if at_left < at_right:
            high, right, at_right = right, left, at_left
            left = high - ratio * (high - low)
            at_left = cost(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + ratio * (high - low)
            at_right = cost(right)
    return round((low + high) / 2, 4)
"#;

    pub const PANDAS_BOX_COX: &str = r#"def box_cox(values, lam: float):
    """Box and Cox (1964); what isn't positive becomes missing."""
    values = values.astype("Float64")
    values = values.where(values > 0)
    return np.log(values) if lam == 0 else (values**lam - 1) / lam
"#;

    pub const PANDAS_YEO_JOHNSON: &str = r#"def yeo_johnson(values, lam: float):
    """Yeo and Johnson (2000)."""
    values = values.astype("Float64")
    size = values.abs()
    def raised(power: float):
        return np.log1p(size) if power == 0 else ((size + 1) ** power - 1) / power
    return raised(lam).where((values >= 0).fillna(False).astype(bool), -raised(2 - lam))
"#;

    pub const PANDAS_FIT: &str = r#"def fit_lambda(values, power) -> float:
    """The power of maximum likelihood from -5 to 5, by golden section, to four places."""
    values = values.astype("Float64").dropna()
    values = values[np.isfinite(values.to_numpy("float64"))]
    if power.__name__ == "box_cox":
        values, logs = values[values > 0], 0.0
        values = values / np.exp(np.log(values).mean())  # changes no power, and keeps numbers small
    else:
        logs = float((np.sign(values) * np.log1p(values.abs())).sum())
    if values.nunique() < 2:
        return 1.0
    def cost(lam: float) -> float:
        variance = float(power(values, lam).var(ddof=0))
        return len(values) / 2 * np.log(variance) - (lam - 1) * logs if 0 < variance < np.inf else np.inf
    ratio, low, high = (np.sqrt(5) - 1) / 2, -5.0, 5.0
    left, right = high - ratio * (high - low), low + ratio * (high - low)
    at_left, at_right = cost(left), cost(right)
    for _ in range(36):
        if at_left < at_right:
            high, right, at_right = right, left, at_left
            left = high - ratio * (high - low)
            at_left = cost(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + ratio * (high - low)
            at_right = cost(right)
    return round(float((low + high) / 2), 4)
"#;

    pub const RUST_BOX_COX: &str = r#"/// Box and Cox (1964); what isn't positive becomes missing.
fn box_cox(values: Expr, lambda: f64) -> Expr {
    let made = match lambda {
        0.0 => values.clone().log(lit(std::f64::consts::E)),
        _ => (values.clone().pow(lit(lambda)) - lit(1.0)) / lit(lambda),
    };
    when(values.gt(lit(0.0))).then(made).otherwise(lit(NULL))
}
"#;

    pub const RUST_YEO_JOHNSON: &str = r#"/// Yeo and Johnson (2000).
fn yeo_johnson(values: Expr, lambda: f64) -> Expr {
    let size = values.clone().abs();
    let raised = |power: f64| match power {
        0.0 => size.clone().log1p(),
        _ => ((size.clone() + lit(1.0)).pow(lit(power)) - lit(1.0)) / lit(power),
    };
    when(values.gt_eq(lit(0.0))).then(raised(lambda)).otherwise(-raised(2.0 - lambda))
}
"#;

    pub const RUST_FIT: &str = r#"/// The power of maximum likelihood from -5 to 5, by golden section, to four places.
fn fit_lambda(df: &LazyFrame, column: &str, signed: bool) -> PolarsResult<f64> {
    let table = df.clone().select([col(column).cast(DataType::Float64)]).collect()?;
    let finite = table.column(column)?.f64()?.iter().flatten().filter(|value| value.is_finite());
    let mut values: Vec<f64> = finite.filter(|value| signed || *value > 0.0).collect();
    let n = values.len() as f64;
    let logs = if signed { values.iter().map(|value| value.abs().ln_1p().copysign(*value)).sum() } else { 0.0 };
    if !signed {
        let mean = (values.iter().map(|value| value.ln()).sum::<f64>() / n).exp();
        values.iter_mut().for_each(|value| *value /= mean); // changes no power, and keeps numbers small
    }
    if !values.iter().any(|value| *value != values[0]) {
        return Ok(1.0);
    }
    let of = |size: f64, power: f64| if power == 0.0 { size.ln() } else { (size.powf(power) - 1.0) / power };
    let raised = |value: f64, lambda: f64| match (signed, value >= 0.0) {
        (false, _) => of(value, lambda),
        (true, true) => of(1.0 + value, lambda),
        (true, false) => -of(1.0 - value, 2.0 - lambda),
    };
    let cost = |lambda: f64| {
        let made: Vec<f64> = values.iter().map(|value| raised(*value, lambda)).collect();
        let mean = made.iter().sum::<f64>() / n;
        let variance = made.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n;
        let cost: f64 = n / 2.0 * variance.ln() - (lambda - 1.0) * logs;
        if cost.is_finite() { cost } else { f64::INFINITY }
    };
    let ratio = (5.0_f64.sqrt() - 1.0) / 2.0;
    let (mut low, mut high) = (-5.0, 5.0);
    let (mut left, mut right) = (high - ratio * (high - low), low + ratio * (high - low));
    let (mut at_left, mut at_right) = (cost(left), cost(right));
    for _ in 0..36 {
        if at_left < at_right {
            (high, right, at_right) = (right, left, at_left);
            left = high - ratio * (high - low);
            at_left = cost(left);
        } else {
            (low, left, at_left) = (left, right, at_right);
            right = low + ratio * (high - low);
            at_right = cost(right);
        }
    }
    Ok(((low + high) / 2.0 * 1e4).round() / 1e4)
}
"#;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As scipy 1.17: `boxcox_normmax(x, method="mle")` and `yeojohnson_normmax(x)`.
    #[test]
    fn powers_are_those_of_scipy() {
        let near = |power: Power, values: &[f64], wanted: f64| {
            let found = fit(power, values.to_vec());
            assert!((found - wanted).abs() < 2e-4, "{found} is not {wanted}");
        };
        let values = [1.2, 3.4, 0.7, 9.5, 2.2, 5.1, 14.0, 0.9];
        near(Power::BoxCox, &values, -0.1125);
        near(Power::BoxCox, &values.map(|value| value * 1e6), -0.1125);
        near(Power::YeoJohnson, &[-3.0, -0.5, 0.0, 1.5, 2.0, 8.0, 20.0], 0.4791);
        near(Power::YeoJohnson, &values, -0.3832);
        assert_eq!(fit(Power::BoxCox, vec![2.0, 2.0]), 1.0);
        assert_eq!(fit(Power::YeoJohnson, vec![]), 1.0);
    }
}
