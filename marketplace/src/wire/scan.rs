//! Reads records in one pass, without building values: a faster way to what serde_json returns.
//!
//! A record is read here only if that is simple: no escapes, no fractions where a text is wanted, no deep nesting, no
//! wrong syntax. Nothing is decided otherwise than serde_json would; whatever is unusual is left to it.

use super::block::{BLOCK_BYTES, Found};
use super::lenient::{LenientList, LenientText};

/// The most digits of a number that is read as a text.
const MAX_DIGITS: usize = 15;
/// How many objects and arrays may be open in a value that is skipped.
const MAX_DEPTH: u32 = 64;

/// A value that can be read in one pass.
pub(super) trait Scan<'a>: Default {
    /// Becomes the value that the scanner is at, or returns nothing if that is incomplete or unusual.
    fn scan(&mut self, scanner: &mut Scanner<'a>) -> Option<()>;
}

/// Reads the object that `text` starts with, and tells how many bytes it takes.
///
/// Returns nothing if the object is incomplete or unusual.
#[inline]
pub(super) fn scan<'a, T: Scan<'a>>(text: &'a str, object: &mut T) -> Option<usize> {
    let mut scanner = Scanner::new(text);
    if scanner.token()? != b'{' {
        return None;
    }
    object.scan(&mut scanner)?;
    scanner.finish()
}

/// Reads the object that a record is, or nothing if it is unusual or not all of the record.
pub(super) fn scan_record<'a, T: Scan<'a>>(record: &'a [u8]) -> Option<T> {
    let mut object = T::default();
    let bytes = scan(str::from_utf8(record).ok()?, &mut object)?;
    (bytes == record.len()).then_some(object)
}

/// A position in a text that starts with an object.
#[derive(Debug)]
pub(super) struct Scanner<'a> {
    text: &'a str,
    at: usize,
    /// Where the block of `quotes` starts.
    block: usize,
    /// The quotes of the block that are not taken yet, a bit for each byte.
    quotes: u64,
    /// Where the next block starts.
    next_block: usize,
    /// Whether control characters have been seen, perhaps after the object.
    has_controls: bool,
    /// How many control characters were blanks between tokens; all others are in texts, which is an error.
    control_blanks: usize,
}

