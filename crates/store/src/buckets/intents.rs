//! File operations that stand in the database before they happen, so that a crash between the two loses nothing.

use super::paths;
use crate::writer::Writer;
use crate::{StoreError, crash, files};
use rusqlite::Connection;
use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

/// What was done, for the settler: the intent's row, and the directories that must reach the disk before it goes.
pub struct Done {
    pub intent: i64,
    pub dirs: Vec<PathBuf>,
}

/// Notes in the current transaction that `source` (below the home) moves to the object path, or that the path goes away.
pub fn record(conn: &Connection, bucket: &str, path: &str, source: Option<&str>) -> Result<i64, StoreError> {
    conn.prepare_cached("INSERT INTO intents (bucket, path, source) VALUES (?, ?, ?)")?
        .execute((bucket, path, source))?;
    Ok(conn.last_insert_rowid())
}

/// Moves a finished file to its place. Returns the directories that changed.
pub fn place(source: &Path, bucket_dir: &Path, path: &str) -> Result<Vec<PathBuf>, StoreError> {
    let target = bucket_dir.join(path);
    let parent = target.parent().unwrap_or(bucket_dir).to_owned();
    let mut dirs = vec![parent.clone(), source.parent().unwrap_or(source).to_owned()];
    let failed = |error| StoreError::io(&target, error);
    // A delete beside us may remove the directory just made, since it was empty: then once more.
    for _ in 0..100 {
        let mut missing = parent.as_path();
        while !missing.exists()
            && let Some(above) = missing.parent()
        {
            dirs.push(above.to_owned());
            missing = above;
        }
        fs::create_dir_all(&parent).map_err(failed)?;
        match fs::rename(source, &target) {
            Ok(()) => return Ok(dirs),
            Err(error) if error.kind() == io::ErrorKind::NotFound && source.exists() => {}
            Err(error) if error.kind() == io::ErrorKind::IsADirectory => {
                remove_empty_tree(&target);
                fs::rename(source, &target).map_err(failed)?;
                return Ok(dirs);
            }
            Err(error) => return Err(failed(error)),
        }
    }
    Err(failed(io::Error::other("its directory keeps vanishing")))
}

/// Removes an object's file and the directories that are empty without it.
pub fn discard(bucket_dir: &Path, path: &str) -> Result<Vec<PathBuf>, StoreError> {
    let target = bucket_dir.join(path);
    match fs::remove_file(&target) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(StoreError::io(&target, error)),
        _ => {}
    }
    let mut dir = target.parent().unwrap_or(bucket_dir).to_owned();
    while dir != bucket_dir && dir.starts_with(bucket_dir) && fs::remove_dir(&dir).is_ok() {
        dir.pop();
    }
    Ok(vec![dir])
}

fn remove_empty_tree(dir: &Path) {
    for entry in walkdir::WalkDir::new(dir).contents_first(true).into_iter().flatten() {
        let _ = fs::remove_dir(entry.path());
    }
}

/// Finishes after a crash what was committed, and removes what was not.
pub fn recover(home: &Path, conn: &Connection) -> Result<(), StoreError> {
    let mut statement = conn.prepare("SELECT id, bucket, path, source FROM intents ORDER BY id")?;
    let intents = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?
        .collect::<Result<Vec<(i64, String, String, Option<String>)>, _>>()?;
    let mut dirs = BTreeSet::new();
    for (_, bucket, path, source) in &intents {
        paths::check_bucket(bucket)?;
        let bucket_dir = home.join("buckets").join(bucket);
        let sql = "SELECT EXISTS (SELECT 1 FROM objects WHERE bucket = ? AND path = ?)";
        let wanted: bool = conn.query_row(sql, (bucket, path), |row| row.get(0))?;
        let source = source.as_ref().map(|source| home.join(source));
        match source {
            // Without its source it happened already; without its row the object was deleted since.
            Some(source) if wanted && source.exists() => dirs.extend(place(&source, &bucket_dir, path)?),
            None if !wanted => dirs.extend(discard(&bucket_dir, path)?),
            _ => {}
        }
    }
    sync(dirs);
    conn.execute("DELETE FROM intents", [])?;
    sweep_staging(home, conn)
}

/// Removes the files of writers that never finished.
fn sweep_staging(home: &Path, conn: &Connection) -> Result<(), StoreError> {
    let staging = home.join("staging");
    let mut statement = conn.prepare("SELECT source FROM parts")?;
    let kept = statement.query_map([], |row| row.get(0))?.collect::<Result<HashSet<String>, _>>()?;
    for entry in walkdir::WalkDir::new(&staging).min_depth(1).contents_first(true).into_iter().flatten() {
        let name = entry.path().strip_prefix(home).ok().and_then(Path::to_str);
        if entry.file_type().is_dir() {
            let _ = fs::remove_dir(entry.path());
        } else if !name.is_some_and(|name| kept.contains(name)) {
            files::remove(entry.path())?;
        }
    }
    Ok(())
}

/// Makes directory changes durable. A directory that is gone needs nothing.
fn sync(dirs: BTreeSet<PathBuf>) -> bool {
    let mut whole = true;
    for dir in dirs {
        if let Err(error) = files::sync_dir(&dir)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(dir = %dir.display(), %error, "a directory could not be synced");
            whole = false;
        }
    }
    whole
}

/// Syncs directories behind the writers' backs and then drops their intents: until that is done, a power cut makes
/// the next start do the operation again. So a write costs one sync of its file and one of the database.
pub struct Settler {
    queue: Option<Sender<Done>>,
    thread: Option<JoinHandle<()>>,
}

impl Settler {
    pub fn start(home: &Path, writer: Arc<Writer>) -> Result<Self, StoreError> {
        let (queue, done) = channel();
        let thread = std::thread::Builder::new()
            .name("store-settler".into())
            .spawn(move || settle(&writer, &done))
            .map_err(|error| StoreError::io(home, error))?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    pub fn done(&self, done: Done) {
        crash::point("bucket:after-rename");
        if let Some(queue) = &self.queue {
            let _ = queue.send(done);
        }
    }
}

impl Drop for Settler {
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take()
            && thread.thread().id() != std::thread::current().id()
        {
            let _ = thread.join();
        }
    }
}

fn settle(writer: &Writer, done: &Receiver<Done>) {
    while let Ok(first) = done.recv() {
        let mut dirs = BTreeSet::from_iter(first.dirs);
        let mut ids = vec![first.intent];
        while ids.len() < 1000
            && let Ok(next) = done.try_recv()
        {
            dirs.extend(next.dirs);
            ids.push(next.intent);
        }
        if !sync(dirs) {
            continue;
        }
        writer.write_later(move |conn| {
            let mut statement = conn.prepare_cached("DELETE FROM intents WHERE id = ?")?;
            for id in ids {
                statement.execute([id])?;
            }
            Ok(())
        });
    }
}
