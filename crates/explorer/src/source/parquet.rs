//! Parquet by row group: the footer at once, then only the columns and row groups that are asked for.

use super::files;
use super::sparse::Sparse;
use crate::error::{ExploreError, Result};
use parking_lot::Mutex;
use polars::prelude::*;
use std::fs::File;
use std::io::Cursor;
use std::path::{Path, PathBuf};

/// Decoded windows kept, so that scrolling within a row group decodes it once.
const WINDOW_ROWS: usize = 8192;
const MAX_WINDOWS: usize = 16;
/// A footer beyond this is a broken length.
const MAX_FOOTER: u64 = 512 << 20;

pub(crate) struct ParquetFile {
    path: PathBuf,
    source: String,
    file: File,
    len: u64,
    metadata: FileMetadataRef,
    /// The metadata without row groups, to which those of a reading are added: Polars looks at the first page of every
    /// row group that it knows of, whichever rows it is asked for.
    bare: FileMetadataRef,
    pub schema: SchemaRef,
    /// First row of each row group, and the end.
    starts: Vec<usize>,
    windows: Mutex<Vec<(usize, Vec<PlSmallStr>, DataFrame)>>,
}

impl ParquetFile {
    pub fn open(path: &Path, source: &str) -> Result<ParquetFile> {
        let (file, identity) = files::open(path, source)?;
        let len = identity.len;
        let bad = |reason: String| ExploreError::malformed(source, "Parquet", reason);
        let mut tail = [0; 8];
        if len < 12
            || files::read_at(&file, &mut tail, len - 8).map_err(|cause| ExploreError::io(source, path, &cause))? < 8
            || &tail[4..] != b"PAR1"
        {
            return Err(bad("it ends without the footer that every Parquet file has: it was cut off (at a broken download or a full disk). Copy or write it again".to_owned()));
        }
        let footer = u64::from(u32::from_le_bytes([tail[0], tail[1], tail[2], tail[3]]));
        if footer > MAX_FOOTER || footer + 8 > len {
            return Err(bad(format!(
                "its footer claims {footer} bytes where the file has {len}: it is damaged. Copy or write it again"
            )));
        }
        let fail = |cause: std::io::Error| ExploreError::io(source, path, &cause);
        let mut bytes = Sparse::new(len).map_err(fail)?;
        bytes.fill(&file, 0..4).map_err(fail)?;
        bytes.fill(&file, len - footer - 8..len).map_err(fail)?;
        let (metadata, arrow) = crate::work::guard(source, || {
            let mut reader = ParquetReader::new(Cursor::new(bytes.bytes()));
            let metadata = reader.get_metadata().map_err(|error| bad(crate::error::brief(&error)))?.clone();
            let arrow = reader.schema().map_err(|error| bad(crate::error::brief(&error)))?;
            Ok((metadata, arrow))
        })?;
        let schema: Schema = Schema::from_arrow_schema(arrow.as_ref());
        let mut starts = vec![0];
        for group in &metadata.row_groups {
            starts.push(starts.last().copied().unwrap_or(0) + group.num_rows());
            // A range outside the file is a file that lies.
            if group.parquet_columns().iter().any(|column| column.byte_range().end > len) {
                return Err(bad("its footer names data beyond its end: it was cut off or put together wrongly. Copy or write it again".to_owned()));
            }
        }
        let mut bare = (*metadata).clone();
        bare.row_groups.clear();
        let bare = Arc::new(bare);
        Ok(ParquetFile {
            bare,
            path: path.to_owned(),
            source: source.to_owned(),
            file,
            len,
            metadata,
            schema: Arc::new(schema),
            starts,
            windows: Mutex::default(),
        })
    }

