//! The window's edits, one function for each kind that does more than to set a field.

use crate::document::{Cell, Document, NewCell};
use crate::error::EditError;
use crate::json::{self, Node, Text};
use atelier_wire::studio::notebook::{CellKind, Edit};
use base64::Engine as _;
use serde_json::json;
use std::sync::Arc;

pub const MAX_SOURCE_BYTES: usize = 16 << 20;
pub const MAX_CELLS: usize = 100_000;
const MAX_ATTACHMENT_BYTES: usize = 16 << 20;

/// Finds a cell to paste: of another notebook by its path, or one that was cut.
pub type Find<'a> = &'a dyn Fn(&str, &str) -> Option<Arc<Cell>>;

/// Applies one edit. After an error the document may be half changed: the caller has a copy.
pub fn apply(document: &mut Document, edit: &Edit, find: Find) -> Result<(), EditError> {
    match edit {
        Edit::SetSource { cell, source } => {
            if source.len() > MAX_SOURCE_BYTES {
                return Err(EditError::SourceTooLarge);
            }
            let cell = get(document, cell)?;
            if cell.source() != *source {
                cell.set_source(source);
            }
        }
        Edit::Insert { after, id, kind, source } => {
            if source.len() > MAX_SOURCE_BYTES {
                return Err(EditError::SourceTooLarge);
            }
            let new = document.make_cell(NewCell { id, kind: *kind, source });
            insert(document, after.as_deref(), new)?;
        }
        Edit::Paste { after, from, cells, new_ids } => paste(document, after.as_deref(), from, cells, new_ids, find)?,
        Edit::Delete { cell } => {
            let at = index(document, cell)?;
            document.cells.remove(at);
        }
        Edit::Move { cell, after } => move_cell(document, cell, after.as_deref())?,
        Edit::SetKind { cell, kind } => {
            let cell = get(document, cell)?;
            if cell.kind() != *kind {
                cell.set_kind(*kind);
            }
        }
        Edit::Split { cell, at, new_id } => split(document, cell, *at, new_id)?,
        Edit::Merge { cells } => merge(document, cells)?,
        Edit::ClearOutputs { cell: Some(cell) } => clear(get(document, cell)?),
        Edit::ClearOutputs { cell: None } => {
            for cell in &mut document.cells {
                if cell.num_outputs() > 0 || cell.execution_count().is_some() {
                    clear(Arc::make_mut(cell));
                }
            }
        }
        Edit::SetTags { cell, tags } => get(document, cell)?.set_tags(tags),
        Edit::SetHidden { cell, source, outputs } => get(document, cell)?.set_hidden(*source, *outputs),
        Edit::SetCollapsed { cell, collapsed } => get(document, cell)?.set_collapsed(*collapsed),
        Edit::SetCellKernel { cell, kernel } => get(document, cell)?.set_kernel(kernel.as_deref()),
        Edit::SetMetadata { cell, metadata } => set_metadata(get(document, cell)?, metadata)?,
        Edit::Attach { cell, name, mime, base64 } => attach(get(document, cell)?, name, mime, base64)?,
        Edit::Detach { cell, name } => get(document, cell)?.set_attachment(name, None),
    }
    Ok(())
}

fn index(document: &Document, id: &str) -> Result<usize, EditError> {
    document.index(id).ok_or_else(|| EditError::NoSuchCell(id.to_owned()))
}

fn get<'a>(document: &'a mut Document, id: &str) -> Result<&'a mut Cell, EditError> {
    let at = index(document, id)?;
    Ok(Arc::make_mut(&mut document.cells[at]))
}

fn behind(document: &Document, after: Option<&str>) -> Result<usize, EditError> {
    after.map_or(Ok(0), |id| index(document, id).map(|at| at + 1))
}

fn insert(document: &mut Document, after: Option<&str>, cell: Cell) -> Result<(), EditError> {
    if !crate::document::is_valid_id(cell.id()) {
        return Err(EditError::BadId(cell.id().to_owned()));
    }
    if document.index(cell.id()).is_some() {
        return Err(EditError::CellExists(cell.id().to_owned()));
    }
    if document.cells.len() >= MAX_CELLS {
        return Err(EditError::TooManyCells);
    }
    let at = behind(document, after)?;
    document.cells.insert(at, Arc::new(cell));
    Ok(())
}

fn paste(
    document: &mut Document,
    after: Option<&str>,
    from: &str,
    cells: &[String],
    new_ids: &[String],
    find: Find,
) -> Result<(), EditError> {
    if cells.len() != new_ids.len() {
        return Err(EditError::IdCount(cells.len(), new_ids.len()));
    }
    let mut after = after.map(str::to_owned);
    for (id, new_id) in cells.iter().zip(new_ids) {
        let cell = find(from, id).ok_or_else(|| EditError::NoSuchCell(id.clone()))?;
        let copy = cell.copy(new_id, document.has_ids());
        insert(document, after.as_deref(), copy)?;
        after = Some(new_id.clone());
    }
    Ok(())
}

