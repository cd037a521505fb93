//! Opening a source: the format, the head, and who reads the rest.

use super::base::Base;
use super::columns::{Columns, LazyColumns};
use super::{Loading, Phase, State, Table, Told, later, load, many};
use crate::error::{ExploreError, Result};
use crate::source::csv::{Block, Plan, notice};
use crate::source::format::{Format, Pack};
use crate::source::parquet::ParquetFile;
use crate::source::{arrow, excel, files, json, text};
use crate::work::{Cancel, guard};
use atelier_wire::studio::data::view::{Notice, ReadOptions};
use parking_lot::{Condvar, Mutex};
use polars::prelude::*;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Formats that are read whole may be this large.
const MAX_WHOLE: u64 = 2 << 30;
/// Rows of an Arrow file that are shown at once.
const FIRST_ROWS: usize = 1000;
/// Text files up to this size are complete when they open.
const SMALL: u64 = 2 << 20;

/// What the opening of one file gives.
struct Opened {
    format: String,
    options: ReadOptions,
    sheets: Vec<String>,
    notices: Vec<Notice>,
    content: Content,
}

enum Content {
    Whole(Columns),
    Delimited {
        head: text::Head,
        plan: Box<Plan>,
        first: DataFrame,
        estimated_rows: u64,
    },
    /// The first rows, and how the others are read.
    Begun {
        first: DataFrame,
        estimated_rows: u64,
        rest: Rest,
    },
}

/// Who reads what the first rows left.
enum Rest {
    Delimited(text::Head, Box<Plan>),
    Lines(text::Head),
    Arrow,
    /// Other files.
    Many,
}

impl Table {
    /// Opens files as one table.
    pub fn open(
        source: &str,
        paths: Vec<PathBuf>,
        options: &ReadOptions,
        budget: usize,
        version: u64,
        told: Told,
    ) -> Result<Arc<Table>> {
        let Some(path) = paths.first() else { return Err(ExploreError::Missing { source_name: source.to_owned() }) };
        let mut files_with = Vec::with_capacity(paths.len());
        for path in &paths {
            files_with.push((path.clone(), files::identify(path, source)?));
        }
        let size_bytes = files_with.iter().map(|(_, identity)| identity.len).sum();
        let opened = guard(source, || open_file(path, source, options, budget))?;
        let stop = Cancel::default();
        let many = paths.len() > 1;
        let (phase, rest) = match opened.content {
            Content::Whole(columns) if !many => (Phase::Ready(Arc::new(Base::new(source, columns))), None),
            Content::Whole(columns) => {
                let names: Vec<PlSmallStr> = columns.schema().iter_names().cloned().collect();
                let head = DataFrame::new_infer_height(
                    columns.window(&names, 0, 1000)?.into_iter().map(Series::into_column).collect(),
                )
                .map_err(|error| ExploreError::compute(source, &error))?;
                let estimated_rows = columns.height() as u64 * paths.len() as u64;
                (Phase::Loading(Loading { head, estimated_rows, num_rows: None, seek: None }), Some(Rest::Many))
            }
            Content::Delimited { head, plan, first, estimated_rows } => (
                Phase::Loading(Loading {
                    head: first,
                    estimated_rows: estimated_rows * paths.len() as u64,
                    num_rows: None,
                    seek: None,
                }),
                Some(Rest::Delimited(head, plan)),
            ),
            Content::Begun { first, estimated_rows, rest } => (
                Phase::Loading(Loading {
                    head: first,
                    estimated_rows: estimated_rows * paths.len() as u64,
                    num_rows: None,
                    seek: None,
                }),
                Some(rest),
            ),
        };
        let state = State { phase, notices: opened.notices, fraction: 0.0 };
        let table = Arc::new(Table {
            source: source.to_owned(),
            format: opened.format,
            size_bytes,
            options: opened.options,
            sheets: opened.sheets,
            files: files_with,
            version,
            state: Mutex::new(state),
            grown: Condvar::new(),
            stop: stop.clone(),
        });
        match rest {
            Some(rest) => read_rest(&table, rest, paths, options.clone(), budget, told),
            None => preload(&table),
        }
        Ok(table)
    }

