use ra_ap_syntax::{Edition, NodeOrToken, SourceFile, SyntaxKind};
use std::collections::BTreeSet;

/// Every name in the code, also those in strings: `println!("{x}")` uses `x`.
pub fn words(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let file = SourceFile::parse(code, Edition::Edition2024).syntax_node();
    for element in file.descendants_with_tokens() {
        let NodeOrToken::Token(token) = element else { continue };
        match token.kind() {
            SyntaxKind::COMMENT | SyntaxKind::WHITESPACE => {}
            SyntaxKind::STRING => add(token.text(), &mut found),
            kind if kind.is_literal() || kind.is_punct() => {}
            _ => add(token.text(), &mut found),
        }
    }
    found
}

fn add(text: &str, found: &mut BTreeSet<String>) {
    let pieces = text.split(|c: char| !(c.is_alphanumeric() || c == '_'));
    found.extend(pieces.filter(|piece| piece.starts_with(|c: char| c.is_alphabetic() || c == '_')).map(str::to_owned));
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn names_in_code_and_in_strings() {
        let found = words("let y = x + 1; // z\nprintln!(\"{name:?} is\");");
        for name in ["x", "y", "name", "println"] {
            assert!(found.contains(name), "{name}");
        }
        assert!(!found.contains("z"));
    }
}
