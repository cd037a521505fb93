//! Which rows and columns are in view. Pure.

/// Height of a row in pixels; the token `--row-s`.
pub const ROW: f64 = 24.0;
/// Browsers cut elements off at some 16 million pixels: above this height the scroll bar moves faster than the rows.
const MAX_SPACE: f64 = 8_000_000.0;

/// How far the scroll bar can go.
pub fn space(num_rows: u64, view_height: f64) -> f64 {
    (num_rows as f64 * ROW - view_height).clamp(0.0, MAX_SPACE)
}

/// The row at the top, with a fraction for how much of it is scrolled away.
pub fn first_row(scroll_top: f64, num_rows: u64, view_height: f64) -> f64 {
    let hidden_rows = (num_rows as f64 - view_height / ROW).max(0.0);
    let limit = space(num_rows, view_height);
    if limit <= 0.0 { 0.0 } else { (scroll_top / limit).clamp(0.0, 1.0) * hidden_rows }
}

/// How far the scroll bar goes for `row` to stand a third below the top.
pub fn scroll_to(row: u64, num_rows: u64, view_height: f64) -> f64 {
    let hidden_rows = (num_rows as f64 - view_height / ROW).max(0.0);
    let limit = space(num_rows, view_height);
    let top = (row as f64 - view_height / ROW / 3.0).clamp(0.0, hidden_rows);
    if hidden_rows <= 0.0 { 0.0 } else { (top / hidden_rows * limit).ceil() }
}

/// The columns between `left` and `left + width`, with one more on each side; `edges` holds each column's right edge.
pub fn columns_in_view(edges: &[f64], left: f64, width: f64) -> (usize, usize) {
    let from = edges.partition_point(|edge| *edge <= left).saturating_sub(1);
    let to = (edges.partition_point(|edge| *edge < left + width) + 2).min(edges.len());
    (from, to)
}

/// A number of many places with six that count. Whole numbers stay whole.
pub fn shortened(text: String) -> String {
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() && (text.contains('.') || text.contains('e')) => {
            let size = value.abs();
            if size != 0.0 && !(1e-4..1e9).contains(&size) {
                return format!("{value:.4e}");
            }
            let places = if size == 0.0 { 0 } else { (5 - size.log10().floor() as i32).clamp(0, 9) as usize };
            format!("{value:.places$}")
        }
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_numbers_are_shortened() {
        let check = |text: &str, expected: &str| assert_eq!(shortened(text.to_owned()), expected);
        check("-0.0926954778032799", "-0.0926955");
        check("123456789012", "123456789012");
        check("-2.2603e-16", "-2.2603e-16");
        check("1234.56789", "1234.57");
        check("2024-05-01", "2024-05-01");
    }

    #[test]
    fn the_last_row_is_reached() {
        for num_rows in [10, 1_000, 10_000_000_u64] {
            let end = first_row(space(num_rows, 240.0), num_rows, 240.0);
            assert!((end - (num_rows as f64 - 10.0)).abs() < 1e-6, "{num_rows}: {end}");
        }
        assert_eq!(first_row(100.0, 5, 240.0), 0.0);
        assert_eq!(first_row(240.0, 1_000, 240.0), 10.0);
    }

    #[test]
    fn a_row_is_brought_into_view() {
        for (num_rows, row) in [(100, 50), (10_000_000, 9_999_999), (10_000_000, 5_000_000), (5, 3)] {
            let first = first_row(scroll_to(row, num_rows, 480.0), num_rows, 480.0);
            assert!(first <= row as f64 && row as f64 <= first + 20.0, "{row} of {num_rows}: {first}");
        }
    }

    #[test]
    fn columns_beside_the_view_are_left_out() {
        let edges: Vec<f64> = (1..=100).map(|i| f64::from(i) * 100.0).collect();
        assert_eq!(columns_in_view(&edges, 0.0, 300.0), (0, 4));
        assert_eq!(columns_in_view(&edges, 1_000.0, 300.0), (9, 14));
        assert_eq!(columns_in_view(&edges, 9_700.0, 300.0), (96, 100));
        assert_eq!(columns_in_view(&[], 0.0, 300.0), (0, 0));
    }
}
