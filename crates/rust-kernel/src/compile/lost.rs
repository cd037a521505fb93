//! Which variables cannot stay when items are defined anew: their memory has the layout of the old definition.

use super::session::Session;
use crate::cell::words;
use std::collections::BTreeSet;

/// Names of the variables whose types depend on an item whose text changed between the two sessions.
pub fn affected(before: &Session, after: &Session) -> Vec<String> {
    let texts = |session: &Session| -> BTreeSet<(String, String)> {
        session.item_texts().filter_map(|(name, text)| Some((name?.to_owned(), text.to_owned()))).collect()
    };
    let (old, new) = (texts(before), texts(after));
    let mut changed: BTreeSet<String> =
        old.iter().filter(|item| !new.contains(item)).map(|(name, _)| name.clone()).collect();
    if changed.is_empty() {
        return Vec::new();
    }
    // A type that holds a changed type has changed too.
    loop {
        let more: Vec<String> = old
            .iter()
            .filter(|(name, text)| !changed.contains(name) && is_type(text) && !changed.is_disjoint(&words(text)))
            .map(|(name, _)| name.clone())
            .collect();
        if more.is_empty() {
            break;
        }
        changed.extend(more);
    }
    let uses_changed = |kind: &str| !changed.is_disjoint(&words(kind));
    before.variables.iter().filter(|(_, variable)| uses_changed(&variable.kind)).map(|(name, _)| name.clone()).collect()
}

fn is_type(text: &str) -> bool {
    let words = words(text);
    ["struct", "enum", "union", "type", "mod"].iter().any(|word| words.contains(*word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::parse;
    use crate::compile::Variable;

    fn check(first: &str, variables: &[(&str, &str)], second: &str, expected: &[&str]) {
        let mut before = Session::default().with_items(1, &parse(first));
        for (name, kind) in variables {
            before.variables.insert((*name).to_owned(), Variable { kind: (*kind).to_owned(), mutable: false });
        }
        let after = before.with_items(2, &parse(second));
        assert_eq!(affected(&before, &after), expected, "{first} | {second}");
    }

    #[test]
    fn variables_of_changed_types() {
        let variables = [("a", "P"), ("b", "std::vec::Vec<Line>"), ("c", "i32")];
        let first = "struct P { x: i32 } struct Line { from: P }";
        check(first, &variables, "struct P { x: i64 }", &["a", "b"]);
        check(first, &variables, "struct Line { from: P, to: P }", &["b"]);
        check(first, &variables, "struct P { x: i32 }", &[]);
        check(first, &variables, "fn f() {}", &[]);
    }
}
