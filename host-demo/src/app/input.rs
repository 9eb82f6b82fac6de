//! What a program reads that somebody named.

use std::{
    fs,
    io::{self, Read},
    path::Path,
};

use super::Failure;

/// Reads a file, or standard input where it is named `-`.
pub(crate) fn read(path: &Path, what: &str) -> Result<String, Failure> {
    /// Nobody writes more by hand.
    const MOST_BYTES: u64 = 1024 * 1024;
    let failed = |error: io::Error| {
        Failure::usage(format!(
            "failed to read the {what} `{}`: {error}",
            path.display()
        ))
    };
    let source: Box<dyn Read> = if path.as_os_str() == "-" {
        Box::new(io::stdin())
    } else {
        Box::new(fs::File::open(path).map_err(failed)?)
    };
    let mut text = String::new();
    source
        .take(MOST_BYTES + 1)
        .read_to_string(&mut text)
        .map_err(failed)?;
    if text.len() as u64 > MOST_BYTES {
        return Err(Failure::usage(format!(
            "the {what} `{}` is larger than 1 MiB",
            path.display()
        )));
    }
    Ok(text)
}
