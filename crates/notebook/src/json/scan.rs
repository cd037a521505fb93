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
            self.at += plain(&self.bytes[self.at..]);
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => self.escape()?,
                Some(0..0x20) => {
                    return Err(
                        self.fault("a text holds a line break or another control character that is not escaped")
                    );
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

/// How many bytes at the start of a text's rest need no look, eight at a time: no quote, no backslash, no control
/// character. Nearly all of a large notebook is text, and it is walked over several times. The tests of a whole word are
/// those of Sean Anderson's "Bit Twiddling Hacks" for a byte that is zero, and one that is less than n.
fn plain(bytes: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = ONES << 7;
    let less = |word: u64, than: u64| word.wrapping_sub(ONES * than) & !word & HIGH;
    let has = |word: u64, byte: u8| less(word ^ (ONES * u64::from(byte)), 1);
    let (words, _) = bytes.as_chunks::<8>();
    let stops = |word: &[u8; 8]| {
        let word = u64::from_le_bytes(*word);
        (has(word, b'"') | has(word, b'\\') | less(word, 0x20)) != 0
    };
    words.iter().position(stops).unwrap_or(words.len()) * 8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_passed_up_to_what_counts() {
        for stop in 0..=u8::MAX {
            for at in 0..24 {
                let mut bytes = vec![b'a'; 24];
                bytes[at] = stop;
                let counts = matches!(stop, b'"' | b'\\' | 0..0x20);
                assert_eq!(plain(&bytes), if counts { at / 8 * 8 } else { 24 }, "{stop} at {at}");
            }
        }
        assert_eq!((plain(b""), plain(b"1234567"), plain(b"12345678\"")), (0, 0, 8));
    }

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
