//! A JSON array that arrives in pieces, taken apart into its elements without ever holding the whole.

use thiserror::Error;

/// The size of one element, in bytes: a record of the Marketplace takes one or two thousand.
const MAX_ELEMENT_BYTES: usize = 1 << 20;
/// How many blanks in a row are believed to lead somewhere.
const MAX_BLANKS: usize = 1 << 16;

/// Bytes that are not one complete JSON array and nothing else.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum NoArray {
    /// The answer has no byte, or blanks only.
    #[error("it is empty")]
    Empty,
    /// A byte order mark stands first.
    #[error("it starts with a byte order mark")]
    ByteOrderMark,
    /// It starts like markup.
    #[error("it is HTML, not JSON")]
    Markup,
    /// It starts with something else.
    #[error("it is no JSON array")]
    OtherStart,
    /// The end came before the array's.
    #[error("it breaks off after {elements} records")]
    BreaksOff {
        /// How many elements were complete.
        elements: usize,
    },
    /// Something follows the array.
    #[error("something follows its end after {elements} records")]
    Trailing {
        /// How many elements there were.
        elements: usize,
    },
    /// Elements are not separated by one comma each.
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
    /// Blanks go on and on.
    #[error("nothing but blanks comes after {elements} records")]
    Blanks {
        /// How many elements came before.
        elements: usize,
    },
}

/// Where in the array the next byte is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Place {
    BeforeArray,
    /// After `[`: an element or `]`.
    BeforeFirst,
    /// After a comma: an element.
    BeforeElement,
    /// In an element that is an object, an array or a text.
    InElement,
    /// In an element that is a number or a word: it ends with whatever cannot belong to it.
    InWord,
    AfterElement,
    AfterArray,
}

/// Takes a JSON array apart; the elements themselves are not looked into.
#[derive(Debug)]
pub(crate) struct ArraySplitter {
    place: Place,
    /// Open objects and arrays of the element.
    depth: usize,
    is_in_text: bool,
    is_escaped: bool,
    blanks: usize,
    elements: usize,
    /// The beginning of an element that goes on in the next piece.
    begun: Vec<u8>,
}

impl ArraySplitter {
    pub(crate) fn new() -> Self {
        Self {
            place: Place::BeforeArray,
            depth: 0,
            is_in_text: false,
            is_escaped: false,
            blanks: 0,
            elements: 0,
            begun: Vec::new(),
        }
    }

    /// Takes the next piece and hands every element that it completes to `sink`.
    pub(crate) fn feed<E: From<NoArray>>(
        &mut self,
        piece: &[u8],
        sink: &mut impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut at = 0;
        // Where the element at hand starts in this piece.
        let mut start = 0;
        while at < piece.len() {
            let byte = piece[at];
            match self.place {
                Place::InElement => {
                    at = self.through_element(piece, at);
                    if self.depth == 0 && !self.is_in_text {
                        self.element(&piece[start..at], sink)?;
                        self.place = Place::AfterElement;
                    }
                    continue;
                }
                Place::InWord => {
                    if matches!(byte, b',' | b']' | b' ' | b'\t' | b'\r' | b'\n') {
                        self.element(&piece[start..at], sink)?;
                        self.place = Place::AfterElement;
                    } else {
                        at += 1;
                    }
                    continue;
                }
                _ if matches!(byte, b' ' | b'\t' | b'\r' | b'\n') => {
                    self.blanks += 1;
                    if self.blanks > MAX_BLANKS {
                        return Err(NoArray::Blanks {
                            elements: self.elements,
                        }
                        .into());
                    }
                    at += 1;
                    continue;
                }
                place => {
                    self.blanks = 0;
                    start = at;
                    if self.between(place, byte)? {
                        at += 1;
                    }
                }
            }
        }
        if matches!(self.place, Place::InElement | Place::InWord) {
            self.grow(&piece[start..])?;
        }
        Ok(())
    }

    /// Says that no piece follows, and returns how many elements there were.
    pub(crate) fn finish(self) -> Result<usize, NoArray> {
        let elements = self.elements;
        match self.place {
            Place::AfterArray => Ok(elements),
            Place::BeforeArray => Err(NoArray::Empty),
            _ => Err(NoArray::BreaksOff { elements }),
        }
    }

