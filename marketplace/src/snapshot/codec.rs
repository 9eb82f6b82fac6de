//! The bytes of a snapshot: columns of numbers, each as narrow as its values allow.

use thiserror::Error;

use crate::digest::digest;

/// The format that this version writes.
pub(super) const FORMAT: u32 = 3;
/// Magic, format and digest come before the body.
pub(super) const HEADER_BYTES: usize = 28;
/// The largest section, inflated.
const MAX_SECTION_BYTES: usize = 1 << 29;
/// Twice as fast as the usual level, and a few percent larger.
const COMPRESSION: i32 = 1;

/// Returns a body with a header, by which its type, its format and any damage are seen.
pub(super) fn seal(magic: &[u8; 8], body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEADER_BYTES + body.len());
    bytes.extend_from_slice(magic);
    bytes.extend_from_slice(&FORMAT.to_le_bytes());
    bytes.extend_from_slice(&digest(body).to_le_bytes());
    bytes.extend_from_slice(body);
    bytes
}

/// Returns the body that was sealed.
pub(super) fn unseal<'a>(magic: &[u8; 8], bytes: &'a [u8]) -> Result<&'a [u8], SnapshotError> {
    let mut reader = Reader::new(bytes);
    if reader.take(magic.len()) != Ok(magic) {
        return Err(SnapshotError::Foreign);
    }
    let format = reader.take(4)?.first_chunk();
    let format = u32::from_le_bytes(*format.ok_or(SnapshotError::Damaged)?);
    if format > FORMAT {
        return Err(SnapshotError::Newer {
            found: format,
            known: FORMAT,
        });
    }
    if format < FORMAT {
        return Err(SnapshotError::Older(format));
    }
    if reader.take(16)? != digest(reader.rest()).to_le_bytes() {
        return Err(SnapshotError::Damaged);
    }
    Ok(reader.rest())
}

/// The most values of a column.
const MAX_VALUES: usize = 1 << 27;

/// Why bytes are not a snapshot of this version.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum SnapshotError {
    /// They do not start like a snapshot.
    #[error("it is not a snapshot")]
    Foreign,
    /// A later version of this library wrote them.
    #[error("it was written by a newer version (format {found}; the newest known is {known})")]
    Newer {
        /// The format of the bytes.
        found: u32,
        /// The newest known format.
        known: u32,
    },
    /// An earlier version wrote them, in a format that is no longer supported.
    #[error("it was written by an older version (format {0})")]
    Older(u32),
    /// They are incomplete or changed.
    #[error("it is damaged")]
    Damaged,
}

/// Writes values one after another.
#[derive(Default)]
pub(super) struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    pub(super) fn byte(&mut self, value: u8) {
        self.bytes.push(value);
    }

    pub(super) fn number(&mut self, value: u64) {
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    pub(super) fn number128(&mut self, value: u128) {
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    pub(super) fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.bytes.extend_from_slice(bytes);
    }

    /// Writes bytes in a compressed form.
    pub(super) fn compressed(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        match zstd::bulk::compress(bytes, COMPRESSION) {
            Ok(compressed) => self.bytes(&compressed),
            // Compressing into memory fails only without memory; what cannot be read is rejected as damaged.
            Err(_) => self.bytes(&[]),
        }
    }

    /// Writes values as their differences to the least one, each in 0 to 4 bytes.
    pub(super) fn column(&mut self, values: impl Iterator<Item = u32> + Clone) {
        let least = values.clone().min().unwrap_or_default();
        let most = values.clone().max().unwrap_or_default();
        let width = width_of(most - least);
        self.number(values.clone().count() as u64);
        self.bytes.extend_from_slice(&least.to_le_bytes());
        self.byte(width);
        // All low bytes first: high bytes differ little, so they compress better side by side.
        for place in 0..usize::from(width) {
            let bytes = values.clone();
            self.bytes
                .extend(bytes.map(|value| (value - least).to_le_bytes()[place]));
        }
    }
}

/// Returns how many bytes a number needs.
fn width_of(number: u32) -> u8 {
    match number {
        0 => 0,
        1..=0xff => 1,
        0x100..=0xffff => 2,
        0x1_0000..=0xff_ffff => 3,
        _ => 4,
    }
}

