//! Appends rows to others: texts that both have are stored once.

use super::{Ids, LicenseRow, Rows, TransactionRow};
use crate::texts::{Text, Texts};

/// Copies rows of one set to the end of another.
pub(crate) struct Appender<'a> {
    from: &'a Rows,
    to: &'a mut Rows,
    words: Translation,
    names: Translation,
    /// Whether only these rows are appended, so that no text can be there already.
    is_to_empty: bool,
}

/// The texts of one store in the numbers of another.
struct Translation(Vec<Text>);

impl Translation {
    fn new(from: &Texts) -> Self {
        Self(vec![Text::default(); from.len()])
    }

    /// Returns the number of a text in the other store, which it is added to by `add` when it is first used.
    fn of(&mut self, text: Text, add: impl FnOnce(Text) -> Option<Text>) -> Option<Text> {
        if text.is_missing() {
            return Some(text);
        }
        let known = self.0.get_mut(text.index())?;
        if known.is_missing() {
            *known = add(text)?;
        }
        Some(*known)
    }
}

impl<'a> Appender<'a> {
    pub(crate) fn new(from: &'a Rows, to: &'a mut Rows) -> Self {
        Self {
            from,
            words: Translation::new(&from.words),
            names: Translation::new(&from.names),
            to,
            is_to_empty: false,
        }
    }

    /// Creates one that copies all rows to a new set.
    pub(crate) fn to_empty(from: &'a Rows, to: &'a mut Rows) -> Self {
        Self {
            is_to_empty: true,
            ..Self::new(from, to)
        }
    }

    /// Appends all rows; nothing if the texts of all rows take too much memory.
    pub(crate) fn all(mut self) -> Option<()> {
        let from = self.from;
        from.licenses.iter().try_for_each(|row| self.license(row))?;
        from.transactions
            .iter()
            .try_for_each(|row| self.transaction(row))
    }

    /// Appends a license row; nothing if the texts of all rows take too much memory.
    pub(crate) fn license(&mut self, row: &LicenseRow) -> Option<()> {
        let mut row = *row;
        for word in row.words_mut() {
            *word = self.word(*word)?;
        }
        row.ids = self.ids(row.ids)?;
        row.company = self.name(row.company)?;
        self.to.licenses.push(row);
        Some(())
    }

    /// Appends a transaction row; nothing if the texts of all rows take too much memory.
    pub(crate) fn transaction(&mut self, row: &TransactionRow) -> Option<()> {
        let mut copy = *row;
        for word in copy.words_mut() {
            *word = self.word(*word)?;
        }
        copy.ids = self.ids(row.ids)?;
        for name in copy.names_mut() {
            *name = self.name(*name)?;
        }
        copy.additions = u32::try_from(self.to.additions.len()).ok()?;
        self.to
            .additions
            .extend_from_slice(self.from.additions(row));
        self.to.transactions.push(copy);
        Some(())
    }

    fn word(&mut self, word: Text) -> Option<Text> {
        let (from, to) = (&self.from.words, &mut self.to.words);
        let add = adder(self.is_to_empty);
        self.words.of(word, |word| add(to, from.text(word)))
    }

    fn name(&mut self, name: Text) -> Option<Text> {
        let (from, to) = (&self.from.names, &mut self.to.names);
        let add = adder(self.is_to_empty);
        self.names.of(name, |name| add(to, from.text(name)))
    }

    fn ids(&mut self, ids: Ids) -> Option<Ids> {
        Some(Ids {
            entitlement_number: self.name(ids.entitlement_number)?,
            entitlement: self.name(ids.entitlement)?,
            license: self.name(ids.license)?,
            addon_license: self.name(ids.addon_license)?,
        })
    }
}

fn adder(is_to_empty: bool) -> fn(&mut Texts, &str) -> Option<Text> {
    if is_to_empty {
        Texts::push_new
    } else {
        Texts::intern
    }
}
