//! Collects rows while lists are read, in little memory.
//!
//! Rows are sorted into lanes by app. A lane keeps its newest rows as they are, and the others in compressed chunks.

use gadget_api::{Error, ErrorKind};

use super::links::Links;
use crate::{
    apps::AppNames,
    day::Day,
    digest::digest,
    rows::Rows,
    snapshot::{
        SnapshotError,
        part::{self, Depth},
    },
    texts::Text,
    wire::{Candidate, Place, RecordError, RecordTexts, Records, SentRecord, UnsortedRows},
};

/// How many lanes there are. Stored parts are of one lane each, so this is a part of their format.
pub(super) const LANES: u8 = 16;
/// How many rows a lane collects before it compresses them, and about how many a part has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    pub(super) chunk_rows: usize,
    pub(super) part_rows: usize,
}

impl Default for Sizes {
    fn default() -> Self {
        Self {
            chunk_rows: 4_096,
            part_rows: 100_000,
        }
    }
}

/// How many bytes of record texts are kept; beyond that, reading records again is cheaper.
const TEXT_BUDGET_BYTES: usize = 4 << 20;

/// Rows of all lists, by lane.
pub(super) struct Lanes {
    sizes: Sizes,
    lanes: Vec<Lane>,
    names: AppNames,
    texts: RecordTexts,
    licenses_seen: usize,
    transactions_seen: usize,
    newest_update: Option<Day>,
}

/// Rows of some apps.
#[derive(Default)]
pub(super) struct Lane {
    open: UnsortedRows,
    chunks: Vec<Vec<u8>>,
    links: Links,
    /// How many rows it holds.
    rows: usize,
    /// How many parts its rows make; 0 while rows are added.
    part_count: usize,
    /// For each row, the number of the part that it belongs to; nothing while rows are added.
    ///
    /// Rows are numbered as they came. Lists of licenses come first, so that this is also the order in each chunk.
    places: Vec<u16>,
}

impl Lanes {
    pub(super) fn new(sizes: Sizes) -> Self {
        Self {
            sizes,
            lanes: (0..LANES).map(|_| Lane::default()).collect(),
            names: AppNames::default(),
            texts: RecordTexts::new(TEXT_BUDGET_BYTES),
            licenses_seen: 0,
            transactions_seen: 0,
            newest_update: None,
        }
    }

    /// Adds one license record if its row is wanted.
    pub(super) fn push_license_if(
        &mut self,
        record: SentRecord<'_>,
        is_wanted: impl FnOnce(&Candidate<'_>) -> bool,
    ) -> Result<(), RecordError> {
        let place = Place::new(Records::Licenses, &mut self.licenses_seen);
        let lanes = &mut self.lanes;
        let (lane, pushed) = record.license(place, |license| {
            let lane = &mut lanes[lane_of(license.app_key())];
            let pushed = lane.open.push_license(license, is_wanted);
            (lane, pushed)
        })?;
        if pushed.ok_or_else(|| place.full())? {
            self.texts.push(Records::Licenses, record.bytes());
            let rows = lane.open.rows();
            if let Some(row) = rows.licenses.last() {
                lane.links.add(rows, row.app, row.ids, Text::default());
                self.newest_update = self.newest_update.max(row.last_updated);
            }
            lane.count_row(self.sizes, &mut self.names);
        }
        Ok(())
    }

    /// Adds one transaction record.
    pub(super) fn push_transaction(&mut self, record: SentRecord<'_>) -> Result<(), RecordError> {
        let place = Place::new(Records::Transactions, &mut self.transactions_seen);
        let lanes = &mut self.lanes;
        let (lane, pushed) = record.transaction(place, |transaction| {
            let lane = &mut lanes[lane_of(transaction.app_key())];
            let pushed = lane.open.push_transaction(transaction);
            (lane, pushed)
        })?;
        pushed.ok_or_else(|| place.full())?;
        self.texts.push(Records::Transactions, record.bytes());
        let rows = lane.open.rows();
        if let Some(row) = rows.transactions.last() {
            lane.links.add(rows, row.app, row.ids, row.line_item);
            self.newest_update = self.newest_update.max(row.last_updated);
        }
        lane.count_row(self.sizes, &mut self.names);
        Ok(())
    }

    /// Returns the day of the newest update of a row.
    pub(super) fn newest_update(&self) -> Option<Day> {
        self.newest_update
    }

    /// Returns the lanes, the names of all apps, and the texts of records, as far as they were kept.
    pub(super) fn finish(self) -> (Vec<Lane>, AppNames, RecordTexts) {
        let Self {
            sizes,
            mut lanes,
            mut names,
            texts,
            ..
        } = self;
        for lane in &mut lanes {
            lane.open.add_app_names(&mut names);
            lane.part_count = lane.rows.div_ceil(sizes.part_rows);
            lane.places = std::mem::take(&mut lane.links).places(lane.part_count);
        }
        (lanes, names, texts)
    }
}

/// Returns the lane of an app.
pub(super) fn lane_of(app: &str) -> usize {
    let digest = digest(app.as_bytes());
    usize::try_from(digest % u128::from(LANES)).unwrap_or_default()
}

impl Lane {
    /// Counts a row that was added, and compresses the rows if there are many.
    fn count_row(&mut self, sizes: Sizes, names: &mut AppNames) {
        self.rows += 1;
        if self.open.len() < sizes.chunk_rows {
            return;
        }
        let full = std::mem::take(&mut self.open);
        full.add_app_names(names);
        self.chunks.push(part::encode(full.rows()));
    }

    /// Returns how many parts its rows make.
    pub(super) fn part_count(&self) -> usize {
        self.part_count
    }

    /// Returns the number of the part of each row, in the order in which rows are handed over.
    pub(super) fn places(&self) -> &[u16] {
        &self.places
    }

    /// Hands over all rows, chunk by chunk, in the same order each time.
    pub(super) fn each_chunk(
        &self,
        mut take: impl FnMut(&Rows) -> Result<(), Error>,
    ) -> Result<(), Error> {
        for chunk in &self.chunks {
            take(&part::decode(chunk, Depth::Everything).map_err(|error| unreadable(&error))?)?;
        }
        take(self.open.rows())
    }
}

fn unreadable(error: &SnapshotError) -> Error {
    let message = format!("failed to read rows that were put aside: {error}");
    Error::new(ErrorKind::Internal, message)
}
