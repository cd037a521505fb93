//! Code set below another line. What stands between quotes over several lines keeps its own spaces: they are its value.

use crate::context::Language;

/// The lines with `by` spaces before each, except before what continues a text.
pub fn indent(lines: &[String], by: usize, language: Language) -> String {
    let space = " ".repeat(by);
    let mut out = String::new();
    for code in lines {
        let mut reader = Reader { rest: code, text: None, language };
        for line in code.lines() {
            if reader.text.is_none() && !line.is_empty() {
                out.push_str(&space);
            }
            out.push_str(line);
            out.push('\n');
            reader.skip_line();
        }
    }
    out
}

/// What ends a text, and whether a backslash takes the next letter's meaning.
#[derive(Clone)]
struct Text {
    end: String,
    escapes: bool,
    /// Ends with its line, too, unless a backslash is before the break.
    one_line: bool,
}

struct Reader<'a> {
    rest: &'a str,
    /// The text that the next letter belongs to.
    text: Option<Text>,
    language: Language,
}

impl Reader<'_> {
    /// Reads to behind the next break that the code has.
    fn skip_line(&mut self) {
        while let Some(letter) = self.rest.chars().next() {
            if let Some(text) = self.text.clone() {
                if letter == '\\' && text.escapes {
                    self.skip(1);
                    if self.skip_letter() == Some('\n') {
                        return;
                    }
                } else if self.rest.starts_with(&text.end) {
                    self.skip(text.end.len());
                    self.text = None;
                } else {
                    self.skip(letter.len_utf8());
                    if letter == '\n' {
                        self.text = self.text.take().filter(|text| !text.one_line);
                        return;
                    }
                }
                continue;
            }
            match letter {
                '\n' => return self.skip(1),
                '#' if self.language == Language::Python => self.skip_comment(),
                '/' if self.language == Language::Rust && self.rest.starts_with("//") => self.skip_comment(),
                '"' | '\'' => self.begin(letter),
                letter if letter.is_alphanumeric() || letter == '_' => self.skip_word(),
                letter => self.skip(letter.len_utf8()),
            }
        }
    }

    fn begin(&mut self, quote: char) {
        match self.language {
            Language::Python => {
                let three = String::from_iter([quote; 3]);
                let one_line = !self.rest.starts_with(&three);
                let end = if one_line { quote.to_string() } else { three };
                self.skip(end.len());
                self.text = Some(Text { end, escapes: true, one_line });
            }
            Language::Rust if quote == '"' => {
                self.skip(1);
                self.text = Some(Text { end: "\"".into(), escapes: true, one_line: false });
            }
            // A letter as in 'a' or '\'', else a lifetime.
            Language::Rust => {
                self.skip(1);
                let mut letters = self.rest.chars();
                match (letters.next(), letters.next()) {
                    (Some('\\'), Some(escaped)) => self.skip(1 + escaped.len_utf8()),
                    (Some(letter), Some('\'')) => self.skip(letter.len_utf8() + 1),
                    _ => {}
                }
            }
        }
    }

    /// A name or a number; `r#"` in Rust begins a text without escapes.
    fn skip_word(&mut self) {
        let length =
            self.rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(self.rest.len());
        let word = &self.rest[..length];
        let is_raw = self.language == Language::Rust && ["r", "br", "cr"].contains(&word);
        self.skip(length);
        let hashes = self.rest.len() - self.rest.trim_start_matches('#').len();
        if is_raw && self.rest[hashes..].starts_with('"') {
            self.skip(hashes + 1);
            self.text = Some(Text { end: format!("\"{}", "#".repeat(hashes)), escapes: false, one_line: false });
        }
    }

    fn skip_comment(&mut self) {
        self.skip(self.rest.find('\n').unwrap_or(self.rest.len()));
    }

    fn skip_letter(&mut self) -> Option<char> {
        let letter = self.rest.chars().next()?;
        self.skip(letter.len_utf8());
        Some(letter)
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = &self.rest[bytes..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(language: Language, code: &str, expected: &str) {
        assert_eq!(indent(&[code.to_owned()], 2, language), expected, "{code}");
    }

    #[test]
    fn texts_over_several_lines_keep_their_spaces() {
        let python = |code: &str, expected: &str| check(Language::Python, code, expected);
        python("a = 1\n\nb = 2", "  a = 1\n\n  b = 2\n");
        python("a = \"\"\"x\n y\n\"\"\" + 'z'\nb", "  a = \"\"\"x\n y\n\"\"\" + 'z'\n  b\n");
        python("a = r'''\\'''\nb", "  a = r'''\\'''\nb\n");
        python("a = 'it\\\nis'\nb", "  a = 'it\\\nis'\n  b\n");
        python("a = 'unended\nb # it's\nc", "  a = 'unended\n  b # it's\n  c\n");
        python("a = '\"\"\"'\nb", "  a = '\"\"\"'\n  b\n");
        let rust = |code: &str, expected: &str| check(Language::Rust, code, expected);
        rust("let a = \"x\n y\";\nlet b;", "  let a = \"x\n y\";\n  let b;\n");
        rust("let a = br#\"x\"\n y\"#;\nlet b;", "  let a = br#\"x\"\n y\"#;\n  let b;\n");
        rust("let a: &'static str = '\"';\nlet b;", "  let a: &'static str = '\"';\n  let b;\n");
        rust("match '\\'' { _ => 1 } // it's \"\nlet r = r;", "  match '\\'' { _ => 1 } // it's \"\n  let r = r;\n");
    }

    #[test]
    fn any_text_is_read_to_its_end() {
        for language in [Language::Python, Language::Rust] {
            for code in ["\\", "'", "'\\", "\"\\\n", "r#", "r##\"", "é'é", "\r\n'''\r\n", "'\u{1f600}'"] {
                let lines = indent(&[code.to_owned()], 1, language);
                assert_eq!(lines.lines().count(), code.lines().count(), "{code:?}");
            }
        }
    }
}
