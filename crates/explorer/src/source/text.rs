//! Text files as UTF-8, whatever packed or wrote them.
//!
//! The first page needs the head alone. What is packed, or not UTF-8, is then written once, unpacked and in UTF-8, to a
//! temporary file, so that any row of it can be reached by its position.

use super::files;
use super::format::Pack;
use crate::error::{ExploreError, Result};
use crate::work::Cancel;
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::Path;

/// Bytes looked at before anything is decided.
pub(crate) const HEAD_BYTES: usize = 256 << 10;
/// A packed file may grow this much, or beyond it to [`FREE_BYTES`].
const MAX_RATIO: u64 = 100;
const FREE_BYTES: u64 = 256 << 20;

/// The beginning of a text file.
pub(crate) struct Head {
    pub pack: Pack,
    pub encoding: &'static Encoding,
    /// UTF-8 without a byte order mark. May end within a row, never within a character.
    pub text: Vec<u8>,
    /// The file has no more than this.
    pub whole: bool,
    /// Bytes of the byte order mark, which positions in a plain file count.
    pub mark: usize,
}

fn unpack<'a>(file: impl Read + 'a, pack: Pack) -> std::io::Result<Box<dyn Read + 'a>> {
    Ok(match pack {
        Pack::Plain => Box::new(file),
        Pack::Gzip => Box::new(flate2::read::MultiGzDecoder::new(file)),
        Pack::Zstd => Box::new(zstd::stream::read::Decoder::new(file)?),
    })
}

fn unreadable(source: &str, path: &Path, pack: Pack, cause: &std::io::Error) -> ExploreError {
    match pack {
        Pack::Plain => ExploreError::io(source, path, cause),
        Pack::Gzip => {
            ExploreError::malformed(source, "gzip", format!("{cause}. It is damaged or was cut off: copy it again"))
        }
        Pack::Zstd => {
            ExploreError::malformed(source, "zstd", format!("{cause}. It is damaged or was cut off: copy it again"))
        }
    }
}

/// The first bytes, unpacked, as they are.
pub(crate) fn start(path: &Path, source: &str) -> Result<(Pack, Vec<u8>, bool)> {
    let (file, _) = files::open(path, source)?;
    let mut magic = [0; 4];
    let n = files::read_at(&file, &mut magic, 0).map_err(|cause| ExploreError::io(source, path, &cause))?;
    let pack = Pack::of(&magic[..n]);
    let mut bytes = Vec::with_capacity(HEAD_BYTES);
    let limit = HEAD_BYTES as u64 + 1;
    let read = unpack(file, pack).and_then(|reader| reader.take(limit).read_to_end(&mut bytes));
    match read {
        Ok(_) => {}
        // What could be unpacked is shown; the rest of the reading says what is wrong with it.
        Err(_) if pack != Pack::Plain && bytes.len() > 1000 => {}
        Err(cause) => return Err(unreadable(source, path, pack, &cause)),
    }
    let whole = bytes.len() <= HEAD_BYTES;
    bytes.truncate(HEAD_BYTES);
    Ok((pack, bytes, whole))
}

/// Decides the encoding of `bytes` and turns them into UTF-8. A named encoding is taken at its word.
pub(crate) fn head(pack: Pack, bytes: Vec<u8>, whole: bool, named: Option<&str>, source: &str) -> Result<Head> {
    let named = match named {
        None => None,
        Some(label) => Some(Encoding::for_label(label.as_bytes()).ok_or_else(|| {
            ExploreError::refused(source, format!("there is no encoding named `{label}`: use utf-8, utf-16le, windows-1252, shift_jis or another name of the Encoding Standard"))
        })?),
    };
    let marked = Encoding::for_bom(&bytes);
    let encoding = named.or(marked.map(|(encoding, _)| encoding)).unwrap_or_else(|| guess(&bytes));
    let mark = marked.filter(|(by_mark, _)| *by_mark == encoding).map_or(0, |(_, len)| len);
    let body = &bytes[mark..];
    let text = if encoding == UTF_8 {
        let end = if whole { body.len() } else { complete(body) };
        body[..end].to_vec()
    } else {
        let mut decoder = encoding.new_decoder_without_bom_handling();
        let mut text = String::with_capacity(decoder.max_utf8_buffer_length(body.len()).unwrap_or(body.len() * 3));
        let _ = decoder.decode_to_string(body, &mut text, whole);
        text.into_bytes()
    };
    if text.contains(&0) {
        return Err(ExploreError::Format { source_name: source.to_owned(), reason: "it holds binary data".to_owned() });
    }
    Ok(Head { pack, encoding, text, whole, mark })
}

