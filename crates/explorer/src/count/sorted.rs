//! The values of a column with their counts, by size.

use super::lattice::{self, Lattice, Numbers, Span};
use super::radix;
use crate::error::Result;
use crate::work::Cancel;
use std::ops::ControlFlow::Continue;

pub(crate) enum Sorted {
    /// How often each cell of a lattice comes.
    Counted(Vec<u32>, Lattice),
    /// All values as keys that sort as they do; integers less the smallest, floats by their bits.
    Listed(Vec<u64>, Means),
}

pub(crate) enum Means {
    Integer { first: i64, unit: lattice::Unit },
    Float,
}

/// Counts the finite values, or sorts them where they do not lie on a lattice.
pub(crate) fn sorted(numbers: &Numbers, span: &Span, cancel: &Cancel) -> Result<Sorted> {
    if let Some(lattice) = span.lattice {
        let mut counts = vec![0u32; lattice.cells];
        lattice::cells(numbers, &lattice, cancel, |cell| counts[cell] += 1)?;
        return Ok(Sorted::Counted(counts, lattice));
    }
    let mut keys = Vec::with_capacity(span.num as usize);
    let means = match numbers {
        Numbers::Integers(series, unit) => {
            let first = span.ends.map_or(0, |(low, _)| low);
            lattice::integers(series, |block| {
                keys.extend(block.iter().map(|value| value.wrapping_sub(first) as u64));
                Continue(())
            });
            Means::Integer { first, unit: *unit }
        }
        Numbers::Floats(series) => {
            lattice::floats(series, |block| {
                keys.extend(block.iter().filter(|value| value.is_finite()).map(|value| radix::float_key(*value)));
                Continue(())
            });
            Means::Float
        }
    };
    Ok(Sorted::Listed(radix::sort(keys, cancel)?, means))
}

impl Sorted {
    /// Calls `take` with each value, the smallest first, and how often it comes.
    pub fn each(&self, mut take: impl FnMut(f64, u64)) {
        match self {
            Sorted::Counted(counts, lattice) => {
                for (cell, &count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
                    take(lattice.value(cell), u64::from(count));
                }
            }
            Sorted::Listed(keys, means) => {
                let mut rest = keys.as_slice();
                while let Some(&key) = rest.first() {
                    let count = rest.iter().take_while(|other| **other == key).count();
                    let value = match means {
                        Means::Integer { first, unit } => unit.value(first.wrapping_add(key as i64)),
                        Means::Float => radix::key_float(key),
                    };
                    take(value, count as u64);
                    rest = &rest[count..];
                }
            }
        }
    }
}
