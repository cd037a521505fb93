//! Distributions and courses: one or two columns along axes.

use super::groups::{Pot, by_value, split, word};
use super::{Drawing, Input, Marks, compute};
use crate::error::Result;
use crate::profile::numbers::{bins, num_bins, quantile};
use atelier_wire::studio::data::chart::{Aggregate, ChartSeries};
use polars::prelude::*;

/// More points than this become a density grid.
const MAX_POINTS: usize = 20_000;
/// Places along a line's x axis, beyond which values are put together.
const MAX_PLACES: usize = 2000;
const GRID: (usize, usize) = (90, 60);
/// Boxes whose outliers are counted one by one; of more, all together.
const MOST_NAMED: usize = 6;

fn span(values: &[f64]) -> Option<(f64, f64)> {
    values.iter().copied().filter(|value| value.is_finite()).fold(None, |span, value| {
        Some(span.map_or((value, value), |(low, high): (f64, f64)| (low.min(value), high.max(value))))
    })
}

fn middle(low: f64, high: f64, i: usize, count: usize) -> f64 {
    low + (high - low) * (i as f64 + 0.5) / count as f64
}

fn left_out(values: &[f64], column: &str, notes: &mut Vec<String>) -> u64 {
    let gone = values.iter().filter(|value| !value.is_finite()).count();
    if gone > 0 {
        notes.push(format!("{gone} rows without a finite {column} are left out."));
    }
    (values.len() - gone) as u64
}

pub(super) fn histogram(input: &Input<'_>) -> Result<Drawing> {
    let x = input.x()?;
    if !input.is_number(x)? {
        let mut drawing = bar(input)?;
        drawing.title = format!("Values of {x}");
        return Ok(drawing);
    }
    let mut drawing = Drawing {
        marks: Marks::Bars,
        title: format!("Distribution of {x}"),
        x_label: x.to_owned(),
        y_label: "rows".to_owned(),
        x_time: input.is_time(x)?,
        ..Drawing::default()
    };
    let values = input.floats(x)?;
    drawing.num_used = left_out(&values, x, &mut drawing.notes);
    let Some((low, high)) = span(&values) else { return input.refuse(format!("`{x}` has no value to draw")) };
    let count = input.spec.bins.map_or_else(
        || num_bins(&input.shown.dtype(x).unwrap_or(DataType::Float64), low, high).max(1),
        |bins| (bins as usize).clamp(1, 500),
    );
    let (colors, facets) = split(input, &mut drawing.notes)?;
    let mut groups: Vec<Vec<f64>> = vec![Vec::new(); colors.names.len() * facets.names.len()];
    for (row, value) in values.into_iter().enumerate() {
        if let (Some(color), Some(facet), true) = (colors.get(row), facets.get(row), value.is_finite()) {
            groups[facet * colors.names.len() + color].push(value);
        }
    }
    let centres: Vec<f64> = (0..count).map(|i| middle(low, high, i, count)).collect();
    for (i, values) in groups.into_iter().enumerate() {
        let counts = bins(values.into_iter(), low, high, count);
        drawing.series.push(ChartSeries {
            name: colors.names[i % colors.names.len()].clone(),
            facet: facets.names[i / colors.names.len()].clone(),
            x: centres.clone(),
            y: counts.into_iter().map(|count| count as f64).collect(),
            ..ChartSeries::default()
        });
    }
    (drawing.colors, drawing.facets) = (colors.names, facets.names);
    Ok(drawing)
}

/// The aggregate that a chart of `y` uses, and its label.
fn measure(input: &Input<'_>, y: Option<&str>, usual: Aggregate) -> (Aggregate, String) {
    match y {
        None => (Aggregate::Count, "rows".to_owned()),
        Some(y) => {
            let what = input.spec.aggregate.unwrap_or(usual);
            (
                what,
                if what == Aggregate::Count {
                    "rows".to_owned()
                } else {
                    format!("{} of {y}", word(what).replace("n_unique", "distinct values"))
                },
            )
        }
    }
}

