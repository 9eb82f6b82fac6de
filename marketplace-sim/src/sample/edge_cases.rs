//! Edge cases: licenses of the largest app that each show one irregularity of real data.

use chrono::NaiveDate;

use crate::day;
use crate::row::Hidden;
use crate::sample::calendar::Calendar;
use crate::sample::customer;
use crate::sample::history::{Billing, Hosting, IdScheme, LicenseHistory, Sale, SaleType, Tier};
use crate::sample::history_builder::{HistoryBuilder, Setup};
use crate::sample::random::Random;
use crate::sample::unpaid::{self, UnpaidKind};

/// The irregularity of a license.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum EdgeCase {
    /// An unlimited license of one of the first customers.
    Unlimited,
    /// The license row has no id, and there are no sales.
    NoId,
    /// A refund without a matching sale.
    RefundWithoutSale,
    /// The license row has more users than were sold.
    Unexplained,
    /// Sales without a license row.
    SalesOnly,
    /// Its term ended some days ago and has not been renewed yet.
    LateRenewal,
    /// One of two rows of one license, both valid.
    Merged,
    /// One of two rows of one license, one of them outdated.
    Superseded,
    /// A tier without a number.
    TierWithoutNumber,
    /// A tier that is a range.
    RangeTier,
    /// An unknown license type.
    UnknownType,
    /// No license type.
    MissingType,
    /// A subscription without a size.
    Subscription,
    /// An unpaid license.
    Unpaid(UnpaidKind),
    /// A license that is free for its lifetime.
    LifetimeFree,
    /// A license of Atlassian itself.
    Atlassian,
    /// A license in a compliance boundary that is omitted by default.
    Boundary(&'static str),
    /// Paid by manual invoice.
    ManualInvoice,
    /// Cancelled, but valid until the end of its term.
    Cancelled,
    /// One of its sales is a renewal for zero days.
    ZeroDays,
    /// It ended before July 2018.
    BeforeInsights,
    /// A customer whose name has characters that need escaping.
    SpecialName,
    /// A monthly subscription with added users since 2026.
    AddedUsers,
    /// An unlimited community license.
    UnlimitedCommunity,
}

const EDGE_CASES: [EdgeCase; 52] = [
    EdgeCase::Unlimited,
    EdgeCase::NoId,
    EdgeCase::RefundWithoutSale,
    EdgeCase::Unexplained,
    EdgeCase::Unexplained,
    EdgeCase::SalesOnly,
    EdgeCase::SalesOnly,
    EdgeCase::LateRenewal,
    EdgeCase::LateRenewal,
    EdgeCase::Merged,
    EdgeCase::Merged,
    EdgeCase::Superseded,
    EdgeCase::Superseded,
    EdgeCase::TierWithoutNumber,
    EdgeCase::RangeTier,
    EdgeCase::UnknownType,
    EdgeCase::MissingType,
    EdgeCase::Subscription,
    EdgeCase::Unpaid(UnpaidKind::Evaluation),
    EdgeCase::Unpaid(UnpaidKind::Evaluation),
    EdgeCase::Unpaid(UnpaidKind::Evaluation),
    EdgeCase::Unpaid(UnpaidKind::Community),
    EdgeCase::Unpaid(UnpaidKind::OpenSource),
    EdgeCase::Unpaid(UnpaidKind::Demonstration),
    EdgeCase::Unpaid(UnpaidKind::Internal),
    EdgeCase::Unpaid(UnpaidKind::Sandbox),
    EdgeCase::Unpaid(UnpaidKind::Sandbox),
    EdgeCase::LifetimeFree,
    EdgeCase::LifetimeFree,
    EdgeCase::Atlassian,
    EdgeCase::Atlassian,
    EdgeCase::Boundary("fedramp_moderate"),
    EdgeCase::Boundary("isolated_cloud"),
    EdgeCase::ManualInvoice,
    EdgeCase::Cancelled,
    EdgeCase::Cancelled,
    EdgeCase::ZeroDays,
    EdgeCase::BeforeInsights,
    EdgeCase::BeforeInsights,
    EdgeCase::BeforeInsights,
    EdgeCase::BeforeInsights,
    EdgeCase::BeforeInsights,
    EdgeCase::SpecialName,
    EdgeCase::AddedUsers,
    EdgeCase::AddedUsers,
    EdgeCase::AddedUsers,
    EdgeCase::AddedUsers,
    EdgeCase::UnlimitedCommunity,
    EdgeCase::Unpaid(UnpaidKind::Free),
    EdgeCase::Unpaid(UnpaidKind::Free),
    EdgeCase::Unpaid(UnpaidKind::Free),
    EdgeCase::Unpaid(UnpaidKind::Free),
];

/// The number of edge cases.
pub(crate) const COUNT: u32 = EDGE_CASES.len() as u32;