    /// Takes a byte outside of all elements, and tells whether it is done with.
    fn between(&mut self, place: Place, byte: u8) -> Result<bool, NoArray> {
        let elements = self.elements;
        self.place = match (place, byte) {
            (Place::BeforeArray, b'[') => Place::BeforeFirst,
            (Place::BeforeArray, 0xef) => return Err(NoArray::ByteOrderMark),
            (Place::BeforeArray, b'<') => return Err(NoArray::Markup),
            (Place::BeforeArray, _) => return Err(NoArray::OtherStart),
            (Place::BeforeFirst | Place::AfterElement, b']') => Place::AfterArray,
            (Place::AfterElement, b',') => Place::BeforeElement,
            (Place::BeforeFirst | Place::BeforeElement, b'{' | b'[' | b'"') => {
                // The first byte is looked at again, by the scan of the element.
                self.place = Place::InElement;
                return Ok(false);
            }
            (Place::BeforeFirst | Place::BeforeElement, b',' | b']' | b'}' | b':') => {
                return Err(NoArray::Separator { elements });
            }
            (Place::BeforeFirst | Place::BeforeElement, _) => Place::InWord,
            (Place::AfterArray, _) => return Err(NoArray::Trailing { elements }),
            _ => return Err(NoArray::Separator { elements }),
        };
        Ok(true)
    }

    /// Goes on from `at` to the end of the element, or of the piece.
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

    fn element<E: From<NoArray>>(
        &mut self,
        rest: &[u8],
        sink: &mut impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        if self.begun.is_empty() {
            self.check_size(rest.len())?;
            sink(rest)?;
        } else {
            self.grow(rest)?;
            sink(&self.begun)?;
            self.begun.clear();
        }
        self.elements += 1;
        Ok(())
    }

    fn grow(&mut self, more: &[u8]) -> Result<(), NoArray> {
        self.check_size(self.begun.len() + more.len())?;
        self.begun.extend_from_slice(more);
        Ok(())
    }

    fn check_size(&self, bytes: usize) -> Result<(), NoArray> {
        if bytes > MAX_ELEMENT_BYTES {
            return Err(NoArray::TooLarge {
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

    fn split(pieces: &[&[u8]]) -> Result<Vec<String>, NoArray> {
        let mut splitter = ArraySplitter::new();
        let mut found = Vec::new();
        for piece in pieces {
            splitter.feed(piece, &mut |element: &[u8]| {
                found.push(String::from_utf8_lossy(element).into_owned());
                Ok::<(), NoArray>(())
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
    fn whatever_is_not_one_complete_array_has_its_own_error() {
        let cases: [(&str, NoArray); 15] = [
            ("", NoArray::Empty),
            (" \n", NoArray::Empty),
            ("\u{feff}[]", NoArray::ByteOrderMark),
            ("<!doctype html>", NoArray::Markup),
            ("{\"errors\": []}", NoArray::OtherStart),
            ("a,b\n1,2", NoArray::OtherStart),
            ("[", NoArray::BreaksOff { elements: 0 }),
            ("[{}", NoArray::BreaksOff { elements: 1 }),
            ("[{},{\"a\":", NoArray::BreaksOff { elements: 1 }),
            ("[{},\"a]", NoArray::BreaksOff { elements: 1 }),
            ("[{}]]", NoArray::Trailing { elements: 1 }),
            ("[{}][", NoArray::Trailing { elements: 1 }),
            ("[{} {}]", NoArray::Separator { elements: 1 }),
            ("[{},]", NoArray::Separator { elements: 1 }),
            ("[,{}]", NoArray::Separator { elements: 0 }),
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
        assert_eq!(split(&pieces), Err(NoArray::TooLarge { elements: 1 }));
        let blanks = vec![b' '; MAX_BLANKS];
        assert_eq!(split(&[b"[", &blanks, b"]"]), Ok(Vec::new()));
        assert_eq!(
            split(&[b"[", &blanks, b" ]"]),
            Err(NoArray::Blanks { elements: 0 })
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
