//! Texts that are stored once: a row holds four bytes for each of its texts.

use std::hash::{DefaultHasher, Hasher};

/// A text of a [`Texts`]; the default is the empty (missing) one.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Text(pub(crate) u32);

impl Text {
    /// Tells whether there is no text, or an empty one.
    #[must_use]
    pub const fn is_missing(self) -> bool {
        self.0 == 0
    }

    /// Returns the place of the text in a table with one entry for each text.
    pub(crate) const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A store of texts without repetition; equal texts have equal [`Text`]s.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    bytes: String,
    /// Where each text ends; the first is the empty text.
    ends: Vec<u32>,
    /// Open addressing, with linear probing.
    slots: Vec<Slot>,
}

/// A place of the hash table; free if its text is the empty one.
#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    /// The hash of the text: it tells where the text belongs, and spares most looks at other texts.
    hash: u32,
    text: Text,
}

impl Texts {
    /// Creates a store that holds the empty text only.
    #[must_use]
    pub fn new() -> Self {
        Self {
            bytes: String::new(),
            ends: vec![0],
            slots: Vec::new(),
        }
    }

    /// Returns how many texts there are, the empty one included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Tells whether no text but the empty one is stored.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.len() <= 1
    }

    /// Returns a text; one of another store may be any text, or the empty one.
    #[must_use]
    pub fn text(&self, text: Text) -> &str {
        let Some(until) = self.ends.get(text.index()) else {
            return "";
        };
        let from = text
            .index()
            .checked_sub(1)
            .map_or(0, |before| self.ends[before]);
        self.bytes
            .get(from as usize..*until as usize)
            .unwrap_or_default()
    }

    /// Returns all texts in the order of their numbers, the empty one first.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.ends.len()).map(|index| self.text(Text(u32::try_from(index).unwrap_or(u32::MAX))))
    }

    /// Returns all texts as one, in the order of their numbers.
    pub(crate) fn joined(&self) -> &str {
        &self.bytes
    }

    /// Creates the store of texts that lie in `joined` one after the other, the empty one first.
    ///
    /// Returns nothing if the lengths do not fit, or the first is not 0.
    pub(crate) fn from_parts(joined: &str, lengths: &[u32]) -> Option<Self> {
        let mut ends = Vec::with_capacity(lengths.len());
        let mut end: u32 = 0;
        for length in lengths {
            end = end.checked_add(*length)?;
            if !joined.is_char_boundary(end as usize) {
                return None;
            }
            ends.push(end);
        }
        if ends.first() != Some(&0) || end as usize != joined.len() {
            return None;
        }
        let mut texts = Self {
            bytes: joined.to_owned(),
            ends,
            slots: Vec::new(),
        };
        texts.grow();
        Some(texts)
    }

    /// Stores a text, if it is not there, and returns it; nothing if the store is full (four gigabytes).
    pub fn intern(&mut self, text: &str) -> Option<Text> {
        if text.is_empty() {
            return Some(Text::default());
        }
        if self.ends.len() * 4 >= self.slots.len() * 3 {
            self.grow();
        }
        let hash = hash(text);
        let slot = match self.find(hash, text) {
            Ok(found) => return Some(found),
            Err(slot) => slot,
        };
        let end = u32::try_from(self.bytes.len() + text.len()).ok()?;
        let number = u32::try_from(self.ends.len()).ok()?;
        self.bytes.push_str(text);
        self.ends.push(end);
        self.slots[slot] = Slot {
            hash,
            text: Text(number),
        };
        Some(Text(number))
    }

    /// Returns the text with these characters, if it is stored.
    #[must_use]
    pub fn lookup(&self, text: &str) -> Option<Text> {
        if text.is_empty() {
            return Some(Text::default());
        }
        if self.slots.is_empty() {
            return None;
        }
        self.find(hash(text), text).ok()
    }

    /// Finds a text, or the free slot where it belongs. There must be a free slot.
    fn find(&self, hash: u32, text: &str) -> Result<Text, usize> {
        let mask = self.slots.len() - 1;
        let mut place = hash as usize & mask;
        loop {
            let slot = self.slots[place];
            if slot.text.is_missing() {
                return Err(place);
            }
            if slot.hash == hash && self.text(slot.text) == text {
                return Ok(slot.text);
            }
            place = (place + 1) & mask;
        }
    }

    /// Makes room for as many texts again.
    fn grow(&mut self) {
        let size = (self.ends.len() * 2).next_power_of_two().max(64);
        let mut slots = vec![Slot::default(); size];
        let mut put = |slot: Slot| {
            let mut place = slot.hash as usize & (size - 1);
            while !slots[place].text.is_missing() {
                place = (place + 1) & (size - 1);
            }
            slots[place] = slot;
        };
        if self.slots.is_empty() {
            let numbers = 1..u32::try_from(self.ends.len()).unwrap_or(u32::MAX);
            let texts = numbers.map(Text);
            texts.for_each(|text| {
                put(Slot {
                    hash: hash(self.text(text)),
                    text,
                })
            });
        } else {
            self.slots
                .iter()
                .filter(|slot| !slot.text.is_missing())
                .for_each(|slot| put(*slot));
        }
        self.slots = slots;
    }
}

fn hash(text: &str) -> u32 {
    let mut hasher = DefaultHasher::new();
    hasher.write(text.as_bytes());
    let hash = hasher.finish();
    (hash ^ (hash >> 32)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_are_stored_once() {
        let mut texts = Texts::new();
        let first: Vec<_> = (0..1000)
            .map(|n| texts.intern(&format!("text {n}")).unwrap())
            .collect();
        let again: Vec<_> = (0..1000)
            .map(|n| texts.intern(&format!("text {n}")).unwrap())
            .collect();
        assert_eq!(first, again);
        assert_eq!(texts.len(), 1001);
        assert_eq!(texts.text(first[7]), "text 7");
        assert_eq!(texts.lookup("text 999"), Some(first[999]));
        assert_eq!(texts.lookup("text 1000"), None);
        assert_eq!(texts.iter().nth(3), Some("text 2"));
    }

    #[test]
    fn the_empty_text_is_the_missing_one() {
        let mut texts = Texts::new();
        assert!(texts.intern("").unwrap().is_missing());
        assert_eq!(texts.text(Text::default()), "");
        assert_eq!(texts.text(Text(77)), "");
        assert!(texts.is_empty());
    }
}
