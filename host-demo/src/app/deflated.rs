//! Compressed parts of texts, which are joined to one gzip file without compressing them again.

use flate2::{Compress, Compression, Crc, FlushCompress, Status};

/// How far back a compressed part can refer.
const WINDOW_BYTES: usize = 32 * 1024;
/// What every gzip file begins with: deflate, no name, no time, no operating system.
const HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
/// An empty last block.
const END: [u8; 2] = [3, 0];

/// A part of a text, compressed so that it ends at a whole byte and other parts can follow.
#[derive(Debug)]
pub(crate) struct Deflated {
    bytes: Vec<u8>,
    checksum: Crc,
}

impl Deflated {
    /// Compresses a part; what it shares with `before`, which it then has to follow directly, is not repeated.
    pub(crate) fn new(text: &[u8], before: &[u8], level: Compression) -> Self {
        let mut checksum = Crc::new();
        checksum.update(text);
        let mut compress = Compress::new(level, false);
        let reach = before.len().saturating_sub(WINDOW_BYTES);
        // Without the text before it the part is larger, and as right.
        let _ = compress.set_dictionary(&before[reach..]);
        let mut bytes = Vec::with_capacity(text.len() / 4 + 64);
        loop {
            let read = usize::try_from(compress.total_in()).unwrap_or(usize::MAX);
            let rest = text.get(read..).unwrap_or_default();
            let status = compress.compress_vec(rest, &mut bytes, FlushCompress::Sync);
            let is_read = compress.total_in() == text.len() as u64;
            // Where room is left there was nothing more to write.
            if is_read && bytes.len() < bytes.capacity() || !matches!(status, Ok(Status::Ok)) {
                break;
            }
            bytes.reserve(text.len() / 4 + 64);
        }
        Self { bytes, checksum }
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.bytes.len()
    }
}

/// A gzip file that grows part by part.
pub(crate) struct Gzip {
    bytes: Vec<u8>,
    checksum: Crc,
}

impl Gzip {
    pub(crate) fn new() -> Self {
        Self {
            bytes: HEAD.to_vec(),
            checksum: Crc::new(),
        }
    }

    pub(crate) fn push(&mut self, part: &Deflated) {
        self.bytes.extend_from_slice(&part.bytes);
        self.checksum.combine(&part.checksum);
    }

    pub(crate) fn finish(mut self) -> Vec<u8> {
        self.bytes.extend(END);
        self.bytes.extend(self.checksum.sum().to_le_bytes());
        self.bytes.extend(self.checksum.amount().to_le_bytes());
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;

    use super::*;

    fn unzipped(file: &[u8]) -> Vec<u8> {
        let mut text = Vec::new();
        GzDecoder::new(file).read_to_end(&mut text).unwrap();
        text
    }

    #[test]
    fn parts_that_were_compressed_apart_are_one_file() {
        let long: Vec<u8> = (0..200_000_u32)
            .flat_map(|number| (number.wrapping_mul(2_654_435_761)).to_le_bytes())
            .collect();
        let plain = b"a tile ".repeat(5_000);
        for parts in [
            &[][..],
            &[&b""[..]],
            &[b"one"],
            &[b"one", b"", b"two"],
            &[&plain, &plain, b"end"],
            &[&long, &long, &plain],
        ] {
            for follows in [true, false] {
                let mut file = Gzip::new();
                let mut before: &[u8] = b"";
                for part in parts {
                    let reach = if follows { before } else { b"" };
                    file.push(&Deflated::new(part, reach, Compression::default()));
                    before = part;
                }
                assert_eq!(unzipped(&file.finish()), parts.concat());
            }
        }
    }

    #[test]
    fn a_part_does_not_repeat_what_it_shares_with_the_part_before_it() {
        let words: String = (0..2_000)
            .map(|number| format!("{} ", number * 7))
            .collect();
        let level = Compression::default();
        let alone = Deflated::new(words.as_bytes(), b"", level);
        let after = Deflated::new(words.as_bytes(), words.as_bytes(), level);
        assert!(after.len() * 20 < alone.len());
    }
}
