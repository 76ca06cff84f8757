//! The ids of a text that may be larger than memory: kept in memory as long as they are few, then in a
//! temporary file.

use std::io::{Read, Seek, SeekFrom, Write};
use std::ops::Range;

use tempfile::SpooledTempFile;

use crate::error::{Error, Result};

/// Ids in memory beyond which they go to a file.
const MOST_IN_MEMORY: usize = 16 << 20;
/// Ids read at a time.
const BLOCK: usize = 1 << 16;

pub struct Spool {
    file: SpooledTempFile,
    len: u64,
}

impl Spool {
    pub fn new() -> Self {
        Self { file: SpooledTempFile::new(4 * MOST_IN_MEMORY), len: 0 }
    }

    pub fn len(&self) -> u64 {
        self.len
    }

    pub fn push(&mut self, ids: &[u32]) -> Result<()> {
        let bytes: Vec<u8> = ids.iter().flat_map(|id| id.to_le_bytes()).collect();
        self.len += ids.len() as u64;
        self.file.write_all(&bytes).map_err(failed)
    }

    /// Calls `found` with the ids of a range, in order, some at a time.
    pub fn read<E: From<Error>>(
        &mut self,
        range: Range<u64>,
        mut found: impl FnMut(&[u32]) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        self.file.seek(SeekFrom::Start(4 * range.start)).map_err(failed)?;
        let mut left = range.end - range.start;
        let (mut bytes, mut ids) = (vec![0; 4 * BLOCK], Vec::with_capacity(BLOCK));
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

fn failed(error: std::io::Error) -> Error {
    Error::failure(format!("cannot use a temporary file in {:?}: {error}", std::env::temp_dir()))
        .hint("TMPDIR names another folder for it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_back_any_range() {
        let mut spool = Spool { file: SpooledTempFile::new(1000), len: 0 };
        let ids: Vec<u32> = (0..200_000).map(|i| i * 7).collect();
        ids.chunks(777).for_each(|part| spool.push(part).unwrap());
        for range in [0..200_000, 5..5, 65_530..131_080] {
            let mut read = Vec::new();
            spool
                .read(range.clone(), |part| {
                    read.extend_from_slice(part);
                    Ok::<_, Error>(())
                })
                .unwrap();
            assert_eq!(read, ids[range.start as usize..range.end as usize]);
        }
    }
}
