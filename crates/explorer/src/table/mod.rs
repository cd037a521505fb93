//! An opened source: its first rows at once, the whole when it has been read.

pub(crate) mod base;
pub(crate) mod columns;
pub(crate) mod later;
pub(crate) mod load;
pub(crate) mod many;
pub(crate) mod open;
pub(crate) mod sink;

use crate::error::{ExploreError, Result};
use crate::source::csv::{Block, Plan, notice};
use crate::source::files::{self, Identity};
use crate::source::lines::{LineIndex, STRIDE};
use crate::work::Cancel;
use atelier_wire::studio::data::view::{Notice, ReadOptions};
use base::Base;
use parking_lot::{Condvar, Mutex};
use polars::prelude::*;
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Called with a source's name when what is known of it changed.
pub type Told = Arc<dyn Fn(&str) + Send + Sync>;

pub(crate) struct Table {
    pub source: String,
    pub format: String,
    pub size_bytes: u64,
    pub options: ReadOptions,
    pub sheets: Vec<String>,
    pub files: Vec<(PathBuf, Identity)>,
    pub version: u64,
    pub state: Mutex<State>,
    pub grown: Condvar,
    /// Ends the reading when the table is dropped.
    pub stop: Cancel,
}

pub(crate) struct State {
    pub phase: Phase,
    pub notices: Vec<Notice>,
    pub fraction: f32,
}

pub(crate) enum Phase {
    Loading(Loading),
    Ready(Arc<Base>),
    /// The rest could not be read; the first rows stay.
    Failed(Loading, ExploreError),
}

/// What there is before all has been read.
#[derive(Clone)]
pub(crate) struct Loading {
    pub head: DataFrame,
    pub estimated_rows: u64,
    /// Counted rows, once the counting is done.
    pub num_rows: Option<u64>,
    pub seek: Option<Seek>,
}

/// Rows anywhere in a text file that is still being read.
#[derive(Clone)]
pub(crate) struct Seek {
    pub file: Arc<File>,
    pub plan: Arc<Plan>,
    pub index: Arc<LineIndex>,
}

impl Drop for Table {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Table {
    pub fn schema(&self) -> SchemaRef {
        match &self.state.lock().phase {
            Phase::Loading(loading) | Phase::Failed(loading, _) => loading.head.schema().clone(),
            Phase::Ready(base) => base.columns.schema(),
        }
    }

    /// The whole table; waits until it has been read.
    pub fn base(&self, cancel: &Cancel) -> Result<Arc<Base>> {
        let mut state = self.state.lock();
        loop {
            match &state.phase {
                Phase::Ready(base) => return Ok(base.clone()),
                Phase::Failed(_, error) => return Err(error.clone()),
                Phase::Loading(_) => {}
            }
            cancel.check()?;
            self.grown.wait_for(&mut state, Duration::from_millis(100));
        }
    }

    pub fn ready(&self) -> Option<Arc<Base>> {
        match &self.state.lock().phase {
            Phase::Ready(base) => Some(base.clone()),
            _ => None,
        }
    }

    /// Rows in the file's order, at once if they are among the first or the table is ready; else as soon as the walk
    /// through the file has come to them.
    pub fn window(&self, names: &[PlSmallStr], offset: usize, len: usize) -> Result<Vec<Series>> {
        let mut state = self.state.lock();
        loop {
            let (loading, failed) = match &state.phase {
                Phase::Ready(base) => {
                    let base = base.clone();
                    drop(state);
                    return base.columns.window(names, offset, len);
                }
                Phase::Loading(loading) => (loading, None),
                Phase::Failed(loading, error) => (loading, Some(error)),
            };
            let pick = |frame: &DataFrame, offset: usize, len: usize| {
                names
                    .iter()
                    .filter_map(|name| frame.column(name).ok())
                    .map(|column| column.as_materialized_series().slice(offset as i64, len))
                    .collect()
            };
            if offset + len <= loading.head.height() || (failed.is_some() && loading.seek.is_none()) {
                return Ok(pick(&loading.head, offset, len));
            }
            if let Some(seek) = &loading.seek
                && (seek.index.num_rows >= (offset + len) as u64 || loading.num_rows.is_some())
            {
                let seek = seek.clone();
                drop(state);
                let (frame, skip) = seek.read(offset as u64, len, &self.source)?;
                return Ok(pick(&frame, skip, len));
            }
            if let Some(error) = failed {
                return Err(error.clone());
            }
            self.grown.wait_for(&mut state, Duration::from_millis(100));
        }
    }

    /// Whether the files are as they were when they were read.
    pub fn is_current(&self) -> bool {
        self.files.iter().all(|(path, identity)| files::identify(path, &self.source).is_ok_and(|now| now == *identity))
    }

    /// What must be said now: of the reading, and of files that are not what they were.
    pub fn notices(&self) -> Vec<Notice> {
        let state = self.state.lock();
        let mut notices = state.notices.clone();
        if let Phase::Failed(_, error) = &state.phase {
            notices.push(notice(
                "failed",
                format!("Only the first rows could be read: {error}."),
                "Change how the file is read, or mend the file.",
            ));
        }
        drop(state);
        for (path, identity) in &self.files {
            match files::identify(path, &self.source) {
                Ok(now) if now == *identity => {}
                Ok(_) => notices.push(notice(
                    "changed",
                    format!("{} was changed since it was opened; this is what it held then.", self.source),
                    "Open it again.",
                )),
                Err(_) => notices.push(notice(
                    "vanished",
                    format!("{} is gone; this is what it held when it was opened.", self.source),
                    "Save what you need, or bring the file back.",
                )),
            }
            if notices.len() > 20 {
                break;
            }
        }
        notices
    }

    pub fn size(&self) -> usize {
        match &self.state.lock().phase {
            Phase::Ready(base) => base.size(),
            Phase::Loading(loading) | Phase::Failed(loading, _) => loading.head.estimated_size(),
        }
    }
}

impl Seek {
    /// Rows from `offset` on: a frame, and how many of its first rows to skip.
    fn read(&self, offset: u64, len: usize, source: &str) -> Result<(DataFrame, usize)> {
        let stride = (offset / STRIDE) as usize;
        let Some(&from) = self.index.starts.get(stride) else {
            let schema = self.plan.schema();
            return Ok((DataFrame::empty_with_schema(&schema), 0));
        };
        let last = ((offset + len as u64) / STRIDE + 1) as usize;
        let to = self.index.starts.get(last).copied().unwrap_or(self.index.end);
        let mut bytes = vec![0; (to - from) as usize];
        let n = files::read_at(&self.file, &mut bytes, from)
            .map_err(|cause| ExploreError::refused(source, cause.to_string()))?;
        bytes.truncate(n);
        let (bytes, _) = crate::source::text::mend(bytes);
        let mut plan = (*self.plan).clone();
        let mut unheard = Vec::new();
        for _ in 0..4 {
            match plan.block(&bytes, stride as u64 * STRIDE, source, &mut unheard)? {
                Block::Fits(frame) => return Ok((frame, (offset % STRIDE) as usize)),
                Block::Widen(wider) => wider.into_iter().for_each(|(i, fit)| plan.columns[i].fit = fit),
            }
        }
        Err(ExploreError::refused(source, format!("the rows from {} on fit no type", offset + 1)))
    }
}
