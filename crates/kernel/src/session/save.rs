//! The notebook's file: kept in a journal soon after every change, saved by itself, and never over what another
//! program wrote.

use super::{Inner, Session};
use crate::KernelError;
use atelier_notebook::Document;
use atelier_notebook::file::{FileError, Look, NotebookFile, Resolved};
use atelier_wire::event::NotebookChange;
use atelier_wire::studio::notebook::{Conflict, Keep};
use std::sync::Weak;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// A change is in the journal this much later.
const KEEP_AFTER: Duration = Duration::from_millis(200);
/// It is in the file this much after the last one ...
const SAVE_AFTER: Duration = Duration::from_secs(2);
/// ... and while changes go on, at least this often.
const SAVE_EVERY: Duration = Duration::from_secs(10);
/// How often the file is looked at for what other programs wrote.
const LOOK_AT_DISK: Duration = Duration::from_secs(2);

impl Inner {
    fn set_conflict(&mut self, conflict: Option<Conflict>) -> Vec<NotebookChange> {
        if self.conflict == conflict {
            return Vec::new();
        }
        self.conflict.clone_from(&conflict);
        vec![NotebookChange::Conflict { conflict }]
    }

    /// What is in the file now is `version` of the book.
    fn saved(&mut self, version: u64, document: Document) -> Vec<NotebookChange> {
        self.saved_version = version;
        self.last_saved = Some(document);
        self.missing = false;
        self.set_conflict(None)
    }
}

impl Session {
    /// Works on the file where that may block. One at a time; the state is not locked meanwhile.
    async fn on_disk<R: Send + 'static>(
        &self,
        work: impl FnOnce(&mut NotebookFile) -> Result<R, FileError> + Send + 'static,
    ) -> Result<R, KernelError> {
        let file = self.file.clone();
        let done = tokio::task::spawn_blocking(move || work(&mut file.lock())).await;
        Ok(done.map_err(|panic| KernelError::Defect(panic.to_string()))??)
    }

    fn state(&self) -> (Document, u64, bool, Option<Conflict>) {
        let inner = self.inner.lock();
        (inner.book.document().clone(), inner.book.version(), inner.dirty, inner.conflict.clone())
    }

    /// Puts what is unsaved into the journal.
    async fn keep(&self) -> Result<(), KernelError> {
        let (document, _, dirty, _) = self.state();
        if dirty { self.on_disk(move |file| file.keep(&document)).await } else { Ok(()) }
    }

    /// Writes the file. `asked`: a person wants it, so it is written even if nothing is unsaved and the file is gone.
    pub async fn save(&self, asked: bool) -> Result<(), KernelError> {
        let _turn = self.saving.lock().await;
        let (document, version, dirty, conflict) = self.state();
        if let Some(conflict) = conflict {
            return Err(FileError::Conflict { path: self.path(), conflict }.into());
        }
        if !dirty && !(asked && self.inner.lock().missing) {
            return Ok(());
        }
        let written = document.clone();
        match self.on_disk(move |file| file.save(&document)).await {
            Ok(()) => {
                self.change(|inner| ((), inner.saved(version, written)));
                Ok(())
            }
            Err(KernelError::File(FileError::Conflict { path, conflict })) => {
                self.change(|inner| ((), inner.set_conflict(Some(conflict.clone()))));
                Err(FileError::Conflict { path, conflict }.into())
            }
            Err(error) => Err(error),
        }
    }

    /// Takes over what another program wrote, if nothing here would be lost by it; else it is a conflict.
    pub async fn refresh(&self) -> Result<(), KernelError> {
        let _turn = self.saving.lock().await;
        let look = self.on_disk(NotebookFile::look).await?;
        let changed = match look {
            Look::Same => return Ok(()),
            Look::Deleted => {
                self.change(|inner| {
                    inner.missing = true;
                    let conflict =
                        Conflict { kind: atelier_wire::studio::notebook::ConflictKind::Deleted, changed_at: None };
                    let changes = if inner.dirty { inner.set_conflict(Some(conflict)) } else { Vec::new() };
                    ((), changes)
                });
                return Ok(());
            }
            Look::Changed(changed) => changed,
        };
        let clean = self.change(|inner| {
            let clean = !inner.dirty && inner.book.is_at_rest();
            let changes = if clean { Vec::new() } else { inner.set_conflict(Some(changed.conflict.clone())) };
            (clean, changes)
        });
        if clean {
            let document = self.on_disk(move |file| file.take_over(*changed)).await?;
            self.change(|inner| inner.replace(document));
        }
        Ok(())
    }

    /// Ends a conflict as a person decided. Nothing to do where there is none any more.
    pub async fn resolve(&self, keep: Keep) -> Result<(), KernelError> {
        let _turn = self.saving.lock().await;
        let (document, version, ..) = self.state();
        let mine = document.clone();
        match self.on_disk(move |file| file.resolve(keep, &document)).await? {
            Resolved::Saved | Resolved::Gone => self.change(|inner| ((), inner.saved(version, mine))),
            Resolved::Reloaded(document) => self.change(|inner| inner.replace(*document)),
        }
        Ok(())
    }
}

impl Inner {
    /// What another program wrote is what is here now; undo brings back what was.
    fn replace(&mut self, document: Document) -> ((), Vec<NotebookChange>) {
        let mut changes = self.book.replace(document.clone());
        let version = self.book.version();
        changes.extend(self.saved(version, document));
        ((), changes)
    }
}

/// Keeps and saves what changed and notices what others changed, until the notebook is closed.
pub async fn look_after(session: Weak<Session>) {
    loop {
        let Some(open) = session.upgrade() else { return };
        let changed = timeout(LOOK_AT_DISK, open.unsaved.notified()).await.is_ok();
        let outcome = if changed { follow(&open).await } else { open.refresh().await };
        match outcome {
            // A conflict is told to the windows; it waits for a person.
            Ok(()) | Err(KernelError::File(FileError::NotFound(_) | FileError::Conflict { .. })) => {}
            Err(error) => {
                tracing::warn!(path = open.path(), %error, "a notebook was not saved or read again");
                drop(open);
                // A full disk does not get better by trying faster.
                sleep(LOOK_AT_DISK).await;
            }
        }
    }
}

/// From the first change to the save.
async fn follow(open: &Session) -> Result<(), KernelError> {
    let begun = Instant::now();
    let mut seen = (0, begun);
    loop {
        sleep(KEEP_AFTER).await;
        let (_, version, dirty, conflict) = open.state();
        if !dirty {
            return Ok(());
        }
        let now = Instant::now();
        if version != seen.0 {
            seen = (version, now);
            open.keep().await?;
        }
        if conflict.is_some() {
            return Ok(());
        }
        if now - seen.1 >= SAVE_AFTER || now - begun >= SAVE_EVERY {
            return open.save(false).await;
        }
    }
}
