//! Terminal text to styled lines: colours, `\r` that writes over, backspace, and the cursor movements that progress
//! bars use. Pure: text in, lines of spans out.

/// How a run of letters looks. Colours are 0 to 15, the palette of terminals; others are mapped to the nearest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    pub fore: Option<u8>,
    pub back: Option<u8>,
    pub bold: bool,
    pub dim: bool,
    pub italic: bool,
    pub underline: bool,
}

impl Style {
    /// The classes of `notebook.css` that draw it.
    pub fn class(&self) -> String {
        let mut out = String::new();
        if let Some(colour) = self.fore {
            out.push_str(&format!("a{colour} "));
        }
        if let Some(colour) = self.back {
            out.push_str(&format!("b{colour} "));
        }
        for (on, name) in [(self.bold, "ab "), (self.dim, "ad "), (self.italic, "ai "), (self.underline, "au ")] {
            if on {
                out.push_str(name);
            }
        }
        out.truncate(out.trim_end().len());
        out
    }
}

pub type Line = Vec<(Style, String)>;

/// The screen while text is written to it.
#[derive(Default)]
struct Screen {
    lines: Vec<Vec<(char, Style)>>,
    row: usize,
    column: usize,
    style: Style,
}

/// Plays `text` and returns the lines that a terminal would show.
pub fn play(text: &str) -> Vec<Line> {
    let mut screen = Screen::default();
    screen.lines.push(Vec::new());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\n' => screen.down(),
            '\r' => screen.column = 0,
            '\u{8}' => screen.column = screen.column.saturating_sub(1),
            '\t' => (0..8 - screen.column % 8).for_each(|_| screen.put(' ')),
            '\u{1b}' => match letters.next() {
                Some('[') => {
                    let mut parameters = String::new();
                    for letter in letters.by_ref() {
                        if ('@'..='~').contains(&letter) {
                            screen.control(letter, &parameters);
                            break;
                        }
                        parameters.push(letter);
                    }
                }
                // An operating system command, such as a hyperlink or a title: skipped to its end.
                Some(']') => {
                    while let Some(letter) = letters.next() {
                        if letter == '\u{7}' || (letter == '\u{1b}' && letters.next_if_eq(&'\\').is_some()) {
                            break;
                        }
                    }
                }
                _ => {}
            },
            letter if letter.is_control() => {}
            letter => screen.put(letter),
        }
    }
    screen.lines.into_iter().map(runs).collect()
}

fn runs(line: Vec<(char, Style)>) -> Line {
    let mut out: Line = Vec::new();
    for (letter, style) in line {
        match out.last_mut() {
            Some((last, text)) if *last == style => text.push(letter),
            _ => out.push((style, letter.to_string())),
        }
    }
    out
}

impl Screen {
    fn put(&mut self, letter: char) {
        let style = self.style;
        let line = &mut self.lines[self.row];
        while line.len() < self.column {
            line.push((' ', Style::default()));
        }
        match line.get_mut(self.column) {
            Some(old) => *old = (letter, style),
            None => line.push((letter, style)),
        }
        self.column += 1;
    }

    fn down(&mut self) {
        self.row += 1;
        self.column = 0;
        if self.row == self.lines.len() {
            self.lines.push(Vec::new());
        }
    }

    fn control(&mut self, command: char, parameters: &str) {
        let first = parameters.split(';').next().and_then(|number| number.parse::<usize>().ok());
        let count = first.unwrap_or(1).min(10_000);
        match command {
            'm' => self.restyle(parameters),
            'A' => self.row = self.row.saturating_sub(count),
            'B' => (0..count).for_each(|_| if self.row + 1 < self.lines.len() { self.row += 1 }),
            'C' => self.column += count,
            'D' => self.column = self.column.saturating_sub(count),
            'G' => self.column = count.saturating_sub(1),
            'K' => {
                let column = self.column;
                let line = &mut self.lines[self.row];
                match first.unwrap_or(0) {
                    0 => line.truncate(column),
                    1 => line.iter_mut().take(column).for_each(|cell| *cell = (' ', Style::default())),
                    _ => line.clear(),
                }
            }
            'J' => {
                self.lines.truncate(self.row + 1);
                self.lines[self.row].truncate(self.column);
            }
            _ => {}
        }
    }

