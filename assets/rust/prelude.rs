//! The crate `atelier` of Rust cells: what they show, ask and hand to other kernels.
//!
//! `display(&value)` shows a table, a chart or anything with `Debug` at any point of a cell; `html`, `markdown`,
//! `svg`, `png`, `json` make values that show themselves; `figure` draws with plotters; `input` asks a person;
//! `put` and `get` are the bridge.

#![allow(ambiguous_glob_reexports)]

pub use atelier_bridge::{delete, get, names, put};
#[doc(hidden)]
pub use {plotters, polars};

use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::prelude::SVGBackend;
use polars::prelude::{Column, DataFrame, LazyFrame, NamedFrom, Series};
use std::fmt::{Debug, Write as _};
use std::io::Write as _;

/// MIME types and the value in each of them.
pub type Bundle = Vec<(&'static str, String)>;

/// Rows of a table that are shown.
const SHOWN_ROWS: usize = 20;

/// What can show itself in more than text.
pub trait Rich {
    fn bundle(&self) -> Bundle;
}

impl Rich for DataFrame {
    fn bundle(&self) -> Bundle {
        vec![("text/plain", self.to_string()), ("text/html", table(self))]
    }
}

impl Rich for Series {
    fn bundle(&self) -> Bundle {
        vec![("text/plain", self.to_string()), ("text/html", table(&self.clone().into_frame()))]
    }
}

impl Rich for Column {
    fn bundle(&self) -> Bundle {
        self.as_materialized_series().bundle()
    }
}

impl Rich for LazyFrame {
    fn bundle(&self) -> Bundle {
        let plan = self.describe_plan().unwrap_or_else(|error| error.to_string());
        vec![("text/plain", format!("LazyFrame (call `.collect()?` for its rows)\n{plan}"))]
    }
}

impl<T: Rich + ?Sized> Rich for &T {
    fn bundle(&self) -> Bundle {
        (**self).bundle()
    }
}

impl<T: Rich> Rich for Option<T> {
    fn bundle(&self) -> Bundle {
        self.as_ref().map_or_else(|| vec![("text/plain", "None".to_owned())], Rich::bundle)
    }
}

impl<T: Rich, E: Debug> Rich for Result<T, E> {
    fn bundle(&self) -> Bundle {
        self.as_ref().map_or_else(|error| vec![("text/plain", format!("Err({error:?})"))], Rich::bundle)
    }
}

/// A value with its representations.
#[derive(Clone, Debug)]
pub struct Shown(Bundle);

impl Rich for Shown {
    fn bundle(&self) -> Bundle {
        self.0.clone()
    }
}

pub fn html(text: impl Into<String>) -> Shown {
    Shown(vec![("text/html", text.into())])
}

pub fn markdown(text: impl Into<String>) -> Shown {
    Shown(vec![("text/markdown", text.into())])
}

pub fn latex(text: impl Into<String>) -> Shown {
    Shown(vec![("text/latex", text.into())])
}

pub fn svg(text: impl Into<String>) -> Shown {
    Shown(vec![("image/svg+xml", text.into())])
}

pub fn png(bytes: &[u8]) -> Shown {
    Shown(vec![("image/png", base64(bytes))])
}

/// JSON text, shown as a tree.
pub fn json(text: impl Into<String>) -> Shown {
    Shown(vec![("application/json", text.into())])
}

/// Any MIME type: `mime("application/vnd.vegalite.v5+json", specification)`.
pub fn mime(kind: &'static str, text: impl Into<String>) -> Shown {
    Shown(vec![(kind, text.into())])
}

/// Draws with plotters on `width` x `height` pixels: `figure((640, 400), |area| { ...; Ok(()) })?`.
pub fn figure<F>(size: (u32, u32), draw: F) -> Result<Shown, Box<dyn std::error::Error>>
where
    F: FnOnce(DrawingArea<SVGBackend<'_>, Shift>) -> Result<(), Box<dyn std::error::Error>>,
{
    let mut text = String::new();
    let area = SVGBackend::with_string(&mut text, size).into_drawing_area();
    draw(area.clone())?;
    area.present()?;
    drop(area);
    Ok(svg(text))
}

/// Shows a value now.
pub fn display<T: Rich + ?Sized>(value: &T) {
    record("display", &value.bundle(), None);
}

/// An output that can be replaced later, from any cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Display(String);

/// Shows a value under a name of its own.
pub fn display_as<T: Rich + ?Sized>(id: &str, value: &T) -> Display {
    record("display", &value.bundle(), Some(id));
    Display(id.to_owned())
}

impl Display {
    pub fn update<T: Rich + ?Sized>(&self, value: &T) {
        update(&self.0, value);
    }
}

/// Replaces what was shown under that name.
pub fn update<T: Rich + ?Sized>(id: &str, value: &T) {
    record("update", &value.bundle(), Some(id));
}

/// Empties the cell's output; with `wait`, when the next output comes.
pub fn clear(wait: bool) {
    send(&format!("{{\"kind\":\"clear\",\"wait\":{wait}}}"));
}

/// Asks the person in front of the notebook.
pub fn input(prompt: &str) -> String {
    ask(prompt, false)
}

/// As [`input`], without showing what is typed.
pub fn password(prompt: &str) -> String {
    ask(prompt, true)
}

fn ask(prompt: &str, password: bool) -> String {
    send(&format!("{{\"kind\":\"input\",\"prompt\":{},\"password\":{password}}}", quote(prompt)));
    let mut line = String::new();
    let _ = std::io::stdin().read_line(&mut line);
    line.trim_end_matches(['\n', '\r']).to_owned()
}

fn record(kind: &str, bundle: &Bundle, id: Option<&str>) {
    let mut fields = String::new();
    for (mime, text) in bundle {
        let comma = if fields.is_empty() { "" } else { "," };
        let _ = write!(fields, "{comma}{}:{}", quote(mime), quote(text));
    }
    let id = id.map(|id| format!(",\"id\":{}", quote(id))).unwrap_or_default();
    send(&format!("{{\"kind\":\"{kind}\"{id},\"data\":{{{fields}}}}}"));
}

fn send(json: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(format!("\u{1e}atelier:{json}\u{1e}").as_bytes());
    let _ = out.flush();
}

fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            c if (c as u32) < 0x20 => {
                let _ = write!(quoted, "\\u{:04x}", c as u32);
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// The first rows as an HTML table, and how many there are.
fn table(frame: &DataFrame) -> String {
    let mut text = String::from("<table border=\"1\" class=\"dataframe\"><thead><tr>");
    for column in frame.columns() {
        let _ = write!(text, "<th>{}<br><small>{}</small></th>", escape(column.name()), escape(&column.dtype().to_string()));
    }
    text.push_str("</tr></thead><tbody>");
    for row in 0..frame.height().min(SHOWN_ROWS) {
        text.push_str("<tr>");
        for column in frame.columns() {
            let value = column.get(row).map(|value| value.str_value().into_owned()).unwrap_or_default();
            let _ = write!(text, "<td>{}</td>", escape(&value));
        }
        text.push_str("</tr>");
    }
    let _ = write!(text, "</tbody></table><p>{} rows × {} columns</p>", frame.height(), frame.width());
    text
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let all = chunk.iter().fold(0u32, |all, byte| all << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let digit = DIGITS[(all >> (18 - 6 * place) & 63) as usize] as char;
            text.push(if place <= chunk.len() { digit } else { '=' });
        }
    }
    text
}

/// A series by name, without an import.
pub fn series(name: &str, values: &[f64]) -> Series {
    Series::new(name.into(), values)
}
