//! Drawings as SVG, painted with plotters.
//!
//! Text and rules take `currentColor`; marks take `var(--chart-n, …)` with Okabe and Ito's colours behind it, so that a
//! theme can repaint them and the file still stands alone. Everything a table says is escaped by plotters.

use super::labels::{civil_date, short};
use super::{Drawing, Marks};
use atelier_wire::studio::data::chart::ChartSeries;
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Outcome = Result<(), DrawingAreaErrorKind<std::io::Error>>;

/// Okabe and Ito (2008), without their black.
const PALETTE: [&str; 8] = ["#0072b2", "#e69f00", "#009e73", "#d55e00", "#56b4e9", "#cc79a7", "#f0e442", "#7f7f7f"];
/// Stand-ins that `finish` replaces, since plotters knows only numbers as colours.
const INK: RGBColor = RGBColor(1, 1, 1);
const RULE: RGBColor = RGBColor(3, 3, 3);

fn mark(i: usize) -> RGBColor {
    RGBColor(250, 250, (i % PALETTE.len()) as u8)
}

/// A value as an axis shows it.
pub(super) fn tick(value: f64, time: bool) -> String {
    if time { civil_date(value) } else { short(value) }
}

pub(super) fn svg(drawing: &Drawing, size: (u32, u32)) -> String {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        if let Err(error) = paint(drawing, &area, size).and_then(|()| area.present()) {
            tracing::warn!(%error, "a chart could not be drawn");
            return String::new();
        }
    }
    finish(svg, &drawing.title)
}

