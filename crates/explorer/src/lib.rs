//! The data explorer's engine: opens anything tabular, answers windows of its rows, filters, orders, profiles, charts
//! and judges it. All computed by Polars or beside it, all exact unless an answer says otherwise.
//!
//! Everything here is synchronous and may take as long as reading a file takes, so call it off the async threads. A
//! [`table`](crate::table) shows its first rows at once and is read to its end on a thread of its own; what is larger
//! than the memory budget is kept in a temporary Parquet file and read by row group. Files are read by position, never
//! mapped: a mapped file that somebody truncates would take the whole process down. A file that changes is read again
//! when it is opened again; until then the view stays as it was, and says so. Nothing is ever written but exports.

mod chart;
mod count;
mod error;
mod filter;
mod functions;
mod open;
mod profile;
mod quality;
mod source;
mod sql;
mod steps;
mod table;
mod view;
mod work;

pub use atelier_recipe::Language;
pub use error::ExploreError;
pub use functions::Functions;
pub use open::Sources;
pub use source::files::{folder, matching};
pub use steps::{apply_recipe, export_recipe_file, transforms};
pub use view::export::write_frame;
pub use view::rows::texts;
pub use work::Cancel;

use atelier_wire::studio::data::chart::{BuildChart, Chart};
use atelier_wire::studio::data::quality::{Quality, QualityReport};
use atelier_wire::studio::data::view::{
    ColumnStats, ExportedView, FindInView, Found, FullCell, GetCell, GetRows, GetStats, ListValues, Rows, Values,
    ViewInfo,
};
use error::Result;
use parking_lot::Mutex;
use polars::prelude::{DataFrame, PlSmallStr};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use table::{Table, Told};
use view::View;
use work::{Requests, Slots, guard};

/// The data explorer. Share it behind an `Arc`; all methods take `&self`.
pub struct Explorer {
    /// Bytes that one table may take in memory, and about what all may take together.
    budget: usize,
    tables: Mutex<Vec<(String, Arc<Table>)>>,
    changed: Mutex<Vec<(String, Arc<table::base::Base>)>>,
    views: Mutex<Vec<(String, Arc<View>)>>,
    versions: AtomicU64,
    requests: Requests,
    slots: Slots,
    told: Told,
    functions: Arc<dyn Functions>,
}

/// Views kept; the least recently used goes first.
const MAX_VIEWS: usize = 200;

impl Default for Explorer {
    fn default() -> Self {
        Self::with_budget(budget())
    }
}

/// A third of the machine's memory, at least 512 MiB.
fn budget() -> usize {
    let total = std::fs::read_to_string("/proc/meminfo")
        .ok()
        .and_then(|text| text.split_whitespace().nth(1)?.parse::<usize>().ok());
    total.map_or(2 << 30, |kib| (kib / 3 * 1024).max(512 << 20))
}

impl Explorer {
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps about at most `bytes` of tables in memory, the least recently used ones going first. What is in use stays.
    pub fn with_budget(bytes: usize) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Self {
            budget: bytes,
            tables: Mutex::default(),
            changed: Mutex::default(),
            views: Mutex::default(),
            versions: AtomicU64::new(1),
            requests: Requests::default(),
            slots: Slots::new(cores.max(2) / 2 + 1),
            told: Arc::new(|_| {}),
            functions: Arc::new(functions::NoFunctions),
        }
    }

    /// Calls `told` with a source's name when its table has been read to the end.
    pub fn on_change(mut self, told: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.told = Arc::new(told);
        self
    }

    /// Runs steps that are functions of a person's own by `functions`.
    pub fn with_functions(mut self, functions: Arc<dyn Functions>) -> Self {
        self.functions = functions;
        self
    }

    /// What is known of a view now.
    pub fn info(&self, view: &str) -> Result<ViewInfo> {
        Ok(self.view(view)?.info())
    }

    /// A window of rows. Beyond the last row there are none; that is no error.
    pub fn rows(&self, request: &GetRows) -> Result<Rows> {
        let view = self.view(&request.view)?;
        guard(&view.request.source, || view::rows::rows(&view, request))
    }

    pub fn cell(&self, request: &GetCell) -> Result<FullCell> {
        let view = self.view(&request.view)?;
        guard(&view.request.source, || view::rows::full(&view, request))
    }

    /// Statistics over one column; exact.
    pub fn stats(&self, request: &GetStats) -> Result<ColumnStats> {
        let view = self.view(&request.view)?;
        self.heavy(&request.request, &view, |cancel| profile::stats(&view, request, cancel))
    }

    pub fn values(&self, request: &ListValues) -> Result<Values> {
        let view = self.view(&request.view)?;
        self.heavy(&request.request, &view, |cancel| {
            let shown = view.shown_across(&request.column, cancel)?;
            view::values::values(&shown, request, cancel)
        })
    }

    pub fn find(&self, request: &FindInView) -> Result<Found> {
        let view = self.view(&request.view)?;
        self.heavy(&request.request, &view, |cancel| view::find::find(&view, request, cancel))
    }

    /// A chart of the view's rows.
    pub fn chart(&self, request: &BuildChart) -> Result<Chart> {
        let view = self.view(&request.view)?;
        self.heavy(&request.request, &view, |cancel| chart::build(&view.shown(cancel)?, &request.spec, cancel))
    }

    /// What is wrong with the view's rows.
    pub fn quality(&self, request: &QualityReport) -> Result<Quality> {
        let view = self.view(&request.view)?;
        let target = request.target.as_deref().filter(|target| !target.is_empty());
        self.heavy(&request.request, &view, |cancel| quality::report(&view.shown(cancel)?, target, cancel))
    }

    /// Writes the view's rows to `path`, whose ending decides the format.
    pub fn export(&self, view: &str, path: &Path, request: &str) -> Result<ExportedView> {
        let view = self.view(view)?;
        self.heavy(request, &view, |cancel| {
            let shown = view.shown(cancel)?;
            view::export::export(&shown, path, cancel)?;
            let size_bytes = std::fs::metadata(path).map(|meta| meta.len()).unwrap_or_default();
            Ok(ExportedView { num_rows: shown.len() as u64, size_bytes })
        })
    }

    /// The view's rows in memory: for code that works on all of them.
    pub fn frame(&self, view: &str) -> Result<DataFrame> {
        let view = self.view(view)?;
        let shown = view.shown(&Cancel::default())?;
        let names: Vec<PlSmallStr> = shown.names();
        shown.frame(&names)
    }

    /// Waits until the view's file has been read to its end.
    pub fn wait(&self, view: &str) -> Result<()> {
        self.view(view)?.base(&Cancel::default()).map(drop)
    }

    /// Ends the call with this name, which then fails as cancelled.
    pub fn cancel(&self, request: &str) {
        self.requests.cancel(request);
    }

    /// Runs what takes long: with a name by which it can be ended, a slot, and a guard against panics.
    fn heavy<T>(&self, request: &str, view: &View, work: impl FnOnce(&Cancel) -> Result<T>) -> Result<T> {
        let running = self.requests.begin(request);
        // The reading of the file is waited for outside of the slot: it may take long and computes nothing here.
        view.base(&running.cancel)?;
        let _slot = self.slots.enter(&running.cancel)?;
        guard(&view.request.source, || work(&running.cancel))
    }
}
