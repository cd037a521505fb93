//! A notebook's progress in a terminal: its headings, each cell's text results, a note for what is no text.

use atelier_studio::wire::studio::kernel::{CellRun, RunState};
use atelier_studio::wire::studio::notebook::{CellKind, Content, Notebook, Output};
use std::collections::HashMap;
use std::io::{IsTerminal as _, Write as _};
use std::path::Path;

/// Printed before each line of a result.
const MARGIN: &str = "    ";

pub struct Show {
    /// By id: number, heading above it that was not yet printed, first line of code.
    cells: HashMap<String, Seen>,
    num_cells: usize,
    colors: bool,
    started: std::time::Instant,
    /// How much of each stream was printed, in bytes.
    printed: HashMap<(String, usize), usize>,
    /// Outputs that are printed when their cell ends, since they may be replaced until then.
    pending: HashMap<String, Vec<(usize, Output)>>,
}

struct Seen {
    number: usize,
    heading: Option<String>,
    first_line: String,
    running: bool,
}

impl Show {
    pub fn new(notebook: &Notebook) -> Show {
        let mut cells = HashMap::new();
        let (mut heading, mut number) = (None, 0);
        for cell in &notebook.cells {
            match cell.kind {
                CellKind::Markdown => {
                    let title = cell.source.lines().find_map(|line| line.strip_prefix('#'));
                    heading = title.map(|rest| rest.trim_start_matches('#').trim().to_owned()).or(heading);
                }
                CellKind::Code if !cell.source.trim().is_empty() => {
                    number += 1;
                    let first_line = cell.source.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
                    let seen = Seen { number, heading: heading.take(), first_line: plain(first_line), running: false };
                    cells.insert(cell.id.clone(), seen);
                }
                _ => {}
            }
        }
        let colors = std::io::stdout().is_terminal();
        Show {
            cells,
            num_cells: number,
            colors,
            started: std::time::Instant::now(),
            printed: HashMap::new(),
            pending: HashMap::new(),
        }
    }

    pub fn run(&mut self, id: &str, run: &CellRun) {
        let Some(cell) = self.cells.get_mut(id) else { return };
        match run.state {
            RunState::Running if !cell.running => {
                cell.running = true;
                let heading = cell
                    .heading
                    .take()
                    .map(|heading| format!("\n{}\n", self.bold(&plain(&heading))))
                    .unwrap_or_default();
                let cell = &self.cells[id];
                let head = format!("[{}/{}] {}", cell.number, self.num_cells, cell.first_line);
                print(&format!("{heading}\n{}\n", self.dim(&head)));
            }
            RunState::Done | RunState::Failed if cell.running => {
                cell.running = false;
                self.finish(id, run);
            }
            _ => {}
        }
    }

    fn finish(&mut self, id: &str, run: &CellRun) {
        for (index, output) in self.pending.remove(id).unwrap_or_default() {
            match &output {
                Output::Stream { text, num_left_out, .. } => {
                    let from = self.printed.remove(&(id.to_owned(), index)).unwrap_or(0);
                    let rest = &text[unseen(text, *num_left_out, from)..];
                    if !rest.is_empty() {
                        print(&self.indented(rest));
                    }
                }
                Output::Display { data, .. } => print(&self.indented(&describe(data))),
                Output::Error { name, message, traceback } => {
                    let text = if traceback.is_empty() { format!("{name}: {message}") } else { traceback.join("\n") };
                    print(&self.indented(&text));
                }
            }
        }
        let seconds = run.started_at.zip(run.ended_at).map_or(0.0, |(from, to)| to - from);
        let mark = if run.state == RunState::Done { "done" } else { "FAILED" };
        print(&format!("{}\n", self.dim(&format!("{MARGIN}{mark} in {seconds:.1} s"))));
    }

    /// Whole lines of a stream are shown at once, other results when the cell ends.
    pub fn output(&mut self, id: &str, index: usize, output: &Output) {
        if let Output::Stream { text, num_left_out, .. } = output {
            let key = (id.to_owned(), index);
            let from = unseen(text, *num_left_out, self.printed.get(&key).copied().unwrap_or(0));
            let whole = text.rfind('\n').map_or(0, |at| at + 1);
            if let Some(lines) = text.get(from..whole).filter(|lines| !lines.is_empty()) {
                print(&self.indented(lines));
                self.printed.insert(key, *num_left_out as usize + whole);
            }
        }
        let pending = self.pending.entry(id.to_owned()).or_default();
        match pending.iter_mut().find(|(at, _)| *at == index) {
            Some((_, old)) => *old = output.clone(),
            None => pending.push((index, output.clone())),
        }
        pending.sort_by_key(|(at, _)| *at);
    }

    /// A stream goes on.
    pub fn append(&mut self, id: &str, index: usize, more: &str) {
        let Some(pending) = self.pending.get_mut(id) else { return };
        let Some(at) = pending.iter().position(|(at, output)| *at == index && matches!(output, Output::Stream { .. }))
        else {
            return;
        };
        let (_, mut output) = pending.swap_remove(at);
        if let Output::Stream { text, .. } = &mut output {
            text.push_str(more);
        }
        self.output(id, index, &output);
    }