    /// A table that is in memory already.
    pub fn of_frame(source: &str, format: &str, frame: DataFrame, version: u64) -> Arc<Table> {
        let base = Arc::new(Base::new(source, Columns::Resident(frame)));
        Arc::new(Table {
            source: source.to_owned(),
            format: format.to_owned(),
            size_bytes: base.size() as u64,
            options: ReadOptions::default(),
            sheets: Vec::new(),
            files: Vec::new(),
            version,
            state: Mutex::new(State { phase: Phase::Ready(base), notices: Vec::new(), fraction: 1.0 }),
            grown: Condvar::new(),
            stop: Cancel::default(),
        })
    }
}

/// Decodes the columns of a Parquet file in the background, so that filters and orders find them.
fn preload(table: &Arc<Table>) {
    let Some(base) = table.ready() else { return };
    if matches!(base.columns, Columns::Resident(_)) {
        return;
    }
    let stop = table.stop.clone();
    spawn(move || base.columns.preload(&stop));
}

fn spawn(work: impl FnOnce() + Send + 'static) {
    if let Err(error) = std::thread::Builder::new().name("table".to_owned()).spawn(work) {
        tracing::error!(%error, "no thread for reading a table");
    }
}

/// Reads what the head left, here when it is little, else on a thread.
fn read_rest(table: &Arc<Table>, rest: Rest, paths: Vec<PathBuf>, options: ReadOptions, budget: usize, told: Told) {
    let at_hand = match &rest {
        Rest::Delimited(head, _) | Rest::Lines(head) => head.pack == Pack::Plain || head.whole,
        Rest::Arrow | Rest::Many => true,
    };
    let small = table.size_bytes <= SMALL && at_hand;
    let weak = Arc::downgrade(table);
    let (source, stop) = (table.source.clone(), table.stop.clone());
    let work = move || {
        let done = guard(&source, || match (rest, &paths[..]) {
            (Rest::Delimited(head, plan), [path]) => {
                load::delimited(weak.clone(), head, *plan, path, budget, &source, &stop)
            }
            (Rest::Lines(head), [path]) => later::json_lines(&weak, &head, path, budget, &source, &stop),
            (Rest::Arrow, [path]) => later::arrow_file(path, budget, &source, &stop),
            (_, paths) => many::all_of(paths, &options, budget, &source, &stop)
                .map(|columns| Arc::new(Base::new(&source, columns))),
        });
        let Some(table) = weak.upgrade() else { return };
        let mut state = table.state.lock();
        state.fraction = 1.0;
        match done {
            Ok(base) => state.phase = Phase::Ready(base),
            Err(error) => {
                if let Phase::Loading(loading) = &state.phase {
                    state.phase = Phase::Failed(loading.clone(), error);
                }
            }
        }
        drop(state);
        table.grown.notify_all();
        told(&source);
    };
    if small { work() } else { spawn(work) }
}

