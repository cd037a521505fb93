//! A window of rows as text.

use crate::frame::Frame;
use crate::{ExploreError, cell};
use atelier_wire::studio::data::{GetPage, Page};

/// The most rows of one page.
const MAX_ROWS: usize = 1000;

pub(crate) fn page(frame: &Frame, request: &GetPage) -> Result<Page, ExploreError> {
    let height = frame.data.height();
    let offset = usize::try_from(request.offset).unwrap_or(usize::MAX).min(height);
    let limit = request.limit.min(MAX_ROWS).min(height - offset);
    let window = match &request.sort {
        None => frame.data.slice(offset as i64, limit),
        Some(sort) => {
            let order = frame.order(&request.source, &sort.column, sort.descending)?;
            frame.data.take(&order.slice(offset as i64, limit)).map_err(|error| ExploreError::Compute {
                source_name: request.source.clone(),
                reason: error.to_string(),
            })?
        }
    };
    let mut rows = vec![Vec::with_capacity(window.width()); limit];
    for column in window.columns() {
        for (row, value) in rows.iter_mut().zip(column.as_materialized_series().iter()) {
            row.push(cell::text(&value));
        }
    }
    Ok(Page { offset: request.offset, rows })
}
