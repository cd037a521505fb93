//! Words of an expression, with their places.

use crate::error::Fault;

/// More is not an expression that a person wrote.
pub const MAX_CHARS: usize = 20_000;

#[derive(Clone, Debug, PartialEq)]
pub enum Word {
    Name(String),
    Text(String),
    Integer(i64),
    Number(f64),
    Sign(&'static str),
    End,
}

impl Word {
    /// How an error calls it.
    pub fn noun(&self) -> String {
        match self {
            Word::Name(name) => format!("`{name}`"),
            Word::Text(_) => "a text".into(),
            Word::Integer(_) | Word::Number(_) => "a number".into(),
            Word::Sign(sign) => format!("`{sign}`"),
            Word::End => "the end".into(),
        }
    }
}

/// Longer signs first.
const SIGNS: &[&str] = &[
    "**", "//", "==", "!=", "<=", ">=", "(", ")", "[", "]", ",", ".", "=", "<", ">", "+", "-", "*", "/", "%", "&", "|",
    "^", "~",
];

/// Words with the number of characters before each.
pub fn words(text: &str) -> Result<Vec<(usize, Word)>, Fault> {
    let chars: Vec<char> = text.chars().take(MAX_CHARS + 1).collect();
    if chars.len() > MAX_CHARS {
        return Err(Fault::new(format!("The expression is longer than {MAX_CHARS} characters"))
            .remedy("Split it into several steps"));
    }
    let mut words = Vec::new();
    let mut at = 0;
    while let Some(&letter) = chars.get(at) {
        let start = at;
        if letter.is_whitespace() {
            at += 1;
            continue;
        }
        let word = if letter == '"' || letter == '\'' {
            string(&chars, &mut at)?
        } else if letter.is_ascii_digit() || (letter == '.' && chars.get(at + 1).is_some_and(char::is_ascii_digit)) {
            number(&chars, &mut at)?
        } else if letter.is_alphabetic() || letter == '_' {
            while chars.get(at).is_some_and(|letter| letter.is_alphanumeric() || *letter == '_') {
                at += 1;
            }
            Word::Name(chars[start..at].iter().collect())
        } else {
            let sign = SIGNS.iter().find(|sign| sign.chars().enumerate().all(|(i, c)| chars.get(at + i) == Some(&c)));
            let sign = sign.ok_or_else(|| {
                Fault::new(format!("`{letter}` has no meaning here"))
                    .at(start)
                    .remedy("A column is pl.col(\"name\"), a text is in quotes")
            })?;
            at += sign.len();
            Word::Sign(sign)
        };
        words.push((start, word));
    }
    words.push((chars.len(), Word::End));
    Ok(words)
}

fn string(chars: &[char], at: &mut usize) -> Result<Word, Fault> {
    let start = *at;
    let quote = chars[start];
    let mut text = String::new();
    *at += 1;
    loop {
        let letter = *chars.get(*at).ok_or_else(|| {
            Fault::new("The text that begins here has no end").at(start).remedy(format!("Close it with {quote}"))
        })?;
        *at += 1;
        match letter {
            '\\' => text.push(escape(chars, at)?),
            letter if letter == quote => return Ok(Word::Text(text)),
            letter => text.push(letter),
        }
    }
}

fn escape(chars: &[char], at: &mut usize) -> Result<char, Fault> {
    let start = *at - 1;
    let letter = chars.get(*at).copied().unwrap_or(' ');
    *at += 1;
    let digits = match letter {
        'n' => return Ok('\n'),
        't' => return Ok('\t'),
        'r' => return Ok('\r'),
        '0' => return Ok('\0'),
        '\\' | '"' | '\'' => return Ok(letter),
        'x' => 2,
        'u' => 4,
        'U' => 8,
        _ => {
            return Err(Fault::new(format!("`\\{letter}` isn't an escape"))
                .at(start)
                .remedy("Write a backslash as two: \\\\"));
        }
    };
    let code: String = chars.iter().skip(*at).take(digits).collect();
    *at += digits;
    u32::from_str_radix(&code, 16)
        .ok()
        .filter(|_| code.len() == digits)
        .and_then(char::from_u32)
        .ok_or_else(|| Fault::new(format!("`\\{letter}` takes {digits} hexadecimal digits")).at(start))
}

fn number(chars: &[char], at: &mut usize) -> Result<Word, Fault> {
    let start = *at;
    let mut whole = true;
    while let Some(&letter) = chars.get(*at) {
        match letter {
            '0'..='9' | '_' => {}
            '.' if whole => whole = false,
            'e' | 'E' => {
                whole = false;
                if matches!(chars.get(*at + 1), Some('+' | '-')) {
                    *at += 1;
                }
            }
            _ => break,
        }
        *at += 1;
    }
    let text: String = chars[start..*at].iter().filter(|letter| **letter != '_').collect();
    let wrong = || Fault::new(format!("`{text}` isn't a number")).at(start);
    if whole {
        text.parse().map(Word::Integer).map_err(|_| wrong().remedy("Whole numbers go up to 9223372036854775807"))
    } else {
        let value: f64 = text.parse().map_err(|_| wrong())?;
        if value.is_finite() { Ok(Word::Number(value)) } else { Err(wrong().remedy("It is too large for a float")) }
    }
}