/// UTF-8 if it is; UTF-16 without a mark by its zero bytes; else what browsers would take it for.
fn guess(bytes: &[u8]) -> &'static Encoding {
    let end = complete(bytes);
    match std::str::from_utf8(&bytes[..end]) {
        Ok(_) => UTF_8,
        // A late slip does not make another encoding of a file: rows that are not UTF-8 are mended one by one.
        Err(error) if error.valid_up_to() > 4096 && bytes[..error.valid_up_to()].iter().any(|byte| *byte >= 0x80) => {
            UTF_8
        }
        Err(_) => {
            let zeros = |from: usize| bytes.iter().skip(from).step_by(2).take(2000).filter(|byte| **byte == 0).count();
            let (even, odd) = (zeros(0), zeros(1));
            let half = bytes.len().min(4000) / 4;
            if odd > half && even < half / 4 {
                return UTF_16LE;
            }
            if even > half && odd < half / 4 {
                return UTF_16BE;
            }
            let mut detector = chardetng::EncodingDetector::new();
            detector.feed(bytes, true);
            detector.guess(None, true)
        }
    }
}

/// The length without a character that was cut off at the end.
fn complete(bytes: &[u8]) -> usize {
    let mut end = bytes.len();
    for back in 1..=3.min(bytes.len()) {
        let byte = bytes[bytes.len() - back];
        if byte >= 0xc0 {
            let needs = if byte >= 0xf0 {
                4
            } else if byte >= 0xe0 {
                3
            } else {
                2
            };
            if needs > back {
                end = bytes.len() - back;
            }
            break;
        }
        if byte < 0x80 {
            break;
        }
    }
    end
}

/// Writes the whole file, unpacked and in UTF-8, to a temporary one. `told` hears the share done.
pub(crate) fn spool(
    path: &Path,
    source: &str,
    head: &Head,
    cancel: &Cancel,
    told: &dyn Fn(f32),
) -> Result<tempfile::NamedTempFile> {
    let (file, identity) = files::open(path, source)?;
    let counted = Counted { file, read: std::rc::Rc::default() };
    let read_so_far = counted.read.clone();
    let fail = |cause: std::io::Error| unreadable(source, path, head.pack, &cause);
    let mut reader = unpack(std::io::BufReader::with_capacity(1 << 20, counted), head.pack).map_err(fail)?;
    let spool = tempfile::NamedTempFile::new().map_err(|cause| ExploreError::io(source, path, &cause))?;
    let mut out = BufWriter::with_capacity(1 << 20, spool.as_file());
    let mut decoder = (head.encoding != UTF_8).then(|| head.encoding.new_decoder_with_bom_removal());
    let mut buffer = vec![0; 1 << 20];
    let mut text = vec![0; 3 << 20];
    let mut written = 0u64;
    loop {
        cancel.check()?;
        let n = reader.read(&mut buffer).map_err(fail)?;
        let mut input = &buffer[..n];
        match decoder.as_mut() {
            None => {
                if written == 0 {
                    input = input.strip_prefix(b"\xef\xbb\xbf").unwrap_or(input);
                }
                written += input.len() as u64;
                out.write_all(input).map_err(|cause| ExploreError::io(source, path, &cause))?;
            }
            Some(decoder) => loop {
                let (result, used, made, _) = decoder.decode_to_utf8(input, &mut text, n == 0);
                out.write_all(&text[..made]).map_err(|cause| ExploreError::io(source, path, &cause))?;
                written += made as u64;
                input = &input[used..];
                if result == encoding_rs::CoderResult::InputEmpty {
                    break;
                }
            },
        }
        if head.pack != Pack::Plain && written > FREE_BYTES && written > identity.len.saturating_mul(MAX_RATIO) {
            return Err(ExploreError::refused(
                source,
                format!(
                    "it unpacks to more than {MAX_RATIO} times its size ({} MB from {} MB so far), which no table does: if it is meant, unpack it yourself and open the result",
                    written >> 20,
                    (identity.len >> 20).max(1)
                ),
            ));
        }
        if n == 0 {
            break;
        }
        told(read_so_far.get() as f32 / identity.len.max(1) as f32);
    }
    out.flush().map_err(|cause| ExploreError::io(source, path, &cause))?;
    drop(out);
    Ok(spool)
}

