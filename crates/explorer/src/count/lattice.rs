//! Numbers that lie on a lattice: whole multiples of a step from the smallest on.

use crate::error::Result;
use crate::work::Cancel;
use polars::prelude::*;
use std::ops::ControlFlow::{self, Break, Continue};

/// Values looked at together: what fits the nearest cache.
const BLOCK: usize = 4096;
/// So many cells are worth it for any column, however short.
const MIN_CELLS: u64 = 1 << 16;
/// Floats are tried as multiples of 1, 0.1, 0.01 ... down to this one's inverse.
const MAX_UNIT: f64 = 1e6;
/// Adding it to a float of less than 2^51 rounds to a whole number, which then stands in the lowest bits.
const ROUND: f64 = 6_755_399_441_055_744.0; // 1.5 × 2^52

/// What a whole number of a column means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Unit {
    /// So many times this: 1 for integers, seconds in a unit of time for times.
    Times(f64),
    /// Divided by a power of ten; rounded to a single float where the column holds these.
    Over { power: f64, single: bool },
}

impl Unit {
    #[inline]
    pub fn value(self, number: i64) -> f64 {
        match self {
            Unit::Times(1.0) => number as f64,
            Unit::Times(scale) => number as f64 * scale,
            Unit::Over { power, single: false } => number as f64 / power,
            Unit::Over { power, single: true } => f64::from((number as f64 / power) as f32),
        }
    }
}

/// A column as plain numbers, missing ones left out.
pub(crate) enum Numbers {
    /// Any integer type up to 64 bits that fits `i64`, and what one of them means.
    Integers(Series, Unit),
    /// `f64` or `f32`.
    Floats(Series),
}

impl Numbers {
    /// `None` for what is wider than 64 bits.
    pub fn of(series: &Series) -> PolarsResult<Option<Numbers>> {
        let narrowed = |wide: Series, unit: Unit| -> PolarsResult<Option<Numbers>> {
            let numbers = wide.cast(&DataType::Int64)?;
            Ok((numbers.null_count() == wide.null_count()).then_some(Numbers::Integers(numbers, unit)))
        };
        match series.dtype() {
            DataType::Float32 | DataType::Float64 => Ok(Some(Numbers::Floats(series.clone()))),
            DataType::Decimal(_, scale) => {
                let power = 10f64.powi(i32::try_from(*scale).unwrap_or(0));
                narrowed(series.decimal()?.physical().clone().into_series(), Unit::Over { power, single: false })
            }
            DataType::UInt64 | DataType::UInt128 | DataType::Int128 => narrowed(series.clone(), Unit::Times(1.0)),
            dtype => {
                let unit = Unit::Times(crate::profile::numbers::scale(dtype));
                let physical = series.to_physical_repr().into_owned();
                let fits = physical.dtype().is_integer()
                    && !matches!(physical.dtype(), DataType::Int128 | DataType::UInt128 | DataType::UInt64);
                Ok(fits.then_some(Numbers::Integers(physical, unit)))
            }
        }
    }
}

/// What one pass over a column tells.
#[derive(Clone, Debug, Default)]
pub(crate) struct Span {
    /// Finite values.
    pub num: u64,
    pub num_nan: u64,
    /// Below and above all numbers.
    pub infinite: (u64, u64),
    /// Smallest and largest finite value and their sum.
    pub low: f64,
    pub high: f64,
    pub sum: f64,
    pub num_zero: u64,
    pub num_negative: u64,
    /// Smallest and largest as they are stored, for integers.
    pub ends: Option<(i64, i64)>,
    /// Where the values are few enough to count.
    pub lattice: Option<Lattice>,
}

/// Where each value has a cell of its own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Lattice {
    first: i64,
    step: u64,
    pub cells: usize,
    unit: Unit,
}

impl Lattice {
    #[inline]
    pub fn value(&self, cell: usize) -> f64 {
        self.unit.value(self.first.wrapping_add((cell as u64 * self.step) as i64))
    }
}

