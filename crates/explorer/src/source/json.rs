//! JSON and JSON lines.

use super::csv::notice;
use crate::error::{ExploreError, Result, brief};
use atelier_wire::studio::data::view::Notice;
use polars::prelude::*;
use std::io::Cursor;
use std::num::NonZeroUsize;

/// Deeper values are no cells, and reading them would use the stack up.
const MAX_DEPTH: usize = 64;

/// `[{…}, …]`, one object, or, as many tools name it, lines of objects.
pub(crate) fn array(text: &[u8], source: &str, notices: &mut Vec<Notice>) -> Result<(DataFrame, bool)> {
    check_depth(text, 0, source)?;
    let first = text.iter().find(|byte| !byte.is_ascii_whitespace());
    let mut lines = text.split(|&byte| byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
    let is_object = |line: &[u8]| {
        serde_json::from_slice::<serde::de::IgnoredAny>(line).is_ok() && line.trim_ascii().starts_with(b"{")
    };
    if first == Some(&b'{') && lines.clone().take(2).count() == 2 && lines.by_ref().take(2).all(is_object) {
        return lines_of(text, 0, source, notices).map(|frame| (frame, true));
    }
    let bad = |reason: String| ExploreError::malformed(source, "JSON", reason);
    // Polars names neither line nor column of a syntax error; serde_json does.
    serde_json::from_slice::<serde::de::IgnoredAny>(text).map_err(|error| bad(error.to_string()))?;
    if first == Some(&b'[') {
        let rows: Vec<&serde_json::value::RawValue> =
            serde_json::from_slice(text).map_err(|error| bad(error.to_string()))?;
        if let Some(at) = rows.iter().position(|row| !row.get().starts_with('{')) {
            return Err(bad(format!("element {} is no object: a table is an array of objects", at + 1)));
        }
        if rows.is_empty() {
            return Err(ExploreError::Empty { source_name: source.to_owned() });
        }
    } else if first != Some(&b'{') {
        return Err(bad("a table is an array of objects".to_owned()));
    }
    let reader = JsonReader::new(Cursor::new(text)).with_json_format(JsonFormat::Json).infer_schema_len(None);
    reader.finish().map(|frame| (frame, false)).map_err(|error| bad(brief(&error)))
}

/// An object a line, `before` lines standing above. A last line that was cut off is left out, and said so.
pub(crate) fn lines_of(text: &[u8], before: usize, source: &str, notices: &mut Vec<Notice>) -> Result<DataFrame> {
    check_depth(text, before, source)?;
    let mut text = text;
    let mut at = 0;
    let num_lines = text.split(|&byte| byte == b'\n').count();
    for (i, line) in text.split(|&byte| byte == b'\n').enumerate() {
        let trimmed = line.trim_ascii();
        let fits = trimmed.is_empty()
            || (trimmed.starts_with(b"{") && serde_json::from_slice::<serde::de::IgnoredAny>(trimmed).is_ok());
        if !fits {
            let error = serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(trimmed).err();
            let error = error.map(|error| error.to_string()).unwrap_or_default();
            let reason = error.split(" at line").next().unwrap_or(&error).to_owned();
            if i + 1 == num_lines && i > 0 && trimmed.starts_with(b"{") {
                notices.push(notice(
                    "truncated",
                    format!("Line {} was cut off and is left out.", before + i + 1),
                    "Copy or write the file again.",
                ));
                text = &text[..at];
                break;
            }
            return Err(ExploreError::malformed(
                source,
                "JSON lines",
                format!("line {} is no JSON object: {reason}", before + i + 1),
            ));
        }
        at += line.len() + 1;
    }
    if text.iter().all(u8::is_ascii_whitespace) {
        return Err(ExploreError::Empty { source_name: source.to_owned() });
    }
    let reader = JsonReader::new(Cursor::new(text)).with_json_format(JsonFormat::JsonLines);
    let all = NonZeroUsize::new(usize::MAX);
    reader.infer_schema_len(all).finish().map_err(|error| ExploreError::malformed(source, "JSON lines", brief(&error)))
}

/// Lines whose columns are known already.
pub(crate) fn lines_as(text: &[u8], schema: SchemaRef, source: &str) -> Result<DataFrame> {
    let reader = JsonReader::new(Cursor::new(text)).with_json_format(JsonFormat::JsonLines).with_schema(schema);
    reader.finish().map_err(|error| ExploreError::malformed(source, "JSON lines", brief(&error)))
}

/// Counts brackets outside of texts.
fn check_depth(text: &[u8], before: usize, source: &str) -> Result<()> {
    let (mut depth, mut in_text, mut escaped, mut line) = (0usize, false, false, before + 1);
    for &byte in text {
        line += usize::from(byte == b'\n');
        if in_text {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_text = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_text = true,
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_DEPTH {
            return Err(ExploreError::malformed(
                source,
                "JSON",
                format!("line {line}: values nest more than {MAX_DEPTH} deep, which no cell shows"),
            ));
        }
    }
    Ok(())
}
