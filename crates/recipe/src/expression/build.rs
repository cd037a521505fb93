//! From the tree to what Polars runs.

use super::tree::{Across, Ex, Lit, Op};
use crate::error::Fault;
use polars::lazy::dsl::{max_horizontal, mean_horizontal, min_horizontal, sum_horizontal};
use polars::prelude::*;

impl Ex {
    pub fn build(&self) -> Result<Expr, Fault> {
        Ok(match self {
            Ex::Col(name) => column(name),
            Ex::Lit(value) => value.expr()?,
            Ex::Len => len(),
            Ex::Neg(inner) => -inner.build()?,
            Ex::Not(inner) => inner.build()?.not(),
            Ex::Binary(op, left, right) => binary(*op, left.build()?, right.build()?),
            Ex::Call(function, args) => (function.build)(args)?,
            Ex::Across(across, args) => {
                let args = args.iter().map(Ex::build).collect::<Result<Vec<_>, _>>()?;
                match across {
                    Across::Coalesce => coalesce(&args),
                    Across::Max => max_horizontal(args)?,
                    Across::Min => min_horizontal(args)?,
                    Across::Sum => sum_horizontal(args, true)?,
                    Across::Mean => mean_horizontal(args, true)?,
                    Across::Any => any_horizontal(args)?,
                    Across::All => all_horizontal(args)?,
                    Across::Concat { separator, ignore_nulls } => concat_str(args, separator, *ignore_nulls),
                }
            }
            Ex::When(branches, otherwise) => {
                let mut result = otherwise.build()?;
                for (condition, value) in branches.iter().rev() {
                    result = when(condition.build()?).then(value.build()?).otherwise(result);
                }
                result
            }
            Ex::Cast(inner, to, strict) => {
                let inner = inner.build()?;
                if *strict { inner.strict_cast(to.dtype()) } else { inner.cast(to.dtype()) }
            }
            Ex::Over(inner, by) => {
                let by: Vec<Expr> = by.iter().map(|name| column(name)).collect();
                inner.build()?.over(by)?
            }
        })
    }
}

/// A column by exactly this name: `col` would read `*` and `^…$` as patterns.
pub fn column(name: &str) -> Expr {
    Expr::Column(name.into())
}

fn binary(op: Op, left: Expr, right: Expr) -> Expr {
    match op {
        Op::Or => left.or(right),
        Op::Xor => left.xor(right),
        Op::And => left.and(right),
        Op::Eq => left.eq(right),
        Op::Ne => left.neq(right),
        Op::Lt => left.lt(right),
        Op::Le => left.lt_eq(right),
        Op::Gt => left.gt(right),
        Op::Ge => left.gt_eq(right),
        Op::Add => left + right,
        Op::Sub => left - right,
        Op::Mul => left * right,
        Op::Div => left.true_div(right),
        Op::FloorDiv => left.floor_div(right),
        Op::Mod => left % right,
        Op::Pow => left.pow(right),
    }
}

/// Days from 1970-01-01 in the proleptic Gregorian calendar (Howard Hinnant, "chrono-Compatible Low-Level Date
/// Algorithms").
pub fn days_from_civil(year: i32, month: u32, day: u32) -> i64 {
    let year = i64::from(year) - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let shifted = i64::from((month + 9) % 12);
    let of_year = (153 * shifted + 2) / 5 + i64::from(day) - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

impl Lit {
    /// Whether the calendar has that day, from year 1 to 9999 as Python counts.
    pub fn is_date(year: i64, month: i64, day: i64) -> bool {
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let days = match month {
            2 => 28 + i64::from(leap),
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return false,
        };
        (1..=9999).contains(&year) && (1..=days).contains(&day)
    }

    pub fn any(&self) -> Result<AnyValue<'static>, Fault> {
        Ok(match self {
            Lit::Null => AnyValue::Null,
            Lit::Flag(flag) => AnyValue::Boolean(*flag),
            Lit::Integer(number) => AnyValue::Int64(*number),
            Lit::Number(number) => AnyValue::Float64(*number),
            Lit::Text(text) => AnyValue::StringOwned(text.as_str().into()),
            Lit::Date(year, month, day) => AnyValue::Date(days_from_civil(*year, *month, *day) as i32),
            Lit::Datetime(year, month, day, hour, minute, second) => {
                let seconds =
                    days_from_civil(*year, *month, *day) * 86_400 + i64::from(hour * 3600 + minute * 60 + second);
                AnyValue::Datetime(seconds * 1_000_000, TimeUnit::Microseconds, None)
            }
            Lit::List(_) => return Err(Fault::new("A list has no place here")),
        })
    }

    pub fn expr(&self) -> Result<Expr, Fault> {
        Ok(match self {
            Lit::Null => lit(NULL),
            Lit::Flag(flag) => lit(*flag),
            Lit::Integer(number) => lit(*number),
            Lit::Number(number) => lit(*number),
            Lit::Text(text) => lit(text.as_str()),
            Lit::Date(..) => lit(Scalar::new(DataType::Date, self.any()?)),
            Lit::Datetime(..) => lit(Scalar::new(DataType::Datetime(TimeUnit::Microseconds, None), self.any()?)),
            Lit::List(list) => lit(series(list)?).implode(true),
        })
    }
}

