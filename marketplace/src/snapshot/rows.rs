//! The stored form of rows, in columns.

use super::codec::{Reader, SnapshotError, Writer};
use crate::{
    day::Day,
    rows::{Addition, Ids, LicenseRow, Rows, TransactionRow},
    texts::{Text, Texts},
};

/// Returns the stored number of a day; 0 if it is missing.
fn number_of(day: Option<Day>) -> u32 {
    day.map_or(0, |day| day.number().unsigned_abs())
}

fn day_of(number: u32) -> Option<Day> {
    (number > 0).then(|| Day::of_number(i32::try_from(number).unwrap_or(i32::MAX)))
}

/// Declares how the columns of a row are written and read, in stored order.
macro_rules! columns {
    ($row:ident, $write:ident, $read:ident: words $($word:ident)*; names $($name:ident)*; days $($day:ident)*; numbers $($number:ident)*) => {
        fn $write(writer: &mut Writer, rows: &[$row]) {
            writer.number(rows.len() as u64);
            $(writer.column(rows.iter().map(|row| row.$word.0));)*
            $(writer.column(rows.iter().map(|row| row.$name.0));)*
            writer.column(rows.iter().map(|row| row.ids.entitlement_number.0));
            writer.column(rows.iter().map(|row| row.ids.entitlement.0));
            writer.column(rows.iter().map(|row| row.ids.license.0));
            writer.column(rows.iter().map(|row| row.ids.addon_license.0));
            $(writer.column(rows.iter().map(|row| number_of(row.$day)));)*
            $(writer.column(rows.iter().map(|row| row.$number));)*
        }

        fn $read(reader: &mut Reader<'_>, words: &Texts, names: &Texts) -> Result<Vec<$row>, SnapshotError> {
            let count = reader.count()?;
            $(let $word = texts(reader, count, words)?;)*
            $(let $name = texts(reader, count, names)?;)*
            let ids = [
                texts(reader, count, names)?,
                texts(reader, count, names)?,
                texts(reader, count, names)?,
                texts(reader, count, names)?,
            ];
            $(let $day = reader.column(count)?;)*
            $(let $number = reader.column(count)?;)*
            let row = |at: usize| $row {
                $($word: Text($word[at]),)*
                $($name: Text($name[at]),)*
                ids: Ids {
                    entitlement_number: Text(ids[0][at]),
                    entitlement: Text(ids[1][at]),
                    license: Text(ids[2][at]),
                    addon_license: Text(ids[3][at]),
                },
                $($day: day_of($day[at]),)*
                $($number: $number[at],)*
            };
            Ok((0..count).map(row).collect())
        }
    };
}

columns! {
    LicenseRow, write_licenses, read_licenses:
    words app hosting license_type tier evaluation_size status sandbox country;
    names company;
    days start end last_updated unchanged_since;
    numbers rank
}

columns! {
    TransactionRow, write_transactions, read_transactions:
    words app sale_type license_type hosting billing_period tier old_tier country sandbox;
    names transaction_id line_item original_id company;
    days sold start end last_updated;
    numbers additions addition_count rank
}

/// Reads a column of texts, which must be in the store.
fn texts(reader: &mut Reader<'_>, count: usize, store: &Texts) -> Result<Vec<u32>, SnapshotError> {
    let column = reader.column(count)?;
    let is_stored = |number: &u32| (*number as usize) < store.len();
    if !column.iter().all(is_stored) {
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
    let joined = reader.text()?;
    let lengths = reader.column(count)?;
    Texts::from_parts(joined, &lengths).ok_or(SnapshotError::Damaged)
}

pub(super) fn write(writer: &mut Writer, rows: &Rows) {
    write_texts(writer, &rows.words);
    write_texts(writer, &rows.names);
    writer.number(rows.apps.len() as u64);
    writer.column(rows.apps.keys().map(|key| key.0));
    writer.column(rows.apps.values().map(|name| name.0));
    write_licenses(writer, &rows.licenses);
    write_transactions(writer, &rows.transactions);
    writer.number(rows.additions.len() as u64);
    writer.column(
        rows.additions
            .iter()
            .map(|addition| number_of(addition.date)),
    );
    writer.column(rows.additions.iter().map(|addition| addition.users));
}

pub(super) fn read(reader: &mut Reader<'_>) -> Result<Rows, SnapshotError> {
    let words = read_texts(reader)?;
    let names = read_texts(reader)?;
    let count = reader.count()?;
    let keys = texts(reader, count, &words)?;
    let values = texts(reader, count, &words)?;
    let apps = keys
        .into_iter()
        .map(Text)
        .zip(values.into_iter().map(Text))
        .collect();
    let licenses = read_licenses(reader, &words, &names)?;
    let transactions = read_transactions(reader, &words, &names)?;
    let count = reader.count()?;
    let dates = reader.column(count)?;
    let users = reader.column(count)?;
    let additions = dates.into_iter().zip(users);
    let additions = additions
        .map(|(date, users)| Addition {
            date: day_of(date),
            users,
        })
        .collect();
    Ok(Rows {
        words,
        names,
        apps,
        licenses,
        transactions,
        additions,
    })
}
