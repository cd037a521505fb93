use super::Language;

/// Rust has no expression that could tell these: the kernel knows two words of its own.
pub const RUST: Language = Language {
    name: "rust",
    variables: ":variables",
    put: |name| format!(":put {name}"),
    enter: |desk| format!(":enter {}", serde_json::json!({ "folder": desk.folder.to_string_lossy(), "env": desk.env })),
    is_name: |name| {
        let mut letters = name.chars();
        letters.next().is_some_and(|first| first == '_' || first.is_alphabetic())
            && letters.all(|c| c == '_' || c.is_alphanumeric())
    },
};
