//! Histograms as SVG, drawn with plotters.
//!
//! The theme belongs to the window, so no colour is written here: bars take `currentColor`, and tick labels carry the
//! class `tick` and axis lines the class `rule`, which the window's style sheet paints.

use atelier_wire::studio::data::ColumnClass;
use plotters::coord::Shift;
use plotters::prelude::*;

type Outcome = Result<(), DrawingAreaErrorKind<std::io::Error>>;

const SPARK: (u32, u32) = (120, 32);
const CHART: (u32, u32) = (272, 140);

/// Stand-ins that `finish` replaces, since plotters knows only numbers as colours.
const BAR: RGBColor = RGBColor(1, 1, 1);
const TICK: RGBColor = RGBColor(2, 2, 2);
const RULE: RGBColor = RGBColor(3, 3, 3);

/// The bars alone, 120 × 32. Empty bins leave the foot free, bins with anything in them show at least one pixel.
pub(crate) fn spark(counts: &[u64]) -> String {
    draw(SPARK, "Distribution of the column", |area| {
        bars(area, counts, (0, SPARK.0 as i32), (1, SPARK.1 as i32))
    })
}

/// Bars with axes, 272 × 140: the values below, the number of rows at the left.
pub(crate) fn histogram(counts: &[u64], min: f64, max: f64, class: ColumnClass) -> String {
    const LEFT: i32 = 38;
    const RIGHT: i32 = 270;
    const TOP: i32 = 8;
    const FOOT: i32 = 120;
    draw(CHART, "Histogram of the column", |area| {
        let most = counts.iter().copied().max().unwrap_or(0).max(1);
        let tick = ("sans-serif", 13).into_font().color(&TICK);
        let style = |h, v| tick.clone().pos(plotters::style::text_anchor::Pos::new(h, v));
        use plotters::style::text_anchor::{HPos, VPos};
        for count in ticks(most) {
            let y = FOOT - ((FOOT - TOP) as f64 * count as f64 / most as f64).round() as i32;
            area.draw(&PathElement::new(vec![(LEFT, y), (RIGHT, y)], RULE))?;
            area.draw(&Text::new(short(count as f64), (LEFT - 6, y), style(HPos::Right, VPos::Center)))?;
        }
        bars(area, counts, (LEFT + 2, RIGHT), (TOP, FOOT))?;
        for (x, value, anchor) in [(LEFT + 2, min, HPos::Left), (RIGHT, max, HPos::Right)] {
            area.draw(&Text::new(label(value, class), (x, FOOT + 5), style(anchor, VPos::Top)))?;
            if min == max {
                break;
            }
        }
        Ok(())
    })
}

fn draw(size: (u32, u32), title: &str, paint: impl Fn(&DrawingArea<SVGBackend<'_>, Shift>) -> Outcome) -> String {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        let painted = paint(&area).and_then(|()| area.present());
        if let Err(error) = painted {
            tracing::warn!(%error, "a histogram could not be drawn");
            return String::new();
        }
    }
    finish(&svg, title)
}

fn bars(
    area: &DrawingArea<SVGBackend<'_>, Shift>,
    counts: &[u64],
    (left, right): (i32, i32),
    (top, foot): (i32, i32),
) -> Outcome {
    let most = counts.iter().copied().max().unwrap_or(0).max(1) as f64;
    let edge = |i: usize| left + ((right - left) as usize * i / counts.len().max(1)) as i32;
    for (i, &count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        let height = (((foot - top) as f64 * count as f64 / most).round() as i32).max(1);
        let corners = [(edge(i), foot - height), (edge(i + 1) - 1, foot)];
        area.draw(&Rectangle::new(corners, BAR.filled()))?;
    }
    Ok(())
}

/// Puts the theme's roles in the place of the stand-ins, and a title for those who listen.
fn finish(svg: &str, title: &str) -> String {
    let mut out = svg
        .replace("fill=\"#010101\"", "fill=\"currentColor\"")
        .replace("fill=\"#020202\"", "class=\"tick\" fill=\"currentColor\"")
        .replace("stroke=\"#030303\"", "class=\"rule\" stroke=\"currentColor\"");
    if let Some(end) = out.find('>') {
        out.insert_str(end, &format!(" role=\"img\" aria-label=\"{title}\""));
    }
    out
}

/// Round counts up to `most`, five at most.
fn ticks(most: u64) -> Vec<u64> {
    let mut step = 1u64;
    while most / step > 4 {
        step = match step.to_string().as_bytes()[0] {
            b'1' => step * 2,
            b'2' => step / 2 * 5,
            _ => step / 5 * 10,
        };
    }
    (0..=most / step).map(|i| i * step).collect()
}

/// `1250000` as `1.25M`.
pub(crate) fn short(value: f64) -> String {
    let (scaled, unit) = match value.abs() {
        size if size >= 1e15 || (size < 1e-3 && size > 0.0) => return format!("{value:.1e}"),
        size if size >= 1e9 => (value / 1e9, "G"),
        size if size >= 1e6 => (value / 1e6, "M"),
        size if size >= 1e4 => (value / 1e3, "k"),
        _ => (value, ""),
    };
    let digits = if scaled.abs() >= 100.0 || scaled.fract() == 0.0 { 0 } else { 2 };
    let text = format!("{scaled:.digits$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text };
    if scaled.abs() < 0.01 && scaled != 0.0 { format!("{value:.4}") } else { format!("{text}{unit}") }
}

fn label(value: f64, class: ColumnClass) -> String {
    if class == ColumnClass::Time { civil_date(value) } else { short(value) }
}

/// The day of a time in seconds since the epoch, by Howard Hinnant's `civil_from_days`
/// (<https://howardhinnant.github.io/date_algorithms.html#civil_from_days>).
pub(crate) fn civil_date(seconds: f64) -> String {
    let days = (seconds / 86_400.0).floor() as i64 + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_short(value: f64, text: &str) {
        assert_eq!(short(value), text);
    }

    #[test]
    fn numbers_are_short() {
        check_short(0.0, "0");
        check_short(1250.0, "1250");
        check_short(1_250_000.0, "1.25M");
        check_short(39_320.0, "39.32k");
        check_short(-124.35, "-124");
        check_short(0.5, "0.5");
        check_short(1e-9, "1.0e-9");
    }

    #[test]
    fn days_are_civil() {
        assert_eq!(civil_date(0.0), "1970-01-01");
        assert_eq!(civil_date(951_782_400.0), "2000-02-29");
        assert_eq!(civil_date(-1.0), "1969-12-31");
    }

    #[test]
    fn ticks_are_round() {
        assert_eq!(ticks(1), vec![0, 1]);
        assert_eq!(ticks(7), vec![0, 2, 4, 6]);
        assert_eq!(ticks(2377), vec![0, 500, 1000, 1500, 2000]);
    }

    #[test]
    fn drawings_hold_no_colour() {
        let svg = histogram(&[1, 0, 5, 2], 0.0, 10.0, ColumnClass::Float);
        assert!(svg.contains("currentColor") && !svg.contains('#'), "{svg}");
        assert!(spark(&[]).starts_with("<svg"));
    }
}
