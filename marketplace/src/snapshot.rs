//! A snapshot: what was read from the Marketplace at one time, and its form as bytes.
//!
//! Its head has what the sync found out and the totals; its rows, without contacts, are in parts beside it. Bytes that are cut, changed or of another
//! version are an error, never a wrong snapshot.

use chrono::{DateTime, Utc};

pub use self::codec::SnapshotError;
use self::codec::{Reader, Writer, seal, unseal};
use crate::{
    apps::{App, WeeklyUsers},
    count::Totals,
    day::Day,
    recent::RecentRows,
};

mod codec;
pub(crate) mod part;

const MAGIC: &[u8; 8] = b"mktplace";

/// What was read from the Marketplace at one time.
///
/// The rows are stored beside it, in parts. Each part holds whole licenses, so that the totals of all parts add up.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// A digest of address, vendor and account.
    pub(crate) key: String,
    /// When the sync began.
    pub(crate) as_of: DateTime<Utc>,
    /// The apps of the vendor, or why the listing could not be read.
    pub(crate) apps: Result<Vec<App>, String>,
    /// The apps that have rows; a name may be empty.
    pub(crate) row_apps: Vec<App>,
    /// Why transactions could not be read, if so.
    pub(crate) no_transactions: Option<String>,
    /// Atlassian's own count by app and week, or why it could not be read.
    pub(crate) weekly_users: Result<Vec<WeeklyUsers>, String>,
    /// How many rows changed since the previous sync.
    pub(crate) restated: u64,
    pub(crate) parts: Vec<Part>,
    /// The count of all apps by the default rules, as of the day of the sync.
    pub(crate) totals: Totals,
    pub(crate) recent: RecentRows,
}

/// Where a part of the rows is stored, and what it holds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Part {
    /// The digest of its bytes, which names it.
    pub(crate) digest: u128,
    /// Apps of one lane are in the parts of that lane.
    pub(crate) lane: u8,
    pub(crate) bytes: u64,
    pub(crate) licenses: u32,
    pub(crate) transactions: u32,
    /// The keys of the apps that have rows in it.
    pub(crate) apps: Vec<String>,
}

impl Snapshot {
    /// Returns when the sync began.
    #[must_use]
    pub fn as_of(&self) -> DateTime<Utc> {
        self.as_of
    }

    /// Returns the number of license rows and of transaction rows.
    #[must_use]
    pub fn row_counts(&self) -> [u64; 2] {
        self.parts
            .iter()
            .fold([0; 2], |[licenses, transactions], part| {
                [
                    licenses + u64::from(part.licenses),
                    transactions + u64::from(part.transactions),
                ]
            })
    }

    /// Returns about how much memory it takes.
    pub(crate) fn memory_bytes(&self) -> usize {
        let apps: usize = self.parts.iter().map(|part| part.apps.len()).sum();
        self.totals.bytes() + apps * 64 + self.parts.len() * size_of::<Part>()
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
        for App { key, name } in &self.row_apps {
            if !key.is_empty() && !apps.iter().any(|app| app.key == *key) {
                let name = if name.is_empty() { key } else { name };
                apps.push(App {
                    key: key.clone(),
                    name: name.clone(),
                });
            }
        }
        apps.sort_unstable();
        apps
    }

    /// Tells whether an app has rows.
    #[must_use]
    pub fn has_rows_of(&self, app: &str) -> bool {
        self.row_apps.iter().any(|known| known.key == app)
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
        outcome(&mut body, &self.apps, write_app);
        body.byte(u8::from(self.no_transactions.is_some()));
        body.text(self.no_transactions.as_deref().unwrap_or_default());
        outcome(&mut body, &self.weekly_users, |writer, week| {
            writer.text(&week.app);
            writer.number(u64::from(week.week.number().unsigned_abs()));
            writer.number(week.users);
        });
        body.number(self.restated);
        write_apps(&mut body, &self.row_apps);
        body.number(self.parts.len() as u64);
        for part in &self.parts {
            body.number128(part.digest);
            body.byte(part.lane);
            body.number(part.bytes);
            body.number(u64::from(part.licenses));
            body.number(u64::from(part.transactions));
            body.number(part.apps.len() as u64);
            part.apps.iter().for_each(|app| body.text(app));
        }
        body.compressed(&self.totals.encode());
        body.number(u64::from(
            self.recent
                .since
                .map_or(0, |day| day.number().unsigned_abs()),
        ));
        body.number(self.recent.digests.len() as u64);
        self.recent
            .digests
            .iter()
            .for_each(|digest| body.number(*digest));
        seal(MAGIC, &body.into_bytes())
    }

    /// Reads a snapshot.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, SnapshotError> {
        let mut reader = Reader::new(unseal(MAGIC, bytes)?);
        let key = reader.text()?.to_owned();
        let as_of = i64::try_from(reader.number()?).ok();
        let as_of = as_of.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
        let apps = read_outcome(&mut reader, read_app)?;
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
        let row_apps = read_apps(&mut reader)?;
        let count = reader.count()?;
        let parts: Result<Vec<Part>, _> = (0..count).map(|_| read_part(&mut reader)).collect();
        let totals = Totals::decode(&reader.compressed()?).ok_or(SnapshotError::Damaged)?;
        let since = i32::try_from(reader.number()?).map_err(|_| SnapshotError::Damaged)?;
        let count = reader.count()?;
        let digests: Result<Vec<u64>, _> = (0..count).map(|_| reader.number()).collect();
        reader.finish()?;
        Ok(Self {
            key,
            as_of: as_of.ok_or(SnapshotError::Damaged)?,
            apps,
            no_transactions: is_forbidden.then_some(reason),
            weekly_users,
            restated,
            row_apps,
            parts: parts?,
            totals,
            recent: RecentRows {
                since: (since > 0).then(|| Day::of_number(since)),
                digests: digests?,
            },
        })
    }
}

fn write_app(writer: &mut Writer, app: &App) {
    writer.text(&app.key);
    writer.text(&app.name);
}

fn read_app(reader: &mut Reader<'_>) -> Result<App, SnapshotError> {
    Ok(App {
        key: reader.text()?.to_owned(),
        name: reader.text()?.to_owned(),
    })
}

fn write_apps(writer: &mut Writer, apps: &[App]) {
    writer.number(apps.len() as u64);
    apps.iter().for_each(|app| write_app(writer, app));
}

fn read_apps(reader: &mut Reader<'_>) -> Result<Vec<App>, SnapshotError> {
    let count = reader.count()?;
    (0..count).map(|_| read_app(reader)).collect()
}

fn read_part(reader: &mut Reader<'_>) -> Result<Part, SnapshotError> {
    let count = |reader: &mut Reader<'_>| -> Result<u32, SnapshotError> {
        u32::try_from(reader.number()?).map_err(|_| SnapshotError::Damaged)
    };
    Ok(Part {
        digest: reader.number128()?,
        lane: reader.byte()?,
        bytes: reader.number()?,
        licenses: count(reader)?,
        transactions: count(reader)?,
        apps: {
            let count = reader.count()?;
            let apps: Result<_, _> = (0..count).map(|_| Ok(reader.text()?.to_owned())).collect();
            apps?
        },
    })
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
