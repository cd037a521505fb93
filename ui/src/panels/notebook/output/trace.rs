//! A traceback as IPython writes it, taken apart: which frames, where they lie, and what is between them.

use crate::kit::terminal::{Terminal, play};
use std::ops::Range;

/// Where a frame lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A cell by its execution count.
    Cell(u64),
    File(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    pub place: Place,
    pub line: Option<u32>,
    /// `f(x)`; empty at the top of a cell.
    pub function: String,
    /// The rows of source below its head.
    pub rows: Range<usize>,
    /// The row that the arrow points at.
    pub at: Option<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    Frame(Frame),
    /// Words between two exceptions of a chain.
    Note(String),
}

/// The traceback's text on a screen, and what stands where.
pub struct Trace {
    pub screen: Terminal,
    pub parts: Vec<Part>,
}

impl Trace {
    pub fn read(traceback: &[String]) -> Self {
        let screen = play(traceback.join("\n").trim_end());
        let parts = parts(&screen);
        Self { screen, parts }
    }

    pub fn frames(&self) -> impl Iterator<Item = &Frame> {
        self.parts.iter().filter_map(|part| match part {
            Part::Frame(frame) => Some(frame),
            Part::Note(_) => None,
        })
    }

    /// The frame of the cell that ran: the first of its own, else the first of any cell.
    pub fn own(&self, count: Option<u64>) -> Option<&Frame> {
        let of = |wanted: &dyn Fn(u64) -> bool| {
            self.frames().find(|frame| matches!(frame.place, Place::Cell(number) if wanted(number)))
        };
        of(&|number| Some(number) == count).or_else(|| of(&|_| true))
    }
}

fn parts(screen: &Terminal) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut notes: Vec<String> = Vec::new();
    let mut at = 0;
    while at < screen.num_rows() {
        let row = screen.row_text(at);
        at += 1;
        let Some((place, mut line, function)) = head(row) else {
            let words = row.trim();
            let is_title =
                words.contains("Traceback (most recent call last)") || words.bytes().all(|byte| byte == b'-');
            if !parts.is_empty() && !words.is_empty() && !is_title {
                notes.push(words.to_owned());
            }
            continue;
        };
        if !notes.is_empty() {
            parts.push(Part::Note(std::mem::take(&mut notes).join("\n")));
        }
        let start = at;
        let mut arrow = None;
        while at < screen.num_rows() && is_source(screen.row_text(at)) {
            if let Some(number) = arrow_line(screen.row_text(at)) {
                arrow = Some(at);
                line = line.or(Some(number));
            }
            at += 1;
        }
        parts.push(Part::Frame(Frame { place, line, function, rows: start..at, at: arrow }));
    }
    parts
}

/// `Cell In[3], line 2, in f(x)`, `Input In [3], in <cell line: 1>()`, `File ~/a.py:12, in f(x)`,
/// `File "a.py", line 12, in f`, `<ipython-input-3-0a1b> in f(x)`.
fn head(row: &str) -> Option<(Place, Option<u32>, String)> {
    let row = row.trim();
    let numbered = |rest: &str| rest.split(']').next().and_then(|number| number.trim().parse::<u64>().ok());
    if let Some(rest) = row
        .strip_prefix("Cell In[")
        .or_else(|| row.strip_prefix("Input In ["))
        .or_else(|| row.strip_prefix("Cell In ["))
    {
        let line = after(rest, ", line ").or_else(|| after(rest, "<cell line: "));
        return Some((Place::Cell(numbered(rest)?), line, function(rest)));
    }
    if let Some(rest) = row.strip_prefix("<ipython-input-") {
        let number = rest.split('-').next()?.parse().ok()?;
        return Some((Place::Cell(number), None, function(rest)));
    }
    let rest = row.strip_prefix("File ")?;
    if let Some((path, rest)) = rest.strip_prefix('"').and_then(|rest| rest.split_once('"')) {
        return Some((Place::File(path.to_owned()), after(rest, ", line "), function(rest)));
    }
    let (place, _) = rest.split_once(", in ").unwrap_or((rest, ""));
    let (path, line) = place.rsplit_once(':')?;
    Some((Place::File(path.to_owned()), Some(line.parse().ok()?), function(rest)))
}

fn after(text: &str, mark: &str) -> Option<u32> {
    let rest = &text[text.find(mark)? + mark.len()..];
    rest[..rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len())].parse().ok()
}

fn function(rest: &str) -> String {
    let found = rest.find(", in ").map(|at| &rest[at + 5..]).or_else(|| rest.find("> in ").map(|at| &rest[at + 5..]));
    found.filter(|found| !found.starts_with("<cell line")).unwrap_or_default().trim().to_owned()
}

/// Rows of source start with a number, an arrow or a space.
fn is_source(row: &str) -> bool {
    row.starts_with([' ', '-']) || row.starts_with(|letter: char| letter.is_ascii_digit())
}

