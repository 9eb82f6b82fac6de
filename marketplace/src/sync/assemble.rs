//! Stores the parts of a new snapshot, one after another, and counts them.

use gadget_api::{Error, LogLevel, Services};

use crate::{
    count::{Rules, Totals},
    day::Day,
    recent::RecentRows,
    rows::{Rows, merge::Appender},
    snapshot::{Part, Snapshot, part::Depth},
    store::SnapshotStore,
    texts::Text,
};

/// What is stored of a new snapshot so far.
pub(super) struct Assembler<'a> {
    services: &'a dyn Services,
    store: &'a SnapshotStore<'a>,
    previous: Option<&'a Snapshot>,
    rules: Rules,
    pub(super) parts: Vec<Part>,
    today: Day,
    counted: Vec<Totals>,
    /// How many rows changed since the previous snapshot.
    pub(super) restated: u64,
    pub(super) recent: RecentRows,
}

impl<'a> Assembler<'a> {
    pub(super) fn new(
        services: &'a dyn Services,
        store: &'a SnapshotStore<'a>,
        previous: Option<&'a Snapshot>,
        today: Day,
    ) -> Self {
        Self {
            services,
            store,
            previous,
            rules: Rules::default(),
            parts: Vec::new(),
            today,
            counted: Vec::new(),
            restated: 0,
            recent: RecentRows::default(),
        }
    }

    /// Prepares for rows of which the newest was updated on a day.
    pub(super) fn expect_newest(&mut self, newest: Option<Day>) {
        self.recent = RecentRows::new(newest, self.today);
    }

    /// Stores sorted rows of a lane.
    pub(super) fn add(&mut self, lane: u8, mut rows: Rows) -> Result<(), Error> {
        if let Some(previous) = self.previous {
            match self.former(previous, lane, &rows) {
                Ok(former) => self.restated += rows.detect_restatements(&former),
                Err(error) => {
                    let line = format!("changed rows are not counted: {error}");
                    self.services.log(LogLevel::Warn, &line);
                }
            }
        }
        self.counted
            .push(Totals::of(&rows, &self.rules, self.today));
        self.recent.add(&rows);
        let part = self.store.put_part(lane, &rows)?;
        self.parts.push(part);
        self.services.check_in()
    }

    /// Returns the totals of all parts.
    pub(super) fn totals(&mut self) -> Totals {
        Totals::sum(self.today, std::mem::take(&mut self.counted))
    }

    /// Returns the rows of the previous snapshot that have an id in common with these.
    fn former(&self, previous: &Snapshot, lane: u8, rows: &Rows) -> Result<Rows, Error> {
        let mut found = Rows::new();
        for part in previous.parts.iter().filter(|part| part.lane == lane) {
            let former = self.store.part(part, Depth::Everything)?;
            let is_there: Vec<bool> = former
                .names
                .iter()
                .map(|name| !name.is_empty() && rows.names.lookup(name).is_some())
                .collect();
            let is_there = |name: Text| is_there[name.index()];
            let mut appender = Appender::new(&former, &mut found);
            for row in &former.licenses {
                if row.ids.iter().any(is_there) {
                    appender.license(row);
                }
            }
            for row in &former.transactions {
                if row.ids.iter().any(is_there) || is_there(row.line_item) {
                    appender.transaction(row);
                }
            }
        }
        Ok(found)
    }
}
