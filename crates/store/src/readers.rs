//! Connections that read, kept between uses.

use crate::{StoreError, schema};
use parking_lot::Mutex;
use rusqlite::Connection;
use std::path::PathBuf;

/// As many connections as ever read at once, of which a few stay open.
pub struct Readers {
    home: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

const KEPT: usize = 8;

impl Readers {
    pub fn new(home: PathBuf) -> Self {
        Self { home, idle: Mutex::default() }
    }

    /// Runs `f` on a connection that sees everything committed before this call.
    pub fn read<R>(&self, f: impl FnOnce(&Connection) -> Result<R, StoreError>) -> Result<R, StoreError> {
        let idle = self.idle.lock().pop();
        let conn = match idle {
            Some(conn) => conn,
            None => schema::open_reader(&self.home)?,
        };
        let result = f(&conn);
        let mut idle = self.idle.lock();
        if idle.len() < KEPT {
            idle.push(conn);
        }
        result
    }
}
