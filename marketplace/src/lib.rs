//! The Atlassian Marketplace as a datasource of gadgets.
//!
//! Records of licenses and transactions become compact [`Rows`]. A [`Ledger`] counts the users of one or all apps from
//! them, a [`Report`] has the numbers of a period, and [`Details`] the licenses behind these numbers. A [`Snapshot`] keeps
//! rows in parts, whose [`Totals`] add up to those of all rows.
//! `docs/counting.md` is the counting rule.
//!
//! # Examples
//!
//! ```
//! use marketplace::{Bucket, Day, Ledger, PeriodKind, Rules, RowsBuilder};
//!
//! let mut builder = RowsBuilder::new();
//! builder.push_license(br#"{"addonKey": "app", "licenseId": "SEN-1", "hosting": "Server", "tier": "50 Users",
//!     "licenseType": "COMMERCIAL", "lastUpdated": "2026-11-02",
//!     "maintenanceStartDate": "2026-11-02", "maintenanceEndDate": "2027-11-02"}"#)?;
//! let rows = builder.finish();
//!
//! let today = Day::parse("2026-11-20").ok_or("no date")?;
//! let ledger = Ledger::new(&rows, "app", &Rules::default(), today);
//! let period = PeriodKind::Last30Days.period(today, ledger.first_day_with_users())?;
//! let report = ledger.report(period, Bucket::auto(period))?;
//! assert_eq!((report.total.opening, report.total.users.gained(), report.total.closing), (0, 50, 50));
//! assert_eq!(report.current_status.users_now_low, 25);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod apps;
mod cache;
mod check;
mod client;
mod count;
mod datasource;
mod day;
mod digest;
mod number;
mod recent;
mod restatements;
mod rows;
mod snapshot;
mod store;
mod sync;
mod texts;
mod wire;

pub use apps::{App, WeeklyUsers};
pub use cache::{Cache, LoadedSnapshot};
pub use check::check_access;
pub use count::{
    AppRow, Bucket, BucketRow, ByKind, Cause, Compare, CurrentStatus, Details, Exclusion, Hosting,
    HostingRow, Kind, Ledger, LicenseDetail, MovementDetail, NamedTexts, Period, PeriodError,
    PeriodKind, Report, Rules, RulesError, Selection, Sums, Totals, TransactionDetail,
};
pub use day::{Day, HISTORY_BEGINS};
pub use number::{counted, grouped};
pub use rows::Rows;
pub use snapshot::{Snapshot, SnapshotError};
pub use store::SyncFailure;
pub use sync::{list_apps, sync};
pub use texts::{Text, Texts};
pub use wire::{ArrayError, RecordError, ResponseError, RowsBuilder, TieBreaker};