pub(super) fn bar(input: &Input<'_>) -> Result<Drawing> {
    let x = input.x()?;
    let y = input.spec.y.first().map(String::as_str);
    let (what, label) = measure(input, y, Aggregate::Mean);
    let mut drawing = Drawing {
        marks: Marks::Bars,
        title: format!("{label} by {x}"),
        x_label: x.to_owned(),
        y_label: label,
        ..Drawing::default()
    };
    let places = by_value(input, x, input.spec.top.unwrap_or(20).clamp(1, 200) as usize, false, &mut drawing.notes)?;
    let values = match y {
        Some(y) if what != Aggregate::Count => Some(input.floats(y)?),
        _ => None,
    };
    let (colors, facets) = split(input, &mut drawing.notes)?;
    let mut pots = vec![Pot::default(); places.names.len() * colors.names.len() * facets.names.len()];
    for row in 0..input.shown.len() {
        if let (Some(place), Some(color), Some(facet)) = (places.get(row), colors.get(row), facets.get(row)) {
            pots[(facet * colors.names.len() + color) * places.names.len() + place]
                .add(values.as_ref().map_or(0.0, |values| values[row]), what);
            drawing.num_used += 1;
        }
    }
    for (i, pots) in pots.chunks(places.names.len().max(1)).enumerate() {
        drawing.series.push(ChartSeries {
            name: colors.names[i % colors.names.len()].clone(),
            facet: facets.names[i / colors.names.len()].clone(),
            labels: places.names.clone(),
            x: (0..places.names.len()).map(|place| place as f64).collect(),
            y: pots.iter().map(|pot| pot.clone().result(what).unwrap_or(f64::NAN)).collect(),
            ..ChartSeries::default()
        });
    }
    drawing.x_names = places.names;
    (drawing.colors, drawing.facets) = (colors.names, facets.names);
    Ok(drawing)
}

pub(super) fn line(input: &Input<'_>, marks: Marks) -> Result<Drawing> {
    let x = input.x()?;
    if !input.is_number(x)? {
        return Ok(Drawing { marks, ..bar(input)? });
    }
    let at = input.floats(x)?;
    course(input, at, marks, input.is_time(x)?, format!("by {x}"))
}

pub(super) fn time_series(input: &Input<'_>) -> Result<Drawing> {
    let x = input.x()?;
    if !input.is_time(x)? {
        return input.refuse(format!(
            "`{x}` holds {}, and a time series needs dates or times: parse it with a step",
            input.shown.dtype(x)?
        ));
    }
    let series = input.shown.column(x)?;
    let all = input.floats(x)?;
    let Some((low, high)) = span(&all) else { return input.refuse(format!("`{x}` has no value to draw")) };
    let every = match &input.spec.every {
        Some(every) => every.clone(),
        // The shortest that gives at most 250 points.
        None => [
            ("1s", 1.0),
            ("1m", 60.0),
            ("5m", 300.0),
            ("15m", 900.0),
            ("1h", 3600.0),
            ("6h", 21_600.0),
            ("1d", 86_400.0),
            ("1w", 604_800.0),
            ("1mo", 2_629_800.0),
            ("1q", 7_889_400.0),
        ]
        .iter()
        .find(|(_, seconds)| {
            (high - low) / seconds <= 250.0 && (*seconds >= 86_400.0 || !matches!(series.dtype(), DataType::Date))
        })
        .map_or("1y", |(every, _)| every)
        .to_owned(),
    };
    if Duration::try_parse(&every).is_err() {
        return input.refuse(format!("`{every}` is no span of time: write 1h, 1d, 1w, 1mo or 1y"));
    }
    let frame = series
        .with_name("x".into())
        .into_frame()
        .lazy()
        .select([col("x").dt().truncate(lit(every.clone()))])
        .collect()
        .map_err(|error| compute(input, &error))?;
    let at = crate::profile::numbers::floats_by_row(frame.columns()[0].as_materialized_series())
        .map_err(|error| compute(input, &error))?;
    let mut drawing = course(input, at, Marks::Line, true, format!("by {every} of {x}"))?;
    drawing.notes.push(format!("Resampled to {every}."));
    Ok(drawing)
}

