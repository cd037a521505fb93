//! Axes: from values to pixels, and where the ticks stand. Pure.

/// A straight axis from values to pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    pub low: f64,
    pub high: f64,
    pub from: f64,
    pub to: f64,
}

impl Scale {
    pub fn new((low, high): (f64, f64), (from, to): (f64, f64)) -> Self {
        // An axis of no length would divide by zero: it gets one around its only value.
        let (low, high) = if high > low { (low, high) } else { (low - 0.5, low + 0.5) };
        Self { low, high, from, to }
    }

    pub fn pixel(&self, value: f64) -> f64 {
        self.from + (value - self.low) / (self.high - self.low) * (self.to - self.from)
    }

    pub fn value(&self, pixel: f64) -> f64 {
        self.low + (pixel - self.from) / (self.to - self.from) * (self.high - self.low)
    }
}

/// The round step (1, 2, 2.5 or 5 times a power of ten) that gives at most `most` ticks over `span`.
pub fn step(span: f64, most: usize) -> f64 {
    if !span.is_finite() || span <= 0.0 {
        return 1.0;
    }
    let raw = span / most.max(1) as f64;
    let power = 10f64.powf(raw.log10().floor());
    let times = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().find(|times| times * power >= raw * 0.999_999).unwrap_or(10.0);
    times * power
}

/// Ticks at round values inside `low..=high`.
pub fn ticks(low: f64, high: f64, step: f64) -> Vec<f64> {
    let first = (low / step - 1e-9).ceil() as i64;
    let last = (high / step + 1e-9).floor() as i64;
    (first..=last.min(first + 50)).map(|i| i as f64 * step).collect()
}

/// The value axis of a chart: from zero where that shows the shape still or is asked for, else around the values; its
/// ends are round.
pub fn value_axis(low: f64, high: f64, most: usize, from_zero: bool) -> (f64, f64, f64) {
    let zero = low >= 0.0 && (from_zero || low < high * 0.5 || low == high);
    let low = if zero { 0.0 } else { low };
    let span = if high > low { high - low } else { 1.0 };
    let step = step(span, most);
    let bottom = (low / step + 1e-9).floor() * step;
    let top = (high / step - 1e-9).ceil() * step;
    (bottom, if top > bottom { top } else { bottom + step }, step)
}

/// The step of a time axis in seconds.
pub fn time_step(span: f64, most: usize) -> f64 {
    const STEPS: [f64; 17] = [
        1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0, 21_600.0, 43_200.0,
        86_400.0,
    ];
    let raw = span / most.max(1) as f64;
    STEPS.into_iter().find(|step| *step >= raw).unwrap_or_else(|| (raw / 86_400.0).ceil() * 86_400.0)
}

/// A tick's value in as few characters as its step allows: `40k`, `2.5`, `1,000`.
pub fn tick_text(value: f64, step: f64) -> String {
    let (scaled, unit, step) = match value.abs().max(step) {
        size if size >= 1e9 => (value / 1e9, "G", step / 1e9),
        size if size >= 1e6 => (value / 1e6, "M", step / 1e6),
        size if size >= 1e4 => (value / 1e3, "k", step / 1e3),
        _ => (value, "", step),
    };
    if value == 0.0 {
        return "0".into();
    }
    if step < 1e-6 {
        return format!("{value:.1e}");
    }
    let places = (0..7)
        .find(|places| {
            (step * 10f64.powi(*places)).fract().abs() < 1e-6 || (step * 10f64.powi(*places)).fract() > 1.0 - 1e-6
        })
        .unwrap_or(6);
    let text = format!("{:.*}", places as usize, scaled.abs());
    let text = match text.split_once('.') {
        Some((whole, rest)) => format!("{}.{rest}", grouped(whole)),
        None => grouped(&text),
    };
    format!("{}{text}{unit}", if value < 0.0 { "−" } else { "" })
}

fn grouped(whole: &str) -> String {
    whole.parse().map_or_else(|_| whole.to_owned(), super::super::format::count)
}

