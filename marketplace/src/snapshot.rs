//! A snapshot: what was read from the Marketplace at one time, and its form as bytes.
//!
//! It holds rows without contacts, and what the sync found out about them. Bytes that are cut, changed or of another
//! version are an error, never a wrong snapshot.

use chrono::{DateTime, Utc};

pub use self::codec::SnapshotError;
use self::codec::{Reader, Writer};
use crate::{
    apps::{App, WeeklyUsers},
    day::Day,
    digest::digest,
    rows::Rows,
};

mod codec;
mod rows;

const MAGIC: &[u8; 8] = b"mktplace";
/// The format that this version writes.
const FORMAT: u32 = 2;
/// Magic, format and digest come before the body.
const HEADER_BYTES: usize = 28;

/// What was read from the Marketplace at one time.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// A digest of address, vendor and account.
    pub(crate) key: String,
    /// When the sync began.
    pub(crate) as_of: DateTime<Utc>,
    /// The apps of the vendor, or why the listing could not be read.
    pub(crate) apps: Result<Vec<App>, String>,
    /// Why transactions could not be read, if so.
    pub(crate) no_transactions: Option<String>,
    /// Atlassian's own count by app and week, or why it could not be read.
    pub(crate) weekly_users: Result<Vec<WeeklyUsers>, String>,
    /// How many rows changed since the previous sync.
    pub(crate) restated: u64,
    pub(crate) rows: Rows,
}

impl Snapshot {
    /// Returns when the sync began.
    #[must_use]
    pub fn as_of(&self) -> DateTime<Utc> {
        self.as_of
    }

    /// Returns the rows.
    #[must_use]
    pub fn rows(&self) -> &Rows {
        &self.rows
    }

    /// Returns why transactions could not be read, if so.
    #[must_use]
    pub fn no_transactions(&self) -> Option<&str> {
        self.no_transactions.as_deref()
    }

    /// Returns how many rows changed since the previous sync.
    #[must_use]
    pub fn restated(&self) -> u64 {
        self.restated
    }

    /// Returns the known apps by key: those of the listing, and those that have rows.
    #[must_use]
    pub fn apps(&self) -> Vec<App> {
        let listed = self.apps.iter().flatten().cloned();
        let mut apps: Vec<App> = listed.collect();
        for (key, name) in self.rows.apps() {
            if !key.is_empty() && !apps.iter().any(|app| app.key == key) {
                let name = if name.is_empty() { key } else { name };
                apps.push(App {
                    key: key.to_owned(),
                    name: name.to_owned(),
                });
            }
        }
        apps.sort_unstable();
        apps
    }

    /// Tells whether the listing of the vendor could be read.
    #[must_use]
    pub fn has_listing(&self) -> bool {
        self.apps.is_ok()
    }

    /// Returns Atlassian's count of an app in the last known week, and in the week before.
    ///
    /// # Errors
    ///
    /// Returns why there is no count.
    pub fn weekly_users(&self, app: &str) -> Result<(&WeeklyUsers, Option<&WeeklyUsers>), &str> {
        let weeks = self
            .weekly_users
            .as_deref()
            .map_err(|reason| reason.as_str())?;
        let mut of_app = weeks.iter().filter(|week| week.app == app).rev();
        let last = of_app
            .next()
            .ok_or("Atlassian's metrics have no numbers for this app")?;
        let before = of_app.next().filter(|week| week.week == last.week.plus(-7));
        Ok((last, before))
    }

    /// Returns Atlassian's count of all apps together in the last known week, and in the week before.
    ///
    /// An app without a number for a week adds nothing to it.
    ///
    /// # Errors
    ///
    /// Returns why there is no count.
    pub fn weekly_users_of_all_apps(&self) -> Result<(WeeklyUsers, Option<WeeklyUsers>), &str> {
        let weeks = self
            .weekly_users
            .as_deref()
            .map_err(|reason| reason.as_str())?;
        let sum = |week: Day| {
            let of_week = || weeks.iter().filter(|each| each.week == week);
            of_week().next()?;
            Some(WeeklyUsers {
                app: String::new(),
                week,
                users: of_week().fold(0, |sum: u64, each| sum.saturating_add(each.users)),
            })
        };
        let last = weeks.iter().map(|each| each.week).max();
        let last = last
            .and_then(sum)
            .ok_or("Atlassian's metrics have no numbers for this vendor")?;
        let before = sum(last.week.plus(-7));
        Ok((last, before))
    }

