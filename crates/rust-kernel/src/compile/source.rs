//! The text given to the compiler, and where each of its lines comes from. Lines of a cell keep their columns, so a
//! place in the source is a place in the cell once the line is known.

use crate::cell::Piece;

/// Where a line of the source comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    Generated,
    /// A line, counted from 0, of the cell with that execution count.
    Cell {
        count: u64,
        line: usize,
    },
    /// Makes the compiler name the type of a variable.
    TypeOf(String),
    /// Keeps a variable that the cell defined.
    Keep(String),
    /// Puts a variable back that an earlier cell defined.
    PutBack(String),
}

#[derive(Clone, Debug, Default)]
pub struct Source {
    pub text: String,
    pub origins: Vec<Origin>,
}

impl Source {
    pub fn generated(&mut self, text: &str) {
        self.lines(text, |_| Origin::Generated);
    }

    pub fn line(&mut self, text: &str, origin: Origin) {
        self.lines(text, |_| origin.clone());
    }

    /// A piece of a cell, on lines of its own.
    pub fn piece(&mut self, count: u64, piece: &Piece) {
        let text = format!("{}{}", " ".repeat(piece.column), piece.text);
        self.lines(&text, |line| Origin::Cell { count, line: piece.line + line });
    }

    fn lines(&mut self, text: &str, origin: impl Fn(usize) -> Origin) {
        for (number, line) in text.split('\n').enumerate() {
            self.text.push_str(line);
            self.text.push('\n');
            self.origins.push(origin(number));
        }
    }

    /// Cell, line and column, counted from 1, of a place such as `cell_3.rs:14:5`.
    pub fn locate(&self, place: &str) -> Option<(u64, usize, usize)> {
        let mut parts = place.strip_prefix("cell_")?.split(':').skip(1);
        let (line, column) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        match self.origin(line) {
            Origin::Cell { count, line } => Some((*count, line + 1, column)),
            _ => None,
        }
    }

    /// The origin of a line counted from 1, as the compiler counts.
    pub fn origin(&self, line: usize) -> &Origin {
        line.checked_sub(1).and_then(|index| self.origins.get(index)).unwrap_or(&Origin::Generated)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_the_source_is_a_place_in_the_cell() {
        let mut source = Source::default();
        source.generated("fn main() {\n// two lines");
        source.piece(7, &Piece { text: "let x = 1;\n    x".to_owned(), line: 3, column: 2 });
        assert_eq!(source.text.lines().nth(2), Some("  let x = 1;"));
        assert_eq!(source.origin(1), &Origin::Generated);
        assert_eq!(source.origin(3), &Origin::Cell { count: 7, line: 3 });
        assert_eq!(source.origin(4), &Origin::Cell { count: 7, line: 4 });
        assert_eq!(source.origin(99), &Origin::Generated);
        assert_eq!(source.locate("cell_12.rs:4:5"), Some((7, 5, 5)));
        assert_eq!(source.locate("lib.rs:4:5"), None);
    }
}
