//! Reads all lists into rows: by export, and by pages where that does not work. Never a part of a list.

use std::time::Duration;

use gadget_api::{Error, ErrorKind, LogLevel, Services, StepState};

use super::progress::{Stage, SyncProgress};
use crate::{
    client::{Client, ExportId, INSIGHTS_SINCE, ListRequest, Pass, Space, is_final},
    day::Day,
    number::counted,
    rows::{LicenseRow, Rows},
    wire::{Records, RowsBuilder},
};

/// What was read.
pub(super) struct Collected {
    pub(super) rows: Rows,
    /// Why transactions could not be read, if they could not.
    pub(super) no_transactions: Option<String>,
}

/// How a list is read.
enum Way {
    /// It is known from its export.
    Export(ExportId),
    /// Page by page; the earlier reading was in doubt.
    Pages(Option<Pass>),
    /// The account may not read it.
    Forbidden(Error),
}

/// What one reading of a list came to.
enum Reading {
    /// Everything is there; a list that came by pages has its marks.
    Complete(Option<Pass>),
    /// It has to be read in another way, after all that was read is thrown away.
    Again(Way),
}

/// Reads all lists of a vendor.
pub(super) struct Collector<'a, 'b> {
    services: &'a dyn Services,
    client: Client<'a>,
    space: &'b Space,
    ways: Vec<(ListRequest, Way)>,
    /// How long exports may still be waited for.
    patience: Duration,
    /// The server gives rows that nobody asked for: what is left out by a filter has to be left out here.
    ignores_filters: bool,
}

impl<'a, 'b> Collector<'a, 'b> {
    /// Starts the exports of all lists, so that they are made while others are read.
    pub(super) fn start(services: &'a dyn Services, space: &'b Space) -> Result<Self, Error> {
        let client = Client::new(services);
        let mut ways = Vec::new();
        for list in ListRequest::ALL {
            let way = match client.start_export(space, list) {
                Ok(export) => Way::Export(export),
                Err(error) => by_pages(services, list, error)?,
            };
            ways.push((list, way));
        }
        Ok(Self {
            services,
            client,
            space,
            ways,
            patience: client.patience(),
            ignores_filters: false,
        })
    }

    /// Reads until everything is there, or fails.
    pub(super) fn collect(mut self, progress: &mut SyncProgress<'_>) -> Result<Collected, Error> {
        let builder = loop {
            progress.restart();
            let mut builder = RowsBuilder::new();
            if self.read_all(&mut builder, progress)? {
                break builder;
            }
        };
        let mut look = builder.settle();
        if look.is_needed() {
            for (list, way) in &self.ways {
                let mut show = |record: &[u8]| {
                    match list.records() {
                        Records::Licenses => look.show_license(record),
                        Records::Transactions => look.show_transaction(record),
                    }
                    Ok(())
                };
                match way {
                    Way::Export(export) => {
                        self.client.download(self.space, *list, export, &mut show)?;
                    }
                    Way::Pages(before) => {
                        let pass = self.client.read_pages(self.space, *list, &mut show)?;
                        if before
                            .as_ref()
                            .is_none_or(|before| !pass.is_same_list(before))
                        {
                            return Err(changed_twice(*list));
                        }
                    }
                    Way::Forbidden(_) => {}
                }
            }
        }
        let forbidden = self.ways.into_iter().find_map(|(_, way)| match way {
            Way::Forbidden(error) => Some(error.message().to_owned()),
            _ => None,
        });
        Ok(Collected {
            rows: look.finish(),
            no_transactions: forbidden,
        })
    }

    /// Reads every list once, and tells whether all of them were complete.
    fn read_all(
        &mut self,
        builder: &mut RowsBuilder,
        progress: &mut SyncProgress<'_>,
    ) -> Result<bool, Error> {
        for (list, way) in &mut self.ways {
            let stage = match list.records() {
                Records::Licenses => Stage::Licenses,
                Records::Transactions => Stage::Transactions,
            };
            progress.start(stage, &format!("Reading {}", list.label()));
            if let Way::Export(export) = way
                && let Err(error) =
                    self.client
                        .await_export(self.space, *list, export, &mut self.patience)
            {
                *way = by_pages(self.services, *list, error)?;
            }
            let mut reader = Reader {
                services: self.services,
                client: self.client,
                space: self.space,
                list: *list,
                ignores_filters: self.ignores_filters,
            };
            let reading = reader.read(way, builder, progress, stage)?;
            match reading {
                Reading::Complete(None) => {}
                Reading::Complete(pass) => *way = Way::Pages(pass),
                Reading::Again(other) => {
                    *way = other;
                    return Ok(false);
                }
            }
            if reader.ignores_filters && !self.ignores_filters {
                self.services
                    .log(LogLevel::Warn, "the API ignores the dates of a request");
                self.ignores_filters = true;
                return Ok(false);
            }
            match way {
                Way::Forbidden(_) => {
                    progress.end(stage, StepState::Warned, "the account may not read them");
                }
                _ if *list == ListRequest::OldLicenses => {}
                _ => progress.end(
                    stage,
                    StepState::Done,
                    counted(progress.records(stage), "row", "rows"),
                ),
            }
        }
        Ok(true)
    }
}

