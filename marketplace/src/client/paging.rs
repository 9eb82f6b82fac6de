//! Reads lists by pages on several connections, and detects lists that change meanwhile.

use std::{
    collections::HashMap,
    sync::{
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
};

use gadget_api::{Error, ErrorKind, Request};

use super::{Client, DeveloperSpace, ListRequest, failure::response_error};
use crate::{
    digest::digest,
    wire::{self, Page, SentRecord},
};

/// How many pages are requested at the same time.
const CONNECTIONS: usize = 4;
/// How many records the API puts on a page at most.
const PAGE_RECORDS: u64 = 50;
/// More pages than any list has: three million records.
const MAX_PAGES: u64 = 60_000;

/// What one scan of all pages saw.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct PageScan {
    /// A digest of each page's records.
    digests: Vec<u128>,
    /// How many records there were.
    pub(crate) records: usize,
    /// Whether the list certainly changed while it was read.
    has_changed: bool,
    /// Whether a record came on two pages, or the server's total differs: the list may have changed.
    is_suspicious: bool,
}

impl PageScan {
    /// Tells whether the scan saw the list as it was at one time; `before` is the earlier scan, if there was one.
    ///
    /// Two suspicious scans that saw the same are consistent: the server is like that.
    pub(crate) fn is_consistent(&self, before: Option<&Self>) -> bool {
        let is_same = before.is_some_and(|before| before.digests == self.digests);
        !self.has_changed && (!self.is_suspicious || is_same)
    }

    /// Tells whether two scans saw the same list.
    pub(crate) fn is_same_list(&self, other: &Self) -> bool {
        self.digests == other.digests
    }
}

/// A fetched page.
struct FetchedPage {
    body: Vec<u8>,
    page: Page,
}

/// What is kept of a page after its records were passed on.
struct PageSummary {
    digest: u128,
    records: usize,
    has_next: bool,
}

impl Client<'_> {
    /// Reads a list by pages and hands each record to `sink`.
    ///
    /// Of a page's links only their presence is trusted: it says that more pages follow. The caller must check that
    /// the [`PageScan`] is consistent, and discard the records if it is not.
    pub(crate) fn read_pages(
        &self,
        space: &DeveloperSpace,
        list: ListRequest,
        sink: &mut dyn FnMut(SentRecord<'_>) -> Result<(), Error>,
    ) -> Result<PageScan, Error> {
        let first = self.page(space, list, 0)?;
        let step = first.page.records.len() as u64;
        let total = first.page.total;
        let mut collector = PageCollector::new(list);
        let has_next = first.page.has_next;
        collector.take(0, &first, sink)?;
        if !has_next {
            return Ok(collector.finish(total));
        }
        self.read_on(space, list, step, &mut collector, sink)?;
        let last = collector.last_page();
        for number in [0, last] {
            // A list nearly always changes at its start or at its end.
            let again = self.page(space, list, number * step)?;
            collector.compare(number, &again);
        }
        Ok(collector.finish(total))
    }

    /// Reads the second page and all that follow.
    fn read_on(
        &self,
        space: &DeveloperSpace,
        list: ListRequest,
        step: u64,
        collector: &mut PageCollector,
        sink: &mut dyn FnMut(SentRecord<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let queue = PageQueue::default();
        thread::scope(|scope| {
            let (sender, receiver) = sync_channel(CONNECTIONS);
            for _ in 0..CONNECTIONS {
                let (sender, queue) = (sender.clone(), &queue);
                scope.spawn(move || self.fetch_pages(space, list, step, queue, &sender));
            }
            drop(sender);
            let taken = take_all(receiver, collector, sink);
            queue.is_over.store(true, Ordering::Relaxed);
            taken
        })
    }

    /// Fetches pages until one is the last; the other connections take pages from the same queue.
    fn fetch_pages(
        &self,
        space: &DeveloperSpace,
        list: ListRequest,
        step: u64,
        queue: &PageQueue,
        sender: &SyncSender<(u64, Result<FetchedPage, Error>)>,
    ) {
        while let Some(number) = queue.next() {
            let fetched = if number < MAX_PAGES {
                self.page(space, list, number * step)
            } else {
                Err(Error::new(
                    ErrorKind::Datasource,
                    format!(
                        "the list of {} has more than {MAX_PAGES} pages",
                        list.label()
                    ),
                ))
            };
            if !fetched.as_ref().is_ok_and(|fetched| fetched.page.has_next) {
                queue.end_at(number);
            }
            // The receiver is gone if another page was refused.
            if sender.send((number, fetched)).is_err() {
                return;
            }
        }
    }

    fn page(
        &self,
        space: &DeveloperSpace,
        list: ListRequest,
        offset: u64,
    ) -> Result<FetchedPage, Error> {
        let request = list
            .with_parameters(Request::get(space.reporting(list.path())))
            .with_query("limit", PAGE_RECORDS.to_string())
            .with_query("offset", offset.to_string());
        let body = self.fetch(list.label(), &request)?;
        let page =
            wire::page(&body, list.records()).map_err(|bad| response_error(list.label(), &bad))?;
        if page.has_next && page.records.is_empty() {
            return Err(Error::new(
                ErrorKind::Datasource,
                format!(
                    "a page of {} is empty but says that more follow",
                    list.label()
                ),
            ));
        }
        Ok(FetchedPage { body, page })
    }
}

/// The pages that are still to be fetched.
struct PageQueue {
    next: AtomicU64,
    last: AtomicU64,
    is_over: AtomicBool,
}

impl Default for PageQueue {
    fn default() -> Self {
        Self {
            next: AtomicU64::new(1),
            last: AtomicU64::new(MAX_PAGES),
            is_over: AtomicBool::new(false),
        }
    }
}

impl PageQueue {
    fn next(&self) -> Option<u64> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let is_wanted = number <= self.last.load(Ordering::Relaxed);
        (is_wanted && !self.is_over.load(Ordering::Relaxed)).then_some(number)
    }

    fn end_at(&self, number: u64) {
        self.last.fetch_min(number, Ordering::Relaxed);
    }
}

