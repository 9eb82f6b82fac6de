//! Texts that are stored once: a row holds four bytes for each of its texts.

use std::hash::BuildHasher;
use std::sync::OnceLock;

use hashbrown::{DefaultHashBuilder, HashTable};

/// The number of a text in its [`Texts`]; the default is the empty (missing) text.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Text(pub(crate) u32);

impl Text {
    /// Tells whether the text is missing or empty.
    #[must_use]
    pub const fn is_missing(self) -> bool {
        self.0 == 0
    }

    /// Returns the index of the text in a table of all texts.
    pub(crate) const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A store of distinct texts; equal texts have equal [`Text`]s.
#[derive(Clone, Debug)]
pub struct Texts {
    bytes: String,
    /// The end of each text; the first is the empty text.
    ends: Vec<u32>,
    /// All texts but the empty one, by their characters; made when it is first needed.
    by_text: OnceLock<Index>,
}

#[derive(Clone, Debug, Default)]
struct Index {
    table: HashTable<Text>,
    hasher: DefaultHashBuilder,
}

impl Default for Texts {
    fn default() -> Self {
        Self::new()
    }
}

impl Texts {
    /// Creates a store with only the empty text.
    #[must_use]
    pub fn new() -> Self {
        Self {
            bytes: String::new(),
            ends: vec![0],
            by_text: OnceLock::new(),
        }
    }

    /// Creates a store that knows how many texts there are, the empty one included, but not what they say.
    pub(crate) fn unread(count: usize) -> Self {
        Self {
            ends: vec![0; count.max(1)],
            ..Self::new()
        }
    }

    /// Returns the number of texts, including the empty one.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Tells whether only the empty text is stored.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.len() <= 1
    }

    /// Returns a text; the number of another store may give any text.
    #[must_use]
    pub fn text(&self, text: Text) -> &str {
        text_in(&self.bytes, &self.ends, text)
    }

    /// Returns all texts in the order of their numbers, the empty one first.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.ends.len()).map(|index| self.text(Text(u32::try_from(index).unwrap_or(u32::MAX))))
    }

    /// Returns all texts concatenated, in the order of their numbers.
    pub(crate) fn joined(&self) -> &str {
        &self.bytes
    }

    /// Creates a store of the texts concatenated in `joined`, the empty one first.
    ///
    /// Returns nothing if the lengths do not fit, or the first is not 0.
    pub(crate) fn from_parts(joined: String, lengths: &[u32]) -> Option<Self> {
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
        Some(Self {
            bytes: joined,
            ends,
            by_text: OnceLock::new(),
        })
    }

    /// Stores a text if it is new, and returns its number; nothing if the store is full (four gigabytes).
    pub fn intern(&mut self, text: &str) -> Option<Text> {
        if text.is_empty() {
            return Some(Text::default());
        }
        self.index();
        let Self {
            bytes,
            ends,
            by_text,
        } = self;
        let Index { table, hasher } = by_text.get_mut()?;
        let hash = hasher.hash_one(text);
        if let Some(found) = table.find(hash, |stored| text_in(bytes, ends, *stored) == text) {
            return Some(*found);
        }
        let added = append(bytes, ends, text)?;
        table.insert_unique(hash, added, |text| {
            hasher.hash_one(text_in(bytes, ends, *text))
        });
        Some(added)
    }

    /// Stores a text that is known to be new; nothing if the store is full.
    ///
    /// Without a hash table this is much cheaper than [`Texts::intern`].
    pub(crate) fn push_new(&mut self, text: &str) -> Option<Text> {
        self.by_text.take();
        append(&mut self.bytes, &mut self.ends, text)
    }

    /// Frees the hash table, which is made again when it is needed.
    pub(crate) fn forget_index(&mut self) {
        self.by_text.take();
    }

    /// Returns the number of a text, if it is stored.
    #[must_use]
    pub fn lookup(&self, text: &str) -> Option<Text> {
        if text.is_empty() {
            return Some(Text::default());
        }
        let Index { table, hasher } = self.index();
        let is_equal = |stored: &Text| self.text(*stored) == text;
        table.find(hasher.hash_one(text), is_equal).copied()
    }

    fn index(&self) -> &Index {
        self.by_text.get_or_init(|| {
            let mut index = Index::default();
            let Index { table, hasher } = &mut index;
            let hash = |text: &Text| hasher.hash_one(self.text(*text));
            table.reserve(self.ends.len(), hash);
            for number in 1..u32::try_from(self.ends.len()).unwrap_or(u32::MAX) {
                table.insert_unique(hash(&Text(number)), Text(number), hash);
            }
            index
        })
    }
}

fn append(bytes: &mut String, ends: &mut Vec<u32>, text: &str) -> Option<Text> {
    let end = u32::try_from(bytes.len() + text.len()).ok()?;
    let added = Text(u32::try_from(ends.len()).ok()?);
    bytes.push_str(text);
    ends.push(end);
    Some(added)
}

fn text_in<'a>(bytes: &'a str, ends: &[u32], text: Text) -> &'a str {
    let Some(until) = ends.get(text.index()) else {
        return "";
    };
    let before = text.index().checked_sub(1);
    let from = before.map_or(0, |before| ends[before]);
    bytes
        .get(from as usize..*until as usize)
        .unwrap_or_default()
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
