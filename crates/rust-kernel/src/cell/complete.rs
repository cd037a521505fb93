//! Whether a cell could run as it stands, for a console that asks after Enter.

use super::parse;
use ra_ap_syntax::{Edition, NodeOrToken, SourceFile, SyntaxKind};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Completeness {
    Complete,
    /// More is to come; the next line should begin with this.
    Incomplete {
        indent: String,
    },
    Invalid,
}

pub fn completeness(text: &str) -> Completeness {
    let cell = parse(text);
    let code = text.trim_end();
    let depth = match depth(code) {
        Balance::Open(depth) => depth,
        Balance::Unfinished => return Completeness::Incomplete { indent: String::new() },
        Balance::Wrong => return Completeness::Invalid,
    };
    if depth > 0 {
        return Completeness::Incomplete { indent: " ".repeat(4 * depth) };
    }
    if cell.problems.is_empty() {
        return Completeness::Complete;
    }
    // An objection at the very end means that something is still to come.
    if cell.problems.iter().all(|problem| problem.start >= code.len()) {
        return Completeness::Incomplete { indent: String::new() };
    }
    Completeness::Invalid
}

enum Balance {
    Open(usize),
    /// A string or a comment has no end.
    Unfinished,
    Wrong,
}

fn depth(code: &str) -> Balance {
    let parsed = SourceFile::parse(code, Edition::Edition2024);
    let unterminated = |message: String| {
        let message = message.to_lowercase();
        message.contains("missing trailing")
            || message.contains("unterminated")
            || message.contains("to terminate the")
            || message.contains("invalid raw string")
    };
    // Such a thing swallows the rest of the cell, so nothing else can be wrong after it.
    let is_cut = parsed.errors().iter().any(|error| unterminated(error.to_string()));
    if is_cut {
        return Balance::Unfinished;
    }
    let mut open = Vec::new();
    for element in parsed.syntax_node().descendants_with_tokens() {
        let NodeOrToken::Token(token) = element else { continue };
        let closing = match token.kind() {
            SyntaxKind::L_CURLY => {
                open.push(SyntaxKind::R_CURLY);
                continue;
            }
            SyntaxKind::L_PAREN => {
                open.push(SyntaxKind::R_PAREN);
                continue;
            }
            SyntaxKind::L_BRACK => {
                open.push(SyntaxKind::R_BRACK);
                continue;
            }
            kind @ (SyntaxKind::R_CURLY | SyntaxKind::R_PAREN | SyntaxKind::R_BRACK) => kind,
            _ => continue,
        };
        if open.pop() != Some(closing) {
            return Balance::Wrong;
        }
    }
    Balance::Open(open.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn incomplete(indent: usize) -> Completeness {
        Completeness::Incomplete { indent: " ".repeat(indent) }
    }

    #[test]
    fn complete() {
        for code in [
            "1 + 1",
            "let x = 5;",
            "fn f() {}",
            "",
            "// a comment",
            "println!(\"({{\");",
            "struct P { x: i32 }\nimpl P { fn x(&self) -> i32 { self.x } }",
            ":dep serde = \"1\"",
            "let c = '{'; let r = r#\"a \" b\"#;",
        ] {
            assert_eq!(completeness(code), Completeness::Complete, "{code}");
        }
    }

    #[test]
    fn more_is_to_come() {
        for (code, indent) in [
            ("fn f() {", 4),
            ("let v = vec![1,", 4),
            ("if x {\n    f(", 8),
            ("let x =", 0),
            ("let x = 5", 0),
            ("1 +", 0),
            ("\"text", 0),
            ("/* a comment", 0),
            ("r#\"raw", 0),
        ] {
            assert_eq!(completeness(code), incomplete(indent), "{code}");
        }
    }

    #[test]
    fn wrong() {
        for code in ["fn f() }", "let v = (1];", "let = 5;", "import pandas as pd", "1 + ) 2"] {
            assert_eq!(completeness(code), Completeness::Invalid, "{code}");
        }
    }
}
