//! Reading a delimited file to its end, on a thread of its own.

use super::base::Base;
use super::columns::Columns;
use super::sink::Sink;
use super::{Phase, Seek, Table};
use crate::error::{ExploreError, Result};
use crate::source::csv::{Block, Plan, notice};
use crate::source::format::Pack;
use crate::source::infer::Fit;
use crate::source::lines::{self, LineIndex};
use crate::source::{files, text};
use crate::work::Cancel;
use atelier_wire::studio::data::view::Notice;
use std::fs::File;
use std::path::Path;
use std::sync::{Arc, Weak};

/// Bytes of text parsed at once.
const BLOCK_BYTES: u64 = 8 << 20;
/// Readings before every column that still changes its type becomes text.
const MAX_PASSES: usize = 4;

/// Reads the rest of a text file whose head is shown. Holds the table weakly: closing it ends the reading.
pub(crate) fn delimited(
    table: Weak<Table>,
    head: text::Head,
    plan: Plan,
    path: &Path,
    budget: usize,
    source: &str,
    stop: &Cancel,
) -> Result<Arc<Base>> {
    let told = |fraction: f32| {
        if let Some(table) = table.upgrade() {
            table.state.lock().fraction = fraction;
        }
    };
    let spooled = match head.pack == Pack::Plain && head.encoding == encoding_rs::UTF_8 {
        true => None,
        false => Some(text::spool(path, source, &head, stop, &|share| told(share * 0.4))?),
    };
    let mut plan = plan;
    let file = match &spooled {
        Some(spool) => spool.reopen().map_err(|cause| ExploreError::io(source, path, &cause))?,
        None => {
            plan.data_start += head.mark as u64;
            files::open(path, source)?.0
        }
    };
    let file = Arc::new(file);
    let index = count(&table, &file, &plan, path, source, stop)?;
    let mut notices = Vec::new();
    if index.open_quote {
        notices.push(notice(
            "ragged",
            "A quote is opened and never closed: the rows after it are one field.",
            "Find the stray quote near the end of the file, or switch quoting off.",
        ));
    }
    let columns = parse(&file, &index, &mut plan, budget, source, stop, &mut notices, &told)?;
    if let Some(table) = table.upgrade() {
        let mut state = table.state.lock();
        for notice in notices {
            if !state.notices.contains(&notice) {
                state.notices.push(notice);
            }
        }
    }
    Ok(Arc::new(Base::new(source, columns)))
}

/// Finds where rows begin, and lets pages be read from what was found so far.
fn count(
    table: &Weak<Table>,
    file: &Arc<File>,
    plan: &Plan,
    path: &Path,
    source: &str,
    stop: &Cancel,
) -> Result<Arc<LineIndex>> {
    let shared = Arc::new(plan.clone());
    let share = |index: &LineIndex, done: bool| {
        let Some(table) = table.upgrade() else { return };
        let mut state = table.state.lock();
        if let Phase::Loading(loading) = &mut state.phase {
            loading.num_rows = done.then_some(index.num_rows);
            loading.seek = Some(Seek { file: file.clone(), plan: shared.clone(), index: Arc::new(index.clone()) });
        }
        drop(state);
        table.grown.notify_all();
    };
    let mut last = 0;
    let index = lines::index(file, plan.data_start, &plan.dialect, plan.skips_empty_lines(), stop, |index| {
        // The index is copied when it is shared, so it is shared ever more rarely.
        if index.end > last + last / 4 {
            last = index.end;
            share(index, false);
        }
    });
    let index = index.map_err(|cause| {
        if stop.is_cancelled() { ExploreError::Cancelled } else { ExploreError::io(source, path, &cause) }
    })?;
    share(&index, true);
    Ok(Arc::new(index))
}

#[allow(clippy::too_many_arguments)]
fn parse(
    file: &File,
    index: &LineIndex,
    plan: &mut Plan,
    budget: usize,
    source: &str,
    stop: &Cancel,
    notices: &mut Vec<Notice>,
    told: &dyn Fn(f32),
) -> Result<Columns> {
    for pass in 0..=MAX_PASSES {
        if pass == MAX_PASSES {
            plan.columns.iter_mut().filter(|column| !column.fixed).for_each(|column| column.fit = Fit::text());
        }
        if let Some(columns) = read_through(file, index, plan, budget, source, stop, notices, told)? {
            return Ok(columns);
        }
    }
    Err(ExploreError::refused(source, "its columns fit no type"))
}

/// One reading; `None` when a column had to be widened on the way, and the next reading will fit.
#[allow(clippy::too_many_arguments)]
fn read_through(
    file: &File,
    index: &LineIndex,
    plan: &mut Plan,
    budget: usize,
    source: &str,
    stop: &Cancel,
    notices: &mut Vec<Notice>,
    told: &dyn Fn(f32),
) -> Result<Option<Columns>> {
    let first = index.starts.first().copied().unwrap_or(index.end);
    let mut kept = Sink::new(plan.schema());
    let (mut at, mut group, mut row) = (first, 0, 0u64);
    let mut widened = false;
    while at < index.end {
        stop.check()?;
        // The next start that is a block away, or the end.
        while group + 1 < index.starts.len() && index.starts[group] < at + BLOCK_BYTES {
            group += 1;
        }
        let to = if group < index.starts.len() && index.starts[group] > at && index.starts[group] >= at + BLOCK_BYTES {
            index.starts[group]
        } else {
            index.end
        };
        let mut bytes = vec![0; (to - at) as usize];
        let n =
            files::read_at(file, &mut bytes, at).map_err(|cause| ExploreError::refused(source, cause.to_string()))?;
        if n < bytes.len() {
            return Err(ExploreError::refused(source, "it became shorter while it was read: open it again"));
        }
        let (bytes, odd) = text::mend(bytes);
        if let Some(line) = odd
            && !notices.iter().any(|notice| notice.kind == "encoding")
        {
            notices.push(notice(
                "encoding",
                format!("Row {} and maybe others are not UTF-8; they are read as Windows-1252.", row + line as u64 + 1),
                "Choose the file's encoding, or save it as UTF-8.",
            ));
        }
        let block = crate::work::guard(source, || plan.block(&bytes, row, source, notices))?;
        let frame = match block {
            Block::Fits(frame) => frame,
            Block::Widen(wider) => {
                widened = true;
                for (i, fit) in wider {
                    let column = &mut plan.columns[i];
                    column.fit = fit;
                }
                continue; // the same block again, to learn all of it
            }
        };
        row += frame.height() as u64;
        at = to;
        told(0.5 + 0.5 * (at - first) as f32 / (index.end - first).max(1) as f32);
        if widened {
            continue;
        }
        let total = frame.estimated_size() as u64 * (index.end - first) / (bytes.len() as u64).max(1);
        kept.push(frame, total > budget as u64, source)?;
    }
    if widened {
        return Ok(None);
    }
    kept.finish(budget, source).map(Some)
}
