//! Reads all lists into parts of rows, each list completely: by export, or by pages if that fails.

use std::time::Duration;

use gadget_api::{Error, ErrorKind, LogLevel, Services, StepState};

use super::{
    assemble::Assembler,
    lanes::{Lanes, Sizes},
    parts::each_part,
    progress::{Stage, SyncProgress},
};
use crate::{
    apps::App,
    client::{Client, DeveloperSpace, ExportId, INSIGHTS_SINCE, ListRequest, PageScan, is_final},
    day::Day,
    number::counted,
    rows::{LicenseRow, sorted::Ties},
    snapshot::part::{self, Depth},
    wire::{Records, SentRecord, TieTexts},
};

/// What was read, besides the rows.
pub(super) struct Collected {
    /// The apps that have rows.
    pub(super) apps: Vec<App>,
    /// Why transactions could not be read, if they could not.
    pub(super) no_transactions: Option<String>,
}

/// How a list is read.
enum ReadMethod {
    /// From an export.
    Export(ExportId),
    /// Page by page; holds the earlier scan, if that was inconsistent.
    Pages(Option<PageScan>),
    /// Not at all: the account is not allowed to read it.
    Forbidden(Error),
}

/// A part with rows that only the texts of records can order.
struct OpenPart {
    lane: u8,
    bytes: Vec<u8>,
    ties: Ties,
}

/// The result of reading a list once.
enum ReadResult {
    /// Everything was read; holds the scan of a list that was read by pages.
    Complete(Option<PageScan>),
    /// It has to be read by another method, after all rows so far are discarded.
    Retry(ReadMethod),
}

/// Reads all lists of a vendor.
pub(super) struct Collector<'a, 'b> {
    services: &'a dyn Services,
    client: Client<'a>,
    space: &'b DeveloperSpace,
    methods: Vec<(ListRequest, ReadMethod)>,
    /// How long exports may still take.
    export_wait: Duration,
    /// Whether the server returns rows that were not requested, so that they have to be filtered here.
    ignores_filters: bool,
}

impl<'a, 'b> Collector<'a, 'b> {
    /// Starts the exports of all lists, so that the API prepares them all at once.
    pub(super) fn start(
        services: &'a dyn Services,
        space: &'b DeveloperSpace,
    ) -> Result<Self, Error> {
        let client = Client::new(services);
        let mut methods = Vec::new();
        for list in ListRequest::ALL {
            let method = match client.start_export(space, list, None) {
                Ok(export) => ReadMethod::Export(export),
                Err(error) => fall_back_to_pages(services, list, error)?,
            };
            methods.push((list, method));
        }
        Ok(Self {
            services,
            client,
            space,
            methods,
            export_wait: client.export_wait(),
            ignores_filters: false,
        })
    }

    /// Reads all lists, again if one changed or has to be read by another method, and hands the rows over in parts.
    pub(super) fn collect(
        mut self,
        assembler: &mut Assembler<'_>,
        progress: &mut SyncProgress<'_>,
    ) -> Result<Collected, Error> {
        let lanes = loop {
            progress.restart();
            let mut lanes = Lanes::new(Sizes::default());
            if self.read_all(&mut lanes, progress)? {
                break lanes;
            }
        };
        progress.start(Stage::Count, "Sorting rows by license");
        assembler.expect_newest(lanes.newest_update());
        let (lanes, names, texts) = lanes.finish();
        let mut open = Vec::new();
        let mut open_texts = TieTexts::default();
        for (number, lane) in (0..).zip(lanes) {
            each_part(&lane, |unsorted| {
                let (mut rows, ties) = unsorted.sorted();
                drop(unsorted);
                let mut known = TieTexts::default();
                known.expect(&rows, &ties);
                texts.show(&mut known);
                if known.needs_records() {
                    open_texts.expect(&rows, &ties);
                    let bytes = part::encode(&rows);
                    open.push(OpenPart {
                        lane: number,
                        bytes,
                        ties,
                    });
                    return Ok(());
                }
                known.rank(&mut rows, &ties);
                assembler.add(number, rows)
            })?;
        }
        if open_texts.needs_records() {
            self.read_again(&mut open_texts)?;
        }
        for OpenPart { lane, bytes, ties } in open {
            let rows = part::decode(&bytes, Depth::Everything);
            let mut rows =
                rows.map_err(|error| Error::new(ErrorKind::Internal, error.to_string()))?;
            open_texts.rank(&mut rows, &ties);
            assembler.add(lane, rows)?;
        }
        let forbidden = self
            .methods
            .into_iter()
            .find_map(|(_, method)| match method {
                ReadMethod::Forbidden(error) => Some(error.message().to_owned()),
                _ => None,
            });
        Ok(Collected {
            apps: names.apps(),
            no_transactions: forbidden,
        })
    }

