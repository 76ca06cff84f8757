//! A queue of token ids that spills from memory to a temporary file.

use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::Range;

use tempfile::SpooledTempFile;

/// The maximum number of ids in memory.
const MAX_IN_MEMORY: usize = 16 << 20;
/// The number of ids read at a time.
const BLOCK: usize = 1 << 16;

pub struct Spool {
    file: SpooledTempFile,
    len: u64,
}

impl Spool {
    pub fn new() -> Self {
        Self { file: SpooledTempFile::new(4 * MAX_IN_MEMORY), len: 0 }
    }

    pub fn len(&self) -> u64 {
        self.len
    }

    pub fn push(&mut self, ids: &[u32]) -> io::Result<()> {
        let bytes: Vec<u8> = ids.iter().flat_map(|id| id.to_le_bytes()).collect();
        self.len += ids.len() as u64;
        self.file.write_all(&bytes).map_err(failed)
    }

    /// Calls `found` with successive blocks of the ids in `range`.
    pub fn read(&mut self, range: Range<u64>, mut found: impl FnMut(&[u32]) -> io::Result<()>) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(4 * range.start)).map_err(failed)?;
        let mut left = range.end - range.start;
        let size = left.min(BLOCK as u64) as usize;
        let (mut bytes, mut ids) = (vec![0; 4 * size], Vec::with_capacity(size));
        while left > 0 {
            let count = left.min(BLOCK as u64) as usize;
            self.file.read_exact(&mut bytes[..4 * count]).map_err(failed)?;
            ids.clear();
            ids.extend(bytes[..4 * count].chunks_exact(4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]])));
            found(&ids)?;
            left -= count as u64;
        }
        Ok(())
    }
}

fn failed(error: io::Error) -> io::Error {
    let folder = std::env::temp_dir();
    io::Error::other(format!("cannot use a temporary file in {folder:?} (TMPDIR selects another folder): {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_range_can_be_read() {
        let mut spool = Spool { file: SpooledTempFile::new(1000), len: 0 };
        let ids: Vec<u32> = (0..200_000).map(|i| i * 7).collect();
        ids.chunks(777).for_each(|part| spool.push(part).unwrap());
        for range in [0..200_000, 5..5, 65_530..131_080] {
            let mut read = Vec::new();
            spool
                .read(range.clone(), |part| {
                    read.extend_from_slice(part);
                    Ok(())
                })
                .unwrap();
            assert_eq!(read, ids[range.start as usize..range.end as usize]);
        }
    }
}
