//! Where rows begin in a text file: found at memory bandwidth, so that a page anywhere can be read at once.
//!
//! A line break within quotes does not end a row. Quotes are counted, not parsed, just as Polars' own splitter does;
//! empty lines (in files of two columns and more) and comments are no rows.

use super::dialect::Dialect;
use super::files;
use crate::work::Cancel;
use std::fs::File;

/// A position is kept for every so many rows.
pub(crate) const STRIDE: u64 = 4096;
const BLOCK: usize = 4 << 20;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LineIndex {
    /// Byte positions of rows 0, [`STRIDE`], 2 × [`STRIDE`] ...
    pub starts: Vec<u64>,
    pub num_rows: u64,
    /// One past the last byte that was looked at.
    pub end: u64,
    /// A quote was opened and never closed.
    pub open_quote: bool,
}

/// Walks a file from `from` (behind the header). `told` hears the index so far after each block.
pub(crate) fn index(
    file: &File,
    from: u64,
    dialect: &Dialect,
    skip_empty: bool,
    cancel: &Cancel,
    mut told: impl FnMut(&LineIndex),
) -> std::io::Result<LineIndex> {
    let mut index = LineIndex { end: from, ..LineIndex::default() };
    let mut walker =
        Walker { row_start: from, in_quote: false, quote: dialect.quote, first: [0; 8], first_len: 0, content: false };
    let mut block = vec![0; BLOCK];
    loop {
        if cancel.is_cancelled() {
            return Err(std::io::Error::from(std::io::ErrorKind::Interrupted));
        }
        let n = files::read_at(file, &mut block, index.end)?;
        if n == 0 {
            break;
        }
        walker.block(&block[..n], index.end, dialect, skip_empty, &mut index);
        index.end += n as u64;
        told(&index);
    }
    if walker.row_start < index.end && walker.counts(dialect, skip_empty) {
        index.push(walker.row_start);
    }
    index.open_quote = walker.in_quote;
    Ok(index)
}

impl LineIndex {
    fn push(&mut self, start: u64) {
        if self.num_rows.is_multiple_of(STRIDE) {
            self.starts.push(start);
        }
        self.num_rows += 1;
    }
}

struct Walker {
    row_start: u64,
    in_quote: bool,
    quote: Option<u8>,
    /// The row's first bytes, to know a comment.
    first: [u8; 8],
    first_len: usize,
    content: bool,
}

impl Walker {
    fn counts(&self, dialect: &Dialect, skip_empty: bool) -> bool {
        let comment = dialect.comment.as_ref().is_some_and(|mark| {
            let mark = &mark.as_bytes()[..mark.len().min(8)];
            self.first[..self.first_len].starts_with(mark)
        });
        !comment && (self.content || !skip_empty)
    }

    fn block(&mut self, bytes: &[u8], base: u64, dialect: &Dialect, skip_empty: bool, index: &mut LineIndex) {
        let mut at = 0;
        let quote = self.quote.unwrap_or(b'\n');
        while at < bytes.len() {
            let found = if self.in_quote {
                memchr::memchr(quote, &bytes[at..])
            } else {
                memchr::memchr2(b'\n', quote, &bytes[at..])
            };
            let stop = found.map_or(bytes.len(), |found| at + found);
            self.note(&bytes[at..stop]);
            let Some(_) = found else { return };
            at = stop + 1;
            if bytes[stop] == b'\n' && !self.in_quote {
                if self.counts(dialect, skip_empty) {
                    index.push(self.row_start);
                }
                self.row_start = base + at as u64;
                self.first_len = 0;
                self.content = false;
            } else {
                self.in_quote = !self.in_quote;
                self.content = true;
            }
        }
    }

    fn note(&mut self, part: &[u8]) {
        if part.is_empty() {
            return;
        }
        if self.first_len < 8 {
            let n = part.len().min(8 - self.first_len);
            self.first[self.first_len..self.first_len + n].copy_from_slice(&part[..n]);
            self.first_len += n;
        }
        self.content |= part != b"\r";
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use atelier_wire::studio::data::view::ReadOptions;
    use std::io::Write;

    #[track_caller]
    fn check(text: &str, comment: Option<&str>, rows: u64, open: bool) {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let options = ReadOptions { comment: comment.map(str::to_owned), ..ReadOptions::default() };
        let dialect = Dialect::detect(b"a,b", None, &options, "a").unwrap();
        let index = index(&file, 0, &dialect, true, &Cancel::default(), |_| {}).unwrap();
        assert_eq!((index.num_rows, index.open_quote), (rows, open), "{text}");
    }

    #[test]
    fn rows_are_counted() {
        check("", None, 0, false);
        check("1,2\n3,4\n", None, 2, false);
        check("1,2\n3,4", None, 2, false);
        check("1,\"a\nb\"\n3,4\n", None, 2, false);
        check("1,2\r\n\r\n3,4\r\n", None, 2, false);
        check("# x\n1,2\n#y\n", Some("#"), 1, false);
        check("1,\"a\n3,4\n", None, 1, true);
        check("\"\"\n", None, 1, false);
    }

    #[test]
    fn positions_lead_to_rows() {
        let mut file = tempfile::tempfile().unwrap();
        let text: String = (0..10_000).map(|i| format!("{i},x\n")).collect();
        file.write_all(text.as_bytes()).unwrap();
        let dialect = Dialect::detect(b"a,b", None, &ReadOptions::default(), "a").unwrap();
        let index = index(&file, 0, &dialect, true, &Cancel::default(), |_| {}).unwrap();
        assert_eq!(index.starts.len(), 3);
        assert!(text[index.starts[2] as usize..].starts_with("8192,x\n"));
    }
}