fn finish(svg: String, title: &str) -> String {
    let mut out = svg
        .replace("\"#010101\"", "\"currentColor\"")
        .replace("stroke=\"#030303\"", "class=\"rule\" stroke=\"currentColor\" stroke-opacity=\"0.25\"");
    for (i, color) in PALETTE.iter().enumerate() {
        out = out.replace(&format!("\"#FAFA{i:02X}\""), &format!("\"var(--chart-{}, {color})\"", i + 1));
    }
    let mut escaped = String::new();
    for c in title.chars() {
        match c {
            '"' => escaped.push_str("&quot;"),
            '<' => escaped.push_str("&lt;"),
            '&' => escaped.push_str("&amp;"),
            c if c.is_control() => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    if let Some(end) = out.find('>') {
        out.insert_str(end, &format!(" role=\"img\" aria-label=\"{escaped}\""));
    }
    out
}

fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

fn write(area: &Area<'_>, text: &str, at: (i32, i32), size: u32, h: HPos, v: VPos) -> Outcome {
    write_in(&INK, area, text, at, size, Pos::new(h, v))
}

fn write_in(ink: &RGBColor, area: &Area<'_>, text: &str, at: (i32, i32), size: u32, pos: Pos) -> Outcome {
    area.draw(&Text::new(text.to_owned(), at, ("sans-serif", size).into_font().color(ink).pos(pos)))
}

fn paint(drawing: &Drawing, area: &Area<'_>, (width, height): (u32, u32)) -> Outcome {
    let (width, height) = (width as i32, height as i32);
    write(area, &cut(&drawing.title, 90), (width / 2, 6), 16, HPos::Center, VPos::Top)?;
    let top = legend(drawing, area, width)?;
    let facets: Vec<&str> =
        if drawing.facets.is_empty() { vec![""] } else { drawing.facets.iter().map(String::as_str).collect() };
    let across = (facets.len() as f64).sqrt().ceil() as i32;
    let down = (facets.len() as i32 + across - 1) / across;
    let frame = Frame::of(drawing);
    for (i, facet) in facets.iter().enumerate() {
        let (column, row) = (i as i32 % across, i as i32 / across);
        let (w, h) = (width / across, (height - top - 22) / down);
        let left = if drawing.marks == Marks::Cells && !drawing.y_names.iter().all(String::is_empty) {
            110.min(w / 3)
        } else {
            58
        };
        let turned = are_turned(drawing, w - left - 14);
        let names_below = if turned { (10 + longest(&drawing.x_names, TURNED) * 13 / 2).min(h / 3) } else { 22 };
        let panel = Panel {
            left: column * w + left,
            right: (column + 1) * w - 14,
            top: top + row * h + if facet.is_empty() { 4 } else { 20 },
            foot: top + (row + 1) * h - names_below,
        };
        if !facet.is_empty() {
            write(
                area,
                &cut(facet, 30),
                ((panel.left + panel.right) / 2, panel.top - 16),
                13,
                HPos::Center,
                VPos::Top,
            )?;
        }
        axes(drawing, area, &frame, &panel, turned)?;
        let series: Vec<&ChartSeries> = drawing.series.iter().filter(|series| series.facet == *facet).collect();
        marks(drawing, area, &frame, &panel, &series)?;
    }
    write(area, &cut(&drawing.x_label, 80), (width / 2, height - 4), 13, HPos::Center, VPos::Bottom)?;
    let style = ("sans-serif", 13)
        .into_font()
        .transform(FontTransform::Rotate270)
        .color(&INK)
        .pos(Pos::new(HPos::Center, VPos::Top));
    area.draw(&Text::new(cut(&drawing.y_label, 40), (4, (top + height) / 2), style))
}

/// Names of colours in as many lines as they need; answers where the panels begin.
fn legend(drawing: &Drawing, area: &Area<'_>, width: i32) -> Result<i32, DrawingAreaErrorKind<std::io::Error>> {
    let named = || drawing.colors.iter().enumerate().filter(|(_, name)| !name.is_empty());
    if named().next().is_none() || drawing.marks == Marks::Cells {
        return Ok(30);
    }
    let (mut x, mut y) = (12, 29);
    for (i, name) in named() {
        let name = cut(name, 18);
        let wide = 30 + 7 * name.chars().count() as i32;
        if x > 12 && x + wide > width {
            (x, y) = (12, y + 16);
        }
        area.draw(&Rectangle::new([(x, y), (x + 10, y + 10)], mark(i).filled()))?;
        write(area, &name, (x + 14, y + 5), 12, HPos::Left, VPos::Center)?;
        x += wide;
    }
    Ok(y + 17)
}

/// Characters of a name along x that stands upright, or is turned.
const UPRIGHT: usize = 16;
const TURNED: usize = 12;

fn longest(names: &[String], most: usize) -> i32 {
    names.iter().map(|name| cut(name, most).chars().count()).max().unwrap_or(0) as i32
}

/// Whether the names along x would run into each other beside each other.
fn are_turned(drawing: &Drawing, width: i32) -> bool {
    let count = drawing.x_names.len() as i32;
    count > 0 && (longest(&drawing.x_names, UPRIGHT) * 7 + 8) * count > width
}

/// Pixels of a panel's inside.
struct Panel {
    left: i32,
    right: i32,
    top: i32,
    foot: i32,
}

/// The spans of both axes.
struct Frame {
    x: (f64, f64),
    y: (f64, f64),
    z: f64,
    log: bool,
}

impl Frame {
    fn of(drawing: &Drawing) -> Frame {
        let span = |values: &mut dyn Iterator<Item = f64>| {
            values
                .filter(|value| value.is_finite())
                .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)))
        };
        let sound = |(low, high): (f64, f64)| {
            if low > high {
                (0.0, 1.0)
            } else if low == high {
                (low - 0.5, high + 0.5)
            } else {
                (low, high)
            }
        };
        let mut x = sound(span(&mut drawing.series.iter().flat_map(|series| series.x.iter().copied())));
        let mut y = sound(span(&mut drawing.series.iter().flat_map(|series| series.y.iter().copied())));
        let log = drawing.log_y && drawing.series.iter().flat_map(|series| &series.y).any(|value| *value > 0.0);
        if !drawing.x_names.is_empty() {
            x = (-0.5, drawing.x_names.len() as f64 - 0.5);
        } else if drawing.marks == Marks::Bars
            && let Some(series) = drawing.series.iter().find(|series| series.x.len() > 1)
        {
            let half = (series.x[1] - series.x[0]) / 2.0;
            x = (x.0 - half, x.1 + half);
        }
        if !drawing.y_names.is_empty() {
            y = (-0.5, drawing.y_names.len() as f64 - 0.5);
        } else if log {
            let least = drawing
                .series
                .iter()
                .flat_map(|series| series.y.iter().copied())
                .filter(|value| *value > 0.0)
                .fold(f64::INFINITY, f64::min);
            y = (least.log10().floor(), y.1.max(least).log10().ceil().max(least.log10().floor() + 1.0));
        } else if matches!(drawing.marks, Marks::Bars | Marks::Area) {
            y = (y.0.min(0.0), y.1.max(0.0));
        }
        let z = drawing
            .series
            .iter()
            .flat_map(|series| series.z.iter().copied())
            .filter(|value| value.is_finite())
            .fold(0.0, |most: f64, value| most.max(value.abs()));
        Frame { x, y, z: if z > 0.0 { z } else { 1.0 }, log }
    }

    fn x(&self, value: f64, panel: &Panel) -> i32 {
        panel.left + ((value - self.x.0) / (self.x.1 - self.x.0) * f64::from(panel.right - panel.left)).round() as i32
    }

    fn y(&self, value: f64, panel: &Panel) -> i32 {
        let value = if self.log { if value > 0.0 { value.log10() } else { self.y.0 } } else { value };
        panel.foot - ((value - self.y.0) / (self.y.1 - self.y.0) * f64::from(panel.foot - panel.top)).round() as i32
    }
}

