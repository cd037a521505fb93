//! Which cell of one notebook is which of another.

use crate::document::{Cell, Document};
use atelier_wire::studio::notebook::CellKind;
use similar::{DiffOp, capture_diff_slices};
use std::collections::{HashMap, HashSet};

pub enum Matched<'a> {
    Removed(&'a Cell),
    Added(&'a Cell),
    Both { old: &'a Cell, new: &'a Cell, moved: bool },
}

/// Cells that are this alike are one cell that was changed.
const ALIKE: f32 = 0.5;
/// Comparing every cell with every other one ends above this many pairs; those left count as removed and added.
const MAX_PAIRS: usize = 40_000;
/// Longer texts are compared by their first characters.
const COMPARED: usize = 4000;

/// By id where both files have ids; then equal text in order; then what is most alike, between the same neighbours
/// first. In the order of the new notebook, removed cells where they stood.
pub fn matched<'a>(old: &'a Document, new: &'a Document) -> Vec<Matched<'a>> {
    let olds: Vec<&Cell> = old.cells.iter().map(AsRef::as_ref).collect();
    let news: Vec<&Cell> = new.cells.iter().map(AsRef::as_ref).collect();
    let mut partner: Vec<Option<usize>> = vec![None; news.len()];
    if old.has_ids() && new.has_ids() {
        let by_id: HashMap<&str, usize> = olds.iter().enumerate().map(|(at, cell)| (cell.id(), at)).collect();
        partner.iter_mut().zip(&news).for_each(|(partner, cell)| *partner = by_id.get(cell.id()).copied());
    }
    by_text(&olds, &news, &mut partner);
    by_likeness(&olds, &news, &mut partner);
    merged(&olds, &news, &partner)
}

type Key = (CellKindKey, String);
type CellKindKey = u8;

fn key(cell: &Cell) -> Key {
    let kind = match cell.kind() {
        CellKind::Code => 0,
        CellKind::Markdown => 1,
        CellKind::Raw => 2,
    };
    (kind, cell.source())
}

fn open<'a>(cells: &[&'a Cell], taken: &HashSet<usize>) -> Vec<(usize, &'a Cell)> {
    cells.iter().copied().enumerate().filter(|(at, _)| !taken.contains(at)).collect()
}

/// The cells that have no partner yet, by their place.
fn rest<'a>(
    olds: &[&'a Cell],
    news: &[&'a Cell],
    partner: &[Option<usize>],
) -> (Vec<(usize, &'a Cell)>, Vec<(usize, &'a Cell)>) {
    let taken_old = partner.iter().flatten().copied().collect();
    let taken_new = (0..news.len()).filter(|at| partner[*at].is_some()).collect();
    (open(olds, &taken_old), open(news, &taken_new))
}

fn by_text(olds: &[&Cell], news: &[&Cell], partner: &mut [Option<usize>]) {
    let (rest_old, rest_new) = rest(olds, news, partner);
    let keys = |cells: &[(usize, &Cell)]| cells.iter().map(|(_, cell)| key(cell)).collect::<Vec<Key>>();
    let (old_keys, new_keys) = (keys(&rest_old), keys(&rest_new));
    for op in capture_diff_slices(similar::Algorithm::Myers, &old_keys, &new_keys) {
        if let DiffOp::Equal { old_index, new_index, len } = op {
            for at in 0..len {
                partner[rest_new[new_index + at].0] = Some(rest_old[old_index + at].0);
            }
        }
    }
    // Equal text that stands elsewhere: moved.
    let (rest_old, rest_new) = rest(olds, news, partner);
    let mut places: HashMap<Key, Vec<usize>> = HashMap::new();
    for (at, cell) in rest_old.iter().rev().filter(|(_, cell)| !cell.source().trim().is_empty()) {
        places.entry(key(cell)).or_default().push(*at);
    }
    for (at, cell) in rest_new {
        partner[at] = places.get_mut(&key(cell)).and_then(Vec::pop);
    }
}

fn by_likeness(olds: &[&Cell], news: &[&Cell], partner: &mut [Option<usize>]) {
    let (rest_old, rest_new) = rest(olds, news, partner);
    if rest_old.len() * rest_new.len() > MAX_PAIRS {
        return;
    }
    let gap =
        |at: usize, partner: &[Option<usize>]| partner[..at].iter().rev().flatten().next().map_or(0, |old| old + 1);
    let mut pairs = Vec::new();
    for (new_at, new) in &rest_new {
        for (old_at, old) in &rest_old {
            let likeness = likeness(old, new);
            if likeness >= ALIKE {
                // Between the same neighbours is worth a little.
                let near = if gap(*new_at, partner) == *old_at { 0.1 } else { 0.0 };
                pairs.push((likeness + near, *new_at, *old_at));
            }
        }
    }
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
    let mut taken = HashSet::new();
    for (_, new, old) in pairs {
        if partner[new].is_none() && taken.insert(old) {
            partner[new] = Some(old);
        }
    }
}

/// The share of characters that both have, in lines that both have and in order; 0 for cells of different kinds.
fn likeness(old: &Cell, new: &Cell) -> f32 {
    if old.kind() != new.kind() {
        return 0.0;
    }
    let start = |cell: &Cell| cell.source().chars().take(COMPARED).collect::<String>();
    let (old, new) = (start(old), start(new));
    if old.trim().is_empty() || new.trim().is_empty() {
        return 0.0;
    }
    similar::TextDiff::configure().timeout(std::time::Duration::from_millis(20)).diff_words(&old, &new).ratio()
}

/// Walks both in the order of the new one. A pair that crosses others that stay is told as moved.
fn merged<'a>(olds: &[&'a Cell], news: &[&'a Cell], partner: &[Option<usize>]) -> Vec<Matched<'a>> {
    let ranks: Vec<usize> = partner.iter().flatten().copied().collect();
    let staying: HashSet<usize> = crate::history::longest_rise(&ranks).into_iter().collect();
    let kept: HashSet<usize> = ranks.into_iter().collect();
    // The place in the old one up to which everything stands before a cell of the new one.
    let mut ends = vec![olds.len(); news.len()];
    let mut end = olds.len();
    for at in (0..news.len()).rev() {
        end = partner[at].filter(|old| staying.contains(old)).unwrap_or(end);
        ends[at] = end;
    }
    let mut result = Vec::new();
    let mut next_old = 0;
    let mut removed_before = |end: usize, result: &mut Vec<Matched<'a>>| {
        let gone = (next_old..end).filter(|at| !kept.contains(at));
        result.extend(gone.map(|at| Matched::Removed(olds[at])));
        next_old = next_old.max(end);
    };
    for (at, new) in news.iter().enumerate() {
        match partner[at] {
            None => {
                removed_before(ends[at], &mut result);
                result.push(Matched::Added(new));
            }
            Some(old) => {
                let moved = !staying.contains(&old);
                if !moved {
                    removed_before(old, &mut result);
                }
                result.push(Matched::Both { old: olds[old], new, moved });
            }
        }
    }
    removed_before(olds.len(), &mut result);
    result
}
