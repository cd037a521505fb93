//! Walks over JSON text without making anything of it.

/// Deeper nesting is refused: readers that recurse, ours and others', must not be brought down by a file.
pub const MAX_DEPTH: usize = 200;

/// What is wrong, and at which byte.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    pub at: usize,
    pub what: String,
}

/// Checks that `text` is one JSON value with nothing but space around it.
pub fn check(text: &str) -> Result<(), Fault> {
    let mut scanner = Scanner::new(text);
    scanner.space();
    scanner.value()?;
    scanner.space();
    match scanner.peek() {
        None => Ok(()),
        Some(_) => Err(scanner.fault("something follows the end of the document")),
    }
}

pub struct Scanner<'a> {
    bytes: &'a [u8],
    pub at: usize,
    depth: usize,
}

impl<'a> Scanner<'a> {
    pub fn new(text: &'a str) -> Scanner<'a> {
        Scanner { bytes: text.as_bytes(), at: 0, depth: 0 }
    }

    pub fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    pub fn space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    fn fault(&self, what: impl Into<String>) -> Fault {
        Fault { at: self.at, what: what.into() }
    }

    fn unexpected(&self, wanted: &str) -> Fault {
        match self.peek() {
            None => self.fault(format!("the file ends where {wanted} should be")),
            Some(_) => self.fault(format!("{wanted} should be here")),
        }
    }

    pub fn expect(&mut self, byte: u8, wanted: &str) -> Result<(), Fault> {
        if self.peek() != Some(byte) {
            return Err(self.unexpected(wanted));
        }
        self.at += 1;
        Ok(())
    }

    /// Passes one value. Recursion ends at [`MAX_DEPTH`].
    pub fn value(&mut self) -> Result<(), Fault> {
        match self.peek() {
            Some(b'"') => self.string(),
            Some(b'{') => self.nested(Scanner::object),
            Some(b'[') => self.nested(Scanner::array),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(_) => self.word(),
            None => Err(self.unexpected("a value")),
        }
    }

    fn nested(&mut self, pass: fn(&mut Self) -> Result<(), Fault>) -> Result<(), Fault> {
        if self.depth == MAX_DEPTH {
            return Err(self.fault(format!("it is nested more than {MAX_DEPTH} levels deep")));
        }
        self.depth += 1;
        pass(self)?;
        self.depth -= 1;
        Ok(())
    }

    fn object(&mut self) -> Result<(), Fault> {
        self.at += 1;
        self.space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(());
        }
        loop {
            self.space();
            if self.peek() != Some(b'"') {
                return Err(self.unexpected("a key in double quotes"));
            }
            self.string()?;
            self.space();
            self.expect(b':', "`:`")?;
            self.space();
            self.value()?;
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(());
                }
                _ => return Err(self.unexpected("`,` or `}`")),
            }
        }
    }

    fn array(&mut self) -> Result<(), Fault> {
        self.at += 1;
        self.space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(());
        }
        loop {
            self.space();
            self.value()?;
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(());
                }
                _ => return Err(self.unexpected("`,` or `]`")),
            }
        }
    }

    pub fn string(&mut self) -> Result<(), Fault> {
        let start = self.at;
        self.at += 1;
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => self.escape()?,
                Some(0..0x20) => {
                    return Err(self.fault("a text holds a line break or another control character that is not escaped"));
                }
                Some(_) => self.at += 1,
                None => return Err(Fault { at: start, what: "a text begins here and never ends".to_owned() }),
            }
        }
    }

    fn escape(&mut self) -> Result<(), Fault> {
        match self.bytes.get(self.at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 2,
            Some(b'u')
                if self
                    .bytes
                    .get(self.at + 2..self.at + 6)
                    .is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit)) =>
            {
                self.at += 6
            }
            _ => return Err(self.fault("`\\` begins an escape that JSON does not have")),
        }
        Ok(())
    }

    fn number(&mut self) -> Result<(), Fault> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.bytes[self.at..].starts_with(b"Infinity") {
            self.at += 8;
            return Ok(());
        }
        let whole = self.digits();
        let leading_zero = whole > 1 && self.bytes[self.at - whole] == b'0';
        let mut good = whole > 0 && !leading_zero;
        if self.peek() == Some(b'.') {
            self.at += 1;
            good &= self.digits() > 0;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            good &= self.digits() > 0;
        }
        if good { Ok(()) } else { Err(Fault { at: start, what: "this is not a number as JSON writes it".to_owned() }) }
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        self.at - start
    }

    fn word(&mut self) -> Result<(), Fault> {
        let rest = &self.bytes[self.at..];
        let known: [&[u8]; 5] = [b"null", b"true", b"false", b"NaN", b"Infinity"];
        match known.iter().find(|word| rest.starts_with(word)) {
            Some(word) => {
                self.at += word.len();
                Ok(())
            }
            None => Err(self.unexpected("a value")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_taken() {
        for text in [
            "1",
            " [ ] ",
            r#"{"a":[1,-2.5e+3,"\u00e9\ud83d",null,true,false,NaN,-Infinity]}"#,
            "\"é\"",
            "0",
            "-0.0",
            "1E5",
        ] {
            assert_eq!(check(text), Ok(()), "{text}");
        }
        assert_eq!(check(&("[".repeat(MAX_DEPTH) + &"]".repeat(MAX_DEPTH))), Ok(()));
    }

    fn refused(text: &str, at: usize, what: &str) {
        let fault = check(text).unwrap_err();
        assert!(fault.at == at && fault.what.contains(what), "{text}: {fault:?}");
    }

    #[test]
    fn what_is_not_json_is_refused_where_it_is() {
        refused("", 0, "ends where a value");
        refused("[1,]", 3, "a value should");
        refused("[1 2]", 3, "`,` or `]`");
        refused(r#"{"a" 1}"#, 5, "`:`");
        refused("{a:1}", 1, "double quotes");
        refused(r#"{"a":1"#, 6, "the file ends");
        refused("\"ab", 0, "never ends");
        refused("\"a\nb\"", 2, "control character");
        refused(r#""\x""#, 1, "escape");
        refused(r#""\u12g4""#, 1, "escape");
        refused("01", 0, "number");
        refused("1.", 0, "number");
        refused("-", 0, "number");
        refused("nul", 0, "a value");
        refused("1 2", 2, "follows");
        refused(&"[".repeat(MAX_DEPTH + 1), MAX_DEPTH, "nested");
        refused(&"[".repeat(1 << 20), MAX_DEPTH, "nested");
    }
}
