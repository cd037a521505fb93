//! Ids of cells: those of the file where they can be used, else ids that follow from the content, so that a file
//! that has none shows the same ids each time that it is opened.

use super::cell::Cell;
use sha2::{Digest, Sha256};
use std::collections::HashSet;

/// Gives each cell an id of its own. Returns whether the file needs no change for it.
pub fn give(cells: &mut [Cell], minor: u64, notes: &mut Vec<String>) -> bool {
    let wanted = minor >= 5;
    let mut taken: HashSet<String> = HashSet::with_capacity(cells.len());
    let mut num_doubled = 0;
    let mut missing = Vec::new();
    for (at, cell) in cells.iter_mut().enumerate() {
        match cell.id_in_file().filter(|id| is_valid(id)) {
            Some(id) if taken.insert(id.clone()) => cell.give_id(id, true),
            Some(_) => {
                num_doubled += 1;
                missing.push(at);
            }
            None => missing.push(at),
        }
    }
    let complete = missing.is_empty();
    for at in missing {
        let source = cells[at].source();
        let id = (0u32..).map(|n| id_of(&source, n)).find(|id| !taken.contains(id)).unwrap_or_default();
        taken.insert(id.clone());
        cells[at].give_id(id, !wanted);
    }
    if wanted && num_doubled > 0 {
        notes.push(format!("{num_doubled} cells have the id of another one; they get their own with the first edit."));
    }
    complete || !wanted
}

/// As nbformat 4.5 wants it.
pub fn is_valid(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// Eight letters and digits, as Jupyter has them.
fn id_of(source: &str, number: u32) -> String {
    let mut hash = Sha256::new();
    hash.update(number.to_le_bytes());
    hash.update(source);
    hex::encode(&hash.finalize()[..4])
}