/// Values of one kind as a series; whole and broken numbers may mix.
pub fn series(list: &[Lit]) -> Result<Series, Fault> {
    let values = list.iter().map(Lit::any).collect::<Result<Vec<_>, _>>()?;
    Series::from_any_values("".into(), &values, false)
        .map_err(|_| Fault::new("The values are of different kinds").remedy("Give only numbers, or only texts"))
}

/// A function's arguments, checked: the kinds of [`super::functions::ParamKind`] by name.
#[allow(non_snake_case, reason = "one for each kind, by its name")]
pub mod bind {
    use super::*;

    type Arg<'a> = Option<&'a Ex>;

    fn wrong() -> Fault {
        Fault::new("An argument has the wrong kind")
    }

    pub fn Expr(arg: Arg) -> Result<polars::prelude::Expr, Fault> {
        arg.ok_or_else(wrong)?.build()
    }

    pub fn Text(arg: Arg) -> Result<String, Fault> {
        match arg {
            Some(Ex::Lit(Lit::Text(text))) => Ok(text.clone()),
            _ => Err(wrong()),
        }
    }

    pub fn Regex(arg: Arg) -> Result<String, Fault> {
        let pattern = Text(arg)?;
        check_regex(&pattern)?;
        Ok(pattern)
    }

    pub fn Replacement(arg: Arg) -> Result<String, Fault> {
        Text(arg)
    }

    pub fn Int(arg: Arg) -> Result<i64, Fault> {
        match arg {
            Some(Ex::Lit(Lit::Integer(number))) => Ok(*number),
            _ => Err(wrong()),
        }
    }

    /// As wide as whoever takes it wants.
    pub fn Count<T: TryFrom<i64>>(arg: Arg) -> Result<T, Fault> {
        T::try_from(Int(arg)?).map_err(|_| wrong())
    }

    pub fn Num(arg: Arg) -> Result<f64, Fault> {
        match arg {
            Some(Ex::Lit(Lit::Number(number))) => Ok(*number),
            _ => Err(wrong()),
        }
    }

    pub fn Flag(arg: Arg) -> Result<bool, Fault> {
        match arg {
            Some(Ex::Lit(Lit::Flag(flag))) => Ok(*flag),
            _ => Err(wrong()),
        }
    }

    pub fn List(arg: Arg) -> Result<polars::prelude::Expr, Fault> {
        arg.ok_or_else(wrong)?.build()
    }

    pub fn Rank(arg: Arg) -> Result<RankMethod, Fault> {
        Ok(match Text(arg)?.as_str() {
            "average" => RankMethod::Average,
            "min" => RankMethod::Min,
            "max" => RankMethod::Max,
            "dense" => RankMethod::Dense,
            "ordinal" => RankMethod::Ordinal,
            _ => return Err(wrong()),
        })
    }

    pub fn Form(arg: Arg) -> Result<UnicodeForm, Fault> {
        Ok(match Text(arg)?.as_str() {
            "NFC" => UnicodeForm::NFC,
            "NFKC" => UnicodeForm::NFKC,
            "NFD" => UnicodeForm::NFD,
            "NFKD" => UnicodeForm::NFKD,
            _ => return Err(wrong()),
        })
    }

    pub fn Linear(_: Arg) -> Result<QuantileMethod, Fault> {
        Ok(QuantileMethod::Linear)
    }
}

/// An error that points at the place in the pattern.
pub fn check_regex(pattern: &str) -> Result<regex::Regex, Fault> {
    match regex::RegexBuilder::new(pattern).size_limit(4 << 20).build() {
        Ok(regex) => Ok(regex),
        Err(error) => {
            let text = error.to_string();
            // the crate draws a caret under the pattern, which stands four columns in
            let caret = text.lines().find(|line| line.trim_start().starts_with('^')).and_then(|line| line.find('^'));
            let cause =
                text.lines().rev().find_map(|line| line.trim().strip_prefix("error: ")).unwrap_or("it is too large");
            let fault = Fault::new(format!("The regular expression can't be read: {cause}"))
                .remedy("A sign that stands for itself takes a backslash: \\. \\( \\[");
            Err(match caret {
                Some(column) if !pattern.contains('\n') => fault.at(column.saturating_sub(4)),
                _ => fault,
            })
        }
    }
}