/// An aggregate of one or more columns along numbers.
fn course(input: &Input<'_>, mut at: Vec<f64>, marks: Marks, time: bool, by: String) -> Result<Drawing> {
    let x = input.x()?;
    let ys: Vec<Option<&str>> = if input.spec.y.is_empty() {
        vec![None]
    } else {
        input.spec.y.iter().take(8).map(|y| Some(y.as_str())).collect()
    };
    let (what, label) = measure(input, ys[0], Aggregate::Mean);
    let label = if ys.len() > 1 { word(what).to_owned() } else { label };
    let mut drawing = Drawing {
        marks,
        title: format!("{label} {by}"),
        x_label: x.to_owned(),
        y_label: label,
        x_time: time,
        ..Drawing::default()
    };
    drawing.num_used = left_out(&at, x, &mut drawing.notes);
    let mut places: Vec<f64> = at.iter().copied().filter(|value| value.is_finite()).collect();
    places.sort_unstable_by(f64::total_cmp);
    places.dedup();
    if places.len() > MAX_PLACES
        && let (Some(&low), Some(&high)) = (places.first(), places.last())
    {
        let count = MAX_PLACES / 4;
        drawing.notes.push(format!("{} different {x} are put together in {count} equal spans.", places.len()));
        let place = |value: f64| {
            middle(low, high, (((value - low) / (high - low) * count as f64) as usize).min(count - 1), count)
        };
        at.iter_mut().filter(|value| value.is_finite()).for_each(|value| *value = place(*value));
        places = (0..count).map(|i| middle(low, high, i, count)).collect();
    }
    let (mut colors, facets) = split(input, &mut drawing.notes)?;
    if ys.len() > 1 {
        colors = super::groups::Groups::one(at.len());
    }
    for y in &ys {
        let values = match y {
            Some(y) if what != Aggregate::Count => Some(input.floats(y)?),
            _ => None,
        };
        let mut pots = vec![Pot::default(); places.len() * colors.names.len() * facets.names.len()];
        for (row, value) in at.iter().enumerate().filter(|(_, value)| value.is_finite()) {
            let place = places.partition_point(|place| place < value).min(places.len() - 1);
            if let (Some(color), Some(facet)) = (colors.get(row), facets.get(row)) {
                pots[(facet * colors.names.len() + color) * places.len() + place]
                    .add(values.as_ref().map_or(0.0, |values| values[row]), what);
            }
        }
        for (i, pots) in pots.chunks(places.len().max(1)).enumerate() {
            let color = colors.names[i % colors.names.len()].clone();
            let points: Vec<(f64, f64)> = places
                .iter()
                .copied()
                .zip(pots)
                .filter(|(_, pot)| pot.count > 0)
                .filter_map(|(x, pot)| Some((x, pot.clone().result(what)?)))
                .collect();
            drawing.series.push(ChartSeries {
                name: if ys.len() > 1 { y.unwrap_or_default().to_owned() } else { color },
                facet: facets.names[i / colors.names.len()].clone(),
                x: points.iter().map(|point| point.0).collect(),
                y: points.iter().map(|point| point.1).collect(),
                ..ChartSeries::default()
            });
        }
    }
    drawing.colors = if ys.len() > 1 { ys.iter().flatten().map(|y| (*y).to_owned()).collect() } else { colors.names };
    drawing.facets = facets.names;
    Ok(drawing)
}

