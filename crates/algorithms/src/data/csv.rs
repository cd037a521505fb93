//! CSV without a header: numbers only, empty cells are missing.
//!
//! The containers split on the delimiter and know no quotes, so neither does this.

use super::{RowError, Rows};

/// The delimiter of a CSV text, by its first line: the first of these that stands in it. None: one column.
pub fn delimiter(text: &str) -> Option<u8> {
    let line = text.lines().next().unwrap_or_default();
    [b',', b'\t', b';', b'|', b' '].into_iter().find(|d| line.as_bytes().contains(d))
}

/// A body's text, or what is wrong with it.
pub fn text(body: &[u8]) -> Result<&str, RowError> {
    std::str::from_utf8(body).map_err(|e| {
        let row = body[..e.valid_up_to()].iter().filter(|b| **b == b'\n').count() + 1;
        RowError::new(row, "the text is not UTF-8")
    })
}

/// Parses rows of one width. Values are read as 64-bit floats and then rounded to 32, as numpy and XGBoost do.
pub fn rows(text: &str, delimiter: u8) -> Result<Rows, RowError> {
    let mut rows = Rows::default();
    // Numbers in CSV seldom take less than four bytes with their delimiter.
    rows.values.reserve(text.len() / 4 + 1);
    let delimiter = delimiter as char;
    for (i, line) in text.trim_end_matches(['\n', '\r']).split('\n').enumerate() {
        let line = line.strip_suffix('\r').unwrap_or(line);
        let before = rows.values.len();
        for (column, cell) in line.split(delimiter).enumerate() {
            rows.values.push(number(cell).ok_or_else(|| not_a_number(i, column, cell))?);
        }
        let width = rows.values.len() - before;
        if i == 0 {
            rows.width = width;
        } else if line.trim().is_empty() && rows.width > 1 {
            return Err(RowError::new(i + 1, "the line is empty"));
        } else if width != rows.width {
            return Err(RowError::new(i + 1, format!("{width} columns where row 1 has {}", rows.width)));
        }
    }
    Ok(rows)
}

fn number(cell: &str) -> Option<f32> {
    let cell = cell.trim_matches([' ', '\t']);
    if cell.is_empty() { Some(f32::NAN) } else { cell.parse::<f64>().ok().map(|v| v as f32) }
}

fn not_a_number(row: usize, column: usize, cell: &str) -> RowError {
    let shown: String = cell.trim().chars().take(40).collect();
    RowError::new(row + 1, format!("could not convert string to float: '{shown}' (column {})", column + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<(usize, &[f32]), &str>) {
        let parsed = rows(text, delimiter(text).unwrap_or(b','));
        match (parsed, expected) {
            (Ok(rows), Ok((width, values))) => {
                assert_eq!(rows.width, width, "{text:?}");
                let same = |a: &f32, b: &f32| a == b || (a.is_nan() && b.is_nan());
                assert!(
                    rows.values.len() == values.len() && rows.values.iter().zip(values).all(|(a, b)| same(a, b)),
                    "{rows:?}"
                );
            }
            (Err(e), Err(message)) => assert_eq!(e.to_string(), message),
            (parsed, expected) => panic!("{text:?}: {parsed:?}, expected {expected:?}"),
        }
    }

    #[test]
    fn numbers_gaps_and_errors() {
        check("1,2\n3,4\n", Ok((2, &[1., 2., 3., 4.])));
        check("1,2\r\n3,4", Ok((2, &[1., 2., 3., 4.])));
        check("1;2.5e3", Ok((2, &[1., 2500.])));
        check("1\t-2", Ok((2, &[1., -2.])));
        check("5", Ok((1, &[5.])));
        check("1,,nan", Ok((3, &[1., f32::NAN, f32::NAN])));
        check(" 1, 2 ", Ok((2, &[1., 2.])));
        check("1,2\n3", Err("row 2: 1 columns where row 1 has 2"));
        check("1,2\n\n3,4", Err("row 2: the line is empty"));
        check("1,2\n3,x", Err("row 2: could not convert string to float: 'x' (column 2)"));
        assert_eq!(super::text(b"1,2\n\xff").expect_err("not text").row, 2);
    }
}