/// One pass: bounds, sum, and whether the values lie on a lattice (for integers another pass where they lie far apart).
/// `count` says whether the lattice is wanted.
pub(crate) fn span(numbers: &Numbers, count: bool, cancel: &Cancel) -> Result<Span> {
    let span = match numbers {
        Numbers::Integers(series, unit) => integers_span(series, *unit, count, cancel),
        Numbers::Floats(series) if *series.dtype() == DataType::Float32 => floats_span(series, true, count, cancel),
        Numbers::Floats(series) => floats_span(series, false, count, cancel),
    };
    cancel.check()?;
    Ok(span)
}

fn most_cells(num: u64) -> u64 {
    MIN_CELLS.max(num.saturating_mul(2))
}

fn integers_span(series: &Series, unit: Unit, count: bool, cancel: &Cancel) -> Span {
    let (mut low, mut high, mut sum) = (i64::MAX, i64::MIN, 0i128);
    let mut span = Span::default();
    integers(series, |block| {
        let (mut least, mut most, mut zeros, mut negative) = (i64::MAX, i64::MIN, 0u64, 0u64);
        for &value in block {
            least = least.min(value);
            most = most.max(value);
            zeros += u64::from(value == 0);
            negative += u64::from(value < 0);
        }
        // The sum of a block cannot overflow where its values are below 2^50.
        let plain = least > -(1 << 50) && most < 1 << 50;
        sum += if plain {
            i128::from(block.iter().sum::<i64>())
        } else {
            block.iter().map(|value| i128::from(*value)).sum()
        };
        (low, high) = (low.min(least), high.max(most));
        span.num += block.len() as u64;
        span.num_zero += zeros;
        span.num_negative += negative;
        go_on(cancel)
    });
    if span.num == 0 {
        return span;
    }
    span.ends = Some((low, high));
    (span.low, span.high) = (unit.value(low), unit.value(high));
    span.sum = match unit {
        Unit::Times(scale) => sum as f64 * scale,
        Unit::Over { power, .. } => sum as f64 / power,
    };
    let range = high.wrapping_sub(low) as u64;
    let most = most_cells(span.num);
    if count && range < most {
        span.lattice = Some(Lattice { first: low, step: 1, cells: range as usize + 1, unit });
    } else if count && let Some(step) = step(series, low, range / most, cancel) {
        span.lattice = Some(Lattice { first: low, step, cells: (range / step) as usize + 1, unit });
    }
    span
}

/// The largest number that divides all distances from `low`, where it is larger than `least`.
fn step(series: &Series, low: i64, least: u64, cancel: &Cancel) -> Option<u64> {
    let mut step = 0u64;
    let mut fast = Exact::of(1);
    integers(series, |block| {
        for &value in block {
            let distance = value.wrapping_sub(low) as u64;
            if step == 0 || fast.divide(distance).is_none() {
                step = greatest_divisor(step, distance);
                if step != 0 && step <= least {
                    return Break(());
                }
                fast = Exact::of(step.max(1));
            }
        }
        go_on(cancel)
    });
    (step > least && !cancel.is_cancelled()).then_some(step)
}

fn greatest_divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// Division by a fixed number that says at once whether anything is left: the odd part's inverse modulo 2^64 takes
/// multiples of it to their quotients and everything else above (Granlund and Montgomery 1994, section 9).
#[derive(Clone, Copy)]
struct Exact {
    shift: u32,
    inverse: u64,
    most: u64,
}

impl Exact {
    fn of(divisor: u64) -> Exact {
        let shift = divisor.trailing_zeros();
        let odd = divisor >> shift;
        // Newton's iteration doubles the bits that are right; an odd number is its own inverse modulo 8.
        let mut inverse = odd;
        for _ in 0..5 {
            inverse = inverse.wrapping_mul(2u64.wrapping_sub(odd.wrapping_mul(inverse)));
        }
        Exact { shift, inverse, most: u64::MAX / odd }
    }

    #[inline]
    fn divide(self, number: u64) -> Option<u64> {
        let quotient = (number >> self.shift).wrapping_mul(self.inverse);
        let whole = (number >> self.shift) << self.shift == number;
        (whole && quotient <= self.most).then_some(quotient)
    }
}

