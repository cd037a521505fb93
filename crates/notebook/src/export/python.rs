//! Python in the percent format, which editors read back as cells. What only IPython understands becomes a comment.

use super::{comment, language};
use crate::document::Document;
use atelier_wire::studio::notebook::CellKind;

pub fn to_python(document: &Document) -> String {
    let mut parts = Vec::new();
    for cell in document.cells() {
        let source = cell.source();
        let text = match cell.kind() {
            CellKind::Markdown => format!("# %% [markdown]\n{}", comment(&source, "#")),
            CellKind::Raw => format!("# %% [raw]\n{}", comment(&source, "#")),
            CellKind::Code => match language(document, cell).as_str() {
                "python" => format!("# %%\n{}", without_magics(&source)),
                other => format!("# %% [{other}]\n{}", comment(&source, "#")),
            },
        };
        parts.push(text.trim_end().to_owned());
    }
    parts.join("\n\n") + "\n"
}

/// Comments out magics, shell commands and questions, wherever a statement may begin.
fn without_magics(source: &str) -> String {
    if source.trim_start().starts_with("%%") {
        return comment(source, "#");
    }
    let mut state = State::default();
    let mut lines = Vec::new();
    for line in source.lines() {
        let begins = state.is_outside();
        if begins && is_magic(line) {
            let body = line.trim_start();
            let indent = &line[..line.len() - body.len()];
            // A block must not lose its only statement.
            lines.push(if indent.is_empty() { format!("# {body}") } else { format!("{indent}pass  # {body}") });
            continue;
        }
        state.pass(line);
        lines.push(line.to_owned());
    }
    lines.join("\n")
}

fn is_magic(line: &str) -> bool {
    let line = line.trim();
    if line.starts_with(['%', '!', '?']) {
        return true;
    }
    let is_name = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "_.[]'\"*".contains(c));
    if let Some(asked) = line.strip_suffix('?') {
        return is_name(asked.trim_end_matches('?'));
    }
    let assigned = |(names, value): (&str, &str)| {
        let names_only = names.split(',').all(|name| is_name(name.trim()));
        names_only && value.trim_start().starts_with(['%', '!']) && !value.starts_with('=')
    };
    line.split_once('=').is_some_and(assigned)
}

/// Whether the next line begins a statement: outside brackets and long texts, not after a backslash.
#[derive(Default)]
struct State {
    depth: usize,
    /// The quotes that end the text that the line is in.
    long: Option<&'static str>,
    continued: bool,
}

impl State {
    fn is_outside(&self) -> bool {
        self.depth == 0 && self.long.is_none() && !self.continued
    }

    fn pass(&mut self, line: &str) {
        let mut rest = line;
        self.continued = false;
        while let Some(c) = rest.chars().next() {
            if let Some(end) = self.long {
                rest = match (rest.strip_prefix(end), rest.strip_prefix('\\')) {
                    (Some(after), _) => {
                        self.long = None;
                        after
                    }
                    (None, Some(after)) => skip(after, 1),
                    _ => skip(rest, 1),
                };
                continue;
            }
            match c {
                '#' => return,
                '"' | '\'' => {
                    let triple = if c == '"' { "\"\"\"" } else { "'''" };
                    match rest.strip_prefix(triple) {
                        Some(after) => {
                            self.long = Some(triple);
                            rest = after;
                        }
                        None => rest = after_text(&rest[1..], c),
                    }
                    continue;
                }
                '(' | '[' | '{' => self.depth += 1,
                ')' | ']' | '}' => self.depth = self.depth.saturating_sub(1),
                '\\' if rest.len() == 1 => self.continued = true,
                _ => {}
            }
            rest = skip(rest, 1);
        }
    }
}

fn skip(text: &str, num: usize) -> &str {
    let mut chars = text.chars();
    chars.by_ref().take(num).for_each(drop);
    chars.as_str()
}

/// What follows the end of a short text.
fn after_text(text: &str, quote: char) -> &str {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return &text[at + c.len_utf8()..],
            _ => {}
        }
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, expected: &str) {
        assert_eq!(without_magics(source), expected, "{source}");
    }

    #[test]
    fn what_only_ipython_understands_is_a_comment() {
        check("%matplotlib inline\nx = 1", "# %matplotlib inline\nx = 1");
        check("%%time\nx = 1\n", "# %%time\n# x = 1");
        check("files = !ls\nt = %timeit -o f()\nx == y", "# files = !ls\n# t = %timeit -o f()\nx == y");
        check("if a:\n    !ls\nelse:\n    b", "if a:\n    pass  # !ls\nelse:\n    b");
        check("df.head?\nprint??\nreally = 'yes?'", "# df.head?\n# print??\nreally = 'yes?'");
    }

    #[test]
    fn what_only_looks_like_it_stays() {
        for source in [
            "x = (a\n% b)",
            "s = '''\n%s\n!x\n'''\ny",
            "x = a \\\n% b",
            "s = \"\"\" \\\"\"\" \n%no\n\"\"\"",
            "d = {'a': '(', # (\n% b}\nz",
            "a != b",
            "x = '#' % y",
        ] {
            check(source, source);
        }
        check("s = '(' # '''\n%magic", "s = '(' # '''\n# %magic");
    }
}