/// `----> 2     return 1 / 0`
fn arrow_line(row: &str) -> Option<u32> {
    let rest = row.trim_start().strip_prefix("--")?.trim_start_matches('-').strip_prefix('>')?.trim_start();
    rest.split(' ').next()?.parse().ok()
}

/// The module that an import did not find, of an error that says so.
pub fn missing_module(name: &str, message: &str) -> Option<String> {
    let quoted = |start: &str| {
        let rest = &message[message.find(start)? + start.len()..];
        rest.split('\'').next().map(str::to_owned)
    };
    let module = match name {
        "ModuleNotFoundError" => quoted("No module named '"),
        "ImportError" => quoted("Missing optional dependency '").or_else(|| quoted("No module named '")),
        _ => None,
    }?;
    let module = module.split('.').next().unwrap_or_default();
    let is_name = !module.is_empty() && module.chars().all(|letter| letter.is_alphanumeric() || "_-".contains(letter));
    is_name.then(|| module.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Part, Place, Trace, missing_module};

    fn check(parts: &[&str], expected: &[&str]) {
        let trace = Trace::read(&parts.iter().map(|part| (*part).to_owned()).collect::<Vec<_>>());
        let shown: Vec<String> = trace
            .parts
            .iter()
            .map(|part| match part {
                Part::Note(note) => format!("note {note}"),
                Part::Frame(frame) => {
                    let place = match &frame.place {
                        Place::Cell(number) => format!("cell {number}"),
                        Place::File(path) => path.clone(),
                    };
                    let row = frame.at.map(|at| trace.screen.row_text(at).trim()).unwrap_or_default();
                    format!("{place}:{} {} {} rows {row}", frame.line.unwrap_or(0), frame.function, frame.rows.len())
                }
            })
            .collect();
        assert_eq!(shown, expected);
    }

    const RULE: &str = "\u{1b}[31m--------------------------------\u{1b}[39m";

    #[test]
    fn frames_of_cells_and_files() {
        check(
            &[
                RULE,
                "\u{1b}[31mZeroDivisionError\u{1b}[39m                Traceback (most recent call last)",
                "\u{1b}[36mCell\u{1b}[39m\u{1b}[36m \u{1b}[39m\u{1b}[32mIn[2]\u{1b}[39m\u{1b}[32m, line 2\u{1b}[39m\n\u{1b}[32m      1\u{1b}[39m import json\n\u{1b}[32m----> \u{1b}[39m\u{1b}[32m2\u{1b}[39m f(0)\n",
                "File ~/lib/python3.11/json/decoder.py:337, in JSONDecoder.decode(self, s, _w)\n    335 \n    336 x\n--> 337     obj\n",
                "ZeroDivisionError: division by zero",
            ],
            &[
                "cell 2:2  2 rows ----> 2 f(0)",
                "~/lib/python3.11/json/decoder.py:337 JSONDecoder.decode(self, s, _w) 3 rows --> 337     obj",
            ],
        );
        check(&["Input In [7], in <cell line: 1>()\n----> 1 f(1)\n"], &["cell 7:1  1 rows ----> 1 f(1)"]);
        check(&["<ipython-input-4-0a1b2c> in g(a)\n----> 1 f(1)\n"], &["cell 4:1 g(a) 1 rows ----> 1 f(1)"]);
        check(&["  Cell In[4], line 2\n    x=\n      ^\nSyntaxError: incomplete input\n"], &["cell 4:2  2 rows "]);
        check(
            &["Traceback (most recent call last):\n  File \"a.py\", line 3, in g\n    1/0\nZeroDivisionError"],
            &["a.py:3 g 1 rows "],
        );
        check(&["error[E0308]: mismatched types\n --> src/lib.rs:2:5"], &[]);
    }

    #[test]
    fn chains_keep_their_words() {
        check(
            &[
                RULE,
                "KeyError    Traceback (most recent call last)",
                "Cell In[6], line 2\n----> 2 {}['a']\n",
                "KeyError: 'a'",
                "\nThe above exception was the direct cause of the following exception:\n",
                "ValueError    Traceback (most recent call last)",
                "Cell In[6], line 4\n----> 4 raise\n",
                "ValueError: b",
            ],
            &[
                "cell 6:2  1 rows ----> 2 {}['a']",
                "note KeyError: 'a'\nThe above exception was the direct cause of the following exception:",
                "cell 6:4  1 rows ----> 4 raise",
            ],
        );
    }

    #[test]
    fn modules_that_are_missing() {
        let check = |name: &str, message: &str, expected: Option<&str>| {
            assert_eq!(missing_module(name, message).as_deref(), expected)
        };
        check("ModuleNotFoundError", "No module named 'cv2'", Some("cv2"));
        check("ModuleNotFoundError", "No module named 'a.b'; 'a' is not a package", Some("a"));
        check(
            "ImportError",
            "Missing optional dependency 'openpyxl'.  Use pip or conda to install openpyxl.",
            Some("openpyxl"),
        );
        check("ImportError", "cannot import name 'x' from 'y'", None);
        check("ValueError", "No module named 'x'", None);
        check("ModuleNotFoundError", "No module named '--index-url x'", None);
    }
}
