//! Tests of reading by pages, over a server that is a function.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use gadget_api::{Blob, BlobInfo, DatasourceRef, LeaseId, Progress, Stream, testing::Canned};
use serde_json::json;

use super::*;

/// Services whose datasource answers a page for an offset and the number of pages asked for before.
struct Paged<F> {
    answer: F,
    asked: AtomicU64,
    rest: Canned,
}

impl<F: Fn(u64, u64) -> (Vec<u64>, bool) + Sync> Services for Paged<F> {
    fn datasource(&self) -> Result<DatasourceRef, Error> {
        self.rest.datasource()
    }

    fn fetch(&self, request: &Request) -> Result<Response, Error> {
        let offset = request.query().iter().find(|(name, _)| name == "offset");
        let offset = offset
            .and_then(|(_, value)| value.parse().ok())
            .unwrap_or_default();
        let asked = self.asked.fetch_add(1, Ordering::SeqCst);
        let (records, has_next) = (self.answer)(offset, asked);
        let records: Vec<_> = records
            .iter()
            .map(|number| json!({"licenseId": number}))
            .collect();
        let links = if has_next {
            json!({"next": {"href": "https://evil.example/"}})
        } else {
            json!({})
        };
        Ok(Response {
            head: ResponseHead::new(200, Vec::new()),
            body: json!({"licenses": records, "_links": links})
                .to_string()
                .into_bytes(),
        })
    }

    fn open(&self, request: &Request) -> Result<Stream<'_>, Error> {
        self.rest.open(request)
    }

    fn blob_get(&self, name: &str) -> Result<Option<Blob>, Error> {
        self.rest.blob_get(name)
    }

    fn blob_put(&self, name: &str, bytes: &[u8], expected: u64) -> Result<u64, Error> {
        self.rest.blob_put(name, bytes, expected)
    }

    fn blob_list(&self, prefix: &str) -> Result<Vec<BlobInfo>, Error> {
        self.rest.blob_list(prefix)
    }

    fn blob_remove(&self, name: &str) -> Result<(), Error> {
        self.rest.blob_remove(name)
    }

    fn lease(&self, key: &str, ttl: Duration) -> Result<Option<LeaseId>, Error> {
        self.rest.lease(key, ttl)
    }

    fn release(&self, lease: LeaseId) {
        self.rest.release(lease);
    }

    fn log(&self, level: LogLevel, message: &str) {
        self.rest.log(level, message);
    }

    fn progress(&self, progress: &Progress) {
        self.rest.progress(progress);
    }

    fn is_cancelled(&self) -> bool {
        self.rest.is_cancelled()
    }

    fn remaining(&self) -> Duration {
        self.rest.remaining()
    }
}

fn read(
    answer: impl Fn(u64, u64) -> (Vec<u64>, bool) + Sync,
) -> (Result<PageScan, Error>, Vec<u64>) {
    let services = Paged {
        answer,
        asked: AtomicU64::new(0),
        rest: Canned::default(),
    };
    let space = DeveloperSpace { id: "d-1".into() };
    let mut seen = Vec::new();
    let pass = Client::new(&services).read_pages(&space, ListRequest::OldLicenses, &mut |record| {
        let record: serde_json::Value = serde_json::from_slice(record.bytes()).unwrap();
        seen.push(record["licenseId"].as_u64().unwrap());
        Ok(())
    });
    seen.sort_unstable();
    (pass, seen)
}

/// Returns a page of the numbers below `count`.
fn steady(count: u64, size: u64) -> impl Fn(u64, u64) -> (Vec<u64>, bool) + Sync {
    move |offset, _| {
        let end = (offset + size).min(count);
        ((offset.min(end)..end).collect(), offset + size < count)
    }
}

#[test]
fn every_record_of_a_steady_list_is_read_once() {
    for (count, size) in [
        (0, 50),
        (1, 50),
        (50, 50),
        (51, 50),
        (1_234, 50),
        (77, 10),
        (9, 1),
    ] {
        let (scan, seen) = read(steady(count, size));
        let scan = scan.unwrap();
        assert!(scan.is_consistent(None), "{count} {size}");
        assert_eq!(seen, (0..count).collect::<Vec<_>>());
        assert!(scan.is_same_list(&read(steady(count, size)).0.unwrap()));
    }
}

#[test]
fn pages_that_never_end_are_an_error() {
    let (endless, _) = read(|offset, _| {
        (
            (offset..offset + 50).map(|number| number % 1_000).collect(),
            true,
        )
    });
    assert_eq!(
        endless.unwrap_err().message(),
        "the pages of licenses repeat"
    );
    let (looping, _) = read(|_, _| ((0..50).collect(), true));
    assert_eq!(
        looping.unwrap_err().message(),
        "the pages of licenses repeat"
    );
    let (empty, _) = read(|offset, _| {
        if offset == 0 {
            ((0..50).collect(), true)
        } else {
            (Vec::new(), true)
        }
    });
    assert_eq!(
        empty.unwrap_err().message(),
        "a page of licenses is empty but says that more follow"
    );
}

#[test]
fn a_list_that_changes_while_it_is_read_is_not_consistent() {
    let shifting = |offset: u64, asked: u64| {
        let end = (offset + 50).min(500);
        (
            (offset..end).map(|number| number + asked).collect(),
            offset + 50 < 500,
        )
    };
    let first = read(shifting).0.unwrap();
    assert!(!first.is_consistent(None));
    assert!(!read(shifting).0.unwrap().is_consistent(Some(&first)));
    let losing_its_start = |offset: u64, asked: u64| {
        let gone = if asked < 3 { 0 } else { 7 };
        let (records, has_next) = steady(500 - gone, 50)(offset, asked);
        (
            records.iter().map(|number| number + gone).collect(),
            has_next,
        )
    };
    assert!(!read(losing_its_start).0.unwrap().is_consistent(None));
    let short_page = |offset: u64, _: u64| {
        let missing = u64::from(offset == 100);
        ((offset..offset + 50 - missing).collect(), offset < 200)
    };
    assert!(!read(short_page).0.unwrap().is_consistent(None));
}

#[test]
fn duplicate_records_of_a_steady_list_are_suspicious_only_once() {
    let doubled = |offset: u64, _: u64| {
        let end = (offset + 50).min(240);
        (
            (offset..end).map(|place| place.div_ceil(2)).collect(),
            offset + 50 < 240,
        )
    };
    let first = read(doubled).0.unwrap();
    assert!(!first.is_consistent(None));
    assert!(read(doubled).0.unwrap().is_consistent(Some(&first)));
}

#[test]
fn a_vendor_id_has_only_digits() {
    let services = Canned::default();
    for vendor in ["", "12a", "../1", "-1", "１"] {
        let error = Client::new(&services).space(vendor).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Settings, "{vendor}");
    }
    assert_eq!(services.requests().len(), 0);
}

#[test]
fn ids_that_are_not_safe_in_a_path_are_refused() {
    let services = Canned::default().with_answer(
        "/rest/3/developer-space/vendor/1",
        200,
        r#"{"developerId": "../../x?"}"#,
    );
    let error = Client::new(&services).space("1").unwrap_err();
    assert_eq!(
        error.message(),
        "the answer to a request for vendor 1 has an invalid `developerId`"
    );
}
