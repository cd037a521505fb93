//! What is wrong with a file, or with an edit.

use crate::json::Fault;

/// Why bytes are no notebook. Lines and columns count from 1, columns in characters.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum DocumentError {
    #[error("it is larger than {0} MiB")]
    TooLarge(usize),
    #[error("it is not UTF-8 text: line {line}, column {column}")]
    NotText { line: usize, column: usize },
    #[error("line {line}, column {column}: {what}")]
    At { line: usize, column: usize, what: String },
}

impl DocumentError {
    pub(crate) fn at(text: &str, fault: Fault) -> DocumentError {
        let (line, column) = place(text.as_bytes(), fault.at);
        DocumentError::At { line, column, what: fault.what }
    }
}

/// Line and column of a byte. Bytes that continue a character count with it.
pub(crate) fn place(bytes: &[u8], at: usize) -> (usize, usize) {
    let before = &bytes[..at.min(bytes.len())];
    let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let column = before[line_start..].iter().filter(|byte| **byte & 0xc0 != 0x80).count() + 1;
    (line, column)
}

/// Why an edit cannot be done. Nothing was changed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum EditError {
    #[error("There is no cell {0} in this notebook.")]
    NoSuchCell(String),
    #[error("There is a cell {0} in this notebook already.")]
    CellExists(String),
    #[error("`{0}` cannot be a cell's id: 1 to 64 letters, digits, - and _.")]
    BadId(String),
    #[error("The cell has {length} characters; it cannot be split at {at}.")]
    SplitOutside { at: usize, length: usize },
    #[error("{0} cells were given and {1} new ids.")]
    IdCount(usize, usize),
    #[error("The metadata is not a JSON object: {0}")]
    BadMetadata(String),
    #[error("The attachment {name} cannot be added: {why}")]
    BadAttachment { name: String, why: String },
    #[error("Only Markdown cells and raw cells have attachments.")]
    NoAttachments,
    #[error("A cell's text may have {} MiB at most.", crate::edit::MAX_SOURCE_BYTES >> 20)]
    SourceTooLarge,
    #[error("A notebook may have {} cells at most.", crate::edit::MAX_CELLS)]
    TooManyCells,
}