/// Creates the history of the license with this number; `first` is the number of the first edge case.
pub(crate) fn history(seed: u64, number: u32, first: u32, calendar: &Calendar) -> LicenseHistory {
    let random = &mut Random::new(seed, 5, u64::from(number));
    let edge_case = EDGE_CASES[(number - first) as usize];
    let setup = Setup {
        number,
        app: 0,
        customer: random.next(),
        billing: Billing::Annual,
        license_type: "COMMERCIAL",
    };
    EdgeCaseBuilder {
        random,
        setup,
        calendar,
        today: calendar.today(),
    }
    .build(edge_case)
}

/// Builds the history of one edge case.
struct EdgeCaseBuilder<'a> {
    random: &'a mut Random,
    setup: Setup,
    calendar: &'a Calendar,
    today: NaiveDate,
}

impl EdgeCaseBuilder<'_> {
    fn build(mut self, edge_case: EdgeCase) -> LicenseHistory {
        match edge_case {
            EdgeCase::Unlimited => self.unlimited(),
            EdgeCase::NoId => {
                let mut history = self.subscriber(10, 100);
                history.id_scheme = IdScheme::None;
                history.sales.clear();
                history
            }
            EdgeCase::RefundWithoutSale => self.refund_without_sale(),
            EdgeCase::Unexplained => self.unexplained(),
            EdgeCase::SalesOnly => {
                let mut history = self.subscriber(10, 200);
                history.row = None;
                history
            }
            EdgeCase::LateRenewal => self.late_renewal(),
            EdgeCase::Merged => self.merged(),
            EdgeCase::Superseded => self.superseded(),
            EdgeCase::TierWithoutNumber => {
                self.with_row(|row| row.tier = Some(Tier::Words("Enterprise")))
            }
            EdgeCase::RangeTier => {
                self.with_row_only(|row| row.tier = Some(Tier::Words("11-25 Users")))
            }
            EdgeCase::UnknownType => {
                self.setup.license_type = "PARTNER_NETWORK";
                self.subscriber(10, 150)
            }
            EdgeCase::MissingType => self.with_row_only(|row| row.license_type = None),
            EdgeCase::Subscription => {
                self.with_row_only(|row| row.tier = Some(Tier::Words("Subscription")))
            }
            EdgeCase::Unpaid(kind) => {
                let days = if kind == UnpaidKind::Evaluation {
                    25
                } else {
                    300
                };
                let start = self.days_ago(4, days);
                unpaid::history(
                    kind,
                    self.random,
                    self.setup,
                    Hosting::Cloud,
                    start,
                    self.today,
                )
            }
            EdgeCase::LifetimeFree => {
                self.setup.license_type = "FREE";
                self.with_row_only(|row| {
                    row.hidden = Hidden::LifetimeFree;
                    row.end = None;
                })
            }
            EdgeCase::Atlassian => self.with_row_only(|row| row.hidden = Hidden::Atlassian),
            EdgeCase::Boundary(boundary) => self.with_row(|row| row.boundary = boundary),
            EdgeCase::ManualInvoice => {
                let mut history = self.subscriber(25, 250);
                for sale in &mut history.sales {
                    sale.hidden = Hidden::ManualInvoice;
                }
                history
            }
            EdgeCase::Cancelled => self.with_row(|row| row.status = "cancelled"),
            EdgeCase::ZeroDays => self.zero_days(),
            EdgeCase::BeforeInsights => self.before_insights(),
            EdgeCase::SpecialName => {
                self.setup.customer = customer::SPECIAL;
                self.subscriber(10, 60)
            }
            EdgeCase::AddedUsers => self.added_users(),
            EdgeCase::UnlimitedCommunity => {
                self.setup.license_type = "COMMUNITY";
                self.with_row_only(|row| row.tier = Some(Tier::Unlimited))
            }
        }
    }

    fn days_ago(&mut self, least: u32, most: u32) -> NaiveDate {
        day::plus(self.today, -self.random.days(least, most))
    }

    /// An ordinary annual subscription that started at most `days` days ago.
    fn subscriber(&mut self, users: u32, days: u32) -> LicenseHistory {
        let start = self.days_ago(days / 2, days);
        let builder = HistoryBuilder::new(self.setup, Hosting::Cloud, start, Tier::Users(users));
        builder.finish(self.today, "active")
    }

    fn with_row(
        &mut self,
        change: impl FnOnce(&mut crate::sample::history::LicenseRow),
    ) -> LicenseHistory {
        let mut history = self.subscriber(25, 340);
        if let Some(row) = &mut history.row {
            change(row);
        }
        history
    }

    fn with_row_only(
        &mut self,
        change: impl FnOnce(&mut crate::sample::history::LicenseRow),
    ) -> LicenseHistory {
        let mut history = self.with_row(change);
        history.sales.clear();
        history
    }

    /// Server at first, then Data Center, always renewed on time.
    fn unlimited(&mut self) -> LicenseHistory {
        let start = self.calendar.first();
        let mut builder = HistoryBuilder::new(self.setup, Hosting::Server, start, Tier::Unlimited);
        let mut terms = 1;
        while builder.end <= self.today {
            let sold = day::plus(builder.end, -12);
            if terms == 3 {
                builder.move_to(Hosting::DataCenter, sold);
            } else {
                builder.renew(sold, Tier::Unlimited);
            }
            terms += 1;
        }
        builder.finish(self.today, "active")
    }

    fn refund_without_sale(&mut self) -> LicenseHistory {
        let mut history = self.subscriber(25, 300);
        let sold = self.days_ago(20, 90);
        if let Some(first) = history.sales.first().cloned() {
            history.sales.push(Sale {
                sale_type: SaleType::Refund,
                sold,
                start: sold,
                tier: Tier::Users(50),
                cents: -first.cents,
                ..first
            });
        }
        history
    }

    /// Sold for 25 users, but listed with a few more for some weeks.
    fn unexplained(&mut self) -> LicenseHistory {
        let updated = self.days_ago(9, 24);
        let more = self.random.between(2, 6);
        self.with_row(|row| {
            row.tier = Some(Tier::Users(25 + more));
            row.updated = updated;
        })
    }

    fn late_renewal(&mut self) -> LicenseHistory {
        let ended = self.days_ago(2, 5);
        let start = day::plus_months(ended, -12);
        let tier = Tier::Users(self.random.weighted(&[(1, 10), (1, 25)], 25));
        let builder = HistoryBuilder::new(self.setup, Hosting::Cloud, start, tier);
        builder.finish(self.today, "active")
    }

    /// Two consecutive licenses share an entitlement; the second has another license id.
    fn merged(&mut self) -> LicenseHistory {
        let mut history = self.shared_history(25);
        let own = self.setup.number;
        let first = own.is_multiple_of(2);
        if !first {
            history.other_license_id = Some(own);
            history.sales.clear();
            if let Some(row) = &mut history.row {
                row.updated = day::plus(row.updated, -1);
            }
        }
        history.id_scheme = IdScheme::All;
        history
    }

    /// Two consecutive licenses share all ids; the second row is the evaluation before the purchase.
    fn superseded(&mut self) -> LicenseHistory {
        let mut history = self.shared_history(10);
        if !self.setup.number.is_multiple_of(2) {
            history.sales.clear();
            if let Some(row) = &mut history.row {
                row.updated = day::plus(row.updated, -30);
                row.tier = Some(Tier::Evaluation);
                row.license_type = Some("EVALUATION");
                row.start = day::plus(row.start, -30);
                row.end = Some(day::plus(row.start, 30));
                row.status = "inactive";
            }
        }
        history
    }

    /// The history that an even number shares with the next number.
    fn shared_history(&mut self, users: u32) -> LicenseHistory {
        let even = self.setup.number & !1;
        let random = &mut Random::new(u64::from(even), 6, 0);
        let mut setup = self.setup;
        setup.number = even;
        setup.customer = random.next();
        let start = day::plus(self.today, -random.days(60, 300));
        let builder = HistoryBuilder::new(setup, Hosting::Cloud, start, Tier::Users(users));
        builder.finish(self.today, "active")
    }

    fn zero_days(&mut self) -> LicenseHistory {
        let mut history = self.subscriber(10, 300);
        if let Some(first) = history.sales.first().cloned() {
            let day = day::plus(first.start, 30);
            history.sales.push(Sale {
                sale_type: SaleType::Renewal,
                sold: day,
                start: day,
                end: day,
                cents: 0,
                ..first
            });
        }
        history
    }

    /// An evaluation on Server from the time before insight fields.
    fn before_insights(&mut self) -> LicenseHistory {
        let last = NaiveDate::from_ymd_opt(2018, 5, 20).unwrap_or_default();
        let start = day::plus(last, -self.random.days(1, 300));
        unpaid::history(
            UnpaidKind::Evaluation,
            self.random,
            self.setup,
            Hosting::Server,
            start,
            self.today,
        )
    }

    /// Adds users in each month since added users are billed afterwards.
    fn added_users(&mut self) -> LicenseHistory {
        self.setup.billing = Billing::Monthly;
        let billed_from = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap_or_default();
        let day_of_month = self.random.days(1, 26);
        let month = day::plus_months(self.today, -14);
        let start = day::plus(
            day::plus(month, -i64::from(chrono::Datelike::day0(&month))),
            day_of_month,
        );
        let users = self.random.between(20, 40);
        let mut builder =
            HistoryBuilder::new(self.setup, Hosting::Cloud, start, Tier::Users(users));
        while builder.end <= self.today {
            let at = builder.end;
            let more = self.random.between(1, 3);
            let users = builder.tier.users();
            if builder.start < billed_from {
                builder.renew(at, Tier::Users(users));
                continue;
            }
            let one = day::plus(builder.start, self.random.days(2, 12));
            let other = day::plus(builder.start, self.random.days(13, 26));
            builder.bill_added(vec![(other, more), (one, 1)]);
            builder.renew(at, Tier::Users(users + more + 1));
        }
        builder.finish(self.today, "active")
    }
}
