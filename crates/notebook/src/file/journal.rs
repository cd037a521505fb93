//! Unsaved work, kept outside the workspace while a notebook is open: records that are only ever appended.
//!
//! A record is its length (4 bytes, little endian), the first 8 bytes of its SHA-256, and its content, whose first
//! byte tells what it is. A record that was cut off by a crash, and all after it, count as not written.

use super::disk::{Fingerprint, fingerprint};
use super::error::FileError;
use crate::document::Document;
use sha2::{Digest, Sha256};
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// `W`: the hash of the file that this is a change of (64 hex digits or `-`), the notebook's path as JSON, the ids as
/// JSON, line breaks between, then the document.
const WHOLE: u8 = b'W';
/// `D`: what changed since the record before.
const DELTA: u8 = b'D';
/// `S`: a save began; the hash of what it writes.
const SAVING: u8 = b'S';

#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    /// The notebook's path in the workspace.
    of: String,
    open: Option<Open>,
}

/// A journal that holds unsaved work.
#[derive(Debug)]
struct Open {
    file: File,
    /// What the records so far amount to.
    last: Document,
    num_bytes: usize,
    /// Larger than this it is begun anew.
    limit: usize,
}

/// What a journal of an earlier life holds.
pub struct Found {
    /// The file that the work started from.
    pub base: Fingerprint,
    pub document: Document,
    /// What the last save would have written, if one had begun.
    pub saving: Fingerprint,
}

impl Journal {
    /// The journal of `file` in the folder of all journals, which is made when missing.
    pub fn of(folder: &Path, of: &str, file: &Path) -> Result<Journal, FileError> {
        make_folder(folder).map_err(FileError::io(format!("making {}", folder.display())))?;
        let name = hex::encode(&Sha256::digest(file.as_os_str().as_encoded_bytes())[..16]);
        Ok(Journal { path: folder.join(format!("{name}.journal")), of: of.to_owned(), open: None })
    }

    /// Reads what an earlier life has left. `None` if there is nothing of use.
    pub fn find(&self) -> Result<Option<Found>, FileError> {
        let bytes = match fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.failed("reading")(error)),
        };
        let mut found: Option<Found> = None;
        for record in Records(&bytes) {
            let Some((kind, content)) = record.split_first() else { break };
            match (*kind, &mut found) {
                (WHOLE, _) => match whole(content) {
                    Some(whole) => found = Some(whole),
                    None => break,
                },
                (DELTA, Some(found)) => {
                    found.saving = None;
                    let mut next = found.document.clone();
                    match std::str::from_utf8(content).ok().and_then(|delta| next.go_on(delta)) {
                        Some(()) => found.document = next,
                        None => break,
                    }
                }
                (SAVING, Some(found)) => found.saving = unhex(content),
                _ => break,
            }
        }
        Ok(found)
    }

    /// Makes `document` durable as work that is not in the file, whose content has the hash `base`.
    pub fn keep(&mut self, document: &Document, base: Fingerprint) -> Result<(), FileError> {
        let failed = self.failed("writing");
        if let Some(open) = self.open.as_mut().filter(|open| open.num_bytes < open.limit) {
            let Some(delta) = document.delta(&open.last) else { return Ok(()) };
            open.append(DELTA, &[delta.as_bytes()]).map_err(failed)?;
            open.last = document.clone();
            return Ok(());
        }
        // The old journal stays until the new one is whole.
        let draft = self.path.with_extension("draft");
        let (ids, bytes) = document.snapshot();
        let ids = serde_json::json!(ids).to_string();
        let of = serde_json::json!(self.of).to_string();
        let base = base.map_or_else(|| "-".to_owned(), hex::encode);
        let begin = || -> std::io::Result<Open> {
            let file = private_file(&draft)?;
            let mut open = Open { file, last: document.clone(), num_bytes: 0, limit: bytes.len() * 2 + (1 << 20) };
            open.append(WHOLE, &[base.as_bytes(), b"\n", of.as_bytes(), b"\n", ids.as_bytes(), b"\n", &bytes])?;
            fs::rename(&draft, &self.path)?;
            super::disk::sync_folder(self.path.parent().unwrap_or(Path::new(".")))?;
            Ok(open)
        };
        let open = begin().map_err(failed)?;
        self.open = Some(open);
        Ok(())
    }

    /// Notes that a save of `written` begins; [`Journal::keep`] must have been called with what it writes.
    pub fn saving(&mut self, written: Fingerprint) -> Result<(), FileError> {
        let failed = self.failed("writing");
        let to = written.map(hex::encode).unwrap_or_default();
        match &mut self.open {
            Some(open) => open.append(SAVING, &[to.as_bytes()]).map_err(failed),
            None => Ok(()),
        }
    }

    /// The work is in the file, or given up.
    pub fn end(&mut self) -> Result<(), FileError> {
        self.open = None;
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(self.failed("removing")(error)),
            _ => Ok(()),
        }
    }

    fn failed(&self, doing: &str) -> impl FnOnce(std::io::Error) -> FileError + use<> {
        FileError::io(format!("{doing} {}", self.path.display()))
    }
}

impl Open {
    fn append(&mut self, kind: u8, parts: &[&[u8]]) -> std::io::Result<()> {
        let mut record = vec![0; 12];
        record.push(kind);
        parts.iter().for_each(|part| record.extend_from_slice(part));
        let length = u32::try_from(record.len() - 12).map_err(|_| ErrorKind::FileTooLarge)?;
        record[..4].copy_from_slice(&length.to_le_bytes());
        let hash = Sha256::digest(&record[12..]);
        record[4..12].copy_from_slice(&hash[..8]);
        self.num_bytes += record.len();
        self.file.write_all(&record)?;
        self.file.sync_data()
    }
}

/// The contents of the records up to the first that is not whole.
struct Records<'a>(&'a [u8]);

impl<'a> Iterator for Records<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(12)?;
        let length = u32::from_le_bytes(head[..4].try_into().ok()?) as usize;
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        (Sha256::digest(content)[..8] == head[4..]).then_some(content)
    }
}

fn whole(content: &[u8]) -> Option<Found> {
    let mut parts = content.splitn(4, |byte| *byte == b'\n');
    let base = unhex(parts.next()?);
    let _path = parts.next()?;
    let ids: Vec<String> = serde_json::from_slice(parts.next()?).ok()?;
    let mut document = Document::parse(parts.next()?).ok()?;
    document.give_ids(&ids);
    Some(Found { base, document, saving: None })
}

fn unhex(text: &[u8]) -> Fingerprint {
    hex::decode(text).ok()?.try_into().ok()
}

/// Notebooks hold secrets: only their owner may read what is kept of them.
#[cfg(unix)]
fn private_file(path: &Path) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(path)
}

#[cfg(unix)]
fn make_folder(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn private_file(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().create(true).write(true).truncate(true).open(path)
}

#[cfg(not(unix))]
fn make_folder(folder: &Path) -> std::io::Result<()> {
    fs::create_dir_all(folder)
}

/// The notebooks that the journals of a folder are of.
pub fn paths(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let journals =
        entries.flatten().map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|end| end == "journal"));
    let path_of = |journal: PathBuf| {
        let bytes = fs::read(journal).ok()?;
        let content = Records(&bytes).next()?.strip_prefix(&[WHOLE])?;
        serde_json::from_slice(content.splitn(4, |byte| *byte == b'\n').nth(1)?).ok()
    };
    journals.filter_map(path_of).collect()
}

/// The hash that [`Found::base`] has for these bytes.
pub fn base_of(bytes: Option<&[u8]>) -> Fingerprint {
    bytes.and_then(fingerprint)
}
