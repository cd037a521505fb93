//! What a delimited file does not say about itself: its separator, its quote, its decimal mark, and whether its first
//! row names the columns.
//!
//! Files for SageMaker's built-in algorithms have no header, files from anywhere else mostly do, so neither can be
//! assumed. The decision is made on the first rows alone and can be overridden in the window.

use crate::error::{ExploreError, Result};
use atelier_wire::studio::data::view::ReadOptions;

/// Rows looked at.
const SAMPLE_ROWS: usize = 1000;
const SEPARATORS: [u8; 4] = [b',', b'\t', b';', b'|'];
/// What reads as a missing value unless the options say otherwise.
pub(crate) const MISSING: [&str; 9] = ["", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "?"];

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dialect {
    pub separator: u8,
    pub quote: Option<u8>,
    pub comment: Option<String>,
    pub decimal_comma: bool,
    pub header: bool,
    pub skip_rows: usize,
    pub missing: Vec<String>,
}

/// The one byte that an option names.
fn byte(source: &str, what: &str, text: &str) -> Result<u8> {
    match text.as_bytes() {
        [byte] => Ok(*byte),
        _ if text == "\\t" => Ok(b'\t'),
        _ => Err(ExploreError::refused(source, format!("the {what} must be one ASCII character, not `{text}`"))),
    }
}

impl Dialect {
    /// Looks at the start of `text` for all that `options` leave open.
    pub fn detect(text: &[u8], fixed: Option<u8>, options: &ReadOptions, source: &str) -> Result<Dialect> {
        let quote = match options.quote.as_deref() {
            None => Some(b'"'),
            Some("") => None,
            Some(text) => Some(byte(source, "quote", text)?),
        };
        let comment = options.comment.clone().filter(|comment| !comment.is_empty());
        let skip_rows = options.skip_rows.unwrap_or(0).min(1_000_000) as usize;
        let sampler = Sampler { text, quote, comment: comment.as_deref(), skip_rows };
        let separator = match &options.delimiter {
            Some(text) => byte(source, "delimiter", text)?,
            None => fixed.unwrap_or_else(|| sampler.separator()),
        };
        let rows = sampler.rows(separator);
        let missing =
            options.null_values.clone().unwrap_or_else(|| MISSING.iter().map(|&text| text.to_owned()).collect());
        Ok(Dialect {
            separator,
            quote,
            comment,
            decimal_comma: options.decimal_comma.unwrap_or_else(|| separator != b',' && has_decimal_comma(&rows)),
            header: options.header.unwrap_or_else(|| has_header(&rows)),
            skip_rows,
            missing,
        })
    }

    /// The rows at the start of `text`, with the header if there is one.
    pub fn rows(&self, text: &[u8]) -> Vec<Vec<String>> {
        Sampler { text, quote: self.quote, comment: self.comment.as_deref(), skip_rows: self.skip_rows }
            .rows(self.separator)
    }

    pub fn reader(&self) -> csv::ReaderBuilder {
        reader(self.separator, self.quote)
    }

    pub fn is_comment(&self, line: &[u8]) -> bool {
        self.comment.as_ref().is_some_and(|comment| line.starts_with(comment.as_bytes()))
    }
}

fn reader(separator: u8, quote: Option<u8>) -> csv::ReaderBuilder {
    let mut builder = csv::ReaderBuilder::new();
    builder.has_headers(false).flexible(true).delimiter(separator);
    match quote {
        Some(quote) => builder.quote(quote),
        None => builder.quoting(false),
    };
    builder
}

struct Sampler<'a> {
    text: &'a [u8],
    quote: Option<u8>,
    comment: Option<&'a str>,
    skip_rows: usize,
}

impl Sampler<'_> {
    fn rows(&self, separator: u8) -> Vec<Vec<String>> {
        let mut reader = reader(separator, self.quote).from_reader(self.text);
        let records = reader.byte_records().map_while(std::result::Result::ok);
        let kept = records.filter(|record| {
            !self.comment.is_some_and(|mark| record.get(0).is_some_and(|first| first.starts_with(mark.as_bytes())))
        });
        kept.skip(self.skip_rows)
            .take(SAMPLE_ROWS)
            .map(|r| r.iter().map(|f| String::from_utf8_lossy(f).trim().to_owned()).collect())
            .collect()
    }

    /// The separator that splits most rows into the same number of fields, more fields winning, a comma at a tie.
    fn separator(&self) -> u8 {
        let score = |&candidate: &u8| {
            let rows = self.rows(candidate);
            let width = rows.first().map_or(0, Vec::len);
            let even = rows.iter().filter(|row| row.len() == width).count();
            if width < 2 { 0 } else { even * 1000 / rows.len() * 100 + width.min(99) }
        };
        // `max_by_key` takes the last of equals; the list is walked backwards so that the comma is last.
        SEPARATORS.iter().rev().copied().max_by_key(score).unwrap_or(b',')
    }
}

/// Whether numbers are written `1,5`: some are, and none is written `1.5`.
fn has_decimal_comma(rows: &[Vec<String>]) -> bool {
    let number = |field: &str, mark: char| {
        let mut parts = field.trim_start_matches('-').split(mark);
        let digits = |part: Option<&str>| {
            part.is_some_and(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
        };
        digits(parts.next()) && digits(parts.next()) && parts.next().is_none()
    };
    let fields = || rows.iter().skip(1).flatten();
    fields().any(|field| number(field, ',')) && !fields().any(|field| number(field, '.'))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, separator: u8, header: bool) {
        let dialect = Dialect::detect(text.as_bytes(), None, &ReadOptions::default(), "a").unwrap();
        assert_eq!((dialect.separator, dialect.header), (separator, header), "{text}");
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
    fn options_win() {
        let options = ReadOptions {
            delimiter: Some(";".into()),
            header: Some(false),
            comment: Some("#".into()),
            skip_rows: Some(1),
            ..ReadOptions::default()
        };
        let dialect = Dialect::detect(b"# note\ntitle\n1,2;3\n", None, &options, "a").unwrap();
        assert_eq!(dialect.rows(b"# note\ntitle\n1,2;3\n"), vec![vec!["1,2".to_owned(), "3".to_owned()]]);
        let bad = ReadOptions { delimiter: Some("ab".into()), ..ReadOptions::default() };
        assert!(Dialect::detect(b"a", None, &bad, "a").is_err());
    }

    #[test]
    fn decimal_commas() {
        let check = |text: &str, expected| {
            assert_eq!(
                Dialect::detect(text.as_bytes(), None, &ReadOptions::default(), "a").unwrap().decimal_comma,
                expected,
                "{text}"
            )
        };
        check("a;b\n1,5;x\n2,5;y\n", true);
        check("a;b\n1,5;1.5\n", false);
        check("a,b\n1,5\n", false);
    }
}
