//! Which files a source stands for, and whether they are still the same.

use crate::error::{ExploreError, Result};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// More files than this are not one table.
const MAX_FILES: usize = 10_000;

/// What makes a file the same as before without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    pub len: u64,
    pub modified: Option<SystemTime>,
}

pub(crate) fn identify(path: &Path, source: &str) -> Result<Identity> {
    let meta = fs::metadata(path).map_err(|cause| ExploreError::io(source, path, &cause))?;
    if meta.is_dir() {
        return Err(ExploreError::Format {
            source_name: source.to_owned(),
            reason: "it is a folder, not a file".to_owned(),
        });
    }
    if !meta.is_file() {
        let reason = "it is a pipe or a device, which has no end: write its content to a file and open that".to_owned();
        return Err(ExploreError::Format { source_name: source.to_owned(), reason });
    }
    Ok(Identity { len: meta.len(), modified: meta.modified().ok() })
}

/// Opens a regular file. A pipe is never opened: that alone would wait for its writer.
pub(crate) fn open(path: &Path, source: &str) -> Result<(File, Identity)> {
    let identity = identify(path, source)?;
    let file = File::open(path).map_err(|cause| ExploreError::io(source, path, &cause))?;
    Ok((file, identity))
}

/// Fills `buffer` from a position without moving any cursor; how much there was.
pub(crate) fn read_at(file: &File, mut buffer: &mut [u8], mut at: u64) -> std::io::Result<usize> {
    let mut total = 0;
    while !buffer.is_empty() {
        let n = at_once(file, buffer, at)?;
        if n == 0 {
            break;
        }
        buffer = &mut buffer[n..];
        at += n as u64;
        total += n;
    }
    Ok(total)
}

#[cfg(unix)]
fn at_once(file: &File, buffer: &mut [u8], at: u64) -> std::io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, at)
}

#[cfg(windows)]
fn at_once(file: &File, buffer: &mut [u8], at: u64) -> std::io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, at)
}

/// The files below a folder (hidden ones and those that start with `_` left out), sorted by path.
pub fn folder(path: &Path, source: &str) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![path.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).map_err(|cause| ExploreError::io(source, &folder, &cause))? {
            let entry = entry.map_err(|cause| ExploreError::io(source, &folder, &cause))?;
            let name = entry.file_name();
            let hidden = name.to_str().is_none_or(|name| name.starts_with(['.', '_']));
            let Ok(kind) = entry.file_type() else { continue };
            if hidden {
                continue;
            }
            if kind.is_dir() {
                open.push(entry.path());
            } else if kind.is_file() {
                found.push(entry.path());
            }
            if found.len() > MAX_FILES {
                return Err(ExploreError::refused(
                    source,
                    format!("it holds more than {MAX_FILES} files: name fewer with a pattern such as `2024-*.csv`"),
                ));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The files below `root` whose path from there fits a pattern: `*` and `?` within a name, `**` across folders.
pub fn matching(root: &Path, pattern: &str, source: &str) -> Result<Vec<PathBuf>> {
    let mut expression = String::from("^");
    let mut rest = pattern.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '*' if rest.peek() == Some(&'*') => {
                rest.next();
                if rest.peek() == Some(&'/') {
                    rest.next();
                    expression.push_str("(?:.*/)?");
                } else {
                    expression.push_str(".*");
                }
            }
            '*' => expression.push_str("[^/]*"),
            '?' => expression.push_str("[^/]"),
            c => expression.push_str(&regex::escape(&c.to_string())),
        }
    }
    expression.push('$');
    let regex = regex::Regex::new(&expression).map_err(|error| ExploreError::refused(source, error.to_string()))?;
    let fits = |path: &PathBuf| {
        let inside = path.strip_prefix(root).unwrap_or(path);
        inside.to_str().is_some_and(|inside| regex.is_match(&inside.replace('\\', "/")))
    };
    let found: Vec<PathBuf> = folder(root, source)?.into_iter().filter(fits).collect();
    if found.is_empty() {
        return Err(ExploreError::Missing { source_name: source.to_owned() });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_find_files() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["a-1.csv", "a-2.csv", "b.csv", "x/a-3.csv", ".hidden.csv", "_SUCCESS"] {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x\n1\n").unwrap();
        }
        let check = |pattern: &str, expected: usize| {
            assert_eq!(matching(dir.path(), pattern, "p").map_or(0, |found| found.len()), expected, "{pattern}")
        };
        check("a-*.csv", 2);
        check("*.csv", 3);
        check("**/a-?.csv", 3);
        check("x/*", 1);
        check("none*", 0);
        assert_eq!(folder(dir.path(), "p").unwrap().len(), 4);
    }
}
