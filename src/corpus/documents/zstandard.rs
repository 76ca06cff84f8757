//! Decompresses Zstandard files.

use std::io::{self, BufRead, BufReader, Read};

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// The largest window, which the decoder holds in memory: what the program zstd accepts without `--long`.
const MAX_WINDOW: u64 = 128 << 20;

/// Reads the contents of all frames, one after the other.
pub struct ZstandardReader<R> {
    source: BufReader<R>,
    decoder: FrameDecoder,
    is_in_frame: bool,
}

impl<R: Read> ZstandardReader<R> {
    pub fn new(source: R) -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(MAX_WINDOW);
        Self { source: BufReader::new(source), decoder, is_in_frame: false }
    }

    /// Begins the next frame, skipping those without contents. Returns false at the end of the file.
    fn next_frame(&mut self) -> io::Result<bool> {
        while !self.source.fill_buf()?.is_empty() {
            match self.decoder.init(&mut self.source) {
                Ok(()) => {
                    self.is_in_frame = true;
                    return Ok(true);
                }
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                    let length = u64::from(length);
                    if io::copy(&mut self.source.by_ref().take(length), &mut io::sink())? < length {
                        return Err(damaged("it ends within a frame"));
                    }
                }
                Err(FrameDecoderError::WindowSizeTooBig { requested, .. }) => {
                    return Err(io::Error::other(format!(
                        "its window of {} MiB is larger than {} MiB; decompress it with zstd --long=31",
                        requested >> 20,
                        MAX_WINDOW >> 20
                    )));
                }
                Err(error) => return Err(damaged(error)),
            }
        }
        Ok(false)
    }
}

impl<R: Read> Read for ZstandardReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if self.is_in_frame {
                let count = self.decoder.read(buffer)?;
                if count > 0 || buffer.is_empty() {
                    return Ok(count);
                }
                if !self.decoder.is_finished() {
                    let decoded = self.decoder.decode_blocks(&mut self.source, BlockDecodingStrategy::UptoBlocks(1));
                    decoded.map_err(damaged)?;
                    continue;
                }
                let checksum = self.decoder.get_checksum_from_data();
                if checksum.is_some() && checksum != self.decoder.get_calculated_checksum() {
                    return Err(damaged("its checksum is wrong"));
                }
                self.is_in_frame = false;
            }
            if !self.next_frame()? {
                return Ok(0);
            }
        }
    }
}

fn damaged(reason: impl std::fmt::Display) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("damaged Zstandard data: {reason}"))
}

#[cfg(test)]
mod tests {
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    use super::*;

    fn read(bytes: &[u8]) -> io::Result<Vec<u8>> {
        let mut text = Vec::new();
        ZstandardReader::new(bytes).read_to_end(&mut text).map(|_| text)
    }

    #[test]
    fn frames_are_joined_and_skippable_ones_are_skipped() {
        let text = b"the old ferryman\n".repeat(40_000);
        let frame = |part: &[u8]| compress_to_vec(part, CompressionLevel::Fastest);
        let skippable = [&[0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0][..], b"abc"].concat();
        let frames = [skippable.clone(), frame(&text[..500_000]), frame(b""), skippable, frame(&text[500_000..])];
        let file = frames.concat();
        assert!(read(&file).unwrap() == text);
        for cut in [1, 10, 20, file.len() - 5] {
            assert!(read(&file[..file.len() - cut]).is_err(), "{cut}");
        }
        let mut damaged = frame(&text);
        let last = damaged.len() - 1;
        damaged[last] ^= 1;
        assert!(read(&damaged).unwrap_err().to_string().contains("checksum"));
    }

    #[test]
    fn damage_is_an_error_and_large_windows_are_refused() {
        let file = compress_to_vec(&b"the old ferryman\n".repeat(9)[..], CompressionLevel::Fastest);
        for at in 0..file.len() {
            for bits in [1, 0x10, 0x80, 0xff] {
                let mut damaged = file.clone();
                damaged[at] ^= bits;
                let _ = read(&damaged);
            }
        }
        // A window of 2^41 bytes.
        let error = read(b"\x28\xb5\x2f\xfd\x00\xf8\x01\x00\x00").unwrap_err().to_string();
        assert!(error.contains("window of 2097152 MiB"), "{error}");
    }
}