impl<'a> Scanner<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            block: 0,
            quotes: 0,
            next_block: 0,
            has_controls: false,
            control_blanks: 0,
        }
    }

    /// Ends the object, and returns how many bytes it took.
    fn finish(self) -> Option<usize> {
        if self.has_controls {
            let object = self.text.as_bytes().get(..self.at)?;
            let controls = object.iter().filter(|byte| **byte < b' ').count();
            if controls != self.control_blanks {
                return None;
            }
        }
        Some(self.at)
    }

    /// Returns the byte that comes next.
    #[inline]
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Skips blanks, and returns the byte after them.
    #[inline]
    fn token(&mut self) -> Option<u8> {
        let byte = self.byte()?;
        if byte > b' ' {
            return Some(byte);
        }
        self.token_after_blanks()
    }

    #[cold]
    fn token_after_blanks(&mut self) -> Option<u8> {
        loop {
            match self.byte()? {
                b' ' => {}
                b'\t' | b'\r' | b'\n' => self.control_blanks += 1,
                byte => return Some(byte),
            }
            self.at += 1;
        }
    }

    /// Takes a word that must come next.
    #[inline]
    fn word(&mut self, word: &[u8]) -> Option<()> {
        let rest = self.text.as_bytes().get(self.at..)?;
        rest.starts_with(word).then(|| self.at += word.len())
    }

    /// Takes the quote that comes next, wherever it is.
    #[inline]
    fn quote(&mut self) -> Option<usize> {
        if self.quotes == 0 {
            self.search_blocks()?;
        }
        let at = self.block + self.quotes.trailing_zeros() as usize;
        self.quotes &= self.quotes - 1;
        Some(at)
    }

    /// Searches the next blocks until one has a quote; one with a backslash is unusual.
    #[inline(never)]
    fn search_blocks(&mut self) -> Option<()> {
        while self.quotes == 0 {
            let rest = self.text.as_bytes().get(self.next_block..)?;
            let found = match rest.first_chunk() {
                Some(block) => Found::in_block(block),
                None if rest.is_empty() => return None,
                None => {
                    let mut block = [b' '; BLOCK_BYTES];
                    block[..rest.len()].copy_from_slice(rest);
                    Found::in_block(&block)
                }
            };
            if found.has_backslash {
                return None;
            }
            self.has_controls |= found.has_control;
            self.quotes = found.quotes;
            self.block = self.next_block;
            self.next_block += BLOCK_BYTES;
        }
        Some(())
    }

    /// Takes the text that starts here, and returns where its content is.
    #[inline]
    fn text(&mut self) -> Option<(usize, usize)> {
        // All earlier quotes are taken, because there is none outside of texts.
        let from = self.quote()?;
        let until = self.quote()?;
        if from != self.at {
            return None;
        }
        self.at = until + 1;
        Some((from + 1, until))
    }

    /// Takes the start of an object (`{`) or a list (`[`), and tells whether it has content.
    ///
    /// Any other value is taken as a whole, as one without content.
    #[inline]
    pub(super) fn enter(&mut self, start: u8) -> Option<bool> {
        match self.token()? {
            byte if byte == start => self.open(start),
            // serde_json refuses numbers that are out of range, unless they are skipped.
            b'-' | b'0'..=b'9' => self.whole_number().map(|_| false),
            _ => self.skip().map(|()| false),
        }
    }

    /// Takes a `{` or `[` that comes next, and its end if it is empty; tells whether it is not.
    #[inline]
    fn open(&mut self, start: u8) -> Option<bool> {
        self.at += 1;
        let is_empty = self.token()? == end_of(start);
        self.at += usize::from(is_empty);
        Some(!is_empty)
    }

    /// Takes the name of a member and the colon after it.
    #[inline]
    pub(super) fn key(&mut self) -> Option<&'a [u8]> {
        if self.token()? != b'"' {
            return None;
        }
        let (from, until) = self.text()?;
        if self.token()? != b':' {
            return None;
        }
        self.at += 1;
        self.text.as_bytes().get(from..until)
    }

    /// Takes what follows a member or an item, and tells whether there is another one.
    #[inline]
    pub(super) fn has_more(&mut self, start: u8) -> Option<bool> {
        let byte = self.token()?;
        self.at += 1;
        match byte {
            b',' => Some(true),
            _ if byte == end_of(start) => Some(false),
            _ => None,
        }
    }

    /// Takes a whole number of a few digits, and returns where it is.
    #[inline]
    fn whole_number(&mut self) -> Option<(usize, usize)> {
        let from = self.at;
        let first = self.byte()?;
        while self.byte()?.is_ascii_digit() {
            self.at += 1;
        }
        let digits = self.at - from;
        let is_plain = (1..=MAX_DIGITS).contains(&digits) && (first != b'0' || digits == 1);
        let has_ended = !matches!(self.byte()?, b'.' | b'e' | b'E');
        (is_plain && has_ended).then_some((from, self.at))
    }

    /// Takes any value, however large.
    #[inline]
    pub(super) fn skip(&mut self) -> Option<()> {
        match self.token()? {
            b'{' | b'[' => self.skip_nested(),
            _ => self.skip_scalar(),
        }
    }

    #[inline]
    fn skip_scalar(&mut self) -> Option<()> {
        match self.byte()? {
            b'"' => self.text().map(|_| ()),
            b'n' => self.word(b"null"),
            b't' => self.word(b"true"),
            b'f' => self.word(b"false"),
            _ => self.skip_number(),
        }
    }

    /// Takes an object or an array without recursion.
    fn skip_nested(&mut self) -> Option<()> {
        // A bit for each open object (1) and array (0), the innermost one last.
        let mut kinds = 0_u64;
        let mut depth = 0_u32;
        loop {
            let start = self.token()?;
            let has_content = match start {
                b'{' | b'[' if depth == MAX_DEPTH => return None,
                b'{' | b'[' => self.open(start)?,
                _ => {
                    self.skip_scalar()?;
                    false
                }
            };
            if has_content {
                kinds = kinds << 1 | u64::from(start == b'{');
                depth += 1;
            }
            let mut is_next = has_content;
            while !is_next && depth > 0 {
                is_next = self.has_more(start_of(kinds))?;
                if !is_next {
                    kinds >>= 1;
                    depth -= 1;
                }
            }
            if depth == 0 {
                return Some(());
            }
            if start_of(kinds) == b'{' {
                self.key()?;
            }
        }
    }

    /// Takes a number by the grammar of JSON, whatever its size.
    fn skip_number(&mut self) -> Option<()> {
        self.at += usize::from(self.byte()? == b'-');
        match self.byte()? {
            b'0' => self.at += 1,
            b'1'..=b'9' => self.skip_digits()?,
            _ => return None,
        }
        if self.byte()? == b'.' {
            self.at += 1;
            self.skip_digits()?;
        }
        if matches!(self.byte()?, b'e' | b'E') {
            self.at += 1;
            self.at += usize::from(matches!(self.byte()?, b'+' | b'-'));
            self.skip_digits()?;
        }
        Some(())
    }

    /// Takes at least one digit.
    fn skip_digits(&mut self) -> Option<()> {
        let from = self.at;
        while self.byte()?.is_ascii_digit() {
            self.at += 1;
        }
        (self.at > from).then_some(())
    }
}

