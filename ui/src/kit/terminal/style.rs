//! How a run of letters looks.

use std::fmt::Write as _;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Colour {
    #[default]
    Own,
    /// 0 to 15, the palette of terminals: drawn in the hues of the theme.
    Palette(u8),
    Rgb(u8, u8, u8),
}

impl Colour {
    /// A number of the 256: the palette, a cube of 6 x 6 x 6, and 24 greys.
    pub fn of_256(index: u16) -> Self {
        let level = |step: u16| if step == 0 { 0 } else { (55 + step * 40) as u8 };
        match index.min(255) {
            index @ 0..=15 => Self::Palette(index as u8),
            index @ 16..=231 => {
                let cube = index - 16;
                Self::Rgb(level(cube / 36), level(cube / 6 % 6), level(cube % 6))
            }
            index => {
                let grey = (8 + (index - 232) * 10) as u8;
                Self::Rgb(grey, grey, grey)
            }
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Style {
    pub fore: Colour,
    pub back: Colour,
    pub bold: bool,
    pub dim: bool,
    pub italic: bool,
    pub underline: bool,
    pub inverse: bool,
    pub struck: bool,
    /// Which link of the terminal it belongs to, from 1; 0 for none.
    pub link: u16,
}

impl Style {
    /// The classes of `output.css` that draw it.
    pub fn class(&self) -> String {
        let mut out = String::new();
        let (fore, back) = self.colours();
        for (colour, letter) in [(fore, 'a'), (back, 'b')] {
            // Writing to a text does not fail.
            let _ = match colour {
                Colour::Own => Ok(()),
                Colour::Palette(index) => write!(out, "{letter}{index} "),
                Colour::Rgb(..) => write!(out, "{letter}x "),
            };
        }
        let bare_inverse = self.inverse && (self.fore, self.back) == (Colour::Own, Colour::Own);
        for (on, name) in [
            (self.bold, "ab "),
            (self.dim, "ad "),
            (self.italic, "ai "),
            (self.underline, "au "),
            (self.struck, "as "),
            (bare_inverse, "av "),
        ] {
            if on {
                out.push_str(name);
            }
        }
        out.truncate(out.trim_end().len());
        out
    }

    /// Colours of its own, as custom properties that the classes read.
    pub fn css(&self) -> String {
        let mut out = String::new();
        let (fore, back) = self.colours();
        for (colour, name) in [(fore, "--fore"), (back, "--back")] {
            if let Colour::Rgb(red, green, blue) = colour {
                let _ = write!(out, "{name}:#{red:02x}{green:02x}{blue:02x};");
            }
        }
        out
    }

    fn colours(&self) -> (Colour, Colour) {
        if self.inverse { (self.back, self.fore) } else { (self.fore, self.back) }
    }

    /// Applies a sequence of `CSI … m`. Each item is a parameter with its parts after colons.
    pub fn select(&mut self, codes: &[Vec<u16>]) {
        if codes.is_empty() {
            *self = Self { link: self.link, ..Self::default() };
        }
        let mut at = 0;
        while let Some(code) = codes.get(at) {
            at += 1;
            match code.first().copied().unwrap_or(0) {
                0 => *self = Self { link: self.link, ..Self::default() },
                1 => self.bold = true,
                2 => self.dim = true,
                3 => self.italic = true,
                4 => self.underline = code.get(1) != Some(&0),
                7 => self.inverse = true,
                9 => self.struck = true,
                21 => self.underline = true,
                22 => (self.bold, self.dim) = (false, false),
                23 => self.italic = false,
                24 => self.underline = false,
                27 => self.inverse = false,
                29 => self.struck = false,
                code @ 30..=37 => self.fore = Colour::Palette((code - 30) as u8),
                code @ 90..=97 => self.fore = Colour::Palette((code - 82) as u8),
                39 => self.fore = Colour::Own,
                code @ 40..=47 => self.back = Colour::Palette((code - 40) as u8),
                code @ 100..=107 => self.back = Colour::Palette((code - 92) as u8),
                49 => self.back = Colour::Own,
                which @ (38 | 48) => {
                    let colour = parts(&code[1..]);
                    let flat: Vec<u16> = codes[at..].iter().map(|part| part.first().copied().unwrap_or(0)).collect();
                    let colour = colour.or_else(|| {
                        let (colour, used) = extended(&flat);
                        at += used;
                        colour
                    });
                    let Some(colour) = colour else { continue };
                    if which == 38 { self.fore = colour } else { self.back = colour }
                }
                _ => {}
            }
        }
    }
}

fn rgb(red: u16, green: u16, blue: u16) -> Colour {
    let byte = |number: u16| number.min(255) as u8;
    Colour::Rgb(byte(red), byte(green), byte(blue))
}

/// What follows `38` behind colons: `5:n`, `2:r:g:b`, or `2:space:r:g:b`.
fn parts(codes: &[u16]) -> Option<Colour> {
    match codes {
        [5, index, ..] => Some(Colour::of_256(*index)),
        [2, red, green, blue] | [2, _, red, green, blue, ..] => Some(rgb(*red, *green, *blue)),
        _ => None,
    }
}

/// What follows `38` behind semicolons: `5;n` or `2;r;g;b`, and how many numbers that took.
fn extended(codes: &[u16]) -> (Option<Colour>, usize) {
    match codes {
        [5, index, ..] => (Some(Colour::of_256(*index)), 2),
        [2, red, green, blue, ..] => (Some(rgb(*red, *green, *blue)), 4),
        _ => (None, codes.len()),
    }
}
