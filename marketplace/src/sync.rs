//! Reads everything of a vendor into a new snapshot, or finds that nothing changed, or leaves the snapshot before it.
//!
//! One caller syncs; others that ask meanwhile wait and use its result. A failed sync keeps the last snapshot, and
//! stores beside it why it failed.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, SubsecRound, Utc};
use gadget_api::{Error, ErrorKind, Lease, LogLevel, Refreshed, Services, StepState};

use self::{
    assemble::Assembler,
    changes::is_unchanged,
    collect::Collector,
    progress::{Stage, SyncProgress},
};
use crate::{
    apps::{App, WeeklyUsers},
    cache::Cache,
    client::{Client, DeveloperSpace, is_final},
    snapshot::Snapshot,
    store::{SnapshotStore, SnapshotVersion, SyncFailure},
};

mod assemble;
mod changes;
mod collect;
mod lanes;
mod links;
mod parts;
mod progress;

/// How often a waiting caller checks whether the other sync is done.
const CHECK_EVERY: Duration = Duration::from_millis(500);
/// How much longer than its call a lease may live, in case the host crashes.
const LEASE_SLACK: Duration = Duration::from_secs(30);
const LONGEST_LEASE: Duration = Duration::from_secs(2 * 60 * 60);

/// Reads everything of a vendor into a new snapshot, leaves it in the cache, and returns its name.
///
/// If that fails and an earlier snapshot is stored, the answer names that one, and says why it is not newer.
///
/// # Errors
///
/// Returns why nothing could be read, if there is no earlier snapshot:
///
/// - [`ErrorKind::Credentials`], [`ErrorKind::Rights`] when Atlassian refuses the account.
/// - [`ErrorKind::Datasource`], [`ErrorKind::Network`] when there is no usable answer.
/// - [`ErrorKind::Cancelled`], [`ErrorKind::TimedOut`].
pub fn sync(
    services: &dyn Services,
    cache: &Cache,
    vendor: &str,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> Result<Refreshed, Error> {
    let store = SnapshotStore::open(services, vendor)?;
    let before = store.versions()?.first().copied();
    let result = wait_for_lease(services, &store).and_then(|_lease| {
        if let Some(found) = found_meanwhile(&store, before)? {
            return Ok(found);
        }
        let previous = cache.newest(services, &store)?;
        let previous = previous.map(|(_, snapshot)| snapshot);
        let snapshot = read(services, &store, vendor, previous.as_deref(), today, now)?;
        let version = store.put(&snapshot, previous.as_deref())?;
        cache.keep(store.id(version.generation), snapshot);
        Ok(Refreshed::fresh(store.name(version)))
    });
    result.or_else(|error| fall_back(services, cache, &store, now, error))
}

/// Returns the apps of the vendor's listing, sorted by key.
///
/// # Errors
///
/// The same as [`sync`].
pub fn list_apps(services: &dyn Services, vendor: &str) -> Result<Vec<App>, Error> {
    let client = Client::new(services);
    client.apps(&client.space(vendor)?)
}

/// Takes the lease of a store, as soon as nobody else holds it.
fn wait_for_lease<'a>(
    services: &'a dyn Services,
    store: &SnapshotStore<'_>,
) -> Result<Lease<'a>, Error> {
    let key = format!("sync/{}", store.key());
    let mut has_reported = false;
    loop {
        services.check_in()?;
        let ttl = services
            .remaining()
            .saturating_add(LEASE_SLACK)
            .min(LONGEST_LEASE);
        if let Some(lease) = Lease::acquire(services, &key, ttl)? {
            return Ok(lease);
        }
        if !has_reported {
            let mut progress = SyncProgress::new(services, [0; 2]);
            progress.start(Stage::Access, "Waiting for another sync of the same data");
            has_reported = true;
        }
        services.wait(CHECK_EVERY)?;
    }
}

/// Returns the result of a sync that another caller finished after this one began.
fn found_meanwhile(
    store: &SnapshotStore<'_>,
    before: Option<SnapshotVersion>,
) -> Result<Option<Refreshed>, Error> {
    let now = store.versions()?.first().copied();
    let Some(version) = now.filter(|version| Some(*version) > before) else {
        return Ok(None);
    };
    let name = store.name(version);
    Ok(match store.failure(version)? {
        None => Some(Refreshed::fresh(name)),
        // The other caller was cancelled or ran out of time, which says nothing about the datasource.
        Some(failure) if is_of_the_caller(&failure.error) => None,
        Some(failure) => Some(Refreshed::stale(name, failure.error)),
    })
}

fn is_of_the_caller(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Cancelled | ErrorKind::TimedOut)
}

