//! The one thread that writes. Callers who arrive while a commit is being synced share the next one.

use crate::{StoreError, crash};
use rusqlite::Connection;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

/// Called after the commit, with its result.
type Acknowledge = Box<dyn FnOnce(Result<(), StoreError>) + Send>;
type Work = Box<dyn FnOnce(&Connection) -> Acknowledge + Send>;

/// At most this many callers share a commit, so that the first does not wait for an endless stream of others.
const GROUP: usize = 256;

pub struct Writer {
    home: PathBuf,
    queue: Option<Sender<Work>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub fn start(home: &Path, conn: Connection) -> Result<Self, StoreError> {
        let (queue, works) = channel();
        let failed = |error| StoreError::io(home, error);
        let path = home.to_owned();
        let thread = std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || serve(&path, &conn, &works))
            .map_err(failed)?;
        Ok(Self { home: home.to_owned(), queue: Some(queue), thread: Some(thread) })
    }

    /// Runs `f` in a transaction; returns after the commit is on disk. An error of `f` undoes what it did, and only that.
    pub fn write<R, F>(&self, f: F) -> Result<R, StoreError>
    where
        R: Send + 'static,
        F: FnOnce(&Connection) -> Result<R, StoreError> + Send + 'static,
    {
        let (answer, answered) = channel();
        let work: Work = Box::new(move |conn| {
            let result = in_savepoint(conn, f);
            Box::new(move |committed| {
                let result = match (result, committed) {
                    (Ok(Ok(_)), Err(error)) => Ok(Err(error)),
                    (result, _) => result,
                };
                // The caller waits below; it can only be gone with its whole thread.
                let _ = answer.send(result);
            })
        });
        self.queue.as_ref().ok_or(StoreError::Closed)?.send(work).map_err(|_| StoreError::Closed)?;
        match answered.recv() {
            Ok(Ok(result)) => result.map_err(|error| self.place(error)),
            Ok(Err(panic)) => resume_unwind(panic),
            Err(_) => Err(StoreError::Closed),
        }
    }

    /// As [`Writer::write`] without waiting: for clean-up that may as well happen after the next start.
    pub fn write_later(&self, f: impl FnOnce(&Connection) -> Result<(), StoreError> + Send + 'static) {
        let work: Work = Box::new(move |conn| {
            let result = in_savepoint(conn, f);
            Box::new(move |committed| match result {
                Ok(result) => {
                    if let Err(error) = result.and(committed) {
                        tracing::warn!(%error, "clean-up in the database was put off");
                    }
                }
                Err(_) => tracing::error!("clean-up in the database panicked"),
            })
        });
        if let Some(queue) = &self.queue {
            let _ = queue.send(work);
        }
    }

    /// SQLite does not say which disk is full.
    fn place(&self, error: StoreError) -> StoreError {
        match error {
            StoreError::DiskFull { path } if path.is_relative() => StoreError::DiskFull { path: self.home.clone() },
            other => other,
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take()
            && thread.thread().id() != std::thread::current().id()
        {
            let _ = thread.join();
        }
    }
}

fn serve(home: &Path, conn: &Connection, works: &Receiver<Work>) {
    while let Ok(first) = works.recv() {
        let mut acknowledgements = Vec::new();
        let began = conn.execute_batch("BEGIN IMMEDIATE");
        acknowledgements.push(first(conn));
        while acknowledgements.len() < GROUP
            && let Ok(next) = works.try_recv()
        {
            acknowledgements.push(next(conn));
        }
        crash::point("store:before-commit");
        let committed = began.and_then(|()| conn.execute_batch("COMMIT")).map_err(|error| StoreError::sql(home, error));
        if committed.is_err() && !conn.is_autocommit() {
            // Nothing of the group may linger in the next one.
            if let Err(error) = conn.execute_batch("ROLLBACK") {
                tracing::error!(%error, "a failed commit could not be rolled back");
            }
        }
        crash::point("store:after-commit");
        for acknowledge in acknowledgements {
            acknowledge(committed.clone());
        }
    }
}

type Caught<R> = std::thread::Result<Result<R, StoreError>>;

fn in_savepoint<R>(conn: &Connection, f: impl FnOnce(&Connection) -> Result<R, StoreError>) -> Caught<R> {
    if let Err(error) = conn.execute_batch("SAVEPOINT work") {
        return Ok(Err(error.into()));
    }
    let result = catch_unwind(AssertUnwindSafe(|| f(conn)));
    let end = if matches!(result, Ok(Ok(_))) { "RELEASE work" } else { "ROLLBACK TO work; RELEASE work" };
    match conn.execute_batch(end) {
        Ok(()) => result,
        // An error such as a full disk ends the whole transaction by itself; then there is nothing left to end here.
        Err(_) if conn.is_autocommit() && !matches!(result, Ok(Ok(_))) => result,
        Err(error) => Ok(Err(error.into())),
    }
}