/// Thins a line to what `width` pixels can show: the first, least, greatest and last point of each pixel column.
pub fn thinned(points: &[(f64, f64)], width: f64) -> Vec<(f64, f64)> {
    let columns = width.max(1.0) as usize;
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return Vec::new() };
    if points.len() <= columns * 3 || last.0 <= first.0 {
        return points.to_vec();
    }
    let column = |x: f64| ((x - first.0) / (last.0 - first.0) * columns as f64) as usize;
    let mut out = Vec::with_capacity(columns * 4);
    for group in points.chunk_by(|a, b| column(a.0) == column(b.0)) {
        let mut kept = [0, group.len() - 1, 0, 0];
        for (i, point) in group.iter().enumerate() {
            if point.1 < group[kept[2]].1 {
                kept[2] = i;
            }
            if point.1 > group[kept[3]].1 {
                kept[3] = i;
            }
        }
        kept.sort_unstable();
        out.extend(kept.iter().enumerate().filter(|(n, i)| *n == 0 || kept[n - 1] != **i).map(|(_, i)| group[*i]));
    }
    out
}

/// Moves labels apart so that none is closer than `gap` to the next, keeping their order and staying in `top..=foot`.
pub fn apart(wanted: &[f64], gap: f64, top: f64, foot: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|a, b| wanted[*a].total_cmp(&wanted[*b]));
    let mut placed = wanted.to_vec();
    for pair in 1..order.len() {
        placed[order[pair]] = placed[order[pair]].max(placed[order[pair - 1]] + gap);
    }
    let mut limit = foot;
    for &i in order.iter().rev() {
        placed[i] = placed[i].min(limit).max(top);
        limit = placed[i] - gap;
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_round() {
        assert_eq!(step(100.0, 5), 20.0);
        assert_eq!(step(6000.0, 6), 1000.0);
        assert_eq!(step(0.9, 4), 0.25);
        assert_eq!(step(0.0, 4), 1.0);
        assert_eq!(time_step(900.0, 5), 300.0);
    }

    #[test]
    fn value_axes_start_at_zero_where_it_shows_the_shape() {
        assert_eq!(value_axis(12_000.0, 98_000.0, 5, false), (0.0, 100_000.0, 20_000.0));
        assert_eq!(value_axis(80.0, 88.0, 4, false), (80.0, 88.0, 2.0));
        assert_eq!(value_axis(80.0, 88.0, 5, true), (0.0, 100.0, 20.0));
        assert_eq!(value_axis(0.0, 0.0, 4, false), (0.0, 0.25, 0.25));
        assert_eq!(value_axis(4.0, 4.0, 4, false), (0.0, 4.0, 1.0));
        assert_eq!(value_axis(-3.0, 4.0, 4, true), (-4.0, 4.0, 2.0));
    }

    #[test]
    fn ticks_are_short() {
        assert_eq!(tick_text(40_000.0, 20_000.0), "40k");
        assert_eq!(tick_text(2.5, 2.5), "2.5");
        assert_eq!(tick_text(1000.0, 1000.0), "1,000");
        assert_eq!(tick_text(0.05, 0.05), "0.05");
        assert_eq!(tick_text(-5.0, 5.0), "−5");
        assert_eq!(ticks(0.3, 1.01, 0.25), vec![0.5, 0.75, 1.0]);
    }

    #[test]
    fn thinning_keeps_the_extremes() {
        let points: Vec<(f64, f64)> =
            (0..10_000).map(|i| (f64::from(i), if i == 5_003 { 9.0 } else { f64::from(i % 3) })).collect();
        let thin = thinned(&points, 100.0);
        assert!(thin.len() <= 404 && thin.contains(&(5_003.0, 9.0)));
        assert_eq!(thinned(&points[..10], 100.0).len(), 10);
    }

    #[test]
    fn labels_do_not_overlap() {
        assert_eq!(apart(&[10.0, 12.0], 12.0, 0.0, 100.0), vec![10.0, 22.0]);
        assert_eq!(apart(&[99.0, 98.0], 12.0, 0.0, 100.0), vec![100.0, 88.0]);
    }
}
