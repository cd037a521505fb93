//! Reading the rest of an Arrow file or of JSON lines, on a thread of its own, while the first rows are shown.

use super::base::Base;
use super::columns::Columns;
use super::sink::Sink;
use super::{Table, many};
use crate::error::{ExploreError, Result};
use crate::source::format::Pack;
use crate::source::{arrow, files, json, text};
use crate::sql::{self, How};
use crate::work::Cancel;
use atelier_wire::studio::data::view::Notice;
use polars::prelude::*;
use std::fs::File;
use std::path::Path;
use std::sync::{Arc, Weak};

/// Bytes of text parsed at once; a line that is longer is read whole, up to the second size.
const BLOCK_BYTES: usize = 8 << 20;
const MAX_LINE: usize = 256 << 20;

/// An Arrow file in memory, or by record batches where it is too large for that.
pub(crate) fn arrow_file(path: &Path, budget: usize, source: &str, stop: &Cancel) -> Result<Arc<Base>> {
    let (file, identity) = files::open(path, source)?;
    let columns = match identity.len as usize <= budget {
        true => Columns::Resident(super::open::renamed(arrow::rows(file, None, source)?, source)?),
        false => sql::collect_within(sql::watched(arrow::scan(path, source)?, stop), How::Parts, budget, source, stop)?,
    };
    Ok(Arc::new(Base::new(source, columns)))
}

/// JSON lines block by block. Each block brings its own columns and types, which are brought together at the end; what
/// is larger than the budget is read a second time, when these are known, into a temporary file.
pub(crate) fn json_lines(
    table: &Weak<Table>,
    head: &text::Head,
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
        false => Some(text::spool(path, source, head, stop, &|share| told(share * 0.4))?),
    };
    let (file, start) = match &spooled {
        Some(spool) => (spool.reopen().map_err(|cause| ExploreError::io(source, path, &cause))?, 0),
        None => (files::open(path, source)?.0, head.mark as u64),
    };
    let mut notices = Vec::new();
    let (mut frames, mut bytes, mut lines, mut schema): (Vec<DataFrame>, usize, usize, Option<SchemaRef>) =
        (Vec::new(), 0, 0, None);
    blocks(&file, start, source, stop, &mut |block, share| {
        let frame = json::lines_of(block, lines, source, &mut notices)?;
        lines += block.iter().filter(|byte| **byte == b'\n').count();
        schema = Some(match schema.take() {
            Some(known) if known == *frame.schema() => known,
            Some(known) => many::merged(&[known, frame.schema().clone()], source)?,
            None => frame.schema().clone(),
        });
        bytes += frame.estimated_size();
        if bytes > budget {
            frames.clear()
        } else {
            frames.push(frame)
        }
        told(0.4 + 0.4 * share);
        Ok(())
    })?;
    let Some(schema) = schema else { return Err(ExploreError::Empty { source_name: source.to_owned() }) };
    let columns = if bytes <= budget {
        Columns::Resident(many::together(frames, source)?)
    } else {
        let mut sink = Sink::new((*schema).clone());
        blocks(&file, start, source, stop, &mut |block, share| {
            told(0.8 + 0.2 * share);
            sink.push(json::lines_as(block, schema.clone(), source)?, true, source)
        })?;
        sink.finish(budget, source)?
    };
    say(table, notices);
    Ok(Arc::new(Base::new(source, columns)))
}

fn say(table: &Weak<Table>, notices: Vec<Notice>) {
    let Some(table) = table.upgrade() else { return };
    let mut state = table.state.lock();
    for notice in notices {
        if !state.notices.contains(&notice) {
            state.notices.push(notice);
        }
    }
}

/// Calls `take` with whole lines, about [`BLOCK_BYTES`] of them at a time, and how much of the file lies behind.
fn blocks(
    file: &File,
    start: u64,
    source: &str,
    stop: &Cancel,
    take: &mut dyn FnMut(&[u8], f32) -> Result<()>,
) -> Result<()> {
    let refused = |cause: std::io::Error| ExploreError::refused(source, cause.to_string());
    let len = file.metadata().map_err(refused)?.len();
    let (mut at, mut size) = (start, BLOCK_BYTES);
    while at < len {
        stop.check()?;
        let mut bytes = vec![0; size.min((len - at) as usize)];
        let n = files::read_at(file, &mut bytes, at).map_err(refused)?;
        if n < bytes.len() {
            return Err(ExploreError::refused(source, "it became shorter while it was read: open it again"));
        }
        let is_last = at + n as u64 == len;
        let end = if is_last { n } else { bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1) };
        if end == 0 {
            size *= 4;
            if size > MAX_LINE {
                return Err(ExploreError::malformed(
                    source,
                    "JSON lines",
                    format!("a line near byte {at} is longer than {} MB", MAX_LINE >> 20),
                ));
            }
            continue;
        }
        bytes.truncate(end);
        at += end as u64;
        size = BLOCK_BYTES;
        let (block, _) = text::mend(bytes);
        if !block.iter().all(u8::is_ascii_whitespace) {
            take(&block, at as f32 / len as f32)?;
        }
    }
    Ok(())
}