fn move_cell(document: &mut Document, cell: &str, after: Option<&str>) -> Result<(), EditError> {
    let (from, to) = (index(document, cell)?, behind(document, after)?);
    let to = if from < to { to - 1 } else { to };
    // Behind itself, or where it is: nothing moves.
    if from != to && after != Some(cell) {
        let mut moved = document.cells.remove(from);
        Arc::make_mut(&mut moved).unplace();
        document.cells.insert(to, moved);
    }
    Ok(())
}

/// The upper part keeps the id, and the outputs stay with the lower part's code only if nothing is left above: they
/// show what the whole printed, so they stay with the upper one, as in Jupyter they go. Metadata is copied.
fn split(document: &mut Document, cell: &str, at: usize, new_id: &str) -> Result<(), EditError> {
    let has_ids = document.has_ids();
    let upper = get(document, cell)?;
    let source = upper.source();
    let length = source.chars().count();
    let byte = match source.char_indices().nth(at) {
        Some((byte, _)) => byte,
        None if at == length => source.len(),
        None => return Err(EditError::SplitOutside { at, length }),
    };
    let (above, below) = source.split_at(byte);
    let mut lower = upper.copy(new_id, has_ids);
    clear(&mut lower);
    lower.set_source(below.strip_prefix('\n').unwrap_or(below));
    upper.set_source(above.strip_suffix('\n').unwrap_or(above));
    insert(document, Some(cell), lower)
}

fn merge(document: &mut Document, cells: &[String]) -> Result<(), EditError> {
    let mut order: Vec<usize> = cells.iter().map(|id| index(document, id)).collect::<Result<_, _>>()?;
    order.sort_unstable();
    order.dedup();
    let [first, rest @ ..] = order.as_slice() else { return Ok(()) };
    if rest.is_empty() {
        return Ok(());
    }
    let sources: Vec<String> = order.iter().map(|at| document.cells[*at].source()).collect();
    let attachments: Vec<_> = rest.iter().flat_map(|at| document.cells[*at].attachments()).collect();
    let source = sources.join("\n");
    if source.len() > MAX_SOURCE_BYTES {
        return Err(EditError::SourceTooLarge);
    }
    let whole = Arc::make_mut(&mut document.cells[*first]);
    whole.set_source(&source);
    if whole.kind() != CellKind::Code {
        let own = whole.attachments();
        let new = attachments.into_iter().filter(|(name, _)| !own.contains_key(name));
        new.for_each(|(name, bundle)| whole.set_attachment(&name, Some(bundle)));
    }
    rest.iter().rev().for_each(|at| drop(document.cells.remove(*at)));
    Ok(())
}

fn clear(cell: &mut Cell) {
    cell.clear_outputs();
    cell.set_execution_count(None);
}

fn set_metadata(cell: &mut Cell, metadata: &str) -> Result<(), EditError> {
    json::check(metadata)
        .map_err(|fault| EditError::BadMetadata(format!("at character {}: {}", fault.at + 1, fault.what)))?;
    let mut new = Node::read(Text::new(metadata));
    let Some(new) = new.object_mut() else {
        return Err(EditError::BadMetadata("it must stand in braces".to_owned()));
    };
    // What stays the same keeps its text and its place.
    let old = cell.metadata();
    let wanted: Vec<(String, serde_json::Value)> =
        new.members.iter().map(|member| (member.key.clone(), member.value.value())).collect();
    let node = cell.metadata_mut();
    old.keys().filter(|key| !wanted.iter().any(|(wanted, _)| wanted == *key)).for_each(|key| drop(node.remove(key)));
    for (key, value) in wanted {
        if old.get(&key) != Some(&value) {
            node.set(&key, Node::New(value));
        }
    }
    Ok(())
}

fn attach(cell: &mut Cell, name: &str, mime: &str, base64: &str) -> Result<(), EditError> {
    let refuse = |why: &str| Err(EditError::BadAttachment { name: name.to_owned(), why: why.to_owned() });
    if cell.kind() == CellKind::Code {
        return Err(EditError::NoAttachments);
    }
    if name.is_empty() || name.len() > 255 || name.contains(['/', '\\', '\0']) {
        return refuse("its name must be that of a file");
    }
    let valid_mime = mime.split_once('/').is_some_and(|(kind, sub)| {
        let plain =
            |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-+.".contains(&b));
        plain(kind) && plain(sub)
    });
    if !valid_mime {
        return refuse("its type must be a MIME type");
    }
    if base64.len() / 4 * 3 > MAX_ATTACHMENT_BYTES {
        return refuse("it is larger than 16 MiB");
    }
    if base64::engine::general_purpose::STANDARD.decode(base64).is_err() {
        return refuse("its content is not base64");
    }
    cell.set_attachment(name, Some(json!({ mime: base64 })));
    Ok(())
}
