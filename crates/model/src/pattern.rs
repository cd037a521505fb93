//! Patterns of the model. They are written for Java, which matches the whole text, so they are anchored here.

use crate::tables::SHAPES;
use fancy_regex::{Regex, RegexBuilder};
use std::sync::{LazyLock, OnceLock};

/// One slot per row of the table, filled when the row's pattern is first needed.
static COMPILED: LazyLock<Vec<OnceLock<Option<Regex>>>> =
    LazyLock::new(|| SHAPES.iter().map(|_| OnceLock::new()).collect());

/// Steps after which a pattern that looks around gives up; such a text counts as not matching. Patterns without
/// look-around run in linear time and never reach it.
const BACKTRACK_LIMIT: usize = 100_000;

/// Whether the pattern of row `shape` admits the whole of `text`.
pub(crate) fn admits(shape: u16, pattern: &str, text: &str) -> bool {
    if matches!(pattern, r"[\s\S]*" | r"[\S\s]*") {
        return true;
    }
    let compiled = COMPILED[usize::from(shape)].get_or_init(|| compile(pattern));
    // A pattern that does not compile admits everything; a test proves that there is none.
    compiled.as_ref().is_none_or(|regex| regex.is_match(text).unwrap_or(false))
}

fn compile(pattern: &str) -> Option<Regex> {
    RegexBuilder::new(&format!(r"\A(?:{})\z", from_java(pattern))).backtrack_limit(BACKTRACK_LIMIT).build().ok()
}

/// Java's classes that Rust reads otherwise: there `\d` and `\w` are ASCII and POSIX classes have names of their own.
fn from_java(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let escape = &rest[at..];
        let (java, rust) = CLASSES.iter().copied().find(|(java, _)| escape.starts_with(java)).unwrap_or_else(|| {
            let end = escape.char_indices().nth(2).map_or(escape.len(), |(end, _)| end);
            (&escape[..end], &escape[..end])
        });
        out.push_str(rust);
        rest = &escape[java.len()..];
    }
    out + rest
}

/// A nested class stands for itself inside and outside of brackets.
const CLASSES: &[(&str, &str)] = &[
    (r"\d", "[0-9]"),
    (r"\w", "[a-zA-Z0-9_]"),
    (r"\p{Alnum}", "[a-zA-Z0-9]"),
    (r"\p{Alpha}", "[a-zA-Z]"),
    (r"\p{Digit}", "[0-9]"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::Shape;

    #[test]
    fn every_pattern_compiles() {
        for shape in SHAPES {
            if let Shape::Text { pattern: Some(pattern), .. } = shape {
                assert!(compile(pattern).is_some(), "{pattern}");
            }
        }
    }

    #[test]
    fn a_pattern_matches_the_whole_text() {
        let admits = |pattern: &str, text: &str| compile(pattern).unwrap().is_match(text).unwrap();
        assert!(
            admits("[a-z]+", "abc")
                && !admits("[a-z]+", "abc!")
                && !admits("[a-z]+", "!abc")
                && !admits("[a-z]+", "abc\n")
        );
        assert!(admits("a|bc", "bc") && !admits("a|bc", "ac"));
        assert!(admits(r"[\w\-]+\\d", r"a-1\d") && !admits(r"\d", "\u{0663}") && admits(r"[\p{Alnum}\-]+", "a-1"));
        assert!(admits("^[a-z]+$", "abc") && !admits("^[a-z]+$", "abc\n"));
    }
}