/// Reads everything of a vendor.
fn read(
    services: &dyn Services,
    store: &SnapshotStore<'_>,
    vendor: &str,
    previous: Option<&Snapshot>,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> Result<Snapshot, Error> {
    let expected = previous.map_or([0; 2], |snapshot| snapshot.row_counts());
    let mut progress = SyncProgress::new(services, expected);
    let read = read_stages(services, store, vendor, previous, today, now, &mut progress);
    if let Err(error) = &read {
        progress.fail(error.message());
    }
    read
}

fn read_stages(
    services: &dyn Services,
    store: &SnapshotStore<'_>,
    vendor: &str,
    previous: Option<&Snapshot>,
    today: NaiveDate,
    now: DateTime<Utc>,
    progress: &mut SyncProgress<'_>,
) -> Result<Snapshot, Error> {
    let client = Client::new(services);
    progress.start(Stage::Access, "Looking up the vendor");
    let space = client.space(vendor)?;
    progress.end(Stage::Access, StepState::Done, format!("vendor {vendor}"));
    let of_today = previous.filter(|previous| previous.totals.today() == today.into());
    if let Some(previous) = of_today {
        progress.start(Stage::Licenses, "Asking for changes");
        if store.has_parts(previous)? && is_unchanged(services, &space, previous)? {
            for stage in [Stage::Licenses, Stage::Transactions] {
                progress.end(stage, StepState::Done, "no changes");
            }
            return Ok(Snapshot {
                as_of: now.trunc_subsecs(0),
                apps: optional(services, client.apps(&space))?,
                weekly_users: weekly_users(services, &client, &space, today, progress)?,
                restated: 0,
                ..previous.clone()
            });
        }
    }
    progress.start(Stage::Licenses, "Starting exports");
    let collector = Collector::start(services, &space)?;
    let apps = optional(services, client.apps(&space))?;
    let mut assembler = Assembler::new(services, store, previous, today.into());
    let collected = collector.collect(&mut assembler, progress)?;
    let weekly_users = weekly_users(services, &client, &space, today, progress)?;
    assembler.recent.sort();
    Ok(Snapshot {
        key: store.key().to_owned(),
        // Stored times have whole seconds, and both forms of a snapshot must give the same view.
        as_of: now.trunc_subsecs(0),
        apps,
        row_apps: collected.apps,
        no_transactions: collected.no_transactions,
        weekly_users,
        restated: assembler.restated,
        totals: assembler.totals(),
        parts: assembler.parts,
        recent: assembler.recent,
    })
}

/// Reads Atlassian's own count, or why there is none.
fn weekly_users(
    services: &dyn Services,
    client: &Client<'_>,
    space: &DeveloperSpace,
    today: NaiveDate,
    progress: &mut SyncProgress<'_>,
) -> Result<Result<Vec<WeeklyUsers>, String>, Error> {
    progress.start(Stage::Count, "Reading Atlassian's count");
    let weekly_users = optional(services, client.weekly_users(space, today))?;
    match &weekly_users {
        Ok(_) => progress.end(Stage::Count, StepState::Done, ""),
        Err(reason) => progress.end(Stage::Count, StepState::Warned, reason),
    }
    Ok(weekly_users)
}

/// Turns an error into a reason if the sync can do without the answer.
fn optional<T>(
    services: &dyn Services,
    answer: Result<T, Error>,
) -> Result<Result<T, String>, Error> {
    match answer {
        Ok(value) => Ok(Ok(value)),
        // Rights differ by resource; other final errors hold for all of them.
        Err(error) if error.kind() != ErrorKind::Rights && is_final(&error, services) => Err(error),
        Err(error) => {
            services.log(LogLevel::Warn, &error.to_string());
            Ok(Err(error.message().to_owned()))
        }
    }
}

/// Names the newest snapshot in place of the one that could not be read, and stores why.
fn fall_back(
    services: &dyn Services,
    cache: &Cache,
    store: &SnapshotStore<'_>,
    now: DateTime<Utc>,
    error: Error,
) -> Result<Refreshed, Error> {
    let failure = SyncFailure { at: now, error };
    let stored = cache.newest(services, store).and_then(|newest| {
        newest
            .map(|(version, _)| store.put_failure(version, &failure))
            .transpose()
    });
    match stored {
        Ok(Some(version)) => Ok(Refreshed::stale(store.name(version), failure.error)),
        Ok(None) => Err(failure.error),
        Err(error) => {
            let line = format!("failed to store why a sync failed: {error}");
            services.log(LogLevel::Error, &line);
            Err(failure.error)
        }
    }
}

#[cfg(test)]
mod tests;