/// Round numbers within a span, about `most` of them.
fn round(low: f64, high: f64, most: f64) -> Vec<f64> {
    let raw = (high - low) / most;
    let size = 10f64.powf(raw.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|times| times * size).find(|step| *step >= raw).unwrap_or(size);
    let first = (low / step).ceil() as i64;
    (0..20).map(|i| (first + i) as f64 * step).take_while(|value| *value <= high + step * 1e-9).collect()
}

fn axes(drawing: &Drawing, area: &Area<'_>, frame: &Frame, panel: &Panel, turned: bool) -> Outcome {
    let rule = |from: (i32, i32), to: (i32, i32)| area.draw(&PathElement::new(vec![from, to], RULE));
    if drawing.y_names.is_empty() {
        let ticks = if frame.log {
            (frame.y.0 as i32..=frame.y.1 as i32).map(|power| 10f64.powi(power)).collect()
        } else {
            round(frame.y.0, frame.y.1, f64::from(panel.foot - panel.top) / 45.0)
        };
        for value in ticks {
            let y = frame.y(value, panel);
            rule((panel.left, y), (panel.right, y))?;
            write(area, &tick(value, drawing.y_time), (panel.left - 6, y), 12, HPos::Right, VPos::Center)?;
        }
    } else if (panel.foot - panel.top) / drawing.y_names.len() as i32 >= 10 {
        for (i, name) in drawing.y_names.iter().enumerate() {
            write(area, &cut(name, 15), (panel.left - 6, frame.y(i as f64, panel)), 12, HPos::Right, VPos::Center)?;
        }
    }
    if drawing.x_names.is_empty() {
        let most = f64::from(panel.right - panel.left) / 85.0;
        let ticks = if drawing.x_time {
            (0..=most as i32)
                .map(|i| frame.x.0 + (frame.x.1 - frame.x.0) * f64::from(i) / most.floor().max(1.0))
                .collect()
        } else {
            round(frame.x.0, frame.x.1, most)
        };
        for value in ticks {
            let x = frame.x(value, panel);
            rule((x, panel.foot), (x, panel.foot + 4))?;
            let text = tick(value, drawing.x_time);
            // A name at the right edge ends there rather than beyond it.
            let beyond = x + text.chars().count() as i32 * 7 / 2 > panel.right + 12;
            let (x, side) = if beyond { (panel.right + 12, HPos::Right) } else { (x, HPos::Center) };
            write(area, &text, (x, panel.foot + 6), 12, side, VPos::Top)?;
        }
    } else {
        let step = (drawing.x_names.len() as i32 * 14 / (panel.right - panel.left).max(1) + 1) as usize;
        for (i, name) in drawing.x_names.iter().enumerate().step_by(step) {
            let at = (frame.x(i as f64, panel), panel.foot + 6);
            if turned {
                let style = ("sans-serif", 12)
                    .into_font()
                    .transform(FontTransform::Rotate90)
                    .color(&INK)
                    .pos(Pos::new(HPos::Left, VPos::Center));
                area.draw(&Text::new(cut(name, TURNED), at, style))?;
            } else {
                write(area, &cut(name, UPRIGHT), at, 12, HPos::Center, VPos::Top)?;
            }
        }
    }
    rule((panel.left, panel.foot), (panel.right, panel.foot))
}

