//! Blocks of bytes that are searched at once for what ends texts.

/// How many bytes are searched for quotes at once.
pub(super) const BLOCK_BYTES: usize = 64;

/// What a block has.
pub(super) struct Found {
    /// A bit for each byte that is a quote.
    pub(super) quotes: u64,
    pub(super) has_backslash: bool,
    pub(super) has_control: bool,
}

impl Found {
    /// Searches a block, in loops that the compiler turns into vector instructions.
    #[inline]
    pub(super) fn in_block(block: &[u8; BLOCK_BYTES]) -> Self {
        // Multiplied by this, eight bytes of 0 or 1 have their bits side by side in the highest byte.
        const GATHER: u64 = 0x0102_0408_1020_4080;
        let mut is_quote = [0_u8; BLOCK_BYTES];
        let mut backslashes = 0_u8;
        let mut controls = 0_u8;
        for (flag, byte) in is_quote.iter_mut().zip(block) {
            *flag = u8::from(*byte == b'"');
            backslashes |= u8::from(*byte == b'\\');
            controls |= u8::from(*byte < b' ');
        }
        let mut quotes = 0;
        for (index, flags) in is_quote.as_chunks().0.iter().enumerate() {
            quotes |= u64::from_le_bytes(*flags).wrapping_mul(GATHER) >> 56 << (8 * index);
        }
        Self {
            quotes,
            has_backslash: backslashes != 0,
            has_control: controls != 0,
        }
    }
}
