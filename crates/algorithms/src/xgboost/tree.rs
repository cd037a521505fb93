//! One regression tree, laid out for scoring.

use super::document::Document;

/// Set in [`Node::feature`]: a missing value goes left.
const DEFAULT_LEFT: u32 = 1 << 31;
/// Set in [`Node::feature`]: the split is on a category.
const CATEGORICAL: u32 = 1 << 30;
const FEATURE: u32 = CATEGORICAL - 1;

/// 12 bytes, so that five lie in a cache line. The right child is the next after the left one.
#[derive(Clone, Copy, Debug)]
struct Node {
    /// The split's threshold, the leaf's value, or (categorical) the index of the category set.
    value: f32,
    feature: u32,
    /// The left child; 0 marks a leaf, since the root is nobody's child.
    left: u32,
}

/// A tree. Splits: `x < threshold` goes left; a category in the node's set goes right.
#[derive(Clone, Debug)]
pub struct Tree {
    nodes: Vec<Node>,
    /// Category sets as bits.
    categories: Vec<Vec<u64>>,
}

/// Categories from here on are invalid in XGBoost (`OutOfRangeCat`) and go left.
const MAX_CATEGORY: f32 = 16_777_216.0;

struct Arrays<'a> {
    left: &'a [f64],
    right: &'a [f64],
    feature: &'a [f64],
    condition: &'a [f64],
    default_left: &'a [f64],
    split_type: &'a [f64],
}

impl Tree {
    /// Reads a tree of a model file; every index is checked, and a node may be reached once only.
    pub fn read(document: &Document, num_features: usize) -> Result<Tree, String> {
        let numbers =
            |name: &str| document.at(name)?.numbers().ok_or_else(|| format!("{name} is not a list of numbers"));
        let arrays = Arrays {
            left: numbers("left_children")?,
            right: numbers("right_children")?,
            feature: numbers("split_indices")?,
            condition: numbers("split_conditions")?,
            default_left: numbers("default_left")?,
            split_type: document.get("split_type").and_then(Document::numbers).unwrap_or_default(),
        };
        let n = arrays.left.len();
        let lengths = [arrays.right.len(), arrays.feature.len(), arrays.condition.len(), arrays.default_left.len()];
        if n == 0 || n > FEATURE as usize || lengths.iter().any(|l| *l != n) {
            return Err("a tree's arrays differ in length".into());
        }
        if document.at("tree_param/size_leaf_vector").ok().and_then(Document::count).is_some_and(|size| size > 1) {
            return Err("trees with vector leaves (multi_strategy=multi_output_tree) are not supported".into());
        }
        let mut tree = Tree { nodes: Vec::with_capacity(n), categories: category_sets(document, n)? };
        tree.lay_out(&arrays, num_features)?;
        Ok(tree)
    }

    /// Walks the tree breadth first and numbers the nodes anew, children side by side.
    fn lay_out(&mut self, arrays: &Arrays<'_>, num_features: usize) -> Result<(), String> {
        let mut order = vec![0usize];
        let mut at = 0;
        while let Some(&old) = order.get(at) {
            at += 1;
            let value = arrays.condition[old] as f32;
            if arrays.left[old] < 0.0 {
                self.nodes.push(Node { value, feature: 0, left: 0 });
                continue;
            }
            let child = |side: f64| (side > 0.0 && side < arrays.left.len() as f64).then_some(side as usize);
            let children = child(arrays.left[old]).zip(child(arrays.right[old]));
            let (left, right) = children.ok_or("a tree's child index is out of range")?;
            let index = arrays.feature[old];
            if !(index >= 0.0 && index < num_features as f64) {
                return Err(format!("a split is on feature {index}, but the model has {num_features}"));
            }
            let mut feature = index as u32;
            if arrays.default_left[old] != 0.0 {
                feature |= DEFAULT_LEFT;
            }
            let mut value = value;
            if arrays.split_type.get(old).is_some_and(|t| *t != 0.0) {
                feature |= CATEGORICAL;
                value = f32::from_bits(old as u32);
            }
            self.nodes.push(Node { value, feature, left: order.len() as u32 });
            if order.len() + 2 > arrays.left.len() {
                return Err("a tree's nodes form a cycle".into());
            }
            order.extend([left, right]);
        }
        Ok(())
    }

    /// The leaf's value for a row; NaN stands for a missing value. Features beyond the row's end are missing.
    #[inline]
    pub fn score(&self, row: &[f32]) -> f32 {
        let mut node = self.nodes[0];
        while node.left != 0 {
            let x = row.get((node.feature & FEATURE) as usize).copied().unwrap_or(f32::NAN);
            let left = if x.is_nan() {
                node.feature & DEFAULT_LEFT != 0
            } else if node.feature & CATEGORICAL == 0 {
                x < node.value
            } else {
                !self.in_set(node.value.to_bits() as usize, x)
            };
            node = self.nodes[node.left as usize + usize::from(!left)];
        }
        node.value
    }

