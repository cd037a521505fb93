//! A reader of JSON as XGBoost writes it: with `NaN` and `Infinity`, arrays of numbers kept flat.

use super::document::{Document, MAX_DEPTH};

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

pub fn parse(bytes: &[u8]) -> Result<Document, String> {
    let mut reader = Reader { bytes, at: 0 };
    let document = reader.value(0)?;
    match reader.peek() {
        None => Ok(document),
        Some(_) => Err(reader.wrong("nothing more")),
    }
}

impl Reader<'_> {
    fn wrong(&self, expected: &str) -> String {
        format!("JSON: expected {expected} at byte {}", self.at)
    }

    /// The next byte that is no space.
    fn peek(&mut self) -> Option<u8> {
        while let Some(b) = self.bytes.get(self.at) {
            if !b.is_ascii_whitespace() {
                return Some(*b);
            }
            self.at += 1;
        }
        None
    }

    fn take(&mut self, wanted: u8) -> Result<(), String> {
        if self.peek() != Some(wanted) {
            return Err(self.wrong(&format!("'{}'", wanted as char)));
        }
        self.at += 1;
        Ok(())
    }

    fn took(&mut self, wanted: u8) -> bool {
        self.take(wanted).is_ok()
    }

    fn value(&mut self, depth: usize) -> Result<Document, String> {
        if depth > MAX_DEPTH {
            return Err(self.wrong("less nesting"));
        }
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => Ok(Document::Text(self.text()?)),
            Some(_) => self.word(),
            None => Err(self.wrong("a value")),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Document, String> {
        let mut members = Vec::new();
        self.take(b'{')?;
        while !self.took(b'}') {
            if !members.is_empty() {
                self.take(b',')?;
            }
            self.peek();
            let name = self.text()?;
            self.take(b':')?;
            members.push((name, self.value(depth + 1)?));
        }
        Ok(Document::Object(members))
    }

    fn array(&mut self, depth: usize) -> Result<Document, String> {
        let mut numbers = Vec::new();
        let mut items = Vec::new();
        self.take(b'[')?;
        while !self.took(b']') {
            if !(numbers.is_empty() && items.is_empty()) {
                self.take(b',')?;
            }
            match self.value(depth + 1)? {
                Document::Number(number) if items.is_empty() => numbers.push(number),
                item => {
                    items.extend(numbers.drain(..).map(Document::Number));
                    items.push(item);
                }
            }
        }
        Ok(if items.is_empty() { Document::Numbers(numbers) } else { Document::Array(items) })
    }

    fn word(&mut self) -> Result<Document, String> {
        let rest = &self.bytes[self.at..];
        let end = rest.iter().position(|b| !(b.is_ascii_alphanumeric() || b"+-.".contains(b))).unwrap_or(rest.len());
        let word = std::str::from_utf8(&rest[..end]).unwrap_or_default();
        let document = match word {
            "null" => Document::Null,
            "true" => Document::Number(1.0),
            "false" => Document::Number(0.0),
            "" => return Err(self.wrong("a value")),
            number => Document::Number(number.parse().map_err(|_| self.wrong("a number"))?),
        };
        self.at += end;
        Ok(document)
    }

    fn text(&mut self) -> Result<String, String> {
        self.take(b'"')?;
        let start = self.at;
        let mut escaped = false;
        while let Some(b) = self.bytes.get(self.at) {
            match b {
                b'"' if !escaped => break,
                b'\\' => escaped = !escaped,
                _ => escaped = false,
            }
            self.at += 1;
        }
        // A backslash is rare in a model file (a feature's name); serde_json knows how to read one.
        let inner = &self.bytes[start..self.at];
        self.take(b'"')?;
        let text = if inner.contains(&b'\\') {
            serde_json::from_slice(&self.bytes[start - 1..self.at]).ok()
        } else {
            String::from_utf8(inner.to_vec()).ok()
        };
        text.ok_or_else(|| self.wrong("text"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_xgboost_writes() {
        let document =
            parse(br#"{"a": [1, -2.5E-1, NaN, Infinity], "b": {"c": "x\"y"}, "d": [], "e": [true, {}], "f": null}"#)
                .expect("JSON");
        let a = document.at("a").expect("a").numbers().expect("numbers");
        assert!(a[..2] == [1.0, -0.25] && a[2].is_nan() && a[3] == f64::INFINITY);
        assert_eq!(document.at("b/c").expect("c").text(), Some("x\"y"));
        assert_eq!(document.at("d").expect("d").array(), Some(&[][..]));
        assert_eq!(document.at("e").expect("e").array().map(<[_]>::len), Some(2));
        assert_eq!(document.at("b/z").expect_err("absent"), "no member b/z");
    }

    fn check(text: &str) {
        assert!(parse(text.as_bytes()).is_err(), "{text}");
    }

    #[test]
    fn what_is_not_json() {
        check("");
        check("{");
        check("{\"a\"}");
        check("[1 2]");
        check("[1,]x");
        check("\"abc");
        check("nope");
        check(&"[".repeat(1000));
    }

    proptest! {
        #[test]
        fn hostile_text_never_panics(text in "[\\[\\]{}\",:0-9eE.+\\-a-z\\\\ ]{0,60}", bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = parse(text.as_bytes());
            let _ = parse(&bytes);
        }
    }
}