pub(super) fn scatter(input: &Input<'_>) -> Result<Drawing> {
    let (x, y) = (input.x()?, input.y()?);
    let mut drawing = Drawing {
        marks: Marks::Points,
        title: format!("{y} against {x}"),
        x_label: x.to_owned(),
        y_label: y.to_owned(),
        x_time: input.is_time(x)?,
        y_time: input.is_time(y)?,
        ..Drawing::default()
    };
    let (across, up) = (input.floats(x)?, input.floats(y)?);
    let both = || across.iter().zip(&up).filter(|(x, y)| x.is_finite() && y.is_finite());
    drawing.num_used = both().count() as u64;
    if drawing.num_used < across.len() as u64 {
        drawing
            .notes
            .push(format!("{} rows without both values are left out.", across.len() as u64 - drawing.num_used));
    }
    let (colors, facets) = split(input, &mut drawing.notes)?;
    let (Some((left, right)), Some((foot, top))) = (span(&across), span(&up)) else {
        return input.refuse("there is no row with both values");
    };
    if drawing.num_used as usize > MAX_POINTS {
        drawing.marks = Marks::Cells;
        drawing.notes.push(format!(
            "{} points are drawn as the number of them in each of {} × {} cells.",
            drawing.num_used, GRID.0, GRID.1
        ));
        if colors.names.len() > 1 {
            drawing.notes.push("Cells show how many there are, not the colour's column.".to_owned());
        }
        let place = |value: f64, low: f64, high: f64, count: usize| {
            if high > low { (((value - low) / (high - low) * count as f64) as usize).min(count - 1) } else { count / 2 }
        };
        for (facet, name) in facets.names.iter().enumerate() {
            let mut cells = vec![0u32; GRID.0 * GRID.1];
            for (row, (x, y)) in across.iter().zip(&up).enumerate() {
                if x.is_finite() && y.is_finite() && facets.get(row) == Some(facet) {
                    cells[place(*y, foot, top, GRID.1) * GRID.0 + place(*x, left, right, GRID.0)] += 1;
                }
            }
            let mut series = ChartSeries { facet: name.clone(), ..ChartSeries::default() };
            for (i, count) in cells.into_iter().enumerate().filter(|(_, count)| *count > 0) {
                series.x.push(middle(left, right, i % GRID.0, GRID.0));
                series.y.push(middle(foot, top, i / GRID.0, GRID.1));
                series.z.push(f64::from(count));
            }
            drawing.series.push(series);
        }
        drawing.facets = facets.names;
        return Ok(drawing);
    }
    let mut series: Vec<ChartSeries> = (0..colors.names.len() * facets.names.len())
        .map(|i| ChartSeries {
            name: colors.names[i % colors.names.len()].clone(),
            facet: facets.names[i / colors.names.len()].clone(),
            ..ChartSeries::default()
        })
        .collect();
    for (row, (x, y)) in across.iter().zip(&up).enumerate().filter(|(_, (x, y))| x.is_finite() && y.is_finite()) {
        if let (Some(color), Some(facet)) = (colors.get(row), facets.get(row)) {
            let series = &mut series[facet * colors.names.len() + color];
            series.x.push(*x);
            series.y.push(*y);
        }
    }
    drawing.series = series;
    (drawing.colors, drawing.facets) = (colors.names, facets.names);
    Ok(drawing)
}

