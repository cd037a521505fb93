//! A reader of UBJSON (<https://ubjson.org>, draft 12) as far as XGBoost writes it.
//!
//! Numbers are big endian. A container may state its element type (`$`) and its length (`#`); a stated length is never
//! trusted for an allocation, since the bytes must be there first.

use super::document::{Document, MAX_DEPTH};

struct Reader<'a> {
    rest: &'a [u8],
    length: usize,
}

pub fn parse(bytes: &[u8]) -> Result<Document, String> {
    let mut reader = Reader { rest: bytes, length: bytes.len() };
    let mark = reader.mark()?;
    reader.value(mark, 0)
}

/// Bytes of a number of a type; None for what is no number.
fn width(mark: u8) -> Option<usize> {
    match mark {
        b'i' | b'U' => Some(1),
        b'I' => Some(2),
        b'l' | b'd' => Some(4),
        b'L' | b'D' => Some(8),
        _ => None,
    }
}

fn number(mark: u8, b: &[u8]) -> f64 {
    match (mark, b) {
        (b'i', [a]) => f64::from(*a as i8),
        (b'U', [a]) => f64::from(*a),
        (b'I', [a, b]) => f64::from(i16::from_be_bytes([*a, *b])),
        (b'l', [a, b, c, d]) => f64::from(i32::from_be_bytes([*a, *b, *c, *d])),
        (b'd', [a, b, c, d]) => f64::from(f32::from_be_bytes([*a, *b, *c, *d])),
        (b'L', [a, b, c, d, e, f, g, h]) => i64::from_be_bytes([*a, *b, *c, *d, *e, *f, *g, *h]) as f64,
        (b'D', [a, b, c, d, e, f, g, h]) => f64::from_be_bytes([*a, *b, *c, *d, *e, *f, *g, *h]),
        _ => f64::NAN,
    }
}

impl<'a> Reader<'a> {
    fn wrong(&self, expected: &str) -> String {
        format!("UBJSON: expected {expected} at byte {}", self.length - self.rest.len())
    }

