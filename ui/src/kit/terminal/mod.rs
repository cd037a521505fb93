//! A terminal without an edge: what programs write becomes rows of styled text, as a terminal would show them, so that
//! a progress bar is one line. Text comes piece by piece; what was read is never read again.
//!
//! Rows are as long as the program makes them; there is no wrapping. Of the links that programs write only those to
//! the web are kept.

mod row;
mod style;

pub use row::Span;
use row::{Glyph, Packed, add_mark};
use std::collections::VecDeque;
pub use style::{Colour, Style};
use unicode_width::UnicodeWidthChar;

/// A cursor movement goes no further to the right than this.
const WIDEST: usize = 8 * 1024;
/// Links a terminal remembers.
const LINKS: usize = 4096;

pub struct Terminal {
    parser: vte::Parser,
    screen: Screen,
}

struct Screen {
    rows: VecDeque<Packed>,
    /// The row of the cursor, which is out of date in `rows`.
    open: Vec<Glyph>,
    row: usize,
    column: usize,
    saved: (usize, usize),
    style: Style,
    links: Vec<String>,
    /// Rows that were dropped at the top.
    num_dropped: usize,
    keep: usize,
    version: u32,
}

impl Default for Terminal {
    fn default() -> Self {
        Self::keeping(usize::MAX)
    }
}

impl Terminal {
    /// One that forgets its first rows once there are more than `keep`, a few at a time.
    pub fn keeping(keep: usize) -> Self {
        let mut rows = VecDeque::new();
        rows.push_back(Packed::default());
        let screen = Screen {
            rows,
            open: Vec::new(),
            row: 0,
            column: 0,
            saved: (0, 0),
            style: Style::default(),
            links: Vec::new(),
            num_dropped: 0,
            keep,
            version: 1,
        };
        Self { parser: vte::Parser::new(), screen }
    }

    pub fn feed(&mut self, text: &str) {
        self.screen.version += 1;
        self.parser.advance(&mut self.screen, text.as_bytes());
        self.screen.pack();
        let surplus = self.screen.rows.len().saturating_sub(self.screen.keep);
        if surplus > self.screen.keep / 8 {
            self.screen.drop_first(surplus);
        }
    }

    /// Rows that there were, the dropped ones included. The empty row behind a last line break does not count.
    pub fn num_rows(&self) -> usize {
        let rows = &self.screen.rows;
        let ends_empty = rows.len() > 1 && rows.back().is_some_and(|row| row.text().is_empty());
        self.screen.num_dropped + rows.len() - usize::from(ends_empty)
    }

    pub fn num_dropped(&self) -> usize {
        self.screen.num_dropped
    }

    /// Grows whenever the row changes. Rows count from 0; dropped ones are empty.
    pub fn version(&self, at: usize) -> u32 {
        self.packed(at).map_or(0, |row| row.version)
    }

    pub fn row(&self, at: usize) -> Vec<Span> {
        self.packed(at).map(Packed::spans).unwrap_or_default()
    }

    pub fn row_text(&self, at: usize) -> &str {
        self.packed(at).map(Packed::text).unwrap_or_default()
    }

    /// Where a link of [`Style::link`] leads.
    pub fn link(&self, number: u16) -> Option<&str> {
        self.screen.links.get(usize::from(number).checked_sub(1)?).map(String::as_str)
    }

    /// All that stands on it, without colours.
    pub fn text(&self) -> String {
        let rows: Vec<&str> = (self.screen.num_dropped..self.num_rows()).map(|at| self.row_text(at)).collect();
        rows.join("\n")
    }

    fn packed(&self, at: usize) -> Option<&Packed> {
        self.screen.rows.get(at.checked_sub(self.screen.num_dropped)?)
    }
}

/// What a terminal shows after `text`.
pub fn play(text: &str) -> Terminal {
    let mut terminal = Terminal::default();
    terminal.feed(text);
    terminal
}

impl Screen {
    /// Writes the open row back.
    fn pack(&mut self) {
        self.rows[self.row] = Packed::new(&self.open, self.version);
    }

    fn go_to_row(&mut self, row: usize) {
        if row == self.row {
            return;
        }
        self.pack();
        while self.rows.len() <= row {
            self.rows.push_back(Packed { version: self.version, ..Packed::default() });
        }
        self.row = row;
        self.open = self.rows[row].open();
    }

    fn drop_first(&mut self, count: usize) {
        let count = count.min(self.row);
        self.rows.drain(..count);
        self.row -= count;
        self.saved.0 = self.saved.0.saturating_sub(count);
        self.num_dropped += count;
    }

    /// Makes the open row at least `length` long.
    fn fill(&mut self, length: usize) {
        if self.open.len() < length {
            self.open.resize_with(length, Glyph::blank);
        }
    }

    /// Where half a wide letter would stay, a blank takes its place.
    fn part(&mut self, at: usize) {
        if self.open.get(at).is_some_and(|glyph| glyph.letter == '\0') {
            self.open[at] = Glyph::blank();
            if at > 0 {
                self.open[at - 1] = Glyph::blank();
            }
        }
    }