struct Counted {
    file: File,
    read: std::rc::Rc<std::cell::Cell<u64>>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = self.file.read(buffer)?;
        self.read.set(self.read.get() + n as u64);
        Ok(n)
    }
}

/// Rows of a UTF-8 file that are not UTF-8: read as Windows-1252, which they mostly are. The first such row counts
/// from 0 within `bytes`; `None` when all was well.
pub(crate) fn mend(bytes: Vec<u8>) -> (Vec<u8>, Option<usize>) {
    if std::str::from_utf8(&bytes).is_ok() {
        return (bytes, None);
    }
    let mut first = None;
    let mut out = Vec::with_capacity(bytes.len() + bytes.len() / 8);
    for (i, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        if std::str::from_utf8(line).is_ok() {
            out.extend_from_slice(line);
        } else {
            first.get_or_insert(i);
            out.extend_from_slice(encoding_rs::WINDOWS_1252.decode_without_bom_handling(line).0.as_bytes());
        }
    }
    (out, first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_seen() {
        let check = |bytes: &[u8], encoding: &str, text: &str| {
            let head = head(Pack::Plain, bytes.to_vec(), true, None, "a").unwrap();
            assert_eq!((head.encoding.name(), std::str::from_utf8(&head.text).unwrap()), (encoding, text));
        };
        check(b"a,b\n", "UTF-8", "a,b\n");
        check(b"\xef\xbb\xbfa\n", "UTF-8", "a\n");
        check("\u{e9}t\u{e9}".as_bytes(), "UTF-8", "\u{e9}t\u{e9}");
        check(b"caf\xe9 au lait, d\xe9j\xe0 vu\n", "windows-1252", "caf\u{e9} au lait, d\u{e9}j\u{e0} vu\n");
        check(b"\xff\xfea\0,\0b\0\n\0", "UTF-16LE", "a,b\n");
        check(b"\xfe\xff\0a\0\n", "UTF-16BE", "a\n");
        assert!(head(Pack::Plain, b"a\0b".to_vec(), true, None, "a").is_err());
        assert!(head(Pack::Plain, b"a".to_vec(), true, Some("klingon"), "a").is_err());
    }

    #[test]
    fn a_character_cut_off_is_left_out() {
        assert_eq!(complete("ab\u{e9}".as_bytes()), 4);
        assert_eq!(complete(b"ab\xc3"), 2);
        assert_eq!(complete(b"ab\xe2\x82"), 2);
        assert_eq!(complete(b""), 0);
    }

    #[test]
    fn a_row_of_another_encoding_is_mended() {
        let (text, first) = mend(b"a,\xc3\xa9\nb,\xe9\n".to_vec());
        assert_eq!((std::str::from_utf8(&text).unwrap(), first), ("a,\u{e9}\nb,\u{e9}\n", Some(1)));
    }
}
