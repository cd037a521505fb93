//! A notebook's file: opened with what a crash left unsaved, saved so that no crash and no other program's change
//! loses anything.
//!
//! A save keeps the work in a journal, writes a draft beside the file, syncs it, renames it over the file, syncs the
//! folder, and ends the journal. Wherever this is cut off, [`NotebookFile::open`] finds the new content: in the file
//! or in the journal. Another program that writes in the instant between the last look at the file and the rename
//! is not noticed.

pub mod crash;
mod disk;
mod error;
mod journal;

pub use disk::resolve;
pub use error::FileError;

use crate::document::Document;
use atelier_wire::studio::notebook::{Conflict, ConflictKind, Keep};
use disk::{Fingerprint, Stat, fingerprint};
use journal::{Journal, base_of};
use std::path::{Path, PathBuf};

/// Where files and journals are.
#[derive(Clone, Debug)]
pub struct Place {
    /// The folder that paths of notebooks are relative to.
    pub workspace: PathBuf,
    /// The folder for the journals of unsaved work; made when missing, for its owner only.
    pub journals: PathBuf,
}

/// All methods block on the disk.
#[derive(Debug)]
pub struct NotebookFile {
    place: Place,
    path: String,
    file: PathBuf,
    journal: Journal,
    /// The file as it was read or written last.
    seen: Fingerprint,
    stat: Option<Stat>,
}

/// A notebook just opened.
pub struct Opened {
    pub file: NotebookFile,
    pub document: Document,
    /// The file as it is on disk, for comparing; the same as `document` unless that was recovered.
    pub on_disk: Option<Document>,
    /// `document` is work of an earlier life that is not in the file: it is to be saved.
    pub recovered: bool,
    /// The file was changed or removed since that work began.
    pub conflict: Option<Conflict>,
}

/// What a look at the disk found.
#[derive(Debug)]
pub enum Look {
    Same,
    /// Another program wrote this; whoever takes it over calls [`NotebookFile::take_over`].
    Changed(Box<Changed>),
    Deleted,
}

#[derive(Debug)]
pub struct Changed {
    pub bytes: Vec<u8>,
    stat: Option<Stat>,
    pub conflict: Conflict,
}

/// How a conflict ended.
#[derive(Debug)]
pub enum Resolved {
    /// What was here is in the file now.
    Saved,
    /// What is in the file, to be taken over.
    Reloaded(Box<Document>),
    /// There is no file any more.
    Gone,
}

impl NotebookFile {
    /// Opens the file, bringing back unsaved work.
    ///
    /// # Errors
    /// [`FileError::NotFound`] if there is neither file nor unsaved work; [`FileError::NotANotebook`].
    pub fn open(place: &Place, path: &str) -> Result<Opened, FileError> {
        let file = disk::resolve(&place.workspace, path)?;
        let mut journal = Journal::of(&place.journals, path, &file)?;
        let read = disk::read(&file)?;
        let (bytes, stat) = read.map_or((None, None), |(bytes, stat)| (Some(bytes), stat));
        let parse = |bytes: &[u8]| {
            Document::parse(bytes).map_err(|source| FileError::NotANotebook { path: path.to_owned(), source })
        };
        // Either takes a tenth of a second for a hundred megabytes, and somebody waits for both.
        let (seen, parsed) = std::thread::scope(|scope| {
            let seen = scope.spawn(|| base_of(bytes.as_deref()));
            let parsed = bytes.as_deref().map(parse);
            (seen.join().unwrap_or_else(|_| base_of(bytes.as_deref())), parsed)
        });
        let found = journal.find()?;
        if found.is_some() {
            disk::sweep(&file);
        }
        // A save that died after the rename has done its work.
        let found = found.filter(|found| found.saving.is_none() || found.saving != seen);
        let Some(found) = found else {
            journal.end()?;
            let Some(parsed) = parsed else { return Err(FileError::NotFound(path.to_owned())) };
            let document = parsed?;
            let file = NotebookFile { place: place.clone(), path: path.to_owned(), file, journal, seen, stat };
            return Ok(Opened { file, on_disk: Some(document.clone()), document, recovered: false, conflict: None });
        };
        let conflict = (found.base != seen).then(|| conflict_of(seen, stat.as_ref()));
        // An unreadable file under recovered work is a conflict like any other.
        let on_disk = parsed.and_then(Result::ok);
        // Until the conflict is resolved, what is on disk counts as not seen.
        let mut file =
            NotebookFile { place: place.clone(), path: path.to_owned(), file, journal, seen: found.base, stat };
        if conflict.is_some() {
            file.stat = None;
        }
        file.journal.keep(&found.document, file.seen)?;
        Ok(Opened { file, document: found.document, on_disk, recovered: true, conflict })
    }

    /// Makes a new notebook, on disk at once.
    ///
    /// # Errors
    /// [`FileError::Exists`].
    pub fn create(place: &Place, path: &str, document: &Document) -> Result<NotebookFile, FileError> {
        let file = disk::resolve(&place.workspace, path)?;
        if file.exists() {
            return Err(FileError::Exists(path.to_owned()));
        }
        let journal = Journal::of(&place.journals, path, &file)?;
        let mut new =
            NotebookFile { place: place.clone(), path: path.to_owned(), file, journal, seen: None, stat: None };
        new.save(document)?;
        Ok(new)
    }

    pub fn path(&self) -> &str {
        &self.path
    }

