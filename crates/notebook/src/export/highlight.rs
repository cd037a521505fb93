//! Colours for code. It knows words, texts, numbers and comments, which is what the eye goes by.

use super::escape;

struct Language {
    line_comment: &'static str,
    keywords: &'static [&'static str],
    /// Whether `'` begins a text, and `"""` a long one.
    python: bool,
}

const PYTHON: Language = Language {
    line_comment: "#",
    keywords: &[
        "False", "None", "True", "and", "as", "assert", "async", "await", "break", "case", "class", "continue", "def",
        "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda",
        "match", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
    ],
    python: true,
};

const RUST: Language = Language {
    line_comment: "//",
    keywords: &[
        "as", "async", "await", "break", "const", "continue", "crate", "dyn", "else", "enum", "extern", "false", "fn",
        "for", "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub", "ref", "return", "self",
        "Self", "static", "struct", "super", "trait", "true", "type", "unsafe", "use", "where", "while",
    ],
    python: false,
};

/// `code` with `<span>`s; plain where the language is another one.
pub fn to_html(code: &str, language: &str) -> String {
    let language = match language {
        "python" | "py" | "python3" | "ipython" | "ipython3" => &PYTHON,
        "rust" | "rs" => &RUST,
        _ => return escape(code),
    };
    let mut out = String::with_capacity(code.len() * 2);
    let mut rest = code;
    while let Some(c) = rest.chars().next() {
        let (class, len) = token(rest, c, language);
        let (text, after) = rest.split_at(len);
        match class {
            "" => out.push_str(&escape(text)),
            class => out += &format!("<span class=\"{class}\">{}</span>", escape(text)),
        }
        rest = after;
    }
    out
}

/// The class and length in bytes of what `text` begins with; at least one character.
fn token(text: &str, first: char, language: &Language) -> (&'static str, usize) {
    let until = |end: fn(char) -> bool| text.find(end).unwrap_or(text.len());
    if text.starts_with(language.line_comment) {
        return ("hc", until(|c| c == '\n'));
    }
    if !language.python && text.starts_with("/*") {
        return ("hc", text.find("*/").map_or(text.len(), |at| at + 2));
    }
    if first.is_alphabetic() || first == '_' {
        let len = until(|c| !c.is_alphanumeric() && c != '_');
        let word = &text[..len];
        if let Some(quoted) = prefixed_text(text, word, language) {
            return ("hs", quoted);
        }
        let after = &text[len..];
        return match () {
            () if language.keywords.contains(&word) => ("hk", len),
            () if after.starts_with('(') || (!language.python && after.starts_with('!')) => ("hf", len),
            () => ("", len),
        };
    }
    if first.is_ascii_digit() {
        return ("hn", until(|c| !c.is_ascii_alphanumeric() && c != '_' && c != '.'));
    }
    match first {
        '"' => ("hs", quoted(text, language)),
        '\'' if language.python => ("hs", quoted(text, language)),
        '\'' => rust_quote(text),
        '@' if language.python => {
            ("hf", 1 + text[1..].find(|c: char| !c.is_alphanumeric() && c != '_' && c != '.').unwrap_or(text.len() - 1))
        }
        other => ("", other.len_utf8()),
    }
}

/// The length of a text with letters before it, as `f"..."`.
fn prefixed_text(text: &str, word: &str, language: &Language) -> Option<usize> {
    let known: &[&str] =
        if language.python { &["r", "b", "f", "u", "t", "rb", "br", "fr", "rf"] } else { &["b", "r", "br", "c"] };
    let after = &text[word.len()..];
    if !known.contains(&word.to_lowercase().as_str()) {
        return None;
    }
    if !language.python && word.contains('r') && after.starts_with('#') {
        let hashes = after.len() - after.trim_start_matches('#').len();
        let end = format!("\"{}", &after[..hashes]);
        let body = after[hashes..].strip_prefix('"')?;
        return Some(body.find(&end).map_or(text.len(), |at| text.len() - body.len() + at + end.len()));
    }
    let begins = after.starts_with('"') || (language.python && after.starts_with('\''));
    begins.then(|| word.len() + quoted(after, language))
}

/// The length of a text that begins with its quote. Short Python texts end with the line.
fn quoted(text: &str, language: &Language) -> usize {
    let quote = &text[..1];
    let triple = quote.repeat(3);
    let long = language.python && text.starts_with(&triple);
    let end = if long { triple.as_str() } else { quote };
    let mut at = end.len();
    while let Some(c) = text[at..].chars().next() {
        if text[at..].starts_with(end) {
            return at + end.len();
        }
        if c == '\n' && language.python && !long {
            return at;
        }
        at += c.len_utf8();
        if c == '\\' {
            at += text[at..].chars().next().map_or(0, char::len_utf8);
        }
    }
    text.len()
}

/// A character or a lifetime.
fn rust_quote(text: &str) -> (&'static str, usize) {
    let mut chars = text[1..].chars();
    match (chars.next(), chars.next()) {
        (Some('\\'), _) => {
            ("hs", text[2..].char_indices().skip(1).find(|(_, c)| *c == '\'').map_or(text.len(), |(at, _)| at + 3))
        }
        (Some(c), Some('\'')) => ("hs", 2 + c.len_utf8()),
        _ => ("hk", 1 + text[1..].find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len() - 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::to_html;

    fn check(code: &str, language: &str, html: &str) {
        assert_eq!(to_html(code, language), html, "{code}");
    }

    #[test]
    fn code() {
        check(
            "x = f'a<' # c",
            "python",
            "x = <span class=\"hs\">f&#39;a&lt;&#39;</span> <span class=\"hc\"># c</span>",
        );
        check(
            "def f(): 1e5",
            "python",
            "<span class=\"hk\">def</span> <span class=\"hf\">f</span>(): <span class=\"hn\">1e5</span>",
        );
        check(
            "'''a\nb''' 'c\nd",
            "python",
            "<span class=\"hs\">&#39;&#39;&#39;a\nb&#39;&#39;&#39;</span> <span class=\"hs\">&#39;c</span>\nd",
        );
        check(
            "let c: &'a str = r#\"x\"\"#;",
            "rust",
            "<span class=\"hk\">let</span> c: &amp;<span class=\"hk\">&#39;a</span> str = <span class=\"hs\">r#&quot;x&quot;&quot;#</span>;",
        );
        check(
            "'\\'' '\\n' 'x'",
            "rust",
            "<span class=\"hs\">&#39;\\&#39;&#39;</span> <span class=\"hs\">&#39;\\n&#39;</span> <span class=\"hs\">&#39;x&#39;</span>",
        );
        check(
            "println!(\"{}\")",
            "rust",
            "<span class=\"hf\">println</span>!(<span class=\"hs\">&quot;{}&quot;</span>)",
        );
        check("<b>", "cobol", "&lt;b&gt;");
    }

    /// Every text comes to an end and loses nothing.
    #[test]
    fn odd_ends() {
        for code in ["\"", "'", "r#\"", "'''", "\\", "'\\", "b'", "é'é", "@", "0x", "r#", "/*", "%%", "\"\\"] {
            for language in ["python", "rust"] {
                let html = to_html(code, language);
                let plain: String =
                    html.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text)).collect();
                assert_eq!(plain.replace("&quot;", "\"").replace("&#39;", "'"), code, "{language}");
            }
        }
    }
}
