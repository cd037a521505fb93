//! How often each text comes.
//!
//! Polars keeps 16 bytes for each text: its length and, up to 12 bytes, all of it, else its first bytes and where the
//! rest lies. Equal words are equal texts (within a chunk), so a small cache of words answers most rows without a look
//! at the text; a hash table, of 8 bytes for each distinct text, has the rest.

use crate::error::Result;
use crate::work::Cancel;
use polars::prelude::*;
use std::hash::BuildHasher;

/// Cached words; 32 bytes each.
const CACHE: usize = 1 << 12;
const NONE: u32 = u32::MAX;
/// Rows between two looks at the cancel flag.
const BLOCK: usize = 1 << 16;

/// Distinct texts in the order of their first rows.
pub(crate) struct Tally {
    pub groups: Vec<Group>,
    pub missing: u64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Group {
    /// The first row that holds the text.
    pub row: IdxSize,
    pub count: u32,
}

/// Counts the texts of a column in one chunk; `each` gets every row's group, `None` for a missing text.
pub(crate) fn tally(text: &StringChunked, cancel: &Cancel, mut each: impl FnMut(Option<u32>)) -> Result<Tally> {
    let mut tally = Tally { groups: Vec::new(), missing: 0 };
    let Some(chunk) = text.downcast_iter().next() else { return Ok(tally) };
    debug_assert_eq!(text.chunks().len(), 1);
    let mut cache = vec![(0u128, NONE); CACHE];
    let mut table = Table::new();
    let there = (text.null_count() > 0).then(|| text.is_not_null());
    let validity = there.as_ref().and_then(|there| there.downcast_iter().next()).map(|bits| bits.values());
    for (block, views) in chunk.views().chunks(BLOCK).enumerate() {
        cancel.check()?;
        for (i, view) in views.iter().enumerate() {
            let row = block * BLOCK + i;
            if validity.is_some_and(|validity| !validity.get_bit(row)) {
                tally.missing += 1;
                each(None);
                continue;
            }
            let word = view.as_u128();
            let place = &mut cache[place(word)];
            if place.0 != word || place.1 == NONE {
                *place = (word, table.group(&mut tally.groups, row, |row| chunk.value(row)));
            }
            tally.groups[place.1 as usize].count += 1;
            each(Some(place.1));
        }
    }
    Ok(tally)
}

#[inline]
fn place(word: u128) -> usize {
    let (low, high) = (word as u64, (word >> 64) as u64);
    let mixed = (low ^ high.rotate_left(29)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> 52) as usize & (CACHE - 1)
}

/// Open addressing. A place holds 32 bits of the hash above the group's number plus one.
struct Table {
    places: Vec<u64>,
    len: usize,
    state: PlHashMap<u8, u8>,
}

impl Table {
    fn new() -> Table {
        Table { places: vec![0; 1024], len: 0, state: PlHashMap::default() }
    }

    /// The group of a row's text; a new one where it was not seen before.
    fn group<'a>(&mut self, groups: &mut Vec<Group>, row: usize, text: impl Fn(usize) -> &'a str) -> u32 {
        let own = text(row);
        let hash = self.state.hasher().hash_one(own.as_bytes()) as u32;
        let mask = self.places.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            let place = self.places[at];
            if place == 0 {
                break;
            }
            if (place >> 32) as u32 == hash {
                let group = place as u32 - 1;
                if text(groups[group as usize].row as usize) == own {
                    return group;
                }
            }
            at = (at + 1) & mask;
        }
        groups.push(Group { row: row as IdxSize, count: 0 });
        self.places[at] = u64::from(hash) << 32 | groups.len() as u64;
        self.len += 1;
        if self.len * 5 > self.places.len() * 3 {
            self.grow();
        }
        groups.len() as u32 - 1
    }

    fn grow(&mut self) {
        let mut places = vec![0u64; self.places.len() * 2];
        let mask = places.len() - 1;
        for &place in self.places.iter().filter(|place| **place != 0) {
            let mut at = (place >> 32) as usize & mask;
            while places[at] != 0 {
                at = (at + 1) & mask;
            }
            places[at] = place;
        }
        self.places = places;
    }
}

/// The `most` groups that come most often; equal counts in the order of their texts.
pub(crate) fn top(mut groups: Vec<Group>, most: usize, text: &StringChunked) -> Vec<Group> {
    let order = |a: &Group, b: &Group| {
        b.count.cmp(&a.count).then_with(|| text.get(a.row as usize).cmp(&text.get(b.row as usize)))
    };
    if groups.len() > most {
        if most == 0 {
            return Vec::new();
        }
        groups.select_nth_unstable_by(most - 1, order);
        groups.truncate(most);
    }
    groups.sort_unstable_by(order);
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    #[test]
    fn counts_are_those_of_a_plain_map() {
        let texts: Vec<Option<String>> = (0..20_000u64)
            .map(|i| match i % 7 {
                0 => None,
                1 => Some(format!("a text that is longer than twelve bytes {}", i % 5_000)),
                2 => Some(String::new()),
                3 => Some(format!("same beginning {}", i % 3)),
                _ => Some((i * i % 9_973).to_string()),
            })
            .collect();
        let series = Series::new("x".into(), &texts);
        let text = series.str().unwrap();
        let mut rows = Vec::new();
        let tally = tally(text, &Cancel::default(), |group| rows.push(group)).unwrap();
        let mut expected: HashMap<&str, u32> = HashMap::new();
        texts.iter().flatten().for_each(|text| *expected.entry(text).or_default() += 1);
        assert_eq!(tally.missing, texts.iter().filter(|text| text.is_none()).count() as u64);
        assert_eq!(tally.groups.len(), expected.len());
        assert!(tally.groups.iter().all(|group| expected[text.get(group.row as usize).unwrap()] == group.count));
        for (row, group) in rows.iter().enumerate() {
            let text_of_group = group.map(|group| text.get(tally.groups[group as usize].row as usize).unwrap());
            assert_eq!(text_of_group, texts[row].as_deref());
        }
        let first = top(tally.groups.clone(), 2, text);
        assert_eq!(first, top(tally.groups, usize::MAX, text)[..2]);
    }
}
