//! The stored form of a part: columns of rows that stand in the order of [`Rows::sorted`].
//!
//! What counting reads and what only details show are compressed apart, so that a count does not read the texts.

use super::codec::{Reader, SnapshotError, Writer, seal, unseal};
use crate::{
    day::Day,
    rows::{Addition, Ids, LicenseRow, Rows, TransactionRow},
    texts::{Text, Texts},
};

const MAGIC: &[u8; 8] = b"mktparts";

/// How much of a part is read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Depth {
    /// What the count looks at: ids are numbers without texts, companies and countries are missing.
    Counting,
    /// Everything.
    Everything,
}

/// Returns the number of a day in a column; 0 if it is missing.
fn number_of(day: Option<Day>) -> u32 {
    day.map_or(0, |day| day.number().unsigned_abs())
}

fn day_of(number: u32) -> Option<Day> {
    (number > 0).then(|| Day::of_number(i32::try_from(number).unwrap_or(i32::MAX)))
}

/// Declares how the columns of a row are written and read, in stored order.
macro_rules! columns {
    (
        $row:ident, $write:ident, $read:ident:
        words $($word:ident)*; names $($name:ident)*; days $($day:ident)*; numbers $($number:ident)*;
    ) => {
        fn $write(writer: &mut Writer, rows: &[$row]) {
            writer.number(rows.len() as u64);
            $(writer.column(rows.iter().map(|row| row.$word.0));)*
            let mut names = NameWriter::default();
            for row in rows {
                names.row(row.ids.all().into_iter().chain([$(row.$name),*]));
            }
            names.write(writer);
            $(writer.column(rows.iter().map(|row| number_of(row.$day)));)*
            $(writer.column(rows.iter().map(|row| row.$number));)*
            writer.column(rows.iter().map(|row| u32::from(row.has_unreadable_date)));
        }

        fn $read(reader: &mut Reader<'_>, sizes: Sizes) -> Result<Vec<$row>, SnapshotError> {
            let count = reader.count()?;
            $(let $word = texts(reader, count, sizes.words)?;)*
            let mut names = NameReader::new(reader, count, sizes.names)?;
            let mut rows = Vec::with_capacity(count);
            for at in 0..count {
                names.start_row();
                let ids = Ids {
                    entitlement_number: names.next(0)?,
                    entitlement: names.next(1)?,
                    license: names.next(2)?,
                    addon_license: names.next(3)?,
                };
                let mut column = 3..;
                $(let $name = names.next(column.next().unwrap_or_default() + 1)?;)*
                let _ = &mut column;
                rows.push($row {
                    $($word: Text($word[at]),)*
                    $($name,)*
                    ids,
                    ..$row::default()
                });
            }
            names.finish()?;
            $(
                let days = reader.column(count)?;
                for (row, day) in rows.iter_mut().zip(days) {
                    row.$day = day_of(day);
                }
            )*
            $(
                let numbers = reader.column(count)?;
                for (row, number) in rows.iter_mut().zip(numbers) {
                    row.$number = number;
                }
            )*
            let flags = reader.column(count)?;
            for (row, flag) in rows.iter_mut().zip(flags) {
                row.has_unreadable_date = flag != 0;
            }
            Ok(rows)
        }
    };
}

columns! {
    LicenseRow, write_licenses, read_licenses:
    words app hosting license_type tier evaluation_size status sandbox;
    names;
    days start end last_updated unchanged_since;
    numbers rank;
}

columns! {
    TransactionRow, write_transactions, read_transactions:
    words app sale_type license_type hosting billing_period tier old_tier sandbox;
    names transaction_id line_item original_id;
    days sold start end last_updated;
    numbers addition_count line_item_order transaction_order rank;
}

/// How many texts there are.
#[derive(Clone, Copy)]
struct Sizes {
    words: usize,
    names: usize,
}

/// Writes the names of rows as distances: in stored order, most names are new or were in the row before.
#[derive(Default)]
struct NameWriter {
    columns: Vec<Vec<u8>>,
    newest: u32,
}