    fn restyle(&mut self, parameters: &str) {
        let codes: Vec<u16> = parameters.split([';', ':']).map(|code| code.parse().unwrap_or(0)).collect();
        let mut at = 0;
        while at < codes.len() {
            let style = &mut self.style;
            match codes[at] {
                0 => *style = Style::default(),
                1 => style.bold = true,
                2 => style.dim = true,
                3 => style.italic = true,
                4 => style.underline = true,
                22 => (style.bold, style.dim) = (false, false),
                23 => style.italic = false,
                24 => style.underline = false,
                code @ 30..=37 => style.fore = Some((code - 30) as u8),
                code @ 90..=97 => style.fore = Some((code - 82) as u8),
                39 => style.fore = None,
                code @ 40..=47 => style.back = Some((code - 40) as u8),
                code @ 100..=107 => style.back = Some((code - 92) as u8),
                49 => style.back = None,
                code @ (38 | 48) => {
                    let (colour, used) = extended(&codes[at + 1..]);
                    at += used;
                    if code == 38 { style.fore = colour } else { style.back = colour }
                }
                _ => {}
            }
            at += 1;
        }
    }
}

/// `5;n` or `2;r;g;b`: the nearest of the sixteen, and how many codes it took.
fn extended(codes: &[u16]) -> (Option<u8>, usize) {
    match codes {
        [5, index, ..] => (Some(nearest_of_256(*index)), 2),
        [2, red, green, blue, ..] => (Some(nearest(*red, *green, *blue)), 4),
        _ => (None, codes.len()),
    }
}

fn nearest_of_256(index: u16) -> u8 {
    match index {
        0..=15 => index as u8,
        16..=231 => {
            let cube = index - 16;
            let level = |step: u16| if step == 0 { 0 } else { 55 + step * 40 };
            nearest(level(cube / 36), level(cube / 6 % 6), level(cube % 6))
        }
        _ => {
            let grey = 8 + (index.min(255) - 232) * 10;
            nearest(grey, grey, grey)
        }
    }
}

fn nearest(red: u16, green: u16, blue: u16) -> u8 {
    let (low, high) = (red.min(green).min(blue), red.max(green).max(blue));
    if high - low < 40 {
        return match high {
            0..=60 => 0,
            61..=150 => 8,
            151..=220 => 7,
            _ => 15,
        };
    }
    let half = low + (high - low) / 2;
    let bit = |value: u16| u8::from(value > half);
    bit(red) + 2 * bit(green) + 4 * bit(blue) + if high > 200 { 8 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::play;

    /// `|` parts lines, `[class:text]` is a styled run.
    fn check(text: &str, expected: &str) {
        let shown: Vec<String> = play(text)
            .iter()
            .map(|line| line.iter().map(|(style, text)| if style.class().is_empty() { text.clone() } else { format!("[{}:{text}]", style.class()) }).collect())
            .collect();
        assert_eq!(shown.join("|"), expected);
    }

    #[test]
    fn streams() {
        check("a\nb", "a|b");
        check("10%\r20%\r100%", "100%");
        check("abc\rx", "xbc");
        check("abc\r\u{1b}[Kx", "x");
        check("ab\u{8}c", "ac");
        check("\u{1b}[31mred\u{1b}[0m no", "[a1:red] no");
        check("\u{1b}[1;34mb\u{1b}[22mc", "[a4 ab:b][a4:c]");
        check("one\ntwo\u{1b}[A\r1", "1ne|two");
        check("\u{1b}[38;5;196mx", "[a9:x]");
        check("\u{1b}[38;2;0;180;0mx", "[a2:x]");
        check("a\u{1b}]8;;http://x\u{7}link\u{1b}]8;;\u{7}", "alink");
        check("\u{1b}[", "");
    }
}
