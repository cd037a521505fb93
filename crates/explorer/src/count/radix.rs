//! Sorting numbers by their bits.

use crate::error::Result;
use crate::work::Cancel;

/// Below this, comparing is faster.
const FEW: usize = 1 << 14;

/// A float's bits in the order of the floats; -0 is 0.
#[inline]
pub(crate) fn float_key(value: f64) -> u64 {
    let bits = (value + 0.0).to_bits();
    if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
}

/// The float of a key.
#[inline]
pub(crate) fn key_float(key: u64) -> f64 {
    f64::from_bits(if key >> 63 == 1 { key & !(1 << 63) } else { !key })
}

/// Sorts by one byte after the other, the lowest first; bytes that are the same in all keys cost nothing. Takes as much
/// memory again.
pub(crate) fn sort(mut keys: Vec<u64>, cancel: &Cancel) -> Result<Vec<u64>> {
    if keys.len() < FEW {
        keys.sort_unstable();
        return Ok(keys);
    }
    let mut counts = vec![[0u32; 256]; 8];
    for block in keys.chunks(1 << 16) {
        cancel.check()?;
        for key in block {
            for (byte, counts) in key.to_le_bytes().into_iter().zip(counts.iter_mut()) {
                counts[byte as usize] += 1;
            }
        }
    }
    let mut other = vec![0; keys.len()];
    for (digit, counts) in counts.iter().enumerate() {
        if counts.iter().any(|count| *count as usize == keys.len()) {
            continue;
        }
        cancel.check()?;
        let mut starts = [0u32; 256];
        let mut at = 0;
        for (start, count) in starts.iter_mut().zip(counts) {
            *start = at;
            at += count;
        }
        for &key in &keys {
            let start = &mut starts[(key >> (8 * digit)) as usize & 255];
            other[*start as usize] = key;
            *start += 1;
        }
        std::mem::swap(&mut keys, &mut other);
    }
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_that_of_the_numbers() {
        let mut state = 1u64;
        let keys: Vec<u64> = std::iter::repeat_with(|| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state >> (state % 60)
        })
        .take(3 * FEW)
        .collect();
        let mut expected = keys.clone();
        expected.sort_unstable();
        assert_eq!(sort(keys, &Cancel::default()).unwrap(), expected);
    }

    #[test]
    fn floats_keep_their_order() {
        let floats = [f64::NEG_INFINITY, f64::MIN, -1.5, -1e-300, 0.0, 1e-300, 0.1, f64::MAX, f64::INFINITY];
        assert!(floats.windows(2).all(|pair| float_key(pair[0]) < float_key(pair[1])));
        assert!(floats.iter().all(|float| key_float(float_key(*float)) == *float));
        assert_eq!(float_key(-0.0), float_key(0.0));
    }
}
