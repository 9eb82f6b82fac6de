//! Turns the rows of a lane into parts: whole licenses, sorted, of about the same size.

use gadget_api::{Error, ErrorKind};

use super::lanes::Lane;
use crate::rows::{Rows, merge::Appender};

/// How many parts are built at once; more need more memory, fewer read the rows of a large lane more often.
const PARTS_AT_ONCE: usize = 2;

/// Builds the parts of a lane, and hands over each of them unsorted.
pub(super) fn each_part(
    lane: &Lane,
    mut take: impl FnMut(Rows) -> Result<(), Error>,
) -> Result<(), Error> {
    let count = lane.part_count();
    let places = lane.places();
    for first in (0..count).step_by(PARTS_AT_ONCE) {
        let mut parts: Vec<Rows> = (first..count.min(first + PARTS_AT_ONCE))
            .map(|_| Rows::new())
            .collect();
        let mut from = 0;
        lane.each_chunk(|rows| {
            let of_chunk = &places[from..from + row_count(rows)];
            from += of_chunk.len();
            for (part, number) in parts.iter_mut().zip(first..) {
                append(rows, part, |row| usize::from(of_chunk[row]) == number)?;
            }
            Ok(())
        })?;
        for part in &mut parts {
            part.names.forget_index();
        }
        for part in parts {
            take(part)?;
        }
    }
    Ok(())
}

fn row_count(rows: &Rows) -> usize {
    rows.license_count() + rows.transaction_count()
}

/// Appends rows, which are numbered licenses first.
fn append(from: &Rows, to: &mut Rows, is_wanted: impl Fn(usize) -> bool) -> Result<(), Error> {
    let mut appender = Appender::new(from, to);
    let licenses = from.licenses.len();
    for (_, row) in from
        .licenses
        .iter()
        .enumerate()
        .filter(|(at, _)| is_wanted(*at))
    {
        appender.license(row).ok_or_else(too_much)?;
    }
    let transactions = from.transactions.iter().enumerate();
    for (_, row) in transactions.filter(|(at, _)| is_wanted(licenses + at)) {
        appender.transaction(row).ok_or_else(too_much)?;
    }
    Ok(())
}

fn too_much() -> Error {
    Error::new(
        ErrorKind::TooLarge,
        "the texts of the rows of one app take more than four gigabytes",
    )
}

#[cfg(test)]
mod tests;
