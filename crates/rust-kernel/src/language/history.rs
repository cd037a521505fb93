//! What was run, in this session and in those before, in one bounded file for all Rust kernels.

use crate::packages::Folder;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};

/// More cells, or more bytes, than these are forgotten, the oldest first.
const MOST: usize = 5000;
const MOST_BYTES: u64 = 8 << 20;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    session: u64,
    line: u64,
    input: String,
}

pub struct History {
    session: u64,
    entries: Vec<Entry>,
    file: Option<File>,
}

impl History {
    /// Where there is no folder, the history lasts as long as the session.
    pub fn open() -> Self {
        let folder = Folder::find().map_err(|error| tracing::warn!("the history cannot be kept: {error}")).ok();
        Self::at(folder.map(|folder| folder.path().join("history.jsonl")).as_deref())
    }

    fn at(path: Option<&std::path::Path>) -> Self {
        let mut text = String::new();
        let opened = path.and_then(|path| {
            let mut file = OpenOptions::new().create(true).read(true).append(true).open(path).ok()?;
            file.lock().ok()?;
            file.read_to_string(&mut text).ok()?;
            Some(file)
        });
        let mut entries: Vec<Entry> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        let session = entries.iter().map(|entry| entry.session).max().unwrap_or_default() + 1;
        if entries.len() > MOST || text.len() as u64 > MOST_BYTES {
            let surplus = entries.len().saturating_sub(MOST / 2);
            entries.drain(..surplus.max(entries.len() / 2));
            if let (Some(path), true) = (path, opened.is_some()) {
                let kept: String = entries.iter().map(|entry| format!("{}\n", json!(entry))).collect();
                let _ = std::fs::write(path, kept);
            }
        }
        let mut history = Self { session, entries, file: opened };
        // The next session to start must see that this number is taken.
        history.write(&Entry { session, line: 0, input: String::new() });
        if let Some(file) = &history.file {
            let _ = file.unlock();
        }
        history
    }

    pub fn add(&mut self, line: u64, input: &str) {
        if input.trim().is_empty() {
            return;
        }
        let entry = Entry { session: self.session, line, input: input.to_owned() };
        self.write(&entry);
        self.entries.push(entry);
    }

    /// One write per line, so that kernels that write at the same time do not mix.
    fn write(&mut self, entry: &Entry) {
        if let Some(file) = &mut self.file {
            let written = file.write_all(format!("{}\n", json!(entry)).as_bytes());
            if written.is_err() {
                self.file = None;
            }
        }
    }

    /// The reply to a `history_request`.
    pub fn answer(&self, request: &Value) -> Value {
        let number = |name: &str| request[name].as_i64();
        let most = number("n").and_then(|n| usize::try_from(n).ok()).unwrap_or(MOST);
        let cells = self.entries.iter().filter(|entry| entry.line > 0);
        let found: Vec<&Entry> = match request["hist_access_type"].as_str().unwrap_or("tail") {
            "range" => {
                // 0 is this session, -1 the one before it.
                let wanted = number("session").unwrap_or_default();
                let session = if wanted > 0 { wanted } else { self.session.cast_signed() + wanted };
                let (start, stop) = (number("start").unwrap_or(1), number("stop").unwrap_or(i64::MAX));
                cells
                    .filter(|entry| {
                        entry.session.cast_signed() == session && (start..stop).contains(&entry.line.cast_signed())
                    })
                    .collect()
            }
            "search" => {
                let pattern = request["pattern"].as_str().unwrap_or("*");
                let mut found: Vec<&Entry> = cells.filter(|entry| matches(pattern, &entry.input)).collect();
                if request["unique"].as_bool().unwrap_or_default() {
                    let mut seen = std::collections::HashSet::new();
                    found.reverse();
                    found.retain(|entry| seen.insert(&entry.input));
                    found.reverse();
                }
                found
            }
            _ => cells.collect(),
        };
        let is_range = request["hist_access_type"] == "range";
        let skipped = if is_range { 0 } else { found.len().saturating_sub(most) };
        let with_output = request["output"].as_bool().unwrap_or_default();
        let rows = found.into_iter().skip(skipped).map(|entry| {
            let input = if with_output { json!([entry.input, null]) } else { json!(entry.input) };
            json!([entry.session, entry.line, input])
        });
        json!({"status": "ok", "history": rows.collect::<Vec<_>>()})
    }
}

/// Whether a pattern with `*` and `?` describes the whole text.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut read) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while read < text.len() {
        if at < pattern.len() && pattern[at] == '*' {
            star = Some((at, read));
            at += 1;
        } else if at < pattern.len() && (pattern[at] == '?' || pattern[at] == text[read]) {
            at += 1;
            read += 1;
        } else if let Some((back, from)) = star {
            star = Some((back, from + 1));
            at = back + 1;
            read = from + 1;
        } else {
            return false;
        }
    }
    pattern[at..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inputs(history: &History, request: Value) -> Vec<String> {
        let reply = history.answer(&request);
        let rows = reply["history"].as_array().cloned().unwrap_or_default();
        rows.iter().map(|row| row[2].as_str().unwrap_or_default().to_owned()).collect()
    }

    #[test]
    fn it_lasts_from_session_to_session() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("history.jsonl");
        let mut first = History::at(Some(&path));
        first.add(1, "let a = 1;");
        first.add(2, "a + 1");
        let mut second = History::at(Some(&path));
        assert_eq!(second.session, first.session + 1);
        second.add(1, "let b = 2;");
        assert_eq!(inputs(&second, json!({"hist_access_type": "tail", "n": 2})), ["a + 1", "let b = 2;"]);
        assert_eq!(inputs(&second, json!({"hist_access_type": "range", "session": 0, "start": 1})), ["let b = 2;"]);
        assert_eq!(
            inputs(&second, json!({"hist_access_type": "range", "session": -1, "start": 1, "stop": 2})),
            ["let a = 1;"]
        );
        assert_eq!(
            inputs(&second, json!({"hist_access_type": "search", "pattern": "let*"})),
            ["let a = 1;", "let b = 2;"]
        );
    }

    #[test]
    fn broken_lines_are_skipped() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("history.jsonl");
        std::fs::write(&path, "{\"session\":7\n\n{\"session\":7,\"line\":1,\"input\":\"x\"}\n").expect("a file");
        let history = History::at(Some(&path));
        assert_eq!(history.session, 8);
        assert_eq!(inputs(&history, json!({"hist_access_type": "tail"})), ["x"]);
    }

    #[test]
    fn search_matches_the_whole_text() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("let*", "let x", true),
            ("let", "let x", false),
            ("*x?z*", "--xyz--", true),
            ("a*b*c", "aXbXd", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }
}
