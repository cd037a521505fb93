//! Column names: unique and never empty, whatever the file has.

use std::collections::HashSet;

/// `column_3` for an empty name, `x_2` for a second `x`. Says which were changed.
pub(crate) fn tidy(names: impl IntoIterator<Item = String>) -> (Vec<String>, Vec<String>) {
    let mut taken = HashSet::new();
    let mut changed = Vec::new();
    let names: Vec<String> = names.into_iter().collect();
    let given: HashSet<&str> = names.iter().map(|name| name.trim()).collect();
    let mut out = Vec::with_capacity(names.len());
    for (i, name) in names.iter().enumerate() {
        let trimmed = name.trim();
        let base = if trimmed.is_empty() { format!("column_{}", i + 1) } else { trimmed.to_owned() };
        let mut unique = base.clone();
        let mut number = 2;
        while taken.contains(&unique) || (unique != trimmed && given.contains(unique.as_str())) {
            unique = format!("{base}_{number}");
            number += 1;
        }
        if unique != trimmed {
            changed.push(if trimmed.is_empty() {
                format!("the unnamed column {} is called `{unique}`", i + 1)
            } else {
                format!("a second `{trimmed}` is called `{unique}`")
            });
        }
        taken.insert(unique.clone());
        out.push(unique);
    }
    (out, changed)
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_are_unique() {
        let check = |names: &[&str], expected: &[&str]| {
            assert_eq!(super::tidy(names.iter().map(|&name| name.to_owned())).0, expected)
        };
        check(&["a", "b"], &["a", "b"]);
        check(&["", "a", ""], &["column_1", "a", "column_3"]);
        check(&["x", "x", "x"], &["x", "x_2", "x_3"]);
        check(&["x", "x", "x_2"], &["x", "x_3", "x_2"]);
        check(&["", "column_1"], &["column_1_2", "column_1"]);
        check(&[" a ", "a"], &["a", "a_2"]);
    }
}
