//! An open notebook: the pure [`Book`] with a clock, a file and its kernels around it.

mod ask;
mod kernels;
mod save;

use crate::KernelError;
use crate::book::Book;
use crate::kernels::Shared;
pub(crate) use ask::{comm_content, evaluate, update};
use atelier_notebook::Document;
use atelier_notebook::file::{NotebookFile, Opened};
use atelier_wire::Event;
use atelier_wire::event::NotebookChange;
use atelier_wire::studio::kernel::{InputRequest, KernelInfo, RunState};
use atelier_wire::studio::notebook::{Cells, Conflict, Edit, Notebook, WholeOutput};
use indexmap::IndexMap;
use kernels::Kernel;
pub(crate) use kernels::Live;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::sync::Notify;

pub(crate) struct Session {
    pub shared: Arc<Shared>,
    inner: Mutex<Inner>,
    file: Arc<Mutex<NotebookFile>>,
    /// Held while the file is written, so that two writes do not cross.
    saving: tokio::sync::Mutex<()>,
    unsaved: Notify,
}

pub(crate) struct Inner {
    /// In the workspace, with all links followed.
    pub path: String,
    pub file: PathBuf,
    pub book: Book,
    /// By the kernelspec's name, in the order in which they were first asked for.
    pub kernels: IndexMap<String, Kernel>,
    /// The kernelspec that stands for one that the file names.
    pub resolved: HashMap<String, String>,
    pub input: Option<InputRequest>,
    /// Of the last change that windows were told. Counted from the microseconds of the opening, so that a notebook
    /// that was opened again never counts lower than before.
    number: u64,
    /// What windows were last told of the kernels.
    told: Vec<KernelInfo>,
    /// The book's version that is on disk.
    saved_version: u64,
    /// The document as this studio last wrote or read it; `None` where it could not be read.
    last_saved: Option<Document>,
    dirty: bool,
    /// Another program changed the file while edits were unsaved: nothing is written until somebody decides.
    conflict: Option<Conflict>,
    /// The file was deleted; it comes back when somebody asks for it.
    missing: bool,
}

/// Seconds since the epoch.
pub(crate) fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}

impl Inner {
    fn snapshot(&self) -> Notebook {
        Notebook {
            path: self.path.clone(),
            number: self.number,
            cells: self.book.cells(),
            kernel_name: self.book.document().kernel_name(),
            language: self.book.document().language(),
            kernels: self.kernel_infos(true),
            dirty: self.dirty,
            can_undo: self.book.can_undo(),
            can_redo: self.book.can_redo(),
            conflict: self.conflict.clone(),
            notes: self.book.document().notes().to_vec(),
            input: self.input.clone(),
        }
    }
}

impl Session {
    /// Reads the file, or the work that a crash left unsaved, and starts to look after it. Blocks.
    pub fn open(shared: Arc<Shared>, path: &str) -> Result<Arc<Session>, KernelError> {
        let Opened { file, document, on_disk, recovered, conflict } =
            NotebookFile::open(&shared.options.place(), path)?;
        let book = Book::new(document, shared.blobs.clone(), shared.options.allow_errors);
        let inner = Inner {
            path: path.to_owned(),
            file: file.file().to_owned(),
            // Recovered work is not in the file.
            saved_version: if recovered { u64::MAX } else { book.version() },
            last_saved: on_disk,
            dirty: recovered,
            book,
            kernels: IndexMap::new(),
            resolved: HashMap::new(),
            input: None,
            number: (now() * 1e6) as u64,
            told: Vec::new(),
            conflict,
            missing: false,
        };
        let file = Arc::new(Mutex::new(file));
        let session = Session {
            shared,
            inner: Mutex::new(inner),
            file,
            saving: tokio::sync::Mutex::new(()),
            unsaved: Notify::new(),
        };
        if recovered {
            session.unsaved.notify_one();
        }
        let session = Arc::new(session);
        tokio::spawn(save::look_after(Arc::downgrade(&session)));
        Ok(session)
    }

    pub fn path(&self) -> String {
        self.inner.lock().path.clone()
    }

