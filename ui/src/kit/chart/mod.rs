//! Charts drawn in pixels as SVG: axes with units, a tooltip that snaps to the data, a legend that toggles, zoom by
//! dragging and reset by double click, arrow keys for those who don't point.

mod line;
pub mod scale;

pub use line::LineChart;

/// A line of a chart. The points are ordered by x; a value that is not finite makes a gap.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    pub name: String,
    pub points: Vec<(f64, f64)>,
}

/// What the horizontal axis holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Across {
    #[default]
    Number,
    /// Seconds since the epoch, shown as local clock time.
    Clock,
    /// Seconds since a start.
    Elapsed,
}