    fn bytes(&mut self, n: usize) -> Result<&'a [u8], String> {
        let (head, rest) = self.rest.split_at_checked(n).ok_or_else(|| self.wrong(&format!("{n} more bytes")))?;
        self.rest = rest;
        Ok(head)
    }

    /// The next mark; `N` is padding.
    fn mark(&mut self) -> Result<u8, String> {
        loop {
            match self.bytes(1)?[0] {
                b'N' => {}
                mark => return Ok(mark),
            }
        }
    }

    fn number(&mut self, mark: u8) -> Result<f64, String> {
        let n = width(mark).ok_or_else(|| self.wrong("a number"))?;
        Ok(number(mark, self.bytes(n)?))
    }

    fn length(&mut self) -> Result<usize, String> {
        let mark = self.mark()?;
        let length = self.number(mark)?;
        match length >= 0.0 && length.fract() == 0.0 && length <= self.length as f64 {
            true => Ok(length as usize),
            false => Err(self.wrong("a length")),
        }
    }

    fn text(&mut self) -> Result<String, String> {
        let length = self.length()?;
        String::from_utf8(self.bytes(length)?.to_vec()).map_err(|_| self.wrong("UTF-8"))
    }

    fn value(&mut self, mark: u8, depth: usize) -> Result<Document, String> {
        if depth > MAX_DEPTH {
            return Err(self.wrong("less nesting"));
        }
        Ok(match mark {
            b'Z' => Document::Null,
            b'T' => Document::Number(1.0),
            b'F' => Document::Number(0.0),
            b'S' | b'H' => Document::Text(self.text()?),
            b'C' => Document::Text((self.bytes(1)?[0] as char).to_string()),
            b'[' => self.array(depth)?,
            b'{' => self.object(depth)?,
            other => Document::Number(self.number(other)?),
        })
    }

    /// The stated element type and length of a container that has just begun.
    fn header(&mut self) -> Result<(Option<u8>, Option<usize>), String> {
        let mut kind = None;
        if self.rest.first() == Some(&b'$') {
            kind = Some(self.bytes(2)?[1]);
            if matches!(kind, Some(b'Z' | b'T' | b'F' | b'N')) {
                // Elements of no bytes: a few bytes could ask for any amount of memory.
                return Err(self.wrong("elements with bytes"));
            }
        }
        if self.rest.first() == Some(&b'#') {
            self.bytes(1)?;
            return Ok((kind, Some(self.length()?)));
        }
        match kind {
            None => Ok((None, None)),
            Some(_) => Err(self.wrong("a length after the type")),
        }
    }

    fn array(&mut self, depth: usize) -> Result<Document, String> {
        let (kind, length) = self.header()?;
        if let (Some(kind), Some(length), Some(width)) = (kind, length, kind.and_then(width)) {
            let size = length.checked_mul(width).ok_or_else(|| self.wrong("a length"))?;
            let numbers = self.bytes(size)?.chunks_exact(width).map(|b| number(kind, b)).collect();
            return Ok(Document::Numbers(numbers));
        }
        let (mut numbers, mut items) = (Vec::new(), Vec::new());
        while self.more(length, numbers.len().max(items.len()), b']')? {
            let mark = kind.map_or_else(|| self.mark(), Ok)?;
            match self.value(mark, depth + 1)? {
                Document::Number(number) if items.is_empty() => numbers.push(number),
                item => {
                    items.extend(numbers.drain(..).map(Document::Number));
                    items.push(item);
                }
            }
        }
        Ok(if items.is_empty() { Document::Numbers(numbers) } else { Document::Array(items) })
    }

    fn object(&mut self, depth: usize) -> Result<Document, String> {
        let (kind, length) = self.header()?;
        let mut members = Vec::new();
        while self.more(length, members.len(), b'}')? {
            let name = self.text()?;
            let mark = kind.map_or_else(|| self.mark(), Ok)?;
            members.push((name, self.value(mark, depth + 1)?));
        }
        Ok(Document::Object(members))
    }

    /// Whether the container goes on, by its stated length or else by its end mark.
    fn more(&mut self, length: Option<usize>, seen: usize, end: u8) -> Result<bool, String> {
        if let Some(length) = length {
            return Ok(seen < length);
        }
        while self.rest.first() == Some(&b'N') {
            self.bytes(1)?;
        }
        match self.rest.first() {
            Some(mark) if *mark == end => self.bytes(1).map(|_| false),
            Some(_) => Ok(true),
            None => Err(self.wrong("the end of a container")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn typed_and_untyped_containers() {
        let bytes = [
            b"{L\0\0\0\0\0\0\0\x01a[$d#L\0\0\0\0\0\0\0\x02\x3f\x80\0\0\x40\0\0\0".as_slice(),
            b"i\x01bSi\x02hi".as_slice(),
            b"i\x01c[TFU\x07]".as_slice(),
            b"i\x01d[#i\x01{}".as_slice(),
            b"i\x01eZ}".as_slice(),
        ]
        .concat();
        let document = Document::parse(&bytes).expect("UBJSON");
        assert_eq!(document.at("a").expect("a").numbers(), Some(&[1.0, 2.0][..]));
        assert_eq!(document.at("b").expect("b").text(), Some("hi"));
        assert_eq!(document.at("c").expect("c").numbers(), Some(&[1.0, 0.0, 7.0][..]));
        assert_eq!(document.at("d").expect("d").array().map(<[_]>::len), Some(1));
        for end in 0..bytes.len() {
            assert!(parse(&bytes[..end]).is_err(), "cut at {end}");
        }
        assert!(parse(&b"[".repeat(10_000)).is_err());
        assert!(parse(b"[$d#L\x7f\xff\xff\xff\xff\xff\xff\xff").is_err());
        assert!(parse(b"[$Z#L\0\0\0\0\x7f\xff\xff\xff").is_err());
    }

    proptest! {
        #[test]
        fn hostile_bytes_never_panic(bytes in proptest::collection::vec(prop_oneof![any::<u8>(), proptest::sample::select(b"[]{}$#iUIlLdDSTFZN".to_vec())], 0..80)) {
            let _ = parse(&bytes);
        }
    }
}