    pub fn clear(&mut self, id: &str) {
        self.pending.remove(id);
        self.printed.retain(|(cell, _), _| cell != id);
    }

    pub fn end(&self, output: Option<&Path>) {
        let took = self.started.elapsed().as_secs_f64();
        let wrote = output.map(|path| format!("; the results are in {}", path.display())).unwrap_or_default();
        print(&format!("\nThe notebook took {took:.1} s{wrote}\n"));
    }

    fn indented(&self, text: &str) -> String {
        let safe = if self.colors { colored(text) } else { plain(text) };
        safe.lines().map(|line| format!("{MARGIN}{line}\n")).collect()
    }

    fn bold(&self, text: &str) -> String {
        if self.colors { format!("\x1b[1m{text}\x1b[0m") } else { text.to_owned() }
    }

    fn dim(&self, text: &str) -> String {
        if self.colors { format!("\x1b[2m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// Where in a stream's text what was not printed begins; the text may be its end only, after `left_out` bytes.
fn unseen(text: &str, left_out: u64, printed: usize) -> usize {
    let from = printed.saturating_sub(usize::try_from(left_out).unwrap_or(usize::MAX)).min(text.len());
    (from..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len())
}

/// Whoever closed our stdout does not want it; the notebook runs on.
fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// The text of a result, or a note on what it is.
fn describe(data: &std::collections::BTreeMap<String, Content>) -> String {
    let image = data.iter().find(|(mime, _)| mime.starts_with("image/"));
    if let Some((mime, content)) = image {
        let bytes = match content {
            Content::Text(text) if mime == "image/svg+xml" => text.len(),
            Content::Text(text) => text.len() / 4 * 3,
            Content::Blob { num_bytes, .. } => usize::try_from(*num_bytes).unwrap_or(usize::MAX),
        };
        return format!("(an image, {mime}, {} kB)", bytes.div_ceil(1000));
    }
    match data.get("text/plain") {
        Some(Content::Text(text)) => text.clone(),
        _ => format!("({})", data.keys().cloned().collect::<Vec<_>>().join(", ")),
    }
}

/// What a notebook prints must not steer the terminal: control characters and escape sequences go, line ends stay.
fn plain(text: &str) -> String {
    clean(text, false)
}

/// As [`plain`], but colours stay.
fn colored(text: &str) -> String {
    let mut safe = clean(text, true);
    if safe.contains('\x1b') {
        safe.push_str("\x1b[0m");
    }
    safe
}

fn clean(text: &str, keep_colors: bool) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\x1b' if rest.peek() == Some(&'[') => {
                rest.next();
                let mut sequence = String::from("\x1b[");
                for part in rest.by_ref() {
                    sequence.push(part);
                    if ('\x40'..='\x7e').contains(&part) {
                        break;
                    }
                }
                let color = sequence.ends_with('m')
                    && sequence[2..sequence.len() - 1].bytes().all(|b| b.is_ascii_digit() || b == b';');
                if keep_colors && color {
                    safe.push_str(&sequence);
                }
            }
            // Title and clipboard sequences, to their end.
            '\x1b' if matches!(rest.peek(), Some(']' | 'P' | '_' | '^' | 'X')) => {
                while let Some(part) = rest.next() {
                    if part == '\x07' || (part == '\x1b' && rest.next_if_eq(&'\\').is_some()) {
                        break;
                    }
                }
            }
            '\n' | '\t' => safe.push(c),
            c if c.is_control() => {}
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, without_colors: &str, with_colors: &str) {
        assert_eq!(
            (clean(text, false).as_str(), clean(text, true).as_str()),
            (without_colors, with_colors),
            "{text:?}"
        );
    }

    #[test]
    fn terminals_are_not_steered() {
        check("a\tb\nc", "a\tb\nc", "a\tb\nc");
        check("\x1b[31mred\x1b[0m", "red", "\x1b[31mred\x1b[0m");
        check("\x1b[2Jgone\x1b[1;1H", "gone", "gone");
        check("\x1b]0;title\x07x\x1b]52;c;aGk=\x1b\\y", "xy", "xy");
        check("10%\r20%\x08\x07", "10%20%", "10%20%");
        check("\x1b[31", "", "");
    }

    #[test]
    fn results_are_text_or_a_note() {
        let bundle = |parts: &[(&str, &str)]| {
            describe(&parts.iter().map(|(k, v)| ((*k).to_owned(), Content::Text((*v).to_owned()))).collect())
        };
        assert_eq!(bundle(&[("text/html", "<b>"), ("text/plain", "x")]), "x");
        assert_eq!(
            bundle(&[("image/png", &"A".repeat(4000)), ("text/plain", "<Figure>")]),
            "(an image, image/png, 3 kB)"
        );
        assert_eq!(bundle(&[("application/x", "?")]), "(application/x)");
    }
}