fn floats_span(series: &Series, single: bool, count: bool, cancel: &Cancel) -> Span {
    let (mut low, mut high, mut sum) = (f64::INFINITY, f64::NEG_INFINITY, 0.0);
    let mut span = Span::default();
    let mut power = if count { 1.0 } else { f64::INFINITY };
    floats(series, |block| {
        let (mut least, mut most, mut total) = (f64::INFINITY, f64::NEG_INFINITY, [0.0; 4]);
        let (mut nan, mut below, mut above, mut zeros, mut negative) = (0u64, 0u64, 0u64, 0u64, 0u64);
        for (i, &value) in block.iter().enumerate() {
            let finite = value.is_finite();
            let kept = if finite { value } else { 0.0 };
            total[i & 3] += kept;
            least = if finite && value < least { value } else { least };
            most = if finite && value > most { value } else { most };
            nan += u64::from(value.is_nan());
            below += u64::from(value == f64::NEG_INFINITY);
            above += u64::from(value == f64::INFINITY);
            zeros += u64::from(value == 0.0);
            negative += u64::from(finite && value < 0.0);
        }
        (low, high) = (low.min(least), high.max(most));
        sum += total.iter().sum::<f64>();
        span.num += block.len() as u64 - nan - below - above;
        span.num_nan += nan;
        span.infinite.0 += below;
        span.infinite.1 += above;
        span.num_zero += zeros;
        span.num_negative += negative;
        // A multiple of 0.1 is one of 0.01 too, so what was seen before need not be looked at again.
        while power <= MAX_UNIT && !are_multiples(block, power, single) {
            power *= 10.0;
        }
        go_on(cancel)
    });
    if span.num == 0 {
        return span;
    }
    (span.low, span.high, span.sum) = (low + 0.0, high + 0.0, sum);
    if power <= MAX_UNIT {
        let (first, last) = (whole(low, power), whole(high, power));
        let range = last.wrapping_sub(first) as u64;
        if range < most_cells(span.num) {
            span.lattice =
                Some(Lattice { first, step: 1, cells: range as usize + 1, unit: Unit::Over { power, single } });
        }
    }
    span
}

/// Whether every finite value is the float nearest to a whole number over `power`.
fn are_multiples(block: &[f64], power: f64, single: bool) -> bool {
    let mut all = true;
    for &value in block {
        let rounded = (value * power + ROUND) - ROUND;
        let back = if power == 1.0 { rounded } else { rounded / power };
        let back = if single { f64::from(back as f32) } else { back };
        all &= ((back == value) & (rounded.abs() < (1u64 << 51) as f64)) | !value.is_finite();
    }
    all
}

#[inline]
fn whole(value: f64, power: f64) -> i64 {
    ((value * power + ROUND).to_bits() as i64).wrapping_sub(ROUND.to_bits() as i64)
}

/// Calls `take` with the cell of every finite value, in the order of the column.
pub(crate) fn cells(numbers: &Numbers, lattice: &Lattice, cancel: &Cancel, mut take: impl FnMut(usize)) -> Result<()> {
    match (numbers, lattice.unit) {
        (Numbers::Integers(series, _), _) if lattice.step == 1 => integers(series, |block| {
            block.iter().for_each(|value| take(value.wrapping_sub(lattice.first) as usize));
            go_on(cancel)
        }),
        (Numbers::Integers(series, _), _) => {
            let by = Exact::of(lattice.step);
            integers(series, |block| {
                block
                    .iter()
                    .for_each(|value| take(by.divide(value.wrapping_sub(lattice.first) as u64).unwrap_or(0) as usize));
                go_on(cancel)
            });
        }
        (Numbers::Floats(series), Unit::Over { power, .. }) => floats(series, |block| {
            for &value in block.iter().filter(|value| value.is_finite()) {
                take(whole(value, power).wrapping_sub(lattice.first) as usize);
            }
            go_on(cancel)
        }),
        (Numbers::Floats(_), Unit::Times(_)) => {}
    }
    cancel.check()
}

fn go_on(cancel: &Cancel) -> ControlFlow<()> {
    if cancel.is_cancelled() { Break(()) } else { Continue(()) }
}