    fn in_set(&self, set: usize, x: f32) -> bool {
        if !(0.0..MAX_CATEGORY).contains(&x) {
            return false;
        }
        let category = x as usize;
        let word = self.categories.get(set).and_then(|bits| bits.get(category / 64));
        word.is_some_and(|word| word >> (category % 64) & 1 == 1)
    }

    /// Calls `see(feature, threshold)` for each numerical split, and the greatest feature of all is known from it.
    pub fn splits(&self, mut see: impl FnMut(usize, f32)) {
        for node in self.nodes.iter().filter(|n| n.left != 0 && n.feature & CATEGORICAL == 0) {
            see((node.feature & FEATURE) as usize, node.value);
        }
    }
}

/// The category sets by node, from `categories`, `categories_nodes`, `categories_segments` and `categories_sizes`.
fn category_sets(document: &Document, num_nodes: usize) -> Result<Vec<Vec<u64>>, String> {
    let list = |name: &str| document.get(name).and_then(Document::numbers).unwrap_or_default();
    let (nodes, categories) = (list("categories_nodes"), list("categories"));
    if nodes.is_empty() {
        return Ok(Vec::new());
    }
    let mut sets = vec![Vec::new(); num_nodes];
    let bounds = list("categories_segments").iter().zip(list("categories_sizes"));
    for (node, (start, size)) in nodes.iter().zip(bounds) {
        let wrong = || "a tree's category sets are out of range".to_string();
        let set = sets.get_mut(*node as usize).ok_or_else(wrong)?;
        let end = (*start as usize).checked_add(*size as usize).ok_or_else(wrong)?;
        for category in categories.get(*start as usize..end).ok_or_else(wrong)? {
            if !(0.0..f64::from(MAX_CATEGORY)).contains(category) {
                return Err(wrong());
            }
            let category = *category as usize;
            if set.len() <= category / 64 {
                set.resize(category / 64 + 1, 0);
            }
            set[category / 64] |= 1 << (category % 64);
        }
    }
    Ok(sets)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Root: category of feature 0 in {1, 65} goes right; its left child splits feature 1 at 0.5.
    const CATEGORICAL_TREE: &str = r#"{"left_children": [2, -1, 3, -1, -1], "right_children": [1, -1, 4, -1, -1],
        "split_indices": [0, 0, 1, 0, 0], "split_conditions": [NaN, 10, 0.5, 20, 30], "default_left": [0, 0, 1, 0, 0],
        "split_type": [1, 0, 0, 0, 0], "categories": [1, 65], "categories_nodes": [0], "categories_segments": [0],
        "categories_sizes": [2], "tree_param": {"size_leaf_vector": "1"}}"#;

    fn check(row: &[f32], expected: f32) {
        let document = Document::parse(CATEGORICAL_TREE.as_bytes()).expect("JSON");
        let tree = Tree::read(&document, 2).expect("a tree");
        assert_eq!(tree.score(row), expected, "{row:?}");
    }

    #[test]
    fn categories_and_missing_values_find_their_leaf() {
        check(&[1.0, 0.0], 10.0);
        check(&[65.0, 0.0], 10.0);
        check(&[2.0, 0.0], 20.0);
        check(&[2.0, 0.5], 30.0);
        check(&[64.0, f32::NAN], 20.0);
        check(&[2.0], 20.0);
        check(&[f32::NAN, 0.0], 10.0);
        check(&[-1.0, 0.0], 20.0);
        check(&[1e9, 0.0], 20.0);
        check(&[f32::INFINITY, 0.0], 20.0);
    }

    fn refuse(from: &str, to: &str) {
        let text = CATEGORICAL_TREE.replacen(from, to, 1);
        let document = Document::parse(text.as_bytes()).expect("JSON");
        assert!(Tree::read(&document, 2).is_err(), "{to}");
    }

    #[test]
    fn hostile_trees_are_refused() {
        refuse("[2, -1, 3, -1, -1]", "[2, -1, 2, -1, -1]");
        refuse("[2, -1, 3, -1, -1]", "[0, -1, 3, -1, -1]");
        refuse("[2, -1, 3, -1, -1]", "[2, -1, 99, -1, -1]");
        refuse("[2, -1, 3, -1, -1]", "[2, 2, 2, 2, 2]");
        refuse("[0, 0, 1, 0, 0]", "[0, 0, 2, 0, 0]");
        refuse("[0, 0, 1, 0, 0]", "[0, 0, -1, 0, 0]");
        refuse("[0, 0, 1, 0, 0]", "[0]");
        refuse("\"categories_sizes\": [2]", "\"categories_sizes\": [3]");
        refuse("\"categories_nodes\": [0]", "\"categories_nodes\": [9]");
        refuse("\"categories\": [1, 65]", "\"categories\": [1, 1e18]");
        refuse("\"size_leaf_vector\": \"1\"", "\"size_leaf_vector\": \"4\"");
        refuse("NaN, 10, 0.5, 20, 30", "\"a\"");
    }
}