impl NameWriter {
    fn row(&mut self, names: impl Iterator<Item = Text>) {
        let base = self.newest;
        for (column, name) in names.enumerate() {
            if self.columns.len() <= column {
                self.columns.resize_with(column + 1, Vec::new);
            }
            let distance = i64::from(name.0) - i64::from(base);
            let code = if name.is_missing() {
                0
            } else {
                // Zigzag, so that small distances in both directions are small numbers.
                1 + ((distance << 1) ^ (distance >> 63)).unsigned_abs()
            };
            variable(&mut self.columns[column], code);
            self.newest = self.newest.max(name.0);
        }
    }

    fn write(&self, writer: &mut Writer) {
        writer.number(self.columns.len() as u64);
        for column in &self.columns {
            writer.bytes(column);
        }
    }
}

/// Appends a number in seven bits a byte, the lowest first.
fn variable(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(u8::try_from(number & 0x7f).unwrap_or_default() | 0x80);
        number >>= 7;
    }
    bytes.push(u8::try_from(number).unwrap_or_default());
}

struct NameReader<'a> {
    columns: Vec<&'a [u8]>,
    names: usize,
    newest: u32,
    base: u32,
}

impl<'a> NameReader<'a> {
    fn new(reader: &mut Reader<'a>, rows: usize, names: usize) -> Result<Self, SnapshotError> {
        let count = reader.count()?;
        if count > 16 || (count == 0 && rows > 0) {
            return Err(SnapshotError::Damaged);
        }
        let columns: Result<Vec<_>, _> = (0..count).map(|_| reader.bytes()).collect();
        Ok(Self {
            columns: columns?,
            names,
            newest: 0,
            base: 0,
        })
    }

    fn start_row(&mut self) {
        self.base = self.newest;
    }

    fn next(&mut self, column: usize) -> Result<Text, SnapshotError> {
        let rest = self.columns.get_mut(column).ok_or(SnapshotError::Damaged)?;
        let mut code = 0u64;
        for shift in (0..42).step_by(7) {
            let (byte, after) = rest.split_first().ok_or(SnapshotError::Damaged)?;
            *rest = after;
            code |= u64::from(byte & 0x7f) << shift;
            if *byte < 0x80 {
                break;
            }
            if shift == 35 {
                return Err(SnapshotError::Damaged);
            }
        }
        let Some(code) = code.checked_sub(1) else {
            return Ok(Text::default());
        };
        let half = i64::try_from(code >> 1).map_err(|_| SnapshotError::Damaged)?;
        let distance = if code & 1 == 0 { half } else { -half - 1 };
        let name = u32::try_from(i64::from(self.base) + distance);
        let name = name.map_err(|_| SnapshotError::Damaged)?;
        if name == 0 || name as usize >= self.names {
            return Err(SnapshotError::Damaged);
        }
        self.newest = self.newest.max(name);
        Ok(Text(name))
    }

    fn finish(self) -> Result<(), SnapshotError> {
        if self.columns.iter().all(|rest| rest.is_empty()) {
            return Ok(());
        }
        Err(SnapshotError::Damaged)
    }
}

fn texts(reader: &mut Reader<'_>, count: usize, stored: usize) -> Result<Vec<u32>, SnapshotError> {
    let column = reader.column(count)?;
    if !column.iter().all(|number| (*number as usize) < stored) {
        return Err(SnapshotError::Damaged);
    }
    Ok(column)
}

fn write_texts(writer: &mut Writer, texts: &Texts) {
    writer.number(texts.len() as u64);
    writer.text(texts.joined());
    let lengths = texts
        .iter()
        .map(|text| u32::try_from(text.len()).unwrap_or(u32::MAX));
    let lengths: Vec<u32> = lengths.collect();
    writer.column(lengths.iter().copied());
}

fn read_texts(reader: &mut Reader<'_>) -> Result<Texts, SnapshotError> {
    let count = reader.count()?;
    let joined = reader.text()?.to_owned();
    let lengths = reader.column(count)?;
    Texts::from_parts(joined, &lengths).ok_or(SnapshotError::Damaged)
}

