use super::Language;
use std::path::Path;

pub const PYTHON: Language = Language {
    name: "python",
    variables: "__import__('atelier_bridge').variables()",
    put: |name| format!("__import__('atelier').put('{name}', {name})"),
    enter: Some(enter),
    is_name: |name| {
        let mut letters = name.chars();
        letters.next().is_some_and(|first| first == '_' || first.is_alphabetic()) && letters.all(|c| c == '_' || c.is_alphanumeric())
    },
};

fn enter(folder: &Path) -> String {
    let literal = literal(&folder.to_string_lossy());
    format!("(__import__('os').chdir({literal}), __import__('os').environ.__setitem__('PWD', {literal}))")
}

/// A string literal of Python.
fn literal(text: &str) -> String {
    let escaped = text.chars().map(|c| match c {
        '\\' | '\'' => format!("\\{c}"),
        ' '..='~' => c.to_string(),
        other => format!("\\U{:08x}", u32::from(other)),
    });
    format!("'{}'", escaped.collect::<String>())
}

#[cfg(test)]
mod tests {
    #[test]
    fn literals_hold_anything() {
        assert_eq!(super::literal("/a b/it's\\\n"), r"'/a b/it\'s\\\U0000000a'");
        assert_eq!(super::literal("ü"), r"'\U000000fc'");
    }
}
