//! Digests of bytes: they reveal accidents, not attacks.

use twox_hash::XxHash3_128;

/// Returns 128 bits that are equal for equal bytes, and almost certainly differ for others.
pub(crate) fn digest(bytes: &[u8]) -> u128 {
    XxHash3_128::oneshot(bytes)
}
