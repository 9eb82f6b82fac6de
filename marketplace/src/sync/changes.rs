//! Asks whether anything changed since the previous sync of the same day.
//!
//! Only rows that were updated lately are read. If all of them are known, the parts of the previous snapshot are those
//! of the new one. Rows that were deleted are seen by the first sync of the next day, which reads everything.

use gadget_api::{Error, LogLevel, Services};

use crate::{
    client::{Client, DeveloperSpace, ListRequest, is_final},
    snapshot::Snapshot,
    wire::{Records, SentRecord, row_digest},
};

/// Tells whether the rows of the previous snapshot are those that a new one would have, as far as updates tell.
///
/// Any doubt is a change: then everything is read.
pub(super) fn is_unchanged(
    services: &dyn Services,
    space: &DeveloperSpace,
    previous: &Snapshot,
) -> Result<bool, Error> {
    match ask(services, space, previous) {
        Err(error) if is_final(&error, services) => Err(error),
        Err(error) => {
            let line = format!("reading everything, because changes cannot be read: {error}");
            services.log(LogLevel::Warn, &line);
            Ok(false)
        }
        asked => asked,
    }
}

fn ask(
    services: &dyn Services,
    space: &DeveloperSpace,
    previous: &Snapshot,
) -> Result<bool, Error> {
    let Some(since) = previous.recent.since else {
        return Ok(false);
    };
    let client = Client::new(services);
    let mut export_wait = client.export_wait();
    let mut exports = Vec::new();
    for list in ListRequest::ALL {
        let is_readable = list.records() == Records::Licenses || previous.no_transactions.is_none();
        if is_readable {
            exports.push((list, client.start_export(space, list, Some(since))?));
        }
    }
    for (list, export) in &exports {
        client.await_export(space, *list, export, &mut export_wait)?;
        let mut is_unchanged = true;
        client.download(space, *list, export, &mut |record: SentRecord<'_>| {
            let digest = row_digest(list.records(), record.bytes());
            let recent = &previous.recent;
            is_unchanged &= digest.is_some_and(|(digest, day)| recent.knows(digest, day));
            Ok(())
        })?;
        if !is_unchanged {
            return Ok(false);
        }
    }
    Ok(true)
}
