//! The counting of users: pure, without IO and clock. `docs/counting.md` is the full rule.

mod apps;
mod band;
mod bucket;
mod counter;
mod current_status;
mod details;
mod evaluate;
mod exclusion;
mod grace;
mod grouping;
mod hosting;
mod ledger;
mod license;
mod movement;
mod period;
mod preference;
mod refund;
mod report;
mod rules;
mod sales;
mod tier;
mod totals;
mod vocabulary;

pub use apps::AppRow;
pub use bucket::Bucket;
pub use current_status::{CurrentStatus, NamedTexts};
pub use details::{Details, LicenseDetail, MovementDetail, Selection, TransactionDetail};
pub use exclusion::Exclusion;
pub use hosting::Hosting;
pub use ledger::Ledger;
pub use movement::{ByKind, Cause, Kind};
pub use period::{Compare, Period, PeriodError, PeriodKind};
pub use report::{BucketRow, HostingRow, Report, Sums};
pub use rules::{Rules, RulesError};
pub use totals::Totals;
