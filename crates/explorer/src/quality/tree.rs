//! A small decision tree: greedy splits by the fall of impurity (CART, Breiman et al. 1984), Gini's for classes and the
//! variance for numbers, over 32 candidate cuts a column. A missing value goes left.

const MAX_CUTS: usize = 32;
const MIN_LEAF: usize = 5;

pub(super) struct Tree {
    nodes: Vec<Node>,
    /// Fall of impurity by column.
    pub gain: Vec<f64>,
}

enum Node {
    Leaf(f64),
    Split { column: usize, cut: f64, left: usize, right: usize },
}

/// The rows to learn from. `classes` is 0 for numbers.
pub(super) struct Data<'a> {
    pub columns: &'a [&'a [f64]],
    pub target: &'a [f64],
    pub classes: usize,
}

impl Tree {
    pub fn grow(data: &Data<'_>, rows: Vec<u32>, depth: usize) -> Tree {
        let mut tree = Tree { nodes: Vec::new(), gain: vec![0.0; data.columns.len()] };
        tree.node(data, rows, depth);
        tree
    }

    pub fn predict(&self, value: impl Fn(usize) -> f64) -> f64 {
        let mut at = 0;
        loop {
            match &self.nodes[at] {
                Node::Leaf(answer) => return *answer,
                Node::Split { column, cut, left, right } => at = if value(*column) > *cut { *right } else { *left },
            }
        }
    }

    fn node(&mut self, data: &Data<'_>, rows: Vec<u32>, depth: usize) -> usize {
        let place = self.nodes.len();
        self.nodes.push(Node::Leaf(answer(data, &rows)));
        if depth == 0 || rows.len() < 2 * MIN_LEAF {
            return place;
        }
        let Some((column, cut, gain)) = best(data, &rows) else { return place };
        self.gain[column] += gain;
        let (right, left): (Vec<u32>, Vec<u32>) =
            rows.into_iter().partition(|&row| data.columns[column][row as usize] > cut);
        let left = self.node(data, left, depth - 1);
        let right = self.node(data, right, depth - 1);
        self.nodes[place] = Node::Split { column, cut, left, right };
        place
    }
}

fn answer(data: &Data<'_>, rows: &[u32]) -> f64 {
    if data.classes == 0 {
        return rows.iter().map(|&row| data.target[row as usize]).sum::<f64>() / rows.len().max(1) as f64;
    }
    let mut counts = vec![0u32; data.classes];
    rows.iter().for_each(|&row| counts[data.target[row as usize] as usize] += 1);
    counts.iter().enumerate().max_by_key(|(i, count)| (**count, std::cmp::Reverse(*i))).map_or(0.0, |(i, _)| i as f64)
}

/// Impurity times rows: Gini's or the sum of squares.
fn impurity(counts: &[f64]) -> f64 {
    let n: f64 = counts.iter().sum();
    if n == 0.0 { 0.0 } else { n - counts.iter().map(|count| count * count).sum::<f64>() / n }
}

fn best(data: &Data<'_>, rows: &[u32]) -> Option<(usize, f64, f64)> {
    let mut best: Option<(usize, f64, f64)> = None;
    for (column, values) in data.columns.iter().enumerate() {
        let step = rows.len().div_ceil(1000).max(1);
        let mut seen: Vec<f64> =
            rows.iter().step_by(step).map(|&row| values[row as usize]).filter(|value| !value.is_nan()).collect();
        seen.sort_unstable_by(f64::total_cmp);
        seen.dedup();
        if seen.len() < 2 {
            continue;
        }
        let count = (seen.len() - 1).min(MAX_CUTS);
        let cuts: Vec<f64> = (0..count).map(|i| seen[i * (seen.len() - 1) / count]).collect();
        if let Some((cut, gain)) = best_cut(data, rows, values, &cuts)
            && best.is_none_or(|(_, _, most)| gain > most)
        {
            best = Some((column, cut, gain));
        }
    }
    best.filter(|(_, _, gain)| *gain > 1e-9)
}

fn best_cut(data: &Data<'_>, rows: &[u32], values: &[f64], cuts: &[f64]) -> Option<(f64, f64)> {
    // Per span between cuts: rows by class, or number, sum and squares.
    let width = data.classes.max(3);
    let mut spans = vec![0.0; (cuts.len() + 1) * width];
    for &row in rows {
        let value = values[row as usize];
        let span = if value.is_nan() { 0 } else { cuts.partition_point(|cut| *cut < value) };
        let target = data.target[row as usize];
        if data.classes > 0 {
            spans[span * width + target as usize] += 1.0;
        } else {
            spans[span * width] += 1.0;
            spans[span * width + 1] += target;
            spans[span * width + 2] += target * target;
        }
    }
    let measure = |totals: &[f64]| {
        if data.classes > 0 {
            impurity(totals)
        } else if totals[0] > 0.0 {
            totals[2] - totals[1] * totals[1] / totals[0]
        } else {
            0.0
        }
    };
    let size = |totals: &[f64]| if data.classes > 0 { totals.iter().sum() } else { totals[0] };
    let all: Vec<f64> = (0..width).map(|k| spans.iter().skip(k).step_by(width).sum()).collect();
    let whole = measure(&all);
    let mut left = vec![0.0; width];
    let mut best = None;
    for (i, &cut) in cuts.iter().enumerate() {
        (0..width).for_each(|k| left[k] += spans[i * width + k]);
        let right: Vec<f64> = all.iter().zip(&left).map(|(all, left)| all - left).collect();
        if size(&left) < MIN_LEAF as f64 || size(&right) < MIN_LEAF as f64 {
            continue;
        }
        let gain = whole - measure(&left) - measure(&right);
        if best.is_none_or(|(_, most)| gain > most) {
            best = Some((cut, gain));
        }
    }
    best
}