    fn write(&mut self, letter: char) {
        let width = letter.width().unwrap_or(0);
        if width == 0 {
            let end = self.column.min(self.open.len());
            add_mark(&mut self.open[..end], letter);
            return;
        }
        self.fill(self.column);
        self.part(self.column);
        self.part(self.column + width);
        for step in 0..width {
            let glyph = Glyph::new(if step == 0 { letter } else { '\0' }, self.style);
            match self.open.get_mut(self.column + step) {
                Some(old) => *old = glyph,
                None => self.open.push(glyph),
            }
        }
        self.column += width;
    }

    fn erase_in_row(&mut self, from: usize, to: usize) {
        self.part(from);
        self.part(to);
        if to >= self.open.len() {
            self.open.truncate(from);
        } else {
            self.open[from.min(to)..to].fill_with(Glyph::blank);
        }
    }

    fn erase_rows(&mut self, from: usize, to: usize) {
        for row in from..to.min(self.rows.len()) {
            self.rows[row] = Packed { version: self.version, ..Packed::default() };
        }
    }

    fn erase_display(&mut self, what: u16) {
        match what {
            0 => {
                self.erase_in_row(self.column, usize::MAX);
                self.rows.truncate(self.row + 1);
            }
            1 => {
                self.erase_in_row(0, self.column + 1);
                self.erase_rows(0, self.row);
            }
            2 | 3 => {
                self.rows.truncate(1);
                self.rows[0] = Packed { version: self.version, ..Packed::default() };
                self.open.clear();
                (self.row, self.column) = (0, 0);
            }
            _ => {}
        }
    }

    fn set_link(&mut self, address: &str) {
        let lower = address.to_ascii_lowercase();
        let web = (lower.starts_with("https://") || lower.starts_with("http://")) && address.len() < 4096;
        self.style.link = match self.links.iter().rposition(|known| known == address) {
            Some(at) => at as u16 + 1,
            None if web && self.links.len() < LINKS => {
                self.links.push(address.to_owned());
                self.links.len() as u16
            }
            None => 0,
        };
    }
}

impl vte::Perform for Screen {
    fn print(&mut self, letter: char) {
        self.write(letter);
    }

    fn execute(&mut self, byte: u8) {
        match byte {
            b'\n' | 0x0b | 0x0c => {
                self.go_to_row(self.row + 1);
                self.column = 0;
            }
            b'\r' => self.column = 0,
            0x08 => self.column = self.column.saturating_sub(1),
            b'\t' => {
                self.column = (self.column / 8 + 1) * 8;
                self.fill(self.column);
            }
            _ => {}
        }
    }

    fn csi_dispatch(&mut self, parameters: &vte::Params, intermediates: &[u8], ignore: bool, action: char) {
        // Private sequences ask for modes, such as a hidden cursor, that there are none of here.
        if ignore || !intermediates.is_empty() {
            return;
        }
        let codes: Vec<Vec<u16>> = parameters.iter().map(<[u16]>::to_vec).collect();
        let number = |at: usize| codes.get(at).and_then(|code| code.first()).copied().unwrap_or(0);
        let count = usize::from(number(0).max(1));
        let last = self.rows.len() - 1;
        match action {
            'm' => self.style.select(&codes),
            'A' => self.go_to_row(self.row.saturating_sub(count)),
            'B' => self.go_to_row((self.row + count).min(last)),
            'C' => self.column = (self.column + count).min(WIDEST),
            'D' => self.column = self.column.saturating_sub(count),
            'E' => {
                self.go_to_row((self.row + count).min(last));
                self.column = 0;
            }
            'F' => {
                self.go_to_row(self.row.saturating_sub(count));
                self.column = 0;
            }
            'G' | '`' => self.column = (count - 1).min(WIDEST),
            'H' | 'f' => {
                self.go_to_row((count - 1).min(last));
                self.column = usize::from(number(1).max(1) - 1).min(WIDEST);
            }
            'J' => self.erase_display(number(0)),
            'K' => match number(0) {
                0 => self.erase_in_row(self.column, usize::MAX),
                1 => self.erase_in_row(0, self.column + 1),
                _ => self.open.clear(),
            },
            'X' => self.erase_in_row(self.column, self.column + count),
            'P' => {
                let (from, to) = (self.column.min(self.open.len()), (self.column + count).min(self.open.len()));
                self.open.drain(from..to);
            }
            '@' => {
                self.fill(self.column);
                let blanks = std::iter::repeat_with(Glyph::blank).take(count.min(WIDEST));
                self.open.splice(self.column..self.column, blanks);
            }
            's' => self.saved = (self.row, self.column),
            'u' => self.restore(),
            _ => {}
        }
    }

    fn esc_dispatch(&mut self, _intermediates: &[u8], _ignore: bool, byte: u8) {
        match byte {
            b'7' => self.saved = (self.row, self.column),
            b'8' => self.restore(),
            _ => {}
        }
    }

    fn osc_dispatch(&mut self, parameters: &[&[u8]], _bell: bool) {
        // A link: `8 ; parameters ; address`, whose address may hold semicolons. Titles and the like mean nothing here.
        if let [b"8", _, address @ ..] = parameters {
            self.set_link(&String::from_utf8_lossy(&address.join(&b';')));
        }
    }
}

impl Screen {
    fn restore(&mut self) {
        self.go_to_row(self.saved.0.min(self.rows.len() - 1));
        self.column = self.saved.1;
    }
}

#[cfg(test)]
mod tests;