    /// Returns the snapshot as bytes.
    #[must_use]
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut body = Writer::default();
        body.text(&self.key);
        body.number(self.as_of.timestamp().unsigned_abs());
        outcome(&mut body, &self.apps, |writer, app| {
            writer.text(&app.key);
            writer.text(&app.name);
        });
        body.byte(u8::from(self.no_transactions.is_some()));
        body.text(self.no_transactions.as_deref().unwrap_or_default());
        outcome(&mut body, &self.weekly_users, |writer, week| {
            writer.text(&week.app);
            writer.number(u64::from(week.week.number().unsigned_abs()));
            writer.number(week.users);
        });
        body.number(self.restated);
        rows::write(&mut body, &self.rows);
        let body = body.into_bytes();
        let mut bytes = Vec::with_capacity(HEADER_BYTES + body.len());
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&FORMAT.to_le_bytes());
        bytes.extend_from_slice(&digest(&body).to_le_bytes());
        bytes.extend_from_slice(&body);
        bytes
    }

    /// Reads a snapshot.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, SnapshotError> {
        let mut reader = Reader::new(bytes);
        if reader.take(MAGIC.len()) != Ok(MAGIC) {
            return Err(SnapshotError::Foreign);
        }
        let format = reader
            .take(4)?
            .first_chunk()
            .ok_or(SnapshotError::Damaged)?;
        match u32::from_le_bytes(*format) {
            FORMAT => {}
            found if found > FORMAT => {
                return Err(SnapshotError::Newer {
                    found,
                    known: FORMAT,
                });
            }
            found => return Err(SnapshotError::Older(found)),
        }
        if reader.take(16)? != digest(reader.rest()).to_le_bytes() {
            return Err(SnapshotError::Damaged);
        }
        let key = reader.text()?.to_owned();
        let as_of = i64::try_from(reader.number()?).ok();
        let as_of = as_of.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
        let apps = read_outcome(&mut reader, |reader| {
            Ok(App {
                key: reader.text()?.to_owned(),
                name: reader.text()?.to_owned(),
            })
        })?;
        let is_forbidden = reader.byte()? != 0;
        let reason = reader.text()?.to_owned();
        let weekly_users = read_outcome(&mut reader, |reader| {
            Ok(WeeklyUsers {
                app: reader.text()?.to_owned(),
                week: i32::try_from(reader.number()?)
                    .map(Day::of_number)
                    .map_err(|_| SnapshotError::Damaged)?,
                users: reader.number()?,
            })
        })?;
        let restated = reader.number()?;
        let rows = rows::read(&mut reader)?;
        reader.finish()?;
        Ok(Self {
            key,
            as_of: as_of.ok_or(SnapshotError::Damaged)?,
            apps,
            no_transactions: is_forbidden.then_some(reason),
            weekly_users,
            restated,
            rows,
        })
    }
}

/// Writes a list, or why there is none.
fn outcome<T>(writer: &mut Writer, list: &Result<Vec<T>, String>, write: impl Fn(&mut Writer, &T)) {
    match list {
        Ok(items) => {
            writer.byte(1);
            writer.number(items.len() as u64);
            items.iter().for_each(|item| write(writer, item));
        }
        Err(reason) => {
            writer.byte(0);
            writer.text(reason);
        }
    }
}

fn read_outcome<T>(
    reader: &mut Reader<'_>,
    read: impl Fn(&mut Reader<'_>) -> Result<T, SnapshotError>,
) -> Result<Result<Vec<T>, String>, SnapshotError> {
    match reader.byte()? {
        0 => Ok(Err(reader.text()?.to_owned())),
        1 => {
            let count = reader.count()?;
            let items: Result<Vec<T>, _> = (0..count).map(|_| read(reader)).collect();
            items.map(Ok)
        }
        _ => Err(SnapshotError::Damaged),
    }
}

#[cfg(test)]
mod tests;