    /// Where it is once all links are followed.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Keeps unsaved work so that a crash does not lose it. Costs what changed since the last call.
    pub fn keep(&mut self, document: &Document) -> Result<(), FileError> {
        self.journal.keep(document, self.seen)
    }

    /// Unsaved work is given up; the journal holds nothing any more.
    pub fn drop_unsaved(&mut self) -> Result<(), FileError> {
        self.journal.end()
    }

    /// Writes the file, unless another program changed it.
    ///
    /// # Errors
    /// [`FileError::Conflict`]: nothing was written.
    pub fn save(&mut self, document: &Document) -> Result<(), FileError> {
        crash::point("notebook:before-journal");
        self.journal.keep(document, self.seen)?;
        crash::point("notebook:after-journal");
        self.check()?;
        self.write(&document.to_bytes(), true)
    }

    fn check(&mut self) -> Result<(), FileError> {
        let conflict = match self.look()? {
            Look::Same => return Ok(()),
            Look::Changed(changed) => changed.conflict,
            Look::Deleted => conflict_of(None, None),
        };
        Err(FileError::Conflict { path: self.path.clone(), conflict })
    }

    fn write(&mut self, bytes: &[u8], careful: bool) -> Result<(), FileError> {
        let written = fingerprint(bytes);
        if !careful || written != self.seen || !self.file.exists() {
            self.journal.saving(written)?;
            crash::point("notebook:after-intent");
            let file = self.file.clone();
            let check = || if careful { self.check() } else { Ok(()) };
            disk::replace(&file, bytes, check)?;
        }
        self.seen = written;
        self.stat = Stat::of(&self.file);
        self.journal.end()?;
        crash::point("notebook:after-commit");
        Ok(())
    }

    /// Whether another program changed the file. Reads it only if it may have.
    pub fn look(&mut self) -> Result<Look, FileError> {
        if let (Some(old), Some(new)) = (&self.stat, Stat::of(&self.file))
            && old.proves(&new)
        {
            return Ok(Look::Same);
        }
        let Some((bytes, stat)) = disk::read(&self.file)? else {
            return Ok(if self.seen.is_none() { Look::Same } else { Look::Deleted });
        };
        let found = fingerprint(&bytes);
        if found == self.seen {
            self.stat = stat;
            return Ok(Look::Same);
        }
        let conflict = conflict_of(found, stat.as_ref());
        Ok(Look::Changed(Box::new(Changed { bytes, stat, conflict })))
    }

    /// Counts what another program wrote as seen; unsaved work is given up.
    ///
    /// # Errors
    /// [`FileError::NotANotebook`]: then nothing changes.
    pub fn take_over(&mut self, changed: Changed) -> Result<Document, FileError> {
        let document = Document::parse(&changed.bytes)
            .map_err(|source| FileError::NotANotebook { path: self.path.clone(), source })?;
        self.seen = fingerprint(&changed.bytes);
        self.stat = changed.stat;
        self.journal.end()?;
        Ok(document)
    }

    /// Ends a conflict. Whatever is dropped must have been kept by the caller (for undo), or beside the file.
    pub fn resolve(&mut self, keep: Keep, mine: &Document) -> Result<Resolved, FileError> {
        self.journal.keep(mine, self.seen)?;
        let look = self.look()?;
        match (keep, look) {
            (Keep::Theirs, Look::Changed(changed)) => Ok(Resolved::Reloaded(Box::new(self.take_over(*changed)?))),
            (Keep::Theirs, Look::Deleted) => {
                self.journal.end()?;
                Ok(Resolved::Gone)
            }
            (Keep::Theirs, Look::Same) => {
                let Some((bytes, stat)) = disk::read(&self.file)? else { return Ok(Resolved::Gone) };
                let conflict = conflict_of(self.seen, stat.as_ref());
                Ok(Resolved::Reloaded(Box::new(self.take_over(Changed { bytes, stat, conflict })?)))
            }
            (Keep::Both, Look::Changed(changed)) => {
                disk::set_aside(&self.file, &changed.bytes)?;
                self.overwrite(mine)
            }
            (Keep::Mine | Keep::Both, _) => self.overwrite(mine),
        }
    }

    fn overwrite(&mut self, mine: &Document) -> Result<Resolved, FileError> {
        self.write(&mine.to_bytes(), false)?;
        Ok(Resolved::Saved)
    }

    /// The file was renamed: it is looked for at `path` from now on, and unsaved work goes with it.
    pub fn follow(&mut self, path: &str, document: Option<&Document>) -> Result<(), FileError> {
        let file = disk::resolve(&self.place.workspace, path)?;
        let mut journal = Journal::of(&self.place.journals, path, &file)?;
        if let Some(unsaved) = document {
            journal.keep(unsaved, self.seen)?;
        }
        std::mem::replace(&mut self.journal, journal).end()?;
        self.path = path.to_owned();
        self.file = file;
        Ok(())
    }
}

fn conflict_of(found: Fingerprint, stat: Option<&Stat>) -> Conflict {
    match found {
        Some(_) => Conflict { kind: ConflictKind::Changed, changed_at: stat.and_then(Stat::modified_at) },
        None => Conflict { kind: ConflictKind::Deleted, changed_at: None },
    }
}

/// The notebooks of the workspace that have unsaved work of an earlier life, by path.
pub fn unsaved(place: &Place) -> Vec<String> {
    let mut paths = journal::paths(&place.journals);
    paths.retain(|path| disk::resolve(&place.workspace, path).is_ok());
    paths.sort();
    paths
}
