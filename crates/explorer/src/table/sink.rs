//! Rows that come part by part: kept in memory, or in a temporary Parquet file once they are too many.

use super::columns::{Columns, LazyColumns};
use crate::error::{ExploreError, Result};
use crate::source::parquet::ParquetFile;
use polars::prelude::*;
use std::fs::File;
use std::sync::Arc;

/// Rows of a row group of the files we write.
const GROUP_ROWS: usize = 128 << 10;

pub(crate) struct Sink {
    schema: Schema,
    kept: Kept,
}

enum Kept {
    Memory(DataFrame),
    Disk(Box<polars::io::parquet::write::BatchedWriter<File>>, tempfile::TempPath),
}

impl Sink {
    pub fn new(schema: Schema) -> Sink {
        let kept = Kept::Memory(DataFrame::empty_with_schema(&schema));
        Sink { schema, kept }
    }

    /// Takes the next rows. `large` says that all of them will not fit into memory.
    pub fn push(&mut self, frame: DataFrame, large: bool, source: &str) -> Result<()> {
        let compute = |error: PolarsError| ExploreError::compute(source, &error);
        if let (Kept::Memory(before), true) = (&self.kept, large) {
            let temporary =
                tempfile::NamedTempFile::new().map_err(|cause| ExploreError::refused(source, cause.to_string()))?;
            let (file, path) = temporary.into_parts();
            let writer = ParquetWriter::new(file)
                .with_compression(ParquetCompression::Snappy)
                .with_row_group_size(Some(GROUP_ROWS));
            let mut writer = writer.batched(&self.schema).map_err(compute)?;
            if before.height() > 0 {
                writer.write_batch(before).map_err(compute)?;
            }
            self.kept = Kept::Disk(Box::new(writer), path);
        }
        match &mut self.kept {
            Kept::Memory(all) if all.height() == 0 && all.schema() == frame.schema() => {
                *all = frame;
                Ok(())
            }
            Kept::Memory(all) => all.vstack_mut(&frame).map(drop).map_err(compute),
            Kept::Disk(writer, _) => writer.write_batch(&frame).map_err(compute),
        }
    }

    /// Bytes in memory.
    pub fn size(&self) -> usize {
        match &self.kept {
            Kept::Memory(all) => all.estimated_size(),
            Kept::Disk(..) => 0,
        }
    }

    pub fn finish(self, budget: usize, source: &str) -> Result<Columns> {
        match self.kept {
            Kept::Memory(mut frame) => {
                frame.rechunk_mut();
                Ok(Columns::Resident(frame))
            }
            Kept::Disk(writer, path) => {
                writer.finish().map_err(|error| ExploreError::compute(source, &error))?;
                let file = ParquetFile::open(&path, source)?;
                Ok(Columns::Parquet(LazyColumns::new(Arc::new(file), budget, Some(path))))
            }
        }
    }
}