/// Returns the byte that ends what `{` or `[` starts.
const fn end_of(start: u8) -> u8 {
    if start == b'{' { b'}' } else { b']' }
}

/// Returns the byte that started the innermost of the open objects and arrays.
const fn start_of(kinds: u64) -> u8 {
    if kinds & 1 == 1 { b'{' } else { b'[' }
}

impl<'a> Scan<'a> for LenientText<'a> {
    #[inline]
    fn scan(&mut self, scanner: &mut Scanner<'a>) -> Option<()> {
        let (from, until) = match scanner.token()? {
            b'"' => scanner.text()?,
            b'-' | b'0'..=b'9' => scanner.whole_number()?,
            _ => {
                *self = Self::default();
                return scanner.skip();
            }
        };
        *self = Self::borrowed(scanner.text.get(from..until)?);
        Some(())
    }
}

impl<'a, T: Scan<'a>> Scan<'a> for LenientList<T> {
    fn scan(&mut self, scanner: &mut Scanner<'a>) -> Option<()> {
        self.0.clear();
        let mut has_more = scanner.enter(b'[')?;
        while has_more {
            let mut item = T::default();
            item.scan(scanner)?;
            self.0.push(item);
            has_more = scanner.has_more(b'[')?;
        }
        Some(())
    }
}

/// Declares a [`lenient_object!`](super::lenient::lenient_object) that can also be read in one pass.
macro_rules! record_object {
    ($(#[$doc:meta])* $name:ident { $($key:literal => $field:ident: $type:ty,)* }) => {
        $crate::wire::lenient::lenient_object! {
            $(#[$doc])* $name { $($key => $field: $type,)* }
        }

        impl<'a> $crate::wire::scan::Scan<'a> for $name<'a> {
            fn scan(&mut self, scanner: &mut $crate::wire::scan::Scanner<'a>) -> Option<()> {
                *self = Self::default();
                let mut has_more = scanner.enter(b'{')?;
                while has_more {
                    let key = scanner.key()?;
                    $(if key == $key.as_bytes() {
                        self.$field.scan(scanner)?;
                    } else)* {
                        scanner.skip()?;
                    }
                    has_more = scanner.has_more(b'{')?;
                }
                Some(())
            }
        }
    };
}

pub(super) use record_object;

#[cfg(test)]
#[path = "scan_tests.rs"]
mod tests;
