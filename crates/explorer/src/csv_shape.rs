//! What a delimited file does not say about itself: its separator, and whether its first row names the columns.
//!
//! Files for SageMaker's built-in algorithms have no header, files from anywhere else mostly do, so neither can be
//! assumed. The decision is made on the first rows alone and can be overridden in the window.

/// Rows looked at.
const SAMPLE_ROWS: usize = 200;
const SEPARATORS: [u8; 4] = [b',', b'\t', b';', b'|'];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    pub separator: u8,
    pub header: bool,
}

/// Looks at the start of `text`. A separator in `fixed` (from a name ending in `.tsv`) is taken as it is.
pub(crate) fn shape(text: &[u8], fixed: Option<u8>) -> Shape {
    let separator = fixed.unwrap_or_else(|| separator(text));
    Shape { separator, header: has_header(&sample(text, separator)) }
}

fn sample(text: &[u8], separator: u8) -> Vec<Vec<String>> {
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).from_reader(text);
    let records = reader.byte_records().take(SAMPLE_ROWS).map_while(Result::ok);
    records.map(|r| r.iter().map(|f| String::from_utf8_lossy(f).trim().to_owned()).collect()).collect()
}

/// The separator that splits most rows into the same number of fields, more fields winning, a comma at a tie.
fn separator(text: &[u8]) -> u8 {
    let score = |&candidate: &u8| {
        let rows = sample(text, candidate);
        let width = rows.first().map_or(0, Vec::len);
        let even = rows.iter().filter(|row| row.len() == width).count();
        if width < 2 { 0 } else { even * 1000 / rows.len() * 100 + width.min(99) }
    };
    // `max_by_key` takes the last of equals; the list is walked backwards so that the comma is last.
    SEPARATORS.iter().rev().copied().max_by_key(score).unwrap_or(b',')
}

fn is_number(field: &str) -> bool {
    field.parse::<f64>().is_ok()
}

/// Whether the first row names the columns.
fn has_header(rows: &[Vec<String>]) -> bool {
    let Some((first, rest)) = rows.split_first() else { return false };
    if counts_up(first) && !rest.is_empty() {
        return true;
    }
    let unnamed = first.iter().skip(1).any(String::is_empty);
    if unnamed || first.iter().any(|field| is_number(field)) || has_repeats(first) {
        return false;
    }
    if first.iter().all(String::is_empty) {
        return false;
    }
    let column = |i: usize| rest.iter().filter_map(move |row| row.get(i)).filter(|field| !field.is_empty());
    let any_typed = (0..first.len()).any(|i| column(i).count() > 0 && column(i).all(|field| is_typed(field)));
    if any_typed {
        return true;
    }
    // All text: a name is a value that its own column never holds.
    (0..first.len()).all(|i| column(i).all(|field| *field != first[i]))
}

/// `0,1,2,…`, or the same behind an empty field: what pandas writes for a frame without column names.
fn counts_up(first: &[String]) -> bool {
    let names = if first.first().is_some_and(String::is_empty) { &first[1..] } else { first };
    names.len() > 1 && names.iter().enumerate().all(|(i, name)| *name == i.to_string())
}

fn has_repeats(first: &[String]) -> bool {
    let mut seen = std::collections::HashSet::new();
    !first.iter().all(|name| seen.insert(name))
}

/// Numbers, truth values and dates: what a column name does not look like.
fn is_typed(field: &str) -> bool {
    let date = field.len() >= 8 && field.as_bytes()[..4].iter().all(u8::is_ascii_digit) && field.contains(['-', '/']);
    is_number(field) || date || matches!(field.to_ascii_lowercase().as_str(), "true" | "false")
}

/// The first record whose number of fields differs from the first's: (its line, its fields, fields expected).
pub(crate) fn first_ragged(text: &[u8], separator: u8) -> Option<(u64, usize, usize)> {
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).from_reader(text);
    let mut width = None;
    for record in reader.byte_records().map_while(Result::ok) {
        let expected = *width.get_or_insert(record.len());
        if record.len() > expected {
            return Some((record.position().map_or(0, csv::Position::line), record.len(), expected));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, separator: u8, header: bool) {
        assert_eq!(shape(text.as_bytes(), None), Shape { separator, header }, "{text}");
    }

    #[test]
    fn headers() {
        check("a,b\n1,2\n", b',', true);
        check("24.0,0.00632,18\n21.6,0.02731,0\n", b',', false);
        check("1,red\n2,blue\n", b',', false);
        check(",0,1,2\n0,5.1,3.5,1.4\n", b',', true);
        check("0,1,2\n5.1,3.5,1.4\n", b',', true);
        check("0,1,2\n", b',', false);
        check("1949-01,112\n1949-02,118\n", b',', false);
        check("Month,Passengers\n1949-01,112\n", b',', true);
        check(",age\n0,31\n1,40\n", b',', true);
        check("a,,c\nd,e,f\n", b',', false);
        check("name,colour\nann,red\nbob,blue\n", b',', true);
        check("yes,no\nno,yes\nyes,no\n", b',', false);
        check("x,x\n1,2\n", b',', false);
        check("", b',', false);
        check("39, State-gov, 77516\n50, Private, 83311\n", b',', false);
    }

    #[test]
    fn separators() {
        check("a;b\n1,5;2,5\n3,5;4,5\n", b';', true);
        check("a\tb\n1\t2\n", b'\t', true);
        check("a|b|c\n1|2|3\n", b'|', true);
        check("text\nhello\nworld\n", b',', true);
        check("\"a;x\",b\n\"1;2\",3\n", b',', true);
    }

    #[test]
    fn ragged_rows_are_named() {
        assert_eq!(first_ragged(b"a,b\n1,2\n1,2,3\n", b','), Some((3, 3, 2)));
        assert_eq!(first_ragged(b"a,b\n1,2\n1\n", b','), None);
    }
}