/// Returns the rows as bytes.
pub(crate) fn encode(rows: &Rows) -> Vec<u8> {
    let mut counting = Writer::default();
    counting.number(rows.names.len() as u64);
    write_texts(&mut counting, &rows.words);
    write_licenses(&mut counting, &rows.licenses);
    write_transactions(&mut counting, &rows.transactions);
    // Entries stand in the order of their rows.
    let additions = || {
        let rows_with_any = rows.transactions.iter();
        rows_with_any.flat_map(|row| rows.additions(row))
    };
    counting.number(additions().count() as u64);
    counting.column(additions().map(|addition| number_of(addition.date)));
    counting.column(additions().map(|addition| addition.users));
    let mut details = Writer::default();
    write_texts(&mut details, &rows.names);
    details.column(rows.licenses.iter().map(|row| row.company.0));
    details.column(rows.licenses.iter().map(|row| row.country.0));
    details.column(rows.transactions.iter().map(|row| row.company.0));
    details.column(rows.transactions.iter().map(|row| row.country.0));
    let mut body = Writer::default();
    body.compressed(&counting.into_bytes());
    body.compressed(&details.into_bytes());
    seal(MAGIC, &body.into_bytes())
}

/// Reads rows.
pub(crate) fn decode(bytes: &[u8], depth: Depth) -> Result<Rows, SnapshotError> {
    let mut body = Reader::new(unseal(MAGIC, bytes)?);
    let counting = body.compressed()?;
    let details = body.compressed_bytes()?;
    body.finish()?;
    let mut reader = Reader::new(&counting);
    let name_count = reader.count()?;
    let words = read_texts(&mut reader)?;
    let sizes = Sizes {
        words: words.len(),
        names: name_count,
    };
    let licenses = read_licenses(&mut reader, sizes)?;
    let mut transactions = read_transactions(&mut reader, sizes)?;
    let count = reader.count()?;
    let dates = reader.column(count)?;
    let users = reader.column(count)?;
    reader.finish()?;
    let mut first = 0u32;
    for row in &mut transactions {
        row.additions = first;
        first = first
            .checked_add(row.addition_count)
            .ok_or(SnapshotError::Damaged)?;
    }
    if first as usize != count {
        return Err(SnapshotError::Damaged);
    }
    let additions = dates.into_iter().zip(users);
    let additions = additions
        .map(|(date, users)| Addition {
            date: day_of(date),
            users,
        })
        .collect();
    let mut rows = Rows {
        words,
        names: Texts::unread(name_count),
        licenses,
        transactions,
        additions,
    };
    if depth == Depth::Everything {
        read_details(&mut rows, &details.read()?)?;
    }
    Ok(rows)
}

fn read_details(rows: &mut Rows, bytes: &[u8]) -> Result<(), SnapshotError> {
    let mut reader = Reader::new(bytes);
    let names = read_texts(&mut reader)?;
    if names.len() != rows.names.len() {
        return Err(SnapshotError::Damaged);
    }
    let (words, licenses) = (rows.words.len(), rows.licenses.len());
    let companies = texts(&mut reader, licenses, names.len())?;
    let countries = texts(&mut reader, licenses, words)?;
    for (row, (company, country)) in rows
        .licenses
        .iter_mut()
        .zip(companies.iter().zip(countries))
    {
        (row.company, row.country) = (Text(*company), Text(country));
    }
    let transactions = rows.transactions.len();
    let companies = texts(&mut reader, transactions, names.len())?;
    let countries = texts(&mut reader, transactions, words)?;
    let both = companies.iter().zip(countries);
    for (row, (company, country)) in rows.transactions.iter_mut().zip(both) {
        (row.company, row.country) = (Text(*company), Text(country));
    }
    reader.finish()?;
    rows.names = names;
    Ok(())
}

#[cfg(test)]
mod tests;
