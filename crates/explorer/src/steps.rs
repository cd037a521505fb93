//! Steps of a recipe over a table.

use crate::error::{ExploreError, Result};
use crate::open::Sources;
use crate::table::Table;
use crate::work::Cancel;
use crate::Explorer;
use atelier_wire::studio::data::recipe::Step;
use polars::prelude::*;
use std::sync::Arc;

impl Explorer {
    /// The table after the first `count` steps, lazily.
    pub(crate) fn apply_steps(&self, steps: &[Step], count: usize, table: &Arc<Table>, _sources: &dyn Sources, cancel: &Cancel) -> Result<LazyFrame> {
        let base = table.base(cancel)?;
        if steps.iter().take(count).all(|step| step.disabled) {
            return base.columns.lazy(&base.source);
        }
        Err(ExploreError::refused(&base.source, "steps are not known here"))
    }
}