/// The values that are there, as `i64`, block by block. The series holds integers of at most 64 bits that fit.
pub(crate) fn integers(series: &Series, mut take: impl FnMut(&[i64]) -> ControlFlow<()>) {
    macro_rules! fed {
        ($($dtype:ident $of:ident),*) => {
            match series.dtype() {
                $(DataType::$dtype => if let Ok(numbers) = series.$of() { blocks(numbers, i64::from, &mut take) },)*
                _ => {}
            }
        };
    }
    fed!(Int8 i8, Int16 i16, Int32 i32, Int64 i64, UInt8 u8, UInt16 u16, UInt32 u32);
}

/// The values that are there, as `f64`, block by block.
pub(crate) fn floats(series: &Series, mut take: impl FnMut(&[f64]) -> ControlFlow<()>) {
    if let Ok(numbers) = series.f64() {
        blocks(numbers, |value| value, &mut take);
    } else if let Ok(numbers) = series.f32() {
        blocks(numbers, f64::from, &mut take);
    }
}

fn blocks<T: PolarsNumericType, N: Copy>(
    numbers: &ChunkedArray<T>,
    as_n: impl Fn(T::Native) -> N + Copy,
    take: &mut impl FnMut(&[N]) -> ControlFlow<()>,
) {
    let mut buffer: Vec<N> = Vec::with_capacity(BLOCK);
    for chunk in numbers.downcast_iter() {
        if chunk.validity().is_none() {
            for part in chunk.values().chunks(BLOCK) {
                buffer.clear();
                buffer.extend(part.iter().map(|value| as_n(*value)));
                if take(&buffer).is_break() {
                    return;
                }
            }
            continue;
        }
        let mut values = chunk.non_null_values_iter();
        loop {
            buffer.clear();
            while buffer.len() < BLOCK {
                let Some(value) = values.next() else { break };
                buffer.push(as_n(value));
            }
            if buffer.is_empty() || take(&buffer).is_break() {
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Compares the number of cells and the values that the cells of the rows stand for.
    #[track_caller]
    fn check(series: Series, cells_expected: Option<usize>, expected: &[f64]) {
        let numbers = Numbers::of(&series).unwrap().unwrap();
        let cancel = Cancel::default();
        let span = span(&numbers, true, &cancel).unwrap();
        assert_eq!(span.lattice.map(|lattice| lattice.cells), cells_expected, "{series}");
        let Some(lattice) = span.lattice else { return };
        let mut seen = Vec::new();
        cells(&numbers, &lattice, &cancel, |cell| seen.push(lattice.value(cell))).unwrap();
        assert_eq!(seen, expected, "{series}");
    }

    fn column<T, const N: usize>(values: [T; N]) -> Series
    where
        Series: NamedFrom<[T; N], [T]>,
    {
        Series::new("x".into(), values)
    }

    #[test]
    fn values_keep_what_they_are() {
        check(column([3i64, -1, 3]), Some(5), &[3.0, -1.0, 3.0]);
        check(Series::new("x".into(), [Some(3u8), None, Some(0)]), Some(4), &[3.0, 0.0]);
        check(column([0i64, 3_600_000_000_000, 7_200_000_000_000]), Some(3), &[0.0, 3.6e12, 7.2e12]);
        check(column([i64::MIN, i64::MAX, 0]), None, &[]);
        check(column([0.25, -0.5, f64::NAN, f64::INFINITY]), Some(76), &[0.25, -0.5]);
        check(column([0.1, 0.3]), Some(3), &[0.1, 0.3]);
        check(column([0.1f32, 0.3]), Some(3), &[f64::from(0.1f32), f64::from(0.3f32)]);
        check(column([-0.0, 2.0]), Some(3), &[0.0, 2.0]);
        check(column([1.0 / 3.0, 2.0]), None, &[]);
        check(column([1e300, 2.0]), None, &[]);
        check(column([f64::NAN]), None, &[]);
    }

    #[test]
    fn division_knows_what_is_left() {
        for divisor in [1u64, 2, 3, 7, 12, 3_600_000_000, u64::MAX, 1 << 63] {
            for number in [0, 1, 2, 3, 11, 12, 7_200_000_000, u64::MAX, u64::MAX - 1, 1 << 63] {
                let expected = (number % divisor == 0).then(|| number / divisor);
                assert_eq!(Exact::of(divisor).divide(number), expected, "{number} / {divisor}");
            }
        }
    }
}
