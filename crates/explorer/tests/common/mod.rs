//! A folder of files and an explorer that knows it.
#![allow(dead_code, reason = "each test binary uses its part")]

use atelier_explorer::{ExploreError, Explorer, Sources};
use atelier_wire::studio::data::filter::{Filter, Test};
use atelier_wire::studio::data::view::*;
use std::path::PathBuf;

pub struct Folder {
    pub dir: tempfile::TempDir,
    pub explorer: Explorer,
}

impl Sources for Folder {
    fn locate(&self, source: &str) -> Result<Vec<PathBuf>, ExploreError> {
        match source.split_once('*') {
            Some(_) => atelier_explorer::matching(self.dir.path(), source, source),
            None => Ok(vec![self.dir.path().join(source)]),
        }
    }
}

impl Folder {
    pub fn new() -> Self {
        Self::with_budget(1 << 30)
    }

    pub fn with_budget(bytes: usize) -> Self {
        Self { dir: tempfile::tempdir().unwrap(), explorer: Explorer::with_budget(bytes) }
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.dir.path().join(name), bytes).unwrap();
    }

    pub fn open(&self, request: OpenView) -> Result<ViewInfo, String> {
        self.explorer.open_view(request, self).map_err(|error| error.to_string())
    }

    pub fn whole(&self, source: &str) -> ViewInfo {
        let info = self.open(OpenView { source: source.into(), ..OpenView::default() }).unwrap();
        self.explorer.frame(&info.view).unwrap();
        self.explorer.info(&info.view).unwrap()
    }

    pub fn rows(&self, view: &str, offset: u64, limit: usize) -> Rows {
        self.explorer.rows(&GetRows { view: view.into(), offset, limit, columns: None, names: vec![] }).unwrap()
    }

    pub fn column(&self, view: &str) -> Vec<String> {
        self.rows(view, 0, 1000).cells.into_iter().map(|row| row[0].clone().unwrap_or_else(|| "-".into())).collect()
    }
}

pub fn one(column: &str, test: Test) -> Filter {
    Filter::Column { column: column.into(), test }
}
