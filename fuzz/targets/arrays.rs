//! Arrays of records in two pieces: read in one pass or by serde_json, the records and the error are the same.
#![no_main]

#[expect(
    dead_code,
    reason = "the modules are compiled as they are, and not all of each is used here"
)]
#[path = "../../marketplace/src/wire"]
mod wire {
    pub(crate) mod array;
    pub(crate) mod block;
    pub(crate) mod lenient;
    pub(crate) mod piece_text;
    pub(crate) mod record;
    pub(crate) mod scan;

    use std::fmt::Debug;

    use array::{ArrayError, ArraySplitter};
    use piece_text::PieceText;
    use record::{License, Transaction};
    use scan::{Scan, scan, scan_record};
    use serde::Deserialize;

    /// The bytes of each record with what it says, and how the array ends.
    type Read = (Vec<(Vec<u8>, Option<String>)>, Result<usize, ArrayError>);

    fn parsed<'a, T: Deserialize<'a> + Debug>(record: &'a [u8]) -> Option<String> {
        let parsed: T = serde_json::from_slice(record).ok()?;
        record.starts_with(b"{").then(|| format!("{parsed:?}"))
    }

    fn read<T: Records>(pieces: [&[u8]; 2], mut reads: impl FnMut() -> bool) -> Read {
        let mut splitter = ArraySplitter::new();
        let mut records = Vec::new();
        let mut fed = Ok(());
        for piece in pieces {
            let mut text = PieceText::new(piece);
            fed = fed.and_then(|()| {
                splitter.feed_objects(
                    piece,
                    |at, record| {
                        let text = reads().then(|| text.starting_at(at))??;
                        scan(text, record)
                    },
                    &mut |bytes, record: Option<&T::Record<'_>>| {
                        let said = match record {
                            Some(record) => Some(format!("{record:?}")),
                            None => parsed::<T::Record<'_>>(bytes),
                        };
                        records.push((bytes.to_vec(), said));
                        Ok::<(), ArrayError>(())
                    },
                )
            });
        }
        (records, fed.and_then(|()| splitter.finish()))
    }

    /// Asserts that an array is read as serde_json reads it.
    fn check<T: Records>(array: &[u8], at: usize) {
        let (first, second) = array.split_at(at);
        let expected = read::<T>([array, b""], || false);
        assert_eq!(read::<T>([first, second], || true), expected);
        for (record, said) in expected.0 {
            let scanned = scan_record::<T::Record<'_>>(&record);
            assert!(scanned.is_none_or(|scanned| Some(format!("{scanned:?}")) == said));
        }
    }

    pub(crate) fn check_both(array: &[u8], at: usize) {
        check::<Licenses>(array, at);
        check::<Transactions>(array, at);
    }

    trait Records {
        type Record<'a>: Scan<'a> + Deserialize<'a> + Debug;
    }

    struct Licenses;

    struct Transactions;

    impl Records for Licenses {
        type Record<'a> = License<'a>;
    }

    impl Records for Transactions {
        type Record<'a> = Transaction<'a>;
    }
}

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u16, &[u8])| {
    let (at, array) = input;
    wire::check_both(array, usize::from(at).min(array.len()));
});