    pub fn height(&self) -> usize {
        self.starts.last().copied().unwrap_or(0)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn source(&self) -> &str {
        &self.source
    }

    /// What the table would take in memory, about: what it is uncompressed.
    pub fn estimated_size(&self) -> u64 {
        self.metadata
            .row_groups
            .iter()
            .flat_map(|group| group.parquet_columns())
            .map(|column| column.uncompressed_size().max(0) as u64)
            .sum::<u64>()
            * 3
            / 2
    }

    /// Rows of some columns, decoded straight from the file.
    pub fn read(&self, names: &[PlSmallStr], offset: usize, len: usize) -> Result<DataFrame> {
        let len = len.min(self.height().saturating_sub(offset));
        let fail = |cause: std::io::Error| match cause.kind() {
            std::io::ErrorKind::UnexpectedEof => {
                ExploreError::malformed(&self.source, "Parquet", "it became shorter while it was open: open it again")
            }
            _ => ExploreError::io(&self.source, &self.path, &cause),
        };
        if names.is_empty() || len == 0 {
            let schema: Schema = names
                .iter()
                .filter_map(|name| self.schema.get(name).map(|dtype| Field::new(name.clone(), dtype.clone())))
                .collect();
            return Ok(DataFrame::empty_with_schema(&schema));
        }
        let mut bytes = Sparse::new(self.len).map_err(fail)?;
        let mut metadata = (*self.bare).clone();
        let mut skip = offset;
        for (i, group) in self.metadata.row_groups.iter().enumerate() {
            if self.starts[i] >= offset + len || self.starts[i + 1] <= offset {
                continue;
            }
            if metadata.row_groups.is_empty() {
                skip = offset - self.starts[i];
            }
            metadata.row_groups.push(group.clone());
            for name in names {
                for column in group.columns_under_root_iter(name).into_iter().flatten() {
                    bytes.fill(&self.file, column.byte_range()).map_err(fail)?;
                }
            }
        }
        metadata.num_rows = metadata.row_groups.iter().map(|group| group.num_rows()).sum();
        crate::work::guard(&self.source, || {
            let mut reader = ParquetReader::new(Cursor::new(bytes.bytes()))
                .with_columns(Some(names.iter().map(ToString::to_string).collect()))
                .with_slice(Some((skip, len)))
                // On the calling thread: a window must not wait for whatever Polars' pool is busy with.
                .read_parallel(ParallelStrategy::None);
            reader.set_metadata(Arc::new(metadata));
            let frame = reader.finish().map_err(|error| {
                ExploreError::malformed(
                    &self.source,
                    "Parquet",
                    format!("rows {} to {}: {}", offset + 1, offset + len, crate::error::brief(&error)),
                )
            })?;
            frame.select(names.iter().cloned()).map_err(|error| ExploreError::compute(&self.source, &error))
        })
    }

    /// As [`Self::read`], for small windows: what was decoded around them is kept.
    pub fn window(&self, names: &[PlSmallStr], offset: usize, len: usize) -> Result<DataFrame> {
        if len > WINDOW_ROWS {
            return self.read(names, offset, len);
        }
        let mut out: Option<DataFrame> = None;
        let end = (offset + len).min(self.height());
        let mut at = offset;
        while at < end {
            let number = at / WINDOW_ROWS;
            let window = self.kept(number, names)?;
            let from = at - number * WINDOW_ROWS;
            let part = window.slice(from as i64, (end - at).min(WINDOW_ROWS - from));
            at = (number + 1) * WINDOW_ROWS;
            out = Some(match out {
                None => part,
                Some(before) => before.vstack(&part).map_err(|error| ExploreError::compute(&self.source, &error))?,
            });
        }
        out.map_or_else(|| self.read(names, offset, 0), Ok)
    }

    fn kept(&self, number: usize, names: &[PlSmallStr]) -> Result<DataFrame> {
        let find = |windows: &[(usize, Vec<PlSmallStr>, DataFrame)]| {
            windows
                .iter()
                .find(|(its, has, _)| *its == number && names.iter().all(|name| has.contains(name)))
                .map(|(_, _, frame)| frame.select(names.iter().cloned()))
        };
        if let Some(Ok(frame)) = find(&self.windows.lock()) {
            return Ok(frame);
        }
        let frame = self.read(names, number * WINDOW_ROWS, WINDOW_ROWS)?;
        let mut windows = self.windows.lock();
        windows.retain(|(its, has, _)| *its != number || !has.iter().all(|name| names.contains(name)));
        if windows.len() >= MAX_WINDOWS {
            windows.remove(0);
        }
        windows.push((number, names.to_vec(), frame.clone()));
        Ok(frame)
    }
}