fn take_all(
    receiver: Receiver<(u64, Result<FetchedPage, Error>)>,
    collector: &mut PageCollector,
    sink: &mut dyn FnMut(SentRecord<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    for (number, fetched) in receiver {
        collector.take(number, &fetched?, sink)?;
    }
    Ok(())
}

/// Collects what is known of the pages so far.
struct PageCollector {
    list: ListRequest,
    summaries: HashMap<u64, PageSummary>,
    /// The page that each record came on, by its digest.
    records: HashMap<u128, u64>,
    /// The page that has each digest.
    pages: HashMap<u128, u64>,
    is_suspicious: bool,
    has_changed: bool,
}

impl PageCollector {
    fn new(list: ListRequest) -> Self {
        Self {
            list,
            summaries: HashMap::new(),
            records: HashMap::new(),
            pages: HashMap::new(),
            is_suspicious: false,
            has_changed: false,
        }
    }

    fn take(
        &mut self,
        number: u64,
        fetched: &FetchedPage,
        sink: &mut dyn FnMut(SentRecord<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let summary = summary(fetched);
        let is_page_known =
            summary.records > 0 && self.pages.insert(summary.digest, number).is_some();
        let mut repeated = 0;
        for place in &fetched.page.records {
            let record = &fetched.body[place.clone()];
            let earlier = self.records.insert(digest(record), number);
            if earlier.is_some_and(|page| page != number) {
                repeated += 1;
            }
            sink(record.into())?;
        }
        self.is_suspicious |= repeated > 0;
        // Some servers repeat single rows, but a full page without a new one is not part of the list.
        let is_stale = summary.has_next && summary.records > 1 && repeated == summary.records;
        if is_page_known || is_stale {
            return Err(Error::new(
                ErrorKind::Datasource,
                format!("the pages of {} repeat", self.list.label()),
            ));
        }
        self.summaries.insert(number, summary);
        Ok(())
    }

    /// Returns the number of the first page without a next one.
    fn last_page(&self) -> u64 {
        let ends = self
            .summaries
            .iter()
            .filter(|(_, summary)| !summary.has_next);
        ends.map(|(number, _)| *number).min().unwrap_or_default()
    }

    /// Compares a page with its first reading.
    fn compare(&mut self, number: u64, again: &FetchedPage) {
        let again = summary(again);
        self.has_changed |= self.summaries.get(&number).is_none_or(|before| {
            before.digest != again.digest || before.has_next != again.has_next
        });
    }

    fn finish(mut self, total: Option<u64>) -> PageScan {
        let last = self.last_page();
        let step = self.summaries.get(&0).map_or(0, |summary| summary.records);
        let records = self.summaries.values().map(|summary| summary.records).sum();
        for (number, summary) in &self.summaries {
            let fits = match number.cmp(&last) {
                std::cmp::Ordering::Less => summary.records == step,
                std::cmp::Ordering::Equal => summary.records <= step,
                std::cmp::Ordering::Greater => summary.records == 0,
            };
            self.has_changed |= !fits;
        }
        self.is_suspicious |= total.is_some_and(|total| total != records as u64);
        let mut digests: Vec<_> = self
            .summaries
            .into_iter()
            .filter(|(number, _)| *number <= last)
            .collect();
        digests.sort_unstable_by_key(|(number, _)| *number);
        PageScan {
            digests: digests
                .into_iter()
                .map(|(_, summary)| summary.digest)
                .collect(),
            records,
            has_changed: self.has_changed,
            is_suspicious: self.is_suspicious,
        }
    }
}

fn summary(fetched: &FetchedPage) -> PageSummary {
    let records = fetched.page.records.iter();
    let digests = records.flat_map(|place| digest(&fetched.body[place.clone()]).to_le_bytes());
    let digests: Vec<u8> = digests.collect();
    PageSummary {
        digest: digest(&digests),
        records: fetched.page.records.len(),
        has_next: fetched.page.has_next,
    }
}
