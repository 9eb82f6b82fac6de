//! Measures how fast records are read: `record_reading licenses FILE` or `record_reading transactions FILE`.
//!
//! The file holds the JSON array of an export. Each line says how many CPU seconds one way took, for the file and for a
//! million records: splitting into records alone, splitting and then serde_json, and the scanner.

#[expect(
    dead_code,
    unreachable_pub,
    reason = "the module is compiled as it is, and not all of it is used here"
)]
#[path = "../src/wire"]
mod wire {
    pub(crate) mod array;
    pub(crate) mod block;
    pub(crate) mod lenient;
    pub(crate) mod piece_text;
    pub(crate) mod record;
    pub(crate) mod scan;

    use std::hint::black_box;

    use array::{ArrayError, ArraySplitter};
    use piece_text::PieceText;
    use scan::{Scan, scan};

    /// Reads an array that comes in pieces, and returns how many records were read.
    pub(crate) type Way = fn(&[&[u8]]) -> Result<usize, ArrayError>;

    /// Returns the ways that are compared, with their names, for an export of this name.
    pub(crate) fn ways(list: &str) -> Option<[(&'static str, Way); 3]> {
        match list {
            "licenses" => Some(ways_of::<Licenses>()),
            "transactions" => Some(ways_of::<Transactions>()),
            _ => None,
        }
    }

    fn ways_of<R: Records>() -> [(&'static str, Way); 3] {
        [
            ("split", split),
            ("split, serde_json", parse::<R>),
            ("scanner", read::<R>),
        ]
    }

    /// Splits an array that comes in pieces, and returns how many records it has.
    pub(crate) fn split(pieces: &[&[u8]]) -> Result<usize, ArrayError> {
        let mut splitter = ArraySplitter::new();
        for piece in pieces {
            splitter.feed(piece, &mut |record: &[u8]| {
                black_box(record);
                Ok::<(), ArrayError>(())
            })?;
        }
        splitter.finish()
    }

    /// Splits an array and parses each record with serde_json; returns how many records were parsed.
    fn parse<R: Records>(pieces: &[&[u8]]) -> Result<usize, ArrayError> {
        let mut splitter = ArraySplitter::new();
        let mut parsed = 0;
        for piece in pieces {
            splitter.feed(piece, &mut |record: &[u8]| {
                parsed += usize::from(
                    serde_json::from_slice::<R::Record<'_>>(record)
                        .map(black_box)
                        .is_ok(),
                );
                Ok::<(), ArrayError>(())
            })?;
        }
        splitter.finish().map(|_| parsed)
    }

    /// Reads an array in one pass; returns how many records were read so.
    fn read<R: Records>(pieces: &[&[u8]]) -> Result<usize, ArrayError> {
        let mut splitter = ArraySplitter::new();
        let mut read = 0;
        for piece in pieces {
            let mut text = PieceText::new(piece);
            splitter.feed_objects(
                piece,
                |at, record| scan(text.starting_at(at)?, record),
                &mut |_, record: Option<&R::Record<'_>>| {
                    read += usize::from(black_box(record).is_some());
                    Ok::<(), ArrayError>(())
                },
            )?;
        }
        splitter.finish().map(|_| read)
    }

    /// What an export lists.
    trait Records {
        /// One record.
        type Record<'a>: Scan<'a> + serde::Deserialize<'a>;
    }

    /// An export of licenses.
    struct Licenses;

    /// An export of transactions.
    struct Transactions;

    impl Records for Licenses {
        type Record<'a> = record::License<'a>;
    }

    impl Records for Transactions {
        type Record<'a> = record::Transaction<'a>;
    }
}

use std::{error::Error, fs, io::Write};

/// The size of the pieces that a body arrives in.
const PIECE_BYTES: usize = 256 * 1024;
/// How often each way is measured; the fastest run counts.
const RUNS: usize = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let list = arguments.next().unwrap_or_default();
    let ways = wire::ways(&list).ok_or("expected `licenses` or `transactions`, and a file")?;
    let bytes = fs::read(arguments.next().ok_or("expected a file")?)?;
    let pieces: Vec<&[u8]> = bytes.chunks(PIECE_BYTES).collect();
    let records = wire::split(&pieces)?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{records} records in {} bytes", bytes.len())?;
    for (name, way) in ways {
        let mut best = f64::INFINITY;
        let mut read = 0;
        for _ in 0..RUNS {
            let before = cpu_seconds()?;
            read = way(&pieces)?;
            best = best.min(cpu_seconds()? - before);
        }
        let for_a_million = best * 1e6 / records.max(1) as f64;
        writeln!(
            out,
            "{name}: {best:.3} s, {for_a_million:.2} s for a million records, {read} read"
        )?;
    }
    Ok(())
}

/// Returns how long this thread has run, by the kernel's count of nanoseconds.
fn cpu_seconds() -> Result<f64, Box<dyn Error>> {
    let statistics = fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds: f64 = statistics.split(' ').next().ok_or("no count")?.parse()?;
    Ok(nanoseconds / 1e9)
}
