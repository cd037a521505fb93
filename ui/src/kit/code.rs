//! Code to read and to copy, coloured. For code to write, see [`super::editor`].

use super::CopyButton;
use leptos::prelude::*;

/// A block of Python (or of plain text) with a copy button.
#[component]
pub fn Code(#[prop(into)] text: Signal<String>, #[prop(default = "python")] language: &'static str) -> impl IntoView {
    view! {
        <div class="well code-well">
            <CopyButton text=text name="Copy"/>
            <pre class="code" tabindex="0">{move || {
                let text = text.get();
                if language == "text" { return text.into_any() }
                spans(&text).into_iter().map(|(class, part)| view! { <span class=class>{part}</span> }).collect_view().into_any()
            }}</pre>
        </div>
    }
}

const KEYWORDS: &[&str] = &[
    "import", "from", "as", "def", "return", "for", "in", "if", "else", "elif", "while", "with", "class", "print",
    "None", "True", "False", "not", "and", "or", "lambda", "try", "except", "raise", "export", "curl",
];

/// Cuts Python into `(class, text)`: `k` keyword, `s` string, `n` number, `c` comment, `f` call, empty for the rest.
pub fn spans(source: &str) -> Vec<(&'static str, String)> {
    let mut out: Vec<(&'static str, String)> = Vec::new();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let (class, length) = token(rest, first);
        match out.last_mut() {
            Some((last, text)) if *last == class && class.is_empty() => text.push_str(&rest[..length]),
            _ => out.push((class, rest[..length].to_owned())),
        }
        rest = &rest[length..];
    }
    out
}

fn token(rest: &str, first: char) -> (&'static str, usize) {
    let until = |stop: &dyn Fn(char) -> bool| rest.find(stop).unwrap_or(rest.len());
    if first == '#' {
        return ("c", until(&|letter| letter == '\n'));
    }
    if first == '"' || first == '\'' {
        let mut escaped = false;
        for (at, letter) in rest.char_indices().skip(1) {
            if letter == first && !escaped {
                return ("s", at + 1);
            }
            escaped = letter == '\\' && !escaped;
        }
        return ("s", rest.len());
    }
    if first.is_ascii_digit() {
        return ("n", until(&|letter| !(letter.is_ascii_alphanumeric() || letter == '.' || letter == '_')));
    }
    if first.is_alphabetic() || first == '_' {
        let length = until(&|letter| !(letter.is_alphanumeric() || letter == '_'));
        let class = if KEYWORDS.contains(&&rest[..length]) {
            "k"
        } else if rest[length..].starts_with('(') {
            "f"
        } else {
            ""
        };
        return (class, length);
    }
    ("", first.len_utf8())
}

#[cfg(test)]
mod tests {
    use super::spans;

    fn check(source: &str, expected: &str) {
        let shown: String = spans(source)
            .iter()
            .map(|(class, text)| if class.is_empty() { text.clone() } else { format!("<{class}:{text}>") })
            .collect();
        assert_eq!(shown, expected);
    }

    #[test]
    fn colours() {
        check("import boto3", "<k:import> boto3");
        check("a.b(1.5, 'x\\'y') # z", "a.<f:b>(<n:1.5>, <s:'x\\'y'>) <c:# z>");
        check("\"open", "<s:\"open>");
    }
}