fn marks(drawing: &Drawing, area: &Area<'_>, frame: &Frame, panel: &Panel, series: &[&ChartSeries]) -> Outcome {
    let color = |series: &ChartSeries| drawing.colors.iter().position(|name| *name == series.name).unwrap_or(0);
    let count = series.len().max(1);
    for (i, one) in series.iter().enumerate() {
        let points: Vec<(i32, i32)> = one
            .x
            .iter()
            .zip(&one.y)
            .filter(|(x, y)| x.is_finite() && y.is_finite())
            .map(|(x, y)| (frame.x(*x, panel), frame.y(*y, panel)))
            .collect();
        match drawing.marks {
            Marks::Bars => bars(drawing, area, frame, panel, one, (i, count), color(one))?,
            Marks::Line => {
                if points.len() == 1 {
                    area.draw(&Circle::new(points[0], 3, mark(color(one)).filled()))?;
                }
                area.draw(&PathElement::new(points, mark(color(one)).stroke_width(2)))?;
            }
            Marks::Area => {
                let foot = frame.y(0f64.clamp(frame.y.0.min(frame.y.1), frame.y.1), panel);
                let (Some(first), Some(last)) = (points.first().copied(), points.last().copied()) else { continue };
                let mut outline = points.clone();
                outline.extend([(last.0, foot), (first.0, foot)]);
                area.draw(&Polygon::new(outline, mark(color(one)).mix(0.35)))?;
                area.draw(&PathElement::new(points, mark(color(one)).stroke_width(2)))?;
            }
            Marks::Points => {
                let size = if points.len() > 2000 { 1 } else { 3 };
                for point in points {
                    area.draw(&Circle::new(point, size, mark(color(one)).mix(0.6).filled()))?;
                }
            }
            Marks::Parallel => area.draw(&PathElement::new(points, mark(color(one)).mix(0.35)))?,
            Marks::Cells => cells(drawing, area, frame, panel, one)?,
            Marks::Boxes | Marks::Violins => spread(drawing, area, frame, panel, one)?,
        }
    }
    Ok(())
}

fn bars(
    drawing: &Drawing,
    area: &Area<'_>,
    frame: &Frame,
    panel: &Panel,
    series: &ChartSeries,
    (i, count): (usize, usize),
    color: usize,
) -> Outcome {
    let foot = if frame.log { panel.foot } else { frame.y(0.0, panel) };
    let step =
        if drawing.x_names.is_empty() { series.x.get(1).map_or(1.0, |second| second - series.x[0]) } else { 0.84 };
    // Histograms of colours lie over each other, bars of categories stand side by side.
    let beside = !drawing.x_names.is_empty();
    for (x, y) in series.x.iter().zip(&series.y).filter(|(_, y)| y.is_finite() && **y != 0.0) {
        let (left, right) = if beside {
            (x - step / 2.0 + step * i as f64 / count as f64, x - step / 2.0 + step * (i + 1) as f64 / count as f64)
        } else {
            (x - step / 2.0, x + step / 2.0)
        };
        let (left, right) = (frame.x(left, panel), frame.x(right, panel));
        let y = frame.y(*y, panel);
        let y = if y == foot { foot - 1 } else { y };
        let style = if beside || count == 1 { mark(color).filled() } else { mark(color).mix(0.5).filled() };
        area.draw(&Rectangle::new([(left, y.min(foot)), ((right - 1).max(left + 1), y.max(foot))], style))?;
    }
    Ok(())
}

