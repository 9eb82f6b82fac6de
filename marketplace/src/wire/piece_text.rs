//! The text of a piece of bytes that may end within a character.

/// A piece of an array, as far as it is UTF-8.
#[derive(Debug)]
pub(super) struct PieceText<'a> {
    piece: &'a [u8],
    /// The last stretch that was found to be UTF-8.
    text: &'a str,
    /// Where it starts.
    from: usize,
}

impl<'a> PieceText<'a> {
    pub(super) fn new(piece: &'a [u8]) -> Self {
        Self {
            piece,
            text: "",
            from: 0,
        }
    }

    /// Returns the text from an offset up to the next byte that is not UTF-8.
    pub(super) fn starting_at(&mut self, at: usize) -> Option<&'a str> {
        if at >= self.from + self.text.len() {
            let rest = self.piece.get(at..)?;
            self.from = at;
            self.text = match str::from_utf8(rest) {
                Ok(text) => text,
                Err(error) => str::from_utf8(&rest[..error.valid_up_to()]).ok()?,
            };
        }
        self.text.get(at - self.from..)
    }
}