/// Decides what an error of an export means: another way, a list that stays closed, or the end.
fn by_pages(services: &dyn Services, list: ListRequest, error: Error) -> Result<Way, Error> {
    if error.kind() == ErrorKind::Rights && list.records() == Records::Transactions {
        return Ok(Way::Forbidden(error));
    }
    if is_final(&error, services) {
        return Err(error);
    }
    let line = format!("reading {} by pages, because {error}", list.label());
    services.log(LogLevel::Warn, &line);
    Ok(Way::Pages(None))
}

fn changed_twice(list: ListRequest) -> Error {
    let message = format!("the list of {} changes while it is read", list.label());
    Error::new(ErrorKind::Datasource, message).with_remedy("Refresh again.")
}

/// Reads one list.
struct Reader<'a, 'b> {
    services: &'a dyn Services,
    client: Client<'a>,
    space: &'b Space,
    list: ListRequest,
    ignores_filters: bool,
}

impl Reader<'_, '_> {
    fn read(
        &mut self,
        way: &Way,
        builder: &mut RowsBuilder,
        progress: &mut SyncProgress<'_>,
        stage: Stage,
    ) -> Result<Reading, Error> {
        let list = self.list;
        let ignores_filters = &mut self.ignores_filters;
        let mut sink = |record: &[u8]| -> Result<(), Error> {
            let pushed = match list.records() {
                Records::Licenses => builder.push_license_if(record, |license| {
                    *ignores_filters |= is_far_outside(list, license.row);
                    belongs(list, license.row) && !(*ignores_filters && license.is_unasked())
                }),
                Records::Transactions => builder.push_transaction(record),
            };
            progress.record(stage);
            pushed.map_err(|error| {
                Error::new(
                    ErrorKind::Datasource,
                    format!("the list of {} cannot be used: {error}", list.label()),
                )
            })
        };
        let failed = match way {
            Way::Forbidden(_) => return Ok(Reading::Complete(None)),
            Way::Export(export) => {
                match self.client.download(self.space, list, export, &mut sink) {
                    Ok(_) => return Ok(Reading::Complete(None)),
                    Err(error) => error,
                }
            }
            Way::Pages(before) => match self.client.read_pages(self.space, list, &mut sink) {
                Ok(pass) if pass.is_sound(before.as_ref()) => {
                    return Ok(Reading::Complete(Some(pass)));
                }
                Ok(pass) if before.is_none() => {
                    let line = format!("reading {} again: they changed on the way", list.label());
                    self.services.log(LogLevel::Warn, &line);
                    return Ok(Reading::Again(Way::Pages(Some(pass))));
                }
                Ok(_) => return Err(changed_twice(list)),
                Err(error) => {
                    if error.kind() == ErrorKind::Rights && list.records() == Records::Transactions
                    {
                        return Ok(Reading::Again(Way::Forbidden(error)));
                    }
                    return Err(error);
                }
            },
        };
        by_pages(self.services, list, failed).map(Reading::Again)
    }
}

/// Tells whether a row shows that dates are ignored.
///
/// Some licenses of 2018 are known to come whatever dates are asked for, so those say nothing.
fn is_far_outside(list: ListRequest, row: &LicenseRow) -> bool {
    list == ListRequest::OldLicenses && row.start >= Day::parse("2019-01-01")
}

/// Tells whether a license row belongs to the list that was asked for.
///
/// The server may ignore dates, and the same row then comes in both lists. Rows with an id are one by their ids, and
/// nothing is lost if the server draws the line elsewhere; rows without one would be told twice.
fn belongs(list: ListRequest, row: &LicenseRow) -> bool {
    if !row.ids.is_empty() {
        return true;
    }
    let is_old = row.start.is_some() && row.start < Day::parse(INSIGHTS_SINCE);
    is_old == (list == ListRequest::OldLicenses)
}