    /// The file was renamed. Blocks while it is written.
    pub fn follow(&self, path: &str) {
        let mut file = self.file.lock();
        let mut inner = self.inner.lock();
        let unsaved = inner.dirty.then(|| inner.book.document().clone());
        if let Err(error) = file.follow(path, unsaved.as_ref()) {
            tracing::warn!(path, %error, "a notebook does not follow its file");
        }
        inner.path = path.to_owned();
        inner.file = file.file().to_owned();
    }

    pub fn snapshot(&self) -> Notebook {
        self.read(Inner::snapshot)
    }

    pub fn cells(&self, ids: &[String]) -> Cells {
        self.read(|inner| Cells { number: inner.number, cells: inner.book.cells_with_outputs(ids) })
    }

    pub fn whole_output(&self, cell: &str, index: usize) -> Result<WholeOutput, KernelError> {
        let (number, found) = self.read(|inner| (inner.number, inner.book.whole_output(cell, index)));
        let output = found.ok_or_else(|| KernelError::NoSuchOutput(index, cell.to_owned()))?;
        Ok(WholeOutput { number, output })
    }

    /// The document as it stands, as it was last saved, and its file.
    pub fn versions(&self) -> (Document, Option<Document>, PathBuf) {
        let inner = self.inner.lock();
        (inner.book.document().clone(), inner.last_saved.clone(), inner.file.clone())
    }

    pub fn cell_ever(&self, id: &str) -> Option<Arc<atelier_notebook::Cell>> {
        self.inner.lock().book.cell_ever(id)
    }

    /// Changes the state under the lock and tells windows before anybody else can change it, so that they hear of
    /// changes in the order in which they happened.
    pub fn change<R>(&self, work: impl FnOnce(&mut Inner) -> (R, Vec<NotebookChange>)) -> R {
        let mut inner = self.inner.lock();
        let (result, changes) = work(&mut inner);
        self.tell_all(&mut inner, changes);
        result
    }

    /// Looks at the state as windows know it by the last number: output that waits to be told is told first, else it
    /// would be in what is read here and in a later change.
    fn read<R>(&self, look: impl FnOnce(&Inner) -> R) -> R {
        let mut inner = self.inner.lock();
        let unsent = inner.book.flush();
        self.tell_all(&mut inner, unsent);
        look(&inner)
    }

    fn tell_all(&self, inner: &mut Inner, changes: Vec<NotebookChange>) {
        let mut ended = false;
        for change in changes {
            ended |= matches!(&change, NotebookChange::Run { run, .. } if matches!(run.state, RunState::Done | RunState::Failed));
            self.tell(inner, change);
        }
        let kernels = inner.kernel_infos(false);
        if kernels != inner.told {
            inner.told = kernels;
            let document = inner.book.document();
            let (kernel_name, language) = (document.kernel_name(), document.language());
            let kernels = inner.kernel_infos(true);
            self.tell(inner, NotebookChange::Kernels { kernels, kernel_name, language });
        }
        if ended {
            (self.shared.events)(Event::Changed { tag: "variable".to_owned(), id: inner.path.clone() });
        }
        let dirty = inner.book.version() != inner.saved_version;
        if dirty != std::mem::replace(&mut inner.dirty, dirty) {
            self.tell(inner, NotebookChange::Saved { dirty });
        }
        if dirty {
            self.unsaved.notify_one();
        }
    }

    fn tell(&self, inner: &mut Inner, change: NotebookChange) {
        inner.number += 1;
        (self.shared.events)(Event::Notebook { path: inner.path.clone(), number: inner.number, change });
    }

    /// `find` finds cells of other notebooks by path and id.
    pub fn edit(&self, window: &str, edits: &[Edit], find: crate::book::Find) -> Result<(), KernelError> {
        self.change(|inner| match inner.book.edit(window, edits, &inner.path, find) {
            Ok(changes) => (Ok(()), changes),
            Err(error) => (Err(error.into()), Vec::new()),
        })
    }

    /// The cell at which something was undone.
    pub fn undo(&self, redo: bool) -> Option<String> {
        self.change(|inner| inner.book.undo(redo))
    }
}
