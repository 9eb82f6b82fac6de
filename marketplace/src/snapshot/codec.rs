//! The bytes of a snapshot: columns of numbers, each as narrow as its values allow.

use thiserror::Error;

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

    pub(super) fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.bytes.extend_from_slice(text.as_bytes());
    }

    /// Writes values as their differences to the least one, each in 0 to 4 bytes.
    pub(super) fn column(&mut self, values: impl Iterator<Item = u32> + Clone) {
        let least = values.clone().min().unwrap_or_default();
        let most = values.clone().max().unwrap_or_default();
        let width = width_of(most - least);
        self.number(values.clone().count() as u64);
        self.bytes.extend_from_slice(&least.to_le_bytes());
        self.byte(width);
        for value in values {
            let bytes = (value - least).to_le_bytes();
            self.bytes.extend_from_slice(&bytes[..usize::from(width)]);
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
    pub(super) fn count(&mut self) -> Result<usize, SnapshotError> {
        let count = usize::try_from(self.number()?).map_err(|_| SnapshotError::Damaged)?;
        if count > MAX_VALUES {
            return Err(SnapshotError::Damaged);
        }
        Ok(count)
    }

    pub(super) fn text(&mut self) -> Result<&'a str, SnapshotError> {
        let length = usize::try_from(self.number()?).map_err(|_| SnapshotError::Damaged)?;
        str::from_utf8(self.take(length)?).map_err(|_| SnapshotError::Damaged)
    }

    /// Reads a column of `count` values.
    pub(super) fn column(&mut self, count: usize) -> Result<Vec<u32>, SnapshotError> {
        if self.count()? != count {
            return Err(SnapshotError::Damaged);
        }
        let least = self.take(4)?.first_chunk().ok_or(SnapshotError::Damaged)?;
        let least = u32::from_le_bytes(*least);
        let width = usize::from(self.byte()?);
        let bytes = self.take(count.checked_mul(width).ok_or(SnapshotError::Damaged)?)?;
        let wide = |bytes: &[u8]| {
            let mut wide = [0; 4];
            wide[..bytes.len()].copy_from_slice(bytes);
            least.wrapping_add(u32::from_le_bytes(wide))
        };
        match width {
            0 => Ok(vec![least; count]),
            1..=4 => Ok(bytes.chunks_exact(width).map(wide).collect()),
            _ => Err(SnapshotError::Damaged),
        }
    }

    /// Checks that everything has been read.
    pub(super) fn finish(self) -> Result<(), SnapshotError> {
        if self.rest.is_empty() {
            return Ok(());
        }
        Err(SnapshotError::Damaged)
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