    /// Reads all lists again, for the texts of a few records.
    fn read_again(&self, texts: &mut TieTexts) -> Result<(), Error> {
        self.services.log(
            LogLevel::Info,
            "reading all lists again: some rows differ only in what is not kept of them",
        );
        for (list, method) in &self.methods {
            let mut show = |record: SentRecord<'_>| {
                texts.add(list.records(), record.bytes());
                Ok(())
            };
            match method {
                ReadMethod::Export(export) => {
                    self.client.download(self.space, *list, export, &mut show)?;
                }
                ReadMethod::Pages(before) => {
                    let scan = self.client.read_pages(self.space, *list, &mut show)?;
                    if before
                        .as_ref()
                        .is_none_or(|before| !scan.is_same_list(before))
                    {
                        return Err(changed_twice(*list));
                    }
                }
                ReadMethod::Forbidden(_) => {}
            }
        }
        Ok(())
    }

    /// Reads every list once, and tells whether all are complete.
    fn read_all(
        &mut self,
        lanes: &mut Lanes,
        progress: &mut SyncProgress<'_>,
    ) -> Result<bool, Error> {
        for (list, method) in &mut self.methods {
            let stage = match list.records() {
                Records::Licenses => Stage::Licenses,
                Records::Transactions => Stage::Transactions,
            };
            progress.start(stage, &format!("Reading {}", list.label()));
            if let ReadMethod::Export(export) = method
                && let Err(error) =
                    self.client
                        .await_export(self.space, *list, export, &mut self.export_wait)
            {
                *method = fall_back_to_pages(self.services, *list, error)?;
            }
            let mut reader = ListReader {
                services: self.services,
                client: self.client,
                space: self.space,
                list: *list,
                ignores_filters: self.ignores_filters,
            };
            let reading = reader.read(method, lanes, progress, stage)?;
            match reading {
                ReadResult::Complete(None) => {}
                ReadResult::Complete(scan) => *method = ReadMethod::Pages(scan),
                ReadResult::Retry(other) => {
                    *method = other;
                    return Ok(false);
                }
            }
            if reader.ignores_filters && !self.ignores_filters {
                self.services
                    .log(LogLevel::Warn, "the API ignores the dates of requests");
                self.ignores_filters = true;
                return Ok(false);
            }
            match method {
                ReadMethod::Forbidden(_) => {
                    progress.end(
                        stage,
                        StepState::Warned,
                        "the account is not allowed to read them",
                    );
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

/// Decides what an error of an export means: reading by pages, going without the list, or failure.
fn fall_back_to_pages(
    services: &dyn Services,
    list: ListRequest,
    error: Error,
) -> Result<ReadMethod, Error> {
    if error.kind() == ErrorKind::Rights && list.records() == Records::Transactions {
        return Ok(ReadMethod::Forbidden(error));
    }
    if is_final(&error, services) {
        return Err(error);
    }
    let line = format!("reading {} by pages: {error}", list.label());
    services.log(LogLevel::Warn, &line);
    Ok(ReadMethod::Pages(None))
}

fn changed_twice(list: ListRequest) -> Error {
    let message = format!(
        "the list of {} kept changing while it was read",
        list.label()
    );
    Error::new(ErrorKind::Datasource, message).with_remedy("Refresh again.")
}

/// Reads one list.
struct ListReader<'a, 'b> {
    services: &'a dyn Services,
    client: Client<'a>,
    space: &'b DeveloperSpace,
    list: ListRequest,
    ignores_filters: bool,
}

impl ListReader<'_, '_> {
    fn read(
        &mut self,
        method: &ReadMethod,
        lanes: &mut Lanes,
        progress: &mut SyncProgress<'_>,
        stage: Stage,
    ) -> Result<ReadResult, Error> {
        let list = self.list;
        let ignores_filters = &mut self.ignores_filters;
        let mut sink = |record: SentRecord<'_>| -> Result<(), Error> {
            let pushed = match list.records() {
                Records::Licenses => lanes.push_license_if(record, |license| {
                    *ignores_filters |= is_far_outside(list, license.row);
                    belongs(list, license.row) && !(*ignores_filters && license.is_unrequested())
                }),
                Records::Transactions => lanes.push_transaction(record),
            };
            progress.record(stage);
            pushed.map_err(|error| {
                Error::new(
                    ErrorKind::Datasource,
                    format!("the list of {} cannot be used: {error}", list.label()),
                )
            })
        };
        let failed = match method {
            ReadMethod::Forbidden(_) => return Ok(ReadResult::Complete(None)),
            ReadMethod::Export(export) => {
                match self.client.download(self.space, list, export, &mut sink) {
                    Ok(_) => return Ok(ReadResult::Complete(None)),
                    Err(error) => error,
                }
            }
            ReadMethod::Pages(before) => {
                match self.client.read_pages(self.space, list, &mut sink) {
                    Ok(scan) if scan.is_consistent(before.as_ref()) => {
                        return Ok(ReadResult::Complete(Some(scan)));
                    }
                    Ok(scan) if before.is_none() => {
                        let line =
                            format!("reading {} again: the list changed meanwhile", list.label());
                        self.services.log(LogLevel::Warn, &line);
                        return Ok(ReadResult::Retry(ReadMethod::Pages(Some(scan))));
                    }
                    Ok(_) => return Err(changed_twice(list)),
                    Err(error) => {
                        if error.kind() == ErrorKind::Rights
                            && list.records() == Records::Transactions
                        {
                            return Ok(ReadResult::Retry(ReadMethod::Forbidden(error)));
                        }
                        return Err(error);
                    }
                }
            }
        };
        fall_back_to_pages(self.services, list, failed).map(ReadResult::Retry)
    }
}

/// Tells whether a row shows that the server ignores dates.
///
/// Some licenses of 2018 are known to come with any dates, so they prove nothing.
fn is_far_outside(list: ListRequest, row: &LicenseRow) -> bool {
    list == ListRequest::OldLicenses && row.start >= Day::parse("2019-01-01")
}

/// Tells whether a license row belongs to the requested list.
///
/// If the server ignores dates, the same row comes in both lists. Rows with an id are recognised as one, but rows
/// without an id would count twice.
fn belongs(list: ListRequest, row: &LicenseRow) -> bool {
    if !row.ids.is_empty() {
        return true;
    }
    let is_old = row.start.is_some() && row.start < Day::parse(INSIGHTS_SINCE);
    is_old == (list == ListRequest::OldLicenses)
}