/// Reads what a [`Writer`] wrote; no input makes it panic, or allocate more than the input can hold.
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Takes the next bytes.
    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], SnapshotError> {
        let (taken, rest) = self
            .rest
            .split_at_checked(count)
            .ok_or(SnapshotError::Damaged)?;
        self.rest = rest;
        Ok(taken)
    }

    /// Returns all remaining bytes.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(super) fn byte(&mut self) -> Result<u8, SnapshotError> {
        self.take(1).map(|bytes| bytes[0])
    }

    pub(super) fn number(&mut self) -> Result<u64, SnapshotError> {
        let bytes = self.take(8)?.first_chunk().ok_or(SnapshotError::Damaged)?;
        Ok(u64::from_le_bytes(*bytes))
    }

    /// Reads a number of items.
    pub(super) fn number128(&mut self) -> Result<u128, SnapshotError> {
        let bytes = self.take(16)?.first_chunk().ok_or(SnapshotError::Damaged)?;
        Ok(u128::from_le_bytes(*bytes))
    }

    pub(super) fn count(&mut self) -> Result<usize, SnapshotError> {
        let count = usize::try_from(self.number()?).map_err(|_| SnapshotError::Damaged)?;
        if count > MAX_VALUES {
            return Err(SnapshotError::Damaged);
        }
        Ok(count)
    }

    pub(super) fn text(&mut self) -> Result<&'a str, SnapshotError> {
        str::from_utf8(self.bytes()?).map_err(|_| SnapshotError::Damaged)
    }

    pub(super) fn bytes(&mut self) -> Result<&'a [u8], SnapshotError> {
        let length = usize::try_from(self.number()?).map_err(|_| SnapshotError::Damaged)?;
        self.take(length)
    }

    /// Reads bytes that were compressed.
    pub(super) fn compressed(&mut self) -> Result<Vec<u8>, SnapshotError> {
        self.compressed_bytes()?.read()
    }

    /// Skips bytes that were compressed, so that they can be read later.
    pub(super) fn compressed_bytes(&mut self) -> Result<Compressed<'a>, SnapshotError> {
        let length = usize::try_from(self.number()?).map_err(|_| SnapshotError::Damaged)?;
        let bytes = self.bytes()?;
        if length > MAX_SECTION_BYTES {
            return Err(SnapshotError::Damaged);
        }
        Ok(Compressed { bytes, length })
    }

    /// Reads a column of `count` values.
    pub(super) fn column(&mut self, count: usize) -> Result<Vec<u32>, SnapshotError> {
        if self.count()? != count {
            return Err(SnapshotError::Damaged);
        }
        let least = self.take(4)?.first_chunk().ok_or(SnapshotError::Damaged)?;
        let least = u32::from_le_bytes(*least);
        let width = usize::from(self.byte()?);
        if width > 4 {
            return Err(SnapshotError::Damaged);
        }
        let bytes = self.take(count.checked_mul(width).ok_or(SnapshotError::Damaged)?)?;
        let mut values = vec![least; count];
        if count > 0 {
            for (place, bytes) in bytes.chunks_exact(count).enumerate() {
                for (value, byte) in values.iter_mut().zip(bytes) {
                    *value = value.wrapping_add(u32::from(*byte) << (8 * place));
                }
            }
        }
        Ok(values)
    }

    /// Checks that everything has been read.
    pub(super) fn finish(self) -> Result<(), SnapshotError> {
        if self.rest.is_empty() {
            return Ok(());
        }
        Err(SnapshotError::Damaged)
    }
}

/// Bytes that were compressed.
pub(super) struct Compressed<'a> {
    bytes: &'a [u8],
    length: usize,
}

impl Compressed<'_> {
    pub(super) fn read(&self) -> Result<Vec<u8>, SnapshotError> {
        let bytes = zstd::bulk::decompress(self.bytes, self.length);
        bytes
            .ok()
            .filter(|bytes| bytes.len() == self.length)
            .ok_or(SnapshotError::Damaged)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_come_back_whatever_their_width() {
        let columns: [&[u32]; 7] = [
            &[],
            &[7, 7, 7],
            &[1000, 1255, 1001],
            &[0, 0xffff],
            &[5, 0x00ff_ffff],
            &[0, u32::MAX],
            &[u32::MAX],
        ];
        for (column, bytes) in columns.into_iter().zip([13, 13, 16, 17, 19, 21, 13]) {
            let mut writer = Writer::default();
            writer.column(column.iter().copied());
            let written = writer.into_bytes();
            assert_eq!(written.len(), bytes, "{column:?}");
            let mut reader = Reader::new(&written);
            assert_eq!(reader.column(column.len()).unwrap(), column);
            assert_eq!(reader.finish(), Ok(()));
            for cut in 0..written.len() {
                assert!(Reader::new(&written[..cut]).column(column.len()).is_err());
            }
        }
    }
}
