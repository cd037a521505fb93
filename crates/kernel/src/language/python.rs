use super::Language;
use crate::launch::Desk;

pub const PYTHON: Language = Language {
    name: "python",
    variables: "__import__('atelier_bridge').variables()",
    put: |name| format!("__import__('atelier').put('{name}', {name})"),
    enter,
    is_name: |name| {
        let mut letters = name.chars();
        letters.next().is_some_and(|first| first == '_' || first.is_alphabetic())
            && letters.all(|c| c == '_' || c.is_alphanumeric())
    },
};

fn enter(desk: &Desk) -> String {
    let folder = literal(&desk.folder.to_string_lossy());
    let env =
        desk.env.iter().map(|(name, value)| format!("{}: {}, ", literal(name), literal(value))).collect::<String>();
    format!("(__import__('os').environ.update({{{env}}}), __import__('os').chdir({folder}))")
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

    #[test]
    fn entering_is_one_expression() {
        let desk = super::Desk::of(std::path::Path::new("/a/n.ipynb"));
        let expected = "(__import__('os').environ.update({'PWD': '/a', 'JPY_SESSION_NAME': '/a/n.ipynb', }), __import__('os').chdir('/a'))";
        assert_eq!(super::enter(&desk), expected);
    }
}
