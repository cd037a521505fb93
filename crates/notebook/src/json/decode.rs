//! From checked JSON text to values.

use super::scan::Scanner;
use serde_json::{Map, Number, Value};

/// The value of a text that [`super::check`] has passed. What JSON's values cannot hold becomes what comes nearest:
/// `NaN` and infinities `null`, half a surrogate pair U+FFFD. Of a doubled key the last counts.
pub fn decode(text: &str) -> Value {
    let mut reader = Reader { text, scanner: Scanner::new(text) };
    reader.scanner.space();
    reader.value().unwrap_or(Value::Null)
}

/// The text of a string with its quotes.
pub fn decode_string(quoted: &str) -> String {
    let inner = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default();
    if !inner.contains('\\') {
        return inner.to_owned();
    }
    let mut text = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        rest = unescape(&rest[at..], &mut text);
    }
    text.push_str(rest);
    text
}

/// Takes one escape off the front of `rest`.
fn unescape<'a>(rest: &'a str, text: &mut String) -> &'a str {
    let (plain, len) = match rest.as_bytes().get(1) {
        Some(b'n') => ('\n', 2),
        Some(b't') => ('\t', 2),
        Some(b'r') => ('\r', 2),
        Some(b'b') => ('\u{8}', 2),
        Some(b'f') => ('\u{c}', 2),
        Some(b'u') => unescape_unicode(rest),
        Some(other) => (char::from(*other), 2),
        None => return "",
    };
    text.push(plain);
    rest.get(len..).unwrap_or_default()
}

fn unescape_unicode(rest: &str) -> (char, usize) {
    let unit = |at: usize| rest.get(at + 2..at + 6).and_then(|hex| u32::from_str_radix(hex, 16).ok());
    let first = unit(0).unwrap_or(0xfffd);
    if (0xd800..0xdc00).contains(&first)
        && rest.get(6..8) == Some("\\u")
        && let Some(second @ 0xdc00..=0xdfff) = unit(6)
    {
        let whole = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
        return (char::from_u32(whole).unwrap_or('\u{fffd}'), 12);
    }
    (char::from_u32(first).unwrap_or('\u{fffd}'), 6)
}

struct Reader<'a> {
    text: &'a str,
    scanner: Scanner<'a>,
}

impl Reader<'_> {
    fn value(&mut self) -> Option<Value> {
        match self.scanner.peek()? {
            b'{' => self.object(),
            b'[' => self.array(),
            b'"' => Some(Value::String(self.string()?)),
            _ => {
                let word = self.pass()?;
                Some(match word {
                    "true" => Value::Bool(true),
                    "false" => Value::Bool(false),
                    number => decode_number(number),
                })
            }
        }
    }

    fn pass(&mut self) -> Option<&str> {
        let start = self.scanner.at;
        self.scanner.value().ok()?;
        self.text.get(start..self.scanner.at)
    }

    fn string(&mut self) -> Option<String> {
        self.pass().map(decode_string)
    }

    fn array(&mut self) -> Option<Value> {
        let mut items = Vec::new();
        self.scanner.at += 1;
        loop {
            self.scanner.space();
            match self.scanner.peek()? {
                b']' => break,
                b',' => self.scanner.at += 1,
                _ => items.push(self.value()?),
            }
        }
        self.scanner.at += 1;
        Some(Value::Array(items))
    }

    fn object(&mut self) -> Option<Value> {
        let mut members = Map::new();
        self.scanner.at += 1;
        loop {
            self.scanner.space();
            match self.scanner.peek()? {
                b'}' => break,
                b',' => self.scanner.at += 1,
                _ => {
                    let key = self.string()?;
                    self.scanner.space();
                    self.scanner.at += 1;
                    self.scanner.space();
                    let value = self.value()?;
                    members.insert(key, value);
                }
            }
        }
        self.scanner.at += 1;
        Some(Value::Object(members))
    }
}

fn decode_number(text: &str) -> Value {
    if let Ok(whole) = text.parse::<u64>() {
        return whole.into();
    }
    if let Ok(whole) = text.parse::<i64>()
        && whole != 0
    {
        return whole.into();
    }
    text.parse::<f64>().ok().and_then(Number::from_f64).map_or(Value::Null, Value::Number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values() {
        let check = |text: &str, value: Value| assert_eq!(decode(text), value, "{text}");
        check(
            r#" {"a": [1, -2, 2.5, 1e2, "x"], "b": {"c": null}} "#,
            json!({"a": [1, -2, 2.5, 100.0, "x"], "b": {"c": null}}),
        );
        check(r#""\"\\\/\b\f\n\r\té\u00e9\ud83d\ude00""#, json!("\"\\/\u{8}\u{c}\n\r\téé😀"));
        check(r#""\ud83d!\ude00""#, json!("\u{fffd}!\u{fffd}"));
        check("[NaN, Infinity, -Infinity, 1e999]", json!([null, null, null, null]));
        check("[18446744073709551615, 18446744073709551616, -0]", json!([u64::MAX, 18446744073709551616.0, -0.0]));
        check(r#"{"a":1,"a":2}"#, json!({"a": 2}));
    }
}
