//! Log files of jobs. A line is `<milliseconds since the epoch> <text>`, in the file of all hosts
//! `<milliseconds> <host> <text>`. A cursor is a byte offset, so that following a log costs what is new in it.

use crate::JobError;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::Path;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// Milliseconds since the epoch.
    pub at_ms: i64,
    /// `algo-1`
    pub host: String,
    pub text: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogChunk {
    pub lines: Vec<LogLine>,
    /// Where the next chunk starts; the same as asked for when nothing is new.
    pub next: u64,
}

/// Reads at most `limit` whole lines from a byte offset on. `host` is known unless the lines say it.
pub fn read(path: &Path, host: Option<&str>, after: u64, limit: usize) -> Result<LogChunk, JobError> {
    let mut chunk = LogChunk { lines: Vec::new(), next: after };
    let file = match File::open(path) {
        Ok(file) => file,
        // Before the command's first line there is no log.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(chunk),
        Err(error) => return Err(JobError::io(path, error)),
    };
    let failed = |error| JobError::io(path, error);
    let mut reader = BufReader::with_capacity(1 << 16, file);
    reader.seek(SeekFrom::Start(after)).map_err(failed)?;
    let mut bytes = Vec::new();
    while chunk.lines.len() < limit {
        bytes.clear();
        let count = reader.by_ref().take(1 << 20).read_until(b'\n', &mut bytes).map_err(failed)?;
        // The rest of a line that is just being written comes with the next chunk.
        if bytes.pop() != Some(b'\n') {
            break;
        }
        chunk.next += count as u64;
        chunk.lines.extend(parse(&String::from_utf8_lossy(&bytes), host));
    }
    Ok(chunk)
}

fn parse(line: &str, host: Option<&str>) -> Option<LogLine> {
    let (at, rest) = line.split_once(' ')?;
    let at_ms = at.parse().ok()?;
    let (host, text) = match host {
        Some(host) => (host, rest),
        None => rest.split_once(' ')?,
    };
    Some(LogLine { at_ms, host: host.to_owned(), text: text.to_owned() })
}
