//! Splits a JSON array that arrives in pieces into its elements, without holding all of it.

use thiserror::Error;

/// The largest element: a record of the Marketplace has one or two thousand bytes.
const MAX_ELEMENT_BYTES: usize = 1 << 20;
/// The longest run of blanks.
const MAX_BLANKS: usize = 1 << 16;

/// Why bytes are not exactly one complete JSON array.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum ArrayError {
    /// There are no bytes, or only blanks.
    #[error("it is empty")]
    Empty,
    /// A byte order mark comes first.
    #[error("it starts with a byte order mark")]
    ByteOrderMark,
    /// It starts like markup.
    #[error("it is HTML, not JSON")]
    Markup,
    /// It starts with something else.
    #[error("it is not a JSON array")]
    OtherStart,
    /// The bytes end before the array.
    #[error("it is cut off after {elements} records")]
    BreaksOff {
        /// How many elements were complete.
        elements: usize,
    },
    /// Something follows the array.
    #[error("there is more data after its end ({elements} records)")]
    Trailing {
        /// How many elements there were.
        elements: usize,
    },
    /// Elements are not separated by exactly one comma.
    #[error("its records are not separated properly after {elements} records")]
    Separator {
        /// How many elements came before.
        elements: usize,
    },
    /// An element is larger than any record.
    #[error("record {elements} is larger than {MAX_ELEMENT_BYTES} bytes")]
    TooLarge {
        /// How many elements came before.
        elements: usize,
    },
    /// There are too many blanks in a row.
    #[error("there are only blanks after {elements} records")]
    Blanks {
        /// How many elements came before.
        elements: usize,
    },
}

/// What the next byte belongs to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum State {
    BeforeArray,
    /// After `[`: an element or `]`.
    BeforeFirst,
    /// After a comma: an element.
    BeforeElement,
    /// In an element that is an object, an array or a text.
    InElement,
    /// In an element that is a number or a word: it ends before the first byte that cannot belong to it.
    InWord,
    AfterElement,
    AfterArray,
}

impl State {
    fn expects_element(self) -> bool {
        matches!(self, Self::BeforeFirst | Self::BeforeElement)
    }
}

/// Splits a JSON array into its elements, which are not parsed.
#[derive(Debug)]
pub(crate) struct ArraySplitter {
    state: State,
    /// Open objects and arrays of the element.
    depth: usize,
    is_in_text: bool,
    is_escaped: bool,
    blanks: usize,
    elements: usize,
    /// The start of an element that continues in the next piece.
    begun: Vec<u8>,
}

impl ArraySplitter {
    pub(crate) fn new() -> Self {
        Self {
            state: State::BeforeArray,
            depth: 0,
            is_in_text: false,
            is_escaped: false,
            blanks: 0,
            elements: 0,
            begun: Vec::new(),
        }
    }

    /// Takes the next piece, and hands every element that it completes to `sink`.
    pub(crate) fn feed<E: From<ArrayError>>(
        &mut self,
        piece: &[u8],
        sink: &mut impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        self.feed_objects(piece, |_, _: &mut ()| None, &mut |element, _| sink(element))
    }

