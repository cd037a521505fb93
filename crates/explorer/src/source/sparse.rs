//! A file as bytes of which only some are there.
//!
//! Polars reads Parquet from a slice of the whole file. Mapping the file would do, but a mapped file that somebody
//! truncates takes the process down. So this is an anonymous mapping as long as the file, into which the ranges that a
//! reader will look at are read; the rest costs address space and no memory.

use super::files;
use std::fs::File;
use std::io;
use std::ops::Range;

pub(crate) struct Sparse {
    map: Option<memmap2::MmapMut>,
}

impl Sparse {
    /// `len` bytes of nothing.
    pub fn new(len: u64) -> io::Result<Sparse> {
        let len = usize::try_from(len).map_err(|_| io::Error::from(io::ErrorKind::OutOfMemory))?;
        if len == 0 {
            return Ok(Sparse { map: None });
        }
        let mut options = memmap2::MmapOptions::new();
        options.len(len);
        #[cfg(unix)]
        options.no_reserve_swap();
        Ok(Sparse { map: Some(options.map_anon()?) })
    }

    /// Reads a range of the file into its place.
    pub fn fill(&mut self, file: &File, range: Range<u64>) -> io::Result<()> {
        let Some(map) = self.map.as_mut() else { return Ok(()) };
        let end = usize::try_from(range.end).unwrap_or(usize::MAX).min(map.len());
        let start = (range.start as usize).min(end);
        let n = files::read_at(file, &mut map[start..end], range.start)?;
        if n < end - start { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
    }

    pub fn bytes(&self) -> &[u8] {
        self.map.as_deref().unwrap_or_default()
    }
}
