//! The store itself: opening, closing, and the two ways in.

use crate::buckets::Settler;
use crate::readers::Readers;
use crate::writer::Writer;
use crate::{Buckets, StoreError, schema};
use parking_lot::RwLock;
use rusqlite::Connection;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A handle to one data directory; clones share it.
#[derive(Clone)]
pub struct Store(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    home: PathBuf,
    // In this order: the settler's last clean-up goes through the writer.
    pub settler: Settler,
    writer: Arc<Writer>,
    readers: Readers,
    /// Held from the commit of a row to the rename of its file, so that no reader sees the one without the other.
    pub stripes: Vec<RwLock<()>>,
}

const STRIPES: usize = 64;

impl Store {
    /// Opens or makes the data directory, brings its format up to date and finishes what a crash interrupted.
    ///
    /// The caller makes sure that no other process has it open.
    pub fn open(home: &Path) -> Result<Store, StoreError> {
        for dir in [home, &home.join("buckets"), &home.join("staging"), &home.join("jobs")] {
            fs::create_dir_all(dir).map_err(|error| StoreError::unusable(dir, error))?;
        }
        // Listing proves that the directory can be read, writing a file that it can be written.
        fs::read_dir(home).map_err(|error| StoreError::unusable(home, error))?;
        tempfile::tempfile_in(home).map_err(|error| StoreError::unusable(home, error))?;
        let home = fs::canonicalize(home).map_err(|error| StoreError::unusable(home, error))?;
        let conn = schema::open_writer(&home)?;
        crate::buckets::recover(&home, &conn)?;
        let writer = Arc::new(Writer::start(&home, conn)?);
        Ok(Store(Arc::new(Inner {
            settler: Settler::start(&home, writer.clone())?,
            writer,
            readers: Readers::new(home.clone()),
            stripes: (0..STRIPES).map(|_| RwLock::default()).collect(),
            home,
        })))
    }

    /// The data directory, absolute.
    pub fn home(&self) -> &Path {
        &self.0.home
    }

    pub fn buckets(&self) -> Buckets {
        Buckets::new(self.clone())
    }

    pub(crate) fn write<R: Send + 'static>(
        &self,
        f: impl FnOnce(&Connection) -> Result<R, StoreError> + Send + 'static,
    ) -> Result<R, StoreError> {
        self.0.writer.write(f)
    }

    pub(crate) fn read<R>(&self, f: impl FnOnce(&Connection) -> Result<R, StoreError>) -> Result<R, StoreError> {
        self.0.readers.read(f)
    }
}