    /// Takes the next piece like [`ArraySplitter::feed`], and asks `read` to read each object at its offset.
    ///
    /// It returns how many bytes the object takes, or nothing if it cannot: then the object is split off unread.
    pub(super) fn feed_objects<T: Default, E: From<ArrayError>>(
        &mut self,
        piece: &[u8],
        mut read: impl FnMut(usize, &mut T) -> Option<usize>,
        sink: &mut impl FnMut(&[u8], Option<&T>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut at = 0;
        // Where the current element starts in this piece.
        let mut start = 0;
        while at < piece.len() {
            let byte = piece[at];
            match self.state {
                State::InElement => {
                    at = self.through_element(piece, at);
                    if self.depth == 0 && !self.is_in_text {
                        self.element(&piece[start..at], None, sink)?;
                        self.state = State::AfterElement;
                    }
                    continue;
                }
                State::InWord => {
                    if matches!(byte, b',' | b']' | b' ' | b'\t' | b'\r' | b'\n') {
                        self.element(&piece[start..at], None, sink)?;
                        self.state = State::AfterElement;
                    } else {
                        at += 1;
                    }
                    continue;
                }
                _ if matches!(byte, b' ' | b'\t' | b'\r' | b'\n') => {
                    self.blanks += 1;
                    if self.blanks > MAX_BLANKS {
                        return Err(ArrayError::Blanks {
                            elements: self.elements,
                        }
                        .into());
                    }
                    at += 1;
                    continue;
                }
                state => {
                    self.blanks = 0;
                    start = at;
                    if byte == b'{' && state.expects_element() {
                        let mut object = T::default();
                        if let Some(bytes) = read(at, &mut object) {
                            at += bytes;
                            self.element(&piece[start..at], Some(&object), sink)?;
                            self.state = State::AfterElement;
                            continue;
                        }
                    }
                    if self.between(state, byte)? {
                        at += 1;
                    }
                }
            }
        }
        if matches!(self.state, State::InElement | State::InWord) {
            self.grow(&piece[start..])?;
        }
        Ok(())
    }

    /// Ends the array, and returns how many elements it had.
    pub(crate) fn finish(self) -> Result<usize, ArrayError> {
        let elements = self.elements;
        match self.state {
            State::AfterArray => Ok(elements),
            State::BeforeArray => Err(ArrayError::Empty),
            _ => Err(ArrayError::BreaksOff { elements }),
        }
    }

    /// Takes a byte outside of all elements, and tells whether it is consumed.
    fn between(&mut self, state: State, byte: u8) -> Result<bool, ArrayError> {
        let elements = self.elements;
        self.state = match (state, byte) {
            (State::BeforeArray, b'[') => State::BeforeFirst,
            (State::BeforeArray, 0xef) => return Err(ArrayError::ByteOrderMark),
            (State::BeforeArray, b'<') => return Err(ArrayError::Markup),
            (State::BeforeArray, _) => return Err(ArrayError::OtherStart),
            (State::BeforeFirst | State::AfterElement, b']') => State::AfterArray,
            (State::AfterElement, b',') => State::BeforeElement,
            (State::BeforeFirst | State::BeforeElement, b'{' | b'[' | b'"') => {
                // The scan of the element starts with this byte.
                self.state = State::InElement;
                return Ok(false);
            }
            (State::BeforeFirst | State::BeforeElement, b',' | b']' | b'}' | b':') => {
                return Err(ArrayError::Separator { elements });
            }
            (State::BeforeFirst | State::BeforeElement, _) => State::InWord,
            (State::AfterArray, _) => return Err(ArrayError::Trailing { elements }),
            _ => return Err(ArrayError::Separator { elements }),
        };
        Ok(true)
    }

    /// Scans from `at` to the end of the element, or of the piece.
    fn through_element(&mut self, piece: &[u8], mut at: usize) -> usize {
        while at < piece.len() {
            let byte = piece[at];
            at += 1;
            if self.is_in_text {
                match byte {
                    _ if self.is_escaped => self.is_escaped = false,
                    b'\\' => self.is_escaped = true,
                    b'"' => {
                        self.is_in_text = false;
                        if self.depth == 0 {
                            return at;
                        }
                    }
                    _ => {}
                }
                continue;
            }
            match byte {
                b'"' => self.is_in_text = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => {
                    self.depth -= 1;
                    if self.depth == 0 {
                        return at;
                    }
                }
                _ => {}
            }
        }
        at
    }

    fn element<T, E: From<ArrayError>>(
        &mut self,
        rest: &[u8],
        object: Option<&T>,
        sink: &mut impl FnMut(&[u8], Option<&T>) -> Result<(), E>,
    ) -> Result<(), E> {
        if self.begun.is_empty() {
            self.check_size(rest.len())?;
            sink(rest, object)?;
        } else {
            self.grow(rest)?;
            sink(&self.begun, object)?;
            self.begun.clear();
        }
        self.elements += 1;
        Ok(())
    }

    fn grow(&mut self, more: &[u8]) -> Result<(), ArrayError> {
        self.check_size(self.begun.len() + more.len())?;
        self.begun.extend_from_slice(more);
        Ok(())
    }

    fn check_size(&self, bytes: usize) -> Result<(), ArrayError> {
        if bytes > MAX_ELEMENT_BYTES {
            return Err(ArrayError::TooLarge {
                elements: self.elements,
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn split(pieces: &[&[u8]]) -> Result<Vec<String>, ArrayError> {
        let mut splitter = ArraySplitter::new();
        let mut found = Vec::new();
        for piece in pieces {
            splitter.feed(piece, &mut |element: &[u8]| {
                found.push(String::from_utf8_lossy(element).into_owned());
                Ok::<(), ArrayError>(())
            })?;
        }
        let count = splitter.finish()?;
        assert_eq!(count, found.len());
        Ok(found)
    }

    #[test]
    fn elements_are_the_same_wherever_the_pieces_end() {
        let text = br#" [ {"a": "}]\"\\", "b": [{"c": []}]} , {} ,[1,[2]], "x,]\"y" ,12.5e3,null,
            {"d": "\u007d"}] "#;
        let whole = split(&[text]).unwrap();
        assert_eq!(whole.len(), 7);
        assert_eq!(whole[0], r#"{"a": "}]\"\\", "b": [{"c": []}]}"#);
        assert_eq!(whole[3], r#""x,]\"y""#);
        assert_eq!(&whole[4..6], ["12.5e3", "null"]);
        for first in 0..text.len() {
            for second in first..text.len() {
                let pieces = [&text[..first], &text[first..second], &text[second..]];
                assert_eq!(split(&pieces).unwrap(), whole, "{first} {second}");
            }
        }
    }

    #[test]
    fn each_defect_of_an_array_has_its_own_error() {
        let cases: [(&str, ArrayError); 15] = [
            ("", ArrayError::Empty),
            (" \n", ArrayError::Empty),
            ("\u{feff}[]", ArrayError::ByteOrderMark),
            ("<!doctype html>", ArrayError::Markup),
            ("{\"errors\": []}", ArrayError::OtherStart),
            ("a,b\n1,2", ArrayError::OtherStart),
            ("[", ArrayError::BreaksOff { elements: 0 }),
            ("[{}", ArrayError::BreaksOff { elements: 1 }),
            ("[{},{\"a\":", ArrayError::BreaksOff { elements: 1 }),
            ("[{},\"a]", ArrayError::BreaksOff { elements: 1 }),
            ("[{}]]", ArrayError::Trailing { elements: 1 }),
            ("[{}][", ArrayError::Trailing { elements: 1 }),
            ("[{} {}]", ArrayError::Separator { elements: 1 }),
            ("[{},]", ArrayError::Separator { elements: 1 }),
            ("[,{}]", ArrayError::Separator { elements: 0 }),
        ];
        for (text, error) in cases {
            assert_eq!(split(&[text.as_bytes()]), Err(error), "{text}");
        }
        assert_eq!(split(&[b"[]"]), Ok(Vec::new()));
    }

    #[test]
    fn neither_one_element_nor_blanks_grow_without_bound() {
        let piece = vec![b'x'; 1 << 16];
        let mut pieces: Vec<&[u8]> = vec![b"[{}, {\"a\": \""];
        pieces.resize(20, &piece);
        assert_eq!(split(&pieces), Err(ArrayError::TooLarge { elements: 1 }));
        let blanks = vec![b' '; MAX_BLANKS];
        assert_eq!(split(&[b"[", &blanks, b"]"]), Ok(Vec::new()));
        assert_eq!(
            split(&[b"[", &blanks, b" ]"]),
            Err(ArrayError::Blanks { elements: 0 })
        );
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(pieces in proptest::collection::vec(
            proptest::collection::vec(proptest::sample::select(b"[]{},\"\\ a1".to_vec()), 0..9), 0..5,
        )) {
            let pieces: Vec<&[u8]> = pieces.iter().map(Vec::as_slice).collect();
            let whole = pieces.concat();
            prop_assert_eq!(split(&pieces), split(&[&whole]));
        }
    }
}