fn cells(drawing: &Drawing, area: &Area<'_>, frame: &Frame, panel: &Panel, series: &ChartSeries) -> Outcome {
    let least = |values: &[f64]| {
        let mut sorted: Vec<f64> = values.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        sorted.dedup();
        sorted.windows(2).map(|pair| pair[1] - pair[0]).filter(|step| *step > 0.0).fold(f64::INFINITY, f64::min)
    };
    let step =
        |named: bool, values: &[f64], (low, high): (f64, f64)| if named { 1.0 } else { least(values).min(high - low) };
    let (dx, dy) =
        (step(!drawing.x_names.is_empty(), &series.x, frame.x), step(!drawing.y_names.is_empty(), &series.y, frame.y));
    let write_values = drawing.diverging && drawing.x_names.len() <= 12;
    for ((x, y), z) in series.x.iter().zip(&series.y).zip(&series.z) {
        let share = (z.abs() / if drawing.diverging { 1.0 } else { frame.z }).clamp(0.0, 1.0);
        let corners = [
            (frame.x(x - dx / 2.0, panel), frame.y(y + dy / 2.0, panel)),
            (frame.x(x + dx / 2.0, panel), frame.y(y - dy / 2.0, panel)),
        ];
        let color = if *z < 0.0 { mark(3) } else { mark(0) };
        // The root shows what is little; an empty cell stays empty.
        let strength = if drawing.diverging { share } else { share.sqrt() };
        if share > 0.0 {
            area.draw(&Rectangle::new(corners, color.mix(0.08 + 0.92 * strength).filled()))?;
        }
        if write_values && z.is_finite() {
            let middle = ((corners[0].0 + corners[1].0) / 2, (corners[0].1 + corners[1].1) / 2);
            // On the strongest marks white is read more easily, whatever the theme's ink.
            let ink = if strength > 0.85 { &WHITE } else { &INK };
            write_in(ink, area, &format!("{z:.2}"), middle, 11, Pos::new(HPos::Center, VPos::Center))?;
        }
    }
    Ok(())
}

fn spread(drawing: &Drawing, area: &Area<'_>, frame: &Frame, panel: &Panel, series: &ChartSeries) -> Outcome {
    let Some(&x) = series.x.first() else { return Ok(()) };
    let at = |offset: f64, y: f64| (frame.x(x + offset, panel), frame.y(y, panel));
    if drawing.marks == Marks::Violins {
        let most = series.z.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
        let side = |sign: f64| series.y.iter().zip(&series.z).map(move |(y, z)| (sign * 0.42 * z / most, *y));
        let mut outline: Vec<(i32, i32)> = side(1.0).map(|(offset, y)| at(offset, y)).collect();
        outline.extend(side(-1.0).collect::<Vec<_>>().into_iter().rev().map(|(offset, y)| at(offset, y)));
        area.draw(&Polygon::new(outline.clone(), mark(0).mix(0.4)))?;
        outline.extend(outline.first().copied());
        return area.draw(&PathElement::new(outline, mark(0).stroke_width(1)));
    }
    let [lower, low, middle, high, upper] = series.y[..] else { return Ok(()) };
    let line = |from: (i32, i32), to: (i32, i32)| area.draw(&PathElement::new(vec![from, to], INK.stroke_width(1)));
    area.draw(&Rectangle::new([at(-0.3, high), at(0.3, low)], mark(0).mix(0.5).filled()))?;
    line(at(-0.3, middle), at(0.3, middle))?;
    line(at(0.0, low), at(0.0, lower))?;
    line(at(0.0, high), at(0.0, upper))?;
    line(at(-0.12, lower), at(0.12, lower))?;
    line(at(-0.12, upper), at(0.12, upper))
}
