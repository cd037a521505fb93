//! A row of the screen: packed as text with runs of styles, or open, letter by letter, while the cursor is in it.

use super::style::Style;
use unicode_width::UnicodeWidthChar;

/// One column. The right half of a wide letter holds `'\0'`.
#[derive(Clone, Debug)]
pub struct Glyph {
    pub letter: char,
    pub style: Style,
    /// Accents and joiners that belong on the letter.
    pub marks: Option<Box<String>>,
}

impl Glyph {
    pub fn new(letter: char, style: Style) -> Self {
        Self { letter, style, marks: None }
    }

    pub fn blank() -> Self {
        Self::new(' ', Style::default())
    }
}

/// A run of letters that look alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    pub text: String,
    pub style: Style,
}

/// Runs by their length in bytes.
#[derive(Clone, Debug, Default)]
pub struct Packed {
    pub(super) text: Box<str>,
    pub(super) runs: Box<[(u32, Style)]>,
    /// Grows with each change, over all rows.
    pub version: u32,
}

impl Packed {
    pub fn new(glyphs: &[Glyph], version: u32) -> Self {
        let mut text = String::with_capacity(glyphs.len());
        let mut runs: Vec<(u32, Style)> = Vec::new();
        for glyph in glyphs.iter().filter(|glyph| glyph.letter != '\0') {
            let before = text.len();
            text.push(glyph.letter);
            if let Some(marks) = &glyph.marks {
                text.push_str(marks);
            }
            let length = (text.len() - before) as u32;
            match runs.last_mut() {
                Some((total, style)) if *style == glyph.style => *total += length,
                _ => runs.push((length, glyph.style)),
            }
        }
        Self { text: text.into(), runs: runs.into(), version }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn spans(&self) -> Vec<Span> {
        let mut from = 0;
        let span = |&(length, style): &(u32, Style)| {
            let to = from + length as usize;
            let text = self.text[from..to].to_owned();
            from = to;
            Span { text, style }
        };
        self.runs.iter().map(span).collect()
    }

    pub fn open(&self) -> Vec<Glyph> {
        let mut out: Vec<Glyph> = Vec::with_capacity(self.text.len());
        for span in self.spans() {
            for letter in span.text.chars() {
                match letter.width().unwrap_or(0) {
                    0 => add_mark(&mut out, letter),
                    width => {
                        out.push(Glyph::new(letter, span.style));
                        (1..width).for_each(|_| out.push(Glyph::new('\0', span.style)));
                    }
                }
            }
        }
        out
    }
}

/// How many marks a letter may carry.
const MARKS: usize = 32;

/// Puts a mark on the last letter of `glyphs`.
pub fn add_mark(glyphs: &mut [Glyph], mark: char) {
    let Some(glyph) = glyphs.iter_mut().rev().find(|glyph| glyph.letter != '\0') else { return };
    let marks = glyph.marks.get_or_insert_with(Default::default);
    if marks.len() < MARKS {
        marks.push(mark);
    }
}
