//! A sync: everything of a vendor is read, or nothing; what was read becomes a snapshot.
//!
//! One caller syncs, others that ask meanwhile wait and take what it found. A sync that fails leaves the snapshot
//! before it in place, and tells beside it why it failed.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use gadget_api::{Error, ErrorKind, Lease, LogLevel, Refreshed, Services, StepState};

pub use self::shelf::Outcome;
pub(crate) use self::shelf::{Place, Shelf, not_there};
use self::{
    collect::Collector,
    progress::{Stage, Teller},
};
use crate::{
    client::{Client, is_final},
    snapshot::Snapshot,
    wire::App,
};

mod collect;
mod progress;
mod shelf;

/// How often a caller that waits looks whether the other is done.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How much longer than its call a lease may live, for a host that crashed.
const LEASE_SLACK: Duration = Duration::from_secs(30);
const LONGEST_LEASE: Duration = Duration::from_secs(2 * 60 * 60);

/// Reads everything of a vendor into a new snapshot and returns its name.
///
/// If that fails and an earlier snapshot is there, the answer names that one, together with why it is not newer.
///
/// # Errors
///
/// Returns why nothing could be read, where there is no earlier snapshot:
///
/// - [`ErrorKind::Credentials`], [`ErrorKind::Rights`] when Atlassian refuses the account.
/// - [`ErrorKind::Datasource`], [`ErrorKind::Network`] when there is no usable answer.
/// - [`ErrorKind::Cancelled`], [`ErrorKind::TimedOut`].
pub fn sync(
    services: &dyn Services,
    vendor: &str,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> Result<Refreshed, Error> {
    let shelf = Shelf::of(services, vendor)?;
    let before = shelf.places()?.first().copied();
    let result = wait_for_lease(services, &shelf).and_then(|_lease| {
        if let Some(found) = found_meanwhile(&shelf, before)? {
            return Ok(found);
        }
        let previous = shelf.newest()?.map(|(_, snapshot)| snapshot);
        let snapshot = read(services, &shelf, vendor, previous, today, now)?;
        shelf
            .put(&snapshot)
            .map(|place| Refreshed::fresh(shelf.name(place)))
    });
    result.or_else(|error| stand_in(services, &shelf, now, error))
}

/// Asks the vendor's listing for its apps, sorted by key.
///
/// # Errors
///
/// The same as [`sync`].
pub fn list_apps(services: &dyn Services, vendor: &str) -> Result<Vec<App>, Error> {
    let client = Client::new(services);
    client.apps(&client.space(vendor)?)
}

/// Takes the lease of a shelf, as soon as nobody else has it.
fn wait_for_lease<'a>(services: &'a dyn Services, shelf: &Shelf<'_>) -> Result<Lease<'a>, Error> {
    let key = format!("sync/{}", shelf.key());
    let mut has_told = false;
    loop {
        services.check_in()?;
        let ttl = services
            .remaining()
            .saturating_add(LEASE_SLACK)
            .min(LONGEST_LEASE);
        if let Some(lease) = Lease::acquire(services, &key, ttl)? {
            return Ok(lease);
        }
        if !has_told {
            let mut teller = Teller::new(services, [0; 2]);
            teller.start(Stage::Access, "Waiting for another sync of the same data");
            has_told = true;
        }
        services.wait(LOOK_EVERY)?;
    }
}

/// Returns what another caller found after this one began.
fn found_meanwhile(shelf: &Shelf<'_>, before: Option<Place>) -> Result<Option<Refreshed>, Error> {
    let now = shelf.places()?.first().copied();
    let Some(place) = now.filter(|place| Some(*place) > before) else {
        return Ok(None);
    };
    let name = shelf.name(place);
    Ok(match shelf.outcome(place)? {
        None => Some(Refreshed::fresh(name)),
        // That other caller left, or had less time: it says nothing about the datasource.
        Some(outcome) if is_of_the_caller(&outcome.error) => None,
        Some(outcome) => Some(Refreshed::stale(name, outcome.error)),
    })
}

fn is_of_the_caller(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Cancelled | ErrorKind::TimedOut)
}

/// Reads everything of a vendor.
fn read(
    services: &dyn Services,
    shelf: &Shelf<'_>,
    vendor: &str,
    previous: Option<Snapshot>,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> Result<Snapshot, Error> {
    let expected = previous.as_ref().map_or([0; 2], |snapshot| {
        let rows = snapshot.rows();
        [rows.license_count() as u64, rows.transaction_count() as u64]
    });
    let mut teller = Teller::new(services, expected);
    let read = read_stages(services, shelf, vendor, previous, today, now, &mut teller);
    if let Err(error) = &read {
        teller.fail(error.message());
    }
    read
}

fn read_stages(
    services: &dyn Services,
    shelf: &Shelf<'_>,
    vendor: &str,
    previous: Option<Snapshot>,
    today: NaiveDate,
    now: DateTime<Utc>,
    teller: &mut Teller<'_>,
) -> Result<Snapshot, Error> {
    let client = Client::new(services);
    teller.start(Stage::Access, "Asking for the vendor");
    let space = client.space(vendor)?;
    teller.end(Stage::Access, StepState::Done, format!("vendor {vendor}"));
    teller.start(Stage::Licenses, "Asking for exports");
    let collector = Collector::start(services, &space)?;
    let apps = optional(services, client.apps(&space))?;
    let collected = collector.collect(teller)?;
    teller.start(Stage::Count, "Asking for Atlassian's count");
    let weekly_users = optional(services, client.weekly_users(&space, today))?;
    match &weekly_users {
        Ok(_) => teller.end(Stage::Count, StepState::Done, ""),
        Err(reason) => teller.end(Stage::Count, StepState::Warned, reason),
    }
    let mut rows = collected.rows;
    let restated = previous.map_or(0, |previous| rows.carry_over(previous.rows()));
    Ok(Snapshot {
        key: shelf.key().to_owned(),
        as_of: now,
        apps,
        no_transactions: collected.no_transactions,
        weekly_users,
        restated,
        rows,
    })
}

/// Turns an error into a reason, where the sync goes on without the answer.
fn optional<T>(
    services: &dyn Services,
    answer: Result<T, Error>,
) -> Result<Result<T, String>, Error> {
    match answer {
        Ok(value) => Ok(Ok(value)),
        // Rights differ from resource to resource; whoever leaves, or is refused, is so for all of them.
        Err(error) if error.kind() != ErrorKind::Rights && is_final(&error, services) => Err(error),
        Err(error) => {
            services.log(LogLevel::Warn, &error.to_string());
            Ok(Err(error.message().to_owned()))
        }
    }
}

/// Lets the newest snapshot stand in for the one that could not be read, and stores why.
fn stand_in(
    services: &dyn Services,
    shelf: &Shelf<'_>,
    now: DateTime<Utc>,
    error: Error,
) -> Result<Refreshed, Error> {
    let outcome = Outcome { at: now, error };
    let stored = shelf.newest().and_then(|newest| {
        newest
            .map(|(place, _)| shelf.put_outcome(place, &outcome))
            .transpose()
    });
    match stored {
        Ok(Some(place)) => Ok(Refreshed::stale(shelf.name(place), outcome.error)),
        Ok(None) => Err(outcome.error),
        Err(failed) => {
            services.log(
                LogLevel::Error,
                &format!("the outcome of a sync is not stored: {failed}"),
            );
            Err(outcome.error)
        }
    }
}

#[cfg(test)]
mod tests;
