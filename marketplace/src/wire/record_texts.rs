//! The JSON texts of records, kept while they take little memory.

use super::canonical::write_canonical;
use super::envelope::Records;
use super::tie_breaker::TieTexts;

/// The texts of all records so far; nothing once they took too much memory.
#[derive(Debug)]
pub(crate) struct RecordTexts {
    budget_bytes: usize,
    bytes: Vec<u8>,
    /// The list and the end of each text.
    ends: Vec<(Records, usize)>,
    is_over: bool,
}

impl RecordTexts {
    pub(crate) fn new(budget_bytes: usize) -> Self {
        Self {
            budget_bytes,
            bytes: Vec::new(),
            ends: Vec::new(),
            is_over: false,
        }
    }

    pub(crate) fn push(&mut self, list: Records, record: &[u8]) {
        if self.is_over {
            return;
        }
        if self.bytes.len() + record.len() > self.budget_bytes {
            self.is_over = true;
            (self.bytes, self.ends) = (Vec::new(), Vec::new());
            return;
        }
        self.bytes.extend_from_slice(record);
        self.ends.push((list, self.bytes.len()));
    }

    /// Shows all texts that were kept.
    pub(crate) fn show(&self, ties: &mut TieTexts) {
        if !ties.needs_records() {
            return;
        }
        let mut from = 0;
        for (list, end) in &self.ends {
            ties.add(*list, &self.bytes[from..*end]);
            from = *end;
        }
    }
}

/// Returns the canonical text of a record, or the text as sent if it is nested too deep.
pub(super) fn canonical(record: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(record.len());
    if write_canonical(record, &mut text).is_err() {
        text.clear();
        text.extend_from_slice(record);
    }
    text
}
