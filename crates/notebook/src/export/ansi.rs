//! What a program wrote to a terminal, as HTML: colours and weights become classes and styles, the rest of the
//! control sequences goes.

use super::escape;
use crate::output::append_stream;

#[derive(Clone, Debug, Default, PartialEq)]
struct Pen {
    bold: bool,
    faint: bool,
    italic: bool,
    underline: bool,
    reverse: bool,
    front: Option<Colour>,
    back: Option<Colour>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Colour {
    /// 0 to 15; the page's style says what they look like in each scheme.
    Named(u8),
    Exact(u8, u8, u8),
}

/// `text` in `<span>`s. Lines that were returned to (`\r`) show what stands last.
pub fn to_html(text: &str) -> String {
    let mut clean = String::new();
    append_stream(&mut clean, text);
    let mut out = String::new();
    let mut pen = Pen::default();
    let mut rest = clean.as_str();
    while let Some(at) = rest.find('\u{1b}') {
        pen.draw(&rest[..at], &mut out);
        let (sequence, after) = cut(&rest[at + 1..]);
        if let Some(codes) = sequence {
            pen.set(codes);
        }
        rest = after;
    }
    pen.draw(rest, &mut out);
    out
}

/// Takes one sequence off, without its escape character: the codes if it sets colours, and what follows.
fn cut(text: &str) -> (Option<&str>, &str) {
    let rest = |at: usize| text.get(at..).unwrap_or_default();
    match text.as_bytes().first() {
        Some(b'[') => {
            let end =
                text.bytes().skip(1).position(|byte| (0x40..0x7f).contains(&byte)).map_or(text.len(), |at| at + 1);
            let codes = (text.as_bytes().get(end) == Some(&b'm')).then(|| &text[1..end]);
            (codes, rest(end + 1))
        }
        // Titles and links end with a bell or with escape and backslash.
        Some(b']') => {
            let end = text.find(['\u{7}', '\u{1b}']).unwrap_or(text.len());
            let after = rest(end);
            (None, after.strip_prefix('\u{7}').or(after.strip_prefix("\u{1b}\\")).unwrap_or(after))
        }
        Some(byte) if byte.is_ascii() => (None, rest(1)),
        _ => (None, text),
    }
}

impl Pen {
    fn set(&mut self, codes: &str) {
        let mut codes = codes.split([';', ':']).map(|code| code.parse::<u16>().unwrap_or(0));
        while let Some(code) = codes.next() {
            match code {
                0 => *self = Pen::default(),
                1 => self.bold = true,
                2 => self.faint = true,
                3 => self.italic = true,
                4 => self.underline = true,
                7 => self.reverse = true,
                22 => (self.bold, self.faint) = (false, false),
                23 => self.italic = false,
                24 => self.underline = false,
                27 => self.reverse = false,
                30..=37 => self.front = Some(Colour::Named(code as u8 - 30)),
                40..=47 => self.back = Some(Colour::Named(code as u8 - 40)),
                90..=97 => self.front = Some(Colour::Named(code as u8 - 82)),
                100..=107 => self.back = Some(Colour::Named(code as u8 - 92)),
                39 => self.front = None,
                49 => self.back = None,
                38 | 48 => {
                    let byte = |code: Option<u16>| code.unwrap_or(0).min(255) as u8;
                    let colour = match codes.next() {
                        Some(5) => of_palette(byte(codes.next())),
                        Some(2) => Colour::Exact(byte(codes.next()), byte(codes.next()), byte(codes.next())),
                        _ => continue,
                    };
                    *(if code == 38 { &mut self.front } else { &mut self.back }) = Some(colour);
                }
                _ => {}
            }
        }
    }

    fn draw(&self, text: &str, out: &mut String) {
        let text: String = text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
        if text.is_empty() {
            return;
        }
        if *self == Pen::default() {
            out.push_str(&escape(&text));
            return;
        }
        let (mut classes, mut style) = (Vec::new(), String::new());
        let flags =
            [(self.bold, "ab"), (self.faint, "ad"), (self.italic, "ai"), (self.underline, "au"), (self.reverse, "ar")];
        classes.extend(flags.iter().filter(|(on, _)| *on).map(|(_, class)| (*class).to_owned()));
        for (colour, class, property) in [(self.front, "f", "color"), (self.back, "b", "background")] {
            match colour {
                Some(Colour::Named(number)) => classes.push(format!("{class}{number}")),
                Some(Colour::Exact(r, g, b)) => style += &format!("{property}:#{r:02x}{g:02x}{b:02x};"),
                None => {}
            }
        }
        let style = if style.is_empty() { style } else { format!(" style=\"{style}\"") };
        *out += &format!("<span class=\"{}\"{style}>{}</span>", classes.join(" "), escape(&text));
    }
}

/// The 256 colours: 16 named, a cube of 6, a ramp of greys.
fn of_palette(number: u8) -> Colour {
    match number {
        0..16 => Colour::Named(number),
        16..232 => {
            let level = |part: u8| if part == 0 { 0 } else { 55 + part * 40 };
            let cube = number - 16;
            Colour::Exact(level(cube / 36), level(cube / 6 % 6), level(cube % 6))
        }
        232.. => {
            let grey = 8 + (number - 232) * 10;
            Colour::Exact(grey, grey, grey)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::to_html;

    fn check(text: &str, html: &str) {
        assert_eq!(to_html(text), html, "{text:?}");
    }

    #[test]
    fn colours_and_weights() {
        check("a<b", "a&lt;b");
        check("\u{1b}[1;31mE\u{1b}[0m: x", "<span class=\"ab f1\">E</span>: x");
        check("\u{1b}[38;5;196mr\u{1b}[39mn", "<span class=\"\" style=\"color:#ff0000;\">r</span>n");
        check("\u{1b}[48;2;1;2;3mx", "<span class=\"\" style=\"background:#010203;\">x</span>");
        check("\u{1b}[2K\u{1b}]8;;http://x\u{7}t\u{1b}\\", "t");
        check("10%\r20%", "20%");
        check("x\u{1b}", "x");
        check("x\u{1b}[", "x");
        check("x\u{1b}é", "xé");
    }
}
