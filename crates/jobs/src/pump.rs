//! From a command's output to log files: whole lines, each with the time at which it came.

use atelier_store::now_ms;
use std::fs::File;
use std::io::{self, Read, Write as _};
use std::sync::{Arc, Mutex, PoisonError};

/// Longer lines are cut into several.
const LONGEST: usize = 256 << 10;

/// The log of all hosts together, when there are several.
pub type Merged = Option<Arc<Mutex<File>>>;

/// Reads to the end of `source`, the output and error output of a host in one. What was read at once is written at
/// once, so that a line is in the log microseconds after the command wrote it.
///
/// Reads on even if the log cannot be written, on a full disk: whoever writes to a closed pipe dies of it, and the job
/// matters more than its log. The first error is returned at the end.
pub fn pump(mut source: impl Read, host: &str, log: &mut File, merged: &Merged) -> io::Result<()> {
    let mut buffer = vec![0; 1 << 16];
    let mut pending = Vec::new();
    let mut outcome = Ok(());
    loop {
        let count = match source.read(&mut buffer) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        pending.extend_from_slice(&buffer[..count]);
        if count == 0 && !pending.is_empty() && pending.last() != Some(&b'\n') {
            pending.push(b'\n');
        }
        let at = now_ms();
        let (mut lines, mut all) = (Vec::new(), Vec::new());
        while let Some(end) = end_of_line(&pending) {
            let line: Vec<u8> = pending.drain(..end).collect();
            let text = String::from_utf8_lossy(&line);
            let text = text.trim_end_matches(['\n', '\r']);
            writeln!(lines, "{at} {text}")?;
            if merged.is_some() {
                writeln!(all, "{at} {host} {text}")?;
            }
        }
        let mut written = log.write_all(&lines);
        if let Some(merged) = merged {
            written = written.and(merged.lock().unwrap_or_else(PoisonError::into_inner).write_all(&all));
        }
        outcome = outcome.and(written);
        if count == 0 {
            return outcome;
        }
    }
}

fn end_of_line(bytes: &[u8]) -> Option<usize> {
    let end = bytes.iter().take(LONGEST).position(|&byte| byte == b'\n').map(|at| at + 1);
    end.or((bytes.len() >= LONGEST).then_some(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logs;

    #[test]
    fn lines_of_any_form() {
        let check = |output: &[u8], expected: &[&str]| {
            let file = tempfile::NamedTempFile::new().unwrap();
            pump(output, "algo-1", &mut file.reopen().unwrap(), &None).unwrap();
            let chunk = logs::read(file.path(), Some("algo-1"), 0, 100).unwrap();
            let texts: Vec<_> = chunk.lines.iter().map(|line| line.text.as_str()).collect();
            assert_eq!(texts, expected);
        };
        check(b"one\ntwo\n", &["one", "two"]);
        check(b"no end", &["no end"]);
        check(b"crlf\r\n\r\n", &["crlf", ""]);
        check(b"bad \xff byte\n", &["bad \u{fffd} byte"]);
        check(b"", &[]);
        let long = vec![b'x'; LONGEST + 5];
        check(&long, &[&"x".repeat(LONGEST), "xxxxx"]);
    }
}