/// Box plots (whiskers to the farthest value within 1.5 interquartile ranges, Tukey 1977) or violins (a Gaussian kernel
/// with Scott's bandwidth, 1.06 σ n^-1/5, over 256 bins).
pub(super) fn boxes(input: &Input<'_>, violin: bool) -> Result<Drawing> {
    let y = input.y()?;
    let by = input.spec.x.as_ref().or(input.spec.color.as_ref()).filter(|name| !name.is_empty());
    let marks = if violin { Marks::Violins } else { Marks::Boxes };
    let mut drawing = Drawing {
        marks,
        title: by.map_or_else(|| format!("Spread of {y}"), |by| format!("{y} by {by}")),
        x_label: by.cloned().unwrap_or_default(),
        y_label: y.to_owned(),
        y_time: input.is_time(y)?,
        ..Drawing::default()
    };
    let values = input.floats(y)?;
    drawing.num_used = left_out(&values, y, &mut drawing.notes);
    let groups = match by {
        Some(by) => by_value(input, by, input.spec.top.unwrap_or(12).clamp(1, 50) as usize, false, &mut drawing.notes)?,
        None => super::groups::Groups::one(values.len()),
    };
    let (_, facets) = split(input, &mut drawing.notes)?;
    // Of each box, and whose they are.
    let mut beyond: Vec<(usize, String)> = Vec::new();
    for (f, facet) in facets.names.iter().enumerate() {
        let mut parts: Vec<Vec<f64>> = vec![Vec::new(); groups.names.len()];
        for (row, value) in values.iter().enumerate().filter(|(_, value)| value.is_finite()) {
            if let (Some(group), true) = (groups.get(row), facets.get(row) == Some(f)) {
                parts[group].push(*value);
            }
        }
        for (i, mut part) in parts.into_iter().enumerate().filter(|(_, part)| !part.is_empty()) {
            input.cancel.check()?;
            part.sort_unstable_by(f64::total_cmp);
            let q = |q: f64| quantile(part.len(), q, |i| part[i]);
            let mut series = ChartSeries {
                name: groups.names[i].clone(),
                facet: facet.clone(),
                x: vec![i as f64],
                ..ChartSeries::default()
            };
            if violin {
                (series.y, series.z) = density(&part);
            } else {
                let (low, high) = (q(0.25), q(0.75));
                let reach = 1.5 * (high - low);
                let lower = part.iter().copied().find(|value| *value >= low - reach).unwrap_or(low);
                let upper = part.iter().rev().copied().find(|value| *value <= high + reach).unwrap_or(high);
                series.y = vec![lower, low, q(0.5), high, upper];
                let outside = part.iter().filter(|value| **value < lower || **value > upper).count();
                if outside > 0 {
                    let whose =
                        if groups.names[i].is_empty() { String::new() } else { format!(" of {}", groups.names[i]) };
                    beyond.push((outside, whose));
                }
            }
            drawing.series.push(series);
        }
    }
    if beyond.len() > MOST_NAMED {
        beyond = vec![(beyond.iter().map(|(outside, _)| outside).sum(), String::new())];
    }
    let note = |(outside, whose): &(usize, String)| format!("{outside} values{whose} lie beyond the whiskers.");
    drawing.notes.extend(beyond.iter().map(note));
    drawing.x_names = groups.names;
    drawing.facets = facets.names;
    Ok(drawing)
}

fn density(sorted: &[f64]) -> (Vec<f64>, Vec<f64>) {
    const BINS: usize = 256;
    const PLACES: usize = 64;
    let n = sorted.len() as f64;
    let (low, high) = (sorted[0], sorted[sorted.len() - 1]);
    let mean = sorted.iter().sum::<f64>() / n;
    let deviation = (sorted.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0).max(1.0)).sqrt();
    let width = (1.06 * deviation * n.powf(-0.2)).max((high - low) / 200.0).max(f64::MIN_POSITIVE);
    let counts = bins(sorted.iter().copied(), low, high, BINS);
    let (from, to) = (low - 2.0 * width, high + 2.0 * width);
    let at: Vec<f64> = (0..PLACES).map(|i| from + (to - from) * i as f64 / (PLACES - 1) as f64).collect();
    let kernel = |place: f64| {
        let near = |(i, count): (usize, &u64)| {
            *count as f64 * (-0.5 * ((place - middle(low, high, i, BINS)) / width).powi(2)).exp()
        };
        counts.iter().enumerate().filter(|(_, count)| **count > 0).map(near).sum::<f64>()
            / (n * width * (2.0 * std::f64::consts::PI).sqrt())
    };
    let height = at.iter().map(|place| kernel(*place)).collect();
    (at, height)
}