fn open_file(path: &Path, source: &str, options: &ReadOptions, budget: usize) -> Result<Opened> {
    let identity = files::identify(path, source)?;
    if identity.len == 0 {
        return Err(ExploreError::Empty { source_name: source.to_owned() });
    }
    let (pack, start, whole) = text::start(path, source)?;
    let name = if path.file_name().is_some_and(|name| source.ends_with(&*name.to_string_lossy())) {
        source
    } else {
        path.to_str().unwrap_or(source)
    };
    let format = Format::of(name, &start).map_err(|error| match error {
        ExploreError::Format { reason, .. } => ExploreError::Format { source_name: source.to_owned(), reason },
        ExploreError::Malformed { format, reason, .. } => {
            ExploreError::Malformed { source_name: source.to_owned(), format, reason }
        }
        other => other,
    })?;
    let mut opened = Opened {
        format: format!("{}{}", format.name(), pack.ending()),
        options: options.clone(),
        sheets: Vec::new(),
        notices: Vec::new(),
        content: Content::Whole(Columns::Resident(DataFrame::empty())),
    };
    opened.content = match format {
        Format::Parquet => {
            let file = ParquetFile::open(path, source)?;
            Content::Whole(Columns::Parquet(LazyColumns::new(Arc::new(file), budget, None)))
        }
        Format::Delimited(fixed) => {
            let (content, resolved) =
                delimited(pack, start, whole, fixed, options, source, identity.len, &mut opened.notices)?;
            opened.options = resolved;
            if opened.format == "csv"
                && matches!(&content, Content::Delimited { plan, .. } if plan.dialect.separator == b'\t')
            {
                opened.format = "tsv".to_owned();
            }
            content
        }
        Format::Arrow if pack == Pack::Plain && identity.len > SMALL && options.types.is_empty() => {
            let first = renamed(arrow::rows(files::open(path, source)?.0, Some(FIRST_ROWS), source)?, source)?;
            let row = (first.estimated_size() / first.height().max(1)).max(1);
            Content::Begun { estimated_rows: identity.len / row as u64, first, rest: Rest::Arrow }
        }
        // A line longer than the head is read with all others.
        Format::JsonLines if !whole && options.types.is_empty() && start.trim_ascii_start().contains(&b'\n') => {
            let read = start.len() as u64;
            let head = text::head(pack, start, false, options.encoding.as_deref(), source)?;
            let end = head.text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
            let first = json::lines_of(&head.text[..end], 0, source, &mut opened.notices)?;
            Content::Begun {
                estimated_rows: first.height() as u64 * identity.len / read.max(1),
                first,
                rest: Rest::Lines(head),
            }
        }
        Format::Arrow | Format::ArrowStream => {
            let bytes = whole_file(path, source, pack)?;
            Content::Whole(Columns::Resident(renamed(
                arrow::read(&bytes, format == Format::ArrowStream, source)?,
                source,
            )?))
        }
        Format::Excel => {
            let sheet = excel::read(&whole_file(path, source, pack)?, options, source, &mut opened.notices)?;
            opened.sheets = sheet.sheets;
            opened.options.sheet = Some(sheet.name);
            opened.options.header = Some(sheet.header);
            Content::Whole(Columns::Resident(sheet.frame))
        }
        Format::Json | Format::JsonLines => {
            let bytes = whole_file(path, source, pack)?;
            let head = text::head(Pack::Plain, bytes, true, options.encoding.as_deref(), source)?;
            if head.text.iter().all(u8::is_ascii_whitespace) {
                return Err(ExploreError::Empty { source_name: source.to_owned() });
            }
            let frame = if format == Format::Json {
                let (frame, lines) = json::array(&head.text, source, &mut opened.notices)?;
                if lines {
                    opened.format = format!("jsonl{}", pack.ending());
                }
                frame
            } else {
                json::lines_of(&head.text, 0, source, &mut opened.notices)?
            };
            Content::Whole(Columns::Resident(frame))
        }
    };
    opened.content = match opened.content {
        Content::Whole(Columns::Resident(frame)) if !options.types.is_empty() => {
            Content::Whole(Columns::Resident(retyped(frame, options, source)?))
        }
        content => content,
    };
    Ok(opened)
}

/// Arrow files may repeat names; Polars' frames may not.
pub(super) fn renamed(frame: DataFrame, source: &str) -> Result<DataFrame> {
    if frame.columns().iter().all(|column| !column.name().is_empty()) {
        return Ok(frame);
    }
    let (names, _) = crate::source::names::tidy(frame.columns().iter().map(|column| column.name().to_string()));
    let columns =
        frame.columns().iter().zip(names).map(|(column, name)| column.clone().with_name(name.into())).collect();
    DataFrame::new(frame.height(), columns).map_err(|error| ExploreError::compute(source, &error))
}

/// Named types for formats that bring their own.
fn retyped(mut frame: DataFrame, options: &ReadOptions, source: &str) -> Result<DataFrame> {
    for (name, named) in &options.types {
        let Ok(column) = frame.column(name) else { continue };
        let dtype = crate::source::types::parse(named)
            .ok_or_else(|| ExploreError::refused(source, format!("`{named}` is no type for the column `{name}`")))?;
        let made = column.cast(&dtype).map_err(|error| ExploreError::compute(source, &error))?;
        if made.null_count() > column.null_count() {
            let at = made
                .is_null()
                .iter()
                .zip(column.is_null().iter())
                .position(|(made, before)| made == Some(true) && before == Some(false))
                .unwrap_or(0);
            let value = column.get(at).map(|value| value.to_string()).unwrap_or_default();
            return Err(ExploreError::refused(
                source,
                format!("row {}, column `{name}`: {value} is no {dtype}. Read the column as another type", at + 1),
            ));
        }
        frame.with_column(made).map_err(|error| ExploreError::compute(source, &error))?;
    }
    Ok(frame)
}

