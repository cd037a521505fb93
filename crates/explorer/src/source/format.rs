//! What a file is, by its first bytes and, where those do not say it, by its name.

use crate::error::{ExploreError, Result};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// The separator, where the name fixes it.
    Delimited(Option<u8>),
    Json,
    JsonLines,
    Parquet,
    Arrow,
    ArrowStream,
    Excel,
}

/// How the bytes of a text form are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pack {
    Plain,
    Gzip,
    Zstd,
}

impl Pack {
    pub fn of(start: &[u8]) -> Pack {
        match start {
            [0x1f, 0x8b, ..] => Pack::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Pack::Zstd,
            _ => Pack::Plain,
        }
    }

    pub fn ending(self) -> &'static str {
        match self {
            Pack::Plain => "",
            Pack::Gzip => ".gz",
            Pack::Zstd => ".zst",
        }
    }
}

impl Format {
    pub fn name(self) -> &'static str {
        match self {
            Format::Delimited(Some(b'\t')) => "tsv",
            Format::Delimited(_) => "csv",
            Format::Json => "json",
            Format::JsonLines => "jsonl",
            Format::Parquet => "parquet",
            Format::Arrow | Format::ArrowStream => "arrow",
            Format::Excel => "excel",
        }
    }

    /// `start` is the first bytes of the (unpacked) file.
    pub fn of(source: &str, start: &[u8]) -> Result<Format> {
        let name = source.rsplit('/').next().unwrap_or(source).to_ascii_lowercase();
        let mut name = name.as_str();
        for ending in [".gz", ".zst", ".zstd", ".out"] {
            name = name.strip_suffix(ending).unwrap_or(name);
        }
        let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
        if start.starts_with(b"PAR1") {
            return Ok(Format::Parquet);
        }
        if start.starts_with(b"ARROW1") {
            return Ok(Format::Arrow);
        }
        if start.starts_with(&[0xff, 0xff, 0xff, 0xff]) {
            return Ok(Format::ArrowStream);
        }
        let zip = start.starts_with(b"PK\x03\x04");
        let ole = start.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]);
        if (zip && matches!(ending, "xlsx" | "xlsm" | "xlsb" | "ods" | "")) || (ole && matches!(ending, "xls" | "")) {
            return Ok(Format::Excel);
        }
        let refuse =
            |reason: &str| Err(ExploreError::Format { source_name: source.to_owned(), reason: reason.to_owned() });
        match ending {
            "parquet" | "pq" => {
                return Err(ExploreError::malformed(
                    source,
                    "Parquet",
                    "it does not start as a Parquet file does: it is another format, or was damaged",
                ));
            }
            "arrow" | "feather" | "ipc" => {
                return Err(ExploreError::malformed(
                    source,
                    "Arrow",
                    "it does not start as an Arrow file does: it is another format, or was damaged",
                ));
            }
            "xlsx" | "xlsm" | "xlsb" | "xls" | "ods" => {
                return Err(ExploreError::malformed(
                    source,
                    "Excel",
                    "it does not start as a workbook does: it is another format, or was damaged",
                ));
            }
            _ => {}
        }
        if zip {
            return refuse("it is a zip archive: unpack it first");
        }
        let utf16 = start.starts_with(&[0xff, 0xfe]) || start.starts_with(&[0xfe, 0xff]);
        if !utf16 && start.contains(&0) {
            return refuse("it holds binary data");
        }
        let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
        let first = text.iter().find(|byte| !byte.is_ascii_whitespace());
        Ok(match ending {
            "csv" => Format::Delimited(None),
            "tsv" | "tab" => Format::Delimited(Some(b'\t')),
            "json" => Format::Json,
            "jsonl" | "ndjson" => Format::JsonLines,
            _ if first == Some(&b'{') => Format::JsonLines,
            _ if first == Some(&b'[') => Format::Json,
            _ => Format::Delimited(None),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_by_content_and_name() {
        let check = |name: &str, start: &[u8], expected: Format| {
            assert_eq!(Format::of(name, start).unwrap(), expected, "{name}")
        };
        check("part-0", b"PAR1....", Format::Parquet);
        check("a.csv", b"x,y\n", Format::Delimited(None));
        check("a.tsv.gz", b"x\ty\n", Format::Delimited(Some(b'\t')));
        check("s3://b/a.jsonl", b"{}\n", Format::JsonLines);
        check("out.json.out", b"[1]", Format::Json);
        check("noname", b"{\"a\":1}", Format::JsonLines);
        check("a.feather", b"ARROW1\0\0", Format::Arrow);
        check("a.xlsx", b"PK\x03\x04", Format::Excel);
        assert!(Format::of("a.parquet", b"hello").is_err());
        assert!(Format::of("a.zip", b"PK\x03\x04").is_err());
        assert!(Format::of("a", b"a\0b").is_err());
    }
}