#[allow(clippy::too_many_arguments)]
fn delimited(
    pack: Pack,
    start: Vec<u8>,
    whole: bool,
    fixed: Option<u8>,
    options: &ReadOptions,
    source: &str,
    len: u64,
    notices: &mut Vec<Notice>,
) -> Result<(Content, ReadOptions)> {
    let head_bytes = start.len() as u64;
    let mut head = text::head(pack, start, whole, options.encoding.as_deref(), source)?;
    // A lone `\r` (old spreadsheets) would make the file one long line.
    if whole && !head.text.contains(&b'\n') {
        head.text.iter_mut().filter(|byte| **byte == b'\r').for_each(|byte| *byte = b'\n');
    }
    let (mut plan, mut said) = Plan::make(&head.text, whole, fixed, options, source)?;
    notices.append(&mut said);
    let rows = plan.data_start as usize..if whole { head.text.len() } else { last_row_end(&head.text, &plan) };
    let mut body = head.text.get(rows).unwrap_or_default().to_vec();
    if let (mended, Some(row)) = text::mend(body.clone()) {
        notices.push(notice(
            "encoding",
            format!("Row {} and maybe others are not UTF-8; they are read as Windows-1252.", row + 1),
            "Choose the file's encoding, or save it as UTF-8.",
        ));
        body = mended;
    }
    let first = loop {
        match plan.block(&body, 0, source, notices)? {
            Block::Fits(frame) => break frame,
            Block::Widen(wider) => wider.into_iter().for_each(|(i, fit)| plan.columns[i].fit = fit),
        }
    };
    let dialect = &plan.dialect;
    let resolved = ReadOptions {
        header: Some(dialect.header),
        delimiter: Some((dialect.separator as char).to_string()),
        quote: Some(dialect.quote.map(|quote| (quote as char).to_string()).unwrap_or_default()),
        encoding: Some(head.encoding.name().to_ascii_lowercase()),
        decimal_comma: Some(dialect.decimal_comma),
        null_values: Some(dialect.missing.clone()),
        ..options.clone()
    };
    if whole {
        return Ok((Content::Whole(Columns::Resident(first)), resolved));
    }
    let estimated_rows = (first.height() as u64).saturating_mul(len) / head_bytes.max(1);
    Ok((Content::Delimited { head, plan: Box::new(plan), first, estimated_rows }, resolved))
}

/// The end of the last whole row of a head.
fn last_row_end(text: &[u8], plan: &Plan) -> usize {
    let quote = plan.dialect.quote.unwrap_or(b'\n');
    let (mut in_quote, mut end) = (false, plan.data_start as usize);
    for (i, &byte) in text.iter().enumerate().skip(plan.data_start as usize) {
        if byte == quote && quote != b'\n' {
            in_quote = !in_quote;
        } else if byte == b'\n' && !in_quote {
            end = i + 1;
        }
    }
    end
}

/// A whole file in memory, unpacked, within bounds.
fn whole_file(path: &Path, source: &str, pack: Pack) -> Result<Vec<u8>> {
    let (file, identity) = files::open(path, source)?;
    let fail = |cause: std::io::Error| ExploreError::io(source, path, &cause);
    let large = || {
        ExploreError::refused(
            source,
            format!(
                "it holds more than {} GiB, the most that this format is read with: write it as Parquet or CSV, which are read in parts",
                MAX_WHOLE >> 30
            ),
        )
    };
    if identity.len > MAX_WHOLE {
        return Err(large());
    }
    let mut bytes = Vec::new();
    match pack {
        Pack::Plain => file.take(MAX_WHOLE + 1).read_to_end(&mut bytes).map_err(fail)?,
        _ => {
            drop(file);
            let head = text::Head { pack, encoding: encoding_rs::UTF_8, text: Vec::new(), whole: false, mark: 0 };
            let spool = text::spool(path, source, &head, &Cancel::default(), &|_| {})?;
            spool.reopen().map_err(fail)?.take(MAX_WHOLE + 1).read_to_end(&mut bytes).map_err(fail)?
        }
    };
    if bytes.len() as u64 > MAX_WHOLE { Err(large()) } else { Ok(bytes) }
}
